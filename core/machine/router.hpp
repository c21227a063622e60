// One vrrpd process: its virtual routers and what it knows of its interfaces.
#pragma once

#include "core/machine/input.hpp"
#include "core/machine/rate_limit.hpp"
#include "core/machine/virtual_router.hpp"

#include <array>

namespace vrrp {

struct InterfaceCounters {
    std::uint64_t frames_received = 0; // VRRP only
    std::array<std::uint64_t, wire::kDropReasons> dropped{};
};

// A member of a group as one process sees it.
struct MemberView {
    std::string name; // "eth0 vrid 51"
    GroupMember member;
};

struct GroupView {
    const GroupConfig* config = nullptr;
    GroupTrouble trouble = GroupTrouble::none;
    std::string culprit; // the member to blame
    std::vector<MemberView> members;
};

struct RouterInterface {
    std::string name;
    InterfaceFacts facts;
    InterfaceCounters counters;
};

// A pure value with one way in. It may be copied, compared and hashed; counters and rate limits are not part
// of its identity. Nothing received from the wire changes anything but the election's own state.
class Router {
  public:
    // Precondition: (interface, family, vrid) are unique in `config`.
    explicit Router(const RouterConfig& config);

    void handle(TimePoint now, const Input& input, Effects& out);

    // When to send DeadlineReached; kNever when there is nothing to wait for.
    TimePoint next_deadline() const { return next_deadline_; }

    const std::vector<VirtualRouter>& virtual_routers() const { return virtual_routers_; }
    const VirtualRouter& virtual_router(VirtualRouterIndex index) const {
        return virtual_routers_[static_cast<std::size_t>(index)];
    }
    const std::vector<RouterInterface>& interfaces() const { return interfaces_; }
    const RouterInterface& interface(InterfaceId id) const {
        return interfaces_[static_cast<std::size_t>(id)];
    }
    bool stopped() const { return stopped_; }
    std::size_t groups() const { return groups_.size(); }
    const GroupConfig& group_config(GroupIndex index) const {
        return group_configs_[static_cast<std::size_t>(index)];
    }
    GroupView group(TimePoint now, GroupIndex index) const;

    // For TellSiblings and CleanUpAfter.
    SiblingStatus sibling_status(VirtualRouterIndex index) const;
    const SiblingIdentity& dead_sibling(std::uint16_t place) const {
        return siblings_[place].status.identity;
    }

    friend bool operator==(const Router& a, const Router& b);
    std::uint64_t hash() const;

  private:
    void on(TimePoint now, const Started&, Effects& out);
    void on(TimePoint now, const FrameReceived&, Effects& out);
    void on(TimePoint now, const DeadlineReached&, Effects& out);
    void on(TimePoint now, const InterfaceChanged&, Effects& out);
    void on(TimePoint now, const EffectFailed&, Effects& out);
    void on(TimePoint now, const AddressLost&, Effects& out);
    void on(TimePoint now, const SetPriority&, Effects& out);
    void on(TimePoint now, const Commanding&, Effects& out);
    void on(TimePoint now, const SiblingSaid&, Effects& out);
    void on(TimePoint now, const SiblingGone&, Effects& out);
    void on(TimePoint now, const ScriptExited&, Effects& out);
    void on(TimePoint now, const Stop&, Effects& out);

    InterfaceId interface_named(const std::string& name);
    VirtualRouter* find(InterfaceId interface, IpFamily family, std::uint8_t vrid);
    // What only a router can tell is wrong with an advertisement (RFC 9568 section 7.1).
    std::optional<wire::DecodeError> refusal(const InterfaceFacts& facts, const VirtualRouter* virtual_router,
                                             const wire::Advertisement& advertisement, BytesView frame) const;
    void drop(InterfaceId interface, const PacketDropped& dropped, Effects& out);
    // Whatever the wire can provoke goes through one limit for the whole process.
    void limit_provoked_events(TimePoint now, std::size_t first, Effects& out);

    // Groups: everything that can change a verdict ends in one place.
    struct GroupState {
        Group group;
        GroupTrouble trouble = GroupTrouble::members_missing; // as journalled
        std::string culprit;
        std::size_t present = 0;
        friend bool operator==(const GroupState&, const GroupState&) = default;
    };
    struct Membership { // of one virtual router, in the same place
        bool joined = false;
        MemberStatus told;
        TimePoint next_tell = kNever;
        friend bool operator==(const Membership&, const Membership&) = default;
    };
    struct Sibling {
        SiblingId id{};
        SiblingStatus status;
        std::optional<GroupIndex> group; // none: not one of ours
        TimePoint speaks_until{};
        bool heard = true;  // since this process last overslept: what it said before is no ground to lead
        bool alive = false; // a dead one's place is taken by the next that arrives
        friend bool operator==(const Sibling&, const Sibling&) = default;
    };
    void settle(TimePoint now, GroupIndex index, Effects& out);
    bool join(GroupIndex index);
    bool heard_all(GroupIndex index) const;
    void gather(TimePoint now, GroupIndex index, std::vector<GroupMember>& into) const;
    void apply(TimePoint now, GroupIndex index, const Group::Opinion& opinion, Effects& out);
    void journal_group(GroupIndex index, const Group::Opinion& opinion, Effects& out);
    std::string member_name(GroupIndex index, std::size_t place) const;
    void tell_siblings(TimePoint now, Effects& out);
    void excuse_silence(TimePoint now);
    TimePoint group_deadline(TimePoint now) const;
    Duration heartbeat(const VirtualRouter& one) const;
    bool is_shared(const VirtualRouter& one) const;
    VirtualRouterIndex first_member(GroupIndex index) const;
    template <typename What>
    void for_members(GroupIndex index, What&& what);

    std::vector<VirtualRouter> virtual_routers_;
    std::vector<RouterInterface> interfaces_;
    std::vector<GroupConfig> group_configs_;
    std::vector<GroupState> groups_;
    std::vector<Membership> memberships_;
    std::vector<Sibling> siblings_;
    std::vector<GroupMember> gathered_;                                // room to work in, used again
    std::vector<std::pair<std::uint32_t, VirtualRouterIndex>> by_key_; // sorted by (interface, family, vrid)
    RateLimit provoked_lines_;
    TimePoint next_deadline_ = kNever;
    bool started_ = false;
    bool stopped_ = false;
};

} // namespace vrrp
