#include "core/wire/decode.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

namespace vrrp::wire {
namespace {

// What is left to read, and what the headers read so far have said.
struct Packet {
    BytesView rest;
    Advertisement& advertisement;
    std::uint8_t protocol = 0;
    DecodeError error{};

    // Every step is true when it went well, and ends with `return packet.refuse(...)` when not: results that
    // do not fit a register cost more here than the reading.
    bool refuse(DropReason reason, std::size_t seen = 0, std::size_t expected = 0) {
        error = {reason, static_cast<std::uint32_t>(seen), static_cast<std::uint32_t>(expected)};
        return false;
    }
};

bool read_ipv4(Packet& packet) {
    const auto ip = Ipv4View::of(packet.rest);
    if (!ip || (ip->protocol() != kProtocolVrrp && ip->protocol() != kProtocolAh))
        return packet.refuse(DropReason::not_vrrp);
    if (!ip->is_well_formed()) return packet.refuse(DropReason::ip_header);
    if (!ip->is_whole()) return packet.refuse(DropReason::truncated, packet.rest.size(), ip->total_size());
    if (!ip->has_right_checksum()) return packet.refuse(DropReason::ip_checksum);
    if (ip->is_fragment()) return packet.refuse(DropReason::fragment);
    packet.protocol = ip->protocol();
    packet.advertisement.ttl = ip->ttl();
    packet.advertisement.source = ip->source();
    packet.advertisement.destination = ip->destination();
    packet.rest = ip->payload();
    return true;
}

bool read_ipv6(Packet& packet) {
    const auto ip = Ipv6View::of(packet.rest);
    if (!ip) return packet.refuse(DropReason::not_vrrp);
    const auto upper = ip->upper();
    if (!upper) return packet.refuse(DropReason::not_vrrp);
    if (upper->is_fragment_of(kProtocolVrrp)) return packet.refuse(DropReason::fragment);
    if (upper->protocol != kProtocolVrrp) return packet.refuse(DropReason::not_vrrp);
    if (!ip->is_whole()) return packet.refuse(DropReason::truncated, packet.rest.size(), ip->total_size());
    packet.protocol = upper->protocol;
    packet.advertisement.ttl = ip->hop_limit();
    packet.advertisement.source = ip->source();
    packet.advertisement.destination = ip->destination();
    packet.rest = upper->bytes;
    return true;
}

// What it vouches for is checked by who has the key.
bool read_authentication_header(Packet& packet) {
    const auto ah = AuthenticationHeaderView::of(packet.rest);
    if (!ah || ah->next_header() != kProtocolVrrp) return packet.refuse(DropReason::not_vrrp);
    if (ah->size() != AuthenticationHeaderView::kSize)
        return packet.refuse(DropReason::authentication_header);
    AuthenticationHeader& header = packet.advertisement.authentication_header.emplace();
    header.spi = ah->spi();
    header.sequence = ah->sequence();
    store_bytes(header.icv.data(), ah->icv());
    packet.rest = packet.rest.subspan(AuthenticationHeaderView::kSize);
    return true;
}

// `message` is what the checksum covers.
bool check_checksum(Packet& packet, BytesView message) {
    Advertisement& a = packet.advertisement;
    InternetChecksum sum;
    sum.add(message);
    const std::uint16_t over_message = sum.value();
    a.checksum_form = ChecksumForm::message_only;
    if (over_message == 0 && a.source.family() == IpFamily::v4) return true;
    std::uint16_t difference = over_message;
    if (a.version == Version::v3) {
        sum.add(a.source.bytes()).add(a.destination.bytes());
        sum.add16(static_cast<std::uint16_t>(message.size())).add16(kProtocolVrrp);
        difference = sum.value();
        a.checksum_form = ChecksumForm::with_pseudo_header;
    }
    if (difference == 0) return true;
    // In one's complement, what is wrong with the whole sum is what is wrong with the field.
    const std::uint16_t seen = load_be16(&message[VrrpView::At::checksum]);
    const std::uint32_t right = std::uint32_t{seen} + difference;
    return packet.refuse(DropReason::checksum, seen, (right & 0xffff) + (right >> 16));
}

bool read_interval_and_authentication(Packet& packet, const VrrpView& vrrp) {
    using namespace std::chrono_literals;
    Advertisement& a = packet.advertisement;
    if (a.version == Version::v3) {
        a.interval = vrrp.centiseconds() * Duration(10ms);
    } else {
        a.interval = vrrp.seconds() * Duration(1s);
        const unsigned type = vrrp.authentication_type();
        if (type > 2) return packet.refuse(DropReason::authentication, type);
        a.authentication_type = static_cast<AuthenticationType>(type);
        if (a.authentication_type == AuthenticationType::simple_text)
            store_bytes(a.authentication_data.data(), packet.rest.last(kAuthenticationDataSize));
    }
    if (a.interval == 0ns) return packet.refuse(DropReason::interval_zero);
    const bool wants_header = a.authentication_type == AuthenticationType::authentication_header;
    if (wants_header != a.authentication_header.has_value())
        return packet.refuse(DropReason::authentication_header);
    return true;
}

// What it vouches for is checked by who has the key.
bool read_trailer(Packet& packet, const HmacTrailerView& trailer) {
    if (!trailer.is_well_formed()) return packet.refuse(DropReason::trailer);
    HmacTrailer& hmac = packet.advertisement.hmac.emplace();
    hmac.key_id = trailer.key_id();
    hmac.sequence = trailer.sequence();
    store_bytes(hmac.code.data(), trailer.code());
    return true;
}

bool read_vrrp(Packet& packet) {
    Advertisement& a = packet.advertisement;
    const BytesView message = packet.rest;
    const IpFamily family = a.source.family();
    // How far a packet to one router alone may have come is for that one to say.
    if (a.ttl != kTtl && a.destination.is_multicast()) return packet.refuse(DropReason::ttl, a.ttl, kTtl);
    if (message.empty()) return packet.refuse(DropReason::length, 0, VrrpView::kSize);

    const unsigned version = VrrpView::version(message);
    if (version != 3 && !(version == 2 && family == IpFamily::v4))
        return packet.refuse(DropReason::version, version);
    a.version = static_cast<Version>(version);
    const auto vrrp = VrrpView::of(message);
    if (!vrrp) return packet.refuse(DropReason::length, message.size(), VrrpView::kSize);
    const std::size_t addresses_size = vrrp->count() * address_size(family);
    const std::size_t size =
        VrrpView::kSize + addresses_size + (a.version == Version::v2 ? kAuthenticationDataSize : 0);
    const bool has_trailer = message.size() == size + HmacTrailerView::kSize;
    if (message.size() != size && !has_trailer)
        return packet.refuse(DropReason::address_count, message.size(), size);
    if (!check_checksum(packet, family == IpFamily::v6 ? message : message.first(size))) return false;
    packet.rest = message.first(size);
    if (has_trailer && !read_trailer(packet, HmacTrailerView(message.subspan(size)))) return false;

    if (vrrp->type() != kTypeAdvertisement)
        return packet.refuse(DropReason::type, vrrp->type(), kTypeAdvertisement);
    a.vrid = vrrp->vrid();
    a.priority = vrrp->priority();
    a.addresses = AddressList(family, message.subspan(VrrpView::kSize, addresses_size));
    if (a.vrid == 0) return packet.refuse(DropReason::vrid_zero);
    if (a.addresses.empty()) return packet.refuse(DropReason::no_addresses);
    if (!read_interval_and_authentication(packet, *vrrp)) return false;
    if (a.source.is_unspecified() || a.source.is_multicast() || a.source.is_broadcast())
        return packet.refuse(DropReason::source);
    return true;
}

bool read_packet(Packet& packet, std::uint16_t ether_type) {
    switch (ether_type) {
    case kEtherTypeIpv4:
        if (!read_ipv4(packet)) return false;
        break;
    case kEtherTypeIpv6:
        if (!read_ipv6(packet)) return false;
        break;
    default: return packet.refuse(DropReason::not_vrrp);
    }
    if (packet.protocol == kProtocolAh && !read_authentication_header(packet)) return false;
    return read_vrrp(packet);
}

tl::expected<Advertisement, DecodeError> decode_packet(const LinkPacket& link) {
    static constexpr Advertisement kBlank{};
    tl::expected<Advertisement, DecodeError> result(kBlank); // filled in place: too big to hand around
    if (link.source_mac) result->source_mac = *link.source_mac;
    result->vlan = link.vlan;
    Packet packet{link.bytes, *result};
    if (!read_packet(packet, link.ether_type)) result = tl::unexpected(packet.error);
    return result;
}

} // namespace

tl::expected<Advertisement, DecodeError> decode(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet) return tl::unexpected(DecodeError{DropReason::not_vrrp});
    return decode_packet(ethernet->packet());
}

} // namespace vrrp::wire
