#include "core/wire/drop_reason.hpp"

#include <fmt/format.h>

namespace vrrp::wire {
namespace {

std::string authentication_text(std::uint32_t type) {
    switch (type) {
    case 0: return "none";
    case 1: return "a password";
    case 2: return "an authentication header";
    case kHmacAuthentication: return "an HMAC trailer";
    default: return fmt::format("type {}", type);
    }
}

} // namespace

std::string DecodeError::message() const {
    switch (reason) {
    case DropReason::not_vrrp: return "not VRRP";
    case DropReason::truncated: return fmt::format("cut short: {} bytes where {} are needed", seen, expected);
    case DropReason::ip_header: return "malformed IP header";
    case DropReason::ip_checksum: return "wrong IP header checksum";
    case DropReason::fragment: return "IP fragment";
    case DropReason::ttl:
        if (expected == 255) return fmt::format("TTL {}, not 255: it came through a router", seen);
        return fmt::format("TTL {}, below {} (--peer-ttl): it came through more routers", seen, expected);
    case DropReason::version:
        if (expected != 0)
            return fmt::format(
                "the peer sends version {}, this vrrpd version {}: use --protocol 3 on both, or "
                "on neither",
                seen, expected);
        return fmt::format("VRRP version {} is not known here", seen);
    case DropReason::length:
        return fmt::format("VRRP message of {} bytes, at least {} expected", seen, expected);
    case DropReason::address_count:
        return fmt::format("VRRP message of {} bytes where its count of addresses makes {}", seen, expected);
    case DropReason::checksum: return fmt::format("VRRP checksum {:#06x}, not {:#06x}", seen, expected);
    case DropReason::trailer: return "an HMAC trailer of a type that is not known here";
    case DropReason::type: return fmt::format("VRRP type {}, not 1 (advertisement)", seen);
    case DropReason::vrid_zero: return "VRID 0";
    case DropReason::no_addresses: return "no virtual address";
    case DropReason::interval_zero: return "advertisement interval 0";
    case DropReason::authentication_header: return "authentication header and authentication type do not fit";
    case DropReason::source: return "the source is no unicast address";
    case DropReason::vlan: return fmt::format("tagged for VLAN {}", seen);
    case DropReason::destination:
        if (seen == kToAnotherGroup) return "not sent to the VRRP group";
        if (seen == kToOneRouter)
            return "not sent to the VRRP group: the peer uses unicast (keepalived: unicast_peer), this vrrpd "
                   "multicast: use --peer on both, or on neither";
        return "the peer uses multicast, this vrrpd unicast: use --peer on both (keepalived: unicast_peer), "
               "or on "
               "neither";
    case DropReason::own_packet: return "our own address as source: a loop, or a duplicate address";
    case DropReason::peer: return "it is none of our peers: name it with --peer, or it does not belong here";
    case DropReason::unknown_vrid: return fmt::format("no virtual router {} here", seen);
    case DropReason::owner: return "we own the addresses";
    case DropReason::authentication:
        if (seen > 2 && seen < kHmacAuthentication)
            return fmt::format("authentication type {} is not known here", seen);
        if (seen != expected)
            return fmt::format("authentication: the peer uses {}, this vrrpd {}", authentication_text(seen),
                               authentication_text(expected));
        return seen == 1 ? "wrong password" : "wrong key, or changed on the way";
    case DropReason::key_id: return fmt::format("it signs with key {}, which is not configured here", seen);
    case DropReason::stale:
        return fmt::format(
            "its clock and ours are more than {} s apart, or it is an old packet: set both (NTP)", expected);
    case DropReason::replay:
        if (seen == 0) return "it was sent before: a replay";
        return fmt::format("sequence number {}, not above {}: a replay", seen, expected);
    case DropReason::other_addresses: return "none of its addresses is ours: another virtual router";
    case DropReason::interval_mismatch:
        return fmt::format("advertisement interval {} s, not {} s as ours: set the same on both", seen,
                           expected);
    }
    return "?";
}

} // namespace vrrp::wire
