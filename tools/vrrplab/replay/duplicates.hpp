// Packets that a capture has twice: a mirror port shows a frame where it comes and where it goes.
#pragma once

#include "core/net/bytes.hpp"
#include "core/net/hash.hpp"
#include "core/net/time.hpp"

#include <array>

namespace vrrplab {

// Identical frames of one interface within a millisecond are one word.
class Duplicates {
  public:
    bool is_one(std::uint64_t number, vrrp::Duration time, std::uint32_t interface, vrrp::BytesView frame) {
        const std::uint64_t hash = vrrp::StableHash().add(interface).add(frame).value();
        for (const Seen& one : recent_)
            if (one.hash == hash && time - one.time <= std::chrono::milliseconds(1)) {
                if (count_++ == 0) first_ = number;
                return true;
            }
        recent_[next_++ % recent_.size()] = {hash, time};
        return false;
    }

    std::uint64_t count() const { return count_; }
    // A router may answer twice in a millisecond now and then.
    bool are_many(std::uint64_t packets) const { return count_ >= 3 && 4 * count_ >= packets; }
    std::uint64_t first() const { return first_; }

  private:
    struct Seen {
        std::uint64_t hash = 0;
        vrrp::Duration time = -std::chrono::seconds(1);
    };
    std::array<Seen, 32> recent_{};
    std::size_t next_ = 0;
    std::uint64_t count_ = 0, first_ = 0;
};

} // namespace vrrplab
