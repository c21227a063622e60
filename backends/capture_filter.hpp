// Which frames of an interface the kernel hands to us.
#pragma once

#include "core/net/ip_address.hpp"

#include <string>
#include <vector>

namespace vrrp::backend {

// More addresses are not watched for other machines that claim them: the filter runs for every packet of the
// interface, and compiling it takes milliseconds already.
inline constexpr std::size_t kMaxClaimsWatched = 64;

// In libpcap's language: VRRP, the authentication header that may stand before it, ARP whose sender says that
// it has one of these addresses, and neighbour advertisements for one of them, unless extension headers stand
// before them. Tagged frames belong to a VLAN's own interface.
std::string capture_filter(const std::vector<IpAddress>& addresses);

} // namespace vrrp::backend
