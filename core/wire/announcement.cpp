#include "core/wire/announcement.hpp"

#include "core/wire/headers/arp.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/neighbour.hpp"

#include <cassert>

namespace vrrp::wire {
namespace {

constexpr MacAddress kAllNodesMac({0x33, 0x33, 0, 0, 0, 1});

void write_arp_request(const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
                       std::uint8_t* out) {
    EthernetView::write(out, kBroadcastMac, mac, kEtherTypeArp);
    ArpView::write({.request = true, .sender_mac = mac, .sender = asker, .target_mac = {}, .target = asked},
                   out + EthernetView::kSize);
}

void write_unsolicited_na(const IpAddress& address, const MacAddress& mac, std::uint8_t* out) {
    EthernetView::write(out, kAllNodesMac, mac, kEtherTypeIpv6);
    const IpHeader ip{.source = address,
                      .destination = kAllNodes,
                      .protocol = kProtocolIcmpv6,
                      .payload_size = NeighbourView::kSize};
    write_ipv6_header(ip, out + EthernetView::kSize);
    std::uint8_t* na = out + EthernetView::kSize + Ipv6View::kSize;
    NeighbourView::write_advertisement(NeighbourView::kRouter | NeighbourView::kOverride, address, mac, na);
    NeighbourView::write_checksum(ip, na);
}

// What an announcement and an ordinary claim differ in.
struct Claim {
    Announcement said;
    bool to_everybody;
};

std::optional<Claim> read_arp(BytesView packet) {
    const auto arp = ArpView::of(packet);
    if (!arp) return std::nullopt;
    return Claim{{arp->sender(), arp->sender_mac()}, arp->sender() == arp->target()};
}

std::optional<Claim> read_na(BytesView packet) {
    const auto ip = Ipv6View::of(packet);
    if (!ip) return std::nullopt;
    const auto na = NeighbourView::of(*ip);
    if (!na || na->is_solicitation()) return std::nullopt;
    return Claim{{na->target(), na->link_address()}, ip->destination().is_multicast()};
}

std::optional<Claim> read_claim(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet || ethernet->vlan() != 0) return std::nullopt;
    if (ethernet->ether_type() == kEtherTypeArp) return read_arp(ethernet->payload());
    if (ethernet->ether_type() == kEtherTypeIpv6) return read_na(ethernet->payload());
    return std::nullopt;
}

} // namespace

std::size_t encode_announcement(const IpAddress& address, const MacAddress& mac, MutableBytes out) {
    assert(out.size() >= announcement_size(address.family()));
    if (address.family() == IpFamily::v4)
        // A request: some stacks ignore an unasked reply (RFC 5227 section 3).
        write_arp_request(address, address, mac, out.data());
    else
        write_unsolicited_na(address, mac, out.data());
    return announcement_size(address.family());
}

std::size_t encode_arp_request(const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
                               MutableBytes out) {
    assert(out.size() >= kArpRequestSize);
    write_arp_request(asked, asker, mac, out.data());
    return kArpRequestSize;
}

std::optional<Announcement> decode_claim(BytesView frame) {
    const std::optional<Claim> claim = read_claim(frame);
    return claim ? std::optional(claim->said) : std::nullopt;
}

std::optional<Announcement> decode_announcement(BytesView frame) {
    const std::optional<Claim> claim = read_claim(frame);
    return claim && claim->to_everybody ? std::optional(claim->said) : std::nullopt;
}

} // namespace vrrp::wire
