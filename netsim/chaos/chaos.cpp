#include "netsim/chaos/chaos.hpp"

#include "core/machine/timers.hpp"
#include "netsim/node/fake_checks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFrom = 5s; // by then most worlds have settled
constexpr Duration kStruckFor = 20s;
constexpr Duration kSettles = 15s; // longer than a group distrusts resignations
constexpr Duration kMisled =
    40s; // who was misled keeps a wrong neighbour for 30 s, and then asks a few times
constexpr Duration kAnswered = 250ms;
constexpr Duration kLateSiblings = 300ms;

// The virtual routers of all vrrpds of a machine.
template <typename What>
void for_virtual_routers(const NodePlan& machine, What&& what) {
    for (const config::Configuration& process : machine.run)
        for (const VirtualRouterConfig& one : process.router.virtual_routers)
            what(process.router, one);
}

template <typename What>
void for_virtual_routers(const Scenario& scenario, What&& what) {
    for (const NodePlan& machine : scenario.nodes)
        for_virtual_routers(machine, what);
}

const InterfacePlan* interface_named(const NodePlan& machine, const std::string& name) {
    const auto found = std::ranges::find(machine.interfaces, name, &InterfacePlan::name);
    return found == machine.interfaces.end() ? nullptr : &*found;
}

Duration whole_seconds(Duration time) {
    return (time + 1s - 1ns) / 1s * Duration(1s);
}

// How long the slowest of them waits for its master, beside what the configurations add.
Duration longest_wait(const Scenario& scenario) {
    Duration wait{}, more{}, port{};
    for_virtual_routers(scenario, [&](const RouterConfig& router, const VirtualRouterConfig& one) {
        wait = std::max(wait, master_down_interval(one.version, 1, one.advertisement_interval));
        more = std::max(more, one.start_delay + one.preempt_delay);
        for (const TrackConfig& track : router.tracks)
            more = std::max(more, track.hold + (track.interval + track.timeout) *
                                                   static_cast<int>(std::max(track.rise, track.fall)));
    });
    for (const NetworkPlan& network : scenario.networks)
        port = std::max(port, network.forward_delay);
    return 3 * wait + more + port;
}

bool has_host(const Scenario& scenario) {
    return std::ranges::any_of(scenario.nodes, [](const NodePlan& node) { return node.probe.has_value(); });
}

} // namespace

Duration settling_time(const Scenario& scenario) {
    return whole_seconds(longest_wait(scenario)) + kSettles;
}

std::vector<std::string> well_being(const Scenario& scenario) {
    std::vector<std::string> expected;
    bool routers = false, groups = false;
    for_virtual_routers(scenario, [&](const RouterConfig&, const VirtualRouterConfig& one) {
        routers = true;
        groups = groups || one.group;
    });
    if (routers) expected = {"each virtual router has one master", "nobody changes state"};
    if (groups) expected.emplace_back("every group is whole");
    return expected;
}

// What the names in a sentence stand for, and which of them it must have to be about this.
struct Chaos::Context {
    Names names;
    std::vector<std::string> about;
    std::vector<std::string> subjects{}; // as `on` would name it
    const NodePlan* router = nullptr;
    const RouterConfig* process = nullptr;
    const VirtualRouterConfig* one = nullptr;
};

std::vector<Step> steps_of(const std::vector<Strike>& strikes, std::vector<Step> others) {
    struct Moment {
        std::vector<const Sentence*> mended, struck;
        Step other;
    };
    std::map<Duration, Moment> moments;
    for (Step& step : others)
        moments[step.at].other = std::move(step);
    for (const Strike& strike : strikes) {
        moments[strike.at].struck.push_back(&strike.what);
        if (strike.undo) moments[strike.undone].mended.push_back(&*strike.undo);
    }
    std::vector<Step> steps;
    for (auto& [at, moment] : moments) {
        Step step = std::move(moment.other);
        step.at = at;
        std::ranges::stable_sort(moment.mended, {}, [](const Sentence* s) { return mending_rank(s->text); });
        std::vector<const Sentence*> done;
        for (const Sentence* one : moment.mended) // two faults may be mended by one sentence
            if (std::ranges::find(done, one->text, &Sentence::text) == done.end()) done.push_back(one);
        done.insert(done.end(), moment.struck.begin(), moment.struck.end());
        for (const Sentence* one : done)
            step.actions.push_back(*one);
        steps.push_back(std::move(step));
    }
    return steps;
}

Chaos::Chaos(Scenario scenario, bool shuffled)
    : world_(std::move(scenario)), plan_(world_.chaos.value_or(ChaosPlan{})),
      vocabulary_(vocabulary_of(world_)) {
    world_.shuffled = world_.shuffled || shuffled;
    world_.choices.reset();
    plan_times();
    if (world_.chaos) plan_own_steps(world_.steps);
    plan_end();
    add_possible();
}

// --- The frame

void Chaos::plan_times() {
    from_ = plan_.from.value_or(kFrom);
    until_ = plan_.until.value_or(from_ + kStruckFor);
    const Duration wait = longest_wait(world_);
    const bool misled = may_strike(FaultKind::stranger) && has_host(world_);
    judged_ = until_ + plan_.quiet.value_or(settling_time(world_) + (misled ? kMisled : 0s));
    world_.ends = judged_ + std::max(Duration(5s), whole_seconds(wait * 2 / 3));
}

void Chaos::plan_own_steps(const std::vector<Step>& own) {
    for (const Step& step : own)
        if (!step.actions.empty() && step.at < judged_)
            frame_.push_back({.at = step.at, .actions = step.actions, .expectations = {}});
}

void Chaos::plan_end() {
    Step end{.at = judged_, .actions = {}, .expectations = {}};
    std::vector<std::string> expected = well_being(world_);
    const auto answered = [](Duration every) { return exact_text(kAnswered + 2 * every); };
    for (const NodePlan& host : world_.nodes)
        if (host.probe && !host.learns_gateway)
            expected.push_back(fmt::format("{} outage < {}", host.name, answered(*host.probe)));
    for (const FlowPlan& flow : world_.flows)
        expected.push_back(fmt::format("flow {} {} outage < {}", flow.from, flow.to, answered(flow.every)));
    if (plan_.expect) {
        end.expectations = *plan_.expect;
        for (Sentence& one : end.expectations)
            world_.ends = std::max(world_.ends, judged_ + one.arguments.bound.value_or(Duration{}) + 1ms);
    } else {
        for (const std::string& text : expected)
            if (auto parsed = parse_sentence(text, false, vocabulary_))
                end.expectations.push_back({{}, text, parsed->first, std::move(parsed->second)});
    }
    frame_.push_back(std::move(end));
}

// --- What may strike

bool Chaos::may_strike(FaultKind kind) const {
    if (!plan_.kinds.empty()) return std::ranges::find(plan_.kinds, kind) != plan_.kinds.end();
    return kind != FaultKind::stranger && kind != FaultKind::owner;
}

bool Chaos::may_strike(const Context& context) const {
    return plan_.on.empty() || std::ranges::any_of(context.subjects, [&](const std::string& subject) {
               return std::ranges::find(plan_.on, subject) != plan_.on.end();
           });
}

void Chaos::add_possible() {
    const std::vector<Context> all = contexts();
    for (const Blow& blow : blows()) {
        if (!may_strike(blow.kind)) continue;
        for (const Context& context : all)
            if (may_strike(context) && !is_hopeless(blow, context)) add_possible(blow, context);
    }
}

void Chaos::add_possible(const Blow& blow, const Context& context) {
    const std::string_view pattern = blow.what;
    if (std::ranges::none_of(context.about, [&](const std::string& name) {
            return pattern.find("{" + name + "}") != std::string_view::npos;
        }))
        return;
    std::vector<Possible>& of_kind = possible_[blow.kind];
    const auto sentence = [&](const char* text) -> std::optional<Sentence> {
        const std::string words = filled(text, context.names);
        auto parsed = parse_sentence(words, true, vocabulary_);
        if (!parsed) return std::nullopt; // it has a name that is none here
        return Sentence{{}, words, parsed->first, std::move(parsed->second)};
    };
    auto what = sentence(blow.what);
    std::optional<Sentence> undo = *blow.undo == '\0' ? std::nullopt : sentence(blow.undo);
    const bool known =
        what && std::ranges::any_of(of_kind, [&](const Possible& p) { return p.what.text == what->text; });
    if (what && !known && (undo || *blow.undo == '\0'))
        of_kind.push_back({*std::move(what), std::move(undo)});
    if (of_kind.empty()) possible_.erase(blow.kind);
}

bool Chaos::is_hopeless(const Blow& blow, const Context& context) const {
    switch (blow.hopeless) {
    case Hopeless::nowhere: return false;
    case Hopeless::without_virtual_mac: return has_bare_router(context);
    case Hopeless::several_in_process:
        return context.process != nullptr && context.process->virtual_routers.size() > 1;
    case Hopeless::owners: return context.one != nullptr && context.one->priority == 255;
    case Hopeless::fast_advertisements: break;
    }
    bool faster = false;
    if (context.router != nullptr)
        for_virtual_routers(*context.router, [&](const RouterConfig&, const VirtualRouterConfig& one) {
            faster = faster || one.advertisement_interval < kLateSiblings;
        });
    return faster;
}

// Somebody on the context's network does without the virtual MAC.
bool Chaos::has_bare_router(const Context& context) const {
    const auto network = context.names.find("network");
    if (network == context.names.end()) return false;
    bool bare = false;
    for (const NodePlan& machine : world_.nodes)
        for_virtual_routers(machine, [&](const RouterConfig&, const VirtualRouterConfig& one) {
            const InterfacePlan* interface = interface_named(machine, one.interface);
            bare =
                bare || (!one.virtual_mac && interface != nullptr && interface->network == network->second);
        });
    return bare;
}

std::vector<Chaos::Context> Chaos::contexts() const {
    const auto elects = [](const NodePlan& machine) {
        return !(machine.run.empty() && machine.plain.empty());
    };
    std::vector<Context> all;
    for (const NetworkPlan& network : world_.networks)
        if (std::ranges::any_of(world_.nodes, [&](const NodePlan& machine) {
                return elects(machine) &&
                       std::ranges::count(machine.interfaces, network.name, &InterfacePlan::network) != 0;
            }))
            all.push_back(
                {.names = {{"network", network.name}}, .about = {"network"}, .subjects = {network.name}});
    for (const NodePlan& machine : world_.nodes)
        if (elects(machine)) add_contexts(machine, all);
    for (const NetworkPlan& network : world_.networks)
        add_strangers(network, all);
    return all;
}

void Chaos::add_contexts(const NodePlan& router, std::vector<Context>& into) const {
    const Context of_router{.names = {{"router", router.name}},
                            .about = {"router"},
                            .subjects = {router.name},
                            .router = &router};
    into.push_back(of_router);
    for (const config::Configuration& process : router.run)
        for (const TrackConfig& track : process.router.tracks) {
            if (!FakeChecks::is_told(track) || track.invert || track.is_file()) continue;
            Context context = of_router;
            context.names["check"] = track.name;
            context.about = {"check"};
            into.push_back(std::move(context));
        }
    const auto is_virtual = [&](const IpAddress& address) {
        bool found = false;
        for_virtual_routers(world_, [&](const RouterConfig&, const VirtualRouterConfig& one) {
            found = found || std::ranges::count(one.addresses, address, &IpPrefix::address) != 0;
        });
        return found;
    };
    for (const InterfacePlan& interface : router.interfaces) {
        Context context = of_router;
        context.names["interface"] = interface.name;
        context.names["network"] = interface.network;
        std::vector<std::string> rest = vocabulary_.networks.at(interface.network);
        std::erase(rest, router.name);
        context.names["rest"] = fmt::format("{}", fmt::join(rest, " "));
        context.subjects = {router.name, router.name + "." + interface.name, interface.network};
        context.about = {"interface", "rest"};
        into.push_back(context);
        for (const IpPrefix& own : interface.addresses) {
            if (own.address.is_link_local() || is_virtual(own.address)) continue;
            context.names["own"] = to_string(own.address);
            context.names["length"] = std::to_string(own.length);
            context.about = {"own"};
            into.push_back(context);
        }
    }
    for_virtual_routers(router, [&](const RouterConfig& process, const VirtualRouterConfig& one) {
        Context context = of_router;
        context.process = &process, context.one = &one;
        context.subjects.push_back(router.name + "." + one.interface);
        context.names["interface"] = one.interface;
        context.names["vrid"] = std::to_string(one.vrid);
        context.names["priority"] = std::to_string(one.priority);
        for (const char* another : {"1", "254"})
            for (const IpPrefix& address : one.addresses) {
                if (address.address.is_link_local()) continue;
                context.names["another"] = another;
                context.names["virtual"] = to_string(address.address);
                context.names["length"] = one.family == IpFamily::v6 ? "64" : "24";
                context.about = {"vrid", "virtual"};
                into.push_back(context);
            }
    });
}

// A host that may speak there, in the name of whoever runs the virtual router.
void Chaos::add_strangers(const NetworkPlan& network, std::vector<Context>& into) const {
    const auto on_it = [&](const NodePlan& machine) {
        return std::ranges::count(machine.interfaces, network.name, &InterfacePlan::network) != 0;
    };
    const auto host =
        std::ranges::find_if(world_.nodes, [&](const NodePlan& m) { return !m.router && on_it(m); });
    if (host == world_.nodes.end()) return;
    for (const NodePlan& router : world_.nodes)
        for_virtual_routers(router, [&](const RouterConfig&, const VirtualRouterConfig& one) {
            const InterfacePlan* interface = interface_named(router, one.interface);
            if (interface == nullptr || interface->network != network.name || interface->addresses.empty())
                return;
            into.push_back({.names = {{"stranger", host->name},
                                      {"vrid", std::to_string(one.vrid)},
                                      {"virtual", to_string(one.addresses.front().address)},
                                      {"leader", to_string(interface->addresses.front().address)}},
                            .about = {"stranger"},
                            .subjects = {host->name, network.name}});
        });
}

// --- A draw

std::vector<Strike> Chaos::draw(std::uint64_t seed) const {
    SeededChoices choices(seed);
    const ChoiceStream swarm = choices.stream("chaos/kinds"), stream = choices.stream("chaos/strikes");
    const auto pick = [&](std::uint64_t n) { return choices.pick(stream, n); };
    std::vector<const std::vector<Possible>*> kinds;
    for (const auto& [kind, of_kind] : possible_)
        if (choices.pick(swarm, 2) == 0) kinds.push_back(&of_kind);
    std::vector<Strike> strikes;
    if (possible_.empty()) return strikes;
    if (kinds.empty())
        kinds.push_back(
            &std::next(possible_.begin(), static_cast<std::ptrdiff_t>(choices.pick(swarm, possible_.size())))
                 ->second);
    const auto window = static_cast<std::uint64_t>((until_ - from_) / 1ms);
    const auto gap = [&] { // at once, soon, about an interval later, or whenever
        const std::uint64_t gaps[] = {
            1, 10, 1 + pick(200), 1000 + pick(10), 1 + pick(window / 3 + 1), 1 + pick(window + 1)};
        return std::chrono::milliseconds(gaps[pick(std::size(gaps))]);
    };
    // Some are struck before they have settled.
    Duration at = !plan_.from && pick(4) == 0 ? Duration(1ms) : from_;
    for (std::uint64_t left = 1 + pick(plan_.count); left != 0 && at < until_; --left) {
        const std::vector<Possible>& of_kind = *kinds[pick(kinds.size())];
        const Possible& chosen = of_kind[pick(of_kind.size())];
        const Duration undone = pick(2) == 0 ? until_ : std::min<Duration>(until_, at + gap());
        strikes.push_back({at, chosen.what, chosen.undo, chosen.undo ? undone : Duration{}});
        at += gap();
    }
    for (const NodePlan& machine : world_.nodes) {
        if (!machine.router || (machine.run.empty() && machine.plain.empty())) continue;
        const std::string text = "start " + machine.name;
        auto parsed = parse_sentence(text, true, vocabulary_);
        strikes.push_back({until_, {{}, text, parsed->first, std::move(parsed->second)}});
    }
    return strikes;
}

const Scenario& Chaos::world(std::uint64_t seed) {
    world_.seed = seed;
    world_.steps = steps_of(draw(seed), frame_);
    return world_;
}

std::optional<std::string> Chaos::undo_of(const std::string& sentence) const {
    for (const auto& [kind, of_kind] : possible_)
        for (const Possible& one : of_kind)
            if (one.what.text == sentence && one.undo) return one.undo->text;
    return std::nullopt;
}

} // namespace vrrp::sim
