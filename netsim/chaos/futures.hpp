// What would have become of a run that failed, had chance decided otherwise from some moment on.
#pragma once

#include "netsim/chaos/shrink.hpp"

namespace vrrp::sim {

// As another source until a moment, and from then on by a seed, which knows no mishaps.
class ForkedChoices final : public Choices {
  public:
    // `before` outlives it.
    ForkedChoices(Choices& before, TimePoint fork, std::uint64_t seed)
        : before_(before), after_(seed), fork_(fork) {}

    bool knows_mishaps() const override { return before_.knows_mishaps(); }

    struct Made {
        TimePoint time;
        Pick pick; // its value may be 0
    };
    void log(std::vector<Made>& made) { log_ = &made; }

  private:
    void opened(std::string_view name, ChoiceKind kind) override;
    std::uint64_t choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) override;
    bool happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) override;
    Choices* source(ChoiceStream stream);
    void note(ChoiceStream stream, std::uint64_t index, std::uint64_t value, std::uint64_t of);

    Choices& before_;
    SeededChoices after_;
    TimePoint fork_;
    struct Stream {
        std::string name;
        ChoiceKind kind = ChoiceKind::chance;
    };
    std::vector<Stream> streams_;
    std::vector<Made>* log_ = nullptr;
};

struct Odds {
    unsigned failed = 0, futures = 0;
    bool inevitable() const { return futures != 0 && failed == futures; }
};

// What happened at one moment of the run.
struct Moment {
    TimePoint time;
    std::vector<std::string> what; // strikes, choices, and what the journal says
};

// A future keeps everything until its moment, that included. Of the strikes that would follow, each one happens or not, and
// all else that is left to chance is drawn anew.
class Past {
  public:
    // Nothing, where the case does not fail so.
    static std::optional<Past> of(Case failing, const Failure& failure);

    // Whether it fails in the same way, in this future.
    bool fails(TimePoint until, std::uint64_t future) const;

    TimePoint failed_at() const { return failed_at_; }
    // At which something was left to chance, or struck: between two of them nothing changes the odds.
    const std::vector<TimePoint>& turns() const { return turns_; }
    Moment moment(TimePoint time) const;

  private:
    Past(Case failing, const Failure& failure) : case_(std::move(failing)), wanted_(failure) {}
    std::optional<RunResult> run(const Case& one, TimePoint fork, std::uint64_t future,
                                 std::vector<ForkedChoices::Made>* made) const;
    const Failure* same_in(const RunResult& result) const;

    Case case_;
    Failure wanted_;
    TimePoint failed_at_;
    RunJournal journal_;
    std::vector<ForkedChoices::Made> made_;
    std::vector<TimePoint> turns_;
};

} // namespace vrrp::sim
