// The intervals of RFC 3768 section 6.1 and RFC 9568 section 6.1, in integers: a skew that is cut to whole
// centiseconds takes over too early.
#pragma once

#include "core/wire/advertisement.hpp"

namespace vrrp {

// Advertisements that are due within so short a time go together: each wake costs a process more than sending, and a
// twentieth of the shortest interval early is nothing that a backup notices.
inline constexpr Duration kSharedWake = std::chrono::microseconds(500);

// v2: (256 - priority) / 256 seconds, whatever the interval. v3: that fraction of the master's interval.
constexpr Duration skew_time(wire::Version version, std::uint8_t priority, Duration master_interval) {
    const Duration unit = version == wire::Version::v2 ? std::chrono::seconds(1) : master_interval;
    return (256 - priority) * unit / 256;
}

constexpr Duration master_down_interval(wire::Version version, std::uint8_t priority,
                                        Duration master_interval) {
    return 3 * master_interval + skew_time(version, priority, master_interval);
}

} // namespace vrrp
