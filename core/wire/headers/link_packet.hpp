// What any link layer says of the packet that it carries: the border between the headers of a link (Ethernet;
// Linux cooked, raw IP and tunnels fit too) and those of the network.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"

namespace vrrp::wire {

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr std::uint16_t kEtherTypeVlan = 0x8100;
inline constexpr std::uint16_t kEtherTypeServiceVlan = 0x88a8;    // 802.1ad
inline constexpr std::uint16_t kEtherTypeOldServiceVlan = 0x9100; // before 802.1ad, and still seen

constexpr std::uint16_t ether_type_of(IpFamily family) {
    return family == IpFamily::v4 ? kEtherTypeIpv4 : kEtherTypeIpv6;
}

struct LinkPacket {
    std::uint16_t ether_type = 0; // of the network protocol
    BytesView bytes;              // it may be followed by the link's padding
    std::optional<MacAddress> source_mac;
    std::uint16_t vlan = 0; // 0 when it is in none
};

} // namespace vrrp::wire
