// The state machine of one virtual router: RFC 3768 and RFC 9568 section 6.4.
#pragma once

#include "core/machine/effect.hpp"
#include "core/machine/group.hpp"
#include "core/machine/rate_limit.hpp"
#include "core/machine/virtual_router_config.hpp"

namespace vrrp {

// Since the start of the process. Not part of a virtual router's equality.
struct VirtualRouterCounters {
    std::uint64_t advertisements_sent = 0;
    std::uint64_t advertisements_received = 0;
    std::uint64_t resignations_received = 0; // priority 0, counted above too
    std::uint64_t became_master = 0;
    std::uint64_t rivals_heard = 0;
    std::uint64_t send_failures = 0;
    Duration worst_lateness{}; // of a timer
};

// A pure value. It is told what happens, with the time, and appends what is to be done; it asks nobody
// anything.
//
// 1. start() puts it to work; until then, and after stop(), it does nothing.
// 2. It is in backup or master only while its interface is usable and has an address of the family; that is
//    computed anew at every interface_changed().
// 3. next_deadline() says when deadline_reached() has something to do; calling it early is harmless.
// 4. A master that notices that it slept longer than its Master_Down_Interval steps back before it does
//    anything else, and a backup that woke that late listens anew: awake() must be called first at every
//    input.
// 5. Advertisements given to it are decoded, of its VRID and family, authenticated, and not its own.
// 6. The advertisement path allocates nothing once `out` has grown.
// 7. In a group it becomes master only by lead(): when its timer runs out, it says so by its stance().
class VirtualRouter {
  public:
    VirtualRouter(VirtualRouterConfig config, VirtualRouterIndex index, InterfaceId interface);

    void start(TimePoint now, const InterfaceFacts& facts, Effects& out);
    void awake(TimePoint now, Effects& out);
    void advertisement_received(TimePoint now, const wire::Advertisement& advertisement,
                                const InterfaceFacts& facts, Effects& out);
    void deadline_reached(TimePoint now, Effects& out);
    void interface_changed(TimePoint now, const InterfaceFacts& facts, Effects& out);
    void set_priority(TimePoint now, std::uint8_t priority, Effects& out);
    void effect_failed(TimePoint now, Action action, Effects& out);
    void stop(TimePoint now, Effects& out);

    void command(TimePoint now, Command command, Effects& out);
    // Somebody else took one of a master's addresses away.
    void address_lost(TimePoint now, const IpAddress& address, Effects& out);
    // Somebody answers for one of the addresses from `mac`.
    void address_claimed(const IpAddress& address, const MacAddress& mac, Effects& out);

    // Its group's verdict. Does nothing where it is so already.
    void lead(TimePoint now, Effects& out);
    void yield(TimePoint now, Cause cause, Effects& out);
    Stance stance() const;
    bool carrying() const { return now_.carrying; }
    bool winning() const { return now_.contest.since != kNever && !now_.contest.beaten; }
    TimePoint beaten_since() const { return now_.contest.beaten ? now_.contest.since : kNever; }
    bool rival_is_lower() const { return now_.contest.rival < now_.standing.primary_address; }
    // A rival of its group is to hear it now.
    void challenge(TimePoint now, Effects& out);
    void forget_resignation(); // it carries nothing any more

    TimePoint next_deadline() const;

    const VirtualRouterConfig& config() const { return config_; }
    VirtualRouterIndex index() const { return index_; }
    InterfaceId interface() const { return interface_; }
    State state() const { return now_.state; }
    bool running() const { return now_.running; }
    TimePoint since() const { return now_.since; }     // when it entered its state
    Cause cause() const { return now_.cause; }         // why it is in its state
    bool owner() const { return now_.standing.owner; } // of the addresses
    bool uses_virtual_mac() const { return config_.virtual_mac && !now_.standing.owner; }
    // Of the authentication header: the last one sent, or received and accepted. Peers that share a key share
    // the counter, as keepalived has it: who becomes master goes on from what it heard.
    std::uint32_t sequence() const { return now_.sequence; }
    bool held() const { return now_.held; }         // by an operator
    bool yielding() const { return now_.yielding; } // to any other master, by an operator
    // 255: by its addresses or by configuration. It becomes master at once (RFC 9568 section 6.4.1).
    bool claims_ownership() const { return priority() == wire::kPriorityOwner; }
    std::uint8_t priority() const { return now_.standing.owner ? wire::kPriorityOwner : now_.priority; }
    IpAddress primary_address() const { return now_.standing.primary_address; }
    MacAddress virtual_mac() const { return wire::virtual_mac(config_.family, config_.vrid); }
    // The last master heard; unspecified when none was, or when it is we.
    IpAddress master_address() const { return now_.master_address; }
    std::uint8_t master_priority() const { return now_.master_priority; }
    Duration master_interval() const { return now_.master_interval; } // learned in v3
    wire::ChecksumForm master_checksum_form() const { return now_.master_checksum_form; }
    const VirtualRouterCounters& counters() const { return counters_; }

    bool has_address(const IpAddress& address) const;

    friend bool operator==(const VirtualRouter& a, const VirtualRouter& b) {
        return a.config_ == b.config_ && a.now_ == b.now_;
    }
    std::uint64_t hash() const;

  private:
    // What the interface's facts make of us.
    struct Standing {
        bool fit = false;   // to take part in the election: usable, and with an address to speak from
        bool owner = false; // a virtual address is the interface's own
        IpAddress primary_address;
        std::vector<IpAddress> own_addresses; // of the family
        MacAddress interface_mac;
        friend bool operator==(const Standing&, const Standing&) = default;
    };

    // Of a group's master, with another master that it hears.
    struct Contest {
        bool beaten = false; // else it is the better one
        IpAddress rival;
        std::uint8_t priority = 0;
        Duration interval{};
        wire::ChecksumForm checksum_form{};
        TimePoint since = kNever, until = kNever; // unless the rival is heard again
        friend bool operator==(const Contest&, const Contest&) = default;
    };

    // Everything that changes, in one comparable piece.
    struct Now {
        bool running = false;
        State state = State::initialize;
        Cause cause = Cause::stopped;
        TimePoint since{};

        std::uint8_t priority = 0; // unless we own the addresses
        Standing standing;

        // Of the master that a backup follows; unspecified when it follows none.
        IpAddress master_address;
        std::uint8_t master_priority = 0;
        Duration master_interval{};
        wire::ChecksumForm master_checksum_form{};
        TimePoint master_heard{}; // or when the wait for one began
        bool master_resigned = false;
        bool ready = false;    // backup: Master_Down_Timer has run out, and the group or an operator holds it
        bool carrying = false; // MemberStatus
        bool held = false, yielding = false;
        std::optional<bool> told_script; // what the scripts were told last: master, or not
        std::uint32_t sequence = 0;      // of the authentication header, sent or received last
        std::uint32_t findings = 0;      // bits of FindingKind already journalled about it
        // A lesser master that a preempting backup hears and waits out.
        IpAddress lesser_address;
        std::uint8_t lesser_priority = 0;
        Contest contest;

        TimePoint master_down = kNever;  // backup: Master_Down_Timer
        TimePoint advertise = kNever;    // master: Adver_Timer
        TimePoint announce = kNever;     // master: the next announcement of AnnouncePolicy
        TimePoint reannounce = kNever;   // master: a rival was heard
        TimePoint retry = kNever;        // initialize, after Cause::address_refused
        TimePoint unserved = kNever;     // backup: ready, and nobody leads
        TimePoint lesser_until = kNever; // backup: the lesser master is heard no more
        TimePoint last_sent{};           // an advertisement
        TimePoint last_reannounced{};
        unsigned answers = 0;          // unscheduled advertisements since the last scheduled one
        unsigned announce_round = 0;   // of AnnouncePolicy
        std::size_t announce_next = 0; // address

        friend bool operator==(const Now&, const Now&) = default;
    };

    // Entering and leaving states.
    bool preempts() const { return config_.preempt && !now_.yielding; }
    bool leads_alone() const { return !config_.group && !now_.held; }
    void join_election(TimePoint now, Effects& out);
    void tell_script(const Transition& why, Effects& out);
    Refusal refusal(TimePoint now, Command command) const;
    bool knows_nobody() const;
    TimePoint listened_enough() const;
    bool outranked_by_master() const;
    void leave_election(TimePoint now, Cause cause, Effects& out);
    void become_master(TimePoint now, Transition why, Effects& out);
    void become_backup(TimePoint now, Transition why, Effects& out);
    void change_state(TimePoint now, Transition why, Effects& out);

    // What an advertisement does to us.
    void received_as_backup(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void received_as_master(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void meet(TimePoint now, const wire::Advertisement&, bool better, Effects& out);
    void step_back(TimePoint now, Effects& out);
    void follow(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void follow_master(TimePoint now, const Contest& master);
    bool resist(TimePoint now, Effects& out);
    void look_at(const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void find(FindingKind kind, bool present, const wire::Advertisement&, Effects& out);
    bool same_addresses(const wire::AddressList&) const;

    // Timers.
    Duration own_down_interval() const;
    void advertise_on_schedule(TimePoint now, Effects& out);
    void announce_due(TimePoint now, Effects& out);
    void reannounce(TimePoint now, Effects& out);
    Transition why_master_is_down(TimePoint now) const;

    // Doing.
    void send_advertisement(TimePoint now, std::uint8_t priority, Effects& out);
    void send_advertisement(TimePoint now, std::uint8_t priority, const MacAddress& source_mac, Effects& out);
    bool is_own(const IpAddress& address) const; // the interface's, whoever is master
    void announce(const IpAddress& address, const MacAddress& mac, Effects& out) const;
    std::optional<wire::VirtualMac> used_virtual_mac() const;
    void send_magic_packet(Effects& out) const;
    void take_addresses(Effects& out) const;
    void release_addresses(Effects& out) const;
    void note(const decltype(Event::what)& what, Effects& out) const;

    Standing standing(const InterfaceFacts& facts) const;

    VirtualRouterConfig config_;
    VirtualRouterIndex index_;
    InterfaceId interface_;
    std::vector<std::uint8_t> address_bytes_; // the addresses as the wire wants them
    Now now_;
    VirtualRouterCounters counters_;
    RateLimit put_backs_;
};

} // namespace vrrp
