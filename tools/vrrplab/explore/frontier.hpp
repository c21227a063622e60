// The paths that are still to be run, fewest turns first.
#pragma once

#include "netsim/engine/choices.hpp"

#include <span>
#include <utility>

namespace vrrplab {

// 1. All paths of so many turns are run before any that has one more: the first that fails is one of the shortest.
// 2. What it holds is its current level and the next one, so many turns for each path and nothing else; a level of more
//    than kMaxTurns loses the rest, and then not all will have been run.
class Frontier {
  public:
    using Turn = vrrp::sim::EnumeratedChoices::Turn;
    using Path = vrrp::sim::EnumeratedChoices::Path;

    static constexpr std::size_t kMaxTurns = 64 << 20; // half a GiB

    std::size_t turns() const { return turns_; } // of each path of the current level
    std::size_t waiting() const { return count_ - taken_; }
    bool overflowed() const { return overflowed_; }
    bool empty() const { return waiting() == 0 && next_.empty(); }

    // The next one of the level, and those behind it. Precondition: i < waiting().
    Path path(std::size_t i) const {
        const auto begin = level_.begin() + static_cast<std::ptrdiff_t>((taken_ + i) * turns_);
        return {begin, begin + static_cast<std::ptrdiff_t>(turns_)};
    }
    void take(std::size_t paths) { taken_ += paths; }

    void add(const Path& path, std::span<const Turn> more) {
        for (const Turn& turn : more) {
            overflowed_ = overflowed_ || next_.size() + path.size() + 1 > kMaxTurns;
            if (overflowed_) return;
            next_.insert(next_.end(), path.begin(), path.end());
            next_.push_back(turn);
        }
    }
    // Precondition: nothing waits on this level.
    void next_level() {
        ++turns_;
        level_ = std::exchange(next_, {});
        count_ = level_.size() / turns_;
        taken_ = 0;
    }

  private:
    std::vector<Turn> level_, next_;
    bool overflowed_ = false;
    std::size_t turns_ = 0, count_ = 1, taken_ = 0; // at first the empty path
};

} // namespace vrrplab
