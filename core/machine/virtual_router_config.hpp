// What an operator says about one virtual router.
#pragma once

#include "core/machine/address_place.hpp"
#include "core/machine/script_line.hpp"
#include "core/machine/track_config.hpp"
#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/name_table.hpp"
#include "core/wire/hmac_trailer.hpp"
#include "core/wire/router_advertisement.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace vrrp {

// draft-cassen-vrrp-auth-hmac, in both versions.
struct HmacAuthentication {
    enum class Mode : std::uint8_t {
        enforce,         // sign, and take nothing that is not signed
        accept_unsigned, // sign, and take both
        receive_only     // sign nothing, and take both: until all routers can read what is signed
    };
    std::vector<wire::HmacKey>
        keys; // the first signs, all are accepted; empty: there is no such authentication
    Mode mode = Mode::enforce;
    std::optional<Duration> window; // how far the clocks may be apart; none: they do not matter

    bool signs() const { return !keys.empty() && mode != Mode::receive_only; }
    auto fields() const { return std::tie(keys, mode, window); }
    friend bool operator==(const HmacAuthentication&, const HmacAuthentication&) = default;
};

inline constexpr auto kHmacModes =
    names<HmacAuthentication::Mode>({{HmacAuthentication::Mode::enforce, "enforce"},
                                     {HmacAuthentication::Mode::accept_unsigned, "accept-unsigned"},
                                     {HmacAuthentication::Mode::receive_only, "receive-only"}});

struct Authentication {
    wire::AuthenticationType type = wire::AuthenticationType::none;
    // simple_text: the password; authentication_header: the key. Zero-padded.
    wire::AuthenticationData password{};
    HmacAuthentication hmac{}; // instead of these
    auto fields() const { return std::tie(type, password, hmac); }
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

// Hosts learn of their gateway from its master (RFC 9568 section 8.2.3), at once when one asks.
struct RouterAdvertising {
    Duration interval = std::chrono::seconds(600); // the longest between two that nobody asked for: 4–1800 s
    wire::RouterAdvertisement said;
    auto fields() const { return std::tie(interval, said); }
    friend bool operator==(const RouterAdvertising&, const RouterAdvertising&) = default;
};

inline constexpr auto kRouterPreferences =
    names<wire::RouterPreference>({{wire::RouterPreference::low, "low"},
                                   {wire::RouterPreference::medium, "medium"},
                                   {wire::RouterPreference::high, "high"}});

// A place in RouterConfig::groups.
enum class GroupIndex : std::uint16_t {};

struct VirtualRouterConfig {
    std::string name; // empty: notice_name() makes one
    std::string interface;
    std::uint8_t vrid = 0; // 1–255
    wire::Version version = wire::Version::v2;
    IpFamily family = IpFamily::v4;
    std::vector<IpPrefix> addresses; // all of `family`; 1–255 of them are advertised, which come first
    std::size_t unadvertised = 0;    // the last so many, that it holds all the same
    std::vector<AddressPlace>
        places; // of those that are not simply on `interface`; the first address is no such
    // False: a master that is not the owner drops what is addressed to them, but for ARP, neighbour discovery and ICMP
    // errors (RFC 9568 section 6.1, Accept_Mode).
    bool accept = true;
    std::uint8_t priority = 100; // 1–255
    // v2: 1–255 whole seconds. v3: 0.01–40.95 s in steps of 0.01.
    Duration advertisement_interval = std::chrono::seconds(1);
    // v3 over IPv4: it speaks version 2 as well, and follows those who speak nothing else (RFC 9568 section 8.4).
    bool dual = false;
    bool preempt = true;
    // How long it has to be fit before it takes over from a living lesser master; where there is none it waits for nothing.
    Duration preempt_delay{};
    Duration start_delay{}; // after its start it takes no part in the election for so long
    // Not empty: advertisements go to these alone and are taken from these alone, over any router between that leaves
    // `peer_ttl` in them. All of `family`.
    std::vector<IpAddress> peers;
    std::uint8_t peer_ttl = 255;     // 1–255; 255: from the same network
    std::optional<IpAddress> source; // of advertisements: one of the interface's own; none: its first
    bool virtual_mac = true;         // never with peers: only multicast teaches switches where it is
    Authentication authentication;   // v2 only, but for its HMAC
    wire::ChecksumForm checksum_form = wire::ChecksumForm::with_pseudo_header; // v3 over IPv4 only
    // v3: an interval learned from a master counts for at most this many of our own, until that master has kept
    // it. One accepted advertisement of 40.95 s would blind a backup for two minutes.
    unsigned learned_interval_cap = 10;
    AnnouncePolicy announce;
    std::optional<MagicPacket> magic_packet;             // IPv4 only
    std::optional<RouterAdvertising> router_advertising; // IPv6 only; it comes from the first address
    std::optional<GroupIndex> group;
    ScriptLine master_script, backup_script, fault_script, stop_script, notify_script;
    std::string script_user; // as whom they run; empty: as this process does
    // What the commands "reduce" and "increase" set; without it they take or add kPriorityStep.
    std::optional<std::uint8_t> reduced_priority, increased_priority; // 1–254
    std::vector<TrackIndex> tracks;                                   // beside those of its group

    bool unicast() const { return !peers.empty(); }
    // In an advertisement of version 2, which has whole seconds.
    Duration interval_in_v2() const {
        constexpr Duration kSecond = std::chrono::seconds(1);
        return (advertisement_interval + kSecond - Duration(1)) / kSecond * kSecond;
    }
    wire::Version longest_version() const {
        return dual ? wire::Version::v2 : version;
    } // of its advertisements
    std::span<const IpPrefix> advertised() const {
        return {addresses.data(), addresses.size() - unadvertised};
    }

    bool has(const IpAddress& address) const {
        return std::ranges::find(addresses, address, &IpPrefix::address) != addresses.end();
    }
    // None: simply on the interface.
    const AddressPlace* place_of(const IpAddress& address) const {
        const auto place = std::ranges::find(places, address, &AddressPlace::address);
        return place != places.end() ? &*place : nullptr;
    }
    // Not on another interface.
    bool is_at_home(const IpAddress& address) const {
        const AddressPlace* const place = place_of(address);
        return place == nullptr || place->interface.empty();
    }
    // The interface that an address of its list stands on.
    const std::string& interface_of(const IpAddress& address) const {
        return is_at_home(address) ? interface : place_of(address)->interface;
    }

    auto fields() const {
        return std::tie(name, interface, vrid, version, dual, family, addresses, unadvertised, places, accept,
                        priority, advertisement_interval, preempt, preempt_delay, start_delay, peers,
                        peer_ttl, source, virtual_mac, authentication, checksum_form, learned_interval_cap,
                        announce, magic_packet, router_advertising, group, master_script, backup_script,
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
