#include "netsim/scenario/expectations.hpp"

#include "core/machine/names.hpp"
#include "netsim/scenario/named.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::sim {
namespace {

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

// Of what one of the machine's processes says, by its clock.
TimePoint world_time(World& world, const Arguments& a, TimePoint local) {
    return node_named(world, a.node).clock().world(local);
}

std::string states_text(World& world, const Arguments& a) {
    std::vector<std::string> texts;
    for_virtual_routers(world, a, [&](const VirtualRouter& one) {
        texts.push_back(fmt::format("{} of {} since {}", to_string(one.state()), one.config().vrid,
                                    time_text(world_time(world, a, one.since()))));
    });
    if (texts.empty()) return fmt::format("{} runs no vrrpd", a.node);
    return fmt::format("{} is {}", a.node, fmt::join(texts, ", "));
}

// Whether a record tells of one of the machine's virtual routers entering the sentence's state.
bool enters_state(const Record& record, const Arguments& a) {
    const Decision* decision = std::get_if<Decision>(&record.what);
    if (decision == nullptr || record.who != a.node) return false;
    const Transition* transition = std::get_if<Transition>(&decision->event.what);
    return transition != nullptr && transition->to == a.state &&
           std::ranges::count(a.vrids, decision->vrid) != 0;
}

bool holds_address(World& world, const Arguments& a) {
    const auto& interfaces = node_named(world, a.node).kernel().interfaces();
    return std::ranges::any_of(interfaces, [&](const Kernel::Interface& interface) {
        return std::ranges::any_of(interface.held,
                                   [&](const auto& h) { return h.prefix.address == a.address; }) ||
               std::ranges::any_of(interface.own, [&](const auto& own) { return own.address == a.address; });
    });
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

// A line of the machine's own; what the scenario did to it is none.
bool record_contains(const Record& record, const Arguments& a) {
    return record.who == a.node && std::holds_alternative<Decision>(record.what) &&
           to_text(record).find(a.text) != std::string::npos;
}

std::span<const Record> records_since(const Observation& o) {
    return std::span(o.world.journal().records()).subspan(o.first_record);
}

// The command lines of the scripts that the machine ran.
std::vector<std::string> scripts_of(const Observation& o, const Arguments& a) {
    std::vector<std::string> commands;
    for (const Record& record : records_since(o))
        if (const ScriptBegan* began = std::get_if<ScriptBegan>(&record.what); began && record.who == a.node)
            commands.push_back(began->command);
    return commands;
}

std::vector<std::string> fifo_lines_of(const Observation& o, const Arguments& a) {
    std::vector<std::string> lines;
    for (const Record& record : records_since(o))
        if (const FifoLine* fifo = std::get_if<FifoLine>(&record.what); fifo && record.who == a.node)
            lines.push_back(fifo->line);
    return lines;
}

bool any_has(const std::vector<std::string>& lines, const std::string& text) {
    return std::ranges::any_of(lines,
                               [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

Verdict no_scripts(const Arguments& a) {
    return vacuous(fmt::format("{} ran no script", a.node));
}

} // namespace

bool in_state(World& world, const Arguments& a) {
    std::size_t found = 0;
    bool all = true;
    for_virtual_routers(world, a, [&](const VirtualRouter& one) {
        ++found;
        all = all && one.state() == a.state;
    });
    return all && found >= a.vrids.size();
}

namespace expectation {

// --- States

Verdict is_state(const Observation& o, const Arguments& a) {
    bool early = false;
    for_virtual_routers(o.world, a, [&](const VirtualRouter& one) {
        early = early || (a.earliest && world_time(o.world, a, one.since()) < o.from + *a.earliest);
    });
    return verdict(in_state(o.world, a) && !early, states_text(o.world, a));
}

Verdict is_never_state(const Observation& o, const Arguments& a) {
    const auto& records = o.world.journal().records();
    for (std::size_t i = o.first_record; i < records.size(); ++i)
        if (enters_state(records[i], a))
            return verdict(false, fmt::format("{} at {}", to_text(records[i]), time_text(records[i].time)));
    if (o.was_in_state)
        return verdict(false, fmt::format("{} was {} from the start", a.node, to_string(a.state)));
    bool watched = false;
    for_virtual_routers(o.world, a, [&](const VirtualRouter&) { watched = true; });
    if (!watched) return vacuous(fmt::format("{} runs no such virtual router", a.node));
    return {};
}

Verdict sent_priority(const Observation& o, const Arguments& a) {
    const auto sent = o.world.wire().sent(a.node, a.vrids.front());
    std::vector<std::string> texts;
    texts.reserve(sent.by_priority.size());
    for (const auto& [priority, count] : sent.by_priority)
        texts.push_back(fmt::format("{} × priority {}", count, priority));
    return verdict(sent.by_priority.contains(a.priority),
                   texts.empty() ? fmt::format("{} sent no advertisement", a.node)
                                 : fmt::format("{} sent {}", a.node, fmt::join(texts, ", ")));
}

Verdict never_sent_priority(const Observation& o, const Arguments& a) {
    Verdict opposite = sent_priority(o, a);
    if (o.world.wire().sent(a.node, a.vrids.front()).advertisements == 0) return vacuous(opposite.seen);
    return verdict(opposite.outcome != Outcome::met, std::move(opposite.seen));
}

Verdict sent_count(const Observation& o, const Arguments& a) {
    const std::uint64_t sent = o.world.wire().sent(a.node, a.vrids.front()).advertisements;
    const bool at_most = a.choice == "most";
    const std::string seen = fmt::format("{} sent {}", a.node, sent);
    if (at_most && sent == 0) return vacuous(seen + "; to expect that, write 'sent no advertisements'");
    return verdict(at_most ? sent <= a.count : sent >= a.count, seen);
}

Verdict sent_none(const Observation& o, const Arguments& a) {
    const std::uint64_t sent = o.world.wire().sent(a.node, a.vrids.front()).advertisements;
    if (o.world.wire().sent_by_all(a.vrids.front()) == 0) return vacuous("nobody sent any");
    return verdict(sent == 0, fmt::format("{} sent {}", a.node, sent));
}

Verdict sent_router_advertisements(const Observation& o, const Arguments& a) {
    const std::uint64_t sent = o.world.wire().router_advertisements(a.node);
    const bool at_most = a.choice == "most";
    const std::string seen = fmt::format("{} sent {}", a.node, sent);
    if (at_most && sent == 0) return vacuous(seen + "; to expect that, write 'no router advertisements'");
    return verdict(at_most ? sent <= a.count : sent >= a.count, seen);
}

Verdict sent_no_router_advertisements(const Observation& o, const Arguments& a) {
    if (o.world.wire().router_advertisements_of_all() == 0) return vacuous("nobody sent any");
    const std::uint64_t sent = o.world.wire().router_advertisements(a.node);
    return verdict(sent == 0, fmt::format("{} sent {}", a.node, sent));
}

Verdict learned_gateway(const Observation& o, const Arguments& a) {
    const std::optional<IpAddress> gateway = node_named(o.world, a.node).kernel().gateway();
    return verdict(gateway == a.address, gateway ? fmt::format("{} has {}", a.node, to_string(*gateway))
                                                 : fmt::format("{} has none", a.node));
}

Verdict has_no_gateway(const Observation& o, const Arguments& a) {
    const std::optional<IpAddress> gateway = node_named(o.world, a.node).kernel().gateway();
    return verdict(!gateway, gateway ? fmt::format("{} has {}", a.node, to_string(*gateway)) : "");
}

Verdict announced(const Observation& o, const Arguments& a) {
    const std::uint64_t times = o.world.wire().announced(a.node, a.address);
    return verdict(times != 0, fmt::format("{} announced it {} times", a.node, times));
}

Verdict announced_at_most(const Observation& o, const Arguments& a) {
    const std::uint64_t worst = o.world.wire().worst_burst(a.node);
    if (worst == 0) return vacuous(fmt::format("{} announced nothing", a.node));
    return verdict(worst <= a.count, fmt::format("{} announced {} in a millisecond", a.node, worst));
}

Verdict sent_magic_packet(const Observation& o, const Arguments& a) {
    const std::uint64_t times = o.world.wire().magic_packets(a.node, a.address);
    return verdict(times != 0, fmt::format("{} sent it {} of them", a.node, times));
}

Verdict holds(const Observation& o, const Arguments& a) {
    return verdict(holds_address(o.world, a), "it does not");
}

// Lacking what it never asked for says nothing: a wrong address would be met for ever.
Verdict lacks(const Observation& o, const Arguments& a) {
    const Node& node = node_named(o.world, a.node);
    const auto has_it = [&](const VirtualRouterConfig& config) {
        return std::ranges::count(config.addresses, a.address, &IpPrefix::address) != 0;
    };
    const bool may_hold_it =
        std::ranges::any_of(node.processes(),
                            [&](const auto& one) { return one->has_ever_had(a.address); }) ||
        std::ranges::any_of(node.plain_routers(), [&](const auto& one) { return has_it(one->config()); });
    if (!may_hold_it)
        return vacuous(fmt::format("no router of {} ever takes {}", a.node, to_string(a.address)));
    return verdict(!holds_address(o.world, a), "it does");
}

Verdict has_neighbour(const Observation& o, const Arguments& a) {
    for (const Kernel::Interface& interface : node_named(o.world, a.node).kernel().interfaces())
        if (const std::optional<MacAddress> mac = interface.neighbours.lookup(a.address))
            return verdict(*mac == a.mac, fmt::format("{} has {}", a.node, to_string(*mac)));
    return vacuous(fmt::format("{} has no entry for {}", a.node, to_string(a.address)));
}

Verdict host_outage(const Observation& o, const Arguments& a) {
    const std::optional<IpAddress> gateway = node_named(o.world, a.node).kernel().gateway();
    if (!gateway) return vacuous(fmt::format("{} has no gateway", a.node));
    return judge_outage(o, a, probe_of(o.world, a.node + " -> " + to_string(*gateway)));
}

Verdict flow_outage(const Observation& o, const Arguments& a) {
    return judge_outage(o, a, probe_of(o.world, a.node + " -> " + a.peer));
}

// --- Networks

Verdict refused_frames(const Observation& o, const Arguments& a) {
    std::uint64_t refused = 0;
    for (const Kernel::Interface& interface : node_named(o.world, a.node).kernel().interfaces())
        if (interface.network->name() == a.network) refused += interface.network->refused(interface.port);
    return verdict(refused != 0, fmt::format("it refused {} of {}", refused, a.node));
}

Verdict refused_nothing(const Observation& o, const Arguments& a) {
    const auto network = std::ranges::find(o.world.networks(), a.network, &Switch::name);
    if (!network->port_security()) return vacuous(fmt::format("{} has no port security", a.network));
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < network->ports(); ++i)
        refused += network->refused(static_cast<PortId>(i));
    return verdict(refused == 0, fmt::format("it refused {}", refused));
}

// --- Journals

Verdict journal_contains(const Observation& o, const Arguments& a) {
    const auto since = records_since(o);
    return verdict(std::ranges::any_of(since, [&](const Record& r) { return record_contains(r, a); }),
                   fmt::format("none of {} lines does", since.size()));
}

Verdict journal_lacks(const Observation& o, const Arguments& a) {
    std::size_t lines = 0;
    for (const Record& record : records_since(o)) {
        if (record.who != a.node || !std::holds_alternative<Decision>(record.what)) continue;
        ++lines;
        if (record_contains(record, a))
            return verdict(false, fmt::format("{} at {}", to_text(record), time_text(record.time)));
    }
    return lines == 0 ? vacuous(fmt::format("{} said nothing", a.node)) : Verdict{};
}

// --- Scripts and groups

Verdict ran(const Observation& o, const Arguments& a) {
    const auto commands = scripts_of(o, a);
    return verdict(any_has(commands, a.text),
                   commands.empty() ? fmt::format("{} ran no script", a.node)
                                    : fmt::format("{} ran {}", a.node, fmt::join(commands, ", ")));
}

Verdict never_ran(const Observation& o, const Arguments& a) {
    Verdict opposite = ran(o, a);
    if (scripts_of(o, a).empty()) return no_scripts(a);
    return verdict(opposite.outcome != Outcome::met, std::move(opposite.seen));
}

Verdict ran_count(const Observation& o, const Arguments& a) {
    const auto commands = scripts_of(o, a);
    return verdict(commands.size() == a.count,
                   fmt::format("{} ran {}: {}", a.node, commands.size(), fmt::join(commands, ", ")));
}

Verdict told(const Observation& o, const Arguments& a) {
    const auto lines = fifo_lines_of(o, a);
    return verdict(any_has(lines, a.text), lines.empty()
                                               ? fmt::format("{} wrote no line", a.node)
                                               : fmt::format("{} told {}", a.node, fmt::join(lines, ", ")));
}

Verdict never_told(const Observation& o, const Arguments& a) {
    if (fifo_lines_of(o, a).empty()) return vacuous(fmt::format("{} wrote no line", a.node));
    Verdict opposite = told(o, a);
    return verdict(opposite.outcome != Outcome::met, std::move(opposite.seen));
}

Verdict is_group(const Observation& o, const Arguments& a) {
    std::vector<std::string> seen;
    bool met = true;
    const TimePoint now = node_named(o.world, a.node).clock().local(o.world.now());
    for (const Process* process : processes_of(o.world, a)) {
        if (!process->running()) continue;
        for (const GroupIndex index : process->router()->groups()) {
            const GroupView group = process->router()->group(now, index);
            const bool fit = group.trouble == GroupTrouble::none;
            met = met && fit == (a.choice == "fit");
            seen.push_back(fit ? "fit"
                               : trouble_text(group.trouble, group.members.size(), group.config->minimum,
                                              group.culprit, group.check.view()));
        }
    }
    if (seen.empty()) return vacuous(fmt::format("{} runs no group", a.node));
    return verdict(met, fmt::format("it is: {}", fmt::join(seen, "; ")));
}

} // namespace expectation
} // namespace vrrp::sim
