// What the world says of one network interface.
#pragma once

#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace vrrp {

// A place in Router's table of interfaces, in the order in which a configuration named them first. Not the
// kernel's index, which changes when an interface is deleted and made again.
enum class InterfaceId : std::uint16_t {};

// A place in Router's table of virtual routers: the same one as long as the process lives, whatever is configured.
enum class VirtualRouterIndex : std::uint16_t {};

// A whole snapshot, never a difference: fitness is computed anew from it at every change, so nothing latches.
struct InterfaceFacts {
    bool present = false;
    bool admin_up = false;
    bool carrier = false;
    // Why nobody would be heard there although it is up, with the remedy; empty where nothing stands in the way.
    std::string obstacle{};
    std::string name; // as it is called now: an interface may be renamed
    MacAddress mac;
    std::uint32_t mtu = 1500;
    // Without those that virtual routers of this machine put there. In the kernel's order: the first of a
    // family is the primary one.
    std::vector<IpPrefix> addresses;

    bool usable() const { return present && admin_up && carrier && obstacle.empty(); }

    // The source of our advertisements: IPv4, the first address; IPv6, the link-local one (RFC 9568 sections
    // 5.1.1.1 and 5.1.2.1). A virtual address only when there is no other: an owner may have just that one.
    template <typename IsVirtual>
    std::optional<IpAddress> primary_address(IpFamily family, IsVirtual&& is_virtual) const {
        std::optional<IpAddress> second_choice;
        for (const IpPrefix& prefix : addresses) {
            const IpAddress& address = prefix.address;
            if (address.family() != family) continue;
            if (family == IpFamily::v6 && !address.is_link_local()) continue;
            if (!is_virtual(address)) return address;
            if (!second_choice) second_choice = address;
        }
        return second_choice;
    }

    bool has(const IpAddress& address) const {
        return std::ranges::any_of(addresses, [&](const IpPrefix& p) { return p.address == address; });
    }
    bool reaches(const IpAddress& address) const {
        return std::ranges::any_of(addresses, [&](const IpPrefix& p) { return p.contains(address); });
    }

    auto fields() const { return std::tie(present, admin_up, carrier, obstacle, name, mac, mtu, addresses); }
};

// What one virtual router may put on an interface: who claims an address of it there is heard, and what a
// killed predecessor left of it goes.
struct Ours {
    IpFamily family = IpFamily::v4;
    std::uint8_t vrid = 0;
    std::vector<IpPrefix> addresses;
    bool virtual_mac = true;            // it has one
    bool goes_on = false;               // what a predecessor left of it is to stay
    bool unicast = false;               // it is spoken to by its peers alone
    bool answers_solicitations = false; // router solicitations are given to it
    std::string home{};                 // its interface, where this is another one: AddressPlace
    friend bool operator==(const Ours&, const Ours&) = default;
};

} // namespace vrrp
