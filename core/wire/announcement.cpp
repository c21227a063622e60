#include "core/wire/announcement.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"

#include <algorithm>
#include <cassert>

namespace vrrp::wire {
namespace {

// An ARP request over Ethernet for IPv4 (RFC 826), up to its sender.
constexpr std::uint8_t kArpRequest[] = {0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01};
constexpr std::size_t kArpSize = 28;

constexpr IpAddress kAllNodes = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
constexpr MacAddress kAllNodesMac({0x33, 0x33, 0, 0, 0, 1});
constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::size_t kNeighbourAdvertisementSize = 32; // with the option of the link-layer address
constexpr std::uint8_t kFlagsRouterOverride = 0xa0;

void write_ethernet(const MacAddress& to, const MacAddress& from, std::uint16_t ether_type,
                    std::uint8_t* out) {
    store_bytes(out, to.bytes());
    store_bytes(out + kMacSize, from.bytes());
    store_be16(out + 12, ether_type);
}

void write_arp_request(const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
                       std::uint8_t* out) {
    write_ethernet(kBroadcastMac, mac, kEtherTypeArp, out);
    std::uint8_t* arp = out + kEthernetSize;
    store_bytes(arp, kArpRequest);
    store_bytes(arp + 8, mac.bytes());
    store_bytes(arp + 14, asker.bytes());
    std::fill_n(arp + 18, kMacSize, std::uint8_t{0});
    store_bytes(arp + 24, asked.bytes());
}

void write_unsolicited_na(const IpAddress& address, const MacAddress& mac, std::uint8_t* out) {
    write_ethernet(kAllNodesMac, mac, kEtherTypeIpv6, out);
    std::uint8_t* ip = out + kEthernetSize;
    store_be32(ip, 6u << 28);
    store_be16(ip + 4, kNeighbourAdvertisementSize);
    ip[6] = kProtocolIcmpv6;
    ip[7] = kTtl;
    store_bytes(ip + 8, address.bytes());
    store_bytes(ip + 24, kAllNodes.bytes());

    std::uint8_t* na = ip + kIpv6Size;
    na[0] = kNeighbourAdvertisement;
    na[1] = 0;
    store_be16(na + 2, 0);
    store_be32(na + 4, std::uint32_t{kFlagsRouterOverride} << 24);
    store_bytes(na + 8, address.bytes());
    na[24] = 2; // option: target link-layer address,
    na[25] = 1; // eight bytes
    store_bytes(na + 26, mac.bytes());
    const InternetChecksum sum = InternetChecksum()
                                     .add({ip + 8, 32})
                                     .add16(kNeighbourAdvertisementSize)
                                     .add16(kProtocolIcmpv6)
                                     .add({na, kNeighbourAdvertisementSize});
    store_be16(na + 2, sum.value());
}

std::optional<Announcement> read_arp_sender(BytesView arp) {
    if (arp.size() < kArpSize || !std::equal(arp.begin(), arp.begin() + 7, kArpRequest)) return std::nullopt;
    if (arp[7] != 1 && arp[7] != 2) return std::nullopt; // request or reply
    return Announcement{IpAddress::from_bytes(IpFamily::v4, &arp[14]), MacAddress::from_bytes(&arp[8])};
}

std::optional<Announcement> read_na(BytesView ip) {
    if (ip.size() < kIpv6Size + kNeighbourAdvertisementSize || ip[6] != kProtocolIcmpv6 || ip[7] != kTtl)
        return std::nullopt;
    const std::uint8_t* na = ip.data() + kIpv6Size;
    if (na[0] != kNeighbourAdvertisement || na[24] != 2 || na[25] != 1) return std::nullopt;
    return Announcement{IpAddress::from_bytes(IpFamily::v6, na + 8), MacAddress::from_bytes(na + 26)};
}

} // namespace

std::size_t encode_announcement(const IpAddress& address, const MacAddress& mac, MutableBytes out) {
    assert(out.size() >= announcement_size(address.family()));
    if (address.family() ==
        IpFamily::v4) // a request: some stacks ignore an unasked reply (RFC 5227 section 3)
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
    if (frame.size() < kEthernetSize) return std::nullopt;
    const std::uint16_t ether_type = load_be16(&frame[12]);
    if (ether_type == kEtherTypeArp) return read_arp_sender(frame.subspan(kEthernetSize));
    if (ether_type == kEtherTypeIpv6) return read_na(frame.subspan(kEthernetSize));
    return std::nullopt;
}

std::optional<Announcement> decode_announcement(BytesView frame) {
    const std::optional<Announcement> claim = decode_claim(frame);
    if (!claim) return std::nullopt;
    const std::uint8_t* body = frame.data() + kEthernetSize;
    const bool unasked = claim->address.family() == IpFamily::v4
                             ? std::equal(body + 14, body + 18, body + 24) // about itself
                             : body[24] == 0xff;                           // to a group
    return unasked ? claim : std::nullopt;
}

} // namespace vrrp::wire
