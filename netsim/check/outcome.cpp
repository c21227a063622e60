#include "netsim/check/outcome.hpp"

#include <algorithm>
#include <set>

namespace vrrp::sim {
namespace {

using config::ElectionKey;
using config::Seat;

// The machines that lead it.
std::set<std::string> leaders_of(const Site& site, const ElectionKey& key, const StepResult& step) {
    std::set<std::string> names;
    for (const Leader& one : step.leaders)
        if (one.network == site.networks[key.network].name && one.vrid == key.vrid &&
            one.family == key.family)
            names.insert(one.machine);
    return names;
}

std::vector<std::string> all_leaders(const Site& site, const StepResult& step) {
    std::vector<std::string> names;
    for (const config::RouterTold& router : site.told)
        if (std::ranges::find(step.leaders, router.name, &Leader::machine) != step.leaders.end())
            names.push_back(router.name);
    return names;
}

// What must be led by one: of each group of each router the elections that it stands in.
std::vector<std::set<ElectionKey>> teams_of(const Site& site, const StepResult& settled) {
    std::map<std::pair<std::size_t, std::string>, std::set<ElectionKey>> groups;
    std::set<std::size_t> networks;
    std::set<ElectionKey> all;
    for (const auto& [key, seats] : site.elections) {
        networks.insert(key.network);
        all.insert(key);
        for (const Seat& seat : seats)
            if (const auto group = config::group_of(site.told, seat))
                groups[{seat.router, *group}].insert(key);
    }
    std::vector<std::set<ElectionKey>> teams;
    for (const auto& [group, keys] : groups)
        if (keys.size() > 1) teams.push_back(keys);
    if (teams.empty() && networks.size() > 1 && all_leaders(site, settled).size() == 1) teams.push_back(all);
    return teams;
}

bool is_whole(const Site& site, const std::set<ElectionKey>& team, const StepResult& step) {
    const auto first = leaders_of(site, *team.begin(), step);
    return std::ranges::all_of(team,
                               [&](const ElectionKey& key) { return leaders_of(site, key, step) == first; });
}

} // namespace

StoryOutcome outcome_of(const Site& site, const Story& story, const RunResult& result) {
    StoryOutcome outcome;
    for (std::size_t i = story.struck.value_or(story.settled); i < result.steps.size(); ++i)
        for (const Seen& seen : result.steps[i].seen)
            if (seen.outage > outcome.outage) outcome.outage = seen.outage, outcome.probe = seen.probe;
    const StepResult& during = result.steps[story.mended.value_or(story.calm) - 1];
    const StepResult& after = result.steps.back();
    outcome.led = all_leaders(site, during);
    outcome.leads = all_leaders(site, after);
    for (const auto& team : teams_of(site, result.steps[story.settled]))
        outcome.whole =
            outcome.whole.value_or(true) && is_whole(site, team, during) && is_whole(site, team, after);
    return outcome;
}

} // namespace vrrp::sim
