// What the vrrpd processes of one machine tell one another.
#pragma once

#include "core/machine/group.hpp"

#include <string>

namespace vrrp {

// One connection to a virtual router of another process, as the bus numbers them.
enum class SiblingId : std::uint32_t {};

// Who a sibling is, and what a survivor has to remove when it dies.
struct SiblingIdentity {
    std::string interface;
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;
    std::vector<IpPrefix> addresses; // that it may have put somewhere: none when it owns them
    bool virtual_mac = true;
    friend bool operator==(const SiblingIdentity&, const SiblingIdentity&) = default;
};

// Told at every change, and every `heartbeat`; whole, never a difference.
struct SiblingStatus {
    std::string group;
    SiblingIdentity identity;
    MemberStatus status;
    Duration heartbeat{};
    bool leaving = false; // it stops in order: nothing is left behind
    friend bool operator==(const SiblingStatus&, const SiblingStatus&) = default;
};

} // namespace vrrp
