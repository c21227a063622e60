// How often something may happen that anybody on the wire can provoke.
#pragma once

#include "core/net/fields.hpp"
#include "core/net/time.hpp"

#include <tuple>
#include <utility>

namespace vrrp {

// At most `burst` in any window of `window`; counts what it refused.
class RateLimit {
  public:
    constexpr RateLimit(unsigned burst, Duration window) : burst_(burst), window_(window) {}

    // Call take_refused() first: a new window forgets nothing, but the report belongs before what it allows.
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

    // The refusals that are due to be reported: none while the window that refuses is still open.
    std::uint64_t take_refused(TimePoint now) { return window_end_ <= now ? std::exchange(refused_, 0) : 0; }

    // When take_refused() will have something.
    TimePoint report_due() const { return refused_ != 0 ? window_end_ : kNever; }

    auto fields() const { return std::tie(burst_, window_, window_end_, used_, refused_); }

  private:
    unsigned burst_;
    Duration window_;
    TimePoint window_end_{};
    unsigned used_ = 0;
    std::uint64_t refused_ = 0;
};

} // namespace vrrp
