// The group of -M: a machine is the gateway on all its interfaces or on none.
#pragma once

#include "core/machine/event.hpp"

#include <span>

namespace vrrp {

// How a virtual router stands towards its group.
enum class Stance : std::uint8_t {
    unfit,      // not in the election
    held,       // an operator keeps it backup
    waiting,    // backup, its Master_Down_Timer runs
    following,  // backup of a master that it would not replace
    outranking, // backup, hears only a lesser master, and preempts
    ready,      // its Master_Down_Timer has run out
    master
};

struct MemberStatus {
    Stance stance = Stance::unfit;
    // It became ready, or master, because the master that it followed resigned.
    bool carrying = false;
    // A member that arrives while the group leads does not count before it leads too.
    bool joined = false;
    // The group's latest carried take-over that it knows of.
    std::uint32_t takeover = 0;
    friend bool operator==(const MemberStatus&, const MemberStatus&) = default;
};

struct GroupMember {
    MemberStatus status;
    bool local = false;  // of this process
    bool silent = false; // another process that has stopped speaking
};

// 1. Fit: at least `minimum` members are present and every one that counts is fit. While it is not, no member
//    may be master.
// 2. Silence needs unanimity: it leads when every member is ready or master, or outranks whom it hears.
// 3. A resignation carries the group: when one member heard the master that it followed resign, all take over
//    with it. Members of other processes get kCarryGrace to follow.
// 4. A member that hears a better master, or has to wait, keeps or takes the whole group back. If that
//    happens after a carried take-over, resignations carry nothing for kStablePeriod.
class Group {
  public:
    static constexpr Duration kCarryGrace = std::chrono::milliseconds(200);
    static constexpr Duration kStablePeriod = std::chrono::seconds(10);

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

    // May take note of a carried take-over, or of what contradicts one.
    Opinion judge(TimePoint now, std::span<const GroupMember> members);

    // When judge() may think otherwise although nothing has happened.
    TimePoint next_deadline(TimePoint now) const { return grace_end_ > now ? grace_end_ : kNever; }

    bool distrusts_resignations(TimePoint now) const { return now < distrust_until_; }
    unsigned minimum() const { return minimum_; }
    std::uint32_t takeover() const { return takeover_; }

    friend bool operator==(const Group&, const Group&) = default;

  private:
    GroupTrouble trouble(std::span<const GroupMember> members, bool led, std::size_t& culprit) const;
    bool carried(TimePoint now, std::span<const GroupMember> members);
    bool contradicts(TimePoint now, const GroupMember& member, bool led) const;

    unsigned minimum_;
    std::uint32_t takeover_ = 0;
    TimePoint grace_end_{};      // of the last carried take-over
    TimePoint distrust_until_{}; // of resignations
    TimePoint carried_until_{};  // what speaks against us before is a contradiction
};

} // namespace vrrp
