// Expectations about everybody at once: whether the world has come to rest, and whether in a good state.
#include "netsim/scenario/expectations.hpp"

#include "core/machine/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace vrrp::sim {
namespace {

// Somebody in the election of one virtual router on one network.
struct Candidate {
    const std::string* machine;
    const Kernel::Interface* interface;
    bool master;
};

using Elections = std::map<std::tuple<std::string, unsigned, IpFamily>, std::vector<Candidate>>;

void add_processes(const Node& node, Elections& elections) {
    const auto& interfaces = node.kernel().interfaces();
    for (const auto& process : node.processes()) {
        if (!process->running() || process->frozen()) continue;
        for (const VirtualRouter& one : process->router()->virtual_routers()) {
            if (one.state() == State::initialize) continue;
            const auto& interface = interfaces[node.kernel().labelled(one.config().interface)];
            elections[{interface.network->name(), one.config().vrid, one.config().family}].push_back(
                {&node.name(), &interface, one.state() == State::master});
        }
    }
}

void add_plain_routers(const Node& node, Elections& elections) {
    for (const auto& router : node.plain_routers()) {
        const Kernel::Interface& interface = node.kernel().interfaces()[router->interface()];
        if (!router->running() || !node.kernel().carrier(router->interface())) continue;
        elections[{interface.network->name(), router->config().vrid, IpFamily::v4}].push_back(
            {&node.name(), &interface, router->master()});
    }
}

bool hear_one_another(const Candidate& a, const Candidate& b) {
    const Switch& network = *a.interface->network;
    return network.reaches(a.interface->port, b.interface->port) &&
           network.reaches(b.interface->port, a.interface->port);
}

// Takes the first candidate and all who are connected to it, directly or through others, out of the election.
std::vector<Candidate> take_connected(std::vector<Candidate>& election) {
    std::vector<Candidate> part{election.front()};
    election.erase(election.begin());
    for (std::size_t i = 0; i < part.size(); ++i)
        for (auto other = election.begin(); other != election.end();) {
            if (!hear_one_another(part[i], *other)) {
                ++other;
                continue;
            }
            part.push_back(*other);
            other = election.erase(other);
        }
    return part;
}

std::string masters_text(const std::vector<Candidate>& part) {
    std::string text;
    for (const Candidate& one : part)
        if (one.master) text += (text.empty() ? "" : " and ") + *one.machine;
    return text.empty() ? "nobody" : text;
}

} // namespace

namespace expectation {

Verdict each_has_one_master(const Observation& o, const Arguments&) {
    Elections elections;
    for (const Node& node : o.world.nodes()) {
        add_processes(node, elections);
        add_plain_routers(node, elections);
    }
    if (elections.empty()) return {Outcome::vacuous, "no virtual router takes part in an election"};
    for (auto& [key, election] : elections)
        while (!election.empty()) {
            const std::vector<Candidate> part = take_connected(election);
            if (std::ranges::count(part, true, &Candidate::master) != 1)
                return {Outcome::failed,
                        fmt::format("master of {} on {}: {}", std::get<1>(key), std::get<0>(key),
                                    masters_text(part)),
                        std::to_string(std::get<1>(key))};
        }
    return {};
}

Verdict groups_are_whole(const Observation& o, const Arguments&) {
    // By machine, by where the group lives (a directory, or one process), and by its name.
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<const VirtualRouter*>> groups;
    for (const Node& node : o.world.nodes())
        for (const auto& process : node.processes()) {
            if (!process->running()) continue;
            for (const VirtualRouter& one : process->router()->virtual_routers()) {
                if (!one.config().group) continue;
                const GroupConfig& group =
                    process->config().groups[static_cast<std::size_t>(*one.config().group)];
                const std::string home = group.shared
                                             ? process->directory()
                                             : fmt::format("{}", static_cast<unsigned>(process->id()));
                groups[{node.name(), home, group.name}].push_back(&one);
            }
        }
    if (groups.empty()) return {Outcome::vacuous, "no vrrpd is in a group"};
    for (const auto& [key, members] : groups)
        for (const VirtualRouter* one : members) {
            const VirtualRouter& first = *members.front();
            if ((one->state() == State::master) == (first.state() == State::master)) continue;
            return {Outcome::failed,
                    fmt::format("{} is {} of {} and {} of {}", std::get<0>(key), to_string(first.state()),
                                first.config().vrid, to_string(one->state()), one->config().vrid),
                    std::get<0>(key)};
        }
    return {};
}

Verdict nobody_changes(const Observation& o, const Arguments&) {
    const bool anybody = std::ranges::any_of(o.world.nodes(), [](const Node& node) {
        return std::ranges::any_of(node.processes(), [](const auto& one) { return one->running(); });
    });
    const auto& records = o.world.journal().records();
    for (std::size_t i = o.first_record; i < records.size(); ++i) {
        const Decision* decision = std::get_if<Decision>(&records[i].what);
        if (decision == nullptr || !std::holds_alternative<Transition>(decision->event.what)) continue;
        return {Outcome::failed,
                fmt::format("{}: {} at {}", records[i].who, to_text(records[i]), time_text(records[i].time)),
                std::to_string(decision->vrid)};
    }
    if (!anybody) return {Outcome::vacuous, "no vrrpd runs"};
    return {};
}

} // namespace expectation
} // namespace vrrp::sim
