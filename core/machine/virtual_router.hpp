// The state machine of one virtual router: RFC 3768 and RFC 9568 section 6.4.
#pragma once

#include "core/machine/effect.hpp"
#include "core/machine/finding_table.hpp"
#include "core/machine/group.hpp"
#include "core/machine/handover.hpp"
#include "core/machine/rate_limit.hpp"
#include "core/machine/sequence_record.hpp"
#include "core/machine/time_sequence.hpp"
#include "core/machine/track.hpp"
#include "core/machine/virtual_router_config.hpp"
#include "core/net/fields.hpp"

namespace vrrp {

// An interface, not the virtual router's own, that some of its addresses stand on: AddressPlace.
struct Elsewhere {
    InterfaceId interface {};
    std::string name; // as the configuration calls it
    InterfaceFacts facts;

    auto fields() const { return std::tie(interface, name, facts); }
};

// Since the start of the process. Not part of a virtual router's equality.
struct VirtualRouterCounters {
    std::uint64_t advertisements_sent = 0;
    std::uint64_t advertisements_received = 0;
    std::uint64_t resignations_received = 0; // priority 0, counted above too
    std::uint64_t became_master = 0;
    std::uint64_t rivals_heard = 0;
    std::uint64_t router_advertisements_sent = 0;
    std::uint64_t send_failures = 0;
    std::uint64_t notices_lost = 0; // the FIFO did not take them
    Duration worst_lateness{};      // of a timer
};

// What the interface's MTU must carry: the IP packet of one advertisement, without Ethernet's header.
std::size_t advertisement_size(const VirtualRouterConfig& config);

// What advertisements come from: the source that is configured, as long as the interface has it, else the interface's
// first that suits. Nothing when there is none.
std::optional<IpAddress> source_address(const VirtualRouterConfig& config, const InterfaceFacts& facts);

// A pure value. It is told what happens, with the time, and appends what is to be done; it asks nobody
// anything.
//
// 1. start() puts it to work; until then, and after stop(), it does nothing.
// 2. It is in backup or master only while its interface is usable and has an address of the family, and no check
//    without a weight fails; that is computed anew at every interface_changed() and checks_changed().
// 3. next_deadline() says when deadline_reached() has something to do. Called early it does nothing, but an advertisement
//    that is due within kSharedWake goes at once.
// 4. A master that notices that it slept longer than its Master_Down_Interval steps back before it does
//    anything else, unless a busy machine stopped it for a moment only, and a backup that woke that late listens
//    anew: awake() must be called first at every input.
// 5. Advertisements given to it are decoded, of its VRID and family, authenticated, not its own, and in v2 of its
//    own interval.
// 6. The advertisement path allocates nothing once `out` has grown.
// 7. In a group it becomes master only by lead(): when its timer runs out, it says so by its stance().
// 8. Who takes over from silence advertises first and takes the addresses then: hosts wait. Who preempts a living
//    master, or was refused the addresses the last time, takes them first and advertises when that went well.
class VirtualRouter {
  public:
    VirtualRouter(VirtualRouterConfig config, VirtualRouterIndex index, InterfaceId interface);

    // An interface that its configuration, or the next one, names beside its own. Before the first word of it nothing is
    // put there.
    void elsewhere_known(Elsewhere place);
    void elsewhere_changed(TimePoint now, const Elsewhere& place, const InterfaceFacts& facts, Effects& out);
    void start(TimePoint now, const InterfaceFacts& facts, Effects& out);
    // Instead, where a process before this one has left it.
    void resume(TimePoint now, const HandedOver& before, const InterfaceFacts& facts, Effects& out);
    // Others hear it once more, so that they give the successor its time.
    void leave_to_successor(TimePoint now, Effects& out);
    HandedOver handover() const;
    void awake(TimePoint now, Effects& out);
    void advertisement_received(TimePoint now, const wire::Advertisement& advertisement,
                                const InterfaceFacts& facts, Effects& out);
    void deadline_reached(TimePoint now, Effects& out);
    void interface_changed(TimePoint now, const InterfaceFacts& facts, Effects& out);
    void set_priority(TimePoint now, std::uint8_t priority, Effects& out);
    // What `now` lacks to the time since 1970.
    void clock_set(Duration ahead) { now_.clock_ahead = ahead; }
    // `check` is the one that changed; empty before the start.
    void checks_changed(TimePoint now, const CheckVerdict& verdict, std::string_view check,
                        const InterfaceFacts& facts, Effects& out);
    void effect_failed(TimePoint now, Action action, Effects& out);
    // Of the same interface, family and VRID. It stays in the election, and a master stays master, unless it has another
    // version, virtual MAC or owner from then on.
    void reconfigure(TimePoint now, VirtualRouterConfig next, const InterfaceFacts& facts, Effects& out);
    void stop(TimePoint now, Effects& out);

    void command(TimePoint now, Command command, Effects& out);
    // Somebody else took one of a master's addresses away.
    void address_lost(TimePoint now, const IpAddress& address, Effects& out);
    // Somebody answers for one of the addresses from `mac`.
    void address_claimed(TimePoint now, const IpAddress& address, const MacAddress& mac, Effects& out);
    // A host asks who its router is.
    void router_solicited(TimePoint now);
    // An advertisement of our VRID was refused. What lasts is a finding: false where this is none.
    bool advertisement_refused(TimePoint now, const wire::Advertisement& advertisement,
                               const wire::DecodeError& why, Effects& out);
    // The journal had no room for its line: it comes later.
    void finding_not_told(TimePoint now, const Finding& finding);

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
    // Something is broken, and its group cannot lead.
    void set_group_fault(TimePoint now, bool fault, Effects& out);
    Transition why() const { return {.from = now_.state, .to = now_.state, .cause = now_.cause}; }

    TimePoint next_deadline() const;
    TimePoint take_over_due() const { return now_.master_down; } // where nobody speaks until then

    const VirtualRouterConfig& config() const { return config_; }
    VirtualRouterIndex index() const { return index_; }
    InterfaceId interface() const { return interface_; }
    State state() const { return now_.state; }
    bool running() const { return now_.running; }
    TimePoint since() const { return now_.since; }     // when it entered its state
    Cause cause() const { return now_.cause; }         // why it is in its state
    bool owner() const { return now_.standing.owner; } // of the addresses
    bool uses_virtual_mac() const { return config_.virtual_mac && !now_.standing.owner; }
    const SequenceRecord& sequences() const { return now_.sequences; } // of the authentication header
    // Why the HMAC trailer, or that there is none, makes it unbelievable; `frame` is what the advertisement was in.
    std::optional<wire::DecodeError> hmac_refusal(TimePoint now, const wire::Advertisement& advertisement,
                                                  BytesView frame) const;
    // A backup that has taken the addresses and has not yet dared to advertise.
    bool trying_addresses() const { return now_.trial != kNever; }
    bool held() const { return now_.held; }         // by an operator
    bool yielding() const { return now_.yielding; } // to any other master, by an operator
    // 255: by its addresses or by configuration. It becomes master at once (RFC 9568 section 6.4.1).
    bool claims_ownership() const { return priority() == wire::kPriorityOwner; }
    std::uint8_t priority() const { return priority_with(now_.checks.sum); }
    std::uint8_t priority_without_checks() const { return priority_with(0); }
    int checks_sum() const { return now_.checks.sum; }
    // That keeps it out of the election; empty when none does.
    ShortText failed_check() const {
        return now_.cause == Cause::check_failed ? now_.checks.culprit : ShortText();
    }
    IpAddress primary_address() const { return now_.standing.primary_address; }
    MacAddress virtual_mac() const { return wire::virtual_mac(config_.family, config_.vrid); }
    // The last master heard; unspecified when none was, or when it is we.
    IpAddress master_address() const { return now_.master_address; }
    std::uint8_t master_priority() const { return now_.master_priority; }
    // A lesser one that a backup hears, and would preempt; unspecified when it hears none.
    IpAddress lesser_address() const { return now_.lesser_address; }
    std::uint8_t lesser_priority() const { return now_.lesser_priority; }
    Duration master_interval() const { return now_.master_interval; } // learned in v3
    TimePoint master_heard() const { return now_.master_heard; }
    wire::ChecksumForm master_checksum_form() const { return now_.master_checksum_form; }
    const VirtualRouterCounters& counters() const { return counters_; }

    // What is odd about the network, in the order in which it began.
    const std::vector<StandingFinding>& findings() const { return now_.findings.list(); }

    bool has_address(const IpAddress& address) const;
    bool shares_address(const wire::AddressList& theirs) const;

    // Equal virtual routers do the same for ever, whatever happens to both; the counters alone may differ.
    auto fields() const { return std::tie(config_, index_, interface_, now_, put_backs_); }
    std::uint64_t hash() const;

  private:
    // Where one of the addresses is to be put.
    struct Spot {
        InterfaceId interface {};
        std::optional<wire::VirtualMac> virtual_mac;
        AddressMarks marks;
    };

    // What the interface's facts make of us.
    struct Standing {
        bool fit = false;   // to take part in the election: usable, and with an address to speak from
        bool owner = false; // a virtual address is the interface's own
        IpAddress primary_address;
        std::vector<IpAddress> own_addresses; // of the family
        MacAddress interface_mac;

        auto fields() const { return std::tie(fit, owner, primary_address, own_addresses, interface_mac); }
    };

    // Of a group's master, with another master that it hears.
    struct Contest {
        bool beaten = false; // else it is the better one
        IpAddress rival;
        std::uint8_t priority = 0;
        Duration interval{};
        wire::ChecksumForm checksum_form{};
        TimePoint since = kNever, until = kNever; // unless the rival is heard again

        auto fields() const {
            return std::tie(beaten, rival, priority, interval, checksum_form, since, until);
        }
    };

    // Who last announced an interval longer than the cap.
    struct LongInterval {
        IpAddress source;
        Duration interval{};
        TimePoint since = kNever, heard = kNever;
        bool kept = false; // it spoke again, later than the cap and within its interval

        auto fields() const { return std::tie(source, interval, since, heard, kept); }
    };

    struct Checks {
        CheckVerdict::Fitness fitness = CheckVerdict::Fitness::fit;
        ShortText culprit;
        int sum = 0;
        // The last change of the sum.
        int sum_before = 0;
        ShortText changed_by;

        auto fields() const { return std::tie(fitness, culprit, sum, sum_before, changed_by); }
    };

    // Everything that changes, in one comparable piece.
    struct Now {
        bool running = false;
        State state = State::initialize;
        Cause cause = Cause::stopped;
        TimePoint since{};

        std::uint8_t priority = 0; // unless we own the addresses; before the checks
        Checks checks;
        Standing standing;
        std::vector<Elsewhere> elsewhere; // as far as they are known

        // Of the master that a backup follows; unspecified when it follows none.
        IpAddress master_address;
        std::uint8_t master_priority = 0;
        Duration master_interval{};
        wire::ChecksumForm master_checksum_form{};
        TimePoint master_heard{}; // or when the wait for one began
        bool master_resigned = false;
        bool doubted = false;  // backup: it woke late when Master_Down_Timer ran out, and waits a little more
        bool ready = false;    // backup: Master_Down_Timer has run out, and the group or an operator holds it
        bool carrying = false; // MemberStatus
        bool held = false, yielding = false;
        std::optional<bool> told_script; // what the scripts were told last: master, or not
        std::optional<Notice> noticed;   // what was told last
        bool group_fault = false;
        SequenceRecord sequences;
        TimeSequence time_sequence;
        // Who has spoken in our version, for dual in version 3, and until when that says what it speaks.
        IpAddress heard_source;
        TimePoint heard_until{};
        Duration clock_ahead{};
        FindingTable findings;
        // A lesser master that a preempting backup hears and waits out.
        IpAddress lesser_address;
        std::uint8_t lesser_priority = 0;
        Contest contest;
        LongInterval long_interval;

        TimePoint master_down = kNever;      // backup: Master_Down_Timer
        TimePoint advertise = kNever;        // master: Adver_Timer
        TimePoint announce = kNever;         // master: the next announcement of AnnouncePolicy
        TimePoint reannounce = kNever;       // master: a rival was heard
        TimePoint advertise_router = kNever; // master: the next router advertisement
        TimePoint retry = kNever;            // initialize, after Cause::address_refused
        TimePoint start_at = kNever;         // initialize, in Cause::start_delayed
        TimePoint preempt_at = kNever;       // backup: it follows a lesser master until then
        TimePoint trial = kNever;            // backup: the addresses are on, and the master may follow
        TimePoint unserved = kNever;         // backup: ready, and nobody leads
        TimePoint lesser_until = kNever;     // backup: the lesser master is heard no more
        TimePoint findings_due = kNever;
        TimePoint preempts_from{}; // it has been fit for long enough then
        TimePoint last_sent{};     // an advertisement
        TimePoint last_reannounced{};
        TimePoint router_advertised{};
        unsigned answers = 0;                // unscheduled advertisements since the last scheduled one
        unsigned announce_round = 0;         // of AnnouncePolicy
        std::size_t announce_next = 0;       // address
        unsigned router_round = 0;           // router advertisements since it became master
        unsigned refusals = 0;               // of the addresses, one after another
        Cause lead_cause = Cause::no_master; // backup, ready or in its trial: why it will lead

        auto fields() const {
            return std::tie(running, state, cause, since, priority, checks, standing, elsewhere,
                            master_address, master_priority, master_interval, master_checksum_form,
                            master_heard, master_resigned, doubted, ready, carrying, held, yielding,
                            told_script, noticed, group_fault, sequences, time_sequence, clock_ahead,
                            heard_source, heard_until, findings, lesser_address, contest, long_interval,
                            unserved, lesser_until, lesser_priority, master_down, advertise, announce,
                            reannounce, advertise_router, retry, start_at, preempt_at, preempts_from, trial,
                            findings_due, last_sent, last_reannounced, answers, announce_round, announce_next,
                            router_advertised, router_round, refusals, lead_cause);
        }
    };

    // Entering and leaving states.
    bool preempts() const { return config_.preempt && !now_.yielding; }
    bool preempts(TimePoint now) const { return preempts() && now >= now_.preempts_from; }
    void preempt(TimePoint now, Effects& out);
    void start_delay_passed(TimePoint now, Effects& out);
    bool leads_alone() const { return !config_.group && !now_.held; }
    void begin(TimePoint now, const InterfaceFacts& facts, Effects& out);
    void join_election(TimePoint now, Effects& out);
    void tell_script(const Transition& why, Effects& out);
    void wait_again(TimePoint now);
    void delay_preemption(TimePoint now);
    void lead_if_ready(TimePoint now, Effects& out);
    void notify(const Transition& why, Effects& out);
    Refusal refusal(TimePoint now, Command command) const;
    bool knows_nobody() const;
    TimePoint listened_enough() const;
    bool outranked_by_master() const;
    void leave_election(TimePoint now, Transition why, Effects& out);
    void take_over(TimePoint now, Transition why, Effects& out);
    void nobody_better(TimePoint now, Transition why, Effects& out);
    bool goes_on_after(Duration silence) const;
    void doubt_silence(TimePoint now);
    void await_group(TimePoint now);
    void try_addresses(TimePoint now, Effects& out);
    void end_trial(TimePoint now, Effects& out);
    void give_trial_up(Effects& out);
    void refused_addresses(TimePoint now, Effects& out);
    Transition why_unfit(const VirtualRouterConfig& config, const InterfaceFacts& facts) const;
    void take_config(VirtualRouterConfig config);
    void change_config(TimePoint now, VirtualRouterConfig next, const InterfaceFacts& facts, Effects& out);
    void exchange_addresses(TimePoint now, const VirtualRouterConfig& before, Effects& out);
    void change_timers(TimePoint now, const VirtualRouterConfig& before);
    void leave_group(TimePoint now, Effects& out);
    void take_priority(const VirtualRouterConfig& before, Effects& out);
    void restart_master_down_timer();
    bool checks_allow() const;
    std::uint8_t priority_with(int checks_sum) const;
    void priority_changed(TimePoint now, std::uint8_t before, const ShortText& check, Effects& out);
    bool decided_by_check(const Transition& why) const;
    void announce_change(TimePoint now, const Standing& before, Effects& out);
    void become_master(TimePoint now, Transition why, Effects& out);
    void become_backup(TimePoint now, Transition why, Effects& out);
    void change_state(TimePoint now, Transition why, Effects& out);

    // What an advertisement does to us.
    bool said_in_v3_too(TimePoint now, const wire::Advertisement&);
    void note_sequence(const wire::Advertisement&);
    void received_as_backup(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void received_as_master(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void meet(TimePoint now, const wire::Advertisement&, bool better, Effects& out);
    void step_back(TimePoint now, Effects& out);
    void follow(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void follow_master(TimePoint now, const Contest& master);
    Duration interval_cap() const {
        const Duration cap = config_.learned_interval_cap * config_.advertisement_interval;
        return config_.dual ? std::max(cap, config_.interval_in_v2()) : cap;
    }
    void note_long_interval(TimePoint now, const wire::Advertisement&);
    Duration believed_interval(const Contest& master) const;
    bool resist(TimePoint now, Effects& out);

    // Findings.
    void look_at(TimePoint now, const wire::Advertisement&, const InterfaceFacts&, Effects& out);
    void look_at_signature(TimePoint now, const wire::Advertisement&, Effects& out);
    void other_virtual_router_heard(TimePoint now, const wire::Advertisement& advertisement, Effects& out);
    void ignored_rival(TimePoint now, const wire::Advertisement& advertisement, Effects& out);
    void find(TimePoint now, FindingKind kind, bool present, const wire::Advertisement&, Effects& out);
    void find(TimePoint now, const Finding& finding, bool present, Effects& out);
    void compare_addresses(const wire::AddressList& theirs, Finding& finding) const;
    void not_heard(TimePoint now, const wire::Advertisement& advertisement, const wire::DecodeError& why,
                   Effects& out);
    // In its own version, of late.
    bool hears(TimePoint now, const IpAddress& source) const {
        return source == now_.heard_source && now < now_.heard_until;
    }
    void attend_to_findings(TimePoint now, Effects& out);
    void await_findings(TimePoint now);
    Duration finding_lasts() const;

    // Timers.
    Duration own_down_interval() const;
    void advertise_on_schedule(TimePoint now, Effects& out);
    void announce_due(TimePoint now, Effects& out);
    void announce_anew(TimePoint now, Effects& out);
    void advertise_router(TimePoint now, Effects& out);
    void change_router_advertising(TimePoint now, const VirtualRouterConfig& before, Effects& out);
    void reannounce(TimePoint now, Effects& out);
    Transition why_master_is_down(TimePoint now) const;
    Transition why_leading(TimePoint now, Cause cause) const;

    // Doing.
    void send_advertisement(TimePoint now, std::uint8_t priority, Effects& out);
    void send_advertisement(TimePoint now, std::uint8_t priority, const MacAddress& source_mac, Effects& out);
    void add_to_all(wire::Advertisement advertisement, Effects& out) const;
    void add_frame(const wire::Advertisement& advertisement, Effects& out) const;
    void add_packet(const wire::Advertisement& advertisement, Effects& out) const;
    void authenticate(MutableBytes packet) const;
    std::uint64_t clock(TimePoint now) const {
        return sequence_at(now.time_since_epoch() + now_.clock_ahead);
    }
    // None: its interface is not known yet, or has it as its own, whoever is master.
    std::optional<Spot> spot(const VirtualRouterConfig& config, const IpAddress& address) const;
    const Elsewhere* elsewhere(const VirtualRouterConfig& config, const IpAddress& address) const;
    const Elsewhere* missing_place(const VirtualRouterConfig& config) const;
    bool holds_addresses() const { return now_.state == State::master || now_.trial != kNever; }
    void announce(const IpAddress& address, Effects& out) const; // a virtual one
    void announce(InterfaceId interface, const IpAddress& address, const MacAddress& mac, Effects& out) const;
    void send_router_advertisement(const wire::RouterAdvertisement& said, Effects& out);
    Duration spread(Duration from, Duration to) const;
    // What hosts reach the virtual addresses by.
    MacAddress answering_mac() const {
        return uses_virtual_mac() ? virtual_mac() : now_.standing.interface_mac;
    }
    std::optional<wire::VirtualMac> used_virtual_mac() const;
    void send_magic_packet(Effects& out) const;
    void take_addresses(Effects& out) const;
    void take_address(const IpPrefix& prefix, Effects& out) const;
    void release_address(const VirtualRouterConfig& config, const IpPrefix& prefix, Effects& out) const;
    void release_addresses(Effects& out) const;
    void announce_own_addresses(Effects& out) const;
    void note(const decltype(Event::what)& what, Effects& out) const;

    Standing standing(const VirtualRouterConfig& config, const InterfaceFacts& facts) const;

    VirtualRouterConfig config_;
    VirtualRouterIndex index_;
    InterfaceId interface_;
    std::vector<std::uint8_t> address_bytes_; // the addresses as the wire wants them
    Now now_;
    VirtualRouterCounters counters_;
    RateLimit put_backs_;
};

} // namespace vrrp
