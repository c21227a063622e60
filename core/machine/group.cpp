#include "core/machine/group.hpp"

#include <algorithm>

namespace vrrp {
namespace {

bool counts(const GroupMember& member) {
    return member.local || member.status.joined;
}

bool willing(Stance stance) {
    return stance == Stance::ready || stance == Stance::master || stance == Stance::outranking;
}

} // namespace

Group::Opinion Group::judge(TimePoint now, std::span<const GroupMember> members) {
    Opinion opinion{.present = members.size()};
    opinion.trouble = trouble(members, opinion.culprit);
    const auto is = [&](auto&& what) { return std::ranges::any_of(members, what); };
    const bool we_lead =
        is([](const GroupMember& m) { return m.local && m.status.stance == Stance::master; });
    if (opinion.trouble != GroupTrouble::none) {
        if (we_lead) opinion.verdict = Verdict::yield;
        return opinion;
    }
    if (carried(now, members)) {
        opinion.verdict = Verdict::lead;
        return opinion;
    }
    const bool others_lead =
        is([](const GroupMember& m) { return m.status.joined && m.status.stance == Stance::master; });
    const bool arriving = is([](const GroupMember& m) { return m.local && !m.status.joined; });
    if (arriving && others_lead) {
        opinion.verdict = Verdict::lead_alone;
        return opinion;
    }
    if (is([&](const GroupMember& m) { return contradicts(now, m); })) {
        if (now < carried_until_) distrust_until_ = now + kStablePeriod;
        carried_until_ = grace_end_ = {};
        if (we_lead) opinion.verdict = Verdict::yield;
        return opinion;
    }
    // Who arrives demotes no group that leads; but where nobody leads yet it joins as soon as it has heard
    // so, and a group that did not wait for it would resign then.
    const bool led = we_lead || others_lead;
    const bool unanimous = std::ranges::all_of(
        members, [&](const GroupMember& m) { return (led && !counts(m)) || willing(m.status.stance); });
    const bool anybody_ready = is([](const GroupMember& m) {
        return counts(m) && (m.status.stance == Stance::ready || m.status.stance == Stance::master);
    });
    if (unanimous && anybody_ready) opinion.verdict = Verdict::lead;
    return opinion;
}

GroupTrouble Group::trouble(std::span<const GroupMember> members, std::size_t& culprit) const {
    if (members.size() < minimum_) return GroupTrouble::members_missing;
    for (culprit = 0; culprit < members.size(); ++culprit) {
        const GroupMember& member = members[culprit];
        if (!counts(member)) continue;
        if (member.silent) return GroupTrouble::member_silent;
        if (member.status.stance == Stance::unfit) return GroupTrouble::member_unfit;
        if (member.status.stance == Stance::held) return GroupTrouble::member_held;
    }
    return GroupTrouble::none;
}

// A member of this process begins a carried take-over; one of another process is followed into its own. Each
// take-over has a number of its own, so that it is followed once.
bool Group::carried(TimePoint now, std::span<const GroupMember> members) {
    const std::uint32_t known = takeover_;
    bool begins = false, called = false;
    for (const GroupMember& member : members) {
        const MemberStatus& status = member.status;
        begins = begins || (member.local && status.carrying && status.stance == Stance::ready);
        called = called || (!member.local && status.joined && status.carrying && status.takeover > known &&
                            status.stance == Stance::master);
        if (!member.local) takeover_ = std::max(takeover_, status.takeover);
    }
    const bool arriving =
        std::ranges::any_of(members, [](const GroupMember& m) { return m.local && !m.status.joined; });
    if (now < distrust_until_ || arriving || !(begins || called)) return false;
    if (!called) ++takeover_;
    grace_end_ = now + kCarryGrace;
    carried_until_ = now + kStablePeriod;
    return true;
}

// What it said before it knew of the carried take-over says nothing against it.
bool Group::contradicts(TimePoint now, const GroupMember& member) const {
    if (!counts(member) || willing(member.status.stance)) return false;
    return member.local || member.status.takeover >= takeover_ || now >= grace_end_;
}

} // namespace vrrp
