// What the vrrpd processes of one machine tell one another.
#pragma once

#include "core/machine/group.hpp"
#include "core/net/fields.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace vrrp {

// One connection to a virtual router of another process, as the bus numbers them.
enum class SiblingId : std::uint32_t {};

// Who a sibling is, and what a survivor has to remove when it dies.
struct SiblingIdentity {
    std::string interface;
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;
    std::vector<IpPrefix> addresses; // that it may have put somewhere, unless it owns them
    bool virtual_mac = true;
    bool owner = false; // of the addresses: they stay
    auto fields() const { return std::tie(interface, vrid, family, addresses, virtual_mac, owner); }
};

// The order in which the members of a group decide. It is made of what the members of one virtual router have in
// common on all machines; the name of the interface, which may differ, comes last.
inline bool comes_before(const SiblingIdentity& a, const SiblingIdentity& b) {
    if (a.vrid != b.vrid) return a.vrid < b.vrid;
    if (a.family != b.family) return a.family < b.family;
    const auto address = [](const IpPrefix& prefix) { return prefix.address; };
    if (!std::ranges::equal(a.addresses, b.addresses, {}, address, address))
        return std::ranges::lexicographical_compare(a.addresses, b.addresses, {}, address, address);
    return a.interface < b.interface;
}

inline bool is_same_virtual_router(const SiblingIdentity& a, const SiblingIdentity& b) {
    return a.interface == b.interface && a.vrid == b.vrid && a.family == b.family;
}

// "eth1 vrid 52"
inline std::string to_string(const SiblingIdentity& one) {
    return one.interface + " vrid " + std::to_string(one.vrid) + (one.family == IpFamily::v6 ? " IPv6" : "");
}

// Whether a process is here to stay.
enum class Presence : std::uint8_t {
    stays,
    leaves, // it stops in order: nothing is left behind
    returns // it goes, and another one goes on in its place
};

// Told at every change, and every `heartbeat`; whole, never a difference.
struct SiblingStatus {
    std::string group;
    SiblingIdentity identity;
    MemberStatus status;
    std::uint16_t minimum = 1; // of its group, as it was told
    Duration heartbeat{};
    Presence presence = Presence::stays;
    // Members that it misses, for who is new and has not seen them die. Of each, who it is and no more.
    std::vector<SiblingIdentity> missed{};
    auto fields() const { return std::tie(group, identity, status, minimum, heartbeat, presence, missed); }
};

} // namespace vrrp
