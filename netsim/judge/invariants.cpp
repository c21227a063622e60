#include "netsim/judge/invariants.hpp"

#include "core/machine/names.hpp"
#include "core/machine/timers.hpp"

#include <fmt/format.h>

namespace vrrp::sim {
namespace {

struct InvariantRow {
    const char* name;
    const char* meaning;
};

constexpr InvariantRow kRows[kInvariants] = {
    {"two_masters", "two masters of one virtual router hear one another for longer than an interval, and "
                    "than a group needs to decide"},
    {"no_master",
     "a fit virtual router, or all of a fit group, hears no master for longer than its Master_Down_Interval "
     "and stays backup"},
    {"no_rest",
     "a virtual router gets a new master again and again although nothing happens and all hear one another"},
    {"no_service",
     "a host's gateway does not answer for two Master_Down_Intervals and 2 s, with or without moments in "
     "which it does, although a fit router, or group, could be master"},
    {"split_group", "members of a machine's group are master while others are not, for longer than a second"},
    {"address_without_mastery", "a living vrrpd holds a virtual address or MAC and is not its master"},
    {"mastery_without_address", "a master does not hold its virtual addresses"},
    {"unreadable_frame", "a vrrpd sends a frame that does not decode"},
    {"left_behind", "after an orderly stop an address or a virtual MAC of the vrrpd is still there"},
    {"script_order", "the scripts for master and backup of one virtual router do not take turns"},
};

} // namespace

namespace {

std::string member_text(const Process& process, const VirtualRouterConfig& config) {
    return fmt::format("{} {}", process.kernel().name(), config.vrid);
}

// While it does not run, its next start gives the handles.
std::optional<VirtualRouterIndex> handle_of(const Process& process, const VirtualRouterConfig& config) {
    if (!process.running()) return std::nullopt;
    for (const VirtualRouter& one : process.router()->virtual_routers())
        if (one.config().interface == config.interface && one.config().family == config.family &&
            one.config().vrid == config.vrid)
            return one.index();
    return std::nullopt;
}

} // namespace

const char* name(Invariant invariant) {
    return kRows[static_cast<std::size_t>(invariant)].name;
}

const char* meaning(Invariant invariant) {
    return kRows[static_cast<std::size_t>(invariant)].meaning;
}

std::optional<Invariant> parse_invariant(std::string_view name) {
    for (std::size_t i = 0; i < kInvariants; ++i)
        if (name == kRows[i].name) return static_cast<Invariant>(i);
    return std::nullopt;
}

void Invariants::watch(const Process& process) {
    processes_.push_back(&process);
    enrol(process);
}

void Invariants::watch(const PlainRouter& router) {
    plain_routers_.push_back(&router);
    enrol(router);
}

void Invariants::watch_anew() {
    elections_.clear();
    teams_.clear();
    for (const Process* process : processes_)
        enrol(*process);
    for (const PlainRouter* router : plain_routers_)
        enrol(*router);
    touch(true);
}

void Invariants::enrol(const Process& process) {
    const auto& routers = process.config().virtual_routers;
    for (std::uint16_t i = 0; i < routers.size(); ++i) {
        const std::optional<std::uint16_t> interface = process.kernel().find(routers[i].interface);
        if (!interface) continue;
        const Switch& network = *process.kernel().interfaces()[*interface].network;
        // Peers may be on other networks.
        const std::string where = routers[i].unicast() ? std::string() : network.name();
        Election& election = elections_[{where, routers[i].family, routers[i].vrid}];
        election.members.push_back(
            {.process = &process,
             .virtual_router = i,
             .handle = handle_of(process, routers[i]).value_or(static_cast<VirtualRouterIndex>(i)),
             .interface = *interface,
             .election = &election});
        if (process.running())
            election.members.back().took_over =
                virtual_router(election.members.back()).counters().became_master;
        if (routers[i].group) join_team(election.members.back());
    }
}

void Invariants::enrol(const PlainRouter& router) {
    const std::string& network = router.kernel().interfaces()[router.interface()].network->name();
    elections_[{network, IpFamily::v4, router.config().vrid}].plain_routers.push_back(&router);
}

bool Invariants::takes_part(const Member& member) {
    const Kernel& kernel = member.process->kernel();
    const Kernel::Interface& interface = kernel.interfaces()[member.interface];
    return member.process->running() && !member.process->frozen() && kernel.carrier(member.interface) &&
           interface.network->lossless(interface.port);
}

const VirtualRouter& Invariants::virtual_router(const Member& member) {
    return member.process->router()->virtual_router(member.handle);
}

// A question and its answer cross the member's cable and another one, each way; slow cables take longer. What
// a router said before it fell silent may still be on its way through a slow cable.
Duration Invariants::slack(const Member& member) {
    const Kernel::Interface& interface = member.process->kernel().interfaces()[member.interface];
    return kGrace + 2 * (interface.network->latency(interface.port) + interface.network->longest_latency());
}

// How long it may be without a master.
Duration Invariants::patience(const Member& member) {
    const VirtualRouter& one = virtual_router(member);
    return master_down_interval(one.config().version, one.priority(), one.master_interval()) + slack(member);
}

bool Invariants::hears(const Member& member, const Member& other) {
    const Kernel::Interface& a = member.process->kernel().interfaces()[member.interface];
    const Kernel::Interface& b = other.process->kernel().interfaces()[other.interface];
    return a.network == b.network && a.network->reaches(b.port, a.port);
}

// What lies between them is not looked at: each may hear the other, or not.
bool Invariants::are_apart(const Member& member, const Member& other) {
    return member.process->kernel().interfaces()[member.interface].network !=
           other.process->kernel().interfaces()[other.interface].network;
}

bool Invariants::hears(const Member& member, const PlainRouter& other) {
    const Kernel::Interface& a = member.process->kernel().interfaces()[member.interface];
    return a.network->reaches(other.kernel().interfaces()[other.interface()].port, a.port);
}

bool Invariants::hears(const Member& member, const Speaker& other) {
    const Kernel::Interface& a = member.process->kernel().interfaces()[member.interface];
    const Kernel::Interface& b = other.kernel().interfaces().front();
    return a.network == b.network && a.network->reaches(b.port, a.port);
}

bool Invariants::hears_master(const Election& election, const Member& member) const {
    return std::ranges::any_of(election.members,
                               [&](const Member& other) {
                                   return other.process->running() && !other.process->frozen() &&
                                          virtual_router(other).state() == State::master &&
                                          (hears(member, other) || are_apart(member, other));
                               }) ||
           std::ranges::any_of(
               election.plain_routers,
               [&](const PlainRouter* other) { return other->master() && hears(member, *other); }) ||
           std::ranges::any_of(speakers_, [&](const Speaker* other) {
               return other->poses_as_master(virtual_router(member).config().vrid) && hears(member, *other);
           });
}

void Invariants::tell(Invariant invariant, const Process& process, const std::string& subject,
                      const std::string& text) {
    if (off_[static_cast<std::size_t>(invariant)]) return;
    observer_.violated(invariant, process.kernel().name(), subject, text);
}

void Invariants::on_event(const QueueEvent& event) {
    if (timer_.expired(event)) check();
}

void Invariants::await(TimePoint deadline) {
    if (deadline < timer_.deadline()) timer_.arm(deadline);
}

void Invariants::check() {
    const bool fault = std::exchange(fault_, false);
    touched_ = false;
    for (auto& [key, election] : elections_) {
        if (fault) {
            election.rivals_since = kNever;
            election.takeovers = 0;
            election.told_unrest = false;
            for (Member& member : election.members)
                member.lonely_since = kNever;
        }
        check_rivals(election);
        check_lonely(election);
        check_rest(election);
        for (Member& member : election.members)
            check_addresses(member);
    }
    for (auto& [key, team] : teams_) {
        if (fault) team.split_since = kNever;
        check_team(team);
    }
    for (Service& service : services_) {
        if (fault) service.unserved_since = kNever;
        check_service(service);
    }
}

void Invariants::check_rivals(Election& election) {
    const auto is_master = [](const Member& m) {
        return takes_part(m) && virtual_router(m).state() == State::master;
    };
    const Member *first = nullptr, *second = nullptr;
    for (const Member& a : election.members) {
        if (first != nullptr || !is_master(a)) continue;
        for (const Member& b : election.members)
            if (&a < &b && is_master(b) && hears(a, b) && hears(b, a)) first = &a, second = &b;
    }
    if (first == nullptr) {
        election.rivals_since = kNever;
        election.told_rivals = false;
        return;
    }
    if (election.rivals_since == kNever) election.rivals_since = queue_.now();
    const auto patience_of =
        [this](const Member& member) { // a group may have to see who of two of them yields
            const VirtualRouterConfig& config = virtual_router(member).config();
            const Duration grace =
                config.group ? member.process->router()->group(queue_.now(), *config.group).longest_grace
                             : Duration{};
            return config.advertisement_interval + slack(member) + grace;
        };
    const Duration bound = std::max(patience_of(*first), patience_of(*second));
    if (queue_.now() < election.rivals_since + bound) return await(election.rivals_since + bound);
    if (std::exchange(election.told_rivals, true)) return;
    tell(Invariant::two_masters, *first->process, std::to_string(virtual_router(*first).config().vrid),
         fmt::format("{} and {} have both been master of {} for {}, and hear one another",
                     first->process->kernel().name(), second->process->kernel().name(),
                     virtual_router(*first).config().vrid, to_string(queue_.now() - election.rivals_since)));
}

void Invariants::check_lonely(Election& election) {
    for (Member& member : election.members) {
        const bool backup = takes_part(member) && virtual_router(member).state() == State::backup &&
                            !virtual_router(member).held();
        if (!backup || hears_master(election, member)) {
            member.lonely_since = kNever;
            member.told_lonely = false;
            continue;
        }
        if (member.lonely_since == kNever) member.lonely_since = queue_.now();
        const VirtualRouter& one = virtual_router(member);
        if (one.config().group) continue; // its team waits together
        const Duration bound = patience(member);
        if (queue_.now() < member.lonely_since + bound) {
            await(member.lonely_since + bound);
        } else if (!std::exchange(member.told_lonely, true)) {
            tell(Invariant::no_master, *member.process, std::to_string(one.config().vrid),
                 fmt::format("{} has been backup of {} for {} without a master",
                             member.process->kernel().name(), one.config().vrid,
                             to_string(queue_.now() - member.lonely_since)));
        }
    }
}

void Invariants::check_addresses(Member& member) {
    const Process& process = *member.process;
    if (!process.running() || process.frozen()) return;
    const VirtualRouter& one = virtual_router(member);
    const bool master = one.state() == State::master, trying = one.trying_addresses();
    bool holds_wrongly = false;
    std::size_t held_addresses = 0;
    for (const IpPrefix& prefix : one.config().addresses) {
        const auto& held = interface_of(member, prefix.address).held;
        if (std::ranges::none_of(held, [&](const HeldAddress& address) {
                return address.holder == process.id() && address.prefix.address == prefix.address;
            }))
            continue;
        ++held_addresses;
        holds_wrongly = holds_wrongly || !(master || trying);
    }
    const MacAddress mac = one.virtual_mac();
    for (const HeldMac& held : process.kernel().interfaces()[member.interface].virtual_macs)
        holds_wrongly =
            holds_wrongly || (!(master || trying) && held.holder == process.id() && held.mac == mac);
    if (holds_wrongly && !std::exchange(member.told_address, true))
        tell(Invariant::address_without_mastery, process, member_text(process, one.config()),
             fmt::format("{} holds an address or the MAC of {} and is {}", process.kernel().name(),
                         one.config().vrid, to_string(one.state())));
    const bool lacks = master && !one.owner() && held_addresses != one.config().addresses.size();
    if (lacks && !std::exchange(member.told_mastery, true))
        tell(Invariant::mastery_without_address, process, member_text(process, one.config()),
             fmt::format("{} is master of {} and holds {} of {} addresses", process.kernel().name(),
                         one.config().vrid, held_addresses, one.config().addresses.size()));
    if (!holds_wrongly) member.told_address = false;
    if (!lacks) member.told_mastery = false;
}

void Invariants::sent_unreadable(const Process& process, BytesView frame) {
    tell(Invariant::unreadable_frame, process, process.kernel().name(),
         fmt::format("{} sent {} bytes that do not decode", process.kernel().name(), frame.size()));
}

void Invariants::stopped(const Process& process) {
    if (process.running() || !process.kernel().holds_anything(process.id())) return;
    tell(Invariant::left_behind, process, process.kernel().name(),
         fmt::format("{} has stopped and left something on an interface", process.kernel().name()));
}

// Where a vrrpd has both; after a restart either may be the first.
void Invariants::script_began(const Process& process, const ScriptCall& call, unsigned life) {
    if (call.kind != ScriptKind::master && call.kind != ScriptKind::backup) return;
    if (!process.running()) return; // those that waited when it stopped
    const auto& config = process.router()->virtual_router(call.virtual_router).config();
    if (config.master_script.empty() || config.backup_script.empty()) return;
    const std::string& node = process.kernel().name();
    const LastScript now{life, call.kind};
    const auto [last, first] = last_scripts_.try_emplace({node, process.id(), call.virtual_router}, now);
    if (!first && last->second.life == now.life && last->second.kind == now.kind)
        tell(Invariant::script_order, process, member_text(process, config),
             fmt::format("{} runs the {} script of {} twice in a row", node, to_string(now.kind),
                         config.vrid));
    last->second = now;
}

} // namespace vrrp::sim
