// How a router's members, and those of its siblings, move as one.
#include "core/machine/router.hpp"

namespace vrrp {
namespace {

using namespace std::chrono_literals;

// A process that has told nothing for so many heartbeats does not live in any sense that counts.
constexpr int kMissedHeartbeats = 3;
constexpr Duration kShortestHeartbeat = 100ms, kLongestHeartbeat = 1s;
// A router that woke so late has not listened: its siblings' silence says nothing.
constexpr Duration kOversleep = 300ms;
constexpr std::size_t kMaxSiblings = 255;

std::string name_of(const std::string& interface, std::uint8_t vrid, IpFamily family) {
    return interface + " vrid " + std::to_string(vrid) + (family == IpFamily::v6 ? " IPv6" : "");
}

std::string name_of(const VirtualRouterConfig& config) {
    return name_of(config.interface, config.vrid, config.family);
}

std::string name_of(const SiblingIdentity& identity) {
    return name_of(identity.interface, identity.vrid, identity.family);
}

} // namespace

template <typename What>
void Router::for_members(GroupIndex index, What&& what) {
    for (std::size_t i = 0; i < virtual_routers_.size(); ++i)
        if (virtual_routers_[i].config().group == index) what(virtual_routers_[i], memberships_[i]);
}

// --- What siblings say

void Router::on(TimePoint now, const SiblingSaid& said, Effects&) {
    auto place =
        std::ranges::find_if(siblings_, [&](const Sibling& s) { return s.alive && s.id == said.id; });
    if (place == siblings_.end()) place = std::ranges::find(siblings_, false, &Sibling::alive);
    if (place == siblings_.end()) {
        if (siblings_.size() == kMaxSiblings) return;
        place = siblings_.insert(place, Sibling{});
    }
    const auto ours = std::ranges::find_if(group_configs_, [&](const GroupConfig& group) {
        return group.shared && group.name == said.status.group;
    });
    std::optional<GroupIndex> group;
    if (ours != group_configs_.end()) group = static_cast<GroupIndex>(ours - group_configs_.begin());
    *place = {.id = said.id,
              .status = said.status,
              .group = group,
              .speaks_until = now + kMissedHeartbeats * said.status.heartbeat,
              .alive = true};
}

void Router::on(TimePoint, const SiblingGone& gone, Effects& out) {
    const auto place =
        std::ranges::find_if(siblings_, [&](const Sibling& s) { return s.alive && s.id == gone.id; });
    if (place == siblings_.end()) return;
    place->alive = false;
    if (!place->group || place->status.leaving) return;
    const VirtualRouterIndex reporter = first_member(*place->group);
    out.add(Event{virtual_router(reporter).interface(), reporter,
                  SiblingDied{ShortText(name_of(place->status.identity))}});
    out.add(CleanUpAfter{static_cast<std::uint16_t>(place - siblings_.begin())});
}

void Router::excuse_silence(TimePoint now) {
    if (now - next_deadline_ < kOversleep) return;
    for (Sibling& sibling : siblings_) {
        sibling.heard = false;
        sibling.speaks_until =
            std::max(sibling.speaks_until, now + kMissedHeartbeats * sibling.status.heartbeat);
    }
}

// --- What is told to them

Duration Router::heartbeat(const VirtualRouter& one) const {
    return std::clamp(one.config().advertisement_interval, kShortestHeartbeat, kLongestHeartbeat);
}

bool Router::is_shared(const VirtualRouter& one) const {
    const auto& group = one.config().group;
    return group && group_config(*group).shared;
}

SiblingStatus Router::sibling_status(VirtualRouterIndex index) const {
    const VirtualRouter& one = virtual_router(index);
    const VirtualRouterConfig& config = one.config();
    SiblingStatus status{.group = group_config(config.group.value()).name,
                         .identity = {.interface = config.interface,
                                      .vrid = config.vrid,
                                      .family = config.family,
                                      .addresses = {},
                                      .virtual_mac = one.uses_virtual_mac()},
                         .status = memberships_[static_cast<std::size_t>(index)].told,
                         .heartbeat = heartbeat(one),
                         .leaving = stopped_};
    if (!one.owner()) status.identity.addresses = config.addresses;
    return status;
}

void Router::tell_siblings(TimePoint now, Effects& out) {
    for (std::size_t i = 0; i < virtual_routers_.size(); ++i) {
        const VirtualRouter& one = virtual_routers_[i];
        if (!is_shared(one)) continue;
        Membership& membership = memberships_[i];
        const MemberStatus status{
            .stance = one.stance(),
            .carrying = one.carrying(),
            .joined = membership.joined,
            .takeover = groups_[static_cast<std::size_t>(*one.config().group)].group.takeover()};
        const bool first = membership.next_tell == kNever;
        if (!first && !stopped_ && status == membership.told && now < membership.next_tell) continue;
        membership.told = status;
        membership.next_tell = now + heartbeat(one);
        out.add(TellSiblings{static_cast<VirtualRouterIndex>(i)});
    }
}

TimePoint Router::group_deadline(TimePoint now) const {
    TimePoint deadline = kNever;
    for (const GroupState& state : groups_)
        deadline = std::min(deadline, state.group.next_deadline(now));
    for (const Membership& membership : memberships_)
        deadline = std::min(deadline, membership.next_tell);
    for (const Sibling& sibling : siblings_)
        if (sibling.alive && sibling.group && sibling.speaks_until > now)
            deadline = std::min(deadline, sibling.speaks_until);
    return deadline;
}

// --- One verdict for all

void Router::settle(TimePoint now, GroupIndex index, Effects& out) {
    constexpr int kRounds = 3; // a verdict changes what the next one sees; after the second nothing is new
    Group& group = groups_[static_cast<std::size_t>(index)].group;
    for (int round = 0; round < kRounds; ++round) {
        gather(now, index, gathered_);
        if (join(index)) gather(now, index, gathered_);
        const Group::Opinion opinion = group.judge(now, gathered_);
        journal_group(index, opinion, out);
        if (opinion.trouble != GroupTrouble::none || group.distrusts_resignations(now))
            for_members(index, [](VirtualRouter& one, Membership&) { one.forget_resignation(); });
        const bool leads =
            opinion.verdict == Group::Verdict::lead || opinion.verdict == Group::Verdict::lead_alone;
        if (opinion.verdict == Group::Verdict::stay || (leads && !heard_all(index))) return;
        apply(now, index, opinion, out);
    }
}

// Within a heartbeat every sibling that lives has spoken.
bool Router::heard_all(GroupIndex index) const {
    return std::ranges::all_of(siblings_,
                               [&](const Sibling& s) { return s.heard || !s.alive || s.group != index; });
}

// Members of this process first, in their order, then the siblings.
void Router::gather(TimePoint now, GroupIndex index, std::vector<GroupMember>& into) const {
    into.clear();
    const std::uint32_t takeover = groups_[static_cast<std::size_t>(index)].group.takeover();
    for (std::size_t i = 0; i < virtual_routers_.size(); ++i) {
        const VirtualRouter& one = virtual_routers_[i];
        if (one.config().group != index) continue;
        into.push_back({.status = {.stance = one.stance(),
                                   .carrying = one.carrying(),
                                   .joined = memberships_[i].joined,
                                   .takeover = takeover},
                        .local = true});
    }
    for (const Sibling& sibling : siblings_)
        if (sibling.alive && sibling.group == index && !sibling.status.leaving)
            into.push_back({.status = sibling.status.status, .silent = now >= sibling.speaks_until});
}

// Who arrives at a group that leads counts only once it leads too; at any other group, as soon as it is
// complete.
bool Router::join(GroupIndex index) {
    const unsigned minimum = groups_[static_cast<std::size_t>(index)].group.minimum();
    const bool led = std::ranges::any_of(
        gathered_, [](const GroupMember& m) { return m.status.joined && m.status.stance == Stance::master; });
    bool changed = false;
    for_members(index, [&](VirtualRouter& one, Membership& membership) {
        const bool joins = one.stance() == Stance::master || (!led && gathered_.size() >= minimum);
        changed = changed || (joins && !membership.joined);
        membership.joined = membership.joined || joins;
    });
    return changed;
}

void Router::apply(TimePoint now, GroupIndex index, const Group::Opinion& opinion, Effects& out) {
    const Cause lost = opinion.trouble == GroupTrouble::none ? Cause::group_lost : Cause::group_unfit;
    for_members(index, [&](VirtualRouter& one, Membership& membership) {
        switch (opinion.verdict) {
        case Group::Verdict::lead: return one.lead(now, out);
        case Group::Verdict::lead_alone:
            if (!membership.joined && (one.stance() == Stance::ready || one.stance() == Stance::outranking))
                one.lead(now, out);
            return;
        case Group::Verdict::yield: return one.yield(now, lost, out);
        case Group::Verdict::stay: return;
        }
    });
}

void Router::journal_group(GroupIndex index, const Group::Opinion& opinion, Effects& out) {
    GroupState& state = groups_[static_cast<std::size_t>(index)];
    const bool blames =
        opinion.trouble != GroupTrouble::none && opinion.trouble != GroupTrouble::members_missing;
    std::string culprit = blames ? member_name(index, opinion.culprit) : std::string();
    if (state.trouble == opinion.trouble && state.culprit == culprit && state.present == opinion.present)
        return;
    state.trouble = opinion.trouble;
    state.culprit = std::move(culprit);
    state.present = opinion.present;
    const VirtualRouterIndex reporter = first_member(index);
    out.add(Event{virtual_router(reporter).interface(), reporter,
                  GroupChanged{.group = index,
                               .trouble = opinion.trouble,
                               .present = static_cast<std::uint16_t>(opinion.present),
                               .minimum = static_cast<std::uint16_t>(state.group.minimum()),
                               .member = ShortText(state.culprit)}});
}

VirtualRouterIndex Router::first_member(GroupIndex index) const {
    const auto found = std::ranges::find_if(
        virtual_routers_, [&](const VirtualRouter& one) { return one.config().group == index; });
    return static_cast<VirtualRouterIndex>(found - virtual_routers_.begin());
}

// The name of a place in what gather() made.
std::string Router::member_name(GroupIndex index, std::size_t place) const {
    for (const VirtualRouter& one : virtual_routers_)
        if (one.config().group == index && place-- == 0) return name_of(one.config());
    for (const Sibling& sibling : siblings_)
        if (sibling.alive && sibling.group == index && !sibling.status.leaving && place-- == 0)
            return name_of(sibling.status.identity);
    return {};
}

GroupView Router::group(TimePoint now, GroupIndex index) const {
    const GroupState& state = groups_[static_cast<std::size_t>(index)];
    GroupView view{
        .config = &group_config(index), .trouble = state.trouble, .culprit = state.culprit, .members = {}};
    std::vector<GroupMember> members;
    gather(now, index, members);
    for (std::size_t i = 0; i < members.size(); ++i)
        view.members.push_back({member_name(index, i), members[i]});
    return view;
}

} // namespace vrrp
