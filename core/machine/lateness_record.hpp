// How late things were, and what that says about the interval that this machine and this wire can keep.
#pragma once

#include "core/net/time.hpp"

#include <array>
#include <bit>

namespace vrrp {

// Counts in buckets that are a quarter of an octave wide, so that what it says is right to a fifth. What happened long ago
// counts less: at kHalvedAt all counts are halved.
class LatenessRecord {
  public:
    static constexpr std::uint32_t kEnough = 1000; // before that within() is guessing
    static constexpr std::uint32_t kHalvedAt = 1u << 17;

    void add(Duration late) {
        ++buckets_[bucket_of(late)];
        if (++count_ < kHalvedAt) return;
        count_ = 0;
        for (std::uint32_t& bucket : buckets_)
            count_ += bucket /= 2;
    }

    std::uint32_t count() const { return count_; }

    // 99.9 % were no later than this; zero while there are too few to say so.
    Duration within() const {
        if (count_ < kEnough) return {};
        std::uint32_t beyond = count_ / 1000;
        std::size_t last = buckets_.size() - 1;
        while (last > 0 && buckets_[last] <= beyond)
            beyond -= buckets_[last--];
        return upper_bound(last);
    }

  private:
    static constexpr Duration kFinest = std::chrono::microseconds(1), kQuarter = kFinest / 4;
    static constexpr std::size_t kBuckets = 4 * 26; // up to a minute

    // Four buckets an octave, from one microsecond on.
    static std::size_t bucket_of(Duration late) {
        if (late < kFinest) return 0;
        const auto quarters = static_cast<std::uint64_t>(late / kQuarter);
        const auto octave = static_cast<std::size_t>(std::bit_width(quarters)) - 3;
        return std::min<std::size_t>(1 + 4 * octave + ((quarters >> octave) & 3), kBuckets - 1);
    }
    static Duration upper_bound(std::size_t bucket) {
        if (bucket == 0) return kFinest;
        const std::size_t octave = (bucket - 1) / 4, quarter = (bucket - 1) % 4;
        return kQuarter * ((std::uint64_t{5} + quarter) << octave);
    }

    std::array<std::uint32_t, kBuckets> buckets_{};
    std::uint32_t count_ = 0;
};

// The shortest interval at which what is that late makes nobody take over wrongly: a backup waits for three of them.
constexpr Duration safe_interval(Duration late) {
    using namespace std::chrono_literals;
    constexpr Duration kStep = 10ms; // what an advertisement can say
    return std::max<Duration>((3 * late + kStep - Duration(1)) / kStep * kStep, kStep);
}

} // namespace vrrp
