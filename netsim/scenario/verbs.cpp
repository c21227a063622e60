#include "netsim/scenario/verbs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::sim {
namespace {

// --- Finding what a sentence names; the parser has checked that it exists

Machine& machine_named(World& world, const std::string& name) {
    return *std::ranges::find(world.machines(), name, [](const Machine& m) { return m.name(); });
}

std::uint16_t interface_of(World& world, const Arguments& a) {
    return *machine_named(world, a.machine).kernel().find(a.interface);
}

// The processes that run one of the sentence's VRIDs; without one, all of the machine.
std::vector<Process*> processes_of(World& world, const Arguments& a) {
    std::vector<Process*> chosen;
    for (const auto& process : machine_named(world, a.machine).processes())
        if (a.vrids.empty() || std::ranges::any_of(a.vrids, [&](auto vrid) { return process->has(vrid); }))
            chosen.push_back(process.get());
    return chosen;
}

const Probe* probe_of(const World& world, const std::string& name) {
    const auto found = std::ranges::find(world.probes(), name, &Probe::name);
    return found == world.probes().end() ? nullptr : &*found;
}

Switch& network_named(World& world, const std::string& name) {
    return *std::ranges::find(world.networks(), name, [](const Switch& s) { return s.name(); });
}

// --- Actions

template <typename What>
void for_ports(World& world, const std::string& network, What&& what) {
    for (Machine& machine : world.machines())
        for (const Kernel::Interface& interface : machine.kernel().interfaces())
            if (interface.network->name() == network) what(machine, interface);
}

void unplug(World& world, const Arguments& a) {
    machine_named(world, a.machine).kernel().set_plugged(interface_of(world, a), false);
}

void plug(World& world, const Arguments& a) {
    machine_named(world, a.machine).kernel().set_plugged(interface_of(world, a), true);
}

void set_cut(World& world, const Arguments& a, SilentCut cut) {
    const Kernel::Interface& interface =
        machine_named(world, a.machine).kernel().interfaces()[interface_of(world, a)];
    interface.network->set_cut(interface.port, cut);
}

void cut(World& world, const Arguments& a) {
    set_cut(world, a, {.to_switch = a.direction != "in", .from_switch = a.direction != "out"});
}

void mend(World& world, const Arguments& a) {
    set_cut(world, a, {});
}

void delay(World& world, const Arguments& a) {
    const Kernel::Interface& interface =
        machine_named(world, a.machine).kernel().interfaces()[interface_of(world, a)];
    interface.network->set_latency(interface.port, a.limit);
}

void kill(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->kill();
}

void stop(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        world.stop(*process);
}

void start(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->start();
}

void freeze(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->freeze();
}

void thaw(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->thaw();
}

void power(World& world, const Arguments& a) {
    Machine& machine = machine_named(world, a.machine);
    if (a.direction == "on")
        machine.power_on();
    else
        machine.power_off();
}

void partition(World& world, const Arguments& a) {
    Switch& network = network_named(world, a.network);
    std::vector<std::uint8_t> side_by_port(network.ports());
    for_ports(world, a.network, [&](const Machine& machine, const Kernel::Interface& interface) {
        for (std::size_t side = 0; side < a.sides.size(); ++side)
            if (std::ranges::count(a.sides[side], machine.name()) != 0)
                side_by_port[static_cast<std::size_t>(interface.port)] = static_cast<std::uint8_t>(side);
    });
    network.partition(side_by_port);
}

void heal(World& world, const Arguments& a) {
    network_named(world, a.network).heal();
}

void lose(World& world, const Arguments& a) {
    for_ports(world, a.network, [&](const Machine&, const Kernel::Interface& interface) {
        interface.network->set_loss(interface.port, a.loss);
    });
}

void set_priority(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->set_priority(a.vrids.front(), a.priority);
}

// --- Expectations

Verdict verdict(bool met, std::string seen) {
    return {met ? Outcome::met : Outcome::failed, std::move(seen)};
}

Verdict vacuous(std::string why) {
    return {Outcome::vacuous, std::move(why)};
}

template <typename What>
void for_virtual_routers(World& world, const Arguments& a, What&& what) {
    for (const Process* process : processes_of(world, a)) {
        if (!process->running()) continue;
        for (const VirtualRouter& one : process->router()->virtual_routers())
            if (std::ranges::count(a.vrids, one.config().vrid) != 0) what(one);
    }
}

std::string states_text(World& world, const Arguments& a) {
    std::vector<std::string> texts;
    for_virtual_routers(world, a, [&](const VirtualRouter& one) {
        texts.push_back(fmt::format("{} of {} since {}", to_string(one.state()), one.config().vrid,
                                    time_text(one.since())));
    });
    if (texts.empty()) return fmt::format("{} runs no vrrpd", a.machine);
    return fmt::format("{} is {}", a.machine, fmt::join(texts, ", "));
}

Verdict is_state(const Observation& o, const Arguments& a) {
    bool early = false;
    for_virtual_routers(o.world, a, [&](const VirtualRouter& one) {
        early = early || (a.earliest && one.since() < o.from + *a.earliest);
    });
    return verdict(in_state(o.world, a) && !early, states_text(o.world, a));
}

// Whether a record tells of one of the machine's virtual routers entering the sentence's state.
bool enters_state(const Record& record, const Arguments& a) {
    const Decision* decision = std::get_if<Decision>(&record.what);
    if (decision == nullptr || record.who != a.machine) return false;
    const Transition* transition = std::get_if<Transition>(&decision->event.what);
    return transition != nullptr && transition->to == a.state &&
           std::ranges::count(a.vrids, decision->vrid) != 0;
}

Verdict is_never_state(const Observation& o, const Arguments& a) {
    const auto& records = o.world.journal().records();
    for (std::size_t i = o.first_record; i < records.size(); ++i)
        if (enters_state(records[i], a))
            return verdict(false, fmt::format("{} at {}", to_text(records[i]), time_text(records[i].time)));
    if (o.was_in_state)
        return verdict(false, fmt::format("{} was {} from the start", a.machine, to_string(a.state)));
    bool watched = false;
    for_virtual_routers(o.world, a, [&](const VirtualRouter&) { watched = true; });
    if (!watched) return vacuous(fmt::format("{} runs no such virtual router", a.machine));
    return {};
}

Verdict sent_priority(const Observation& o, const Arguments& a) {
    const auto sent = o.world.wire().sent(a.machine, a.vrids.front());
    std::vector<std::string> texts;
    texts.reserve(sent.by_priority.size());
    for (const auto& [priority, count] : sent.by_priority)
        texts.push_back(fmt::format("{} × priority {}", count, priority));
    return verdict(sent.by_priority.contains(a.priority),
                   texts.empty() ? fmt::format("{} sent no advertisement", a.machine)
                                 : fmt::format("{} sent {}", a.machine, fmt::join(texts, ", ")));
}

Verdict never_sent_priority(const Observation& o, const Arguments& a) {
    Verdict opposite = sent_priority(o, a);
    if (o.world.wire().sent(a.machine, a.vrids.front()).advertisements == 0) return vacuous(opposite.seen);
    return verdict(opposite.outcome != Outcome::met, std::move(opposite.seen));
}

Verdict sent_count(const Observation& o, const Arguments& a) {
    const std::uint64_t sent = o.world.wire().sent(a.machine, a.vrids.front()).advertisements;
    const bool at_most = a.direction == "most";
    const std::string seen = fmt::format("{} sent {}", a.machine, sent);
    if (at_most && sent == 0) return vacuous(seen + "; to expect that, write 'sent no advertisements'");
    return verdict(at_most ? sent <= a.count : sent >= a.count, seen);
}

Verdict sent_none(const Observation& o, const Arguments& a) {
    const std::uint64_t sent = o.world.wire().sent(a.machine, a.vrids.front()).advertisements;
    if (o.world.wire().sent_by_all(a.vrids.front()) == 0) return vacuous("nobody sent any");
    return verdict(sent == 0, fmt::format("{} sent {}", a.machine, sent));
}

Verdict announced(const Observation& o, const Arguments& a) {
    const std::uint64_t times = o.world.wire().announced(a.machine, a.address);
    return verdict(times != 0, fmt::format("{} announced it {} times", a.machine, times));
}

bool holds_address(World& world, const Arguments& a) {
    const auto& interfaces = machine_named(world, a.machine).kernel().interfaces();
    return std::ranges::any_of(interfaces, [&](const Kernel::Interface& interface) {
        return std::ranges::any_of(interface.held,
                                   [&](const auto& h) { return h.prefix.address == a.address; }) ||
               std::ranges::any_of(interface.own, [&](const auto& own) { return own.address == a.address; });
    });
}

Verdict holds(const Observation& o, const Arguments& a) {
    return verdict(holds_address(o.world, a), "it does not");
}

// Lacking what it never asked for says nothing: a wrong address would be met for ever.
Verdict lacks(const Observation& o, const Arguments& a) {
    const auto& processes = machine_named(o.world, a.machine).processes();
    const bool may_hold_it = std::ranges::any_of(processes, [&](const auto& process) {
        return std::ranges::any_of(process->config().virtual_routers, [&](const VirtualRouterConfig& config) {
            return std::ranges::count(config.addresses, a.address, &IpPrefix::address) != 0;
        });
    });
    if (!may_hold_it)
        return vacuous(fmt::format("no vrrpd of {} ever takes {}", a.machine, to_string(a.address)));
    return verdict(!holds_address(o.world, a), "it does");
}

Verdict has_neighbour(const Observation& o, const Arguments& a) {
    for (const Kernel::Interface& interface : machine_named(o.world, a.machine).kernel().interfaces())
        if (const std::optional<MacAddress> mac = interface.neighbours.lookup(a.address))
            return verdict(*mac == a.mac, fmt::format("{} has {}", a.machine, to_string(*mac)));
    return vacuous(fmt::format("{} has no entry for {}", a.machine, to_string(a.address)));
}

Verdict judge_outage(const Observation& o, const Arguments& a, const Probe* probe) {
    if (probe == nullptr) return vacuous("there is no such probe");
    const std::uint64_t sent = probe->sent_since(o.from);
    if (sent == 0) return vacuous("no request was sent");
    const Duration worst = probe->worst_outage_since(o.from);
    const std::string seen = worst == Duration{} ? fmt::format("every one of {} requests was answered", sent)
                                                 : fmt::format("an outage of {}", to_string(worst));
    return verdict(a.at_least ? worst >= a.limit : worst < a.limit, seen);
}

Verdict host_outage(const Observation& o, const Arguments& a) {
    const auto& gateway = machine_named(o.world, a.machine).kernel().gateway();
    if (!gateway) return vacuous(fmt::format("{} has no gateway", a.machine));
    return judge_outage(o, a, probe_of(o.world, a.machine + " -> " + to_string(*gateway)));
}

Verdict flow_outage(const Observation& o, const Arguments& a) {
    return judge_outage(o, a, probe_of(o.world, a.machine + " -> " + a.peer));
}

bool record_contains(const Record& record, const Arguments& a) {
    return (a.machine.empty() || record.who == a.machine) &&
           to_text(record).find(a.text) != std::string::npos;
}

Verdict journal_contains(const Observation& o, const Arguments& a) {
    const auto& records = o.world.journal().records();
    const std::span since(records.begin() + static_cast<std::ptrdiff_t>(o.first_record), records.end());
    return verdict(std::ranges::any_of(since, [&](const Record& r) { return record_contains(r, a); }),
                   fmt::format("none of {} lines does", since.size()));
}

constexpr VerbKind kAction = VerbKind::action, kAtOnce = VerbKind::at_once,
                   kUntilNextStep = VerbKind::until_next_step;

// clang-format off
constexpr Verb kVerbs[] = {
    {kAction, "unplug MACHINE INTERFACE", "pull a cable: both ends see the carrier go", unplug, nullptr},
    {kAction, "plug MACHINE INTERFACE", "put it back", plug, nullptr},
    {kAction, "cut MACHINE INTERFACE [in|out]", "lose every frame and tell nobody; `in` only those to the machine, `out` only those from it", cut, nullptr},
    {kAction, "mend MACHINE INTERFACE", "end a cut", mend, nullptr},
    {kAction, "delay MACHINE INTERFACE by LIMIT", "from now on, this cable takes so long, each way", delay, nullptr},
    {kAction, "lose PERCENT on NETWORK", "from now on, each cable of the network loses so many of its frames, each way", lose, nullptr},
    {kAction, "partition NETWORK into SIDES", "the sides (`r1 | r2 pc`) do not reach one another; everybody on the network is on one", partition, nullptr},
    {kAction, "heal NETWORK", "end a partition", heal, nullptr},
    {kAction, "kill ROUTER [VRID]", "SIGKILL to its vrrpds, or to the one of a VRID: addresses stay behind", kill, nullptr},
    {kAction, "stop ROUTER [VRID]", "SIGTERM: it leaves in order", stop, nullptr},
    {kAction, "start ROUTER [VRID]", "start those that do not run", start, nullptr},
    {kAction, "freeze ROUTER [VRID]", "SIGSTOP: the kernel goes on answering", freeze, nullptr},
    {kAction, "thaw ROUTER [VRID]", "SIGCONT", thaw, nullptr},
    {kAction, "power on|off MACHINE", "the whole machine; `on` boots it", power, nullptr},
    {kAction, "set priority of ROUTER VRID to PRIORITY", "as its operator", set_priority, nullptr},

    {kAtOnce, "ROUTER is STATE of VRIDS [within BOUND] [not before EARLIEST]", "as its vrrpd believes, at the step or when BOUND has passed; and not since before EARLIEST", nullptr, is_state},
    {kUntilNextStep, "ROUTER is never STATE of VRIDS", "from the step on", nullptr, is_never_state},
    {kAtOnce, "ROUTER holds ADDRESS [within BOUND]", "its kernel has the address", nullptr, holds},
    {kAtOnce, "ROUTER lacks ADDRESS [within BOUND]", "its kernel does not", nullptr, lacks},
    {kAtOnce, "MACHINE has MAC for ADDRESS [within BOUND]", "in its neighbour table", nullptr, has_neighbour},
    {kUntilNextStep, "ROUTER sent priority ANYPRIORITY for VRID", "at least one such advertisement", nullptr, sent_priority},
    {kUntilNextStep, "ROUTER never sent priority ANYPRIORITY for VRID", "others, but none such", nullptr, never_sent_priority},
    {kUntilNextStep, "ROUTER sent at most|least COUNT advertisements for VRID", "of any priority", nullptr, sent_count},
    {kUntilNextStep, "ROUTER sent no advertisements for VRID", "while others did", nullptr, sent_none},
    {kUntilNextStep, "ROUTER announced ADDRESS", "gratuitous ARP or unsolicited neighbour advertisement", nullptr, announced},
    {kUntilNextStep, "HOST outage COMPARISON LIMIT", "how long its gateway did not answer, at the longest: from one answered request to the next", nullptr, host_outage},
    {kUntilNextStep, "flow HOST PEER outage COMPARISON LIMIT", "the same for a [[flow]]", nullptr, flow_outage},
    {kUntilNextStep, "ROUTER journal contains TEXT", "a line of it has these characters", nullptr, journal_contains},
};
// clang-format on

} // namespace

std::span<const Verb> verbs() {
    return kVerbs;
}

bool in_state(World& world, const Arguments& a) {
    std::size_t found = 0;
    bool all = true;
    for_virtual_routers(world, a, [&](const VirtualRouter& one) {
        ++found;
        all = all && one.state() == a.state;
    });
    return all && found >= a.vrids.size();
}

tl::expected<std::pair<const Verb*, Arguments>, Mismatch>
parse_sentence(std::string_view sentence, bool action, const Vocabulary& vocabulary) {
    std::optional<Mismatch> best;
    for (const Verb& verb : kVerbs) {
        if ((verb.kind == VerbKind::action) != action) continue;
        auto arguments = match(verb.grammar, sentence, vocabulary);
        if (arguments) return std::pair{&verb, std::move(*arguments)};
        const Mismatch& mismatch = arguments.error();
        // The row that got furthest is the one that was meant; a wrong value says more than a wrong word.
        const auto rank = [](const Mismatch& m) { return std::pair(m.offset, m.names_a_value); };
        if (!best || rank(mismatch) > rank(*best)) best = mismatch;
    }
    return tl::unexpected(*best);
}

} // namespace vrrp::sim
