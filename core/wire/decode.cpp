#include "core/wire/decode.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"

namespace vrrp::wire {
namespace {

// What is left to read, and what the headers read so far have said.
struct Packet {
    BytesView rest;
    Advertisement& advertisement;
    std::uint8_t protocol = 0;
    std::uint8_t ttl = 0;
    DecodeError error{};

    // Every step is true when it went well, and ends with `return packet.refuse(...)` when not: results that
    // do not fit a register cost more here than the reading.
    bool refuse(DropReason reason, std::size_t seen = 0, std::size_t expected = 0) {
        error = {reason, static_cast<std::uint32_t>(seen), static_cast<std::uint32_t>(expected)};
        return false;
    }
};

bool read_ethernet(Packet& packet, std::uint16_t& ether_type) {
    const BytesView frame = packet.rest;
    if (frame.size() < kEthernetSize) return packet.refuse(DropReason::not_vrrp);
    packet.advertisement.source_mac =
        MacAddress({frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]});
    ether_type = load_be16(&frame[12]);
    std::size_t size = kEthernetSize;
    if (ether_type == kEtherTypeVlan) {
        if (frame.size() < kEthernetSize + kVlanTagSize) return packet.refuse(DropReason::not_vrrp);
        packet.advertisement.vlan = load_be16(&frame[14]) & 0x0fff;
        ether_type = load_be16(&frame[16]);
        size += kVlanTagSize;
    }
    packet.rest = frame.subspan(size);
    return true;
}

bool read_ipv4(Packet& packet) {
    const BytesView ip = packet.rest;
    if (ip.size() < kIpv4Size) return packet.refuse(DropReason::not_vrrp);
    packet.protocol = ip[9];
    if (packet.protocol != kProtocolVrrp && packet.protocol != kProtocolAh)
        return packet.refuse(DropReason::not_vrrp);
    const std::size_t header_size = std::size_t{ip[0] & 0x0fu} * 4;
    const std::size_t total_size = load_be16(&ip[2]);
    if (ip[0] >> 4 != 4 || header_size < kIpv4Size || total_size < header_size)
        return packet.refuse(DropReason::ip_header);
    if (ip.size() < total_size) return packet.refuse(DropReason::truncated, ip.size(), total_size);
    if (InternetChecksum().add(ip.first(header_size)).value() != 0)
        return packet.refuse(DropReason::ip_checksum);
    if ((load_be16(&ip[6]) & 0x3fff) != 0)
        return packet.refuse(DropReason::fragment); // offset, or more to come
    packet.ttl = ip[8];
    packet.advertisement.source = IpAddress::from_bytes(IpFamily::v4, &ip[12]);
    packet.advertisement.destination = IpAddress::from_bytes(IpFamily::v4, &ip[16]);
    packet.rest = ip.subspan(header_size, total_size - header_size); // Ethernet's padding is left behind
    return true;
}

// Hop-by-hop options, routing header, destination options: nobody needs them around VRRP, but they are legal.
bool is_skippable_extension(std::uint8_t protocol) {
    return protocol == 0 || protocol == 43 || protocol == 60;
}

bool read_ipv6(Packet& packet) {
    constexpr std::uint8_t kFragment = 44;
    const BytesView ip = packet.rest;
    if (ip.size() < kIpv6Size || ip[0] >> 4 != 6) return packet.refuse(DropReason::not_vrrp);
    const std::size_t payload_size = load_be16(&ip[4]);
    packet.protocol = ip[6];
    packet.ttl = ip[7];
    packet.advertisement.source = IpAddress::from_bytes(IpFamily::v6, &ip[8]);
    packet.advertisement.destination = IpAddress::from_bytes(IpFamily::v6, &ip[24]);
    if (packet.protocol == kProtocolVrrp && ip.size() < kIpv6Size + payload_size)
        return packet.refuse(DropReason::truncated, ip.size(), kIpv6Size + payload_size);
    BytesView payload = ip.subspan(kIpv6Size, std::min(payload_size, ip.size() - kIpv6Size));
    while (is_skippable_extension(packet.protocol)) {
        if (payload.size() < 8) return packet.refuse(DropReason::not_vrrp);
        const std::size_t size = (std::size_t{payload[1]} + 1) * 8;
        if (payload.size() < size) return packet.refuse(DropReason::not_vrrp);
        packet.protocol = payload[0];
        payload = payload.subspan(size);
    }
    if (packet.protocol == kFragment && payload.size() >= 8 && payload[0] == kProtocolVrrp)
        return packet.refuse(DropReason::fragment);
    if (packet.protocol != kProtocolVrrp) return packet.refuse(DropReason::not_vrrp);
    packet.rest = payload;
    return true;
}

// RFC 2402 section 2. What it vouches for is checked by who has the key.
bool read_authentication_header(Packet& packet) {
    const BytesView ah = packet.rest;
    if (ah.size() < kAuthenticationHeaderSize || ah[0] != kProtocolVrrp)
        return packet.refuse(DropReason::not_vrrp);
    const std::size_t size = (std::size_t{ah[1]} + 2) * 4;
    if (size != kAuthenticationHeaderSize) return packet.refuse(DropReason::authentication_header);
    AuthenticationHeader& header = packet.advertisement.authentication_header.emplace();
    header.spi = load_be32(&ah[4]);
    header.sequence = load_be32(&ah[8]);
    std::memcpy(header.icv.data(), &ah[12], header.icv.size());
    packet.rest = ah.subspan(size);
    return true;
}

bool check_checksum(Packet& packet) {
    Advertisement& a = packet.advertisement;
    const BytesView message = packet.rest;
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
    const std::uint16_t seen = load_be16(&message[6]);
    const std::uint32_t right = std::uint32_t{seen} + difference;
    return packet.refuse(DropReason::checksum, seen, (right & 0xffff) + (right >> 16));
}

bool read_interval_and_authentication(Packet& packet) {
    using namespace std::chrono_literals;
    Advertisement& a = packet.advertisement;
    const BytesView message = packet.rest;
    if (a.version == Version::v3) {
        // RFC 9568 section 5.2.6: the four reserved bits are ignored.
        a.interval = (load_be16(&message[4]) & 0x0fff) * Duration(10ms);
    } else {
        a.interval = message[5] * Duration(1s);
        if (message[4] > 2) return packet.refuse(DropReason::authentication, message[4]);
        a.authentication_type = static_cast<AuthenticationType>(message[4]);
        if (a.authentication_type == AuthenticationType::simple_text)
            std::memcpy(a.authentication_data.data(), message.last(kAuthenticationDataSize).data(),
                        kAuthenticationDataSize);
    }
    if (a.interval == 0ns) return packet.refuse(DropReason::interval_zero);
    const bool wants_header = a.authentication_type == AuthenticationType::authentication_header;
    if (wants_header != a.authentication_header.has_value())
        return packet.refuse(DropReason::authentication_header);
    return true;
}

bool read_vrrp(Packet& packet) {
    Advertisement& a = packet.advertisement;
    const BytesView message = packet.rest;
    const IpFamily family = a.source.family();
    if (packet.ttl != kTtl) return packet.refuse(DropReason::ttl, packet.ttl, kTtl);
    if (message.empty()) return packet.refuse(DropReason::length, 0, kVrrpFixedSize);

    const unsigned version = message[0] >> 4;
    if (version != 3 && !(version == 2 && family == IpFamily::v4))
        return packet.refuse(DropReason::version, version);
    a.version = static_cast<Version>(version);
    if (message.size() < kVrrpFixedSize)
        return packet.refuse(DropReason::length, message.size(), kVrrpFixedSize);
    const std::size_t addresses_size = message[3] * address_size(family);
    const std::size_t size =
        kVrrpFixedSize + addresses_size + (a.version == Version::v2 ? kAuthenticationDataSize : 0);
    if (message.size() != size) return packet.refuse(DropReason::address_count, message.size(), size);
    if (!check_checksum(packet)) return false;

    const unsigned type = message[0] & 0x0f;
    if (type != kTypeAdvertisement) return packet.refuse(DropReason::type, type, kTypeAdvertisement);
    a.vrid = message[1];
    a.priority = message[2];
    a.addresses = AddressList(family, message.subspan(kVrrpFixedSize, addresses_size));
    if (a.vrid == 0) return packet.refuse(DropReason::vrid_zero);
    if (a.addresses.empty()) return packet.refuse(DropReason::no_addresses);
    if (!read_interval_and_authentication(packet)) return false;
    if (a.source.is_unspecified() || a.source.is_multicast() || a.source.is_broadcast())
        return packet.refuse(DropReason::source);
    return true;
}

bool read_frame(Packet& packet) {
    std::uint16_t ether_type = 0;
    if (!read_ethernet(packet, ether_type)) return false;
    if (ether_type == kEtherTypeIpv4) {
        if (!read_ipv4(packet)) return false;
    } else if (ether_type == kEtherTypeIpv6) {
        if (!read_ipv6(packet)) return false;
    } else {
        return packet.refuse(DropReason::not_vrrp);
    }
    if (packet.protocol == kProtocolAh && !read_authentication_header(packet)) return false;
    return read_vrrp(packet);
}

} // namespace

tl::expected<Advertisement, DecodeError> decode(BytesView frame) {
    static constexpr Advertisement kBlank{};
    tl::expected<Advertisement, DecodeError> result(kBlank); // filled in place: too big to hand around
    Packet packet{frame, *result};
    if (!read_frame(packet)) result = tl::unexpected(packet.error);
    return result;
}

} // namespace vrrp::wire
