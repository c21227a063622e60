// Authentication type 2 of VRRP 2 (RFC 2338 section 5.3.6.3): RFC 2402's authentication header with
// HMAC-MD5-96 (RFC 2403), as keepalived speaks it; without a security association, the key is configured.
//
// The HMAC is over the whole IPv4 datagram, with zeros in place of TOS, flags and fragment offset, header
// checksum and ICV. It departs from RFC 2402 section 3.3.3 where keepalived (2.2.7) does:
// - The TTL is covered as it stands. Nothing is lost: it has to arrive as 255.
// - IP options are covered as they stand. The router alert is immutable in the RFC too, and those that are
//   not change only in routers, which a VRRP packet never passes.
// What is before the IP header is not covered: neither Ethernet's addresses nor an 802.1Q tag.
#pragma once

#include "core/net/bytes.hpp"

#include <array>

namespace vrrp::wire {

// Zero-padded. Eight bytes at most: keepalived keeps no more of its auth_pass.
using AuthenticationKey = std::array<std::uint8_t, 8>;

// False where OpenSSL is not allowed MD5 (FIPS). Ask before a configuration with a key is accepted: there,
// sign() signs nothing and verify() believes nobody.
bool has_hmac_md5();

// Fills in the ICV of an IP packet that encode_packet() wrote; to be done last. Precondition: the packet carries an
// authentication header.
void sign(MutableBytes packet, const AuthenticationKey& key);

// Whether the frame's ICV is the one that the key makes, in a time that does not tell how much of it is
// right. Takes what decode() takes; false for every frame that does not carry a whole authentication header.
bool verify(BytesView frame, const AuthenticationKey& key);

} // namespace vrrp::wire
