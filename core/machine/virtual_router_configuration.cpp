// What a new configuration does to a virtual router that runs.
#include "core/machine/virtual_router.hpp"

namespace vrrp {
namespace {

// What others on the network see of it, or decide by.
bool is_announced(const VirtualRouterConfig& a, const VirtualRouterConfig& b) {
    const auto seen = [](const VirtualRouterConfig& c) {
        return std::tie(c.dual, c.addresses, c.unadvertised, c.priority, c.advertisement_interval,
                        c.authentication, c.checksum_form, c.peers);
    };
    return seen(a) != seen(b);
}

// Another protocol, other hardware addresses, or another claim: an election of its own.
bool begins_anew(const VirtualRouterConfig& a, const VirtualRouterConfig& b) {
    const auto claims = [](const VirtualRouterConfig& c) { return c.priority == wire::kPriorityOwner; };
    return a.version != b.version || a.virtual_mac != b.virtual_mac || claims(a) != claims(b);
}

// Whether `a` puts it where `b` does, and as `b` does.
bool puts(const VirtualRouterConfig& a, const IpPrefix& one, const VirtualRouterConfig& b) {
    const AddressPlace* const here = a.place_of(one.address);
    const AddressPlace* const there = b.place_of(one.address);
    const bool alike = here != nullptr && there != nullptr ? *here == *there : here == there;
    return alike && std::ranges::find(a.addresses, one) != a.addresses.end();
}

} // namespace

void VirtualRouter::reconfigure(TimePoint now, VirtualRouterConfig next, const InterfaceFacts& facts,
                                Effects& out) {
    change_config(now, std::move(next), facts, out);
    std::erase_if(now_.elsewhere, [&](const Elsewhere& one) { // nobody tells of it any more
        return std::ranges::find(config_.places, one.name, &AddressPlace::interface) == config_.places.end();
    });
}

// Who has to leave the election does so as who it was, and returns as who it is to be.
void VirtualRouter::change_config(TimePoint now, VirtualRouterConfig next, const InterfaceFacts& facts,
                                  Effects& out) {
    const State state = now_.state;
    const Standing standing = this->standing(next, facts);
    if (!standing.fit)
        leave_election(now, why_unfit(next, facts), out);
    else if (begins_anew(config_, next))
        leave_election(now, {.cause = Cause::reconfigured}, out);
    else if (standing.owner != now_.standing.owner)
        leave_election(now, {.cause = Cause::ownership_changed}, out);
    const bool stays = now_.state != State::initialize;
    const VirtualRouterConfig before = config_;
    take_config(std::move(next));
    take_priority(before, out);
    interface_changed(now, facts, out);
    if (!stays || state != now_.state) return;
    exchange_addresses(now, before, out);
    change_router_advertising(now, before, out);
    change_timers(now, before);
    if (before.group && !config_.group) leave_group(now, out);
    if (now_.state != State::master || !is_announced(before, config_)) return;
    send_advertisement(now, priority(), out);
    now_.advertise = now + config_.advertisement_interval;
}

// What an operator has set since the start counts until the file says something new.
void VirtualRouter::take_priority(const VirtualRouterConfig& before, Effects& out) {
    if (before.priority == config_.priority) return;
    const std::uint8_t was = priority();
    now_.priority = config_.priority;
    if (priority() != was) note(PriorityChanged{was, priority()}, out);
}

// Those that go go first: the kernel may not have one address twice, with two lengths.
void VirtualRouter::exchange_addresses(TimePoint now, const VirtualRouterConfig& before, Effects& out) {
    const bool other_addresses = before.addresses != config_.addresses || before.places != config_.places;
    const bool other_mode = before.accept != config_.accept;
    if (!holds_addresses() || !(other_addresses || other_mode)) return;
    for (const IpPrefix& prefix : before.addresses)
        if (!puts(config_, prefix, before)) release_address(before, prefix, out);
    for (const IpPrefix& prefix : config_.addresses) {
        const auto where = spot(config_, prefix.address);
        if (!puts(before, prefix, config_))
            take_address(prefix, out);
        else if (other_mode && where)
            out.add(DropTraffic{where->interface, index_, prefix.address, !config_.accept});
    }
    if (!other_addresses) return;
    if (now_.state == State::master) announce_anew(now, out);
}

void VirtualRouter::change_timers(TimePoint now, const VirtualRouterConfig& before) {
    const bool other_interval = before.advertisement_interval != config_.advertisement_interval;
    const bool counts_ours = config_.version == wire::Version::v2 || now_.master_address.is_unspecified();
    if (other_interval && counts_ours) now_.master_interval = config_.advertisement_interval;
    if (other_interval || before.priority != config_.priority) restart_master_down_timer();
    const bool refreshes = now_.state == State::master && config_.announce.refresh != Duration{};
    if (refreshes && now_.announce == kNever) now_.announce = now + config_.announce.refresh;
}

// From now on it decides alone: what it would have left to the group it does.
void VirtualRouter::leave_group(TimePoint now, Effects& out) {
    set_group_fault(now, false, out);
    if (!now_.held) now_.unserved = kNever;
    if (now_.contest.beaten) return step_back(now, out);
    now_.contest = {};
    lead_if_ready(now, out);
}

} // namespace vrrp
