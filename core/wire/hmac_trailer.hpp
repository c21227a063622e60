// The HMAC authentication of draft-cassen-vrrp-auth-hmac-00: a trailer behind the VRRP message of either version.
//
// The code is the first 16 bytes of HMAC-SHA256 over a header that is not sent (IP version, VRRP version, VRID, zero, the
// source address in 16 bytes), the message with its checksum as zero, and the trailer without the code. So it does not
// depend on the receiver: an advertisement has one code, whatever the number of peers.
// The trailer is not under the message's checksum over IPv4; over IPv6 the checksum covers all that IP carries.
#pragma once

#include "core/net/fields.hpp"
#include "core/wire/advertisement.hpp"

#include <vector>

namespace vrrp::wire {

// What both sides know.
struct HmacKey {
    std::uint8_t id = 0;              // 1–255
    std::vector<std::uint8_t> secret; // kMinHmacKey to kMaxHmacKey bytes
    auto fields() const { return std::tie(id, secret); }
    friend bool operator==(const HmacKey&, const HmacKey&) = default;
};
inline constexpr std::size_t kMinHmacKey = 32, kMaxHmacKey = 64;

// Fills in the code of an IP packet that encode_packet() wrote with a trailer, and what depends on it; to be done last.
void sign(MutableBytes packet, const HmacKey& key);

// Whether the code of an Ethernet frame that decode() took with a trailer is the one that the key makes, in a time that
// does not tell how much of it is right.
bool verify(BytesView frame, const HmacKey& key);

} // namespace vrrp::wire
