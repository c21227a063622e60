// When each place of a table has something to do, and which is the first.
#pragma once

#include "core/net/time.hpp"

#include <cstdint>
#include <vector>

namespace vrrp {

// A binary heap that knows where each place stands in it: a deadline moves in logarithmic time, and the earliest is
// there at once. Its order among equal deadlines is nobody's business: who collects gets places in any order.
class Deadlines {
  public:
    explicit Deadlines(std::size_t places) { grow(places); }

    void grow(std::size_t places);
    void set(std::size_t place, TimePoint deadline);
    TimePoint operator[](std::size_t place) const { return deadlines_[place]; }
    TimePoint earliest() const { return heap_.empty() ? kNever : deadlines_[heap_.front()]; }

    std::size_t first() const {
        return heap_.front();
    } // whose deadline that is. Precondition: there are places

    // Names every place whose deadline is not after `now`.
    template <typename Set>
    void collect(TimePoint now, Set& into) const {
        collect_below(0, now, into);
    }

  private:
    template <typename Set>
    void collect_below(std::size_t position, TimePoint now, Set& into) const {
        if (position >= heap_.size() || deadlines_[heap_[position]] > now) return;
        into.insert(heap_[position]);
        collect_below(2 * position + 1, now, into);
        collect_below(2 * position + 2, now, into);
    }
    void move_up(std::size_t position);
    void move_down(std::size_t position);
    void put(std::size_t position, std::uint32_t place) {
        heap_[position] = place;
        positions_[place] = static_cast<std::uint32_t>(position);
    }

    std::vector<TimePoint> deadlines_;     // by place
    std::vector<std::uint32_t> heap_;      // places; each is in it, those that wait for nothing at the bottom
    std::vector<std::uint32_t> positions_; // by place: where it stands in heap_
};

} // namespace vrrp
