#include "core/wire/encode.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"

#include <cassert>

namespace vrrp::wire {
namespace {

std::size_t message_size(const Advertisement& a) {
    return kVrrpFixedSize + a.addresses.bytes().size() +
           (a.version == Version::v2 ? kAuthenticationDataSize : 0);
}

bool has_authentication_header(const Advertisement& a) {
    return a.version == Version::v2 && a.authentication_type == AuthenticationType::authentication_header;
}

std::size_t ip_payload_size(const Advertisement& a) {
    return (has_authentication_header(a) ? kAuthenticationHeaderSize : 0) + message_size(a);
}

std::size_t ip_header_size(IpFamily family) {
    return family == IpFamily::v4 ? kIpv4Size : kIpv6Size;
}

void write_ethernet(const Advertisement& a, std::uint8_t* out) {
    const IpFamily family = a.source.family();
    store_bytes(out, group_mac(family).bytes());
    store_bytes(out + kMacSize, a.source_mac.bytes());
    store_be16(out + 12, family == IpFamily::v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
}

void write_ipv4(const Advertisement& a, std::uint8_t* out) {
    out[0] = 0x45;
    out[1] = kDscpNetworkControl;
    store_be16(out + 2, static_cast<std::uint16_t>(kIpv4Size + ip_payload_size(a)));
    store_be16(out + 4, 0);      // RFC 6864: a datagram that is never fragmented needs no identification,
    store_be16(out + 6, 0x4000); // and says so by "don't fragment"
    out[8] = kTtl;
    out[9] = has_authentication_header(a) ? kProtocolAh : kProtocolVrrp;
    store_be16(out + 10, 0);
    store_bytes(out + 12, a.source.bytes());
    store_bytes(out + 16, kGroupV4.bytes());
    store_be16(out + 10, InternetChecksum().add({out, kIpv4Size}).value());
}

void write_ipv6(const Advertisement& a, std::uint8_t* out) {
    store_be32(out, 6u << 28 | std::uint32_t{kDscpNetworkControl} << 20);
    store_be16(out + 4, static_cast<std::uint16_t>(message_size(a)));
    out[6] = kProtocolVrrp;
    out[7] = kTtl;
    store_bytes(out + 8, a.source.bytes());
    store_bytes(out + 24, kGroupV6.bytes());
}

// RFC 2402 section 2.
void write_authentication_header(const AuthenticationHeader& header, std::uint8_t* out) {
    out[0] = kProtocolVrrp;
    out[1] = kAuthenticationHeaderSize / 4 - 2;
    store_be16(out + 2, 0);
    store_be32(out + 4, header.spi);
    store_be32(out + 8, header.sequence);
    store_bytes(out + 12, header.icv);
}

// The key of an authentication header must never be read in the clear, where a password stands.
AuthenticationData authentication_data(const Advertisement& a) {
    return has_authentication_header(a) ? AuthenticationData{} : a.authentication_data;
}

// Interval and, in v2, authentication type: bytes 4 and 5 of the message.
std::uint16_t interval_field(const Advertisement& a) {
    using namespace std::chrono_literals;
    if (a.version == Version::v3) return static_cast<std::uint16_t>(a.interval / 10ms);
    return static_cast<std::uint16_t>(static_cast<unsigned>(a.authentication_type) << 8 | a.interval / 1s);
}

void write_vrrp(const Advertisement& a, MutableBytes out) {
    const IpFamily family = a.source.family();
    out[0] = static_cast<std::uint8_t>(static_cast<unsigned>(a.version) << 4 | kTypeAdvertisement);
    out[1] = a.vrid;
    out[2] = a.priority;
    out[3] = static_cast<std::uint8_t>(a.addresses.size());
    store_be16(&out[4], interval_field(a));
    store_be16(&out[6], 0);
    store_bytes(&out[kVrrpFixedSize], a.addresses.bytes());
    if (a.version == Version::v2)
        store_bytes(&out[out.size() - kAuthenticationDataSize], authentication_data(a));

    InternetChecksum sum;
    sum.add(out);
    // RFC 9568 section 5.2.8: always over IPv6; over IPv4 as the configuration says.
    if (family == IpFamily::v6 ||
        (a.version == Version::v3 && a.checksum_form == ChecksumForm::with_pseudo_header)) {
        sum.add(a.source.bytes()).add(group_address(family).bytes());
        sum.add16(static_cast<std::uint16_t>(out.size())).add16(kProtocolVrrp);
    }
    store_be16(&out[6], sum.value());
}

} // namespace

std::size_t encoded_size(const Advertisement& a) {
    return kEthernetSize + ip_header_size(a.source.family()) + ip_payload_size(a);
}

std::size_t encode(const Advertisement& a, MutableBytes out) {
    const std::size_t size = encoded_size(a);
    const IpFamily family = a.source.family();
    assert(out.size() >= size && a.addresses.family() == family);
    write_ethernet(a, out.data());
    if (family == IpFamily::v4)
        write_ipv4(a, out.data() + kEthernetSize);
    else
        write_ipv6(a, out.data() + kEthernetSize);
    if (has_authentication_header(a)) {
        assert(family == IpFamily::v4 && a.authentication_header);
        write_authentication_header(*a.authentication_header, out.data() + kEthernetSize + kIpv4Size);
    }
    write_vrrp(a, out.first(size).last(message_size(a)));
    return size;
}

} // namespace vrrp::wire
