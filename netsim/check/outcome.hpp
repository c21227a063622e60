// What became of hosts and routers in a story.
#pragma once

#include "netsim/check/story.hpp"
#include "netsim/scenario/run.hpp"

namespace vrrp::sim {

struct StoryOutcome {
    Duration outage{}; // the worst that a host saw since the fault
    std::string probe; // who saw it
    // Who led when the fault was about to be mended, and at the end; in the order of the routers.
    std::vector<std::string> led, leads;
    // Whether what belongs together was led by the same routers, both times: a group, or without groups all networks, where
    // one router usually leads on all of them. Nothing where nothing belongs together.
    std::optional<bool> whole;
};

StoryOutcome outcome_of(const Site& site, const Story& story, const RunResult& result);

} // namespace vrrp::sim
