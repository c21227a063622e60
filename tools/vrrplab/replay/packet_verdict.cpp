#include "tools/vrrplab/replay/packet_verdict.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

namespace vrrplab {
namespace {

using namespace vrrp;
using namespace vrrp::wire;

Glimpse glimpse(const Advertisement& a) {
    return {static_cast<unsigned>(a.version), a.vrid, a.priority, a.source, a.vlan};
}

// The fields as far as the message goes.
void glimpse_message(BytesView message, Glimpse& seen) {
    using At = VrrpView::At;
    if (message.size() > At::version_and_type) seen.version = VrrpView::version(message);
    if (message.size() > At::vrid) seen.vrid = message[At::vrid];
    if (message.size() > At::priority) seen.priority = message[At::priority];
}

// What comes behind a header that lies about its size cannot be told.
bool has_message(DropReason reason) {
    return reason != DropReason::ip_header && reason != DropReason::fragment;
}

void glimpse_ipv4(BytesView packet, DropReason reason, Glimpse& seen) {
    const auto ip = Ipv4View::of(packet);
    if (!ip) return;
    seen.source = ip->source();
    if (!has_message(reason)) return;
    const std::size_t message =
        ip->header_size() + (ip->protocol() == kProtocolAh ? AuthenticationHeaderView::kSize : 0);
    if (packet.size() > message) glimpse_message(packet.subspan(message), seen);
}

void glimpse_ipv6(BytesView packet, DropReason reason, Glimpse& seen) {
    const auto ip = Ipv6View::of(packet);
    if (!ip) return;
    seen.source = ip->source();
    const auto upper = ip->upper();
    if (has_message(reason) && upper && upper->protocol == kProtocolVrrp) glimpse_message(upper->bytes, seen);
}

Glimpse glimpse_refused(BytesView frame, DropReason reason) {
    Glimpse seen;
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet) return seen;
    seen.vlan = ethernet->vlan();
    if (ethernet->ether_type() == kEtherTypeIpv6)
        glimpse_ipv6(ethernet->payload(), reason, seen);
    else
        glimpse_ipv4(ethernet->payload(), reason, seen);
    return seen;
}

// CARP has a counter and an SHA-1 code where VRRP has addresses, and 7 where that counts them.
bool is_carp(BytesView message) {
    constexpr std::size_t kSize = 36;
    return message.size() == kSize && message[0] == 0x21 && message[3] == 7 && message[4] == 0;
}

} // namespace

Dialect dialect_of(BytesView frame) {
    const auto ethernet = EthernetView::of(frame);
    const auto ip = ethernet && ethernet->ether_type() == kEtherTypeIpv4 ? Ipv4View::of(ethernet->payload())
                                                                         : std::nullopt;
    if (!ip || !ip->is_well_formed() || !ip->is_whole() || ip->protocol() != kProtocolVrrp) return {};
    const BytesView message = ip->payload();
    if (is_carp(message)) return {.kind = Dialect::carp, .vrid = message[1], .advertisement = std::nullopt};
    constexpr std::size_t kHeader = 8, kAuthentication = 8;
    if (message.size() < kHeader + kAuthentication || message[0] != 0x21 || message[4] != kCiscoMd5)
        return {};
    const std::size_t addresses = std::size_t{message[3]} * 4;
    if (addresses == 0 || message.size() < kHeader + addresses + kAuthentication) return {};
    Advertisement said;
    said.version = Version::v2;
    said.vrid = message[1];
    said.priority = message[2];
    said.interval = message[5] * Duration(std::chrono::seconds(1));
    said.addresses = AddressList(IpFamily::v4, message.subspan(kHeader, addresses));
    said.source = ip->source();
    said.destination = ip->destination();
    said.source_mac = ethernet->source();
    said.vlan = ethernet->vlan();
    if (said.interval == Duration{}) return {};
    return {.kind = Dialect::cisco_md5, .vrid = said.vrid, .advertisement = said};
}

Glimpse glimpse(BytesView frame, const Decoded& decoded) {
    return decoded ? glimpse(*decoded) : glimpse_refused(frame, decoded.error().reason);
}

const char* verdict(const Decoded& decoded) {
    return decoded ? "accepted" : to_string(decoded.error().reason);
}

} // namespace vrrplab
