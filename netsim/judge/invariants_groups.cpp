#include "netsim/judge/invariants.hpp"

#include "core/machine/names.hpp"

#include <fmt/format.h>

namespace vrrp::sim {

namespace {

const GroupConfig& group_of(const Process& process, std::uint16_t virtual_router) {
    const auto index = process.config().virtual_routers[virtual_router].group.value();
    return process.config().groups[static_cast<std::size_t>(index)];
}

} // namespace

unsigned Invariants::minimum(const Member& member) {
    return group_of(*member.process, member.virtual_router).minimum;
}

void Invariants::join_team(Member& member) {
    const Process& process = *member.process;
    const GroupConfig& group = group_of(process, member.virtual_router);
    const std::string home =
        group.shared ? process.directory() : fmt::format("process {}", static_cast<unsigned>(process.id()));
    Team& team = teams_[{process.kernel().name(), home, group.name}];
    team.minimum = std::max(team.minimum, group.minimum);
    team.members.push_back(&member);
    member.team = &team;
}

// A member of its group that died without a word: the group waits for it.
bool Invariants::misses_somebody(const Member& member) {
    const auto& group = virtual_router(member).config().group;
    const GroupView view = member.process->router()->group({}, group.value());
    return std::ranges::any_of(view.members, [](const MemberView& one) { return one.member.missed; });
}

// A member of a group that leads counts once it leads too.
bool Invariants::joined(const Member& member, TimePoint now) {
    const Router& router = *member.process->router();
    const auto& group = virtual_router(member).config().group;
    const GroupView view = router.group(now, group.value());
    const auto self = std::ranges::find(view.members, virtual_router(member).index(), &MemberView::local);
    return self != view.members.end() && self->member.status.joined;
}

// While a process is frozen nothing is asked of its team: the others learn of it by its silence.
void Invariants::check_team(Team& team) {
    std::size_t present = 0;
    bool frozen = false;
    for (const Member* member : team.members) {
        if (member->process->running()) ++present;
        frozen = frozen || member->process->frozen();
    }
    if (frozen || present == 0) {
        team.split_since = kNever;
        return;
    }
    check_split(team, present);
    check_lonely(team, present);
}

void Invariants::check_split(Team& team, std::size_t present) {
    const Member *master = nullptr, *other = nullptr;
    for (const Member* member : team.members) {
        if (!member->process->running() || !joined(*member, queue_.now())) continue;
        (virtual_router(*member).state() == State::master ? master : other) = member;
    }
    const bool split = master != nullptr && (other != nullptr || present < minimum(*master));
    if (!split) {
        team.split_since = kNever;
        team.told_split = false;
        return;
    }
    if (team.split_since == kNever) team.split_since = queue_.now();
    const TimePoint end = team.split_since + kSplitBound + kGrace + 2 * master->process->sibling_delay();
    if (queue_.now() < end) return await(end);
    if (std::exchange(team.told_split, true)) return;
    const unsigned vrid = virtual_router(*master).config().vrid;
    const std::string& node = master->process->kernel().name();
    tell(Invariant::split_group, *master->process, node,
         other == nullptr
             ? fmt::format("{} is master of {} with {} of {} members", node, vrid, present, minimum(*master))
             : fmt::format("{} is master of {} and {} of {}", node, vrid,
                           to_string(virtual_router(*other).state()), virtual_router(*other).config().vrid));
}

// Fit and of one mind: every one that is present hears no master. Where one is master already the others
// follow, or the group is split.
void Invariants::check_lonely(Team& team, std::size_t present) {
    const Member* last = nullptr; // who has been lonely for the shortest time
    Duration bound{};
    bool of_one_mind = present >= team.minimum;
    for (const Member* member : team.members) {
        if (!member->process->running()) continue;
        of_one_mind = of_one_mind && member->lonely_since != kNever && minimum(*member) == team.minimum &&
                      !misses_somebody(*member);
        if (last == nullptr || member->lonely_since > last->lonely_since) last = member;
        bound = std::max(bound, patience(*member) + 2 * member->process->sibling_delay());
    }
    if (!of_one_mind || last == nullptr) {
        team.told_lonely = false;
        return;
    }
    if (queue_.now() < last->lonely_since + bound) return await(last->lonely_since + bound);
    if (std::exchange(team.told_lonely, true)) return;
    tell(Invariant::no_master, *last->process, last->process->kernel().name(),
         fmt::format("the group of {} has been backup of {} for {} without a master",
                     last->process->kernel().name(), virtual_router(*last).config().vrid,
                     to_string(queue_.now() - last->lonely_since)));
}

} // namespace vrrp::sim
