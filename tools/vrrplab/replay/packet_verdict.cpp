#include "tools/vrrplab/replay/packet_verdict.hpp"

#include "core/wire/frame_layout.hpp"

namespace vrrplab {
namespace {

using namespace vrrp;
using namespace vrrp::wire;

// Past the IP header that begins at `ip`, and past an authentication header.
std::size_t message_offset(BytesView frame, std::size_t ip, bool v6) {
    const std::size_t header = v6 ? kIpv6Size : std::size_t{frame[ip] & 0x0fu} * 4;
    const std::uint8_t protocol = frame[ip + (v6 ? 6 : 9)];
    return ip + header + (protocol == kProtocolAh ? kAuthenticationHeaderSize : 0);
}

} // namespace

Glimpse glimpse(BytesView frame) {
    Glimpse seen;
    std::size_t ip = kEthernetSize;
    if (load_be16(&frame[12]) == kEtherTypeVlan) {
        seen.vlan = load_be16(&frame[14]) & 0x0fff;
        ip += kVlanTagSize;
    }
    const bool v6 = load_be16(&frame[ip - 2]) == kEtherTypeIpv6;
    if (frame.size() < ip + (v6 ? kIpv6Size : kIpv4Size)) return seen;
    seen.source = IpAddress::from_bytes(v6 ? IpFamily::v6 : IpFamily::v4, &frame[ip + (v6 ? 8 : 12)]);
    const std::size_t message = message_offset(frame, ip, v6);
    if (frame.size() > message) seen.version = frame[message] >> 4;
    if (frame.size() > message + 1) seen.vrid = frame[message + 1];
    if (frame.size() > message + 2) seen.priority = frame[message + 2];
    return seen;
}

const char* verdict(const tl::expected<Advertisement, DecodeError>& decoded) {
    return decoded ? "accepted" : to_string(decoded.error().reason);
}

} // namespace vrrplab
