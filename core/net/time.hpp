// Time as the project counts it: integer nanoseconds on a monotonic scale whose epoch means nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vrrp {

using Duration = std::chrono::nanoseconds;

// A scale, not a source: nothing in core reads a clock, so there is no now().
struct MonotonicScale {
    using rep = Duration::rep;
    using period = Duration::period;
    using duration = Duration;
    using time_point = std::chrono::time_point<MonotonicScale>;
    static constexpr bool is_steady = true;
};

using TimePoint = MonotonicScale::time_point;

// A deadline that is not set. Compares later than every real one, so std::min composes deadlines.
inline constexpr TimePoint kNever = TimePoint::max();

// "3.609 s", "61.4 ms", "180 us", "5 ns": three significant places or more, never rounded to zero.
std::string to_string(Duration);

// Seconds since the scale's epoch with microseconds: "12.345678".
std::string to_string(TimePoint);

} // namespace vrrp
