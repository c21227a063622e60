// Advertisements that nobody may heed, each wrong in one way and right in the rest.
#pragma once

#include "tests/bench/implementations/plan.hpp"

namespace vrrp::bench {

using Frame = std::vector<std::uint8_t>;

// From the host `source`, for the virtual router `vrid` of that dialect, which holds `gateway`: wrong
// checksum, TTL, version, type, count of addresses, length; and one of a virtual router that is not there.
// The IP header is right, so that every kernel delivers them.
std::vector<Frame> bad_frames(const Dialect&, const IpAddress& source, std::uint8_t vrid,
                              const IpAddress& gateway);

} // namespace vrrp::bench
