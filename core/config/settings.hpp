// One virtual router as texts, and what they mean: the same for the command line and the file.
#pragma once

#include "core/config/configuration.hpp"

#include <array>
#include <optional>
#include <span>

namespace vrrp::config {

// How settings are called in errors: "-v" on the command line, "vrid" in a file.
enum class Spelling : std::uint8_t { options, keys };

// What a file writes for it: vrid = 51, interval = 0.5, interface = "eth0", no-preempt = true,
// address = "10.0.0.1" or a list of them, as with a script and its arguments. On a command line all are texts.
enum class Kind : std::uint8_t { number, seconds, text, flag, texts };

struct Setting {
    const char* option; // "-v"
    const char* key;    // "vrid": also the long option
    Kind kind = Kind::text;
    std::vector<std::string> values{};
};

// Each collects all its values, so that one given twice can be told from one given once. A flag has a value
// for each time that it was given.
struct Settings {
    Setting name{"--name", "name"};
    Setting interface { "-i", "interface" };
    Setting vrid{"-v", "vrid", Kind::number};
    Setting priority{"-p", "priority", Kind::number};
    Setting interval{"-d", "interval", Kind::seconds};
    Setting authentication{"-a", "authentication", Kind::texts};
    Setting hmac_mode{"--hmac-mode", "hmac-mode"};
    Setting hmac_window{"--hmac-window", "hmac-window", Kind::number};
    Setting protocol{"--protocol", "protocol", Kind::number};
    Setting dual{"--dual", "dual", Kind::flag};
    Setting checksum{"--checksum", "checksum"};
    Setting no_preempt{"-s", "no-preempt", Kind::flag};
    Setting preempt_delay{"--preempt-delay", "preempt-delay", Kind::seconds};
    Setting start_delay{"--start-delay", "start-delay", Kind::seconds};
    Setting peers{"--peer", "peer", Kind::texts};
    Setting peer_ttl{"--peer-ttl", "peer-ttl", Kind::number};
    Setting source{"--source", "source", Kind::texts};
    Setting no_accept{"--no-accept", "no-accept", Kind::flag};
    Setting held_addresses{"--held-address", "held-address", Kind::texts};
    Setting no_virtual_mac{"-n", "no-virtual-mac", Kind::flag};
    Setting reduced_priority{"-z", "reduced-priority", Kind::number};
    Setting increased_priority{"-x", "increased-priority", Kind::number};
    Setting master_script{"-U", "master-script", Kind::texts};
    Setting backup_script{"-D", "backup-script", Kind::texts};
    Setting fault_script{"--fault-script", "fault-script", Kind::texts};
    Setting stop_script{"--stop-script", "stop-script", Kind::texts};
    Setting notify{"--notify", "notify", Kind::texts};
    Setting script_user{"--script-user", "script-user"};
    Setting magic_address{"-I", "magic-address"};
    Setting magic_gateway{"-O", "magic-gateway"};
    Setting announce_repeats{"--announce-repeats", "announce-repeats", Kind::number};
    Setting announce_delay{"--announce-delay", "announce-delay", Kind::seconds};
    Setting announce_refresh{"--announce-refresh", "announce-refresh", Kind::seconds};
    Setting router_advertisements{"--router-advertisements", "router-advertisements", Kind::flag};
    Setting ra_interval{"--ra-interval", "ra-interval", Kind::number};
    Setting ra_lifetime{"--ra-lifetime", "ra-lifetime", Kind::number};
    Setting ra_preference{"--ra-preference", "ra-preference"};
    Setting ra_managed{"--ra-managed", "ra-managed", Kind::flag};
    Setting ra_other{"--ra-other", "ra-other", Kind::flag};
    Setting ra_mtu{"--ra-mtu", "ra-mtu", Kind::number};
    Setting ra_prefixes{"--ra-prefix", "ra-prefix", Kind::texts};
    Setting ra_resolvers{"--ra-dns", "ra-dns", Kind::texts};
    Setting ra_searched{"--ra-search", "ra-search", Kind::texts};
    Setting addresses{"address", "address", Kind::texts};

    std::array<Setting*, 44> all() {
        return {&name,
                &interface,
                &vrid,
                &priority,
                &interval,
                &authentication,
                &hmac_mode,
                &hmac_window,
                &protocol,
                &dual,
                &checksum,
                &no_preempt,
                &preempt_delay,
                &start_delay,
                &peers,
                &peer_ttl,
                &source,
                &no_accept,
                &held_addresses,
                &no_virtual_mac,
                &reduced_priority,
                &increased_priority,
                &master_script,
                &backup_script,
                &fault_script,
                &stop_script,
                &notify,
                &script_user,
                &magic_address,
                &magic_gateway,
                &announce_repeats,
                &announce_delay,
                &announce_refresh,
                &router_advertisements,
                &ra_interval,
                &ra_lifetime,
                &ra_preference,
                &ra_managed,
                &ra_other,
                &ra_mtu,
                &ra_prefixes,
                &ra_resolvers,
                &ra_searched,
                &addresses};
    }
};

// Of the process, not of one virtual router.
inline Setting notify_fifo_setting() {
    return {"--notify-fifo", "notify-fifo"};
}
inline Setting control_group_setting() {
    return {"--control-group", "control-group"};
}

// "1", "0.25": decimal seconds with at most two places, exactly.
std::optional<Duration> parse_seconds(std::string_view text);

bool is_interface_name(std::string_view text);
inline constexpr const char* kInterfaceNames = "an interface's name has 1 to 15 characters without blanks "
                                               "and slashes"; // IFNAMSIZ without the final zero

// With addresses of both families two virtual routers, that of IPv4 first, which are to be one group. The first thing
// that is wrong is the error. `group` is the caller's business.
Parsed<std::vector<VirtualRouterConfig>> interpret(const Settings& settings, Spelling spelling,
                                                   const Here& here);

// The two virtual routers of one entry, which is in no group, are one of their own; it bears the name of the first.
Parsed<void> make_one_group(std::vector<VirtualRouterConfig>& both, RouterConfig& router);

// At most one value; nothing when there is none.
Parsed<std::optional<std::string>> at_most_one(const Setting& setting, Spelling spelling);
// A whole number from min to max; `what` is its name: "a VRID".
Parsed<std::optional<unsigned>> number(const Setting& setting, Spelling spelling, unsigned min, unsigned max,
                                       const char* what);
const char* name(const Setting& setting, Spelling spelling);
// Whether it can stand between quotes in a line of the FIFO.
bool is_name(std::string_view text);
inline constexpr const char* kNameRule = "a name has 1 to 64 characters without quotes and backslashes";
// A file that is there wherever the process is: a daemon leaves the directory that it was started in. `what` is its
// name: "the script's". Empty when there is none.
Parsed<std::string> absolute_path(const Setting& setting, Spelling spelling, const char* what);
// A script: in a file its path, or a list of that and its arguments.
Parsed<ScriptLine> script_line(const Setting& setting, Spelling spelling);
// A user of this machine, or empty.
Parsed<std::string> user(const Setting& setting, Spelling spelling, const Here& here);
// A group of this machine, or empty.
Parsed<std::string> group(const Setting& setting, Spelling spelling, const Here& here);

// Two virtual routers with one name, one (interface, family, VRID), or one address on one interface: the second
// one's error.
Parsed<void> check_distinct(std::span<const VirtualRouterConfig> before, const VirtualRouterConfig& next);

} // namespace vrrp::config
