// What an operator says about one virtual router.
#pragma once

#include "core/machine/script_line.hpp"
#include "core/machine/track_config.hpp"
#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/wire/advertisement.hpp"

#include <algorithm>
#include <vector>

namespace vrrp {

struct Authentication {
    wire::AuthenticationType type = wire::AuthenticationType::none;
    // simple_text: the password; authentication_header: the key. Zero-padded.
    wire::AuthenticationData password{};
    auto fields() const { return std::tie(type, password); }
    friend bool operator==(const Authentication&, const Authentication&) = default;
};

// How often hosts are told of a new master's addresses: at once, then `repeats` times with `delay` between,
// and then every `refresh` where that is not zero.
struct AnnouncePolicy {
    unsigned repeats = 2;
    Duration delay = std::chrono::seconds(1);
    Duration refresh{};
    auto fields() const { return std::tie(repeats, delay, refresh); }
    friend bool operator==(const AnnouncePolicy&, const AnnouncePolicy&) = default;
};

// Where no virtual MAC can be used: with each round of announcements a TCP SYN goes from `source` to
// `gateway`, so that the gateway resolves `source` anew.
struct MagicPacket {
    IpAddress source; // one of the virtual addresses
    IpAddress gateway;
    auto fields() const { return std::tie(source, gateway); }
    friend bool operator==(const MagicPacket&, const MagicPacket&) = default;
};

// A place in RouterConfig::groups.
enum class GroupIndex : std::uint16_t {};

struct VirtualRouterConfig {
    std::string name; // empty: notice_name() makes one
    std::string interface;
    std::uint8_t vrid = 0; // 1–255
    wire::Version version = wire::Version::v2;
    IpFamily family = IpFamily::v4;
    std::vector<IpPrefix> addresses; // 1–255, all of `family`
    std::uint8_t priority = 100;     // 1–255
    // v2: 1–255 whole seconds. v3: 0.01–40.95 s in steps of 0.01.
    Duration advertisement_interval = std::chrono::seconds(1);
    bool preempt = true;
    // How long it has to be fit before it takes over from a living lesser master; where there is none it waits for nothing.
    Duration preempt_delay{};
    Duration start_delay{}; // after its start it takes no part in the election for so long
    bool virtual_mac = true;
    Authentication authentication;                                             // v2 only
    wire::ChecksumForm checksum_form = wire::ChecksumForm::with_pseudo_header; // v3 over IPv4 only
    // v3: an interval learned from a master counts for at most this many of our own, until that master has kept
    // it. One accepted advertisement of 40.95 s would blind a backup for two minutes.
    unsigned learned_interval_cap = 10;
    AnnouncePolicy announce;
    std::optional<MagicPacket> magic_packet; // IPv4 only
    std::optional<GroupIndex> group;
    ScriptLine master_script, backup_script, fault_script, stop_script, notify_script;
    std::string script_user; // as whom they run; empty: as this process does
    // What the commands "reduce" and "increase" set; without it they take or add kPriorityStep.
    std::optional<std::uint8_t> reduced_priority, increased_priority; // 1–254
    std::vector<TrackIndex> tracks;                                   // beside those of its group

    bool has(const IpAddress& address) const {
        return std::ranges::find(addresses, address, &IpPrefix::address) != addresses.end();
    }

    auto fields() const {
        return std::tie(name, interface, vrid, version, family, addresses, priority, advertisement_interval,
                        preempt, preempt_delay, start_delay, virtual_mac, authentication, checksum_form,
                        learned_interval_cap, announce, magic_packet, group, master_script, backup_script,
                        fault_script, stop_script, notify_script, script_user, reduced_priority,
                        increased_priority, tracks);
    }
};

inline constexpr int kPriorityStep = 10;

// "eth1 vrid 52"
inline std::string to_string(const VirtualRouterConfig& config) {
    const char* const family = config.family == IpFamily::v6 ? " IPv6" : "";
    return config.interface + " vrid " + std::to_string(config.vrid) + family;
}

// What scripts and the FIFO call it: "eth0_51", "eth0_51_6" for IPv6, where nobody has given it a name. It is
// the same in every run, and no other virtual router's of the process.
inline std::string notice_name(const VirtualRouterConfig& config) {
    if (!config.name.empty()) return config.name;
    const char* const family = config.family == IpFamily::v6 ? "_6" : "";
    return config.interface + "_" + std::to_string(config.vrid) + family;
}

// All of its members are master, or none is (core/machine/group.hpp).
struct GroupConfig {
    std::string name;
    unsigned minimum = 1;       // members that must be present
    bool shared = false;        // with the other processes of this runtime directory
    ScriptLine notify_script{}; // as a virtual router's
    std::string script_user{};
    std::vector<TrackIndex> tracks{}; // of each member
    auto fields() const { return std::tie(name, minimum, shared, notify_script, script_user, tracks); }
};

// One process.
struct RouterConfig {
    std::vector<VirtualRouterConfig> virtual_routers; // (interface, family, vrid) are unique
    std::vector<GroupConfig> groups{};
    std::string notify_fifo{};         // an absolute path; empty: none
    std::string script_user{};         // whose it is, and whose scripts are where nothing else is said
    std::vector<TrackConfig> tracks{}; // each is used by somebody
    friend bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

} // namespace vrrp
