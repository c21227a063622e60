// Who stands in the same election: the virtual routers of one network, family and VRID.
#pragma once

#include "core/config/together/networks.hpp"

namespace vrrp::config {

struct ElectionKey {
    std::size_t network = 0;
    IpFamily family = IpFamily::v4;
    std::uint8_t vrid = 0;
    friend auto operator<=>(const ElectionKey&, const ElectionKey&) = default;
};

// In the order of the routers.
using Elections = std::map<ElectionKey, std::vector<Seat>>;

Elections elections_of(std::span<const RouterTold> routers, std::span<const SharedNetwork> networks);

// What decides who leads, of each seat: an owner's 255, or what is configured and what its checks add to it while they pass.
std::map<Seat, int> usual_priorities(std::span<const RouterTold> routers, const OwnAddresses& own);
bool is_owner(std::span<const RouterTold> routers, const Seat& seat, const OwnAddresses& own);

// Its group as others of the same machine know it: processes of one directory share theirs. Nothing without one.
std::optional<std::string> group_of(std::span<const RouterTold> routers, const Seat& seat);

} // namespace vrrp::config
