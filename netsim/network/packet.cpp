#include "netsim/network/packet.hpp"

#include "core/wire/headers/arp.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/neighbour.hpp"

namespace vrrp::sim {
namespace {

using namespace wire;

constexpr std::size_t kEchoSize = 16;         // with eight bytes of data
constexpr std::size_t kTcpSize = 20;          // no options
constexpr std::uint16_t kSynPort = 32768;     // ours; any will do
constexpr std::uint16_t kTcpHeadSyn = 0x5002; // five words of header, the flag SYN
constexpr std::uint16_t kTcpWindow = 64240;   // as Linux offers at first
constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpEchoRequest = 8;
constexpr std::uint8_t kIcmpv6EchoRequest = 128, kIcmpv6EchoReply = 129;

// An IP packet whose Ethernet addresses are zero.
Packet ip_packet(const IpHeader& ip) {
    const IpFamily family = ip.source.family();
    Packet packet(EthernetView::kSize + ip_header_size(family) + ip.payload_size);
    EthernetView::write(packet.data(), {}, {}, ether_type_of(family));
    write_ip_header(ip, packet.data() + EthernetView::kSize);
    return packet;
}

std::uint8_t* payload_of(Packet& packet, const IpHeader& ip) {
    return packet.data() + packet.size() - ip.payload_size;
}

Packet encode_arp(const Resolution& resolution, const MacAddress& to) {
    Packet packet(EthernetView::kSize + ArpView::kSize);
    EthernetView::write(packet.data(), to, resolution.sender_mac, kEtherTypeArp);
    ArpView::write({.request = resolution.request,
                    .sender_mac = resolution.sender_mac,
                    .sender = resolution.sender,
                    .target_mac = resolution.target_mac,
                    .target = resolution.target},
                   packet.data() + EthernetView::kSize);
    return packet;
}

Packet encode_neighbour(const Resolution& resolution, const MacAddress& to) {
    const IpHeader ip{.source = resolution.sender,
                      .destination = resolution.target,
                      .protocol = kProtocolIcmpv6,
                      .payload_size = NeighbourView::kSize};
    Packet packet = ip_packet(ip);
    EthernetView::write_addresses(packet.data(), to, resolution.sender_mac);
    std::uint8_t* message = payload_of(packet, ip);
    if (resolution.request)
        NeighbourView::write_solicitation(resolution.target, resolution.sender_mac, message);
    else
        NeighbourView::write_advertisement(NeighbourView::kSolicited | NeighbourView::kOverride,
                                           resolution.sender, resolution.sender_mac, message);
    NeighbourView::write_checksum(ip, message);
    return packet;
}

std::optional<Resolution> decode_arp(BytesView packet) {
    const auto arp = ArpView::of(packet);
    if (!arp) return std::nullopt;
    return Resolution{.request = arp->is_request(),
                      .sender_mac = arp->sender_mac(),
                      .sender = arp->sender(),
                      .target_mac = arp->target_mac(),
                      .target = arp->target()};
}

std::optional<Resolution> decode_neighbour(BytesView packet) {
    const auto ip = Ipv6View::of(packet);
    if (!ip) return std::nullopt;
    const auto message = NeighbourView::of(*ip);
    if (!message) return std::nullopt;
    const bool request = message->is_solicitation();
    const IpAddress subject = message->target();
    return Resolution{.request = request,
                      .sender_mac = message->link_address(),
                      .sender = request ? ip->source() : subject,
                      .target_mac = {},
                      .target = request || ip->destination().is_multicast() ? subject : ip->destination()};
}

// What both versions of IP say of a packet that the simulated hosts exchange.
struct IpPacket {
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 0;
    std::uint8_t protocol = 0;
    BytesView payload;
};

std::optional<IpPacket> read_ip(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet) return std::nullopt;
    if (ethernet->ether_type() == kEtherTypeIpv4) {
        const auto ip = Ipv4View::of(ethernet->payload());
        if (!ip || !ip->is_well_formed() || !ip->is_whole()) return std::nullopt;
        return IpPacket{ip->source(), ip->destination(), ip->ttl(), ip->protocol(), ip->payload()};
    }
    if (ethernet->ether_type() != kEtherTypeIpv6) return std::nullopt;
    const auto ip = Ipv6View::of(ethernet->payload());
    if (!ip) return std::nullopt;
    return IpPacket{ip->source(), ip->destination(), ip->hop_limit(), ip->next_header(), ip->payload()};
}

} // namespace

Packet encode(const Syn& syn) {
    const IpHeader ip{.source = syn.source,
                      .destination = syn.destination,
                      .protocol = kProtocolTcp,
                      .ttl = 64,
                      .payload_size = kTcpSize};
    Packet packet = ip_packet(ip);
    std::uint8_t* tcp = payload_of(packet, ip);
    store_be16(tcp, kSynPort);
    store_be16(tcp + 2, syn.port);
    store_be16(tcp + 12, kTcpHeadSyn);
    store_be16(tcp + 14, kTcpWindow);
    InternetChecksum sum = pseudo_header_checksum(ip.source, ip.destination, kProtocolTcp, kTcpSize);
    store_be16(tcp + 16, sum.add({tcp, kTcpSize}).value());
    return packet;
}

std::optional<Syn> decode_syn(BytesView frame) {
    const auto ip = read_ip(frame);
    if (!ip || ip->protocol != kProtocolTcp || ip->source.family() != IpFamily::v4) return std::nullopt;
    if (ip->payload.size() < kTcpSize || load_be16(&ip->payload[12]) != kTcpHeadSyn) return std::nullopt;
    return Syn{.source = ip->source, .destination = ip->destination, .port = load_be16(&ip->payload[2])};
}

Packet encode(const Resolution& resolution, const MacAddress& to) {
    return resolution.target.family() == IpFamily::v4 ? encode_arp(resolution, to)
                                                      : encode_neighbour(resolution, to);
}

std::optional<Resolution> decode_resolution(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet) return std::nullopt;
    switch (ethernet->ether_type()) {
    case kEtherTypeArp: return decode_arp(ethernet->payload());
    case kEtherTypeIpv6: return decode_neighbour(ethernet->payload());
    default: return std::nullopt;
    }
}

Packet encode(const Echo& echo) {
    const bool v4 = echo.source.family() == IpFamily::v4;
    const IpHeader ip{.source = echo.source,
                      .destination = echo.destination,
                      .protocol = v4 ? kProtocolIcmp : kProtocolIcmpv6,
                      .ttl = echo.ttl,
                      .payload_size = kEchoSize};
    Packet packet = ip_packet(ip);
    std::uint8_t* icmp = payload_of(packet, ip);
    icmp[0] = v4 ? (echo.request ? kIcmpEchoRequest : kIcmpEchoReply)
                 : (echo.request ? kIcmpv6EchoRequest : kIcmpv6EchoReply);
    store_be16(icmp + 4, echo.identifier);
    store_be16(icmp + 6, static_cast<std::uint16_t>(echo.sequence));
    store_be32(icmp + 8, static_cast<std::uint32_t>(echo.sequence >> 32));
    store_be32(icmp + 12, static_cast<std::uint32_t>(echo.sequence));
    InternetChecksum sum; // ICMP has no pseudo-header
    if (!v4) sum = pseudo_header_checksum(ip.source, ip.destination, kProtocolIcmpv6, kEchoSize);
    store_be16(icmp + 2, sum.add({icmp, kEchoSize}).value());
    return packet;
}

std::optional<Echo> decode_echo(BytesView frame) {
    const auto ip = read_ip(frame);
    if (!ip || ip->payload.size() < kEchoSize) return std::nullopt;
    const bool v4 = ip->source.family() == IpFamily::v4;
    if (ip->protocol != (v4 ? kProtocolIcmp : kProtocolIcmpv6)) return std::nullopt;
    const std::uint8_t* icmp = ip->payload.data();
    const std::uint8_t request = v4 ? kIcmpEchoRequest : kIcmpv6EchoRequest;
    const std::uint8_t reply = v4 ? kIcmpEchoReply : kIcmpv6EchoReply;
    if (icmp[0] != request && icmp[0] != reply) return std::nullopt;
    return Echo{.request = icmp[0] == request,
                .source = ip->source,
                .destination = ip->destination,
                .ttl = ip->ttl,
                .identifier = load_be16(icmp + 4),
                .sequence = std::uint64_t{load_be32(icmp + 8)} << 32 | load_be32(icmp + 12)};
}

Packet frame_of(BytesView ip_packet) {
    Packet frame(EthernetView::kSize + ip_packet.size());
    const IpFamily family = Ipv6View::of(ip_packet) ? IpFamily::v6 : IpFamily::v4;
    EthernetView::write(frame.data(), {}, {}, ether_type_of(family));
    store_bytes(frame.data() + EthernetView::kSize, ip_packet);
    return frame;
}

std::optional<Packet> handed_on(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet) return std::nullopt;
    Packet onwards = frame_of(ethernet->payload());
    std::uint8_t* const ip = onwards.data() + EthernetView::kSize;
    const bool v6 = ethernet->ether_type() == kEtherTypeIpv6;
    std::uint8_t& hops = ip[v6 ? Ipv6View::At::hop_limit : Ipv4View::At::ttl];
    if (hops <= 1) return std::nullopt;
    --hops;
    if (!v6) Ipv4View::write_checksum(ip);
    return onwards;
}

} // namespace vrrp::sim
