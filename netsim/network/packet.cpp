#include "netsim/network/packet.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"

namespace vrrp::sim {
namespace {

using wire::kEthernetSize;
using wire::kIpv4Size;
using wire::kIpv6Size;
using wire::kMacSize;

constexpr std::uint8_t kArpHead[] = {0x00, 0x01, 0x08, 0x00,
                                     6,    4,    0x00}; // Ethernet, IPv4, half of the operation
constexpr std::size_t kArpSize = 28;
constexpr std::size_t kEchoSize = 16;      // with eight bytes of data
constexpr std::size_t kNeighbourSize = 32; // with one option

constexpr std::uint8_t kIpv4Head = 0x45; // no options
constexpr std::uint8_t kProtocolIcmp = 1, kProtocolTcp = 6;
constexpr std::size_t kTcpSize = 20;          // no options
constexpr std::uint16_t kSynPort = 32768;     // ours; any will do
constexpr std::uint16_t kTcpHeadSyn = 0x5002; // five words of header, the flag SYN
constexpr std::uint16_t kTcpWindow = 64240;   // as Linux offers at first
constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpEchoRequest = 8;
constexpr std::uint8_t kIcmpv6EchoRequest = 128, kIcmpv6EchoReply = 129;
constexpr std::uint8_t kSolicitation = 135, kAdvertisement = 136;
constexpr std::uint8_t kSourceLinkAddress = 1, kTargetLinkAddress = 2; // options
constexpr std::uint8_t kSolicitedOverride = 0x60;

// Returns where the payload begins.
std::uint8_t* write_ip(Packet& packet, const IpAddress& source, const IpAddress& destination,
                       std::uint8_t ttl, std::uint8_t protocol = kProtocolIcmp) {
    std::uint8_t* ip = packet.data() + kEthernetSize;
    const std::size_t size = packet.size() - kEthernetSize;
    if (source.family() == IpFamily::v4) {
        store_be16(packet.data() + 12, wire::kEtherTypeIpv4);
        ip[0] = kIpv4Head;
        store_be16(ip + 2, static_cast<std::uint16_t>(size));
        ip[8] = ttl;
        ip[9] = protocol;
        store_bytes(ip + 12, source.bytes());
        store_bytes(ip + 16, destination.bytes());
        store_be16(ip + 10, InternetChecksum().add({ip, kIpv4Size}).value());
        return ip + kIpv4Size;
    }
    store_be16(packet.data() + 12, wire::kEtherTypeIpv6);
    store_be32(ip, 6u << 28);
    store_be16(ip + 4, static_cast<std::uint16_t>(size - kIpv6Size));
    ip[6] = wire::kProtocolIcmpv6;
    ip[7] = ttl;
    store_bytes(ip + 8, source.bytes());
    store_bytes(ip + 24, destination.bytes());
    return ip + kIpv6Size;
}

void write_icmp_checksum(IpFamily family, std::uint8_t* icmp, std::uint16_t size) {
    InternetChecksum sum;
    if (family == IpFamily::v6)
        sum.add({icmp - 32, 32}).add16(size).add16(wire::kProtocolIcmpv6); // both addresses
    store_be16(icmp + 2, sum.add({icmp, size}).value());
}

Packet encode_arp(const Resolution& resolution, const MacAddress& to) {
    Packet packet(kEthernetSize + kArpSize);
    set_ethernet_addresses(packet, resolution.sender_mac, to);
    store_be16(packet.data() + 12, wire::kEtherTypeArp);
    std::uint8_t* body = packet.data() + kEthernetSize;
    store_bytes(body, kArpHead);
    body[7] = resolution.request ? 1 : 2;
    store_bytes(body + 8, resolution.sender_mac.bytes());
    store_bytes(body + 14, resolution.sender.bytes());
    store_bytes(body + 18, resolution.target_mac.bytes());
    store_bytes(body + 24, resolution.target.bytes());
    return packet;
}

Packet encode_neighbour(const Resolution& resolution, const MacAddress& to) {
    Packet packet(kEthernetSize + kIpv6Size + kNeighbourSize);
    set_ethernet_addresses(packet, resolution.sender_mac, to);
    std::uint8_t* icmp = write_ip(packet, resolution.sender, resolution.target, wire::kTtl);
    icmp[0] = resolution.request ? kSolicitation : kAdvertisement;
    icmp[4] = resolution.request ? 0 : kSolicitedOverride;
    store_bytes(icmp + 8, (resolution.request ? resolution.target : resolution.sender).bytes());
    icmp[24] = resolution.request ? kSourceLinkAddress : kTargetLinkAddress;
    icmp[25] = 1; // eight bytes
    store_bytes(icmp + 26, resolution.sender_mac.bytes());
    write_icmp_checksum(IpFamily::v6, icmp, kNeighbourSize);
    return packet;
}

std::optional<Resolution> decode_arp(BytesView body) {
    if (body.size() < kArpSize || !std::equal(std::begin(kArpHead), std::end(kArpHead), body.begin()))
        return std::nullopt;
    if (body[7] != 1 && body[7] != 2) return std::nullopt;
    return Resolution{.request = body[7] == 1,
                      .sender_mac = MacAddress::from_bytes(&body[8]),
                      .sender = IpAddress::from_bytes(IpFamily::v4, &body[14]),
                      .target_mac = MacAddress::from_bytes(&body[18]),
                      .target = IpAddress::from_bytes(IpFamily::v4, &body[24])};
}

std::optional<Resolution> decode_neighbour(BytesView ip) {
    if (ip.size() < kIpv6Size + kNeighbourSize || ip[6] != wire::kProtocolIcmpv6 || ip[7] != wire::kTtl)
        return std::nullopt;
    const std::uint8_t* icmp = &ip[kIpv6Size];
    const bool request = icmp[0] == kSolicitation;
    if (!request && icmp[0] != kAdvertisement) return std::nullopt;
    if (icmp[24] != (request ? kSourceLinkAddress : kTargetLinkAddress) || icmp[25] != 1) return std::nullopt;
    const IpAddress source = IpAddress::from_bytes(IpFamily::v6, &ip[8]);
    const IpAddress destination = IpAddress::from_bytes(IpFamily::v6, &ip[24]);
    const IpAddress subject = IpAddress::from_bytes(IpFamily::v6, icmp + 8);
    return Resolution{.request = request,
                      .sender_mac = MacAddress::from_bytes(icmp + 26),
                      .sender = request ? source : subject,
                      .target_mac = {},
                      .target = request || destination.is_multicast() ? subject : destination};
}

} // namespace

Packet encode(const Syn& syn) {
    Packet packet(kEthernetSize + kIpv4Size + kTcpSize);
    std::uint8_t* tcp = write_ip(packet, syn.source, syn.destination, 64, kProtocolTcp);
    store_be16(tcp, kSynPort);
    store_be16(tcp + 2, syn.port);
    store_be16(tcp + 12, kTcpHeadSyn);
    store_be16(tcp + 14, kTcpWindow);
    const InternetChecksum sum = InternetChecksum()
                                     .add({tcp - 8, 8}) // both addresses
                                     .add16(kProtocolTcp)
                                     .add16(kTcpSize)
                                     .add({tcp, kTcpSize});
    store_be16(tcp + 16, sum.value());
    return packet;
}

std::optional<Syn> decode_syn(BytesView frame) {
    if (frame.size() < kEthernetSize + kIpv4Size + kTcpSize || ether_type(frame) != wire::kEtherTypeIpv4)
        return std::nullopt;
    const std::uint8_t* ip = &frame[kEthernetSize];
    const std::uint8_t* tcp = ip + kIpv4Size;
    if (ip[0] != kIpv4Head || ip[9] != kProtocolTcp || load_be16(tcp + 12) != kTcpHeadSyn)
        return std::nullopt;
    return Syn{.source = IpAddress::from_bytes(IpFamily::v4, ip + 12),
               .destination = IpAddress::from_bytes(IpFamily::v4, ip + 16),
               .port = load_be16(tcp + 2)};
}

void set_ethernet_addresses(MutableBytes frame, const MacAddress& from, const MacAddress& to) {
    store_bytes(frame.data(), to.bytes());
    store_bytes(frame.data() + kMacSize, from.bytes());
}

MacAddress ethernet_destination(BytesView frame) {
    return MacAddress::from_bytes(frame.data());
}

std::uint16_t ether_type(BytesView frame) {
    return load_be16(&frame[12]);
}

Packet encode(const Resolution& resolution, const MacAddress& to) {
    return resolution.target.family() == IpFamily::v4 ? encode_arp(resolution, to)
                                                      : encode_neighbour(resolution, to);
}

std::optional<Resolution> decode_resolution(BytesView frame) {
    const BytesView body = frame.subspan(kEthernetSize);
    switch (ether_type(frame)) {
    case wire::kEtherTypeArp: return decode_arp(body);
    case wire::kEtherTypeIpv6: return decode_neighbour(body);
    default: return std::nullopt;
    }
}

Packet encode(const Echo& echo) {
    const bool v4 = echo.source.family() == IpFamily::v4;
    Packet packet(kEthernetSize + (v4 ? kIpv4Size : kIpv6Size) + kEchoSize);
    std::uint8_t* icmp = write_ip(packet, echo.source, echo.destination, echo.ttl);
    icmp[0] = v4 ? (echo.request ? kIcmpEchoRequest : kIcmpEchoReply)
                 : (echo.request ? kIcmpv6EchoRequest : kIcmpv6EchoReply);
    store_be16(icmp + 4, echo.identifier);
    store_be16(icmp + 6, static_cast<std::uint16_t>(echo.sequence));
    store_be32(icmp + 8, static_cast<std::uint32_t>(echo.sequence >> 32));
    store_be32(icmp + 12, static_cast<std::uint32_t>(echo.sequence));
    write_icmp_checksum(echo.source.family(), icmp, kEchoSize);
    return packet;
}

std::optional<Echo> decode_echo(BytesView frame) {
    const bool v4 = ether_type(frame) == wire::kEtherTypeIpv4;
    const std::size_t ip_size = v4 ? kIpv4Size : kIpv6Size;
    if (!v4 && ether_type(frame) != wire::kEtherTypeIpv6) return std::nullopt;
    if (frame.size() < kEthernetSize + ip_size + kEchoSize) return std::nullopt;
    const std::uint8_t* ip = &frame[kEthernetSize];
    const std::uint8_t* icmp = ip + ip_size;
    const bool is_icmp = v4 ? ip[0] == kIpv4Head && ip[9] == kProtocolIcmp : ip[6] == wire::kProtocolIcmpv6;
    const std::uint8_t request = v4 ? kIcmpEchoRequest : kIcmpv6EchoRequest;
    const std::uint8_t reply = v4 ? kIcmpEchoReply : kIcmpv6EchoReply;
    if (!is_icmp || (icmp[0] != request && icmp[0] != reply)) return std::nullopt;
    const IpFamily family = v4 ? IpFamily::v4 : IpFamily::v6;
    return Echo{.request = icmp[0] == request,
                .source = IpAddress::from_bytes(family, v4 ? ip + 12 : ip + 8),
                .destination = IpAddress::from_bytes(family, v4 ? ip + 16 : ip + 24),
                .ttl = v4 ? ip[8] : ip[7],
                .identifier = load_be16(icmp + 4),
                .sequence = std::uint64_t{load_be32(icmp + 8)} << 32 | load_be32(icmp + 12)};
}

} // namespace vrrp::sim
