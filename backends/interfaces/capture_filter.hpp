// Which frames of an interface the kernel hands to us.
#pragma once

#include "core/machine/interface_facts.hpp"

#include <string>

namespace vrrp::backend {

// More addresses are not watched for other machines that claim them: each IPv6 one costs the filter eight or
// so instructions, of which the kernel takes 4096, and every ARP packet or neighbour advertisement is held
// against all.
inline constexpr std::size_t kMaxClaimsWatched = 64;

// In libpcap's language: VRRP, the authentication header that may stand before it, ARP whose sender says that
// it has one of our addresses, neighbour advertisements for one of them, and router solicitations where they are
// answered, unless extension headers stand before them. Tagged frames belong to a VLAN's own interface.
std::string capture_filter(const std::vector<Ours>& ours);

} // namespace vrrp::backend
