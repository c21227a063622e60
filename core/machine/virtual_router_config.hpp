// What an operator says about one virtual router.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/wire/advertisement.hpp"

#include <vector>

namespace vrrp {

struct Authentication {
    wire::AuthenticationType type = wire::AuthenticationType::none;
    wire::AuthenticationData password{}; // simple_text: zero-padded
    friend bool operator==(const Authentication&, const Authentication&) = default;
};

// How often hosts are told of a new master's addresses: at once, then `repeats` times with `delay` between.
struct AnnouncePolicy {
    unsigned repeats = 2;
    Duration delay = std::chrono::seconds(1);
    friend bool operator==(const AnnouncePolicy&, const AnnouncePolicy&) = default;
};

struct VirtualRouterConfig {
    std::string interface;
    std::uint8_t vrid = 0; // 1–255
    wire::Version version = wire::Version::v2;
    IpFamily family = IpFamily::v4;
    std::vector<IpPrefix> addresses; // 1–255, all of `family`
    std::uint8_t priority = 100;     // 1–255
    // v2: 1–255 whole seconds. v3: 0.01–40.95 s in steps of 0.01.
    Duration advertisement_interval = std::chrono::seconds(1);
    bool preempt = true;
    bool virtual_mac = true;
    Authentication authentication;                                             // v2 only
    wire::ChecksumForm checksum_form = wire::ChecksumForm::with_pseudo_header; // v3 over IPv4 only
    // v3: an interval learned from a master counts for at most this many of our own. One accepted
    // advertisement of 40.95 s would blind a backup for two minutes.
    unsigned learned_interval_cap = 10;
    AnnouncePolicy announce;

    friend bool operator==(const VirtualRouterConfig&, const VirtualRouterConfig&) = default;
};

// One process.
struct RouterConfig {
    std::vector<VirtualRouterConfig> virtual_routers; // (interface, family, vrid) are unique
    friend bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

} // namespace vrrp
