#include "core/net/time.hpp"

#include <fmt/format.h>

namespace vrrp {

std::string to_string(Duration duration) {
    using namespace std::chrono_literals;
    const auto in = [&](Duration unit, const char* name) {
        return fmt::format("{:.4g} {}",
                           static_cast<double>(duration.count()) / static_cast<double>(unit.count()), name);
    };
    const Duration size = duration < 0ns ? -duration : duration;
    if (size >= 1s) return in(1s, "s");
    if (size >= 1ms) return in(1ms, "ms");
    if (size >= 1us) return in(1us, "us");
    return fmt::format("{} ns", duration.count());
}

std::string to_string(TimePoint time) {
    const std::int64_t microseconds = time.time_since_epoch().count() / 1000;
    return fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

} // namespace vrrp
