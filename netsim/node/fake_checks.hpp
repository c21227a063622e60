// The checks of one vrrpd that ask something: each passes until the scenario says otherwise.
#pragma once

#include "core/ports.hpp"
#include "netsim/engine/event_queue.hpp"

#include <map>

namespace vrrp::sim {

// What a machine's checks find, by their names; counts for answers that are given from now on.
struct CheckHabits {
    Duration take = std::chrono::milliseconds(10);
    std::map<std::string, std::string> failing; // and why
};

class CheckParent {
  public:
    virtual ~CheckParent() = default;
    virtual void checked(const Checked& result) = 0;
};

// 1. Checks' contract: one answer for each start, by an event.
// 2. Frozen, nobody hears an answer before thaw(). ended(): nobody ever does.
class FakeChecks final : public Actor {
  public:
    FakeChecks(const CheckHabits& habits, EventQueue& queue, CheckParent& parent)
        : habits_(habits), queue_(queue), parent_(parent) {}

    void start(TrackIndex track, const TrackConfig& config);
    void stop(TrackIndex track);
    void ended() { asked_.clear(), unheard_.clear(), frozen_ = false; }
    void freeze() { frozen_ = true; }
    void thaw();

    void on_event(const QueueEvent& event) override;

  private:
    struct Asked {
        TrackIndex track{};
        std::string name;
    };
    void answer(const Asked& asked);

    const CheckHabits& habits_;
    EventQueue& queue_;
    CheckParent& parent_;
    std::map<std::uint32_t, Asked> asked_; // by a number of its own
    std::vector<Asked> unheard_;
    std::uint32_t next_ = 0;
    bool frozen_ = false;
};

} // namespace vrrp::sim
