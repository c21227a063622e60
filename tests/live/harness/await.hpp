// Waiting for a condition, never for a time.
#pragma once

#include <chrono>
#include <thread>

namespace vrrp::live {

// True as soon as `condition()` is; false when it is not within `patience`.
template <typename Condition>
bool await(std::chrono::milliseconds patience, Condition&& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        if (condition()) return true;
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace vrrp::live
