// Whether a virtual router can run on an interface at all, and what stands in its way.
#pragma once

#include "backends/interfaces/netlink.hpp"

namespace vrrp::backend {

// Refused with a sentence that says what to do:
// 1. a member of a bridge or bond, whose master takes all that comes in: nobody would answer for an address
//    there. A VRF takes nothing; the virtual MAC's device joins it.
// 2. a macvlan, unless all do without the virtual MAC: the kernel puts a macvlan on a macvlan on the device
//    below, and then keeps what a rival sends from the same virtual MAC from the interface: two masters.
NicResult check_suitable(const Netlink& netlink, const Link& link, bool virtual_mac);

// The kernel's error, with who is in the way and what to do about it.
NicError explain_attach(const Netlink& netlink, const NicError& error, const MacAddress& mac,
                        const std::string& device);
NicError explain_add(const Netlink& netlink, const NicError& error, const IpAddress& address,
                     const std::string& device);

} // namespace vrrp::backend
