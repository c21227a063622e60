// Bytes -> advertisement.
#pragma once

#include "core/wire/advertisement.hpp"
#include "core/wire/drop_reason.hpp"

#include <tl/expected.hpp>

namespace vrrp::wire {

// Reads an Ethernet II frame, 802.1Q-tagged or not, that carries IPv4 or IPv6. Checks everything that the
// bytes alone can tell, in the order of DropReason; whether anybody here wants the advertisement is the
// router's business. Allocates nothing; the result's addresses view `frame`.
tl::expected<Advertisement, DecodeError> decode(BytesView frame);

} // namespace vrrp::wire
