// Every decision that is not determined goes through here.
#pragma once

#include "core/net/hash.hpp"
#include "core/net/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::sim {

class EventQueue;

// A stream of choices with a stable name, such as "lan/r1.eth0/loss".
enum class ChoiceStream : std::uint32_t {};

enum class ChoiceKind : std::uint8_t {
    chance, // how much, when, whether: as often as the scenario says
    loss,   // of one advertisement
    crash,  // of one process
    order   // of what is simultaneous
};

// One choice that was something out of the ordinary.
struct Pick {
    std::string stream;
    std::uint64_t index = 0; // among the choices of its stream, from 0
    std::uint64_t value = 0; // 1 ... of-1
    std::uint64_t of = 0;    // there were so many values; 2 of a chance

    bool operator==(const Pick&) const = default;
};

// 1. 0 stands for "nothing out of the ordinary" wherever there is such a choice.
// 2. The k-th choice of a stream is known by the stream's name and k alone: another router in the world shifts nothing.
// 3. Where they come from is the source's affair: a seed, a list, or all of them in turn.
// 4. A seed knows no mishaps, which are losses and crashes: those come from a list or a search alone.
class Choices {
  public:
    virtual ~Choices() = default;

    // The same name is the same stream.
    ChoiceStream stream(std::string_view name, ChoiceKind kind = ChoiceKind::chance);
    virtual bool knows_mishaps() const { return true; }

    // How much, when, or which first: 0 ... n-1. Precondition: n != 0.
    std::uint64_t pick(ChoiceStream stream, std::uint64_t n);
    // Whether it happens, as it does `times` of `n` times.
    bool chance(ChoiceStream stream, std::uint64_t times, std::uint64_t n);

    // The world that they decide in tells them what time it is there.
    void set_clock(const EventQueue& queue) { clock_ = &queue; }

    // From now on picks() has those that are not 0.
    void record() { recording_ = true; }
    const std::vector<Pick>& picks() const { return picks_; }

  protected:
    TimePoint now() const; // where there is no clock, always 0

  private:
    friend class ForkedChoices; // asks two others
    struct Stream {
        std::string name;
        std::uint64_t index = 0;
    };
    virtual void opened(std::string_view name,
                        ChoiceKind kind) = 0; // each once: its number is how many were before
    virtual std::uint64_t choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) = 0;
    virtual bool happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) = 0;
    void note(const Stream& stream, std::uint64_t value, std::uint64_t of);

    std::vector<Stream> streams_;
    std::vector<Pick> picks_;
    bool recording_ = false;
    const EventQueue* clock_ = nullptr;
};

// A hash of the seed, the stream's name and the index: the same on every machine and compiler.
class SeededChoices final : public Choices {
  public:
    explicit SeededChoices(std::uint64_t seed) : seed_(seed) {}
    bool knows_mishaps() const override { return false; }

  private:
    void opened(std::string_view name, ChoiceKind) override {
        streams_.push_back(StableHash().add(seed_).add(name));
    }
    std::uint64_t choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) override;
    bool happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) override;

    std::uint64_t seed_;
    std::vector<StableHash> streams_;
};

// What is on a list; whatever is not there is 0. A value that is too big now is the biggest one.
class RecordedChoices final : public Choices {
  public:
    explicit RecordedChoices(const std::vector<Pick>& picks);

  private:
    void opened(std::string_view name, ChoiceKind kind) override;
    std::uint64_t choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) override;
    bool happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) override;

    using Values = std::map<std::uint64_t, std::uint64_t>; // by index
    std::map<std::string, Values, std::less<>> values_;    // by the stream's name
    std::vector<const Values*> streams_;                   // nullptr: nothing of it is on the list
};

// How much may be out of the ordinary in one run.
struct Budgets {
    unsigned losses = 0, crashes = 0, reorders = 0;
};

// All that could be chosen within budgets, run after run.
// 1. A run takes the turns of its path, which are what is out of the ordinary in it, and else 0. Each turn costs one of
//    its kind's budget.
// 2. turns() are those that could follow the last one of the path. Each path but the empty one is another one and one
//    more turn, and only one such: so all are run, each once.
// 3. What is left to chance is 0, and so is everything after close().
class EnumeratedChoices final : public Choices {
  public:
    struct Turn {
        std::uint32_t at = 0;    // how many choices of losses, crashes and orders were before
        std::uint32_t value = 0; // from 1 on
        bool operator==(const Turn&) const = default;
    };
    using Path = std::vector<Turn>;

    explicit EnumeratedChoices(const Budgets& budgets, Path path = {});
    void close() { closed_ = true; }
    const std::vector<Turn>& turns() const { return turns_; } // in the order of time, then of the values

  private:
    void opened(std::string_view, ChoiceKind kind) override { kinds_.push_back(kind); }
    std::uint64_t choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) override;
    bool happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) override;

    std::array<unsigned, 4> left_; // by kind
    Path path_;
    std::size_t taken_ = 0; // of the path
    std::uint32_t choices_ = 0;
    bool closed_ = false;
    std::vector<ChoiceKind> kinds_;
    std::vector<Turn> turns_;
};

} // namespace vrrp::sim
