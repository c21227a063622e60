// An address as rtnetlink's messages tell it; only for netlink*.cpp.
#pragma once

#include "backends/interfaces/netlink.hpp"

#include <net/if.h> // first: <linux/if.h> gives way to it, but not the other way round

#include <linux/netlink.h>

namespace vrrp::backend {

struct AddressMessage {
    int index = 0;
    KernelAddress address;
};

// RTM_NEWADDR and RTM_DELADDR of IPv4 and IPv6; nothing for anything else.
std::optional<AddressMessage> read_address(nlmsghdr* header);

} // namespace vrrp::backend
