// The packets of hosts and routers that are not VRRP: ARP (RFC 826) and ICMP echo (RFC 792), as real bytes.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"

#include <array>

namespace vrrp::sim {

struct Arp {
    bool request = true;
    MacAddress sender_mac;
    IpAddress sender;
    MacAddress target_mac; // zero in a request
    IpAddress target;

    bool gratuitous() const { return sender == target; }
    friend bool operator==(const Arp&, const Arp&) = default;
};

inline constexpr std::size_t kArpFrameSize = 42;
using ArpFrame = std::array<std::uint8_t, kArpFrameSize>;
ArpFrame encode(const Arp& arp, const MacAddress& from, const MacAddress& to);
std::optional<Arp> decode_arp(BytesView frame);

// An echo request or reply over IPv4. `sequence` travels in the data, since ICMP's own field has but 16 bits.
struct Echo {
    bool request = true;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 64;
    std::uint16_t identifier = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const Echo&, const Echo&) = default;
};

inline constexpr std::size_t kEchoFrameSize = 14 + 20 + 8 + 8;
using EchoFrame = std::array<std::uint8_t, kEchoFrameSize>;
// The Ethernet addresses are left zero: they are the next hop's business.
EchoFrame encode(const Echo& echo);
std::optional<Echo> decode_echo(BytesView frame);
void set_ethernet_addresses(MutableBytes frame, const MacAddress& from, const MacAddress& to);

MacAddress ethernet_destination(BytesView frame);
std::uint16_t ether_type(BytesView frame);

} // namespace vrrp::sim
