// How often something may happen that anybody on the wire can provoke.
#pragma once

#include "core/net/time.hpp"

#include <utility>

namespace vrrp {

// At most `burst` in any window of `window`; counts what it refused.
class RateLimit {
  public:
    constexpr RateLimit(unsigned burst, Duration window) : burst_(burst), window_(window) {}

    // True: go ahead, and first report the refusals of the window before, if take_refused() is not 0.
    bool allow(TimePoint now) {
        if (window_end_ <= now) {
            window_end_ = now + window_;
            used_ = 0;
        }
        if (used_ < burst_) {
            ++used_;
            return true;
        }
        ++refused_;
        return false;
    }

    std::uint64_t take_refused() { return std::exchange(refused_, 0); }

  private:
    unsigned burst_;
    Duration window_;
    TimePoint window_end_{};
    unsigned used_ = 0;
    std::uint64_t refused_ = 0;
};

} // namespace vrrp
