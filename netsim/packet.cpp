#include "netsim/packet.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"

namespace vrrp::sim {
namespace {

using wire::kEthernetSize;
using wire::kIpv4Size;
using wire::kMacSize;

constexpr std::uint8_t kArpHead[] = {0x00, 0x01, 0x08, 0x00,
                                     6,    4,    0x00}; // Ethernet, IPv4, high byte of the operation
constexpr std::uint8_t kProtocolIcmp = 1;
constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpEchoRequest = 8;

MacAddress mac_at(const std::uint8_t* at) {
    return MacAddress({at[0], at[1], at[2], at[3], at[4], at[5]});
}

void copy(std::uint8_t* to, BytesView from) {
    std::memcpy(to, from.data(), from.size());
}

} // namespace

void set_ethernet_addresses(MutableBytes frame, const MacAddress& from, const MacAddress& to) {
    copy(frame.data(), to.bytes());
    copy(frame.data() + kMacSize, from.bytes());
}

MacAddress ethernet_destination(BytesView frame) {
    return mac_at(frame.data());
}

std::uint16_t ether_type(BytesView frame) {
    return load_be16(&frame[12]);
}

ArpFrame encode(const Arp& arp, const MacAddress& from, const MacAddress& to) {
    ArpFrame frame{};
    set_ethernet_addresses(frame, from, to);
    store_be16(&frame[12], wire::kEtherTypeArp);
    std::uint8_t* body = frame.data() + kEthernetSize;
    copy(body, kArpHead);
    body[7] = arp.request ? 1 : 2;
    copy(body + 8, arp.sender_mac.bytes());
    copy(body + 14, arp.sender.bytes());
    copy(body + 18, arp.target_mac.bytes());
    copy(body + 24, arp.target.bytes());
    return frame;
}

std::optional<Arp> decode_arp(BytesView frame) {
    if (frame.size() < kArpFrameSize || ether_type(frame) != wire::kEtherTypeArp) return std::nullopt;
    const std::uint8_t* body = &frame[kEthernetSize];
    const bool known =
        std::equal(std::begin(kArpHead), std::end(kArpHead), body) && (body[7] == 1 || body[7] == 2);
    if (!known) return std::nullopt;
    return Arp{.request = body[7] == 1,
               .sender_mac = mac_at(body + 8),
               .sender = IpAddress::from_bytes(IpFamily::v4, body + 14),
               .target_mac = mac_at(body + 18),
               .target = IpAddress::from_bytes(IpFamily::v4, body + 24)};
}

EchoFrame encode(const Echo& echo) {
    EchoFrame frame{};
    store_be16(&frame[12], wire::kEtherTypeIpv4);
    std::uint8_t* ip = frame.data() + kEthernetSize;
    ip[0] = 0x45;
    store_be16(ip + 2, kEchoFrameSize - kEthernetSize);
    ip[8] = echo.ttl;
    ip[9] = kProtocolIcmp;
    copy(ip + 12, echo.source.bytes());
    copy(ip + 16, echo.destination.bytes());
    store_be16(ip + 10, InternetChecksum().add({ip, kIpv4Size}).value());

    std::uint8_t* icmp = ip + kIpv4Size;
    icmp[0] = echo.request ? kIcmpEchoRequest : kIcmpEchoReply;
    store_be16(icmp + 4, echo.identifier);
    store_be16(icmp + 6, static_cast<std::uint16_t>(echo.sequence));
    store_be32(icmp + 8, static_cast<std::uint32_t>(echo.sequence >> 32));
    store_be32(icmp + 12, static_cast<std::uint32_t>(echo.sequence));
    store_be16(icmp + 2, InternetChecksum().add({icmp, 16}).value());
    return frame;
}

std::optional<Echo> decode_echo(BytesView frame) {
    if (frame.size() < kEchoFrameSize || ether_type(frame) != wire::kEtherTypeIpv4) return std::nullopt;
    const std::uint8_t* ip = &frame[kEthernetSize];
    const std::uint8_t* icmp = ip + kIpv4Size;
    const bool echo = icmp[0] == kIcmpEchoReply || icmp[0] == kIcmpEchoRequest;
    if (ip[0] != 0x45 || ip[9] != kProtocolIcmp || !echo) return std::nullopt;
    return Echo{.request = icmp[0] == kIcmpEchoRequest,
                .source = IpAddress::from_bytes(IpFamily::v4, ip + 12),
                .destination = IpAddress::from_bytes(IpFamily::v4, ip + 16),
                .ttl = ip[8],
                .identifier = load_be16(icmp + 4),
                .sequence = std::uint64_t{load_be32(icmp + 8)} << 32 | load_be32(icmp + 12)};
}

} // namespace vrrp::sim
