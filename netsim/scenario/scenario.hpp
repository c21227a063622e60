// A scenario as a value: networks, real command lines, a timeline and expectations.
#pragma once

#include "netsim/chaos/blow.hpp"
#include "netsim/engine/choices.hpp"
#include "netsim/scenario/verbs.hpp"

namespace vrrp::sim {

struct Place {
    std::uint32_t line = 0, column = 0; // from 1; 0 when the file as a whole is meant
};

struct ScenarioError {
    Place place;
    std::string message;
};

struct NetworkPlan {
    std::string name;
    std::vector<IpPrefix> subnets{};
    Duration forward_delay{}; // of a port whose carrier has come back
    bool port_security = false;
    bool multicast = true;
};

struct InterfacePlan {
    std::string name;
    std::string network;
    std::vector<IpPrefix> addresses;
};

struct NodePlan {
    std::string name;
    bool router = false;
    bool stateful_firewall = false; // a router's
    std::vector<InterfacePlan> interfaces{};
    std::map<std::string, std::string> files{}; // a router's, that its command lines name
    std::vector<std::string> commands{};        // as they are written
    std::vector<config::Configuration> run{};   // its processes
    std::vector<VirtualRouterConfig> plain{};   // of another make
    std::optional<IpAddress> gateway{};
    bool learns_gateway = false;     // a host's, from router advertisements: it is what it probes
    std::optional<Duration> probe{}; // how often a host asks its gateway
};

struct FlowPlan {
    std::string from, to;
    Duration every{};
};

struct Sentence {
    Place place;
    std::string text;
    const Verb* verb = nullptr;
    Arguments arguments;
};

struct Step {
    Place place{};
    Duration at{};
    Duration jitter{}; // it happens up to this much later; when is a choice
    std::vector<Sentence> actions{};
    std::vector<Sentence> expectations{};
};

struct Allowance {
    Invariant invariant{};
    std::string why;
};

// [chaos]: what `vrrplab sweep` lets strike, and what must hold afterwards.
struct ChaosPlan {
    std::vector<FaultKind> kinds;                // none: all that need no stranger and no owner
    std::vector<std::string> on;                 // machines, networks, "r1.eth0"; none: all
    unsigned count = 8;                          // strikes, at the most
    std::optional<Duration> from, until;         // when they strike; at `until` all is mended
    std::optional<Duration> quiet;               // and so long after that all must be well
    std::optional<std::vector<Sentence>> expect; // of that end
};

struct Scenario {
    std::string file;
    std::string title;
    std::string about;
    Duration ends{};
    std::vector<NetworkPlan> networks;
    std::vector<NodePlan> nodes; // routers first, each kind in the file's order
    std::vector<FlowPlan> flows;
    std::vector<Step> steps;        // in the order of time
    std::vector<Allowance> allowed; // invariants that are switched off
    std::optional<ChaosPlan> chaos;
    // What is left to chance, where the file says it: else a seed does that the run is given.
    std::optional<std::uint64_t> seed;
    std::optional<std::vector<Pick>> choices;
    bool shuffled = false; // which of the simultaneous comes first is left to chance, too
};

// "lan/r1.eth0/loss 7 = 1 of 2"
std::string pick_text(const Pick& pick);
std::optional<Pick> parse_pick(std::string_view text);

// Reads all of a scenario and refuses what it does not know. The first thing that is wrong, with its place.
tl::expected<Scenario, ScenarioError> parse_scenario(const std::string& file, std::string_view text);
tl::expected<Scenario, ScenarioError> read_scenario(const std::string& file);
// The names in it.
Vocabulary vocabulary_of(const Scenario& scenario);

// "scenario.toml:31:6: no router 'r3' (did you mean 'r2'?)"
std::string describe(const ScenarioError& error, const std::string& file);

} // namespace vrrp::sim
