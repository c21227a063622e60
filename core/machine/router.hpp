// One vrrpd process: its virtual routers and what it knows of its interfaces.
#pragma once

#include "core/machine/foreign_speakers.hpp"
#include "core/machine/groups.hpp"
#include "core/machine/lateness_record.hpp"
#include "core/machine/rate_limit.hpp"
#include "core/machine/tracks.hpp"
#include "core/net/fields.hpp"

#include <array>
#include <ranges>

namespace vrrp {

constexpr std::uint32_t virtual_router_key(InterfaceId interface, IpFamily family, std::uint8_t vrid) {
    return static_cast<std::uint32_t>(interface) << 16 | static_cast<std::uint32_t>(family) << 8 | vrid;
}

struct InterfaceCounters {
    std::uint64_t frames_received = 0; // VRRP only
    std::array<std::uint64_t, wire::kDropReasons> dropped{};
};

struct RouterInterface {
    InterfaceId id{};
    std::string name;
    InterfaceFacts facts;
    InterfaceCounters counters;
    std::vector<VirtualRouterIndex> virtual_routers;
    std::vector<VirtualRouterIndex> guests; // on other interfaces, with addresses here: AddressPlace
    ForeignSpeakers foreign_speakers;
    bool watched = false; // its facts are told

    auto fields() const { return std::tie(id, name, facts, virtual_routers, guests, watched); }
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
    bool next_is_take_over() const; // what is due then is a Master_Down_Timer

    // Those that are configured, in the configuration's order.
    auto virtual_routers() const {
        return configured_ | std::views::transform([this](VirtualRouterIndex index) -> const VirtualRouter& {
                   return virtual_router(index);
               });
    }
    // Also one that is configured no more: whoever was given its handle may still ask.
    const VirtualRouter& virtual_router(VirtualRouterIndex index) const {
        return virtual_routers_[static_cast<std::size_t>(index)];
    }
    // None where it is not configured.
    const VirtualRouter* find(VirtualRouterIndex index) const {
        return std::ranges::find(configured_, index) != configured_.end() ? &virtual_router(index) : nullptr;
    }
    // Whatever virtual router or check has ever named.
    const std::vector<RouterInterface>& interfaces() const { return interfaces_; }
    const RouterInterface& interface(InterfaceId id) const {
        return interfaces_[static_cast<std::size_t>(id)];
    }
    // What its virtual routers may put on it.
    std::vector<Ours> ours(InterfaceId id) const;
    const Tracks& tracks() const { return tracks_; }
    bool stopped() const { return presence_ != Presence::stays; }
    const std::vector<GroupIndex>& groups() const { return groups_.configured(); }
    const GroupConfig& group_config(GroupIndex index) const { return groups_.config(index); }
    GroupView group(TimePoint now, GroupIndex index) const {
        return groups_.view(now, index, virtual_routers_);
    }

    // For TellSiblings and CleanUpAfter.
    SiblingStatus sibling_status(VirtualRouterIndex index) const {
        return groups_.status(virtual_router(index), presence_);
    }
    const SiblingIdentity& dead_sibling(std::uint16_t place) const { return groups_.dead_sibling(place); }

    // What it leaves to a successor.
    Handover handover() const;

    // Where a configuration would stand here.
    PlacedConfig placed(const RouterConfig& config) const;

    auto fields() const {
        return std::tie(virtual_routers_, configured_, interfaces_, groups_, tracks_, clock_ahead_, started_,
                        presence_);
    }
    std::uint64_t hash() const;

    // How late it was woken, and how late the advertisements of the masters came that it follows. Not part of its
    // equality: nothing is decided by it.
    const LatenessRecord& wakes() const { return wakes_; }
    const LatenessRecord& heard() const { return heard_; }

  private:
    void judge_intervals(Effects& out);
    void other_frame_received(TimePoint now, const FrameReceived& received, Effects& out);
    void note_lateness(TimePoint now, const VirtualRouter& one, const wire::Advertisement& advertisement,
                       Effects& out);
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
    void on(TimePoint now, const Checked&, Effects& out);
    void on(TimePoint now, const Reconfigured&, Effects& out);
    void on(TimePoint now, const ClockSet&, Effects& out);
    void on(TimePoint now, const LeftToSuccessor&, Effects& out);
    void on(TimePoint now, const Stop&, Effects& out);

    // router_configuration.cpp: from one configuration to the next
    void arrange(const PlacedConfig& next);
    void remove_missing(TimePoint now, const PlacedConfig& next, Effects& out);
    void change_present(TimePoint now, const PlacedConfig& next, Effects& out);
    void note_added(const PlacedConfig& next, Effects& out) const;
    void watch_interfaces(const std::vector<std::vector<Ours>>& before, Effects& out);
    void start_new(TimePoint now, Effects& out);
    void first_told(TimePoint now, RouterInterface& interface, Effects& out);
    bool is_used(const RouterInterface& interface) const;
    std::optional<InterfaceId> known_interface(const std::string& name) const;
    InterfaceId interface_named(const std::string& name);
    void place_guest(VirtualRouterIndex index, const VirtualRouterConfig& config);
    void tell_places(VirtualRouter& one, const VirtualRouterConfig& config);
    std::vector<std::vector<Ours>> all_ours() const;

    void start(TimePoint now, VirtualRouter& one, const HandedOver* before, Effects& out);
    VirtualRouter* find(InterfaceId interface, IpFamily family, std::uint8_t vrid);
    // What only a router can tell is wrong with an advertisement (RFC 9568 section 7.1).
    static std::optional<wire::DecodeError> misdirected(const InterfaceFacts& facts,
                                                        const VirtualRouterConfig& config,
                                                        const wire::Advertisement& advertisement);
    std::optional<wire::DecodeError> refusal(TimePoint now, const InterfaceFacts& facts,
                                             const VirtualRouter* virtual_router,
                                             const wire::Advertisement& advertisement, BytesView frame) const;
    static void count(RouterInterface& interface, wire::DropReason reason);
    void drop(InterfaceId interface, const PacketDropped& dropped, Effects& out);
    // Whatever the wire can provoke goes through one limit for the whole process.
    void limit_events(TimePoint now, std::size_t first, Effects& out);
    bool has_no_line_for(TimePoint now, const Event& event);
    TimePoint limit_deadline() const;

    void tell_users_of_checks(TimePoint now, Effects& out);

    VirtualRouter& touch(VirtualRouterIndex index);
    template <typename What>
    void for_all_on(InterfaceId interface, What&& what);
    template <typename What>
    void for_all_with_addresses_on(InterfaceId interface, What&& what);
    void tell_guests(TimePoint now, const RouterInterface& place, Effects& out);
    void wake_who_is_due(TimePoint now, Effects& out);

    std::vector<VirtualRouter> virtual_routers_; // of this process, ever
    std::vector<VirtualRouterIndex> configured_;
    std::vector<RouterInterface> interfaces_;
    std::vector<std::pair<std::uint32_t, VirtualRouterIndex>> by_key_; // sorted by (interface, family, vrid)
    Groups groups_;
    Tracks tracks_;
    Deadlines deadlines_{0};       // by virtual router
    IndexSet due_{0}, touched_{0}; // of this input: whose deadline has passed, and who may have changed
    RateLimit provoked_lines_, finding_lines_;
    LatenessRecord wakes_, heard_;
    Duration told_safe_{}; // the interval that was told
    std::array<RateLimit, kActionCount> failure_lines_;
    TimePoint next_deadline_ = kNever;
    Duration clock_ahead_{};
    bool started_ = false;
    Presence presence_ = Presence::stays;
};

} // namespace vrrp
