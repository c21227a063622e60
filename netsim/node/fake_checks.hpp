// The checks of one vrrpd that ask something: an address that has to answer is asked, any other check passes until the
// scenario says otherwise.
#pragma once

#include "core/ports.hpp"
#include "netsim/engine/event_queue.hpp"
#include "netsim/node/kernel.hpp"

#include <map>

namespace vrrp::sim {

// What a machine's checks find, by their names; counts for answers that are given from now on.
struct CheckHabits {
    Duration take = std::chrono::milliseconds(10);
    std::map<std::string, std::string> failing; // and why
    std::map<std::string, int> numbers;         // in files; 0 where none is named
};

class CheckParent {
  public:
    virtual ~CheckParent() = default;
    virtual void checked(const Checked& result) = 0;
};

// 1. Checks' contract: one answer for each start, by an event; of a check that tells by itself again after changed().
// 2. A ping is an echo request of the machine's kernel, or its question for a neighbour's MAC.
// 3. Frozen, nobody hears an answer before thaw(). ended(): nobody ever does.
class FakeChecks final : public Actor, private EchoSocket {
  public:
    // Whether a scenario says how it ends.
    static bool is_told(const TrackConfig& config) {
        return !config.is_interface() && !std::holds_alternative<PingCheck>(config.check);
    }

    FakeChecks(const CheckHabits& habits, Kernel& kernel, EventQueue& queue, CheckParent& parent)
        : habits_(habits), kernel_(kernel), queue_(queue), parent_(parent) {}

    void start(TrackIndex track, const TrackConfig& config);
    void stop(TrackIndex track);
    void changed(const std::string& name); // what the machine's habits say of it
    void ended() { asked_.clear(), pinged_.clear(), unheard_.clear(), watched_.clear(), frozen_ = false; }
    void freeze() { frozen_ = true; }
    void thaw();

    void on_event(const QueueEvent& event) override;

  private:
    struct Asked {
        TrackIndex track{};
        std::string name;
    };
    struct Pinged {
        TrackIndex track{};
        std::string failure; // what is told when nothing is heard
        std::optional<std::pair<std::uint16_t, IpAddress>>
            neighbour{}; // on this interface, instead of an echo
    };
    void ask(const Asked& asked);
    void ping(TrackIndex track, const PingCheck& check, Duration timeout);
    bool send(const PingCheck& check);
    void answered(std::uint64_t sequence) override;
    void neighbour_answered(std::uint16_t interface, const IpAddress& address) override;
    Checked result(const Asked& asked) const;
    void tell(Checked result);

    const CheckHabits& habits_;
    Kernel& kernel_;
    EventQueue& queue_;
    CheckParent& parent_;
    std::map<std::uint32_t, Asked> asked_; // by a number of its own
    std::map<std::uint32_t, Pinged> pinged_;
    std::optional<std::uint16_t> identifier_; // of its echo requests, once there are any
    std::vector<Asked> watched_;              // that tell by themselves
    std::vector<Checked> unheard_;
    std::uint32_t next_ = 0;
    bool frozen_ = false;
};

} // namespace vrrp::sim
