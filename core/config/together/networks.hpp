// Which interfaces of different routers are on one network.
#pragma once

#include "core/config/together/routers.hpp"

namespace vrrp::config {

// In the order of the routers, and of their files.
struct SharedNetwork {
    std::vector<Port> ports;
};

// Two interfaces of different routers are on one network where both have a virtual router with the same VRID and a common
// virtual address; where that joins an interface to nothing, a common virtual address or a common VRID alone does. `joined`
// are on one network whatever they have. An error: a router that shares nothing with any other.
Parsed<std::vector<SharedNetwork>> networks_of(std::span<const RouterTold> routers,
                                               std::span<const std::pair<Port, Port>> joined);

// What is known of own addresses: those that are given, the `source` of virtual routers, and the addresses by which the
// others name a router as their peer, where that can be only this one.
OwnAddresses own_addresses(std::span<const RouterTold> routers, std::span<const SharedNetwork> networks,
                           const OwnAddresses& given);

} // namespace vrrp::config
