// One process of a group, and what the others of its machine say.
#pragma once

#include "tests/unit/test_bed.hpp"

namespace vrrp::test {

// One interface, one of `minimum` processes.
inline TestBed member(unsigned minimum = 2) {
    RouterConfig config{{gateway()}, {{.name = "M", .minimum = minimum, .shared = true}}};
    config.virtual_routers.front().group = GroupIndex{0};
    return TestBed(config);
}

// Of eth1, VRID 6.
inline SiblingStatus sibling(Stance stance, bool joined = true) {
    return {.group = "M",
            .identity = {.interface = "eth1",
                         .vrid = 6,
                         .addresses = {prefix("10.0.0.253")},
                         .virtual_mac = true},
            .status = {.stance = stance, .carrying = false, .joined = joined, .takeover = 0},
            .minimum = 2,
            .heartbeat = 1s};
}

inline SiblingSaid says(const SiblingStatus& status) {
    return {SiblingId{1}, status};
}

// Another one than that.
inline SiblingStatus sibling_on(const std::string& interface, std::uint8_t vrid, Stance stance,
                                bool joined = true) {
    SiblingStatus status = sibling(stance, joined);
    status.identity.interface = interface;
    status.identity.vrid = vrid;
    return status;
}

} // namespace vrrp::test
