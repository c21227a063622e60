// The group of -M: a machine is the gateway on all its interfaces or on none.
#pragma once

#include "core/machine/event.hpp"
#include "core/net/fields.hpp"

#include <span>
#include <tuple>

namespace vrrp {

// How a virtual router stands towards its group.
enum class Stance : std::uint8_t {
    unfit,      // not in the election
    held,       // an operator keeps it backup
    waiting,    // backup, its Master_Down_Timer runs
    following,  // backup of a master that it would not replace
    outranking, // backup, hears only a lesser master, and preempts
    ready,      // its Master_Down_Timer has run out, and it hears nobody
    preempting, // its Master_Down_Timer has run out, and it hears a lesser master
    master,
    beaten // master, hears a better one, and lets its group decide who steps back
};

constexpr bool is_ready(Stance stance) {
    return stance == Stance::ready || stance == Stance::preempting;
}

constexpr bool outranks(Stance stance) {
    return stance == Stance::outranking || stance == Stance::preempting;
}

constexpr bool is_master(Stance stance) {
    return stance == Stance::master || stance == Stance::beaten;
}

struct MemberStatus {
    Stance stance = Stance::unfit;
    // It became ready, or master, because the master that it followed resigned.
    bool carrying = false;
    // A member that arrives while the group leads does not count before it leads too.
    bool joined = false;
    // Master, and hears a lesser one: it wins its election.
    bool winning = false;
    // The group's latest carried take-over that it knows of.
    std::uint32_t takeover = 0;
    auto fields() const { return std::tie(stance, carrying, joined, winning, takeover); }
};

struct GroupMember {
    MemberStatus status;
    bool local = false;  // of this process
    bool silent = false; // another process that has stopped speaking
    bool missed = false; // another process that died without a word
    // What it takes the group's minimum for; unset where that is ours.
    std::optional<std::uint16_t> other_minimum{};
    // Beaten, of this process: since when, and whether the rival's address is the lower one.
    TimePoint beaten_since = kNever;
    bool rival_is_lower = false;

    auto fields() const {
        return std::tie(status, local, silent, missed, other_minimum, beaten_since, rival_is_lower);
    }
};

// How many graces a beaten member gives its rival.
constexpr int contest_graces(bool earlier_member_wins, bool rival_is_lower) {
    return (earlier_member_wins ? 2 : 0) + (rival_is_lower ? 2 : 1);
}

// 1. Fit: at least `minimum` members are present, all of them say the same minimum, and every one that counts is
//    fit. A member that died without a word counts as unfit. While the group is not fit, no member may be master.
// 2. Silence needs unanimity: it leads when every member is ready or master, or outranks whom it hears.
// 3. A resignation carries the group: when one member heard the master that it followed resign, all take over
//    with it. Members of other processes get kCarryGrace to follow.
// 4. A member that follows a better master, or has to wait, keeps or takes the whole group back. If that happens
//    after a carried take-over, resignations carry nothing for kStablePeriod.
// 5. Where two groups lead at once, the first member on which they meet decides for all of them: members stand in
//    an order that all machines compute alike. A beaten member that is the first yields for the whole group at once.
//    Any other one gives the rival the time to be beaten on an earlier member and to yield: kContestGrace; one more
//    where the rival's address is the lower one, two more where an earlier member is winning already. So whatever
//    two groups hear of one another, only one of them yields, and the right one where the network is whole.
//    Each time that a group had to give up after a grace, the next one is twice as long.
// 6. A group that preempted and was beaten kVainPreemptions times in a row preempts no more before it has led in
//    some other way: rivals whose groups have different members could take the gateway from one another for ever.
// 7. A group that led for less than kStablePeriod before one of its members lost, kShortLeads times in a row, and did not
//    preempt, hesitates: resignations carry it no more, and it leads when its members have been willing for
//    kContestGrace, longer with each time. Where processes hear of one another later than of their rivals, two groups
//    could each lead on one member in turn, for ever.
class Group {
  public:
    static constexpr Duration kCarryGrace = std::chrono::milliseconds(200);
    static constexpr Duration kStablePeriod = std::chrono::seconds(10);
    static constexpr Duration kContestGrace = std::chrono::milliseconds(300);
    static constexpr unsigned kMaxGraceDoublings = 4;
    static constexpr unsigned kVainPreemptions = 4;
    static constexpr unsigned kShortLeads = 2;
    static constexpr unsigned kMaxHesitationDoublings = 2;
    static constexpr Duration kHesitationEnds = std::chrono::minutes(1); // after the last short lead

    enum class Verdict : std::uint8_t {
        stay,
        lead,       // those of this process that are not master become it
        lead_alone, // only those that have not joined and are ready: the others lead already
        yield       // those of this process that are master step back
    };
    struct Opinion {
        GroupTrouble trouble = GroupTrouble::none;
        std::size_t culprit = 0; // a place in `members`, where the trouble is one member's
        std::size_t present = 0;
        Verdict verdict = Verdict::stay;
    };

    explicit Group(unsigned minimum) : minimum_(minimum) {}
    void set_minimum(unsigned minimum) { minimum_ = minimum; }
    // Members that are not there before then may still come: the process that led before had them.
    void resume(TimePoint until) { all_here_ = until; }
    bool expects_members(TimePoint now) const { return now < all_here_; }

    // `members` in the order of the election. May take note of a carried take-over, of what contradicts one, and of
    // how a contest with another group ended.
    Opinion judge(TimePoint now, std::span<const GroupMember> members);

    // When judge() may think otherwise although nothing has happened.
    TimePoint next_deadline(TimePoint now) const {
        const TimePoint grace_end = grace_end_ > now ? grace_end_ : kNever;
        const TimePoint willing_until =
            unanimous_since_ == kNever ? kNever : unanimous_since_ + hesitation(now);
        return std::min({grace_end, all_here_ > now ? all_here_ : kNever, contest_end_,
                         willing_until > now ? willing_until : kNever});
    }

    bool distrusts_resignations(TimePoint now) const { return now < distrust_until_; }
    bool preempts_no_more() const { return vain_preemptions_ >= kVainPreemptions; }
    // What a beaten member may give its rival now.
    Duration longest_grace() const { return contest_graces(true, true) * kContestGrace * (1 << doublings_); }
    unsigned minimum() const { return minimum_; }
    std::uint32_t takeover() const { return takeover_; }

    auto fields() const {
        return std::tie(minimum_, takeover_, grace_end_, distrust_until_, carried_until_, contest_end_,
                        gave_up_, doublings_, preempted_, vain_preemptions_, all_here_, led_since_,
                        led_until_, contradicted_, short_leads_, unanimous_since_);
    }

  private:
    struct Leaders {
        explicit Leaders(std::span<const GroupMember> members);
        bool wait_for(const GroupMember& member) const;
        bool anybody = false; // a joined member is master
        bool we = false;      // a member of this process is
    };
    GroupTrouble trouble(std::span<const GroupMember> members, const Leaders& leaders,
                         std::size_t& culprit) const;
    bool carried(TimePoint now, std::span<const GroupMember> members);
    bool contradicts(TimePoint now, const GroupMember& member, const Leaders& leaders) const;
    bool loses_contest(TimePoint now, std::span<const GroupMember> members);
    Duration hesitation(TimePoint now) const;
    void note_leaders(TimePoint now, bool anybody);
    void note_lead(TimePoint now, bool preempts);
    void note_defeat(TimePoint now);

    unsigned minimum_;
    std::uint32_t takeover_ = 0;
    TimePoint grace_end_{};                // of the last carried take-over
    TimePoint distrust_until_{};           // of resignations
    TimePoint carried_until_{};            // what speaks against us before is a contradiction
    TimePoint contest_end_ = kNever;       // a beaten member yields then
    TimePoint gave_up_{};                  // the last contest, after a grace
    unsigned doublings_ = 0;               // of the grace
    std::optional<TimePoint> preempted_{}; // it leads since, instead of a master that lived
    unsigned vain_preemptions_ = 0;
    TimePoint all_here_{}; // of a group that goes on
    TimePoint led_since_ = kNever;
    TimePoint led_until_{};
    bool contradicted_ = false; // while it led
    unsigned short_leads_ = 0;  // in a row
    TimePoint unanimous_since_ = kNever;
};

} // namespace vrrp
