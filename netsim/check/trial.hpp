// The catalogue of faults, and what becomes of it on a site.
#pragma once

#include "netsim/check/timing.hpp"

#include <span>

namespace vrrp::sim {

// After its carrier has come back a port forwards nothing for so long, where that is asked for.
inline constexpr Duration kSpanningTree = std::chrono::seconds(15);

// What a fault does to who leads, and so how long hosts may be without an answer.
enum class Harm : std::uint8_t {
    none,          // nothing
    resigned,      // it leaves in order: its last advertisement tells the others
    silent,        // it falls silent on all its networks
    member,        // of a group one member fails, and the others tell; alone it falls silent
    deaf_at_first, // the same, and when it is back it hears nobody there for a while
    one_sided,     // it falls silent on one network; a group that it hears elsewhere does not move
    deaf,          // it goes on and hears nobody
    delayed,       // answers come late, and then those that were sent later come first
    lossy,         // hosts lose frames themselves
    stranger       // somebody else claims to be the master
};

enum class Strikes : std::uint8_t {
    nothing,
    starts,    // each order in which the routers can be started
    router,    // each router
    process,   // each of a router that has several
    interface, // each that has virtual routers
    network,   // each that has virtual routers
    check,     // each that can be made to fail
    watched    // each interface that only a check looks at
};

enum class Needs : std::uint8_t { nothing, scripts, stranger, spanning_tree };

struct FaultRow {
    const char* name;  // in a file's name
    const char* title; // for a person
    Strikes strikes;
    Harm harm;
    // Sentences of a scenario, one a line, with names in braces; a line with {other}, {any}, {own} or {sibling} stands for
    // each of those. A line "--": what follows comes a while later.
    const char* strike;
    const char* mend;
    Needs needs = Needs::nothing;
};

std::span<const FaultRow> catalogue();

// A row on one of what it strikes.
struct Trial {
    const FaultRow* row = nullptr;
    std::string name;  // "gw1_eth0_cable"
    std::string title; // "gw1 eth0: cable out, in"
    std::vector<std::vector<std::string>> beats;
    std::vector<std::string> mend;
    std::optional<std::size_t> router, network;
    std::optional<std::size_t> stranger; // that it needs, by its network

    // A bound, or why VRRP promises none.
    std::optional<Duration> bound{};
    const char* excuse = nullptr;
    const char* excuse_in_pairs = nullptr; // the same, where something else has failed too
};

// In the order of the catalogue, and of the site.
std::vector<Trial> trials_of(const Site& site, const Timing& timing);

} // namespace vrrp::sim
