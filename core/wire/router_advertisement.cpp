#include "core/wire/router_advertisement.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"

#include <cassert>

namespace vrrp::wire {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kSolicitation = 133, kAdvertisement = 134; // ICMPv6 types
constexpr std::size_t kSolicitationHeader = 8, kAdvertisementHeader = 16;

struct At { // of the message
    static constexpr std::size_t type = 0, code = 1, checksum = 2, hop_limit = 4, flags = 5, lifetime = 6;
};

// Options: type, size in units of eight bytes, value.
constexpr std::uint8_t kSourceLink = 1, kPrefix = 3, kMtu = 5, kResolvers = 25, kSearched = 31;
constexpr std::size_t kUnit = 8;
constexpr std::size_t kLinkOption = 8, kMtuOption = 8, kPrefixOption = 32, kListHeader = 8;

constexpr std::uint8_t kManaged = 0x80, kOther = 0x40;      // flags of the message
constexpr std::uint8_t kOnLink = 0x80, kAutonomous = 0x40;  // of a prefix
constexpr std::uint8_t kHopLimit = 64;                      // of the packets that hosts send
constexpr Duration kValid = 30 * 24h, kPreferred = 7 * 24h; // RFC 4861 section 6.2.1

// RFC 2464 section 7.
MacAddress mac_of_group(const IpAddress& group) {
    const BytesView last = group.bytes().last(4);
    return MacAddress({0x33, 0x33, last[0], last[1], last[2], last[3]});
}

// A byte before each label, and a zero at the end.
std::size_t encoded_size(const std::string& domain) {
    return domain.size() + 2;
}

std::size_t searched_size(const RouterAdvertisement& advertisement) {
    if (advertisement.searched.empty()) return 0;
    std::size_t size = kListHeader;
    for (const std::string& domain : advertisement.searched)
        size += encoded_size(domain);
    return (size + kUnit - 1) / kUnit * kUnit;
}

std::size_t resolvers_size(const RouterAdvertisement& advertisement) {
    return advertisement.resolvers.empty() ? 0 : kListHeader + 16 * advertisement.resolvers.size();
}

std::size_t message_size(const RouterAdvertisement& advertisement) {
    return kAdvertisementHeader + kLinkOption + (advertisement.mtu ? kMtuOption : 0) +
           kPrefixOption * advertisement.prefixes.size() + resolvers_size(advertisement) +
           searched_size(advertisement);
}

std::uint32_t in_seconds(Duration time) {
    return static_cast<std::uint32_t>(time / 1s);
}

std::uint8_t* write_option(std::uint8_t type, std::size_t size, std::uint8_t* out) {
    std::fill_n(out, size, std::uint8_t{0});
    out[0] = type;
    out[1] = static_cast<std::uint8_t>(size / kUnit);
    return out + size;
}

std::uint8_t* write_source_link(const MacAddress& mac, std::uint8_t* out) {
    std::uint8_t* const end = write_option(kSourceLink, kLinkOption, out);
    store_bytes(out + 2, mac.bytes());
    return end;
}

std::uint8_t* write_mtu(std::uint32_t mtu, std::uint8_t* out) {
    std::uint8_t* const end = write_option(kMtu, kMtuOption, out);
    store_be32(out + 4, mtu);
    return end;
}

std::uint8_t* write_prefix(const IpPrefix& prefix, std::uint8_t* out) {
    constexpr std::uint8_t kLengthOfSlaac = 64; // of any interface that makes its identifier of its MAC
    std::uint8_t* const end = write_option(kPrefix, kPrefixOption, out);
    out[2] = prefix.length;
    out[3] = kOnLink | (prefix.length == kLengthOfSlaac ? kAutonomous : 0);
    store_be32(out + 4, in_seconds(kValid));
    store_be32(out + 8, in_seconds(kPreferred));
    store_bytes(out + 16, prefix.first().bytes());
    return end;
}

std::uint8_t* write_resolvers(const RouterAdvertisement& said, std::uint8_t* out) {
    std::uint8_t* const end = write_option(kResolvers, resolvers_size(said), out);
    store_be32(out + 4, in_seconds(said.resolver_lifetime));
    for (std::uint8_t* at = out + kListHeader; const IpAddress& one : said.resolvers) {
        store_bytes(at, one.bytes());
        at += 16;
    }
    return end;
}

// RFC 1035 section 3.1.
std::uint8_t* write_domain(std::string_view domain, std::uint8_t* out) {
    while (!domain.empty()) {
        const std::string_view label = domain.substr(0, domain.find('.'));
        *out++ = static_cast<std::uint8_t>(label.size());
        out = std::copy(label.begin(), label.end(), out);
        domain.remove_prefix(std::min(domain.size(), label.size() + 1));
    }
    return out + 1; // the root's label is empty
}

std::uint8_t* write_searched(const RouterAdvertisement& said, std::uint8_t* out) {
    std::uint8_t* const end = write_option(kSearched, searched_size(said), out);
    store_be32(out + 4, in_seconds(said.resolver_lifetime));
    for (std::uint8_t* at = out + kListHeader; const std::string& domain : said.searched)
        at = write_domain(domain, at);
    return end;
}

// RFC 4191 section 2.1: two bits, of which low is -1.
unsigned signed_preference(RouterPreference preference) {
    return (static_cast<unsigned>(preference) - static_cast<unsigned>(RouterPreference::medium)) & 3u;
}

void write_message(const RouterAdvertisement& said, const MacAddress& mac, std::uint8_t* out) {
    std::fill_n(out, kAdvertisementHeader, std::uint8_t{0});
    out[At::type] = kAdvertisement;
    out[At::hop_limit] = kHopLimit;
    out[At::flags] = static_cast<std::uint8_t>((said.managed ? kManaged : 0) | (said.other ? kOther : 0) |
                                               signed_preference(said.preference) << 3);
    store_be16(out + At::lifetime, static_cast<std::uint16_t>(in_seconds(said.lifetime)));
    std::uint8_t* at = write_source_link(mac, out + kAdvertisementHeader);
    if (said.mtu) at = write_mtu(*said.mtu, at);
    for (const IpPrefix& prefix : said.prefixes)
        at = write_prefix(prefix, at);
    if (!said.resolvers.empty()) at = write_resolvers(said, at);
    if (!said.searched.empty()) write_searched(said, at);
}

// Ethernet's and IP's headers before a message, and the checksum in it.
void write_around(std::size_t size, const IpAddress& source, const IpAddress& group, const MacAddress& mac,
                  std::uint8_t* frame) {
    EthernetView::write(frame, mac_of_group(group), mac, kEtherTypeIpv6);
    const IpHeader ip{
        .source = source, .destination = group, .protocol = kProtocolIcmpv6, .payload_size = size};
    write_ipv6_header(ip, frame + EthernetView::kSize);
    std::uint8_t* const message = frame + EthernetView::kSize + Ipv6View::kSize;
    InternetChecksum sum = pseudo_header_checksum(source, group, kProtocolIcmpv6, size);
    store_be16(message + At::checksum, sum.add({message, size}).value());
}

// A message of router discovery that nobody has to drop.
struct Heard {
    IpAddress source;
    BytesView message;
};

bool options_are_whole(BytesView options) {
    while (options.size() >= 2 && options[1] != 0 && options.size() >= options[1] * kUnit)
        options = options.subspan(options[1] * kUnit);
    return options.empty();
}

std::optional<Heard> heard(BytesView frame, std::uint8_t type, std::size_t header) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet || ethernet->vlan() != 0 || ethernet->ether_type() != kEtherTypeIpv6) return std::nullopt;
    const auto ip = Ipv6View::of(ethernet->payload());
    if (!ip || ip->next_header() != kProtocolIcmpv6 || ip->hop_limit() != kTtl || !ip->is_whole())
        return std::nullopt;
    const BytesView message = ip->payload();
    if (message.size() < header || message[At::type] != type || message[At::code] != 0) return std::nullopt;
    InternetChecksum sum =
        pseudo_header_checksum(ip->source(), ip->destination(), kProtocolIcmpv6, message.size());
    if (sum.add(message).value() != 0 || !options_are_whole(message.subspan(header))) return std::nullopt;
    return Heard{ip->source(), message};
}

// Precondition: the options are whole.
std::optional<MacAddress> source_link(BytesView options) {
    for (; !options.empty(); options = options.subspan(options[1] * kUnit))
        if (options[0] == kSourceLink && options[1] == 1) return MacAddress::from_bytes(&options[2]);
    return std::nullopt;
}

} // namespace

bool is_domain_name(std::string_view text) {
    constexpr std::size_t kLongest = 253, kLongestLabel = 63;
    if (text.empty() || text.size() > kLongest || text.ends_with('.')) return false;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    while (!text.empty()) {
        const std::string_view label = text.substr(0, text.find('.'));
        if (label.empty() || label.size() > kLongestLabel || !std::ranges::all_of(label, fits)) return false;
        text.remove_prefix(std::min(text.size(), label.size() + 1));
    }
    return true;
}

std::size_t packet_size(const RouterAdvertisement& advertisement) {
    return Ipv6View::kSize + message_size(advertisement);
}

std::size_t frame_size(const RouterAdvertisement& advertisement) {
    return EthernetView::kSize + packet_size(advertisement);
}

std::size_t encode(const RouterAdvertisement& advertisement, const IpAddress& source, const MacAddress& mac,
                   MutableBytes out) {
    assert(out.size() >= frame_size(advertisement));
    write_message(advertisement, mac, out.data() + EthernetView::kSize + Ipv6View::kSize);
    write_around(message_size(advertisement), source, kAllNodes, mac, out.data());
    return frame_size(advertisement);
}

std::optional<AdvertisedRouter> decode_router_advertisement(BytesView frame) {
    const auto found = heard(frame, kAdvertisement, kAdvertisementHeader);
    if (!found || !found->source.is_link_local()) return std::nullopt;
    return AdvertisedRouter{.address = found->source,
                            .mac = source_link(found->message.subspan(kAdvertisementHeader)),
                            .lifetime = load_be16(&found->message[At::lifetime]) * Duration(1s)};
}

void encode_router_solicitation(const IpAddress& source, const MacAddress& mac, MutableBytes out) {
    assert(out.size() >= kSolicitationSize);
    std::uint8_t* const message = out.data() + EthernetView::kSize + Ipv6View::kSize;
    std::fill_n(message, kSolicitationHeader, std::uint8_t{0});
    message[At::type] = kSolicitation;
    write_source_link(mac, message + kSolicitationHeader);
    write_around(kSolicitationHeader + kLinkOption, source, kAllRouters, mac, out.data());
}

bool is_router_solicitation(BytesView frame) {
    const auto found = heard(frame, kSolicitation, kSolicitationHeader);
    if (!found) return false;
    const bool nameless = found->source.is_unspecified();
    return !nameless || !source_link(found->message.subspan(kSolicitationHeader));
}

} // namespace vrrp::wire
