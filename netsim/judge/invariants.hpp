// What must hold in every run, whatever strikes.
#pragma once

#include "netsim/node/node.hpp"
#include "netsim/node/speaker.hpp"

#include <deque>
#include <map>

namespace vrrp::sim {

enum class Invariant : std::uint8_t {
    two_masters,             // two masters of one virtual router that can hear one another
    no_master,               // a fit virtual router, or group, stays backup although it hears no master
    no_rest,                 // a virtual router changes its master again and again although nothing happens
    no_service,              // a host's gateway does not answer although a fit router could be master
    split_group,             // of one machine's group a part is master, and a part is not
    address_without_mastery, // a living process holds an address or a virtual MAC and is not its master
    mastery_without_address, // a master does not hold its addresses
    unreadable_frame,        // a vrrpd sent a frame that does not decode
    left_behind,             // after an orderly stop something of the process is still there
    script_order             // a virtual router's two scripts do not take turns
};
inline constexpr std::size_t kInvariants = 10;
const char* name(Invariant);
const char* meaning(Invariant); // one sentence for the manual
std::optional<Invariant> parse_invariant(std::string_view name);

class ViolationObserver {
  public:
    virtual ~ViolationObserver() = default;
    // `subject` is what it is about, whoever tells it: "51", "r1", "r1 51".
    virtual void violated(Invariant invariant, const std::string& who, const std::string& subject,
                          const std::string& text) = 0;
};

// 1. touch() after anything that may change who is master or who hears whom; settle() when the event is over.
// 2. What may hold for a moment is judged by a bound: one advertisement interval for two masters, the
//    Master_Down_Interval for none, a second for a group; each with some slack, and every fault gives it
//    anew.
// 3. A frozen process takes no part, nor does one behind a lossy port.
// 4. Each violation is told once until it is over.
// 5. A plain router is judged by none of them, but as a master it is one to a vrrpd that hears it; so is a host
//    that advertises.
// 6. Rest and service are judged only where nothing excuses their absence: no loss, no one-way fault, no
//    stranger, no plain router. Answers that come and go, and masters that do, restart no clock.
class Invariants final : public Actor {
  public:
    static constexpr Duration kGrace = std::chrono::milliseconds(10); // for a rival to act
    static constexpr Duration kSplitBound = std::chrono::seconds(1);
    static constexpr Duration kServiceGrace = std::chrono::seconds(2); // beside two Master_Down_Intervals
    static constexpr unsigned kTakeoversInPeace = 4;                   // of a virtual router, for each member

    Invariants(EventQueue& queue, ViolationObserver& observer)
        : queue_(queue), observer_(observer), timer_(queue, EventClass::command, *this, 0) {}

    void watch(const Process& process);
    void watch(const PlainRouter& router);
    void watch_anew(); // all of them: a configuration has changed, which is a fault like any other
    void watch(const Speaker& speaker);
    void watch(const Probe& probe); // of a host's gateway
    void switch_off(Invariant invariant) { off_[static_cast<std::size_t>(invariant)] = true; }

    void touch(bool fault) { touched_ = true, fault_ = fault_ || fault; }
    void settle() {
        if (touched_) check();
    }
    void sent_unreadable(const Process& process, BytesView frame);
    void stopped(const Process& process);
    void script_began(const Process& process, const ScriptCall& call, unsigned life);
    void lost(const Probe& probe);
    void answered_again(const Probe& probe);

    void on_event(const QueueEvent& event) override;

  private:
    struct Election;
    struct Team;
    struct Member {
        const Process* process;
        std::uint16_t virtual_router; // its place in the configuration
        VirtualRouterIndex handle;    // and in the router
        std::uint16_t interface;      // the kernel's
        const Election* election;
        const Team* team = nullptr;
        std::uint64_t took_over = 0;     // how often, when that was last looked at
        TimePoint lonely_since = kNever; // backup, no master in reach
        bool told_lonely = false, told_address = false, told_mastery = false;
    };
    struct Election {               // the members of one virtual router on one network
        std::deque<Member> members; // a deque: teams hold on to them
        std::vector<const PlainRouter*> plain_routers;
        TimePoint rivals_since = kNever;
        std::uint64_t takeovers = 0; // since something last happened
        bool told_rivals = false, told_unrest = false;
    };
    struct Team { // the members of a group on one machine
        unsigned minimum = 1;
        std::vector<Member*> members;
        TimePoint split_since = kNever;
        bool told_split = false, told_lonely = false;
    };
    struct Service { // of a gateway to a host
        const Probe* probe;
        bool lost = false, told = false;
        TimePoint unserved_since = kNever; // although it could be served
        TimePoint answered_since{};
    };
    struct LastScript {    // of one virtual router
        unsigned life = 0; // of its process
        ScriptKind kind = ScriptKind::master;
    };
    // The network's name, so that the order is that of the scenario and not of memory.
    using ElectionKey = std::tuple<std::string, IpFamily, std::uint8_t>;
    // The machine, where its group lives (a directory, or one process), and its name.
    using TeamKey = std::tuple<std::string, std::string, std::string>;

    void enrol(const Process& process);
    void enrol(const PlainRouter& router);
    void check();
    void check_rivals(Election& election);
    void check_lonely(Election& election);
    void check_addresses(Member& member);
    void join_team(Member& member);
    void check_team(Team& team);
    void check_split(Team& team, std::size_t present);
    void check_lonely(Team& team, std::size_t present);
    static bool joined(const Member& member, TimePoint now);
    void check_rest(Election& election);
    void check_service(Service& service);
    bool undisturbed(const Election& election) const;
    bool can_lead(const Team& team) const;
    static bool misses_somebody(const Member& member);
    const Election* election_of(const Service& service) const;
    static unsigned minimum(const Member& member);
    static bool fit(const Member& member);
    static const Kernel::Interface& interface_of(const Member& member, const IpAddress& address);
    static bool reaches_host(const Member& member, const Service& service);
    static bool misled(const Election& election, const Service& service);
    static Duration longest_patience(const Election& election);
    void await(TimePoint deadline);
    static bool takes_part(const Member& member);
    static const VirtualRouter& virtual_router(const Member& member);
    static Duration slack(const Member& member);
    static Duration patience(const Member& member);
    static bool hears(const Member& member, const Member& other);
    static bool are_apart(const Member& member, const Member& other);
    static bool hears(const Member& member, const PlainRouter& other);
    static bool hears(const Member& member, const Speaker& other);
    bool hears_master(const Election& election, const Member& member) const;
    void tell(Invariant invariant, const Process& process, const std::string& subject,
              const std::string& text);

    EventQueue& queue_;
    ViolationObserver& observer_;
    Timer timer_;
    std::array<bool, kInvariants> off_{};
    std::vector<const Process*> processes_;
    std::vector<const PlainRouter*> plain_routers_;
    std::map<ElectionKey, Election> elections_;
    std::map<TeamKey, Team> teams_;
    std::vector<Service> services_;
    std::vector<const Speaker*> speakers_;
    std::map<std::tuple<std::string, HolderId, VirtualRouterIndex>, LastScript> last_scripts_;
    bool touched_ = false;
    bool fault_ = false;
};

} // namespace vrrp::sim
