#include "core/machine/group.hpp"

#include <algorithm>
#include <utility>

namespace vrrp {
namespace {

bool willing(Stance stance) {
    return is_master(stance) || is_ready(stance) || outranks(stance);
}

bool arrives_here(std::span<const GroupMember> members) {
    return std::ranges::any_of(members, [](const GroupMember& m) { return m.local && !m.status.joined; });
}

bool has_arrived(std::span<const GroupMember> members) {
    return std::ranges::any_of(members, [](const GroupMember& m) {
        return m.local && !m.status.joined && (is_ready(m.status.stance) || outranks(m.status.stance));
    });
}

} // namespace

Group::Leaders::Leaders(std::span<const GroupMember> members) {
    for (const GroupMember& member : members) {
        const bool master = is_master(member.status.stance);
        anybody = anybody || (master && member.status.joined);
        we = we || (master && member.local);
    }
}

// Who arrives does not take back a group that leads; one that does not lead waits for everybody. A process that does not
// lead waits for its own members.
bool Group::Leaders::wait_for(const GroupMember& member) const {
    return member.status.joined || !anybody || (member.local && !we);
}

Group::Opinion Group::judge(TimePoint now, std::span<const GroupMember> members) {
    Opinion opinion{.present =
                        static_cast<std::size_t>(std::ranges::count(members, false, &GroupMember::missed))};
    const Leaders leaders(members);
    const auto yield = [&] {
        if (leaders.we) opinion.verdict = Verdict::yield;
        return opinion;
    };
    contest_end_ = kNever;
    note_leaders(now, leaders.anybody);
    const TimePoint unanimous_since = std::min(std::exchange(unanimous_since_, kNever), now);
    opinion.trouble = trouble(members, leaders, opinion.culprit);
    if (opinion.trouble == GroupTrouble::members_missing && expects_members(now)) return opinion;
    if (opinion.trouble != GroupTrouble::none) return yield();
    if (loses_contest(now, members)) {
        note_defeat(now);
        return yield();
    }
    if (carried(now, members)) {
        opinion.verdict = Verdict::lead;
        return opinion;
    }
    if (has_arrived(members) && leaders.anybody) {
        opinion.verdict = Verdict::lead_alone;
        return opinion;
    }
    if (std::ranges::any_of(members, [&](const GroupMember& m) { return contradicts(now, m, leaders); })) {
        const bool was_carried = now < carried_until_;
        if (was_carried) distrust_until_ = now + kStablePeriod;
        carried_until_ = grace_end_ = {};
        if (leaders.we) note_defeat(now);
        contradicted_ = leaders.anybody && !was_carried;
        return yield();
    }
    const bool unanimous = std::ranges::all_of(
        members, [&](const GroupMember& m) { return !leaders.wait_for(m) || willing(m.status.stance); });
    const bool anybody_ready = std::ranges::any_of(members, [&](const GroupMember& m) {
        return is_ready(m.status.stance) ||
               is_master(m.status.stance); // who does not count has a master that does
    });
    if (!unanimous || !anybody_ready) return opinion;
    const bool preempts =
        std::ranges::any_of(members, [](const GroupMember& m) { return outranks(m.status.stance); });
    if (!leaders.anybody && preempts && preempts_no_more()) return opinion;
    if (!leaders.anybody && !preempts) {
        unanimous_since_ = unanimous_since;
        if (now < unanimous_since + hesitation(now)) return opinion;
    }
    if (!leaders.anybody) note_lead(now, preempts);
    opinion.verdict = Verdict::lead;
    return opinion;
}

GroupTrouble Group::trouble(std::span<const GroupMember> members, const Leaders& leaders,
                            std::size_t& culprit) const {
    const auto blamed = [&](auto&& is_wrong) {
        const auto found = std::ranges::find_if(members, is_wrong);
        if (found != members.end()) culprit = static_cast<std::size_t>(found - members.begin());
        return found != members.end();
    };
    if (blamed([](const GroupMember& m) { return m.missed; })) return GroupTrouble::member_missed;
    if (blamed([](const GroupMember& m) { return m.other_minimum.has_value(); }))
        return GroupTrouble::minimum_differs;
    if (members.size() < minimum_) return GroupTrouble::members_missing;
    for (culprit = 0; culprit < members.size(); ++culprit) {
        const GroupMember& member = members[culprit];
        if (!leaders.wait_for(member)) continue;
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
        begins = begins || (member.local && status.carrying && is_ready(status.stance));
        called = called || (!member.local && status.joined && status.carrying && status.takeover > known &&
                            is_master(status.stance));
        if (!member.local) takeover_ = std::max(takeover_, status.takeover);
    }
    if (now < distrust_until_ || hesitation(now) > Duration::zero() || arrives_here(members) ||
        !(begins || called))
        return false;
    if (!called) ++takeover_;
    note_lead(now, false);
    grace_end_ = now + kCarryGrace;
    carried_until_ = now + kStablePeriod;
    return true;
}

// What it said before it knew of the carried take-over says nothing against it.
bool Group::contradicts(TimePoint now, const GroupMember& member, const Leaders& leaders) const {
    if (!leaders.wait_for(member) || willing(member.status.stance)) return false;
    return member.local || member.status.takeover >= takeover_ || now >= grace_end_;
}

// Each process speaks for its own beaten members; the others follow it when it has stepped back.
bool Group::loses_contest(TimePoint now, std::span<const GroupMember> members) {
    if (now > gave_up_ + kStablePeriod * (1 << doublings_)) doublings_ = 0;
    const Duration grace = kContestGrace * (1 << doublings_);
    bool wins_earlier = false;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const GroupMember& member = members[i];
        if (member.local && member.status.stance == Stance::beaten) {
            if (i == 0) return true;
            const TimePoint end =
                member.beaten_since + contest_graces(wins_earlier, member.rival_is_lower) * grace;
            if (now >= end) {
                gave_up_ = now;
                doublings_ = std::min(doublings_ + 1, kMaxGraceDoublings);
                return true;
            }
            contest_end_ = std::min(contest_end_, end);
        }
        wins_earlier = wins_earlier || member.status.winning;
    }
    return false;
}

Duration Group::hesitation(TimePoint now) const {
    if (short_leads_ < kShortLeads || now > led_until_ + kHesitationEnds) return {};
    return kContestGrace * (1 << std::min(short_leads_ - kShortLeads, kMaxHesitationDoublings));
}

void Group::note_leaders(TimePoint now, bool anybody) {
    if (anybody && !preempted_) led_since_ = std::min(led_since_, now);
    if (anybody || led_since_ == kNever) return;
    const bool short_and_wrong = std::exchange(contradicted_, false) && now < led_since_ + kStablePeriod;
    short_leads_ = short_and_wrong ? short_leads_ + 1 : 0;
    led_since_ = kNever;
    led_until_ = now;
}

void Group::note_lead(TimePoint now, bool preempts) {
    preempted_.reset();
    if (preempts)
        preempted_ = now;
    else
        vain_preemptions_ = 0;
}

void Group::note_defeat(TimePoint now) {
    if (preempted_ && now < *preempted_ + kStablePeriod)
        ++vain_preemptions_;
    else
        vain_preemptions_ = 0;
    preempted_.reset();
}

} // namespace vrrp
