// What `atropos --state` tells: everything a daemon knows of itself, as one JSON object.
#pragma once

#include "core/machine/router.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vrrp {

// Of the process that a router runs in; core does not know it.
struct ProcessFacts {
    int pid = 0;
    std::string version;   // of the program
    std::string directory; // runtime directory
    std::string file{};    // of the configuration; empty: the command line
    TimePoint started{};
    std::string restart{}; // what came of the last request to restart; empty: nothing yet
    bool realtime = false; // it has real-time scheduling
};

// Of the object below: raised when a field goes or changes its meaning, not when one is added.
inline constexpr int kStatusSchema = 1;

// `schema`: kStatusSchema. `virtual_routers`: interface, vrid, family, version, state, since (seconds ago), reason,
// priority, owner, preempt, delay, addresses, virtual_mac, authentication (never the key), scripts, operator
// (what one has asked for), group, master, counters. `groups`: name, whether it is fit and else why not, its
// members and how they stand. `interfaces`: name, link, MAC, addresses, frames received and dropped by
// reason. `process`: pid, version, directory.
enum class Detail : std::uint8_t {
    all,
    summary // only what a line of a table or a plugin needs: thousands are told in milliseconds
};
nlohmann::ordered_json status(const Router& router, TimePoint now, const ProcessFacts& process,
                              Detail detail = Detail::all);

} // namespace vrrp
