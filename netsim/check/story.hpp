// A fault, or several at once, as an ordinary scenario.
#pragma once

#include "netsim/check/trial.hpp"

namespace vrrp::sim {

// 1. The world settles; then the faults strike, all at once, and again after each while; then all are mended; then there
//    is calm. Each step says what must hold.
// 2. `text` is the whole scenario: what runs is what parse_scenario() makes of it.
struct Story {
    std::string name; // of its file, without ".toml"
    std::string title;
    std::string text;
    std::optional<Duration>
        bound; // how long a host may be without an answer while the faults last and are mended
    std::vector<const char*> excuses;          // why there is none
    std::size_t settled = 0;                   // the step after which all are at their places
    std::optional<std::size_t> struck, mended; // the steps at which they strike and are mended
    std::size_t calm = 0;                      // and after which nothing happens any more
};

// What hosts may see at the longest, whatever the configurations promise.
struct Limit {
    Duration outage{};
    bool always = false; // also where they promise nothing
};

// `limit` replaces the bound wherever there is one. The faults' bounds count where they leave somebody unharmed who can lead.
Story tell_story(const Site& site, const Timing& timing, std::span<const Trial* const> trials,
                 const std::optional<Limit>& limit);

} // namespace vrrp::sim
