// What captures of other links than Ethernet have before the network's packet.
#pragma once

#include "core/net/bytes.hpp"

#include <optional>
#include <vector>

namespace vrrp::backend {

// As files number the links of captures.
inline constexpr int kLinkEthernet = 1;
bool is_known_link(int link_type);

// The record as an Ethernet frame: itself, or made in `room`. Nothing where the link's header is not whole, or is of a
// link that is not known.
std::optional<BytesView> as_ethernet(int link_type, BytesView record, std::vector<std::uint8_t>& room);

} // namespace vrrp::backend
