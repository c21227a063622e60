// The groups of one process: its own members, what siblings say of theirs, and one verdict for all of them.
#pragma once

#include "core/machine/deadlines.hpp"
#include "core/machine/index_set.hpp"
#include "core/machine/input.hpp"
#include "core/machine/placed_config.hpp"
#include "core/machine/virtual_router.hpp"
#include "core/net/fields.hpp"

#include <ranges>
#include <span>
#include <tuple>

namespace vrrp {

// A member of a group as one process sees it.
struct MemberView {
    std::string name;                        // "eth0 vrid 51"
    std::optional<VirtualRouterIndex> local; // of this process
    GroupMember member;
};

struct GroupView {
    const GroupConfig* config = nullptr;
    GroupTrouble trouble = GroupTrouble::none;
    bool crossed = false;     // one member outranks the master that it hears, and another one does not
    bool weary = false;       // it preempts no more
    std::string culprit;      // the member to blame
    ShortText check{};        // that keeps it out of the election
    Duration longest_grace{}; // that it gives a better rival before it yields
    std::vector<MemberView> members;
};

// 1. Router tells it of every virtual router that may have changed by touched(), and of what siblings say; then
//    settle() judges the groups that this concerns, and no others, and carries the verdicts out.
// 2. Members stand in the order of the election (SiblingIdentity), which all machines compute alike.
// 3. Statuses of members are told to siblings when they change, and every heartbeat.
class Groups {
  public:
    std::vector<GroupIndex> places(const std::vector<GroupConfig>& configs) const {
        return places_of<GroupIndex>(configs, groups_ | std::views::transform(&State::config),
                                     &GroupConfig::name);
    }
    // Of groups that `next` does not have any more the end is told, while their members still are what they were.
    void retire(const PlacedConfig& next, std::span<const VirtualRouter> virtual_routers, Effects& out);
    // `virtual_routers` are what `next` says by now. A member that stays in its group goes on as it was.
    void reconfigure(const PlacedConfig& next, std::span<const VirtualRouter> virtual_routers);

    void said(TimePoint now, const SiblingSaid& said);
    void gone(TimePoint now, const SiblingGone& gone, std::span<const VirtualRouter> virtual_routers,
              Effects& out);
    // Of a group: members that died without a word are missed no longer. False when there were none.
    bool forget_missed(GroupIndex index);
    // A process that woke late has not listened: its siblings' silence says nothing.
    void excuse_silence(TimePoint now, TimePoint deadline);

    void touched(const VirtualRouter& one);
    // Names in `changed` every virtual router that a verdict was carried out on.
    void settle(TimePoint now, std::span<VirtualRouter> virtual_routers, IndexSet& changed, Effects& out);
    void tell_siblings(TimePoint now, std::span<const VirtualRouter> virtual_routers, Presence presence,
                       Effects& out);
    // A process before this one has left masters behind: members of other processes get their time to be heard.
    void resume(TimePoint now);
    // After the members have.
    void stop(std::span<const VirtualRouter> virtual_routers, Effects& out);

    TimePoint next_deadline() const {
        return std::min({judge_at_.earliest(), tell_at_.earliest(), silent_at_.earliest()});
    }

    const std::vector<GroupIndex>& configured() const { return configured_; }
    const GroupConfig& config(GroupIndex index) const {
        return groups_[static_cast<std::size_t>(index)].config;
    }
    GroupView view(TimePoint now, GroupIndex index, std::span<const VirtualRouter> virtual_routers) const;
    SiblingStatus status(const VirtualRouter& one, Presence presence) const; // as it was told last
    const SiblingIdentity& dead_sibling(std::uint16_t place) const {
        return siblings_[place].status.identity;
    }

    auto fields() const { return std::tie(groups_, configured_, memberships_, siblings_); }

  private:
    // A process that has told nothing for so many heartbeats does not live in any sense that counts.
    static constexpr unsigned kMissedHeartbeats = 3;

    // A member's place: in the table of virtual routers, or in that of siblings.
    struct Member {
        bool local = false;
        std::uint16_t place = 0;
        auto fields() const { return std::tie(local, place); }
    };
    struct State {
        GroupConfig config;
        Group group{1};
        std::vector<Member> members; // in the order of the election
        // As journalled last.
        GroupTrouble trouble = GroupTrouble::members_missing;
        std::optional<Member> culprit;
        std::size_t present = 0;
        bool contested = false;     // a member is beaten that an earlier one may yet save
        TimePoint crossed = kNever; // its priorities will have been crossed for long enough
        bool told_crossed = false, told_weary = false;
        std::optional<Notice> noticed; // what was told last

        auto fields() const {
            return std::tie(config, group, members, trouble, culprit, present, contested, crossed,
                            told_crossed, told_weary, noticed);
        }
    };
    // Of one virtual router, in the same place. Nothing of it counts where that is in no group.
    struct Membership {
        std::optional<GroupIndex> group;
        SiblingIdentity identity;
        GroupMember seen;  // by the last judgement
        MemberStatus told; // to siblings
        TimePoint next_tell = kNever;
        bool joined = false;

        auto fields() const { return std::tie(group, identity, seen, told, next_tell, joined); }
    };
    struct Sibling {
        SiblingId id{};
        SiblingStatus status;
        std::optional<GroupIndex> group; // none: not one of ours
        TimePoint speaks_until{};
        bool heard = true;    // since this process last overslept: what it said before is no ground to lead
        bool alive = false;   // a dead one's place is taken by the next that arrives
        bool missed = false;  // it died without a word: its place is kept until it returns
        bool awaited = false; // its process has gone and is to return: until speaks_until it counts as it was
        unsigned patience = kMissedHeartbeats; // in heartbeats; more for one that was only slow

        auto fields() const {
            return std::tie(id, status, group, speaks_until, heard, alive, missed, awaited, patience);
        }
    };

    std::size_t free_place();
    void adopt_missed(GroupIndex index, const std::vector<SiblingIdentity>& missed);
    void tell_at_once(const State& state);
    State& state(GroupIndex index) { return groups_[static_cast<std::size_t>(index)]; }
    const State& state(GroupIndex index) const { return groups_[static_cast<std::size_t>(index)]; }
    std::size_t place_for(SiblingId id);
    const SiblingIdentity& identity(const Member& member) const;
    std::string name_of(const Member& member) const { return to_string(identity(member)); }
    static ShortText failed_check(const std::optional<Member>& member,
                                  std::span<const VirtualRouter> virtual_routers);
    bool is_member(const Sibling& sibling) const;
    void arrange(State& state);
    void challenge(TimePoint now, State& state, std::span<VirtualRouter> virtual_routers, IndexSet& changed,
                   Effects& out);
    void remark(TimePoint now, GroupIndex index, std::span<const VirtualRouter> virtual_routers,
                Effects& out);
    void look_at_deadlines(TimePoint now, std::span<const VirtualRouter> virtual_routers, Effects& out);
    void miss(std::size_t place, std::span<const VirtualRouter> virtual_routers, Effects& out);
    MemberStatus status_of(const VirtualRouter& one) const;
    GroupMember member_of(const VirtualRouter& one) const;

    void judge(TimePoint now, GroupIndex index, std::span<VirtualRouter> virtual_routers, IndexSet& changed,
               Effects& out);
    void gather(TimePoint now, const State& state, std::span<const VirtualRouter> virtual_routers,
                std::vector<GroupMember>& into) const;
    bool join(State& state, std::span<const VirtualRouter> virtual_routers);
    bool heard_all(const State& state) const;
    void apply(TimePoint now, State& state, const Group::Opinion& opinion,
               std::span<VirtualRouter> virtual_routers, IndexSet& changed, Effects& out);
    void journal(GroupIndex index, const Group::Opinion& opinion,
                 std::span<const VirtualRouter> virtual_routers, Effects& out);
    Notice notice_of(const State& state) const;
    void notify(State& state, Notice notice, std::span<const VirtualRouter> virtual_routers, Effects& out);
    static std::size_t first_local(const State& state);

    void enrol(const VirtualRouter& one, std::optional<GroupIndex> group);

    std::vector<State> groups_;
    std::vector<GroupIndex> configured_;
    std::vector<Membership> memberships_;
    std::vector<Sibling> siblings_;
    Deadlines judge_at_{0};  // by group
    Deadlines tell_at_{0};   // by virtual router
    Deadlines silent_at_{0}; // by sibling
    IndexSet to_judge_{0}, to_tell_{0}, due_{0};
    std::vector<GroupMember> gathered_; // room to work in, used again
};

} // namespace vrrp
