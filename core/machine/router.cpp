#include "core/machine/router.hpp"

#include "core/machine/timers.hpp"
#include "core/net/hash.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/decode.hpp"

namespace vrrp {
namespace {

using namespace std::chrono_literals;
using wire::DecodeError;
using wire::DropReason;

// Journal lines that a hostile neighbour can cause, ten a second in all; the tenth says how many there would have
// been. Findings have a share of their own, for they are told once: those that find no room come later.
constexpr unsigned kProvokedLinesPerSecond = 6;
constexpr unsigned kFindingLinesPerSecond = 3;
// An action that fails with every advertisement needs no line for each.
constexpr RateLimit kFailureLines(3, 10s);

bool is_provoked(const Event& event) {
    return std::holds_alternative<PacketDropped>(event.what) ||
           std::holds_alternative<RivalHeard>(event.what);
}

template <std::size_t... Actions>
constexpr std::array<RateLimit, sizeof...(Actions)> one_each(std::index_sequence<Actions...>) {
    return {((void)Actions, kFailureLines)...};
}

std::uint32_t seconds(Duration interval) {
    return static_cast<std::uint32_t>(interval / 1s);
}

} // namespace

Router::Router(const RouterConfig& config)
    : provoked_lines_(kProvokedLinesPerSecond, 1s), finding_lines_(kFindingLinesPerSecond, 1s),
      failure_lines_(one_each(std::make_index_sequence<kActionCount>())) {
    const PlacedConfig first = placed(config);
    arrange(first);
    tracks_.reconfigure(first);
}

VirtualRouter* Router::find(InterfaceId interface, IpFamily family, std::uint8_t vrid) {
    const std::uint32_t wanted = virtual_router_key(interface, family, vrid);
    const auto found = std::ranges::lower_bound(by_key_, wanted, {}, [](const auto& e) { return e.first; });
    if (found == by_key_.end() || found->first != wanted) return nullptr;
    return &virtual_routers_[static_cast<std::size_t>(found->second)];
}

// Who is given to somebody who may change it: its deadline and its group are looked at afterwards.
VirtualRouter& Router::touch(VirtualRouterIndex index) {
    touched_.insert(static_cast<std::size_t>(index));
    return virtual_routers_[static_cast<std::size_t>(index)];
}

template <typename What>
void Router::for_all_on(InterfaceId interface, What&& what) {
    for (const VirtualRouterIndex index : interfaces_[static_cast<std::size_t>(interface)].virtual_routers)
        what(touch(index));
}

template <typename What>
void Router::for_all_with_addresses_on(InterfaceId interface, What&& what) {
    for_all_on(interface, what);
    for (const VirtualRouterIndex index : interfaces_[static_cast<std::size_t>(interface)].guests)
        what(touch(index));
}

void Router::handle(TimePoint now, const Input& input, Effects& out) {
    if (stopped()) return;
    const std::size_t first = out.size();
    if (next_deadline_ <= now) {
        wakes_.add(now - next_deadline_);
        if (wakes_.count() % LatenessRecord::kEnough == 0) judge_intervals(out);
        wake_who_is_due(now, out);
    }
    std::visit([&](const auto& what) { on(now, what, out); }, input);
    if (started_) {
        for (const std::size_t i : touched_)
            groups_.touched(virtual_routers_[i]);
        if (!stopped()) groups_.settle(now, virtual_routers_, touched_, out);
        groups_.tell_siblings(now, virtual_routers_, presence_, out);
    }
    if (out.size() != first) limit_events(now, first, out); // may give a virtual router another deadline
    for (const std::size_t i : touched_)
        deadlines_.set(i, virtual_routers_[i].next_deadline());
    touched_.clear();
    due_.clear();
    next_deadline_ = stopped() ? kNever
                               : std::min({limit_deadline(), groups_.next_deadline(), tracks_.next_deadline(),
                                           deadlines_.earliest()});
}

// Hosts wait for it from then on.
bool Router::next_is_take_over() const {
    return next_deadline_ != kNever && deadlines_.earliest() == next_deadline_ &&
           virtual_routers_[deadlines_.first()].take_over_due() == next_deadline_;
}

TimePoint Router::limit_deadline() const {
    TimePoint deadline = provoked_lines_.report_due();
    for (const RateLimit& one : failure_lines_)
        deadline = std::min(deadline, one.report_due());
    return deadline;
}

void Router::wake_who_is_due(TimePoint now, Effects& out) {
    groups_.excuse_silence(now, next_deadline_);
    deadlines_.collect(now + kSharedWake, due_);
    due_.sort(); // the heap's order depends on its past
    for (const std::size_t i : due_)
        touch(static_cast<VirtualRouterIndex>(i)).awake(now, out);
    // Not at DeadlineReached: in a flood a frame is always first, and would open the next window.
    if (const std::uint64_t lines = provoked_lines_.take_refused(now); lines != 0)
        out.add(Event{InterfaceId{}, std::nullopt, Suppressed{lines}});
    for (std::size_t i = 0; i < kActionCount; ++i)
        if (const std::uint64_t lines = failure_lines_[i].take_refused(now); lines != 0)
            out.add(Event{InterfaceId{}, std::nullopt, Suppressed{lines, static_cast<Action>(i)}});
}

void Router::on(TimePoint now, const Started& started, Effects& out) {
    started_ = true;
    tracks_.start(now);
    tracks_.resume(now, started.before.checks);
    if (!started.before.virtual_routers.empty()) groups_.resume(now);
    for (RouterInterface& one : interfaces_) {
        one.watched = true;
        tracks_.interface_changed(now, one.name, one.facts, out);
    }
    tracks_.settled();
    for (const VirtualRouterIndex index : configured_) {
        const VirtualRouterConfig& one = virtual_router(index).config();
        start(now, touch(index), started.before.find(one.interface, one.family, one.vrid), out);
    }
}

void Router::start(TimePoint now, VirtualRouter& one, const HandedOver* before, Effects& out) {
    const InterfaceFacts& facts = interface(one.interface()).facts;
    tell_places(one, one.config());
    one.checks_changed(now, tracks_.verdict(one.index()), {}, facts, out);
    one.clock_set(clock_ahead_);
    if (before != nullptr)
        one.resume(now, *before, facts, out);
    else
        one.start(now, facts, out);
}

// Each of them in its own line, after that of the check.
void Router::tell_users_of_checks(TimePoint now, Effects& out) {
    for (const TrackIndex changed : tracks_.changed())
        for (const VirtualRouterIndex user : tracks_.users(changed)) {
            VirtualRouter& one = touch(user);
            one.checks_changed(now, tracks_.verdict(user), tracks_.track(changed).config().name,
                               interface(one.interface()).facts, out);
        }
    tracks_.settled();
}

void Router::on(TimePoint now, const FrameReceived& received, Effects& out) {
    RouterInterface& interface = interfaces_[static_cast<std::size_t>(received.interface)];
    if (interface.virtual_routers.empty())
        return other_frame_received(now, received, out); // none of it is for us
    const auto decoded = wire::decode(received.bytes);
    if (!decoded) {
        if (decoded.error().reason == DropReason::not_vrrp) {
            return other_frame_received(now, received, out);
        }
        ++interface.counters.frames_received;
        return drop(received.interface, {decoded.error(), {}, 0}, out);
    }
    ++interface.counters.frames_received;
    VirtualRouter* virtual_router = find(received.interface, decoded->source.family(), decoded->vrid);
    if (const auto error = refusal(now, interface.facts, virtual_router, *decoded, received.bytes)) {
        if (virtual_router != nullptr &&
            touch(virtual_router->index()).advertisement_refused(now, *decoded, *error, out))
            return count(interface, error->reason);
        return drop(received.interface, {*error, decoded->source, decoded->vrid}, out);
    }
    note_lateness(now, *virtual_router, *decoded, out);
    touch(virtual_router->index()).advertisement_received(now, *decoded, interface.facts, out);
}

// What is no VRRP packet: somebody has one of our addresses, or looks for a router.
void Router::other_frame_received(TimePoint now, const FrameReceived& received, Effects& out) {
    if (const auto claim = wire::decode_claim(received.bytes))
        for_all_with_addresses_on(received.interface, [&](VirtualRouter& one) {
            one.address_claimed(now, claim->address, claim->mac, out);
        });
    else if (wire::is_router_solicitation(received.bytes))
        for_all_on(received.interface, [&](VirtualRouter& one) { one.router_solicited(now); });
}

// Of the master that it follows. A word out of turn is not late.
void Router::note_lateness(TimePoint now, const VirtualRouter& one, const wire::Advertisement& advertisement,
                           Effects& out) {
    const bool follows = one.state() == State::backup && one.master_address() == advertisement.source &&
                         advertisement.priority != wire::kPriorityResign;
    const TimePoint due = one.master_heard() + one.master_interval();
    if (!follows || now < due) return;
    heard_.add(now - due);
    if (heard_.count() % LatenessRecord::kEnough == 0) judge_intervals(out);
}

// Three intervals are waited for, so one that is twice what is late is still good; what is told has more room.
void Router::judge_intervals(Effects& out) {
    const Duration wakes = wakes_.within(), heard = heard_.within(), late = std::max(wakes, heard);
    const Duration safe = safe_interval(late);
    if (safe <= told_safe_) return;
    Duration shortest = Duration::max();
    for (const VirtualRouterIndex index : configured_)
        shortest = std::min(shortest, virtual_router(index).config().advertisement_interval);
    if (shortest >= 2 * late) return;
    told_safe_ = safe;
    out.add(Event{InterfaceId{}, std::nullopt, IntervalTooShort{shortest, wakes, heard, safe}});
}

// One side speaks to the group, the other to its peers alone; or somebody else does.
std::optional<DecodeError> Router::misdirected(const InterfaceFacts& facts, const VirtualRouterConfig& config,
                                               const wire::Advertisement& advertisement) {
    const IpAddress& destination = advertisement.destination;
    const bool to_group = destination == wire::group_address(config.family);
    if (!config.unicast()) {
        if (to_group) return std::nullopt;
        return DecodeError{DropReason::destination,
                           destination.is_multicast() ? wire::kToAnotherGroup : wire::kToOneRouter};
    }
    if (to_group) return DecodeError{DropReason::destination, wire::kToTheGroup};
    if (!facts.has(destination)) return DecodeError{DropReason::destination, wire::kToAnotherGroup};
    if (std::ranges::find(config.peers, advertisement.source) == config.peers.end())
        return DecodeError{DropReason::peer};
    if (advertisement.ttl < config.peer_ttl)
        return DecodeError{DropReason::ttl, advertisement.ttl, config.peer_ttl};
    return std::nullopt;
}

std::optional<DecodeError> Router::refusal(TimePoint now, const InterfaceFacts& facts,
                                           const VirtualRouter* virtual_router,
                                           const wire::Advertisement& advertisement, BytesView frame) const {
    const auto no = [](DropReason reason, std::uint32_t seen = 0, std::uint32_t expected = 0) {
        return DecodeError{reason, seen, expected};
    };
    if (advertisement.vlan != 0) return no(DropReason::vlan, advertisement.vlan);
    if (facts.has(advertisement.source)) return no(DropReason::own_packet);
    if (virtual_router == nullptr) return no(DropReason::unknown_vrid, advertisement.vrid);

    const VirtualRouterConfig& config = virtual_router->config();
    if (const auto error = misdirected(facts, config, advertisement)) return error;
    const auto version = static_cast<std::uint32_t>(config.version);
    const bool in_v2 = config.dual && advertisement.version == wire::Version::v2;
    if (advertisement.version != config.version && !in_v2)
        return no(DropReason::version, static_cast<std::uint32_t>(advertisement.version), version);
    if (const auto error = virtual_router->hmac_refusal(now, advertisement, frame)) return error;
    // RFC 3768 section 7.1, and not RFC 9568: who shares no address with us takes part in another election, and
    // whoever followed it would leave its own addresses to nobody.
    const bool ours = virtual_router->shares_address(advertisement.addresses);
    if (in_v2 && advertisement.authentication_type != wire::AuthenticationType::none)
        return no(DropReason::authentication, static_cast<std::uint32_t>(advertisement.authentication_type));
    if (config.version == wire::Version::v3)
        return ours ? std::nullopt : std::optional(no(DropReason::other_addresses));

    const auto type = static_cast<std::uint32_t>(config.authentication.type);
    if (advertisement.authentication_type != config.authentication.type)
        return no(DropReason::authentication, static_cast<std::uint32_t>(advertisement.authentication_type),
                  type);
    if (config.authentication.type == wire::AuthenticationType::authentication_header) {
        // RFC 2402 section 3.4.3 looks at the sequence number first, which costs less; but an operator with
        // two different keys is to read of keys, not of replays.
        if (!wire::verify(frame, config.authentication.password))
            return no(DropReason::authentication, type, type);
        if (const std::uint32_t sequence = advertisement.authentication_header->sequence;
            sequence <= virtual_router->sequences().last_of(advertisement.source))
            return no(DropReason::replay, sequence,
                      virtual_router->sequences().last_of(advertisement.source));
    } else if (advertisement.authentication_data != config.authentication.password) {
        return no(DropReason::authentication, type, type);
    }
    // RFC 3768 section 7.1. Only what was authentic makes an owner answer.
    if (virtual_router->owner()) return no(DropReason::owner);
    if (!ours) return no(DropReason::other_addresses);
    if (advertisement.interval != config.advertisement_interval)
        return no(DropReason::interval_mismatch, seconds(advertisement.interval),
                  seconds(config.advertisement_interval));
    return std::nullopt;
}

void Router::count(RouterInterface& interface, DropReason reason) {
    ++interface.counters.dropped[static_cast<std::size_t>(reason)];
}

// Of no virtual router here, or none that lasts. Who speaks of others is told once.
void Router::drop(InterfaceId id, const PacketDropped& dropped, Effects& out) {
    RouterInterface& interface = interfaces_[static_cast<std::size_t>(id)];
    count(interface, dropped.error.reason);
    if (dropped.error.reason == DropReason::unknown_vrid &&
        !interface.foreign_speakers.is_new({dropped.source, dropped.vrid}))
        return;
    out.add(Event{id, std::nullopt, dropped});
}

// Each kind of line has a limit of its own, so that none hides another: who floods us with bad frames must not
// hide that our own address could not be added.
bool Router::has_no_line_for(TimePoint now, const Event& event) {
    if (const ActionFailed* failed = std::get_if<ActionFailed>(&event.what))
        return !failure_lines_[static_cast<std::size_t>(failed->action)].allow(now);
    if (const Finding* finding = std::get_if<Finding>(&event.what)) {
        if (finding_lines_.allow(now)) return false;
        touch(*event.virtual_router).finding_not_told(now, *finding);
        return true;
    }
    return is_provoked(event) && !provoked_lines_.allow(now);
}

void Router::limit_events(TimePoint now, std::size_t first, Effects& out) {
    out.erase_events(first, [&](const Event& event) { return has_no_line_for(now, event); });
}

void Router::on(TimePoint now, const DeadlineReached&, Effects& out) {
    for (const std::size_t i : due_)
        if (VirtualRouter& one = virtual_routers_[i]; one.next_deadline() <= now + kSharedWake)
            one.deadline_reached(now, out);
    if (tracks_.next_deadline() > now) return;
    tracks_.deadline_reached(now, out);
    tell_users_of_checks(now, out);
}

// Of an interface that a new configuration named.
void Router::first_told(TimePoint now, RouterInterface& interface, Effects& out) {
    interface.watched = is_used(interface);
    if (!interface.watched) return;
    tell_guests(now, interface, out);
    tracks_.interface_known(now, interface.name, interface.facts, out);
    tell_users_of_checks(now, out);
    start_new(now, out);
}

void Router::tell_guests(TimePoint now, const RouterInterface& place, Effects& out) {
    for (const VirtualRouterIndex index : place.guests) {
        VirtualRouter& one = touch(index);
        one.elsewhere_changed(now, {place.id, place.name, place.facts}, interface(one.interface()).facts,
                              out);
    }
}

void Router::on(TimePoint now, const InterfaceChanged& changed, Effects& out) {
    RouterInterface& interface = interfaces_[static_cast<std::size_t>(changed.interface)];
    const InterfaceFacts before = std::exchange(interface.facts, changed.facts);
    if (!started_) return;
    if (!interface.watched) return first_told(now, interface, out);
    if (before == changed.facts) return;
    if (before.present && changed.facts.present) {
        if (before.mtu != changed.facts.mtu)
            out.add(Event{changed.interface, std::nullopt, MtuChanged{before.mtu, changed.facts.mtu}});
        if (before.name != changed.facts.name)
            out.add(Event{changed.interface, std::nullopt, Renamed{ShortText(changed.facts.name)}});
    }
    const bool link_changed =
        before.present != changed.facts.present || before.admin_up != changed.facts.admin_up ||
        before.carrier != changed.facts.carrier || before.obstacle != changed.facts.obstacle;
    if (link_changed) {
        const InterfaceFacts& facts = changed.facts;
        out.add(
            Event{changed.interface, std::nullopt,
                  InterfaceChange{facts.present, facts.admin_up, facts.carrier, Sentence(facts.obstacle)}});
    }
    for_all_on(changed.interface,
               [&](VirtualRouter& one) { one.interface_changed(now, changed.facts, out); });
    tell_guests(now, interface, out);
    tracks_.interface_changed(now, interface.name, changed.facts, out);
    tell_users_of_checks(now, out);
}

void Router::on(TimePoint now, const EffectFailed& failed, Effects& out) {
    const ActionFailed what{failed.action, ShortText(failed.error)};
    if (!failed.virtual_router) return out.add(Event{InterfaceId{}, std::nullopt, what});
    VirtualRouter& one = touch(*failed.virtual_router);
    out.add(Event{one.interface(), failed.virtual_router, what});
    one.effect_failed(now, failed.action, out);
}

void Router::on(TimePoint now, const SetPriority& set, Effects& out) {
    touch(set.virtual_router).set_priority(now, set.priority, out);
}

void Router::on(TimePoint now, const AddressLost& lost, Effects& out) {
    for_all_with_addresses_on(lost.interface,
                              [&](VirtualRouter& one) { one.address_lost(now, lost.address, out); });
}

void Router::on(TimePoint now, const Commanding& commanding, Effects& out) {
    VirtualRouter& one = touch(commanding.virtual_router);
    if (commanding.command == Command::forget && one.config().group)
        groups_.forget_missed(*one.config().group);
    one.command(now, commanding.command, out);
}

void Router::on(TimePoint, const ScriptExited& exited, Effects& out) {
    const VirtualRouter& one = virtual_router(exited.virtual_router);
    out.add(Event{one.interface(), exited.virtual_router, ScriptFinished{exited.kind, exited.outcome}});
}

void Router::on(TimePoint now, const Checked& checked, Effects& out) {
    tracks_.told(now, checked, out);
    tell_users_of_checks(now, out);
}

void Router::on(TimePoint now, const SiblingSaid& said, Effects&) {
    groups_.said(now, said);
}

void Router::on(TimePoint now, const SiblingGone& gone, Effects& out) {
    groups_.gone(now, gone, virtual_routers_, out);
}

void Router::on(TimePoint, const ClockSet& set, Effects&) {
    clock_ahead_ = set.ahead;
    for (const VirtualRouterIndex index : configured_)
        touch(index).clock_set(clock_ahead_);
}

void Router::on(TimePoint now, const LeftToSuccessor&, Effects& out) {
    for (const VirtualRouterIndex index : configured_)
        touch(index).leave_to_successor(now, out);
    presence_ = Presence::returns;
}

Handover Router::handover() const {
    Handover left{.virtual_routers = {}, .checks = tracks_.handover()};
    for (const VirtualRouter& one : virtual_routers())
        if (one.running()) left.virtual_routers.push_back(one.handover());
    return left;
}

void Router::on(TimePoint now, const Stop&, Effects& out) {
    for (const VirtualRouterIndex index : configured_)
        touch(index).stop(now, out);
    groups_.stop(virtual_routers_, out);
    presence_ = Presence::leaves;
}

std::uint64_t Router::hash() const {
    return hash_of(*this);
}

} // namespace vrrp
