#include "core/machine/groups.hpp"

namespace vrrp {
namespace {

using namespace std::chrono_literals;

// Who was silent for longer and then spoke after all is only slow: it gets twice the time from then on.
constexpr unsigned kMostHeartbeats = 48;
constexpr Duration kShortestHeartbeat = 100ms, kLongestHeartbeat = 1s;
// A router that woke so late has not listened.
constexpr Duration kOversleep = 300ms;
constexpr std::size_t kMaxSiblings = 255;
// For a process that goes on for another one to hear its siblings.
constexpr Duration kAllHereWithin = 1s;
// For its siblings to hear it again: as long as they would wait for one that has fallen silent, and not less than this.
constexpr Duration kReturnsWithin = 500ms;
// Priorities that are crossed for a moment are seen at every change.
constexpr Duration kCrossedAfter = 10s;

Duration heartbeat(const VirtualRouter& one) {
    return std::clamp(one.config().advertisement_interval, kShortestHeartbeat, kLongestHeartbeat);
}

SiblingIdentity identity_of(const VirtualRouterConfig& config) {
    return {.interface = config.interface,
            .vrid = config.vrid,
            .family = config.family,
            .addresses = config.addresses,
            .virtual_mac = config.virtual_mac};
}

// Not that a member has left in order or was never started, nor that an operator holds one back.
bool is_fault(GroupTrouble trouble) {
    return trouble == GroupTrouble::member_unfit || trouble == GroupTrouble::member_silent ||
           trouble == GroupTrouble::member_missed || trouble == GroupTrouble::minimum_differs;
}

} // namespace

// --- The configuration

void Groups::retire(const PlacedConfig& next, std::span<const VirtualRouter> virtual_routers, Effects& out) {
    for (const GroupIndex index : configured_)
        if (std::ranges::find(next.groups, index) == next.groups.end())
            notify(state(index), Notice::stop, virtual_routers, out);
}

void Groups::reconfigure(const PlacedConfig& next, std::span<const VirtualRouter> virtual_routers) {
    const std::vector<GroupIndex> before = std::exchange(configured_, next.groups);
    for (std::size_t i = 0; i < configured_.size(); ++i) {
        const GroupIndex index = configured_[i];
        const GroupConfig& config = next.config.groups[i];
        if (static_cast<std::size_t>(index) == groups_.size()) groups_.emplace_back();
        if (std::ranges::find(before, index) == before.end()) state(index) = State{};
        state(index).config = config;
        state(index).group.set_minimum(config.minimum);
    }
    memberships_.resize(virtual_routers.size());
    judge_at_.grow(groups_.size());
    tell_at_.grow(memberships_.size());
    to_judge_.grow(groups_.size());
    to_tell_.grow(memberships_.size());
    due_.grow(std::max(groups_.size(), memberships_.size()));
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        groups_[i].members.clear();
        judge_at_.set(i, kNever);
    }
    std::vector<std::optional<GroupIndex>> group_of(virtual_routers.size());
    for (std::size_t i = 0; i < next.virtual_routers.size(); ++i)
        group_of[static_cast<std::size_t>(next.virtual_routers[i])] = next.config.virtual_routers[i].group;
    for (std::size_t i = 0; i < virtual_routers.size(); ++i)
        enrol(virtual_routers[i], group_of[i]);
    for (const GroupIndex index : configured_) {
        arrange(state(index));
        to_judge_.insert(static_cast<std::size_t>(index));
    }
}

void Groups::enrol(const VirtualRouter& one, std::optional<GroupIndex> group) {
    const auto place = static_cast<std::size_t>(one.index());
    Membership& membership = memberships_[place];
    if (membership.group != group) {
        membership = {.group = group, .identity = {}, .seen = {}, .told = {}};
        tell_at_.set(place, kNever);
    }
    membership.identity = identity_of(one.config());
    if (group) state(*group).members.push_back({true, static_cast<std::uint16_t>(place)});
}

// --- What siblings say

const SiblingIdentity& Groups::identity(const Member& member) const {
    return member.local ? memberships_[member.place].identity : siblings_[member.place].status.identity;
}

bool Groups::is_member(const Sibling& sibling) const {
    return sibling.group && (sibling.missed || sibling.awaited ||
                             (sibling.alive && sibling.status.presence != Presence::leaves));
}

// Its siblings are found anew, and all members put in order.
void Groups::arrange(State& state) {
    const auto index = static_cast<GroupIndex>(&state - groups_.data());
    std::erase_if(state.members, [](const Member& member) { return !member.local; });
    for (std::size_t i = 0; i < siblings_.size(); ++i)
        if (is_member(siblings_[i]) && siblings_[i].group == index)
            state.members.push_back({false, static_cast<std::uint16_t>(i)});
    std::ranges::stable_sort(state.members, [&](const Member& a, const Member& b) {
        return comes_before(identity(a), identity(b));
    });
}

std::size_t Groups::place_for(SiblingId id) {
    const auto place =
        std::ranges::find_if(siblings_, [&](const Sibling& s) { return s.alive && s.id == id; });
    return place == siblings_.end() ? free_place() : static_cast<std::size_t>(place - siblings_.begin());
}

std::size_t Groups::free_place() {
    auto place =
        std::ranges::find_if(siblings_, [](const Sibling& s) { return !s.alive && !s.missed && !s.awaited; });
    if (place == siblings_.end()) {
        if (siblings_.size() == kMaxSiblings) return kMaxSiblings;
        place = siblings_.insert(place, Sibling{});
        silent_at_.grow(siblings_.size());
        due_.grow(siblings_.size());
    }
    return static_cast<std::size_t>(place - siblings_.begin());
}

void Groups::said(TimePoint now, const SiblingSaid& said) {
    const std::size_t place = place_for(said.id);
    if (place == kMaxSiblings) return;
    Sibling& sibling = siblings_[place];
    const auto ours = std::ranges::find_if(groups_, [&](const State& group) {
        return group.config.shared && group.config.name == said.status.group;
    });
    const std::optional<GroupIndex> before = sibling.group;
    const bool is_new = !sibling.alive;
    const bool was_silent = sibling.alive && now >= sibling.speaks_until;
    const bool news = !sibling.alive || sibling.status != said.status || !sibling.heard || was_silent;
    const bool moved = !sibling.alive || sibling.status.group != said.status.group ||
                       sibling.status.identity != said.status.identity ||
                       sibling.status.presence != said.status.presence;
    unsigned patience = sibling.alive ? sibling.patience : kMissedHeartbeats;
    if (was_silent) patience = std::min(2 * patience, kMostHeartbeats);
    if (moved) // it returns
        for (Sibling& one : siblings_)
            if ((one.missed || one.awaited) &&
                is_same_virtual_router(one.status.identity, said.status.identity)) {
                one.missed = one.awaited = false;
                silent_at_.set(static_cast<std::size_t>(&one - siblings_.data()), kNever);
                if (one.group) tell_at_once(state(*one.group));
            }
    sibling = {.id = said.id,
               .status = said.status,
               .group = {},
               .speaks_until = now + patience * said.status.heartbeat,
               .alive = true,
               .patience = patience};
    if (ours != groups_.end()) sibling.group = static_cast<GroupIndex>(ours - groups_.begin());
    silent_at_.set(place, sibling.group ? sibling.speaks_until : kNever);
    for (const std::optional<GroupIndex>& group : {before, sibling.group}) {
        if (!group || !news) continue;
        if (moved) arrange(state(*group));
        to_judge_.insert(static_cast<std::size_t>(*group));
    }
    // Later ones it sees die itself; and what an operator had it forget must not come back by who was not yet told.
    if (is_new && ours != groups_.end())
        adopt_missed(static_cast<GroupIndex>(ours - groups_.begin()), said.status.missed);
}

void Groups::adopt_missed(GroupIndex index, const std::vector<SiblingIdentity>& missed) {
    for (const SiblingIdentity& one : missed) {
        const auto is_it = [&](const SiblingIdentity& other) { return is_same_virtual_router(one, other); };
        if (std::ranges::any_of(
                state(index).members, is_it,
                [&](const Member& member) -> const SiblingIdentity& { return identity(member); }))
            continue;
        const std::size_t place = free_place();
        if (place == kMaxSiblings) return;
        Sibling& sibling = siblings_[place] = Sibling{};
        sibling.status.identity = one;
        sibling.status.minimum = static_cast<std::uint16_t>(state(index).config.minimum);
        sibling.group = index;
        sibling.missed = true;
        silent_at_.set(place, kNever);
        arrange(state(index));
        tell_at_once(state(index));
    }
}

// All of this process' members, although nothing has changed about them.
void Groups::tell_at_once(const State& state) {
    for (const Member& member : state.members)
        if (member.local) memberships_[member.place].next_tell = TimePoint{};
}

void Groups::gone(TimePoint now, const SiblingGone& gone, std::span<const VirtualRouter> virtual_routers,
                  Effects& out) {
    const auto place =
        std::ranges::find_if(siblings_, [&](const Sibling& s) { return s.alive && s.id == gone.id; });
    if (place == siblings_.end()) return;
    const auto number = static_cast<std::size_t>(place - siblings_.begin());
    place->alive = false;
    silent_at_.set(number, kNever);
    if (!place->group) return;
    if (place->status.presence == Presence::returns) {
        place->awaited = true;
        place->speaks_until = now + std::max(kReturnsWithin, place->patience * place->status.heartbeat);
        silent_at_.set(number, place->speaks_until);
        return;
    }
    // Who said before that it leaves is no member any more.
    if (place->status.presence != Presence::leaves) miss(number, virtual_routers, out);
}

// Its process has died.
void Groups::miss(std::size_t place, std::span<const VirtualRouter> virtual_routers, Effects& out) {
    Sibling& sibling = siblings_[place];
    sibling.awaited = false;
    sibling.missed = true;
    State& group = state(*sibling.group);
    to_judge_.insert(static_cast<std::size_t>(*sibling.group));
    tell_at_once(group);
    if (sibling.status.identity.owner) sibling.status.identity.addresses.clear();
    const std::size_t reporter = first_local(group);
    out.add(Event{virtual_routers[reporter].interface(), static_cast<VirtualRouterIndex>(reporter),
                  SiblingDied{ShortText(to_string(sibling.status.identity))}});
    out.add(CleanUpAfter{static_cast<std::uint16_t>(place)});
}

bool Groups::forget_missed(GroupIndex index) {
    bool missed = false;
    for (Sibling& sibling : siblings_)
        if (sibling.missed && sibling.group == index) {
            sibling.missed = false;
            missed = true;
        }
    if (missed) {
        arrange(state(index));
        tell_at_once(state(index));
    }
    to_judge_.insert(static_cast<std::size_t>(index));
    return missed;
}

void Groups::excuse_silence(TimePoint now, TimePoint deadline) {
    if (now - deadline < kOversleep) return;
    for (std::size_t i = 0; i < siblings_.size(); ++i) {
        Sibling& sibling = siblings_[i];
        sibling.heard = false;
        sibling.speaks_until =
            std::max(sibling.speaks_until, now + sibling.patience * sibling.status.heartbeat);
        if ((sibling.alive || sibling.awaited) && sibling.group) silent_at_.set(i, sibling.speaks_until);
    }
}

// --- What is told to them

MemberStatus Groups::status_of(const VirtualRouter& one) const {
    return {.stance = one.stance(),
            .carrying = one.carrying(),
            .joined = memberships_[static_cast<std::size_t>(one.index())].joined,
            .winning = one.winning(),
            .takeover = state(*one.config().group).group.takeover()};
}

GroupMember Groups::member_of(const VirtualRouter& one) const {
    return {.status = status_of(one),
            .local = true,
            .beaten_since = one.beaten_since(),
            .rival_is_lower = one.rival_is_lower()};
}

SiblingStatus Groups::status(const VirtualRouter& one, Presence presence) const {
    const Membership& membership = memberships_[static_cast<std::size_t>(one.index())];
    SiblingStatus status{.group = config(one.config().group.value()).name,
                         .identity = membership.identity,
                         .status = membership.told,
                         .minimum = static_cast<std::uint16_t>(state(*one.config().group).group.minimum()),
                         .heartbeat = heartbeat(one),
                         .presence = presence};
    for (const Sibling& sibling : siblings_)
        if (sibling.missed && sibling.group == one.config().group)
            status.missed.push_back({.interface = sibling.status.identity.interface,
                                     .vrid = sibling.status.identity.vrid,
                                     .family = sibling.status.identity.family,
                                     .addresses = {}});
    status.identity.virtual_mac = one.uses_virtual_mac();
    status.identity.owner = one.owner();
    return status;
}

void Groups::tell_siblings(TimePoint now, std::span<const VirtualRouter> virtual_routers, Presence presence,
                           Effects& out) {
    to_tell_.sort();
    for (const std::size_t i : to_tell_) {
        const VirtualRouter& one = virtual_routers[i];
        Membership& membership = memberships_[i];
        const MemberStatus status = status_of(one);
        const bool first = membership.next_tell == kNever;
        const bool stays = presence == Presence::stays;
        if (!first && stays && status == membership.told && now < membership.next_tell) continue;
        membership.told = status;
        membership.next_tell = now + heartbeat(one);
        tell_at_.set(i, membership.next_tell);
        out.add(TellSiblings{one.index()});
    }
    to_tell_.clear();
}

// --- One verdict for all

void Groups::touched(const VirtualRouter& one) {
    Membership& membership = memberships_[static_cast<std::size_t>(one.index())];
    if (!membership.group) return;
    if (member_of(one) != membership.seen) to_judge_.insert(static_cast<std::size_t>(*membership.group));
    if (state(*membership.group).config.shared) to_tell_.insert(static_cast<std::size_t>(one.index()));
}

void Groups::look_at_deadlines(TimePoint now, std::span<const VirtualRouter> virtual_routers, Effects& out) {
    if (next_deadline() > now) return;
    const auto take = [&](Deadlines& deadlines, auto&& what) {
        deadlines.collect(now, due_);
        for (const std::size_t place : due_) {
            deadlines.set(place, kNever);
            what(place);
        }
        due_.clear();
    };
    take(judge_at_, [&](std::size_t group) { to_judge_.insert(group); });
    take(tell_at_, [&](std::size_t virtual_router) { to_tell_.insert(virtual_router); });
    take(silent_at_, [&](std::size_t sibling) {
        if (siblings_[sibling].awaited) return miss(sibling, virtual_routers, out);
        to_judge_.insert(static_cast<std::size_t>(*siblings_[sibling].group));
    });
}

void Groups::settle(TimePoint now, std::span<VirtualRouter> virtual_routers, IndexSet& changed,
                    Effects& out) {
    look_at_deadlines(now, virtual_routers, out);
    to_judge_.sort();
    for (std::size_t i = 0; i < to_judge_.size(); ++i)
        judge(now, static_cast<GroupIndex>(to_judge_[i]), virtual_routers, changed, out);
    to_judge_.clear();
}

void Groups::judge(TimePoint now, GroupIndex index, std::span<VirtualRouter> virtual_routers,
                   IndexSet& changed, Effects& out) {
    constexpr int kRounds = 3; // a verdict changes what the next one sees; after the second nothing is new
    State& group = state(index);
    for (int round = 0; round < kRounds; ++round) {
        gather(now, group, virtual_routers, gathered_);
        if (join(group, virtual_routers)) gather(now, group, virtual_routers, gathered_);
        const Group::Opinion opinion = group.group.judge(now, gathered_);
        if (!group.group.expects_members(now) || opinion.trouble != GroupTrouble::members_missing)
            journal(index, opinion, virtual_routers, out);
        for (const Member& member : group.members)
            if (member.local)
                virtual_routers[member.place].set_group_fault(now, is_fault(opinion.trouble), out);
        if (opinion.trouble != GroupTrouble::none || group.group.distrusts_resignations(now))
            for (const Member& member : group.members)
                if (member.local) virtual_routers[member.place].forget_resignation();
        const bool leads =
            opinion.verdict == Group::Verdict::lead || opinion.verdict == Group::Verdict::lead_alone;
        if (opinion.verdict == Group::Verdict::stay || (leads && !heard_all(group))) break;
        apply(now, group, opinion, virtual_routers, changed, out);
    }
    challenge(now, group, virtual_routers, changed, out);
    remark(now, index, virtual_routers, out);
    notify(group, notice_of(group), virtual_routers, out);
    for (const Member& member : group.members) {
        if (!member.local) continue;
        memberships_[member.place].seen = member_of(virtual_routers[member.place]);
        if (group.config.shared) to_tell_.insert(member.place);
    }
    judge_at_.set(static_cast<std::size_t>(index), std::min(group.group.next_deadline(now), group.crossed));
}

// Within a heartbeat every sibling that lives has spoken.
bool Groups::heard_all(const State& state) const {
    return std::ranges::all_of(state.members,
                               [&](const Member& m) { return m.local || siblings_[m.place].heard; });
}

void Groups::gather(TimePoint now, const State& state, std::span<const VirtualRouter> virtual_routers,
                    std::vector<GroupMember>& into) const {
    into.clear();
    for (const Member& member : state.members) {
        if (member.local) {
            into.push_back(member_of(virtual_routers[member.place]));
        } else {
            const Sibling& sibling = siblings_[member.place];
            into.push_back({.status = sibling.missed ? MemberStatus{} : sibling.status.status,
                            .silent = now >= sibling.speaks_until,
                            .missed = sibling.missed});
            if (sibling.status.minimum != state.group.minimum())
                into.back().other_minimum = sibling.status.minimum;
        }
    }
}

// Who arrives at a group that leads counts only once it leads too; at any other group, as soon as it is complete.
bool Groups::join(State& state, std::span<const VirtualRouter> virtual_routers) {
    const bool led = std::ranges::any_of(
        gathered_, [](const GroupMember& m) { return m.status.joined && is_master(m.status.stance); });
    bool changed = false;
    for (const Member& member : state.members) {
        if (!member.local) continue;
        Membership& membership = memberships_[member.place];
        const bool joins = is_master(virtual_routers[member.place].stance()) ||
                           (!led && gathered_.size() >= state.group.minimum());
        changed = changed || (joins && !membership.joined);
        membership.joined = membership.joined || joins;
    }
    return changed;
}

void Groups::apply(TimePoint now, State& state, const Group::Opinion& opinion,
                   std::span<VirtualRouter> virtual_routers, IndexSet& changed, Effects& out) {
    const Cause lost = opinion.trouble == GroupTrouble::none ? Cause::group_lost : Cause::group_unfit;
    for (const Member& member : state.members) {
        if (!member.local) continue;
        VirtualRouter& one = virtual_routers[member.place];
        const bool arrives =
            !memberships_[member.place].joined && (is_ready(one.stance()) || outranks(one.stance()));
        if (opinion.verdict == Group::Verdict::yield)
            one.yield(now, lost, out);
        else if (arrives || (opinion.verdict == Group::Verdict::lead && memberships_[member.place].joined))
            one.lead(now, out);
        changed.insert(member.place);
    }
}

// An earlier member that a rival hears may save the one that is beaten: each is to know of the other at once.
void Groups::challenge(TimePoint now, State& state, std::span<VirtualRouter> virtual_routers,
                       IndexSet& changed, Effects& out) {
    const auto stance = [](const GroupMember& m) { return m.status.stance; };
    const auto beaten = std::ranges::find(gathered_, Stance::beaten, stance);
    const bool contested = beaten != gathered_.end() && beaten != gathered_.begin();
    if (std::exchange(state.contested, contested) || !contested) return;
    for (std::size_t i = 0; i < static_cast<std::size_t>(beaten - gathered_.begin()); ++i) {
        if (!state.members[i].local) continue;
        virtual_routers[state.members[i].place].challenge(now, out);
        changed.insert(state.members[i].place);
    }
}

// --- What is told of them

std::size_t Groups::first_local(const State& state) {
    const auto first = std::ranges::find(state.members, true, &Member::local);
    return first->place;
}

// Another process' member says that it is unfit, but not why.
ShortText Groups::failed_check(const std::optional<Member>& member,
                               std::span<const VirtualRouter> virtual_routers) {
    return member && member->local ? virtual_routers[member->place].failed_check() : ShortText();
}

void Groups::journal(GroupIndex index, const Group::Opinion& opinion,
                     std::span<const VirtualRouter> virtual_routers, Effects& out) {
    State& group = state(index);
    std::optional<Member> culprit;
    if (opinion.trouble != GroupTrouble::none && opinion.trouble != GroupTrouble::members_missing)
        culprit = group.members[opinion.culprit];
    if (group.trouble == opinion.trouble && group.culprit == culprit && group.present == opinion.present)
        return;
    group.trouble = opinion.trouble;
    group.culprit = culprit;
    group.present = opinion.present;
    const std::size_t reporter = first_local(group);
    out.add(Event{virtual_routers[reporter].interface(), static_cast<VirtualRouterIndex>(reporter),
                  GroupChanged{.group = index,
                               .trouble = opinion.trouble,
                               .present = static_cast<std::uint16_t>(opinion.present),
                               .minimum = static_cast<std::uint16_t>(group.group.minimum()),
                               .member = culprit ? ShortText(name_of(*culprit)) : ShortText(),
                               .check = failed_check(culprit, virtual_routers)}});
}

Notice Groups::notice_of(const State& state) const {
    if (is_fault(state.trouble)) return Notice::fault;
    const bool leads =
        std::ranges::all_of(gathered_, [](const GroupMember& m) { return is_master(m.status.stance); });
    return leads ? Notice::master : Notice::backup;
}

void Groups::notify(State& state, Notice notice, std::span<const VirtualRouter> virtual_routers,
                    Effects& out) {
    if (std::exchange(state.noticed, notice) == notice) return;
    const VirtualRouter& reporter = virtual_routers[first_local(state)];
    out.add(
        Notify{reporter.index(), static_cast<GroupIndex>(&state - groups_.data()), notice, reporter.why()});
}

void Groups::resume(TimePoint now) {
    for (const GroupIndex index : configured_)
        state(index).group.resume(now + kAllHereWithin);
}

void Groups::stop(std::span<const VirtualRouter> virtual_routers, Effects& out) {
    for (const GroupIndex index : configured_)
        notify(state(index), Notice::stop, virtual_routers, out);
}

void Groups::remark(TimePoint now, GroupIndex index, std::span<const VirtualRouter> virtual_routers,
                    Effects& out) {
    State& group = state(index);
    const auto place_of = [&](auto&& is) {
        const auto found =
            std::ranges::find_if(gathered_, [&](const GroupMember& m) { return is(m.status.stance); });
        return static_cast<std::size_t>(found - gathered_.begin());
    };
    const std::size_t better = place_of(outranks);
    const std::size_t lesser = place_of([](Stance stance) { return stance == Stance::following; });
    const auto tell = [&](const GroupRemark& what) {
        const std::size_t reporter = first_local(group);
        out.add(
            Event{virtual_routers[reporter].interface(), static_cast<VirtualRouterIndex>(reporter), what});
    };
    if (group.trouble != GroupTrouble::none || std::max(better, lesser) == gathered_.size()) {
        group.crossed = kNever;
        group.told_crossed = false;
    } else if (!group.told_crossed) {
        group.crossed = std::min(group.crossed, now + kCrossedAfter);
        if (now >= group.crossed) {
            group.crossed = kNever;
            group.told_crossed = true;
            tell({.group = index,
                  .kind = GroupRemark::Kind::crossed_priorities,
                  .better = ShortText(name_of(group.members[better])),
                  .lesser = ShortText(name_of(group.members[lesser]))});
        }
    }
    const bool weary = group.group.preempts_no_more();
    if (weary && !group.told_weary)
        tell({.group = index, .kind = GroupRemark::Kind::preempts_no_more, .better = {}, .lesser = {}});
    group.told_weary = weary;
}

GroupView Groups::view(TimePoint now, GroupIndex index,
                       std::span<const VirtualRouter> virtual_routers) const {
    const State& group = state(index);
    GroupView view{.config = &group.config,
                   .trouble = group.trouble,
                   .crossed = group.told_crossed,
                   .weary = group.told_weary,
                   .culprit = group.culprit ? name_of(*group.culprit) : std::string(),
                   .check = failed_check(group.culprit, virtual_routers),
                   .longest_grace = group.group.longest_grace(),
                   .members = {}};
    std::vector<GroupMember> members;
    gather(now, group, virtual_routers, members);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Member& member = group.members[i];
        view.members.push_back({.name = name_of(member), .local = {}, .member = members[i]});
        if (member.local) view.members.back().local = static_cast<VirtualRouterIndex>(member.place);
    }
    return view;
}

} // namespace vrrp
