// A configuration whose names have their places in a router's tables.
#pragma once

#include "core/machine/interface_facts.hpp"
#include "core/machine/virtual_router_config.hpp"

#include <algorithm>
#include <functional>

namespace vrrp {

// Handles outlive the configuration that they were given for: what keeps its name ((interface, family, VRID) of a
// virtual router) keeps its place, what is new comes behind all that there ever was, and a place that nobody has any more
// waits for its name to return.
struct PlacedConfig {
    RouterConfig config; // GroupIndex and TrackIndex in it are places in the router's tables
    std::vector<VirtualRouterIndex> virtual_routers; // of each in `config`, in its order
    std::vector<GroupIndex> groups;
    std::vector<TrackIndex> tracks;
};

// The first one that a table gets.
inline PlacedConfig in_order(const RouterConfig& config) {
    const auto count_up = []<typename Index>(std::vector<Index>& places, std::size_t end) {
        for (std::size_t i = 0; i < end; ++i)
            places.push_back(static_cast<Index>(i));
    };
    PlacedConfig placed{.config = config, .virtual_routers = {}, .groups = {}, .tracks = {}};
    count_up(placed.virtual_routers, config.virtual_routers.size());
    count_up(placed.groups, config.groups.size());
    count_up(placed.tracks, config.tracks.size());
    return placed;
}

// Of each wanted name; `known` are those of the table.
template <typename Index, typename Known, typename Wanted, typename NameOf>
std::vector<Index> places_of(const Wanted& wanted, const Known& known, NameOf&& name_of) {
    std::vector<Index> places;
    std::size_t end = std::ranges::size(known);
    for (const auto& one : wanted) {
        const auto found = std::ranges::find(known, std::invoke(name_of, one), name_of);
        const bool is_known = found != std::ranges::end(known);
        places.push_back(static_cast<Index>(
            is_known ? static_cast<std::size_t>(found - std::ranges::begin(known)) : end++));
    }
    return places;
}

} // namespace vrrp
