#include "core/machine/tracks.hpp"

namespace vrrp {
namespace {

// What an interface's facts are to a check that watches it.
Checked result_of(TrackIndex track, const InterfaceCheck& check, const InterfaceFacts& facts) {
    const std::string& name = check.interface;
    if (!facts.present) return {track, false, "there is no interface " + name};
    if (!facts.admin_up) return {track, false, name + " is down"};
    if (!facts.carrier) return {track, false, name + " has no carrier"};
    if (!facts.obstacle.empty()) return {track, false, facts.obstacle};
    if (check.address && !facts.has(*check.address))
        return {track, false, name + " has no address " + to_string(*check.address)};
    return {track, true, name + " is up"};
}

void use(std::vector<TrackIndex>& used, std::span<const TrackIndex> more) {
    for (const TrackIndex index : more)
        if (std::ranges::find(used, index) == used.end()) used.push_back(index);
}

} // namespace

void Tracks::reconfigure(const PlacedConfig& next) {
    configured_ = next.tracks;
    for (std::size_t i = 0; i < configured_.size(); ++i)
        if (static_cast<std::size_t>(configured_[i]) == tracks_.size())
            tracks_.emplace_back(next.config.tracks[i]);
    deadlines_.grow(tracks_.size());
    due_.grow(tracks_.size());
    users_.assign(tracks_.size(), {});
    for (auto& used : used_)
        used.clear();
    for (std::size_t i = 0; i < next.virtual_routers.size(); ++i) {
        const VirtualRouterIndex user = next.virtual_routers[i];
        const VirtualRouterConfig& one = next.config.virtual_routers[i];
        used_.resize(std::max(used_.size(), static_cast<std::size_t>(user) + 1));
        auto& used = used_[static_cast<std::size_t>(user)];
        use(used, one.tracks);
        for (std::size_t g = 0; g < next.groups.size(); ++g)
            if (one.group == next.groups[g]) use(used, next.config.groups[g].tracks);
        for (const TrackIndex index : used)
            users_[static_cast<std::size_t>(index)].push_back(user);
    }
}

void Tracks::reconfigure(TimePoint now, const PlacedConfig& next, Effects& out) {
    const auto stop = [&](TrackIndex index) {
        if (!at(index).config().is_interface()) out.add(StopCheck{index});
        deadlines_.set(static_cast<std::size_t>(index), kNever);
    };
    const std::vector<TrackIndex> before = configured_;
    const std::size_t known = tracks_.size();
    for (const TrackIndex index : before)
        if (std::ranges::find(next.tracks, index) == next.tracks.end()) stop(index);
    reconfigure(next);
    for (std::size_t i = 0; i < configured_.size(); ++i) {
        const TrackIndex index = configured_[i];
        const TrackConfig& config = next.config.tracks[i];
        const bool goes_on = std::ranges::find(before, index) != before.end();
        if (goes_on && at(index).looks_at_the_same(config)) {
            if (at(index).reconfigure(now, config)) note(index, out);
            deadlines_.set(static_cast<std::size_t>(index), at(index).next_deadline());
            continue;
        }
        if (goes_on) stop(index);
        if (static_cast<std::size_t>(index) < known) at(index) = Track(config);
        start(now, index);
    }
}

void Tracks::start(TimePoint now) {
    for (const TrackIndex index : configured_)
        start(now, index);
}

void Tracks::resume(TimePoint now, const std::vector<HandedOverCheck>& before) {
    for (const TrackIndex index : configured_)
        for (const HandedOverCheck& one : before)
            if (one.name == track(index).config().name)
                at(index).resume(now, one.state, one.reason, one.number);
}

std::vector<HandedOverCheck> Tracks::handover() const {
    std::vector<HandedOverCheck> left;
    for (const TrackIndex index : configured_)
        left.push_back({.name = track(index).config().name,
                        .state = track(index).state(),
                        .reason = std::string(track(index).reason()),
                        .number = track(index).number()});
    return left;
}

void Tracks::start(TimePoint now, TrackIndex index) {
    at(index).start(now);
    deadlines_.set(static_cast<std::size_t>(index), at(index).next_deadline());
}

void Tracks::interface_changed(TimePoint now, const std::string& interface, const InterfaceFacts& facts,
                               Effects& out) {
    for (const TrackIndex index : configured_) {
        const auto* check = std::get_if<InterfaceCheck>(&track(index).config().check);
        if (check == nullptr || check->interface != interface) continue;
        told(now, result_of(index, *check, facts), out);
    }
}

// To say the same again would count as another result.
void Tracks::interface_known(TimePoint now, const std::string& interface, const InterfaceFacts& facts,
                             Effects& out) {
    for (const TrackIndex index : configured_) {
        const auto* check = std::get_if<InterfaceCheck>(&track(index).config().check);
        if (check == nullptr || check->interface != interface || track(index).state() != CheckState::unknown)
            continue;
        told(now, result_of(index, *check, facts), out);
    }
}

void Tracks::told(TimePoint now, const Checked& result, Effects& out) {
    const auto place = static_cast<std::size_t>(result.track);
    if (tracks_[place].told(now, result.ok, result.reason, result.number)) note(result.track, out);
    deadlines_.set(place, tracks_[place].next_deadline());
}

void Tracks::deadline_reached(TimePoint now, Effects& out) {
    deadlines_.collect(now, due_);
    due_.sort();
    bool asked = false;
    for (const std::size_t i : due_) {
        if (!asked && tracks_[i].ask(now)) {
            asked = true;
            out.add(StartCheck{static_cast<TrackIndex>(i)});
        }
        if (tracks_[i].deadline_reached(now)) note(static_cast<TrackIndex>(i), out);
        deadlines_.set(i, tracks_[i].next_deadline());
    }
    due_.clear();
}

void Tracks::note(TrackIndex index, Effects& out) {
    const Track& track = this->track(index);
    changed_.push_back(index);
    out.add(Event{InterfaceId{}, std::nullopt,
                  CheckChanged{ShortText(track.config().name), track.state(), ShortText(track.reason())}});
}

CheckVerdict Tracks::verdict(VirtualRouterIndex index) const {
    using Fitness = CheckVerdict::Fitness;
    CheckVerdict verdict;
    const auto blame = [&](Fitness fitness, const Track& track) {
        if (verdict.fitness >= fitness) return;
        verdict.fitness = fitness;
        verdict.culprit = ShortText(track.config().name);
    };
    for (const TrackIndex used : used_by(index)) {
        const Track& one = track(used);
        verdict.sum += one.adds();
        if (one.state() == CheckState::unknown) blame(Fitness::unknown, one);
        if (one.rules_out()) blame(Fitness::failed, one);
    }
    return verdict;
}

} // namespace vrrp
