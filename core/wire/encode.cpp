#include "core/wire/encode.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

#include <cassert>

namespace vrrp::wire {
namespace {

constexpr std::uint8_t kDscpNetworkControl = 0xc0; // CS6, as routing protocols and the peers use

std::size_t message_size(Version version, IpFamily family, std::size_t addresses) {
    return VrrpView::kSize + addresses * address_size(family) +
           (version == Version::v2 ? kAuthenticationDataSize : 0);
}

std::size_t message_size(const Advertisement& a) {
    return message_size(a.version, a.source.family(), a.addresses.size());
}

bool has_authentication_header(const Advertisement& a) {
    return a.version == Version::v2 && a.authentication_type == AuthenticationType::authentication_header;
}

std::size_t ip_payload_size(const Advertisement& a) {
    return (has_authentication_header(a) ? AuthenticationHeaderView::kSize : 0) + message_size(a) +
           (a.hmac ? HmacTrailerView::kSize : 0);
}

IpHeader ip_header(const Advertisement& a, const IpAddress& destination) {
    return {.source = a.source,
            .destination = destination,
            .protocol = has_authentication_header(a) ? kProtocolAh : kProtocolVrrp,
            .ttl = a.ttl,
            .traffic_class = kDscpNetworkControl,
            .payload_size = ip_payload_size(a)};
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

// `payload` is the message and what follows it, which over IPv6 is under its checksum too.
void write_vrrp(const Advertisement& a, const IpAddress& destination, MutableBytes payload) {
    using At = VrrpView::At;
    const IpFamily family = a.source.family();
    const MutableBytes out = payload.first(message_size(a));
    out[At::version_and_type] =
        static_cast<std::uint8_t>(static_cast<unsigned>(a.version) << 4 | kTypeAdvertisement);
    out[At::vrid] = a.vrid;
    out[At::priority] = a.priority;
    out[At::count] = static_cast<std::uint8_t>(a.addresses.size());
    store_be16(&out[At::authentication_type], interval_field(a));
    store_be16(&out[At::checksum], 0);
    store_bytes(&out[At::addresses], a.addresses.bytes());
    if (a.version == Version::v2)
        store_bytes(&out[out.size() - kAuthenticationDataSize], authentication_data(a));

    // RFC 9568 section 5.2.8: always over IPv6; over IPv4 as the configuration says.
    const bool with_pseudo_header =
        family == IpFamily::v6 ||
        (a.version == Version::v3 && a.checksum_form == ChecksumForm::with_pseudo_header);
    const BytesView covered = family == IpFamily::v6 ? BytesView(payload) : out;
    InternetChecksum sum;
    if (with_pseudo_header)
        sum = pseudo_header_checksum(a.source, destination, kProtocolVrrp, covered.size());
    store_be16(&out[At::checksum], sum.add(covered).value());
}

std::size_t write_packet(const Advertisement& a, const IpAddress& destination, MutableBytes out) {
    const std::size_t size = packet_size(a);
    const IpFamily family = a.source.family();
    assert(out.size() >= size && a.addresses.family() == family && destination.family() == family);
    write_ip_header(ip_header(a, destination), out.data());
    if (has_authentication_header(a)) {
        assert(family == IpFamily::v4 && a.authentication_header);
        const AuthenticationHeader& header = *a.authentication_header;
        AuthenticationHeaderView::write(out.data() + ip_header_size(family), kProtocolVrrp, header.spi,
                                        header.sequence, header.icv);
    }
    const std::size_t trailer = a.hmac ? HmacTrailerView::kSize : 0;
    if (a.hmac) HmacTrailerView::write(&out[size - trailer], a.hmac->key_id, a.hmac->sequence, a.hmac->code);
    write_vrrp(a, destination, out.first(size).last(message_size(a) + trailer));
    return size;
}

} // namespace

std::size_t packet_size(Version version, IpFamily family, AuthenticationType authentication, bool hmac,
                        std::size_t addresses) {
    const bool header = version == Version::v2 && authentication == AuthenticationType::authentication_header;
    return ip_header_size(family) + (header ? AuthenticationHeaderView::kSize : 0) +
           message_size(version, family, addresses) + (hmac ? HmacTrailerView::kSize : 0);
}

std::size_t packet_size(const Advertisement& a) {
    return ip_header_size(a.source.family()) + ip_payload_size(a);
}

std::size_t encode_packet(const Advertisement& a, MutableBytes out) {
    return write_packet(a, a.destination, out);
}

std::size_t encoded_size(const Advertisement& a) {
    return EthernetView::kSize + packet_size(a);
}

std::size_t encode(const Advertisement& a, MutableBytes out) {
    const IpFamily family = a.source.family();
    EthernetView::write(out.data(), group_mac(family), a.source_mac, ether_type_of(family));
    return EthernetView::kSize + write_packet(a, group_address(family), out.subspan(EthernetView::kSize));
}

} // namespace vrrp::wire
