// One virtual router as texts, and what they mean: the same for the command line and the file.
#pragma once

#include "core/config/configuration.hpp"

#include <optional>
#include <span>

namespace vrrp::config {

// How settings are called in errors: "-v" on the command line, "vrid" in a file.
enum class Spelling : std::uint8_t { options, keys };

struct Setting {
    const char* option; // "-v"
    const char* key;    // "vrid": also the long option
    std::vector<std::string> values{};
};

// Each collects all its values, so that one given twice can be told from one given once. A flag has a value
// for each time that it was given.
struct Settings {
    Setting interface { "-i", "interface" };
    Setting vrid{"-v", "vrid"};
    Setting priority{"-p", "priority"};
    Setting interval{"-d", "interval"};
    Setting authentication{"-a", "authentication"};
    Setting protocol{"--protocol", "protocol"};
    Setting checksum{"--checksum", "checksum"};
    Setting no_preempt{"-s", "no-preempt"};
    Setting no_virtual_mac{"-n", "no-virtual-mac"};
    Setting reduced_priority{"-z", "reduced-priority"};
    Setting increased_priority{"-x", "increased-priority"};
    Setting master_script{"-U", "master-script"};
    Setting backup_script{"-D", "backup-script"};
    Setting magic_address{"-I", "magic-address"};
    Setting magic_gateway{"-O", "magic-gateway"};
    Setting announce_repeats{"--announce-repeats", "announce-repeats"};
    Setting announce_delay{"--announce-delay", "announce-delay"};
    Setting announce_refresh{"--announce-refresh", "announce-refresh"};
    Setting addresses{"address", "address"};
};

// The first thing that is wrong is the error. `group` is the caller's business.
Parsed<VirtualRouterConfig> interpret(const Settings& settings, Spelling spelling, const ReadFile& read);

// At most one value; nothing when there is none.
Parsed<std::optional<std::string>> at_most_one(const Setting& setting, Spelling spelling);
// A whole number from min to max; `what` is its name: "a VRID".
Parsed<std::optional<unsigned>> number(const Setting& setting, Spelling spelling, unsigned min, unsigned max,
                                       const char* what);
const char* name(const Setting& setting, Spelling spelling);

// Two virtual routers with one (interface, family, VRID), or one address on one interface: the second one's
// error.
Parsed<void> check_distinct(std::span<const VirtualRouterConfig> before, const VirtualRouterConfig& next);

} // namespace vrrp::config
