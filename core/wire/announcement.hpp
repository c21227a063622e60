// The frames that tell hosts and switches where an address lives now.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"

namespace vrrp::wire {

inline constexpr std::size_t kArpRequestSize = 42;
inline constexpr std::size_t kGratuitousArpSize = kArpRequestSize;
inline constexpr std::size_t kUnsolicitedNaSize = 86;

constexpr std::size_t announcement_size(IpFamily family) {
    return family == IpFamily::v4 ? kGratuitousArpSize : kUnsolicitedNaSize;
}

// Writes a gratuitous ARP request (IPv4; sender and target are `address`) or an unsolicited neighbour
// advertisement to all nodes (IPv6; R and O set, S clear, target link-layer address `mac`: RFC 9568
// section 6.4.1), from `mac`. Returns announcement_size(). Precondition: out has that room.
std::size_t encode_announcement(const IpAddress& address, const MacAddress& mac, MutableBytes out);

// Writes a broadcast ARP request of `asker`, who is at `mac`: the one who is asked learns that from it.
// Returns kArpRequestSize. Preconditions: both are IPv4, out has that room.
std::size_t encode_arp_request(const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
                               MutableBytes out);

// What an announcement says; nothing when the frame is none.
struct Announcement {
    IpAddress address;
    MacAddress mac;
    friend bool operator==(const Announcement&, const Announcement&) = default;
};
std::optional<Announcement> decode_announcement(BytesView frame);

// Who says of itself that it has an address: the sender of any ARP packet, or of a neighbour advertisement.
std::optional<Announcement> decode_claim(BytesView frame);

} // namespace vrrp::wire
