// Why a received frame is dropped: one name for each reason, in the order in which they are checked
// (RFC 9568 section 7.1, RFC 3768 section 7.1). Counters, journal and replay all speak these names.
#pragma once

#include "core/net/name_table.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace vrrp::wire {

enum class DropReason : std::uint8_t {
    // What the bytes alone tell: wire::decode.
    not_vrrp,    // another protocol; never counted
    truncated,   // the frame ends before the packet that its headers promise
    ip_header,   // an IP header that no sender makes
    ip_checksum, // IPv4 header checksum
    fragment,    // VRRP is never fragmented
    ttl,         // TTL or hop limit is not 255, or below what is agreed with a peer: it came through a router
    version,     // not 2 or 3, 2 over IPv6, or another than the virtual router's
    length,      // shorter than VRRP's fixed part
    address_count,         // the count of addresses does not fit the length
    checksum,              // VRRP checksum
    trailer,               // an HMAC trailer of an unknown type
    type,                  // not ADVERTISEMENT
    vrid_zero,             // 0 is no virtual router
    no_addresses,          // count 0 (RFC 9568 erratum 8299)
    interval_zero,         // (RFC 9568 erratum 8301)
    authentication_header, // protocol 51 around something else than authentication type 2, or the reverse
    source,                // no unicast address
    // What it takes a router to tell: Router.
    vlan,             // tagged for another VLAN than the interface's
    own_packet,       // our own advertisement came back: a loop
    unknown_vrid,     // no such virtual router on this interface
    destination,      // not VRRP's group; with peers, not our own address
    peer,             // with peers: from somebody who is none of them
    authentication,   // another type than ours, or a wrong password or key
    key_id,           // an HMAC trailer with a key that we do not have
    stale,            // an HMAC trailer of another time of day
    replay,           // a sequence number that is not above the last one
    owner,            // v2: an owner listens to nobody
    other_addresses,  // none of its addresses is ours: another virtual router
    interval_mismatch // v2: another interval than ours
};

// The stable codes for programs.
inline constexpr auto kDropReasonNames =
    names<DropReason>({{DropReason::not_vrrp, "not_vrrp"},
                       {DropReason::truncated, "truncated"},
                       {DropReason::ip_header, "ip_header"},
                       {DropReason::ip_checksum, "ip_checksum"},
                       {DropReason::fragment, "fragment"},
                       {DropReason::ttl, "ttl"},
                       {DropReason::version, "version"},
                       {DropReason::length, "length"},
                       {DropReason::address_count, "address_count"},
                       {DropReason::checksum, "checksum"},
                       {DropReason::trailer, "trailer"},
                       {DropReason::type, "type"},
                       {DropReason::vrid_zero, "vrid_zero"},
                       {DropReason::no_addresses, "no_addresses"},
                       {DropReason::interval_zero, "interval_zero"},
                       {DropReason::authentication_header, "authentication_header"},
                       {DropReason::source, "source"},
                       {DropReason::vlan, "vlan"},
                       {DropReason::own_packet, "own_packet"},
                       {DropReason::unknown_vrid, "unknown_vrid"},
                       {DropReason::destination, "destination"},
                       {DropReason::peer, "peer"},
                       {DropReason::authentication, "authentication"},
                       {DropReason::key_id, "key_id"},
                       {DropReason::stale, "stale"},
                       {DropReason::replay, "replay"},
                       {DropReason::owner, "owner"},
                       {DropReason::other_addresses, "other_addresses"},
                       {DropReason::interval_mismatch, "interval_mismatch"}});
inline constexpr std::size_t kDropReasons = kDropReasonNames.size();

constexpr const char* to_string(DropReason reason) {
    return kDropReasonNames.name(reason);
}

// Beside the types of version 2 where DropReason::authentication is the reason.
inline constexpr std::uint32_t kHmacAuthentication = 256;

// What is seen where DropReason::destination is the reason.
inline constexpr std::uint32_t kToAnotherGroup = 0, kToOneRouter = 1, kToTheGroup = 2;

struct DecodeError {
    DropReason reason = DropReason::not_vrrp;
    std::uint32_t seen = 0;     // the offending value, where the reason has one
    std::uint32_t expected = 0; // what it should have been, where there is one such value

    // "TTL 64, not 255: it came through a router"
    std::string message() const;

    auto fields() const { return std::tie(reason, seen, expected); }
    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

} // namespace vrrp::wire
