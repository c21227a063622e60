// Advertisement -> bytes.
#pragma once

#include "core/wire/advertisement.hpp"

namespace vrrp::wire {

// Room for any advertisement without the Ethernet MTU's limit: 255 IPv6 addresses and an HMAC trailer.
inline constexpr std::size_t kMaxAdvertisementSize = 14 + 40 + 8 + 255 * 16 + 28;

// The size of the IP packet of an advertisement of so many addresses: what the interface's MTU limits.
std::size_t packet_size(Version version, IpFamily family, AuthenticationType authentication, bool hmac,
                        std::size_t addresses);

// The size of the IP packet that encode_packet() writes.
std::size_t packet_size(const Advertisement&);

// Writes the IP packet from `source` to `destination`. With authentication type 2 the message follows its
// authentication header, and its authentication data is zero whatever the advertisement says; the ICV is written as it
// stands, for sign() to fill in; so is the code of an HMAC trailer. Returns the bytes written.
// Precondition: out.size() >= packet_size(advertisement); source, destination and addresses are of one family;
// authentication type 2 has its `authentication_header`.
std::size_t encode_packet(const Advertisement&, MutableBytes out);

// The size of the Ethernet frame that encode() writes.
std::size_t encoded_size(const Advertisement&);

// Writes an Ethernet frame, untagged, from `source_mac` to the group's address, with the same packet but to the group;
// `vlan` and `destination` are not looked at (a VLAN device tags, and the group is the protocol's).
// Precondition: out.size() >= encoded_size(advertisement); and as above.
std::size_t encode(const Advertisement&, MutableBytes out);

} // namespace vrrp::wire
