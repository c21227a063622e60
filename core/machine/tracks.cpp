#include "core/machine/tracks.hpp"

namespace vrrp {
namespace {

// What an interface's facts are to a check that watches it.
struct Result {
    bool ok = false;
    std::string reason;
};

Result result_of(const InterfaceCheck& check, const InterfaceFacts& facts) {
    const std::string& name = check.interface;
    if (!facts.present) return {false, "there is no interface " + name};
    if (!facts.admin_up) return {false, name + " is down"};
    if (!facts.carrier) return {false, name + " has no carrier"};
    if (check.address && !facts.has(*check.address))
        return {false, name + " has no address " + to_string(*check.address)};
    return {true, name + " is up"};
}

void use(std::vector<TrackIndex>& used, std::span<const TrackIndex> more) {
    for (const TrackIndex index : more)
        if (std::ranges::find(used, index) == used.end()) used.push_back(index);
}

} // namespace

Tracks::Tracks(const RouterConfig& config)
    : users_(config.tracks.size()), used_(config.virtual_routers.size()), deadlines_(config.tracks.size()),
      due_(config.tracks.size()) {
    for (const TrackConfig& one : config.tracks)
        tracks_.emplace_back(one);
    for (std::size_t i = 0; i < used_.size(); ++i) {
        const VirtualRouterConfig& one = config.virtual_routers[i];
        use(used_[i], one.tracks);
        if (one.group) use(used_[i], config.groups[static_cast<std::size_t>(*one.group)].tracks);
        for (const TrackIndex index : used_[i])
            users_[static_cast<std::size_t>(index)].push_back(static_cast<VirtualRouterIndex>(i));
    }
}

void Tracks::start(TimePoint now) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        tracks_[i].start(now);
        deadlines_.set(i, tracks_[i].next_deadline());
    }
}

void Tracks::interface_changed(TimePoint now, const std::string& interface, const InterfaceFacts& facts,
                               Effects& out) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        const auto* check = std::get_if<InterfaceCheck>(&tracks_[i].config().check);
        if (check == nullptr || check->interface != interface) continue;
        const Result result = result_of(*check, facts);
        told(now, static_cast<TrackIndex>(i), result.ok, result.reason, out);
    }
}

void Tracks::told(TimePoint now, TrackIndex index, bool ok, std::string_view reason, Effects& out) {
    Track& track = tracks_[static_cast<std::size_t>(index)];
    if (track.told(now, ok, reason)) note(index, out);
    deadlines_.set(static_cast<std::size_t>(index), track.next_deadline());
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
        if (one.state() == CheckState::fails && !one.config().weight) blame(Fitness::failed, one);
    }
    return verdict;
}

} // namespace vrrp
