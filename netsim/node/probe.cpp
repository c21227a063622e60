#include "netsim/node/probe.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::sim {

Probe::Probe(std::string name, Plan plan, Kernel& kernel, EventQueue& queue, Choices& choices,
             ProbeObserver& observer)
    : name_(std::move(name)), plan_(plan), kernel_(kernel), queue_(queue), observer_(observer),
      identifier_(kernel.open(*this)) {
    const auto steps = static_cast<std::uint64_t>(plan_.interval.count());
    const std::uint64_t phase = choices.pick(choices.stream(name_ + "/phase"), steps);
    first_sent_ = queue_.now() + Duration(phase);
    queue_.push(first_sent_, EventClass::timer, *this);
}

void Probe::on_event(const QueueEvent&) {
    const TimePoint now = queue_.now();
    const TimePoint waiting_since =
        last_answered_ == TimePoint{} ? first_sent_ : last_answered_ + plan_.interval;
    if (!lost_ && now - waiting_since > std::max(kPatience, 2 * round_trip_) + plan_.interval) {
        lost_ = true;
        observer_.lost(*this);
    }
    if (const std::optional<IpAddress> source = kernel_.source_for(plan_.target))
        kernel_.send_echo({.request = true,
                           .source = *source,
                           .destination = plan_.target,
                           .identifier = identifier_,
                           .sequence = next_});
    ++next_;
    queue_.push(sent_at(next_), EventClass::timer, *this);
}

void Probe::answered(std::uint64_t sequence) {
    const TimePoint sent = sent_at(sequence);
    if (sent <= last_answered_) return; // late: an answer after it has been seen
    const TimePoint before = last_answered_ == TimePoint{} ? first_sent_ : last_answered_;
    if (sent - before > plan_.interval) outages_.push_back({before, sent});
    last_answered_ = sent;
    round_trip_ = queue_.now() - sent;
    if (std::exchange(lost_, false)) observer_.answered_again(*this);
}

std::uint64_t Probe::sent_since(TimePoint from) const {
    if (from <= first_sent_) return next_;
    const auto before =
        static_cast<std::uint64_t>((from - first_sent_ + plan_.interval - Duration(1)) / plan_.interval);
    return next_ - std::min(next_, before);
}

Duration Probe::worst_outage_since(TimePoint from) const {
    Duration worst{};
    for (const Outage& outage : outages_)
        if (outage.to > from) worst = std::max(worst, outage.length());
    if (next_ == 0) return worst;
    // The last request may still be on its way; it takes one more to know.
    const TimePoint before = last_answered_ == TimePoint{} ? first_sent_ : last_answered_;
    const Duration unanswered = sent_at(next_ - 1) - before;
    return unanswered > plan_.interval ? std::max(worst, unanswered) : worst;
}

} // namespace vrrp::sim
