#include "tools/vrrplab/replay/packet_verdict.hpp"

#include "core/wire/frame_layout.hpp"

namespace vrrplab {
namespace {

using namespace vrrp;
using namespace vrrp::wire;

Glimpse glimpse(const Advertisement& a) {
    return {static_cast<unsigned>(a.version), a.vrid, a.priority, a.source, a.vlan};
}

// Where the VRRP message is in `packet`, an IP packet at least as long as its fixed header.
std::optional<std::size_t> message_offset(BytesView packet, IpFamily family) {
    if (family == IpFamily::v6) {
        if (packet[6] != kProtocolVrrp) return std::nullopt; // an extension header
        return kIpv6Size;
    }
    const std::size_t header = std::size_t{packet[0] & 0x0fu} * 4;
    return header + (packet[9] == kProtocolAh ? kAuthenticationHeaderSize : 0);
}

Glimpse glimpse_refused(BytesView frame, DropReason reason) {
    Glimpse seen;
    std::size_t ip = kEthernetSize;
    if (load_be16(&frame[12]) == kEtherTypeVlan) {
        seen.vlan = load_be16(&frame[14]) & 0x0fff;
        ip += kVlanTagSize;
    }
    const bool v6 = load_be16(&frame[ip - 2]) == kEtherTypeIpv6;
    const BytesView packet = frame.subspan(ip);
    if (packet.size() < (v6 ? kIpv6Size : kIpv4Size)) return seen;
    const IpFamily family = v6 ? IpFamily::v6 : IpFamily::v4;
    seen.source = IpAddress::from_bytes(family, &packet[v6 ? 8 : 12]);
    if (reason == DropReason::ip_header || reason == DropReason::fragment) return seen;
    const auto message = message_offset(packet, family);
    if (!message) return seen;
    if (packet.size() > *message) seen.version = packet[*message] >> 4;
    if (packet.size() > *message + 1) seen.vrid = packet[*message + 1];
    if (packet.size() > *message + 2) seen.priority = packet[*message + 2];
    return seen;
}

} // namespace

Glimpse glimpse(BytesView frame, const Decoded& decoded) {
    return decoded ? glimpse(*decoded) : glimpse_refused(frame, decoded.error().reason);
}

const char* verdict(const Decoded& decoded) {
    return decoded ? "accepted" : to_string(decoded.error().reason);
}

} // namespace vrrplab
