#include "core/machine/virtual_router.hpp"

#include "core/machine/timers.hpp"
#include "core/net/hash.hpp"
#include "core/wire/encode.hpp"

#include <cassert>

namespace vrrp {
namespace {

using namespace std::chrono_literals;
using wire::Advertisement;

// A lesser master is answered at once, but a forged packet must not buy a storm: at most so many unscheduled
// advertisements between two scheduled ones.
constexpr unsigned kMaxAnswers = 8;

// After a rival was heard: how long it gets to step down before the addresses are announced again, and how
// often that may happen.
constexpr Duration kRivalQuietTime = 1ms;
constexpr Duration kReannounceEvery = 1s;

// A virtual address that the interface refused is tried again after this time, twice that after each further
// refusal, or when the interface changes.
constexpr Duration kRetryAfter = 10s;
constexpr unsigned kMaxDoublings = 4; // 160 s

// A backup that may not lead although nobody else does is told of this often.
constexpr Duration kUnservedEvery = 10min;

// Somebody who takes the addresses away again and again is not fought for ever: past this, the address counts
// as refused.
constexpr unsigned kPutBacks = 5;
constexpr Duration kPutBackWindow = 10s;

// How long a busy machine may stop without more to it: the scheduler's or the hypervisor's doing. Beyond, it was paused.
constexpr Duration kStall = 250ms;

} // namespace

std::size_t advertisement_size(const VirtualRouterConfig& config) {
    return wire::packet_size(config.longest_version(), config.family, config.authentication.type,
                             config.authentication.hmac.signs(), config.advertised().size());
}

std::optional<IpAddress> source_address(const VirtualRouterConfig& config, const InterfaceFacts& facts) {
    if (config.source) return facts.has(*config.source) ? config.source : std::nullopt;
    const auto is_virtual = [&](const IpAddress& address) { return config.has(address); };
    const bool on_link = std::ranges::all_of(config.peers, &IpAddress::is_link_local);
    if (config.family == IpFamily::v4 || !config.unicast() || on_link)
        return facts.primary_address(config.family, is_virtual);
    // A link-local source is for link-local destinations.
    const auto fits = [&](const IpPrefix& own) {
        return own.address.family() == IpFamily::v6 && !own.address.is_link_local() &&
               !is_virtual(own.address);
    };
    const auto first = std::ranges::find_if(facts.addresses, fits);
    return first != facts.addresses.end() ? std::optional(first->address) : std::nullopt;
}

VirtualRouter::VirtualRouter(VirtualRouterConfig config, VirtualRouterIndex index, InterfaceId interface)
    : index_(index), interface_(interface), put_backs_(kPutBacks, kPutBackWindow) {
    take_config(std::move(config));
    now_.priority = config_.priority;
    now_.master_interval = config_.advertisement_interval;
}

void VirtualRouter::take_config(VirtualRouterConfig config) {
    assert(config.vrid != 0 && config.priority != 0 && !config.advertised().empty());
    config_ = std::move(config);
    address_bytes_.clear();
    for (const IpPrefix& prefix : config_.advertised()) {
        const BytesView bytes = prefix.address.bytes();
        address_bytes_.insert(address_bytes_.end(), bytes.begin(), bytes.end());
    }
}

bool VirtualRouter::has_address(const IpAddress& address) const {
    return config_.has(address);
}

// --- The operator and the interface

void VirtualRouter::start(TimePoint now, const InterfaceFacts& facts, Effects& out) {
    if (config_.start_delay != Duration{}) now_.start_at = now + config_.start_delay;
    begin(now, facts, out);
}

void VirtualRouter::begin(TimePoint now, const InterfaceFacts& facts, Effects& out) {
    now_.running = true;
    now_.standing = standing(config_, facts);
    if (!now_.standing.fit) return change_state(now, why_unfit(config_, facts), out);
    if (now_.start_at != kNever) return change_state(now, {.cause = Cause::start_delayed}, out);
    join_election(now, out);
}

void VirtualRouter::start_delay_passed(TimePoint now, Effects& out) {
    now_.start_at = kNever;
    if (now_.standing.fit && now_.state == State::initialize) join_election(now, out);
}

void VirtualRouter::resume(TimePoint now, const HandedOver& before, const InterfaceFacts& facts,
                           Effects& out) {
    if (before.priority && now_.priority != wire::kPriorityOwner) now_.priority = *before.priority;
    now_.held = before.held;
    now_.yielding = before.yielding;
    now_.told_script = before.told_script;
    now_.noticed = before.noticed;
    now_.sequences.go_on_from(before.sequence);
    now_.standing = standing(config_, facts);
    const bool was_master = before.master_until != TimePoint{};
    if (was_master && now_.standing.fit && now < before.master_until) {
        now_.running = true;
        return become_master(now, {.cause = Cause::resumed}, out);
    }
    if (was_master) release_addresses(out); // they may have stayed for us
    begin(now, facts, out);
}

void VirtualRouter::leave_to_successor(TimePoint now, Effects& out) {
    give_trial_up(out);
    if (now_.state == State::master) send_advertisement(now, priority(), out);
}

HandedOver VirtualRouter::handover() const {
    HandedOver left{.interface = config_.interface,
                    .vrid = config_.vrid,
                    .family = config_.family,
                    .held = now_.held,
                    .yielding = now_.yielding,
                    .told_script = now_.told_script,
                    .noticed = now_.noticed,
                    .sequence = now_.sequences.highest()};
    if (now_.state == State::master) left.master_until = now_.last_sent + own_down_interval();
    if (now_.priority != config_.priority) left.priority = now_.priority;
    return left;
}

void VirtualRouter::stop(TimePoint now, Effects& out) {
    if (!now_.running) return;
    leave_election(now, {.cause = Cause::stopped}, out);
    notify({.from = now_.state, .to = now_.state, .cause = Cause::stopped}, out); // it need not have left one
    now_.running = false;
    now_.start_at = kNever;
    now_.findings.clear();
    now_.findings_due = kNever;
}

void VirtualRouter::interface_changed(TimePoint now, const InterfaceFacts& facts, Effects& out) {
    if (!now_.running) return;
    const Standing next = standing(config_, facts);
    // We leave as who we were: the address that is lost is still the source of the resignation.
    if (!next.fit)
        leave_election(now, why_unfit(config_, facts), out);
    else if (next.owner != now_.standing.owner)
        leave_election(now, {.cause = Cause::ownership_changed}, out);
    const Standing before = std::exchange(now_.standing, next);
    if (next.fit && now_.state == State::initialize && now_.start_at != kNever) {
        now_.cause = Cause::start_delayed;
    } else if (next.fit && now_.state == State::initialize) {
        now_.refusals = std::min(now_.refusals, 1u); // other facts, another chance
        join_election(now, out);
    } else {
        announce_change(now, before, out);
    }
}

void VirtualRouter::elsewhere_known(Elsewhere place) {
    const auto known = std::ranges::find(now_.elsewhere, place.name, &Elsewhere::name);
    if (known != now_.elsewhere.end())
        *known = std::move(place);
    else
        now_.elsewhere.push_back(std::move(place));
}

// Whoever holds addresses puts there what could not be there before, and hosts there learn of another MAC.
void VirtualRouter::elsewhere_changed(TimePoint now, const Elsewhere& place, const InterfaceFacts& facts,
                                      Effects& out) {
    const auto known = std::ranges::find(now_.elsewhere, place.name, &Elsewhere::name);
    const bool is_new = known == now_.elsewhere.end() || (!known->facts.usable() && place.facts.usable()) ||
                        (!known->facts.present && place.facts.present) || known->facts.mac != place.facts.mac;
    const bool held = holds_addresses();
    elsewhere_known(place);
    interface_changed(now, facts, out);
    if (!is_new || !held || !holds_addresses()) return;
    for (const IpPrefix& prefix : config_.addresses) {
        if (config_.interface_of(prefix.address) != place.name) continue;
        take_address(prefix, out);
        if (now_.state == State::master) announce(prefix.address, out);
    }
}

Transition VirtualRouter::why_unfit(const VirtualRouterConfig& config, const InterfaceFacts& facts) const {
    Transition why{.to = State::initialize, .cause = config.source ? Cause::no_source : Cause::no_address};
    if (!facts.present) {
        why.cause = Cause::interface_gone;
    } else if (!facts.usable()) {
        why.cause = facts.admin_up && facts.carrier ? Cause::unusable : Cause::link_down;
    } else if (facts.mtu < advertisement_size(config)) {
        why.cause = Cause::mtu_too_small;
        why.needed = static_cast<std::uint32_t>(advertisement_size(config));
        why.mtu = facts.mtu;
    } else if (const Elsewhere* missing = missing_place(config)) {
        why.cause = Cause::place_gone;
        why.named = ShortText(missing->name);
    } else if (!checks_allow()) {
        const bool failed = now_.checks.fitness == CheckVerdict::Fitness::failed;
        why.cause = failed ? Cause::check_failed : Cause::check_awaited;
        why.named = now_.checks.culprit;
    }
    return why;
}

// Hosts, switches and backups know a master by its addresses: a change must not wait for the next
// advertisement, nor for a host to ask.
void VirtualRouter::announce_change(TimePoint now, const Standing& before, Effects& out) {
    if (now_.state != State::master) return;
    const bool other_address = before.primary_address != now_.standing.primary_address;
    const bool other_mac = before.interface_mac != now_.standing.interface_mac;
    if (other_address || (other_mac && !config_.virtual_mac)) send_advertisement(now, priority(), out);
    if (!other_address && (!other_mac || uses_virtual_mac())) return;
    announce_anew(now, out);
}

VirtualRouter::Standing VirtualRouter::standing(const VirtualRouterConfig& config,
                                                const InterfaceFacts& facts) const {
    const auto primary = source_address(config, facts);
    const auto is_own = [&](const IpPrefix& prefix) {
        return facts.has(prefix.address) && config.is_at_home(prefix.address);
    };
    std::vector<IpAddress> own;
    for (const IpPrefix& prefix : facts.addresses)
        if (prefix.address.family() == config.family) own.push_back(prefix.address);
    return {.fit = facts.usable() && primary.has_value() && facts.mtu >= advertisement_size(config) &&
                   checks_allow() && missing_place(config) == nullptr,
            .owner = std::ranges::any_of(config.addresses, is_own),
            .primary_address = primary.value_or(IpAddress{}),
            .own_addresses = std::move(own),
            .interface_mac = facts.mac};
}

void VirtualRouter::set_priority(TimePoint now, std::uint8_t priority, Effects& out) {
    assert(priority >= 1 && priority <= 254);
    const std::uint8_t before = this->priority();
    now_.priority = priority;
    priority_changed(now, before, {}, out);
}

void VirtualRouter::priority_changed(TimePoint now, std::uint8_t before, const ShortText& check,
                                     Effects& out) {
    if (priority() == before) return;
    note(PriorityChanged{before, priority(), check}, out);
    // Backups learn it at once, so that a better one need not wait for the next advertisement.
    if (now_.state == State::master) send_advertisement(now, priority(), out);
    restart_master_down_timer();
}

// It runs from when the master was heard, by what it is made of now.
void VirtualRouter::restart_master_down_timer() {
    if (now_.state == State::backup && !now_.master_resigned && now_.master_down != kNever)
        now_.master_down = now_.master_heard + own_down_interval();
}

// --- Health checks

// Who leads, or could, is not sent away by a check that nobody has made yet.
bool VirtualRouter::checks_allow() const {
    const bool in_election = now_.state != State::initialize;
    return now_.checks.fitness == CheckVerdict::Fitness::fit ||
           (now_.checks.fitness == CheckVerdict::Fitness::unknown && in_election);
}

std::uint8_t VirtualRouter::priority_with(int checks_sum) const {
    if (now_.standing.owner || now_.priority == wire::kPriorityOwner) return wire::kPriorityOwner;
    return static_cast<std::uint8_t>(std::clamp(now_.priority + checks_sum, 1, wire::kPriorityOwner - 1));
}

void VirtualRouter::checks_changed(TimePoint now, const CheckVerdict& verdict, std::string_view check,
                                   const InterfaceFacts& facts, Effects& out) {
    const std::uint8_t before = priority();
    const bool allowed = checks_allow();
    now_.checks.fitness = verdict.fitness;
    now_.checks.culprit = verdict.culprit;
    if (const int sum = std::exchange(now_.checks.sum, verdict.sum); sum != verdict.sum) {
        now_.checks.sum_before = sum;
        now_.checks.changed_by = ShortText(check);
    }
    if (!now_.running) return;
    if (checks_allow() != allowed) interface_changed(now, facts, out);
    priority_changed(now, before, ShortText(check), out);
}

// Whether the election would have gone the other way before the last change of a weight.
bool VirtualRouter::decided_by_check(const Transition& why) const {
    if (why.cause != Cause::higher_priority && why.cause != Cause::higher_address &&
        why.cause != Cause::preempted_lesser)
        return false;
    const auto wins = [&](std::uint8_t ours) {
        return ours != why.peer_priority ? ours > why.peer_priority
                                         : now_.standing.primary_address > why.peer;
    };
    return wins(priority_with(now_.checks.sum_before)) != wins(priority());
}

// --- Operators and groups

void VirtualRouter::command(TimePoint now, Command command, Effects& out) {
    const Refusal refused = refusal(now, command);
    Commanded commanded;
    commanded.command = command;
    commanded.refusal = refused;
    if (refused == Refusal::better_master) {
        commanded.peer = now_.master_address;
        commanded.peer_priority = now_.master_priority;
    }
    if (refused == Refusal::listening) commanded.wait = listened_enough() - now;
    note(commanded, out);
    if (refused != Refusal::none) return;
    const int step = command == Command::reduce ? -kPriorityStep : kPriorityStep;
    const auto& set = command == Command::reduce ? config_.reduced_priority : config_.increased_priority;
    switch (command) {
    case Command::reduce:
    case Command::increase:
        return set_priority(
            now, set.value_or(static_cast<std::uint8_t>(std::clamp(now_.priority + step, 1, 254))), out);
    case Command::back_up:
    case Command::hold:
        now_.yielding = true;
        now_.held = command == Command::hold;
        yield(now, now_.held ? Cause::held : Cause::yielded, out);
        if (!now_.lesser_address.is_unspecified()) return wait_again(now); // it would have preempted
        return lead_if_ready(now, out); // it may have been held until now, and nobody leads
    case Command::forget: return;       // its group's business
    case Command::lead:
        now_.ready = now_.state == State::backup;
        now_.lead_cause = Cause::asked;
        [[fallthrough]];
    case Command::release: now_.yielding = now_.held = false; return lead_if_ready(now, out);
    }
}

void VirtualRouter::wait_again(TimePoint now) {
    if (now_.state != State::backup) return;
    now_.ready = false;
    now_.master_down = now + own_down_interval();
}

// A member that was fit all the time waits as the one does that has just come back: they preempt together.
void VirtualRouter::delay_preemption(TimePoint now) {
    now_.preempts_from = std::max(now_.preempts_from, now + config_.preempt_delay);
    const bool hears_lesser = !now_.lesser_address.is_unspecified();
    if (config_.preempt_delay != Duration{} && hears_lesser) wait_again(now); // its next word is followed
}

void VirtualRouter::lead_if_ready(TimePoint now, Effects& out) {
    if (!now_.ready) return;
    now_.master_down = kNever;
    if (leads_alone()) take_over(now, why_leading(now, now_.lead_cause), out);
}

Refusal VirtualRouter::refusal(TimePoint now, Command command) const {
    if (!now_.running) return Refusal::stopped;
    const bool gives_up = command == Command::back_up || command == Command::hold;
    if (now_.standing.owner && (gives_up || command == Command::reduce || command == Command::increase))
        return Refusal::owner;
    if (command != Command::lead) return Refusal::none;
    if (now_.state == State::initialize) return Refusal::not_in_election;
    if (outranked_by_master()) return Refusal::better_master;
    return knows_nobody() && now < listened_enough() ? Refusal::listening : Refusal::none;
}

// Of a backup that follows a living master.
bool VirtualRouter::outranked_by_master() const {
    if (now_.state != State::backup || now_.ready || now_.master_resigned ||
        now_.master_address.is_unspecified())
        return false;
    return now_.master_priority != priority() ? now_.master_priority > priority()
                                              : now_.master_address > now_.standing.primary_address;
}

// Of a backup that has not heard who else there is. One that was master until it was told to yield knows it.
bool VirtualRouter::knows_nobody() const {
    const bool began = now_.cause == Cause::started || now_.cause == Cause::frozen;
    return now_.state == State::backup && began && !now_.ready && now_.master_address.is_unspecified() &&
           now_.lesser_address.is_unspecified();
}

// A master that lives has spoken by then. That the timer waits for three of its advertisements is for those
// that get lost; who orders a router to lead need not wait as long.
TimePoint VirtualRouter::listened_enough() const {
    return now_.since + config_.advertisement_interval;
}

Stance VirtualRouter::stance() const {
    if (now_.state == State::initialize) return Stance::unfit;
    if (now_.held) return Stance::held;
    if (now_.state == State::master) return now_.contest.beaten ? Stance::beaten : Stance::master;
    const bool hears_lesser = !now_.lesser_address.is_unspecified();
    if (now_.ready) return hears_lesser ? Stance::preempting : Stance::ready;
    if (hears_lesser) return Stance::outranking;
    const bool follows = !now_.master_address.is_unspecified() && !now_.master_resigned;
    return follows ? Stance::following : Stance::waiting;
}

void VirtualRouter::lead(TimePoint now, Effects& out) {
    if (now_.state != State::backup) return;
    take_over(now, why_leading(now, now_.ready ? now_.lead_cause : Cause::group_leads), out);
}

// A master that gives up although it heard nobody better resigns.
void VirtualRouter::yield(TimePoint now, Cause cause, Effects& out) {
    if (now_.ready) give_trial_up(out); // else its end makes nobody master
    if (now_.state != State::master) return;
    if (now_.contest.beaten) return step_back(now, out);
    send_advertisement(now, wire::kPriorityResign, out);
    become_backup(now, {.cause = cause}, out);
}

void VirtualRouter::challenge(TimePoint now, Effects& out) {
    if (now_.state != State::master || now_.answers >= kMaxAnswers) return;
    ++now_.answers;
    send_advertisement(now, priority(), out);
}

void VirtualRouter::forget_resignation() {
    now_.carrying = false;
}

// --- The world takes something away

void VirtualRouter::effect_failed(TimePoint now, Action action, Effects& out) {
    if (action == Action::send) ++counters_.send_failures;
    if (action == Action::notify) ++counters_.notices_lost;
    const bool needed = action == Action::add_address || action == Action::attach_virtual_mac ||
                        action == Action::drop_traffic;
    if (needed && holds_addresses()) refused_addresses(now, out);
}

// A master without its address would be a black hole.
void VirtualRouter::refused_addresses(TimePoint now, Effects& out) {
    leave_election(now, {.cause = Cause::address_refused}, out);
    now_.retry = now + kRetryAfter * (1u << std::min(now_.refusals, kMaxDoublings));
    ++now_.refusals;
}

void VirtualRouter::address_lost(TimePoint now, const IpAddress& address, Effects& out) {
    if (now_.state != State::master || !has_address(address) || !spot(config_, address)) return;
    note(AddressPutBack{address}, out);
    if (!put_backs_.allow(now)) return refused_addresses(now, out);
    take_addresses(out);
    announce(address, out);
}

// --- Entering and leaving states

void VirtualRouter::join_election(TimePoint now, Effects& out) {
    now_.preempts_from = now + config_.preempt_delay;
    const bool claims = claims_ownership() && !now_.yielding;
    const Cause cause = now_.standing.owner ? Cause::owner_started : Cause::claimed_ownership;
    if (claims && leads_alone() && now_.refusals == 0) return become_master(now, {.cause = cause}, out);
    become_backup(now, {.cause = Cause::started}, out);
    if (claims) nobody_better(now, {.cause = cause}, out);
}

void VirtualRouter::leave_election(TimePoint now, Transition why, Effects& out) {
    why.to = State::initialize;
    give_trial_up(out);
    if (now_.state == State::initialize) {
        now_.cause = why.cause;
        now_.retry = kNever;
        return;
    }
    if (now_.state == State::master) {
        const bool can_speak = why.cause != Cause::link_down && why.cause != Cause::interface_gone &&
                               why.cause != Cause::unusable && why.cause != Cause::mtu_too_small;
        if (can_speak) send_advertisement(now, wire::kPriorityResign, out);
        release_addresses(out);
        if (can_speak) announce_own_addresses(out);
    }
    change_state(now, why, out);
}

// Where nobody is master, hosts wait: the advertisement goes first, and addresses that are refused are rare.
// Where a living master would yield to us for nothing, or the addresses were refused the last time, they are
// taken first. A refusal comes back before the next deadline, which is now.
void VirtualRouter::take_over(TimePoint now, Transition why, Effects& out) {
    const bool preempts = !now_.lesser_address.is_unspecified() && !config_.group;
    if (!preempts && now_.refusals == 0) return become_master(now, why, out);
    if (now_.trial != kNever) return;
    now_.lead_cause = why.cause;
    try_addresses(now, out);
}

// What a backup waits for. A member of a group tells the others, which would lead at once: if its addresses were
// refused the last time, it tries them before.
void VirtualRouter::nobody_better(TimePoint now, Transition why, Effects& out) {
    now_.master_down = kNever;
    now_.lead_cause = why.cause;
    if (leads_alone()) {
        now_.ready = true;
        take_over(now, why, out);
    } else if (now_.refusals != 0) {
        try_addresses(now, out);
    } else {
        await_group(now);
    }
}

void VirtualRouter::await_group(TimePoint now) {
    now_.ready = true;
    now_.carrying = now_.master_resigned;
    now_.unserved = now + own_down_interval();
}

void VirtualRouter::try_addresses(TimePoint now, Effects& out) {
    take_addresses(out);
    now_.trial = now;
}

void VirtualRouter::end_trial(TimePoint now, Effects& out) {
    now_.refusals = 0;
    if (leads_alone() || now_.ready) return become_master(now, why_leading(now, now_.lead_cause), out);
    give_trial_up(out);
    await_group(now);
}

void VirtualRouter::give_trial_up(Effects& out) {
    if (std::exchange(now_.trial, kNever) != kNever) release_addresses(out);
}

void VirtualRouter::become_master(TimePoint now, Transition why, Effects& out) {
    why.to = State::master;
    const bool carrying = now_.carrying;
    send_advertisement(now, priority(), out);
    // RFC 9568 section 8.1.2: nothing is announced before both address and MAC are there.
    if (now_.trial == kNever) take_addresses(out);
    change_state(now, why, out);
    now_.carrying = carrying;
    now_.advertise = now + config_.advertisement_interval;
    announce_due(now, out);
    advertise_router(now, out);
    ++counters_.became_master;
}

void VirtualRouter::become_backup(TimePoint now, Transition why, Effects& out) {
    why.to = State::backup;
    if (now_.state == State::master) {
        release_addresses(out);
        announce_own_addresses(out);
    }
    change_state(now, why, out);
    now_.master_heard = now;
    now_.master_down = now + own_down_interval();
}

// Whatever belonged to the state that is left ends here.
void VirtualRouter::change_state(TimePoint now, Transition why, Effects& out) {
    why.from = now_.state;
    if (decided_by_check(why)) why.named = now_.checks.changed_by;
    now_.doubted = false;
    now_.state = why.to;
    now_.cause = why.cause;
    now_.since = now;
    now_.master_address = now_.lesser_address = {};
    now_.contest = {};
    now_.master_priority = now_.lesser_priority = 0;
    now_.master_interval = config_.advertisement_interval;
    now_.master_resigned = now_.ready = now_.carrying = false;
    if (why.to != State::master) now_.findings.gone(FindingKind::address_conflict); // a master alone sees it
    now_.master_down = now_.advertise = now_.announce = now_.reannounce = now_.advertise_router = now_.retry =
        now_.trial = now_.unserved = now_.lesser_until = now_.preempt_at = kNever;
    now_.answers = now_.announce_round = now_.router_round = 0;
    now_.announce_next = 0;
    now_.lead_cause = Cause::no_master;
    note(why, out);
    tell_script(why, out);
    notify(why, out);
}

// The two scripts take turns, whatever happens between. The first that is told is where it stands at the
// start.
void VirtualRouter::tell_script(const Transition& why, Effects& out) {
    const bool master = why.to == State::master;
    if (now_.told_script == master || (!now_.told_script && why.to == State::initialize)) return;
    now_.told_script = master;
    if (!(master ? config_.master_script : config_.backup_script).empty())
        out.add(RunScript{index_, master ? ScriptKind::master : ScriptKind::backup, why});
}

// Each notice once, until another one is due. Who stops or takes over the ownership of its addresses is in
// initialize too, and nothing is broken.
void VirtualRouter::notify(const Transition& why, Effects& out) {
    const bool joins = why.cause == Cause::ownership_changed || why.cause == Cause::reconfigured ||
                       why.cause == Cause::start_delayed;
    if (joins) return; // the election, at once or as it was told to
    const bool broken = now_.state == State::initialize || now_.group_fault;
    const Notice notice = why.cause == Cause::stopped   ? Notice::stop
                          : now_.state == State::master ? Notice::master
                          : broken                      ? Notice::fault
                                                        : Notice::backup;
    if (std::exchange(now_.noticed, notice) == notice) return;
    if (notice == Notice::fault && !config_.fault_script.empty())
        out.add(RunScript{index_, ScriptKind::fault, why});
    if (notice == Notice::stop && !config_.stop_script.empty())
        out.add(RunScript{index_, ScriptKind::stop, why});
    out.add(Notify{index_, std::nullopt, notice, why});
}

void VirtualRouter::set_group_fault(TimePoint now, bool fault, Effects& out) {
    if (!now_.running || std::exchange(now_.group_fault, fault) == fault) return;
    if (!fault && config_.group) delay_preemption(now);
    Transition why = this->why();
    if (fault) why.cause = Cause::group_unfit;
    notify(why, out);
}

// --- What an advertisement does to us

void VirtualRouter::advertisement_received(TimePoint now, const Advertisement& advertisement,
                                           const InterfaceFacts& facts, Effects& out) {
    if (said_in_v3_too(now, advertisement)) return;
    note_sequence(advertisement);
    now_.findings.gone(FindingKind::not_heard, advertisement.source);
    if (now_.state == State::initialize) return;
    note_long_interval(now, advertisement);
    ++counters_.advertisements_received;
    if (advertisement.priority == wire::kPriorityResign) ++counters_.resignations_received;
    if (now_.state == State::backup)
        received_as_backup(now, advertisement, facts, out);
    else
        received_as_master(now, advertisement, facts, out);
}

// RFC 9568 section 8.4.2: who speaks both versions is heard in version 3, whose interval is the exact one.
bool VirtualRouter::said_in_v3_too(TimePoint now, const Advertisement& advertisement) {
    if (config_.dual && advertisement.version == wire::Version::v2) return hears(now, advertisement.source);
    now_.heard_source = advertisement.source;
    now_.heard_until = now + master_down_interval(config_.version, priority(), advertisement.interval);
    return false;
}

void VirtualRouter::note_sequence(const Advertisement& advertisement) {
    if (const auto& header = advertisement.authentication_header)
        now_.sequences.heard(advertisement.source, header->sequence);
    if (const auto& hmac = advertisement.hmac) now_.time_sequence.heard(advertisement.source, hmac->sequence);
}

void VirtualRouter::received_as_backup(TimePoint now, const Advertisement& advertisement,
                                       const InterfaceFacts& facts, Effects& out) {
    if (advertisement.priority == wire::kPriorityResign) {
        // Only the master that we follow can resign for itself; from anybody else it says nothing about it.
        const bool foreign =
            !now_.master_address.is_unspecified() && advertisement.source != now_.master_address;
        find(now, FindingKind::foreign_resignation, foreign, advertisement, out);
        if (foreign || now_.ready) return;
        now_.master_resigned = true;
        now_.master_address = advertisement.source;
        // The first one counts: who repeats it in the name of a dead master would put us off for ever.
        now_.master_down =
            std::min(now_.master_down, now + skew_time(config_.version, priority(), now_.master_interval));
        return;
    }
    if (preempts(now) && advertisement.priority < priority()) {
        now_.lesser_address = advertisement.source;
        now_.lesser_priority = advertisement.priority;
        now_.lesser_until = now + master_down_interval(config_.version, priority(), advertisement.interval);
        now_.master_resigned = false; // somebody has taken its place: there is nothing to carry
        return;
    }
    follow(now, advertisement, facts, out);
    now_.preempt_at = preempts() && advertisement.priority < priority() ? now_.preempts_from : kNever;
}

// The delay has passed: the master that was followed until now is only a lesser one.
void VirtualRouter::preempt(TimePoint now, Effects& out) {
    now_.preempt_at = kNever;
    const bool lesser = !now_.master_address.is_unspecified() && !now_.master_resigned && !now_.ready &&
                        now_.master_priority < priority();
    if (!preempts(now) || !lesser) return;
    now_.lesser_address = now_.master_address;
    now_.lesser_priority = now_.master_priority;
    now_.lesser_until = now_.master_down;
    nobody_better(now, why_master_is_down(now), out);
}

void VirtualRouter::received_as_master(TimePoint now, const Advertisement& advertisement,
                                       const InterfaceFacts& facts, Effects& out) {
    if (advertisement.priority == wire::kPriorityResign) {
        if (now_.contest.rival == advertisement.source) now_.contest = {};
        // RFC 9568 section 6.4.3 counts the interval from the answer. Where there is none it runs on: who
        // forges resignations would silence us.
        if (resist(now, out)) now_.advertise = now + config_.advertisement_interval;
        return;
    }
    const bool both_claim = claims_ownership() && advertisement.priority == wire::kPriorityOwner;
    find(now, FindingKind::rival_owner, both_claim && owner(), advertisement, out);
    find(now, FindingKind::claimed_twice, both_claim && !owner(), advertisement, out);
    const bool higher_priority = advertisement.priority > priority();
    const bool higher_address =
        advertisement.priority == priority() && advertisement.source > now_.standing.primary_address;
    const bool better = higher_priority || higher_address;
    if (better || config_.group) meet(now, advertisement, better, out);
    if (!better) {
        ++counters_.rivals_heard;
        note(RivalHeard{advertisement.source, advertisement.priority}, out);
        resist(now, out);
    } else if (!config_.group) {
        step_back(now, out);
        look_at(now, advertisement, facts, out);
    }
}

// What a group's members know of their rivals decides which of them yield. Who is beaten stays so whatever lesser
// master speaks too.
void VirtualRouter::meet(TimePoint now, const Advertisement& advertisement, bool better, Effects& out) {
    Contest& contest = now_.contest;
    if (contest.beaten && !better && contest.rival != advertisement.source) return;
    if (contest.since == kNever || contest.beaten != better) {
        contest.since = now;
        if (better && config_.group)
            note(RivalHeard{advertisement.source, advertisement.priority, true}, out);
    }
    contest.beaten = better;
    contest.rival = advertisement.source;
    contest.priority = advertisement.priority;
    contest.interval = advertisement.interval;
    contest.checksum_form = advertisement.checksum_form;
    contest.until = now + master_down_interval(config_.version, priority(), advertisement.interval);
}

// The farewell tells the better master that there was a rival, so that it announces its addresses anew. Coming from
// the virtual MAC it would turn the switches back to us.
void VirtualRouter::step_back(TimePoint now, Effects& out) {
    const Contest better = now_.contest;
    send_advertisement(now, priority(), now_.standing.interface_mac, out);
    become_backup(now,
                  {.cause = better.priority > priority() ? Cause::higher_priority : Cause::higher_address,
                   .peer = better.rival,
                   .peer_priority = better.priority},
                  out);
    follow_master(now, better);
}

void VirtualRouter::follow(TimePoint now, const Advertisement& advertisement, const InterfaceFacts& facts,
                           Effects& out) {
    follow_master(now, {.rival = advertisement.source,
                        .priority = advertisement.priority,
                        .interval = advertisement.interval,
                        .checksum_form = advertisement.checksum_form});
    give_trial_up(out);
    look_at(now, advertisement, facts, out);
}

void VirtualRouter::follow_master(TimePoint now, const Contest& master) {
    now_.doubted = false;
    now_.master_address = master.rival;
    now_.master_priority = master.priority;
    now_.master_checksum_form = master.checksum_form;
    now_.master_heard = now;
    now_.master_resigned = now_.ready = now_.carrying = false;
    now_.lesser_address = {};
    now_.lesser_until = now_.unserved = kNever;
    now_.master_interval = believed_interval(master); // in v2 it is ours
    now_.master_down = now + own_down_interval();
}

// One forged word of 40.95 s must not blind a backup for two minutes. Who has kept a long interval is believed:
// else we would take over from a slow master in each of its pauses.
void VirtualRouter::note_long_interval(TimePoint now, const Advertisement& advertisement) {
    if (advertisement.interval <= interval_cap() || advertisement.priority == wire::kPriorityResign) return;
    LongInterval& seen = now_.long_interval;
    const bool same = seen.source == advertisement.source && seen.interval == advertisement.interval;
    const bool in_time =
        same && now - seen.heard <= master_down_interval(config_.version, priority(), seen.interval);
    if (!in_time) seen = {.source = advertisement.source, .interval = advertisement.interval, .since = now};
    seen.heard = now;
    seen.kept = now - seen.since >= interval_cap();
}

Duration VirtualRouter::believed_interval(const Contest& master) const {
    const LongInterval& seen = now_.long_interval;
    if (seen.kept && seen.source == master.rival) return master.interval;
    return std::min(master.interval, interval_cap());
}

// Another master spoke, or resigned, while we are master: it is answered at once, and hosts and switches are
// told again once it has had the time to fall silent.
// False when it had to go without an answer.
bool VirtualRouter::resist(TimePoint now, Effects& out) {
    const bool answers = now_.answers < kMaxAnswers;
    if (answers) {
        ++now_.answers;
        send_advertisement(now, priority(), out);
    }
    if (now_.reannounce == kNever)
        now_.reannounce = std::max(now + kRivalQuietTime, now_.last_reannounced + kReannounceEvery);
    return answers;
}

// --- Timers

TimePoint VirtualRouter::next_deadline() const {
    return std::min({now_.master_down, now_.advertise, now_.announce, now_.reannounce, now_.advertise_router,
                     now_.retry, now_.start_at, now_.preempt_at, now_.trial, now_.unserved, now_.lesser_until,
                     now_.contest.until, now_.findings_due});
}

Duration VirtualRouter::own_down_interval() const {
    return master_down_interval(config_.version, priority(), now_.master_interval);
}

// A busy machine may stop for a moment. Who would take the lead again all the same then goes on with it: stepping back
// would only lengthen the silence. Whoever leads by now is heard before the next advertisement goes.
bool VirtualRouter::goes_on_after(Duration silence) const {
    return preempts() && !config_.group && silence <= own_down_interval() + kStall;
}

// A machine that stops takes the master's words along, where both are on one, or keeps them for a moment. Only once in
// a silence: then it is the master's.
void VirtualRouter::doubt_silence(TimePoint now) {
    const Duration interval = now_.master_interval;
    const bool believes_it = now_.doubted || now_.master_resigned || !now_.lesser_address.is_unspecified();
    if (now_.state != State::backup || believes_it || now - now_.master_down <= interval / 4) return;
    now_.doubted = true;
    now_.master_down = now + interval / 2;
}

void VirtualRouter::awake(TimePoint now, Effects& out) {
    if (now_.state == State::master && now - now_.last_sent > own_down_interval()) {
        const Duration silence = now - now_.last_sent;
        if (goes_on_after(silence)) return;
        become_backup(now, {.cause = Cause::frozen, .silence = silence}, out);
    } else if (now_.trial != kNever && now - now_.trial > own_down_interval()) {
        note(Overslept{now - now_.trial}, out);
        give_trial_up(out);
        wait_again(now);
    } else if (now_.master_down != kNever && now > now_.master_down + own_down_interval()) {
        note(Overslept{now - now_.master_down}, out);
        now_.master_down = now + own_down_interval();
    } else if (now_.master_down != kNever && now > now_.master_down) {
        doubt_silence(now);
    }
}

void VirtualRouter::deadline_reached(TimePoint now, Effects& out) {
    if (now >= now_.start_at) return start_delay_passed(now, out);
    if (now >= now_.retry) return join_election(now, out); // a trial of the addresses ends at the next call
    if (now >= now_.master_down) {
        counters_.worst_lateness = std::max(counters_.worst_lateness, now - now_.master_down);
        nobody_better(now, why_master_is_down(now), out);
    } else if (now >= now_.trial) {
        end_trial(now, out);
    } else if (now >= now_.preempt_at) {
        preempt(now, out);
    }
    if (now >= now_.lesser_until) {
        now_.lesser_address = {};
        now_.lesser_until = kNever;
    }
    if (now >= now_.unserved) {
        const bool served = !now_.lesser_address.is_unspecified();
        if (!served) note(Unserved{now - now_.master_heard}, out);
        now_.unserved = served ? now_.lesser_until + own_down_interval() : now + kUnservedEvery;
    }
    if (now >= now_.contest.until) now_.contest = {};
    if (now + kSharedWake >= now_.advertise) advertise_on_schedule(now, out);
    if (now >= now_.announce) announce_due(now, out);
    if (now >= now_.reannounce) reannounce(now, out);
    if (now >= now_.advertise_router) advertise_router(now, out);
    if (now >= now_.findings_due) attend_to_findings(now, out);
}

// A cause that needs no more words than itself, or why the master that was waited for is none any more.
Transition VirtualRouter::why_leading(TimePoint now, Cause cause) const {
    switch (cause) {
    case Cause::asked:
    case Cause::group_leads:
    case Cause::owner_started:
    case Cause::claimed_ownership: return {.cause = cause};
    default: return why_master_is_down(now);
    }
}

Transition VirtualRouter::why_master_is_down(TimePoint now) const {
    if (!now_.lesser_address.is_unspecified())
        return {.cause = Cause::preempted_lesser,
                .peer = now_.lesser_address,
                .peer_priority = now_.lesser_priority};
    if (now_.master_resigned) return {.cause = Cause::master_resigned, .peer = now_.master_address};
    if (now_.master_address.is_unspecified()) return {.cause = Cause::no_master, .silence = now - now_.since};
    return {.cause = Cause::master_silent,
            .peer = now_.master_address,
            .peer_priority = now_.master_priority,
            .silence = now - now_.master_heard};
}

// From the schedule, not from now: lateness must not add up.
void VirtualRouter::advertise_on_schedule(TimePoint now, Effects& out) {
    counters_.worst_lateness = std::max(counters_.worst_lateness, now - now_.advertise);
    send_advertisement(now, priority(), out);
    now_.answers = 0;
    now_.advertise += config_.advertisement_interval;
    if (now_.advertise <= now) now_.advertise = now + config_.advertisement_interval;
}

// --- Doing

void VirtualRouter::note(const decltype(Event::what)& what, Effects& out) const {
    out.add(Event{interface_, index_, what});
}

std::uint64_t VirtualRouter::hash() const {
    return hash_of(*this);
}

} // namespace vrrp
