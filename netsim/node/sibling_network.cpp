#include "netsim/node/sibling_network.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::sim {

SiblingPlace SiblingNetwork::add(SiblingSocket& socket, std::string directory) {
    Member member;
    member.socket = &socket;
    member.directory = std::move(directory);
    members_.push_back(std::move(member));
    return static_cast<SiblingPlace>(members_.size() - 1);
}

// Those who live in the same directory.
template <typename What>
void SiblingNetwork::for_others(SiblingPlace place, What&& what) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const auto other = static_cast<SiblingPlace>(i);
        if (other != place && members_[i].alive && members_[i].directory == at(place).directory) what(other);
    }
}

void SiblingNetwork::join(SiblingPlace place) {
    Member& member = at(place);
    member.alive = true;
    ++member.life;
    for_others(place, [&](SiblingPlace other) {
        if (at(other).frozen)
            at(other).newcomers.emplace_back(place, member.life);
        else
            send_latest(other, place);
    });
}

void SiblingNetwork::tell(SiblingPlace from, VirtualRouterIndex index, const SiblingStatus& status) {
    const auto [place, is_new] = at(from).voices.try_emplace(index);
    Voice& voice = place->second;
    if (is_new) voice.id = static_cast<SiblingId>(next_id_++);
    voice.latest = status;
    for_others(from, [&](SiblingPlace other) { send(from, other, voice.id, status); });
}

void SiblingNetwork::leave(SiblingPlace place) {
    Member& member = at(place);
    if (!member.alive) return;
    member.alive = member.frozen = false;
    for_others(place, [&](SiblingPlace other) {
        for (const auto& [index, voice] : member.voices)
            if (voice.latest) send(place, other, voice.id, std::nullopt);
    });
    member.voices.clear();
    member.kept.clear();
    member.newcomers.clear();
}

void SiblingNetwork::freeze(SiblingPlace place) {
    at(place).frozen = at(place).alive;
}

void SiblingNetwork::thaw(SiblingPlace place) {
    at(place).frozen = false;
    for (const auto& [newcomer, life] : std::exchange(at(place).newcomers, {}))
        if (at(newcomer).alive && at(newcomer).life == life) send_latest(place, newcomer);
    for (const Message& message : std::exchange(at(place).kept, {}))
        deliver(at(place), message);
}

bool SiblingNetwork::lives(const SiblingIdentity& identity) const {
    const auto is_it = [&](const auto& entry) {
        const Voice& voice = entry.second;
        return voice.latest && voice.latest->identity.interface == identity.interface &&
               voice.latest->identity.vrid == identity.vrid &&
               voice.latest->identity.family == identity.family;
    };
    return std::ranges::any_of(
        members_, [&](const Member& m) { return m.alive && std::ranges::any_of(m.voices, is_it); });
}

void SiblingNetwork::send_latest(SiblingPlace from, SiblingPlace to) {
    for (const auto& [index, voice] : at(from).voices)
        if (voice.latest) send(from, to, voice.id, voice.latest);
}

void SiblingNetwork::send(SiblingPlace from, SiblingPlace to, SiblingId id,
                          const std::optional<SiblingStatus>& status) {
    Duration delay = kLatency;
    if (jitter_ != Duration{})
        delay += Duration(choices_.pick(jitter_stream_, static_cast<std::uint64_t>(jitter_.count()) + 1));
    TimePoint& last = at(from).last_arrival;
    last = std::max(last, queue_.now() + delay);
    under_way_.emplace(next_message_, Message{to, at(to).life, id, status});
    queue_.push(last, EventClass::delivery, *this, 0, 0, next_message_++);
}

void SiblingNetwork::on_event(const QueueEvent& event) {
    const auto found = under_way_.find(event.argument);
    const Message message = std::move(found->second);
    under_way_.erase(found);
    Member& member = at(message.to);
    if (!member.alive || member.life != message.life) return;
    if (!member.frozen) return deliver(member, message);
    const auto same = std::ranges::find_if(
        member.kept, [&](const Message& m) { return m.from == message.from && m.status && message.status; });
    if (same != member.kept.end())
        same->status = message.status;
    else
        member.kept.push_back(message);
}

void SiblingNetwork::deliver(Member& member, const Message& message) {
    if (message.status)
        member.socket->sibling_said(message.from, *message.status);
    else
        member.socket->sibling_gone(message.from);
}

} // namespace vrrp::sim
