// One VRRP packet of a capture and what a receiver thinks of it.
#pragma once

#include "core/wire/decode.hpp"

namespace vrrplab {

// What the headers of a packet say, read without judging: also of one that is refused. A field is missing
// where the frame ends before it.
struct Glimpse {
    std::optional<unsigned> version, vrid, priority;
    std::optional<vrrp::IpAddress> source;
    std::uint16_t vlan = 0;
};

// Precondition: `frame` is VRRP, sound or not.
Glimpse glimpse(vrrp::BytesView frame);

// "accepted", or the code of the reason. The observer has no configuration: any VRID, password and
// destination will do.
const char* verdict(const tl::expected<vrrp::wire::Advertisement, vrrp::wire::DecodeError>& decoded);

} // namespace vrrplab
