// What a host sees: does it get an answer?
#pragma once

#include "netsim/node/kernel.hpp"

namespace vrrp::sim {

class Probe;

class ProbeObserver {
  public:
    virtual ~ProbeObserver() = default;
    virtual void lost(const Probe& probe) = 0;           // answers have stopped
    virtual void answered_again(const Probe& probe) = 0; // outages().back() tells for how long
};

// From the send time of the last answered request to that of the first one answered after it.
struct Outage {
    TimePoint from, to;
    Duration length() const { return to - from; }
};

// 1. Sends an echo request every interval, from a phase that is a choice.
// 2. An outage is what lies between two answered requests when one between them was not.
// 3. Two requests in a row without an answer, and kPatience, are worth a line; each lost one counts as
//    outage.
class Probe final : public Actor, private EchoSocket {
  public:
    // Many round trips of a local network; where cables are slow, two of theirs.
    static constexpr Duration kPatience = std::chrono::milliseconds(5);

    struct Plan {
        IpAddress target;
        Duration interval;
    };
    Probe(std::string name, Plan plan, Kernel& kernel, EventQueue& queue, Choices& choices,
          ProbeObserver& observer);

    const std::string& name() const { return name_; } // "pc -> 10.16.1.200"
    const Plan& plan() const { return plan_; }
    const Kernel& kernel() const { return kernel_; }
    const std::vector<Outage>& outages() const { return outages_; }

    // Of the requests sent from `from` on, until now: how many, and the longest outage that touches that
    // time, one that is still going on included.
    std::uint64_t sent_since(TimePoint from) const;
    Duration worst_outage_since(TimePoint from) const;

    void on_event(const QueueEvent& event) override;

  private:
    void answered(std::uint64_t sequence) override;
    TimePoint sent_at(std::uint64_t sequence) const {
        return first_sent_ + static_cast<Duration::rep>(sequence) * plan_.interval;
    }

    std::string name_;
    Plan plan_;
    Kernel& kernel_;
    EventQueue& queue_;
    ProbeObserver& observer_;
    std::uint16_t identifier_;
    TimePoint first_sent_;
    std::uint64_t next_ = 0;
    TimePoint last_answered_{}; // zero: none was
    Duration round_trip_{};     // of that
    bool lost_ = false;
    std::vector<Outage> outages_;
};

} // namespace vrrp::sim
