// What befalls a pair of routers.
#pragma once

#include "tests/bench/failover/trial.hpp"

#include <span>

namespace vrrp::bench {

struct Outcome {
    Duration gap{}; // of the worst-off host
    // The first advertisement of the heir over (its Master_Down_Interval or, after a priority 0, its skew
    // time since the last advertisement that it heard).
    std::optional<Duration> lateness;
    // The heir's first gratuitous ARP after that advertisement.
    std::optional<Duration> announcement;
    // From the event to the heir's first advertisement on the segment that moved last.
    std::optional<Duration> moved;
};

struct Happening {
    const char* name;
    int segments; // with two, the routers' members are a group
    Outcome (*measure)(Trial&);
};

std::span<const Happening> happenings();

} // namespace vrrp::bench
