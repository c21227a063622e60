#include "netsim/node/fake_checks.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::sim {

void FakeChecks::start(TrackIndex track, const TrackConfig& config) {
    if (const auto* check = std::get_if<PingCheck>(&config.check)) return ping(track, *check, config.timeout);
    if (!config.is_asked()) watched_.push_back({track, config.name});
    ask({track, config.name});
}

void FakeChecks::changed(const std::string& name) {
    for (const Asked& one : watched_)
        if (one.name == name) ask(one);
}

void FakeChecks::ask(const Asked& asked) {
    asked_.emplace(next_, asked);
    queue_.push(queue_.now() + habits_.take, EventClass::timer, *this, 0, 0, next_++);
}

void FakeChecks::stop(TrackIndex track) {
    const auto is_it = [&](const auto& one) { return one.track == track; };
    std::erase_if(asked_, [&](const auto& one) { return is_it(one.second); });
    std::erase_if(pinged_, [&](const auto& one) { return is_it(one.second); });
    std::erase_if(watched_, is_it);
    std::erase_if(unheard_, is_it);
}

void FakeChecks::ping(TrackIndex track, const PingCheck& check, Duration timeout) {
    if (!identifier_) identifier_ = kernel_.open(*this);
    const bool sent = send(check);
    Pinged pinged{track, sent ? "no answer within " + to_string(timeout) : "no way there"};
    if (sent && check.neighbour) pinged.neighbour.emplace(*kernel_.find(check.interface), check.address);
    pinged_.emplace(next_, std::move(pinged));
    queue_.push(queue_.now() + (sent ? timeout : habits_.take), EventClass::timer, *this, 0, 0, next_++);
}

bool FakeChecks::send(const PingCheck& check) {
    if (check.neighbour) return kernel_.ask_neighbour(check.address, check.interface);
    return kernel_.ping({.request = true,
                         .source = {},
                         .destination = check.address,
                         .identifier = *identifier_,
                         .sequence = next_},
                        check.interface);
}

void FakeChecks::neighbour_answered(std::uint16_t interface, const IpAddress& address) {
    const std::pair answering(interface, address);
    const auto asked =
        std::ranges::find_if(pinged_, [&](const auto& one) { return one.second.neighbour == answering; });
    if (asked != pinged_.end()) tell({pinged_.extract(asked).mapped().track, true, "it answers"});
}

void FakeChecks::answered(std::uint64_t sequence) {
    const auto node = pinged_.extract(static_cast<std::uint32_t>(sequence));
    if (!node.empty()) tell({node.mapped().track, true, "it answers"});
}

// What is found no more was answered, or its vrrpd has ended.
void FakeChecks::on_event(const QueueEvent& event) {
    if (const auto node = asked_.extract(event.argument); !node.empty()) return tell(result(node.mapped()));
    if (const auto node = pinged_.extract(event.argument); !node.empty())
        tell({node.mapped().track, false, node.mapped().failure});
}

Checked FakeChecks::result(const Asked& asked) const {
    if (const auto failing = habits_.failing.find(asked.name); failing != habits_.failing.end())
        return {asked.track, false, failing->second};
    if (const auto number = habits_.numbers.find(asked.name); number != habits_.numbers.end())
        return {asked.track, true, "it says " + std::to_string(number->second), number->second};
    return {asked.track, true, "the simulator lets it pass"};
}

void FakeChecks::tell(Checked result) {
    if (frozen_)
        unheard_.push_back(std::move(result));
    else
        parent_.checked(result);
}

void FakeChecks::thaw() {
    frozen_ = false;
    for (const Checked& result : std::exchange(unheard_, {}))
        parent_.checked(result);
}

} // namespace vrrp::sim
