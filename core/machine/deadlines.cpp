#include "core/machine/deadlines.hpp"

namespace vrrp {

void Deadlines::grow(std::size_t places) {
    for (std::size_t place = deadlines_.size(); place < places; ++place) {
        deadlines_.push_back(kNever);
        positions_.push_back(static_cast<std::uint32_t>(heap_.size()));
        heap_.push_back(static_cast<std::uint32_t>(place)); // kNever: the bottom is its place
    }
}

void Deadlines::set(std::size_t place, TimePoint deadline) {
    const TimePoint before = deadlines_[place];
    if (deadline == before) return;
    deadlines_[place] = deadline;
    if (deadline < before)
        move_up(positions_[place]);
    else
        move_down(positions_[place]);
}

void Deadlines::move_up(std::size_t position) {
    const std::uint32_t place = heap_[position];
    while (position != 0) {
        const std::size_t parent = (position - 1) / 2;
        if (deadlines_[heap_[parent]] <= deadlines_[place]) break;
        put(position, heap_[parent]);
        position = parent;
    }
    put(position, place);
}

void Deadlines::move_down(std::size_t position) {
    const std::uint32_t place = heap_[position];
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && deadlines_[heap_[child + 1]] < deadlines_[heap_[child]]) ++child;
        if (deadlines_[heap_[child]] >= deadlines_[place]) break;
        put(position, heap_[child]);
        position = child;
    }
    put(position, place);
}

} // namespace vrrp
