// A machine's clock, which may run fast or slow.
#pragma once

#include "core/net/time.hpp"

namespace vrrp::sim {

// 1. It never goes back, and a change of its rate moves it by nothing.
// 2. Integers only: the same everywhere.
// 3. What it shows and the time since 1970 are apart by ahead(), which is somebody's to set.
class DriftingClock {
  public:
    static constexpr std::int64_t kMillion = 1'000'000;
    static constexpr std::int64_t kMaxPpm = 100'000; // a tenth

    // Positive: fast.
    void set_rate(TimePoint world, std::int64_t ppm) {
        local_base_ = local(world);
        world_base_ = world;
        ppm_ = ppm;
    }

    TimePoint local(TimePoint world) const {
        if (ppm_ == 0) return local_base_ + (world - world_base_);
        const std::int64_t passed = (world - world_base_).count();
        const std::int64_t gained = passed / kMillion * ppm_ + passed % kMillion * ppm_ / kMillion;
        return local_base_ + Duration(passed + gained);
    }

    // The first moment at which the clock shows `local`, or later where it has passed.
    TimePoint world(TimePoint local) const {
        if (local == kNever) return kNever;
        const std::int64_t shown = (local - local_base_).count();
        if (ppm_ == 0) return world_base_ + Duration(shown);
        const std::int64_t whole = kMillion + ppm_;
        // A little early, for the roundings, and then to the nanosecond.
        TimePoint world =
            world_base_ + Duration(shown / whole * kMillion + shown % whole * kMillion / whole - 2);
        while (this->local(world) < local)
            ++world;
        return world;
    }

    Duration ahead() const { return ahead_; }
    void set(Duration by) { ahead_ += by; }

  private:
    TimePoint world_base_{}, local_base_{};
    std::int64_t ppm_ = 0;
    Duration ahead_ = std::chrono::seconds(1'767'225'600); // each world begins with the year 2026
};

} // namespace vrrp::sim
