// What happened and why: the vocabulary of the journal. Plain values; core/daemon/journal.hpp turns them to
// words.
#pragma once

#include "core/machine/interface_facts.hpp"
#include "core/machine/virtual_router_config.hpp"
#include "core/net/bounded_text.hpp"
#include "core/net/fields.hpp"
#include "core/net/time.hpp"
#include "core/wire/drop_reason.hpp"

#include <array>
#include <string_view>
#include <variant>

namespace vrrp {

// RFC 3768 section 6.4. RFC 9568 calls master "Active".
enum class State : std::uint8_t { initialize, backup, master };

// Why a virtual router changed its state.
enum class Cause : std::uint8_t {
    started,           // initialize -> backup
    owner_started,     // initialize -> master: a virtual address is the interface's own
    claimed_ownership, // the same, by a configured priority of 255
    master_silent,     // Master_Down_Timer ran out
    no_master,         // the same, and none was ever heard since the start
    master_resigned,   // priority 0 was heard, and the skew time has passed
    preempted_lesser,  // the timer ran out while a lesser master was heard, and preemption is on
    higher_priority,   // a better master was heard
    higher_address,    // one of equal priority and higher address
    link_down,         // carrier or administrative state
    interface_gone,    // deleted
    place_gone,        // another one that some of its addresses stand on does not exist
    unusable,          // nobody would be heard on it: it has become a kind of device that does not do
    no_address,        // no address of the family to speak from
    no_source,         // the one that is configured to speak from is not on the interface
    mtu_too_small,     // the interface does not carry an advertisement
    check_failed,      // a check that it uses fails, and has no weight
    check_awaited,     // a check that it uses has had no result yet
    address_refused,   // the virtual address could not be put on the interface
    ownership_changed, // a virtual address became, or is no longer, the interface's own
    start_delayed,     // it has just been started, and waits as it was told to
    resumed,           // a process before this one was master until a moment ago
    reconfigured,      // what cannot change in an election did: its version, its virtual MAC, priority 255
    frozen,            // we slept longer than our Master_Down_Interval
    group_leads,       // the other members of its group are ready too, or one of them heard a resignation
    group_unfit,       // its group cannot lead: a member is missing, unfit or held
    group_lost,        // another member of its group hears a better master, or none yet
    yielded,           // an operator asked it to let another router be master
    held,              // an operator keeps it backup
    asked,             // an operator asked it to become master
    stopped            // in order
};

// Something worth an operator's look that changes nothing.
enum class FindingKind : std::uint8_t {
    not_heard, // its advertisements are refused: another interval, version, password, key, or unicast
    other_virtual_router, // its list of virtual addresses has none of ours: ignored
    addresses_differ,     // the master's list of virtual addresses is not ours
    foreign_subnet,       // its source is outside the interface's prefixes
    interval_differs,     // v3: it advertises at another interval than ours; we follow
    interval_capped,      // v3: the same, longer than we are willing to follow
    checksum_form,        // v3 over IPv4: its checksum has the other form than ours
    foreign_resignation,  // priority 0 from another router than the master that we follow: ignored
    address_conflict,     // another machine answers ARP for a virtual address that we hold
    rival_owner,          // somebody else claims to own the addresses that we own
    claimed_twice,        // it has priority 255 as we have, by configuration
    not_signed,           // it sends no HMAC trailer, which is accepted as long as the configuration says so
    clocks_differ         // its clock and ours are apart by more than half of what is allowed
};

struct Transition {
    State from = State::initialize;
    State to = State::initialize;
    Cause cause = Cause::started;
    IpAddress peer{}; // the other router, where there is one; else unspecified
    std::uint8_t peer_priority = 0;
    Duration silence{};                // master_silent, frozen: how long
    std::uint32_t needed = 0, mtu = 0; // mtu_too_small: bytes
    // check_*: the check; of an election: the one whose weight decided it; place_gone: the interface.
    ShortText named{};
};

struct PacketDropped {
    wire::DecodeError error;
    IpAddress source; // unspecified where the frame did not tell
    std::uint8_t vrid = 0;
};

struct Finding {
    FindingKind kind = FindingKind::addresses_differ;
    IpAddress source;
    std::uint8_t priority = 0;
    Duration interval{}; // interval_*: theirs
    MacAddress mac{};    // address_conflict: theirs; `source` is the address in dispute
    // addresses_differ, other_virtual_router: how many it has beyond ours and lacks of ours, and the first.
    std::uint16_t extra = 0, lacking = 0;
    IpAddress first_extra{}, first_lacking{};
    wire::DecodeError refused{}; // not_heard: why

    auto fields() const {
        return std::tie(kind, source, priority, interval, mac, extra, lacking, first_extra, first_lacking,
                        refused);
    }
};

// Another master was heard while we are master: a lesser one, whose split brain is healing; or a better one, which
// the earlier members of our group may yet beat.
struct RivalHeard {
    IpAddress source;
    std::uint8_t priority = 0;
    bool better = false;
};

// Its master is silent, and its group or an operator does not let it lead: nobody answers for its addresses.
struct Unserved {
    Duration silence{};
};

// The addresses were announced again because a rival has fallen silent.
struct Reannounced {};

// This machine, or the wire, is too slow for the shortest interval that is configured: 99.9 % of its wakes, and of the
// advertisements that it hears, are no later than this.
struct IntervalTooShort {
    Duration interval{}, wakes{}, heard{};
    Duration safe{}; // use this
};

// A backup woke so late that it listens anew before it believes its timer.
struct Overslept {
    Duration late{};
};

struct PriorityChanged {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    ShortText check{}; // whose weight it was; else an operator asked for it
};

// What a new configuration is to one virtual router.
struct ConfigurationChanged {
    enum class Kind : std::uint8_t { added, changed, removed };
    Kind kind = Kind::changed;
    ShortText settings{}; // changed: their names
};

enum class CheckState : std::uint8_t { unknown, passes, fails };

// Of the whole process: who uses the check tells what that does to it.
struct CheckChanged {
    ShortText check;
    CheckState state = CheckState::unknown;
    ShortText reason;
};

enum class Action : std::uint8_t {
    send,
    attach_virtual_mac,
    detach_virtual_mac,
    add_address,
    drop_traffic,
    remove_address,
    magic_packet,
    clean_up,
    notify,
    watch
};

inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::watch) + 1; // the last one

struct ActionFailed {
    Action action = Action::send;
    ShortText error;
};

struct InterfaceChange {
    bool present = false, admin_up = false, carrier = false;
    Sentence obstacle{};
};

struct MtuChanged {
    std::uint32_t from = 0, to = 0;
};

// We go on with the same interface under its new name.
struct Renamed {
    ShortText to;
};

// Somebody else took a virtual address, or its device, off the interface of a master.
struct AddressPutBack {
    IpAddress address;
};

// What an operator can ask of a virtual router.
enum class Command : std::uint8_t {
    back_up, // let another router be master, and do not preempt it; take over only when there is none
    hold,    // stay backup whatever happens
    release, // end both
    lead,    // the same, and become master now where the election allows it
    forget,  // members of its group that died without a word
    reduce,  // the priority
    increase
};

enum class Refusal : std::uint8_t {
    none,
    owner,           // an owner's addresses stay on its interface, and its priority is 255
    not_in_election, // the interface is not usable, or a check fails
    better_master,   // one of higher priority or address lives
    listening,       // it has just begun to: one may live
    stopped
};

struct Commanded {
    Command command = Command::back_up;
    Refusal refusal = Refusal::none;
    IpAddress peer; // better_master
    std::uint8_t peer_priority = 0;
    Duration wait{}; // listening: how much longer
};

// Why a group cannot lead.
enum class GroupTrouble : std::uint8_t {
    none,
    members_missing,
    member_unfit,   // its interface is not usable, or has no address, or a check fails
    member_held,    // by an operator
    member_silent,  // its process lives and has stopped speaking
    member_missed,  // its process died without a word
    minimum_differs // it takes another number of members for the minimum
};

struct GroupChanged {
    GroupIndex group{};
    GroupTrouble trouble = GroupTrouble::none;
    std::uint16_t present = 0, minimum = 0;
    ShortText member;  // "eth1 vrid 52", where one is to blame
    ShortText check{}; // that keeps it out of the election, where one does
};

// Something about a group that an operator should know, although it changes nothing.
struct GroupRemark {
    enum class Kind : std::uint8_t {
        crossed_priorities, // one member outranks the master that it hears, another one does not
        preempts_no_more    // it took the gateway over again and again, and was beaten each time
    };
    GroupIndex group{};
    Kind kind = Kind::crossed_priorities;
    ShortText better, lesser; // crossed_priorities: the members
};

// A process of our group died without a word; what it left on its interface is removed.
struct SiblingDied {
    ShortText member;
};

// What a script is run for.
enum class ScriptKind : std::uint8_t {
    master, // it became master
    backup, // it lost that, whatever the reason, or begins as backup
    fault,  // Notice::fault
    stop,   // Notice::stop
    notify  // each Notice
};

// The states that scripts and the FIFO are told, as keepalived names them.
enum class Notice : std::uint8_t {
    master,
    backup,
    fault, // it cannot take part in the election, or its group cannot lead: something is broken
    stop   // in order
};

struct ScriptOutcome {
    enum class Kind : std::uint8_t { exited, signalled, timed_out, refused, dropped };
    Kind kind = Kind::exited;
    int status = 0;  // the exit status, or the signal
    ShortText error; // refused: why
};

struct ScriptFinished {
    ScriptKind kind = ScriptKind::master;
    ScriptOutcome outcome;
};

// Lines that a rate limit swallowed: about the wire, or about one action's failures.
struct Suppressed {
    std::uint64_t lines = 0;
    std::optional<Action> failed{};
};

// `interface` is always set; `virtual_router` where the event is one virtual router's.
struct Event {
    InterfaceId interface {};
    std::optional<VirtualRouterIndex> virtual_router;
    std::variant<Transition, PacketDropped, Finding, RivalHeard, Reannounced, IntervalTooShort, Overslept,
                 PriorityChanged, ConfigurationChanged, CheckChanged, InterfaceChange, MtuChanged, Renamed,
                 AddressPutBack, Commanded, Unserved, GroupChanged, GroupRemark, SiblingDied, ScriptFinished,
                 ActionFailed, Suppressed>
        what;
};

} // namespace vrrp
