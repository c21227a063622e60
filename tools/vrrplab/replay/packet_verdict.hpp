// One VRRP packet of a capture and what a receiver thinks of it.
#pragma once

#include "core/wire/decode.hpp"

namespace vrrplab {

using Decoded = tl::expected<vrrp::wire::Advertisement, vrrp::wire::DecodeError>;

// What a packet says of itself, also when it is refused. A field is missing where it cannot be told: the
// frame ends before it, it is a fragment, or something unread stands between the headers.
struct Glimpse {
    std::optional<unsigned> version, vrid, priority;
    std::optional<vrrp::IpAddress> source;
    std::uint16_t vlan = 0;
};

// `decoded` is what wire::decode makes of `frame`, which is VRRP, sound or not.
Glimpse glimpse(vrrp::BytesView frame, const Decoded& decoded);

// "accepted", or the code of the reason. The observer has no configuration: any VRID, password and
// destination will do.
const char* verdict(const Decoded& decoded);

inline constexpr std::uint8_t kCiscoMd5 = 254; // an authentication type

// Others that are heard on VRRP's protocol.
struct Dialect {
    enum Kind : std::uint8_t { none, carp, cisco_md5 } kind = none;
    unsigned vrid = 0;
    // Of Cisco's, whose authentication nobody else can judge; its addresses view the frame.
    std::optional<vrrp::wire::Advertisement> advertisement;
};
// `frame` has been refused.
Dialect dialect_of(vrrp::BytesView frame);

} // namespace vrrplab
