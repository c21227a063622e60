#include "netsim/node/fake_checks.hpp"

#include <utility>

namespace vrrp::sim {

void FakeChecks::start(TrackIndex track, const TrackConfig& config) {
    asked_.emplace(next_, Asked{track, config.name});
    queue_.push(queue_.now() + habits_.take, EventClass::timer, *this, 0, 0, next_++);
}

void FakeChecks::stop(TrackIndex track) {
    std::erase_if(asked_, [&](const auto& one) { return one.second.track == track; });
    std::erase_if(unheard_, [&](const Asked& one) { return one.track == track; });
}

void FakeChecks::on_event(const QueueEvent& event) {
    const auto node = asked_.extract(event.argument);
    if (node.empty()) return; // its vrrpd has ended
    if (frozen_)
        unheard_.push_back(node.mapped());
    else
        answer(node.mapped());
}

void FakeChecks::answer(const Asked& asked) {
    const auto failing = habits_.failing.find(asked.name);
    if (failing == habits_.failing.end())
        parent_.checked({asked.track, true, "the simulator lets it pass"});
    else
        parent_.checked({asked.track, false, failing->second});
}

void FakeChecks::thaw() {
    frozen_ = false;
    for (const Asked& asked : std::exchange(unheard_, {}))
        answer(asked);
}

} // namespace vrrp::sim
