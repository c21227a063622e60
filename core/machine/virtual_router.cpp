#include "core/machine/virtual_router.hpp"

#include "core/machine/timers.hpp"
#include "core/net/hash.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
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

// One virtual router announces at most so many addresses in one go and the rest a pause later: a burst of
// hundreds at boot has stalled links in the field.
constexpr std::size_t kAnnounceBurst = 32;
constexpr Duration kAnnouncePause = 1ms;

// A virtual address that the interface refused is tried again after this time, or when the interface changes.
constexpr Duration kRetryAfter = 10s;

// A backup that may not lead although nobody else does is told of this often.
constexpr Duration kUnservedEvery = 10min;

// Somebody who takes the addresses away again and again is not fought for ever: past this, the address counts
// as refused.
constexpr unsigned kPutBacks = 5;
constexpr Duration kPutBackWindow = 10s;

Cause why_unfit(const InterfaceFacts& facts) {
    if (!facts.present) return Cause::interface_gone;
    return facts.usable() ? Cause::no_address : Cause::link_down;
}

} // namespace

VirtualRouter::VirtualRouter(VirtualRouterConfig config, VirtualRouterIndex index, InterfaceId interface)
    : config_(std::move(config)), index_(index), interface_(interface),
      put_backs_(kPutBacks, kPutBackWindow) {
    assert(config_.vrid != 0 && config_.priority != 0 && !config_.addresses.empty());
    for (const IpPrefix& prefix : config_.addresses) {
        const BytesView bytes = prefix.address.bytes();
        address_bytes_.insert(address_bytes_.end(), bytes.begin(), bytes.end());
    }
    now_.priority = config_.priority;
    now_.master_interval = config_.advertisement_interval;
}

bool VirtualRouter::has_address(const IpAddress& address) const {
    return std::ranges::any_of(config_.addresses, [&](const IpPrefix& p) { return p.address == address; });
}

// --- The operator and the interface

void VirtualRouter::start(TimePoint now, const InterfaceFacts& facts, Effects& out) {
    now_.running = true;
    now_.standing = standing(facts);
    if (now_.standing.fit) return join_election(now, out);
    change_state(now, {.to = State::initialize, .cause = why_unfit(facts)}, out);
}

void VirtualRouter::stop(TimePoint now, Effects& out) {
    if (!now_.running) return;
    leave_election(now, Cause::stopped, out);
    now_.running = false;
}

void VirtualRouter::interface_changed(TimePoint now, const InterfaceFacts& facts, Effects& out) {
    if (!now_.running) return;
    const Standing next = standing(facts);
    // We leave as who we were: the address that is lost is still the source of the resignation.
    if (!next.fit)
        leave_election(now, why_unfit(facts), out);
    else if (next.owner != now_.standing.owner)
        leave_election(now, Cause::ownership_changed, out);
    now_.standing = next;
    if (next.fit && now_.state == State::initialize) join_election(now, out);
}

VirtualRouter::Standing VirtualRouter::standing(const InterfaceFacts& facts) const {
    const auto primary =
        facts.primary_address(config_.family, [&](const IpAddress& a) { return has_address(a); });
    const auto is_own = [&](const IpPrefix& prefix) { return facts.has(prefix.address); };
    std::vector<IpAddress> own;
    for (const IpPrefix& prefix : facts.addresses)
        if (prefix.address.family() == config_.family) own.push_back(prefix.address);
    return {.fit = facts.usable() && primary.has_value(),
            .owner = std::ranges::any_of(config_.addresses, is_own),
            .primary_address = primary.value_or(IpAddress{}),
            .own_addresses = std::move(own),
            .interface_mac = facts.mac};
}

void VirtualRouter::set_priority(TimePoint now, std::uint8_t priority, Effects& out) {
    assert(priority >= 1 && priority <= 254);
    if (priority == now_.priority) return;
    note(PriorityChanged{now_.priority, priority}, out);
    now_.priority = priority;
    if (now_.standing.owner) return;
    // Backups learn it at once, so that a better one need not wait for the next advertisement.
    if (now_.state == State::master) send_advertisement(now, priority, out);
    if (now_.state == State::backup && !now_.master_resigned && !now_.ready)
        now_.master_down = now_.master_heard + own_down_interval();
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
        return yield(now, now_.held ? Cause::held : Cause::yielded, out);
    case Command::lead: now_.ready = now_.state == State::backup; [[fallthrough]];
    case Command::release:
        now_.yielding = now_.held = false;
        if (!now_.ready) return;
        now_.master_down = kNever;
        if (leads_alone())
            become_master(
                now, command == Command::lead ? Transition{.cause = Cause::asked} : why_master_is_down(now),
                out);
    }
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
    if (now_.state != State::backup || now_.held) return;
    const bool carrying = now_.carrying;
    become_master(now, now_.ready ? why_master_is_down(now) : Transition{.cause = Cause::group_leads}, out);
    now_.carrying = carrying;
}

// A master that gives up although it heard nobody better resigns.
void VirtualRouter::yield(TimePoint now, Cause cause, Effects& out) {
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
    if (now_.state == State::backup) now_.carrying = false;
}

// --- The world takes something away

void VirtualRouter::effect_failed(TimePoint now, Action action, Effects& out) {
    if (action == Action::send) ++counters_.send_failures;
    const bool needed = action == Action::add_address || action == Action::attach_virtual_mac;
    if (!needed || now_.state != State::master) return;
    // A master without its address would be a black hole.
    leave_election(now, Cause::address_refused, out);
    now_.retry = now + kRetryAfter;
}

void VirtualRouter::address_lost(TimePoint now, const IpAddress& address, Effects& out) {
    if (now_.state != State::master || is_own(address) || !has_address(address)) return;
    note(AddressPutBack{address}, out);
    if (!put_backs_.allow(now)) return effect_failed(now, Action::add_address, out);
    take_addresses(out);
    const MacAddress mac = uses_virtual_mac() ? virtual_mac() : now_.standing.interface_mac;
    announce(address, mac, out);
}

void VirtualRouter::address_claimed(const IpAddress& address, const MacAddress& mac, Effects& out) {
    if (now_.state != State::master || !has_address(address)) return;
    if (mac == virtual_mac() || mac == now_.standing.interface_mac) return;
    constexpr std::uint32_t bit = 1u << static_cast<unsigned>(FindingKind::address_conflict);
    if ((now_.findings & bit) != 0) return;
    now_.findings |= bit;
    note(Finding{.kind = FindingKind::address_conflict, .source = address, .mac = mac}, out);
}

// --- Entering and leaving states

void VirtualRouter::join_election(TimePoint now, Effects& out) {
    now_.retry = kNever;
    const bool owner = claims_ownership() && !now_.yielding;
    if (owner && leads_alone()) return become_master(now, {.cause = Cause::owner_started}, out);
    become_backup(now, {.cause = Cause::started}, out);
    if (!owner) return;
    now_.ready = true; // it waits for its group alone
    now_.master_down = kNever;
}

void VirtualRouter::leave_election(TimePoint now, Cause cause, Effects& out) {
    if (now_.state == State::initialize) {
        now_.cause = cause;
        return;
    }
    if (now_.state == State::master) {
        const bool can_speak = cause != Cause::link_down && cause != Cause::interface_gone;
        if (can_speak) send_advertisement(now, wire::kPriorityResign, out);
        release_addresses(out);
    }
    change_state(now, {.to = State::initialize, .cause = cause}, out);
}

void VirtualRouter::become_master(TimePoint now, Transition why, Effects& out) {
    why.to = State::master;
    now_.master_interval = config_.advertisement_interval;
    send_advertisement(now, priority(), out);
    take_addresses(out); // RFC 9568 section 8.1.2: nothing is announced before both address and MAC are there
    change_state(now, why, out);
    now_.advertise = now + config_.advertisement_interval;
    announce_due(now, out);
    ++counters_.became_master;
}

void VirtualRouter::become_backup(TimePoint now, Transition why, Effects& out) {
    why.to = State::backup;
    if (now_.state == State::master) release_addresses(out);
    change_state(now, why, out);
    now_.master_heard = now;
    now_.master_down = now + own_down_interval();
}

// Whatever belonged to the state that is left ends here.
void VirtualRouter::change_state(TimePoint now, Transition why, Effects& out) {
    why.from = now_.state;
    now_.state = why.to;
    now_.cause = why.cause;
    now_.since = now;
    now_.master_address = now_.lesser_address = {};
    now_.contest = {};
    now_.master_priority = now_.lesser_priority = 0;
    now_.master_interval = config_.advertisement_interval;
    now_.master_resigned = now_.ready = now_.carrying = false;
    now_.findings = 0;
    now_.master_down = now_.advertise = now_.announce = now_.reannounce = now_.retry = now_.unserved =
        now_.lesser_until = kNever;
    now_.answers = now_.announce_round = 0;
    now_.announce_next = 0;
    note(why, out);
    tell_script(why, out);
}

// The two scripts take turns, whatever happens between. The first that is told is where it stands at the
// start.
void VirtualRouter::tell_script(const Transition& why, Effects& out) {
    const bool master = why.to == State::master;
    if (now_.told_script == master || (!now_.told_script && why.to == State::initialize)) return;
    now_.told_script = master;
    if (!(master ? config_.master_script : config_.backup_script).empty())
        out.add(RunScript{index_, master, why});
}

// --- What an advertisement does to us

void VirtualRouter::advertisement_received(TimePoint now, const Advertisement& advertisement,
                                           const InterfaceFacts& facts, Effects& out) {
    if (advertisement.authentication_header) now_.sequence = advertisement.authentication_header->sequence;
    if (now_.state == State::initialize) return;
    ++counters_.advertisements_received;
    if (advertisement.priority == wire::kPriorityResign) ++counters_.resignations_received;
    if (now_.state == State::backup)
        received_as_backup(now, advertisement, facts, out);
    else
        received_as_master(now, advertisement, facts, out);
}

void VirtualRouter::received_as_backup(TimePoint now, const Advertisement& advertisement,
                                       const InterfaceFacts& facts, Effects& out) {
    if (advertisement.priority == wire::kPriorityResign) {
        // Only the master that we follow can resign for itself; from anybody else it says nothing about it.
        const bool foreign =
            !now_.master_address.is_unspecified() && advertisement.source != now_.master_address;
        find(FindingKind::foreign_resignation, foreign, advertisement, out);
        if (foreign || now_.ready) return;
        now_.master_resigned = true;
        now_.master_address = advertisement.source;
        now_.master_down = now + skew_time(config_.version, priority(), now_.master_interval);
        return;
    }
    if (preempts() && advertisement.priority < priority()) {
        now_.lesser_address = advertisement.source;
        now_.lesser_priority = advertisement.priority;
        now_.lesser_until = now + master_down_interval(config_.version, priority(), advertisement.interval);
        now_.master_resigned = false; // somebody has taken its place: there is nothing to carry
        return;
    }
    follow(now, advertisement, facts, out);
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
    find(FindingKind::rival_owner, claims_ownership() && advertisement.priority == wire::kPriorityOwner,
         advertisement, out);
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
        look_at(advertisement, facts, out);
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
    if (now_.master_address != advertisement.source) now_.findings = 0;
    follow_master(now, {.rival = advertisement.source,
                        .priority = advertisement.priority,
                        .interval = advertisement.interval,
                        .checksum_form = advertisement.checksum_form});
    look_at(advertisement, facts, out);
}

void VirtualRouter::follow_master(TimePoint now, const Contest& master) {
    now_.master_address = master.rival;
    now_.master_priority = master.priority;
    now_.master_checksum_form = master.checksum_form;
    now_.master_heard = now;
    now_.master_resigned = now_.ready = now_.carrying = false;
    now_.lesser_address = {};
    now_.lesser_until = now_.unserved = kNever;
    if (config_.version == wire::Version::v3) {
        const Duration cap = config_.learned_interval_cap * config_.advertisement_interval;
        now_.master_interval = std::min(master.interval, cap);
    }
    now_.master_down = now + own_down_interval();
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

void VirtualRouter::look_at(const Advertisement& advertisement, const InterfaceFacts& facts, Effects& out) {
    const bool v6 = config_.family == IpFamily::v6;
    const IpAddress& source = advertisement.source;
    find(FindingKind::addresses_differ, !same_addresses(advertisement.addresses), advertisement, out);
    find(FindingKind::foreign_subnet, v6 ? !source.is_link_local() : !facts.reaches(source), advertisement,
         out);
    if (config_.version == wire::Version::v2) return;
    const bool capped = now_.master_interval < advertisement.interval;
    find(FindingKind::interval_capped, capped, advertisement, out);
    find(FindingKind::interval_differs, !capped && advertisement.interval != config_.advertisement_interval,
         advertisement, out);
    find(FindingKind::checksum_form, !v6 && advertisement.checksum_form != config_.checksum_form,
         advertisement, out);
}

// A finding is journalled when it appears, not with every advertisement that shows it.
void VirtualRouter::find(FindingKind kind, bool present, const Advertisement& advertisement, Effects& out) {
    const std::uint32_t bit = 1u << static_cast<unsigned>(kind);
    const bool known = (now_.findings & bit) != 0;
    now_.findings = present ? now_.findings | bit : now_.findings & ~bit;
    if (present && !known)
        note(Finding{kind, advertisement.source, advertisement.priority, advertisement.interval}, out);
}

bool VirtualRouter::same_addresses(const wire::AddressList& theirs) const {
    if (std::ranges::equal(theirs.bytes(), address_bytes_)) return true;
    if (theirs.size() != config_.addresses.size()) return false;
    for (std::size_t i = 0; i < theirs.size(); ++i) // the order says nothing
        if (!has_address(theirs[i])) return false;
    return true;
}

// --- Timers

TimePoint VirtualRouter::next_deadline() const {
    return std::min({now_.master_down, now_.advertise, now_.announce, now_.reannounce, now_.retry,
                     now_.unserved, now_.lesser_until, now_.contest.until});
}

Duration VirtualRouter::own_down_interval() const {
    return master_down_interval(config_.version, priority(), now_.master_interval);
}

void VirtualRouter::awake(TimePoint now, Effects& out) {
    if (now_.state == State::master && now - now_.last_sent > own_down_interval()) {
        become_backup(now, {.cause = Cause::frozen, .silence = now - now_.last_sent}, out);
    } else if (now_.master_down != kNever && now > now_.master_down + own_down_interval()) {
        note(Overslept{now - now_.master_down}, out);
        now_.master_down = now + own_down_interval();
    }
}

void VirtualRouter::deadline_reached(TimePoint now, Effects& out) {
    if (now >= now_.retry) {
        now_.retry = kNever;
        if (now_.standing.fit) join_election(now, out);
    }
    if (now >= now_.master_down) {
        counters_.worst_lateness = std::max(counters_.worst_lateness, now - now_.master_down);
        now_.master_down = kNever;
        now_.ready = true;
        now_.carrying = config_.group && now_.master_resigned;
        if (leads_alone())
            become_master(now, why_master_is_down(now), out);
        else
            now_.unserved = now + own_down_interval();
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
    if (now >= now_.advertise) advertise_on_schedule(now, out);
    if (now >= now_.announce) announce_due(now, out);
    if (now >= now_.reannounce) reannounce(now, out);
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

void VirtualRouter::announce_due(TimePoint now, Effects& out) {
    const MacAddress mac = uses_virtual_mac() ? virtual_mac() : now_.standing.interface_mac;
    const std::size_t end = std::min(now_.announce_next + kAnnounceBurst, config_.addresses.size());
    for (std::size_t i = now_.announce_next; i < end; ++i)
        announce(config_.addresses[i].address, mac, out);
    if (end < config_.addresses.size()) {
        now_.announce_next = end;
        now_.announce = now + kAnnouncePause;
        return;
    }
    now_.announce_next = 0;
    send_magic_packet(out);
    const bool again = now_.announce_round < config_.announce.repeats;
    const bool refresh = config_.announce.refresh != Duration{};
    now_.announce = again ? now + config_.announce.delay : refresh ? now + config_.announce.refresh : kNever;
    if (again) ++now_.announce_round;
}

void VirtualRouter::reannounce(TimePoint now, Effects& out) {
    now_.reannounce = kNever;
    now_.last_reannounced = now;
    now_.announce_next = 0;
    note(Reannounced{}, out);
    announce_due(now, out);
}

// --- Doing

// RFC 9568 section 7.2: from the virtual MAC. Without one every frame comes from the interface's own: a virtual
// switch, or a port that is locked to its MAC, drops all others.
void VirtualRouter::send_advertisement(TimePoint now, std::uint8_t priority, Effects& out) {
    send_advertisement(now, priority, config_.virtual_mac ? virtual_mac() : now_.standing.interface_mac, out);
}

void VirtualRouter::send_advertisement(TimePoint now, std::uint8_t priority, const MacAddress& source_mac,
                                       Effects& out) {
    const bool signs = config_.authentication.type == wire::AuthenticationType::authentication_header;
    Advertisement advertisement{
        .version = config_.version,
        .vrid = config_.vrid,
        .priority = priority,
        .interval = config_.advertisement_interval,
        .addresses = wire::AddressList(config_.family, address_bytes_),
        .source = now_.standing.primary_address,
        .destination = wire::group_address(config_.family),
        .source_mac = source_mac,
        .authentication_type = config_.authentication.type,
        .authentication_data = config_.authentication.password,
        .authentication_header = std::nullopt,
        .checksum_form = config_.checksum_form,
    };
    if (signs) // the SPI is keepalived's: the sender's address
        advertisement.authentication_header = {
            .spi = load_be32(advertisement.source.bytes().data()), .sequence = ++now_.sequence, .icv = {}};
    const std::size_t size = wire::encoded_size(advertisement);
    const MutableBytes frame = out.add_frame(interface_, index_, FrameKind::advertisement, size);
    wire::encode(advertisement, frame);
    if (signs) wire::sign(frame, config_.authentication.password);
    now_.last_sent = now;
    ++counters_.advertisements_sent;
}

void VirtualRouter::announce(const IpAddress& address, const MacAddress& mac, Effects& out) const {
    const std::size_t size = wire::announcement_size(address.family());
    wire::encode_announcement(address, mac, out.add_frame(interface_, index_, FrameKind::announcement, size));
}

bool VirtualRouter::is_own(const IpAddress& address) const {
    return std::ranges::find(now_.standing.own_addresses, address) != now_.standing.own_addresses.end();
}

std::optional<wire::VirtualMac> VirtualRouter::used_virtual_mac() const {
    if (!uses_virtual_mac()) return std::nullopt;
    return wire::VirtualMac{config_.family, config_.vrid};
}

// An owner's own are there, and stay there.
void VirtualRouter::take_addresses(Effects& out) const {
    const std::optional<wire::VirtualMac> mac = used_virtual_mac();
    if (mac) out.add(AttachVirtualMac{interface_, index_, *mac});
    for (const IpPrefix& prefix : config_.addresses)
        if (!is_own(prefix.address)) out.add(AddAddress{interface_, index_, mac, prefix});
}

void VirtualRouter::release_addresses(Effects& out) const {
    const std::optional<wire::VirtualMac> mac = used_virtual_mac();
    for (const IpPrefix& prefix : config_.addresses)
        if (!is_own(prefix.address)) out.add(RemoveAddress{interface_, index_, mac, prefix});
    if (mac)
        out.add(DetachVirtualMac{interface_, index_, *mac});
    else // hosts may have taken our own addresses for the virtual ones' neighbour
        for (const IpAddress& own : now_.standing.own_addresses)
            announce(own, now_.standing.interface_mac, out);
}

// After the gratuitous ARPs: the gateway then resolves the virtual address by itself.
void VirtualRouter::send_magic_packet(Effects& out) const {
    if (!config_.magic_packet) return;
    const std::optional<wire::VirtualMac> mac = used_virtual_mac();
    out.add(SendMagicPacket{interface_, index_, mac, config_.magic_packet->source,
                            config_.magic_packet->gateway});
}

void VirtualRouter::note(const decltype(Event::what)& what, Effects& out) const {
    out.add(Event{interface_, index_, what});
}

std::uint64_t VirtualRouter::hash() const {
    StableHash hash;
    const auto add_time = [&](TimePoint t) {
        hash.add(static_cast<std::uint64_t>(t.time_since_epoch().count()));
    };
    hash.add(config_.vrid).add(std::uint64_t{now_.priority}).add(static_cast<std::uint64_t>(now_.state));
    hash.add(now_.running).add(now_.standing.fit).add(now_.standing.owner).add(now_.master_resigned);
    hash.add(now_.lesser_address.bytes()).add(std::uint64_t{now_.findings}).add(std::uint64_t{now_.answers});
    hash.add(now_.announce_next)
        .add(now_.ready)
        .add(now_.carrying)
        .add(now_.held)
        .add(now_.yielding)
        .add(std::uint64_t{now_.sequence});
    hash.add(now_.standing.primary_address.bytes()).add(now_.master_address.bytes());
    hash.add(static_cast<std::uint64_t>(now_.master_interval.count()));
    for (const TimePoint t : {now_.master_down, now_.advertise, now_.announce, now_.reannounce, now_.retry})
        add_time(t);
    return hash.value();
}

} // namespace vrrp
