// Whether the world comes to rest, and whether hosts get what they could get.
#include "netsim/judge/invariants.hpp"

#include "core/daemon/journal.hpp"
#include "core/machine/timers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::sim {

void Invariants::watch(const Probe& probe) {
    const Kernel& kernel = probe.kernel();
    if (kernel.gateway() == probe.plan().target) services_.push_back({.probe = &probe});
}

void Invariants::watch(const Speaker& speaker) {
    speakers_.push_back(&speaker);
}

// An outage soon after another one goes on with its clock: answers that come and go are no service.
void Invariants::lost(const Probe& probe) {
    for (Service& service : services_) {
        if (service.probe != &probe) continue;
        service.lost = true;
        const Election* election = election_of(service);
        const bool settled =
            election == nullptr || queue_.now() > service.answered_since + longest_patience(*election);
        if (!settled) continue;
        service.unserved_since = kNever;
        service.told = false;
    }
    touch(false);
}

void Invariants::answered_again(const Probe& probe) {
    for (Service& service : services_) {
        if (service.probe != &probe) continue;
        service.lost = false;
        service.answered_since = queue_.now();
    }
}

// --- Who could be master

bool Invariants::fit(const Member& member) {
    return takes_part(member) && virtual_router(member).state() != State::initialize &&
           !virtual_router(member).held();
}

// Nobody disturbs it, no frame is lost, and all who may speak hear one another: then one of them is master.
bool Invariants::undisturbed(const Election& election) const {
    if (!election.plain_routers.empty()) return false;
    const auto speaks = [](const Member& m) {
        return m.process->running() && !m.process->frozen() && m.process->kernel().carrier(m.interface);
    };
    for (const Member& a : election.members) {
        if (!speaks(a)) continue;
        const Kernel::Interface& interface = a.process->kernel().interfaces()[a.interface];
        if (!interface.network->lossless(interface.port)) return false;
        for (const Speaker* speaker : speakers_)
            if (speaker->speaking() && speaker->kernel().interfaces().front().network == interface.network)
                return false;
        for (const Member& b : election.members)
            if (&a != &b && speaks(b) && !hears(a, b)) return false;
    }
    return true;
}

// A group that is whole and fit, on networks that nobody disturbs, whose rivals are groups over the same ones.
bool Invariants::can_lead(const Team& team) const {
    const auto covers = [](const Team* other, const Election* election) {
        return other != nullptr && std::ranges::count(other->members, election, &Member::election) != 0;
    };
    for (const Member* member : team.members) {
        if (!fit(*member) || minimum(*member) != team.minimum || misses_somebody(*member) ||
            !undisturbed(*member->election))
            return false;
        for (const Member& rival : member->election->members)
            for (const Member* other : team.members)
                if (rival.team != &team && !covers(rival.team, other->election)) return false;
    }
    return team.members.size() >= team.minimum;
}

// Where the member's virtual router has that address while it is master.
const Kernel::Interface& Invariants::interface_of(const Member& member, const IpAddress& address) {
    const auto& interfaces = member.process->kernel().interfaces();
    const auto& config = member.process->config().virtual_routers[member.virtual_router];
    const std::string& name = config.interface_of(address);
    if (name == config.interface) return interfaces[member.interface]; // whatever it is called now
    const auto found = std::ranges::find(interfaces, name, &Kernel::Interface::label);
    return found != interfaces.end() ? *found : interfaces[member.interface];
}

bool Invariants::reaches_host(const Member& member, const Service& service) {
    const Kernel::Interface& router = interface_of(member, service.probe->plan().target);
    const Kernel::Interface& host = service.probe->kernel().interfaces().front();
    return router.network == host.network && host.network->lossless(host.port) &&
           host.network->reaches(router.port, host.port) && host.network->reaches(host.port, router.port);
}

// What the host believes may be a stranger's doing, which no router can undo at once.
bool Invariants::misled(const Election& election, const Service& service) {
    const Kernel::Interface& host = service.probe->kernel().interfaces().front();
    const std::optional<MacAddress> mac = host.neighbours.lookup(service.probe->plan().target);
    return mac && std::ranges::none_of(election.members, [&](const Member& member) {
               const auto& config = member.process->config().virtual_routers[member.virtual_router];
               return *mac == interface_of(member, service.probe->plan().target).mac ||
                      *mac == wire::virtual_mac(config.family, config.vrid);
           });
}

const Invariants::Election* Invariants::election_of(const Service& service) const {
    for (const auto& [key, election] : elections_)
        for (const Member& member : election.members) {
            const auto& config = member.process->config().virtual_routers[member.virtual_router];
            if (interface_of(member, service.probe->plan().target).network ==
                    service.probe->kernel().interfaces().front().network &&
                std::ranges::count(config.addresses, service.probe->plan().target, &IpPrefix::address) != 0)
                return &election;
        }
    return nullptr;
}

Duration Invariants::longest_patience(const Election& election) {
    Duration longest{};
    for (const Member& member : election.members) {
        if (!member.process->running()) continue;
        const VirtualRouter& one = virtual_router(member);
        const Duration interval = std::max(one.master_interval(), one.config().advertisement_interval);
        longest = std::max(longest, master_down_interval(one.config().version, 1, interval) + slack(member) +
                                        2 * member.process->sibling_delay());
        if (member.team == nullptr) continue;
        for (const Member* sibling : member.team->members) // they take over together
            if (sibling->process->running()) longest = std::max(longest, patience(*sibling));
    }
    return longest;
}

void Invariants::check_service(Service& service) {
    if (!service.lost) return;
    const Election* election = election_of(service);
    const auto could_serve = [&](const Member& member) {
        return fit(member) && reaches_host(member, service) &&
               (member.team == nullptr || can_lead(*member.team));
    };
    // VRRP knows nothing of routes: a master without one to the host's subnet stays master.
    const auto has_route = [&](const Member& member) {
        return !member.process->running() ||
               member.process->kernel().facts(member.interface).reaches(service.probe->plan().target);
    };
    const bool could_be = election != nullptr && undisturbed(*election) && !misled(*election, service) &&
                          std::ranges::all_of(election->members, has_route) &&
                          std::ranges::any_of(election->members, could_serve);
    if (!could_be) {
        service.unserved_since = kNever;
        return;
    }
    if (service.unserved_since == kNever) service.unserved_since = queue_.now();
    const TimePoint end = service.unserved_since + 2 * longest_patience(*election) + kServiceGrace;
    if (queue_.now() < end) return await(end);
    if (std::exchange(service.told, true)) return;
    const Member& member = *std::ranges::find_if(election->members, could_serve);
    tell(Invariant::no_service, *member.process, service.probe->kernel().name(),
         fmt::format("{} has had no lasting answer for {}, and {} could give it",
                     service.probe->kernel().name(), to_string(queue_.now() - service.unserved_since),
                     member.process->kernel().name()));
}

// --- Who is master all the time anew

void Invariants::check_rest(Election& election) {
    bool taken = false;
    for (Member& member : election.members) {
        const std::uint64_t times =
            member.process->running() ? virtual_router(member).counters().became_master : 0;
        if (times > std::exchange(member.took_over, times)) taken = true, ++election.takeovers;
    }
    if (!taken || election.takeovers <= kTakeoversInPeace * election.members.size()) return;
    const auto in_doubt = [&](const Member& member) {
        return member.team != nullptr && std::ranges::any_of(member.team->members, [&](const Member* one) {
                   return !undisturbed(*one->election);
               });
    };
    if (!undisturbed(election) || std::ranges::any_of(election.members, in_doubt)) return;
    if (std::exchange(election.told_unrest, true)) return;
    const Member& member =
        *std::ranges::find_if(election.members, [](const Member& m) { return m.process->running(); });
    tell(Invariant::no_rest, *member.process, std::to_string(virtual_router(member).config().vrid),
         fmt::format("{} has had a new master {} times since something last happened",
                     virtual_router(member).config().vrid, election.takeovers));
}

} // namespace vrrp::sim
