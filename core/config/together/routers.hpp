// The configurations of several routers that are to share virtual addresses, and what is known of the routers.
#pragma once

#include "core/config/configuration.hpp"

#include <span>

namespace vrrp::config {

// What one vrrpd of a router is told, and where.
struct Told {
    Configuration configuration;
    SourceMap places;
};

struct RouterTold {
    std::string name;
    std::vector<Told> processes;
};

// An interface of one of several routers.
struct Port {
    std::size_t router = 0; // a place in their list
    std::string interface;
    friend auto operator<=>(const Port&, const Port&) = default;
};

// The own addresses of ports, as far as they are known.
using OwnAddresses = std::map<Port, std::vector<IpPrefix>>;

// "gw1.toml:5:12"
std::string to_text(const Place& place);

// A virtual router of one of the routers.
struct Seat {
    std::size_t router = 0, process = 0, index = 0;
    friend auto operator<=>(const Seat&, const Seat&) = default;

    const VirtualRouterConfig& config(std::span<const RouterTold> routers) const {
        return routers[router].processes[process].configuration.router.virtual_routers[index];
    }
    // Where a key of it is said; the whole entry where it is not.
    const Place& place(std::span<const RouterTold> routers, const std::string& key) const {
        const SourceMap::Table& table = routers[router].processes[process].places.virtual_routers[index];
        const auto said = table.keys.find(key);
        return said == table.keys.end() ? table.place : said->second;
    }
};

// Of all routers, in their order.
std::vector<Seat> seats_of(std::span<const RouterTold> routers);

} // namespace vrrp::config
