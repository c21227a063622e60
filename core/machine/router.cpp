#include "core/machine/router.hpp"

#include "core/net/hash.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/decode.hpp"

#include <cassert>

namespace vrrp {
namespace {

using namespace std::chrono_literals;
using wire::DecodeError;
using wire::DropReason;

// Journal lines that a hostile neighbour can cause; the tenth says how many there would have been.
constexpr unsigned kProvokedLinesPerSecond = 9;

std::uint32_t key(InterfaceId interface, IpFamily family, std::uint8_t vrid) {
    return static_cast<std::uint32_t>(interface) << 16 | static_cast<std::uint32_t>(family) << 8 | vrid;
}

bool is_provoked(const Event& event) {
    return std::holds_alternative<PacketDropped>(event.what) || std::holds_alternative<Finding>(event.what) ||
           std::holds_alternative<RivalHeard>(event.what) || std::holds_alternative<ActionFailed>(event.what);
}

std::uint32_t seconds(Duration interval) {
    return static_cast<std::uint32_t>(interval / 1s);
}

} // namespace

Router::Router(const RouterConfig& config)
    : groups_(config.groups, {}), deadlines_(config.virtual_routers.size()),
      due_(config.virtual_routers.size()), touched_(config.virtual_routers.size()),
      provoked_lines_(kProvokedLinesPerSecond, 1s) {
    virtual_routers_.reserve(config.virtual_routers.size());
    for (const VirtualRouterConfig& one : config.virtual_routers) {
        const auto index = static_cast<VirtualRouterIndex>(virtual_routers_.size());
        const InterfaceId interface = interface_named(one.interface);
        virtual_routers_.emplace_back(one, index, interface);
        interfaces_[static_cast<std::size_t>(interface)].virtual_routers.push_back(index);
        by_key_.emplace_back(key(interface, one.family, one.vrid), index);
    }
    groups_ = Groups(config.groups, virtual_routers_);
    std::ranges::sort(by_key_);
    assert(std::ranges::adjacent_find(by_key_, {}, [](const auto& e) { return e.first; }) == by_key_.end());
}

InterfaceId Router::interface_named(const std::string& name) {
    const auto known = std::ranges::find(interfaces_, name, &RouterInterface::name);
    const auto id = static_cast<InterfaceId>(known - interfaces_.begin());
    if (known == interfaces_.end()) interfaces_.push_back({id, name, {}, {}, {}});
    return id;
}

VirtualRouter* Router::find(InterfaceId interface, IpFamily family, std::uint8_t vrid) {
    const std::uint32_t wanted = key(interface, family, vrid);
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

void Router::handle(TimePoint now, const Input& input, Effects& out) {
    if (stopped_) return;
    const std::size_t first = out.size();
    if (next_deadline_ <= now) wake_who_is_due(now, out);
    std::visit([&](const auto& what) { on(now, what, out); }, input);
    if (started_) {
        for (const std::size_t i : touched_)
            groups_.touched(virtual_routers_[i]);
        if (!stopped_) groups_.settle(now, virtual_routers_, touched_, out);
        groups_.tell_siblings(now, virtual_routers_, stopped_, out);
    }
    for (const std::size_t i : touched_)
        deadlines_.set(i, virtual_routers_[i].next_deadline());
    touched_.clear();
    due_.clear();
    if (out.size() != first) limit_provoked_events(now, first, out);
    next_deadline_ =
        stopped_ ? kNever
                 : std::min({provoked_lines_.report_due(), groups_.next_deadline(), deadlines_.earliest()});
}

void Router::wake_who_is_due(TimePoint now, Effects& out) {
    groups_.excuse_silence(now, next_deadline_);
    deadlines_.collect(now, due_);
    due_.sort(); // the heap's order depends on its past
    for (const std::size_t i : due_)
        touch(static_cast<VirtualRouterIndex>(i)).awake(now, out);
    // Not at DeadlineReached: in a flood a frame is always first, and would open the next window.
    if (const std::uint64_t lines = provoked_lines_.take_refused(now); lines != 0)
        out.add(Event{InterfaceId{}, std::nullopt, Suppressed{lines}});
}

void Router::on(TimePoint now, const Started&, Effects& out) {
    started_ = true;
    for (std::size_t i = 0; i < virtual_routers_.size(); ++i) {
        VirtualRouter& one = touch(static_cast<VirtualRouterIndex>(i));
        one.start(now, interface(one.interface()).facts, out);
    }
}

void Router::on(TimePoint now, const FrameReceived& received, Effects& out) {
    RouterInterface& interface = interfaces_[static_cast<std::size_t>(received.interface)];
    const auto decoded = wire::decode(received.bytes);
    if (!decoded) {
        if (decoded.error().reason == DropReason::not_vrrp) {
            if (const auto claim = wire::decode_claim(received.bytes))
                for_all_on(received.interface,
                           [&](VirtualRouter& one) { one.address_claimed(claim->address, claim->mac, out); });
            return;
        }
        ++interface.counters.frames_received;
        return drop(received.interface, {decoded.error(), {}, 0}, out);
    }
    ++interface.counters.frames_received;
    VirtualRouter* virtual_router = find(received.interface, decoded->source.family(), decoded->vrid);
    if (const auto error = refusal(interface.facts, virtual_router, *decoded, received.bytes))
        return drop(received.interface, {*error, decoded->source, decoded->vrid}, out);
    touch(virtual_router->index()).advertisement_received(now, *decoded, interface.facts, out);
}

std::optional<DecodeError> Router::refusal(const InterfaceFacts& facts, const VirtualRouter* virtual_router,
                                           const wire::Advertisement& advertisement, BytesView frame) const {
    const auto no = [](DropReason reason, std::uint32_t seen = 0, std::uint32_t expected = 0) {
        return DecodeError{reason, seen, expected};
    };
    if (advertisement.vlan != 0) return no(DropReason::vlan, advertisement.vlan);
    if (advertisement.destination != wire::group_address(advertisement.source.family()))
        return no(DropReason::destination, advertisement.destination.is_multicast() ? 0 : 1);
    if (facts.has(advertisement.source)) return no(DropReason::own_packet);
    if (virtual_router == nullptr) return no(DropReason::unknown_vrid, advertisement.vrid);

    const VirtualRouterConfig& config = virtual_router->config();
    const auto version = static_cast<std::uint32_t>(config.version);
    if (advertisement.version != config.version)
        return no(DropReason::version, static_cast<std::uint32_t>(advertisement.version), version);
    if (config.version == wire::Version::v3) return std::nullopt;

    if (virtual_router->claims_ownership()) return no(DropReason::owner); // RFC 3768 section 7.1
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
            sequence <= virtual_router->sequence())
            return no(DropReason::replay, sequence, virtual_router->sequence());
    } else if (advertisement.authentication_data != config.authentication.password) {
        return no(DropReason::authentication, type, type);
    }
    if (advertisement.interval != config.advertisement_interval)
        return no(DropReason::interval_mismatch, seconds(advertisement.interval),
                  seconds(config.advertisement_interval));
    return std::nullopt;
}

void Router::drop(InterfaceId interface, const PacketDropped& dropped, Effects& out) {
    ++interfaces_[static_cast<std::size_t>(interface)]
          .counters.dropped[static_cast<std::size_t>(dropped.error.reason)];
    out.add(Event{interface, std::nullopt, dropped});
}

void Router::limit_provoked_events(TimePoint now, std::size_t first, Effects& out) {
    out.erase_events(first,
                     [&](const Event& event) { return is_provoked(event) && !provoked_lines_.allow(now); });
}

void Router::on(TimePoint now, const DeadlineReached&, Effects& out) {
    for (const std::size_t i : due_)
        if (VirtualRouter& one = virtual_routers_[i]; one.next_deadline() <= now)
            one.deadline_reached(now, out);
}

void Router::on(TimePoint now, const InterfaceChanged& changed, Effects& out) {
    RouterInterface& interface = interfaces_[static_cast<std::size_t>(changed.interface)];
    const InterfaceFacts before = std::exchange(interface.facts, changed.facts);
    if (before == changed.facts || !started_) return;
    if (before.present && changed.facts.present) {
        if (before.mtu != changed.facts.mtu)
            out.add(Event{changed.interface, std::nullopt, MtuChanged{before.mtu, changed.facts.mtu}});
        if (before.name != changed.facts.name)
            out.add(Event{changed.interface, std::nullopt, Renamed{ShortText(changed.facts.name)}});
    }
    const bool link_changed = before.present != changed.facts.present ||
                              before.admin_up != changed.facts.admin_up ||
                              before.carrier != changed.facts.carrier;
    if (link_changed) {
        const InterfaceFacts& facts = changed.facts;
        out.add(Event{changed.interface, std::nullopt,
                      InterfaceChange{facts.present, facts.admin_up, facts.carrier}});
    }
    for_all_on(changed.interface,
               [&](VirtualRouter& one) { one.interface_changed(now, changed.facts, out); });
}

void Router::on(TimePoint now, const EffectFailed& failed, Effects& out) {
    VirtualRouter& one = touch(failed.virtual_router);
    out.add(
        Event{one.interface(), failed.virtual_router, ActionFailed{failed.action, ShortText(failed.error)}});
    one.effect_failed(now, failed.action, out);
}

void Router::on(TimePoint now, const SetPriority& set, Effects& out) {
    touch(set.virtual_router).set_priority(now, set.priority, out);
}

void Router::on(TimePoint now, const AddressLost& lost, Effects& out) {
    for_all_on(lost.interface, [&](VirtualRouter& one) { one.address_lost(now, lost.address, out); });
}

void Router::on(TimePoint now, const Commanding& commanding, Effects& out) {
    touch(commanding.virtual_router).command(now, commanding.command, out);
}

void Router::on(TimePoint, const ScriptExited& exited, Effects& out) {
    const VirtualRouter& one = virtual_router(exited.virtual_router);
    out.add(Event{one.interface(), exited.virtual_router, ScriptFinished{exited.master, exited.outcome}});
}

void Router::on(TimePoint now, const SiblingSaid& said, Effects&) {
    groups_.said(now, said);
}

void Router::on(TimePoint, const SiblingGone& gone, Effects& out) {
    groups_.gone(gone, virtual_routers_, out);
}

void Router::on(TimePoint now, const Stop&, Effects& out) {
    for (std::size_t i = 0; i < virtual_routers_.size(); ++i)
        touch(static_cast<VirtualRouterIndex>(i)).stop(now, out);
    stopped_ = true;
}

bool operator==(const Router& a, const Router& b) {
    const auto same_facts = [](const RouterInterface& x, const RouterInterface& y) {
        return x.name == y.name && x.facts == y.facts;
    };
    return a.virtual_routers_ == b.virtual_routers_ && a.started_ == b.started_ && a.stopped_ == b.stopped_ &&
           std::ranges::equal(a.interfaces_, b.interfaces_, same_facts) && a.groups_ == b.groups_;
}

std::uint64_t Router::hash() const {
    StableHash hash;
    hash.add(started_).add(stopped_);
    for (const VirtualRouter& one : virtual_routers_)
        hash.add(one.hash());
    for (const RouterInterface& one : interfaces_) {
        hash.add(one.facts.usable());
        for (const IpPrefix& prefix : one.facts.addresses)
            hash.add(prefix.address.bytes());
    }
    return hash.value();
}

} // namespace vrrp
