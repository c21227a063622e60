// From one configuration to the next.
#include "core/machine/config_plan.hpp"
#include "core/machine/router.hpp"

#include <cassert>
#include <map>

namespace vrrp {
namespace {

std::vector<IpPrefix> addresses_on(const VirtualRouterConfig& config, const std::string& interface) {
    if (config.places.empty()) return config.addresses;
    std::vector<IpPrefix> addresses;
    for (const IpPrefix& one : config.addresses)
        if (config.interface_of(one.address) == interface) addresses.push_back(one);
    return addresses;
}

Ours ours_of(const VirtualRouterConfig& config) {
    return {.family = config.family,
            .vrid = config.vrid,
            .addresses = addresses_on(config, config.interface),
            .virtual_mac = config.virtual_mac,
            .unicast = config.unicast(),
            .answers_solicitations = config.router_advertising.has_value()};
}

// On an interface that it has addresses on, and is not on itself.
Ours ours_of(const VirtualRouterConfig& config, const std::string& interface) {
    return {.family = config.family,
            .vrid = config.vrid,
            .addresses = addresses_on(config, interface),
            .virtual_mac = false,
            .home = config.interface};
}

} // namespace

// --- Where each thing stands

PlacedConfig Router::placed(const RouterConfig& config) const {
    PlacedConfig placed{.config = config, .virtual_routers = {}, .groups = {}, .tracks = {}};
    placed.groups = groups_.places(config.groups);
    placed.tracks = tracks_.places(config.tracks);
    const auto place_tracks = [&](std::vector<TrackIndex>& tracks) {
        for (TrackIndex& one : tracks)
            one = placed.tracks[static_cast<std::size_t>(one)];
    };
    for (GroupConfig& group : placed.config.groups)
        place_tracks(group.tracks);
    std::map<std::uint32_t, VirtualRouterIndex> known;
    for (const VirtualRouter& one : virtual_routers_)
        known[virtual_router_key(one.interface(), one.config().family, one.config().vrid)] = one.index();
    std::size_t end = virtual_routers_.size();
    for (VirtualRouterConfig& one : placed.config.virtual_routers) {
        place_tracks(one.tracks);
        if (one.group) one.group = placed.groups[static_cast<std::size_t>(*one.group)];
        const auto interface = known_interface(one.interface);
        const auto found =
            interface ? known.find(virtual_router_key(*interface, one.family, one.vrid)) : known.end();
        placed.virtual_routers.push_back(found != known.end() ? found->second
                                                              : static_cast<VirtualRouterIndex>(end++));
    }
    return placed;
}

std::optional<InterfaceId> Router::known_interface(const std::string& name) const {
    const auto known = std::ranges::find(interfaces_, name, &RouterInterface::name);
    if (known == interfaces_.end()) return std::nullopt;
    return known->id;
}

InterfaceId Router::interface_named(const std::string& name) {
    if (const auto known = known_interface(name)) return *known;
    const auto id = static_cast<InterfaceId>(interfaces_.size());
    interfaces_.push_back({.id = id,
                           .name = name,
                           .facts = {},
                           .counters = {},
                           .virtual_routers = {},
                           .guests = {},
                           .foreign_speakers = {}});
    return id;
}

std::vector<Ours> Router::ours(InterfaceId id) const {
    std::vector<Ours> ours;
    for (const VirtualRouterIndex index : interface(id).virtual_routers)
        ours.push_back(ours_of(virtual_router(index).config()));
    for (const VirtualRouterIndex index : interface(id).guests)
        ours.push_back(ours_of(virtual_router(index).config(), interface(id).name));
    return ours;
}

std::vector<std::vector<Ours>> Router::all_ours() const {
    std::vector<std::vector<Ours>> all;
    for (const RouterInterface& one : interfaces_)
        all.push_back(ours(one.id));
    return all;
}

bool Router::is_used(const RouterInterface& interface) const {
    const auto looks_at_it = [&](TrackIndex index) {
        const auto* check = std::get_if<InterfaceCheck>(&tracks_.track(index).config().check);
        return check != nullptr && check->interface == interface.name;
    };
    return !interface.virtual_routers.empty() || !interface.guests.empty() ||
           std::ranges::any_of(tracks_.configured(), looks_at_it);
}

// All tables are what `next` says; its virtual routers are what they were, and new ones do nothing yet.
void Router::arrange(const PlacedConfig& next) {
    for (RouterInterface& one : interfaces_) {
        one.virtual_routers.clear();
        one.guests.clear();
    }
    by_key_.clear();
    configured_ = next.virtual_routers;
    for (std::size_t i = 0; i < configured_.size(); ++i) {
        const VirtualRouterConfig& config = next.config.virtual_routers[i];
        const InterfaceId interface = interface_named(config.interface);
        const VirtualRouterIndex index = configured_[i];
        if (static_cast<std::size_t>(index) == virtual_routers_.size())
            virtual_routers_.emplace_back(config, index, interface);
        else if (!virtual_router(index).running())
            virtual_routers_[static_cast<std::size_t>(index)] = VirtualRouter(config, index, interface);
        interfaces_[static_cast<std::size_t>(interface)].virtual_routers.push_back(index);
        by_key_.emplace_back(virtual_router_key(interface, config.family, config.vrid), index);
        place_guest(index, config);
    }
    for (const TrackConfig& one : next.config.tracks)
        if (const auto* check = std::get_if<InterfaceCheck>(&one.check)) interface_named(check->interface);
    std::ranges::sort(by_key_);
    assert(std::ranges::adjacent_find(by_key_, {}, [](const auto& e) { return e.first; }) == by_key_.end());
    deadlines_.grow(virtual_routers_.size());
    due_.grow(virtual_routers_.size());
    touched_.grow(virtual_routers_.size());
    groups_.reconfigure(next, virtual_routers_);
}

void Router::place_guest(VirtualRouterIndex index, const VirtualRouterConfig& config) {
    for (const AddressPlace& place : config.places) {
        if (place.interface.empty()) continue;
        const InterfaceId id = interface_named(place.interface);
        std::vector<VirtualRouterIndex>& guests = interfaces_[static_cast<std::size_t>(id)].guests;
        if (guests.empty() || guests.back() != index) guests.push_back(index);
    }
}

// As far as they are watched.
void Router::tell_places(VirtualRouter& one, const VirtualRouterConfig& config) {
    for (const AddressPlace& place : config.places)
        if (const auto id = known_interface(place.interface); id && interface(*id).watched)
            one.elsewhere_known({*id, place.interface, interface(*id).facts});
}

// --- What that does to them

// Who goes resigns while everything is still as it was. Who stays changes in place. Who comes starts when its
// interface is known.
void Router::on(TimePoint now, const Reconfigured& reconfigured, Effects& out) {
    if (!started_) return;
    const PlacedConfig next = placed(reconfigured.config);
    const std::vector<std::vector<Ours>> before = all_ours();
    remove_missing(now, next, out);
    change_present(now, next, out);
    arrange(next);
    tracks_.reconfigure(now, next, out);
    note_added(next, out);
    watch_interfaces(before, out);
    for (const RouterInterface& one : interfaces_)
        if (one.watched) tracks_.interface_known(now, one.name, one.facts, out);
    tell_users_of_checks(now, out);
    for (const VirtualRouterIndex index : configured_)
        if (VirtualRouter& one = touch(index); one.running())
            one.checks_changed(now, tracks_.verdict(index), {}, interface(one.interface()).facts, out);
    start_new(now, out);
}

void Router::remove_missing(TimePoint now, const PlacedConfig& next, Effects& out) {
    for (const VirtualRouterIndex index : configured_) {
        if (std::ranges::find(next.virtual_routers, index) != next.virtual_routers.end()) continue;
        VirtualRouter& one = touch(index);
        out.add(Event{one.interface(), index, ConfigurationChanged{ConfigurationChanged::Kind::removed}});
        one.stop(now, out);
    }
    groups_.retire(next, virtual_routers_, out);
}

void Router::change_present(TimePoint now, const PlacedConfig& next, Effects& out) {
    for (std::size_t i = 0; i < next.virtual_routers.size(); ++i) {
        const VirtualRouterIndex index = next.virtual_routers[i];
        const VirtualRouterConfig& config = next.config.virtual_routers[i];
        if (static_cast<std::size_t>(index) >= virtual_routers_.size() || !virtual_router(index).running() ||
            virtual_router(index).config() == config)
            continue;
        VirtualRouter& one = touch(index);
        const VirtualRouterConfig before = one.config();
        out.add(Event{one.interface(), index,
                      ConfigurationChanged{ConfigurationChanged::Kind::changed,
                                           ShortText(names_of(changes(before, config)))}});
        tell_places(one, config);
        one.reconfigure(now, config, interface(one.interface()).facts, out);
    }
}

void Router::note_added(const PlacedConfig& next, Effects& out) const {
    for (const VirtualRouterIndex index : next.virtual_routers) {
        const VirtualRouter& one = virtual_router(index);
        if (one.running()) continue;
        out.add(Event{one.interface(), index, ConfigurationChanged{ConfigurationChanged::Kind::added}});
    }
}

// `before`: what was ours on each of those that were known.
void Router::watch_interfaces(const std::vector<std::vector<Ours>>& before, Effects& out) {
    for (RouterInterface& one : interfaces_) {
        const bool used = is_used(one);
        const auto place = static_cast<std::size_t>(one.id);
        const bool differs = place >= before.size() || before[place] != ours(one.id);
        if (used && (!one.watched || differs)) out.add(Watch{one.id});
        if (used || !one.watched) continue;
        out.add(Forget{one.id});
        one.watched = false;
        one.facts = {};
    }
}

void Router::start_new(TimePoint now, Effects& out) {
    for (const VirtualRouterIndex index : configured_)
        if (const VirtualRouter& one = virtual_router(index);
            !one.running() && interface(one.interface()).watched)
            start(now, touch(index), nullptr, out);
}

} // namespace vrrp
