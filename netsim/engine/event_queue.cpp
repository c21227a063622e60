#include "netsim/engine/event_queue.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace vrrp::sim {
namespace {

constexpr std::size_t kArity = 4;
constexpr int kClassShift = 62;

bool before(const QueueEvent& a, const QueueEvent& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
}

void sift_up(std::vector<QueueEvent>& heap, std::size_t hole, const QueueEvent& event) {
    while (hole != 0) {
        const std::size_t parent = (hole - 1) / kArity;
        if (!before(event, heap[parent])) break;
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = event;
}

void sift_down(std::vector<QueueEvent>& heap, const QueueEvent& event) {
    std::size_t hole = 0;
    for (;;) {
        const std::size_t first = hole * kArity + 1;
        if (first >= heap.size()) break;
        const std::size_t end = std::min(first + kArity, heap.size());
        std::size_t next = first;
        for (std::size_t child = first + 1; child < end; ++child)
            if (before(heap[child], heap[next])) next = child;
        if (!before(heap[next], event)) break;
        heap[hole] = heap[next];
        hole = next;
    }
    heap[hole] = event;
}

} // namespace

void EventQueue::push(TimePoint at, EventClass event_class, Actor& actor, std::uint16_t what,
                      std::uint16_t place, std::uint32_t argument) {
    assert(at >= now_);
    if (heap_.size() == kMaxEvents) throw SimulationLimit{"too many events are waiting"};
    const std::uint64_t order = static_cast<std::uint64_t>(event_class) << kClassShift | sequence_++;
    heap_.emplace_back();
    sift_up(heap_, heap_.size() - 1, {at, order, &actor, argument, what, place});
}

QueueEvent EventQueue::pop() {
    const QueueEvent event = heap_.front();
    const QueueEvent last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(heap_, last);
    return event;
}

void EventQueue::shuffle(Choices& choices) {
    choices_ = &choices;
    order_ = choices.stream("order", ChoiceKind::order);
}

QueueEvent EventQueue::pop_shuffled() {
    const QueueEvent first = pop();
    const std::uint64_t event_class = first.order >> kClassShift;
    const auto is_simultaneous = [&](const QueueEvent& event) {
        return event.at == first.at && event.order >> kClassShift == event_class;
    };
    // A fault's steps and what looks at results have an order that means something.
    if (event_class != static_cast<std::uint64_t>(EventClass::delivery) &&
        event_class != static_cast<std::uint64_t>(EventClass::timer))
        return first;
    std::array<QueueEvent, kMaxRivals> all;
    std::array<std::size_t, kMaxRivals> may_be_first;
    std::size_t count = 0, rivals = 0;
    for (QueueEvent event = first;; event = pop()) {
        const bool follows = std::any_of(all.begin(), all.begin() + count, [&](const QueueEvent& earlier) {
            return earlier.actor == event.actor && earlier.what == event.what;
        });
        if (!follows) may_be_first[rivals++] = count;
        all[count++] = event;
        if (count == kMaxRivals || heap_.empty() || !is_simultaneous(heap_.front())) break;
    }
    const std::size_t chosen = may_be_first[rivals == 1 ? 0 : choices_->pick(order_, rivals)];
    for (std::size_t i = 0; i < count; ++i) {
        if (i == chosen) continue;
        heap_.emplace_back();
        sift_up(heap_, heap_.size() - 1, all[i]);
    }
    return all[chosen];
}

bool EventQueue::run_one(TimePoint end) {
    if (heap_.empty() || heap_.front().at > end) {
        now_ = std::max(now_, end);
        return false;
    }
    const QueueEvent event = choices_ == nullptr ? pop() : pop_shuffled();
    now_ = event.at;
    ++events_run_;
    event.actor->on_event(event);
    return true;
}

void Timer::arm(TimePoint deadline) {
    deadline_ = deadline == kNever ? kNever : std::max(deadline, queue_.now());
    if (deadline_ < queued_) push(deadline_);
}

bool Timer::expired(const QueueEvent& event) {
    if (event.argument != generation_) return false; // an earlier deadline has taken its place
    queued_ = kNever;
    if (deadline_ > queue_.now()) {
        if (deadline_ != kNever) push(deadline_);
        return false;
    }
    deadline_ = kNever;
    return true;
}

void Timer::push(TimePoint at) {
    queued_ = at;
    queue_.push(at, event_class_, actor_, what_, 0, ++generation_);
}

} // namespace vrrp::sim
