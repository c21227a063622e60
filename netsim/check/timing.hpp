// How long things take that follow from the configurations, and how long a check waits for them.
#pragma once

#include "netsim/check/site.hpp"

namespace vrrp::sim {

struct Timing {
    Duration probe{};     // how often hosts ask
    Duration interval{};  // the longest that is told on the wire
    Duration silent{};    // the longest Master_Down_Interval of those who would take over
    Duration skew{};      // the longest skew time of those
    Duration startup{};   // from a start to the end of the election that it begins
    Duration detection{}; // until a check has told what has changed, either way

    // What a host may see beside what the protocol takes: the frames that tell it, and its own rhythm.
    Duration network() const { return 2 * probe + std::chrono::milliseconds(20); }
    Duration brief() const { return 3 * probe + std::chrono::milliseconds(10); }
};

Timing timing_of(const Site& site);

} // namespace vrrp::sim
