#include "core/daemon/daemon.hpp"

#include "core/daemon/journal.hpp"
#include "core/daemon/script_call.hpp"

namespace vrrp {
namespace {

// What a failure makes the router do may fail in its turn (it resigns on an interface that has just gone).
// More than this many rounds tell nothing new.
constexpr int kMaxFailureRounds = 3;

// Effects go in the order of their urgency, and in the router's order where that is equal. Hosts learn of a
// take-over before the log does.
enum class Urgency : std::uint8_t { advertisement, siblings, rest, journal, script };
constexpr Urgency kUrgencies[] = {Urgency::advertisement, Urgency::siblings, Urgency::rest, Urgency::journal,
                                  Urgency::script};

Urgency urgency(const Effect& effect) {
    const SendFrame* send = std::get_if<SendFrame>(&effect);
    if (send != nullptr && send->kind != FrameKind::announcement) return Urgency::advertisement;
    if (std::holds_alternative<TellSiblings>(effect)) return Urgency::siblings;
    if (std::holds_alternative<Event>(effect)) return Urgency::journal;
    const bool starts = std::holds_alternative<RunScript>(effect) || std::holds_alternative<Notify>(effect) ||
                        std::holds_alternative<StartCheck>(effect);
    return starts ? Urgency::script : Urgency::rest;
}

bool is_announcement(const Effect& effect) {
    const SendFrame* send = std::get_if<SendFrame>(&effect);
    return send != nullptr && send->kind == FrameKind::announcement;
}

struct ActionOf {
    Action operator()(const SendFrame&) const { return Action::send; }
    Action operator()(const AttachVirtualMac&) const { return Action::attach_virtual_mac; }
    Action operator()(const DetachVirtualMac&) const { return Action::detach_virtual_mac; }
    Action operator()(const AddAddress&) const { return Action::add_address; }
    Action operator()(const RemoveAddress&) const { return Action::remove_address; }
    Action operator()(const DropTraffic&) const { return Action::drop_traffic; }
    Action operator()(const SendMagicPacket&) const { return Action::magic_packet; }
    Action operator()(const CleanUpAfter&) const { return Action::clean_up; }
    Action operator()(const Notify&) const { return Action::notify; }
    Action operator()(const Watch&) const { return Action::watch; }
    template <typename NeverFails>
    Action operator()(const NeverFails&) const {
        return Action::send;
    }
};

// The order of a moment.
enum class Turn : std::uint8_t { interfaces, siblings, deadline, operators };

struct TurnOf {
    Turn operator()(const SiblingSaid&) const { return Turn::siblings; }
    Turn operator()(const SiblingGone&) const { return Turn::siblings; }
    Turn operator()(const DeadlineReached&) const { return Turn::deadline; }
    Turn operator()(const Commanding&) const { return Turn::operators; }
    Turn operator()(const Reconfigured&) const { return Turn::operators; }
    Turn operator()(const SetPriority&) const { return Turn::operators; }
    // What the interfaces say; what decides nothing; and Stop, which need not know anything.
    template <typename Other>
    Turn operator()(const Other&) const {
        return Turn::interfaces;
    }
};

Turn turn_of(const Input& input) {
    return std::visit(TurnOf{}, input);
}

// Who has to know when it fails; for what is no single virtual router's, nobody.
std::optional<VirtualRouterIndex> owner_of(const Effect& effect) {
    const auto index = [](const auto& one) -> std::optional<VirtualRouterIndex> {
        if constexpr (requires { one.virtual_router; })
            return one.virtual_router;
        else
            return std::nullopt;
    };
    return std::visit(index, effect);
}

} // namespace

tl::expected<void, NicError> Daemon::start(const Ports& ports, const Handover& before) {
    ports_.emplace(ports);
    const auto& interfaces = router_.interfaces();
    for (auto interface = interfaces.begin(); interface != interfaces.end(); ++interface) {
        if (const auto watched = watch(interface->id, before); !watched) {
            while (interface != interfaces.begin())
                ports_->nic.forget((--interface)->id);
            facts_.clear();
            return watched;
        }
    }
    tell_facts();
    handle(ClockSet{ports_->clock.ahead()});
    handle(Started{before});
    return {};
}

NicResult Daemon::watch(InterfaceId id, const Handover& before) {
    std::vector<Ours> all = router_.ours(id);
    for (Ours& ours : all) {
        const std::string& home = ours.home.empty() ? router_.interface(id).name : ours.home;
        const HandedOver* const left = before.find(home, ours.family, ours.vrid);
        ours.goes_on = left != nullptr && now() < left->master_until;
    }
    auto facts = ports_->nic.watch(id, router_.interface(id).name, all);
    if (!facts) return tl::unexpected(facts.error());
    facts_.push_back({id, std::move(*facts)});
    return {};
}

void Daemon::tell_facts() {
    for (const InterfaceChanged& facts : std::exchange(facts_, {}))
        handle(facts);
}

void Daemon::give(const Input& input) {
    const Turn turn = turn_of(input);
    if (turn > Turn::interfaces) ports_->nic.deliver_waiting();
    if (turn > Turn::siblings) ports_->siblings.deliver_waiting();
    if (turn > Turn::deadline && router_.next_deadline() <= now()) handle(DeadlineReached{});
    if (turn == Turn::deadline) deadline_told_ = kNever; // the clock has forgotten it
    if (std::holds_alternative<Commanding>(input)) outcome_.reset();
    handle(input);
}

void Daemon::handle(const Input& input) {
    const TimePoint now = this->now();
    effects_.clear();
    router_.handle(now, input, effects_);
    carry_out(now);
    for (int round = 0; round < kMaxFailureRounds && !failures_.empty(); ++round) {
        const std::vector<EffectFailed> failures = std::exchange(failures_, {});
        effects_.clear();
        for (const EffectFailed& failure : failures)
            router_.handle(now, failure, effects_);
        carry_out(now);
    }
    failures_.clear();
    tell_facts();
    tell_clock();
}

void Daemon::carry_out(TimePoint now) {
    for (const Urgency now_due : kUrgencies) {
        for (const Effect& effect : effects_) {
            if (urgency(effect) != now_due) continue;
            const std::optional<VirtualRouterIndex> owner = owner_of(effect);
            if (is_announcement(effect) && lacks_address(owner)) continue;
            if (const NicResult result = carry_out(now, effect); !result)
                failures_.push_back({owner, std::visit(ActionOf{}, effect), result.error().message});
        }
    }
}

NicResult Daemon::carry_out(TimePoint now, const Effect& effect) {
    struct Executor {
        NicResult operator()(const SendFrame& e) const {
            const BytesView bytes = daemon.effects_.frame(e);
            return e.kind == FrameKind::advertisement_to_peer
                       ? daemon.ports_->nic.send_packet(e.interface, bytes)
                       : daemon.ports_->nic.send(e.interface, bytes);
        }
        NicResult operator()(const AttachVirtualMac& e) const {
            return daemon.ports_->nic.attach_virtual_mac(e.interface, e.mac);
        }
        NicResult operator()(const DetachVirtualMac& e) const {
            return daemon.ports_->nic.detach_virtual_mac(e.interface, e.mac);
        }
        NicResult operator()(const AddAddress& e) const {
            return daemon.ports_->nic.add_address(e.interface, e.virtual_mac, e.prefix, e.marks);
        }
        NicResult operator()(const RemoveAddress& e) const {
            return daemon.ports_->nic.remove_address(e.interface, e.virtual_mac, e.prefix);
        }
        NicResult operator()(const DropTraffic& e) const {
            return daemon.ports_->nic.drop_traffic(e.interface, e.address, e.drop);
        }
        NicResult operator()(const SendMagicPacket& e) const {
            return daemon.ports_->nic.send_magic_packet(e.interface, e.virtual_mac, e.source, e.gateway);
        }
        NicResult operator()(const CleanUpAfter& e) const {
            daemon.ports_->nic.clean_up_after(daemon.router_.dead_sibling(e.place));
            return {};
        }
        NicResult operator()(const RunScript& e) const {
            daemon.ports_->scripts.run(script_call(daemon.router_.virtual_router(e.virtual_router), e));
            return {};
        }
        NicResult operator()(const Notify& e) const { return daemon.notify(e); }
        NicResult operator()(const StartCheck& e) const {
            daemon.ports_->checks.start(e.track, daemon.router_.tracks().track(e.track).config());
            return {};
        }
        NicResult operator()(const StopCheck& e) const {
            daemon.ports_->checks.stop(e.track);
            return {};
        }
        NicResult operator()(const Watch& e) const { return daemon.watch(e.interface, {}); }
        NicResult operator()(const Forget& e) const {
            daemon.ports_->nic.forget(e.interface);
            return {};
        }
        NicResult operator()(const TellSiblings& e) const {
            daemon.ports_->siblings.tell(e.virtual_router, daemon.router_.sibling_status(e.virtual_router));
            return {};
        }
        NicResult operator()(const Event& e) const {
            daemon.write(now, e);
            return {};
        }
        Daemon& daemon;
        TimePoint now;
    };
    return std::visit(Executor{*this, now}, effect);
}

NicResult Daemon::notify(const Notify& effect) {
    const VirtualRouter& one = router_.virtual_router(effect.virtual_router);
    const GroupConfig* const group = effect.group ? &router_.group_config(*effect.group) : nullptr;
    const bool has_script = !(group != nullptr ? group->notify_script : one.config().notify_script).empty();
    if (has_script) ports_->scripts.run(notify_call(one, group, effect));
    return ports_->fifo != nullptr ? ports_->fifo->write_line(notify_line(one, group, effect)) : NicResult{};
}

void Daemon::write(TimePoint now, const Event& event) {
    if (const Commanded* commanded = std::get_if<Commanded>(&event.what)) outcome_ = *commanded;
    JournalEntry entry{.time = now,
                       .interface = router_.interface(event.interface).name,
                       .vrid = 0,
                       .family = {},
                       .group = {},
                       .event = event};
    if (is_of_process(event)) entry.interface = {};
    if (event.virtual_router) {
        const VirtualRouterConfig& config = router_.virtual_router(*event.virtual_router).config();
        entry.vrid = config.vrid;
        entry.family = config.family;
    }
    if (const GroupChanged* changed = std::get_if<GroupChanged>(&event.what))
        entry.group = router_.group_config(changed->group).name;
    if (const GroupRemark* remark = std::get_if<GroupRemark>(&event.what))
        entry.group = router_.group_config(remark->group).name;
    ports_->journal.write(entry);
}

// Whether hosts would be sent to an address that is not there. An advertisement that failed is no reason to keep
// them from one that is.
bool Daemon::lacks_address(const std::optional<VirtualRouterIndex>& owner) const {
    return std::ranges::any_of(failures_, [&](const EffectFailed& failure) {
        return failure.virtual_router == owner &&
               (failure.action == Action::attach_virtual_mac || failure.action == Action::add_address);
    });
}

void Daemon::tell_clock() {
    if (router_.next_deadline() == deadline_told_) return;
    deadline_told_ = router_.next_deadline();
    ports_->clock.wake_at(deadline_told_, router_.next_is_take_over());
}

} // namespace vrrp
