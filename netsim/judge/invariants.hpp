// What must hold in every run, whatever strikes.
#pragma once

#include "netsim/node/node.hpp"

#include <deque>
#include <map>

namespace vrrp::sim {

enum class Invariant : std::uint8_t {
    two_masters,             // two masters of one virtual router that can hear one another
    no_master,               // a fit virtual router, or group, stays backup although it hears no master
    split_group,             // of one machine's group a part is master, and a part is not
    address_without_mastery, // a living process holds an address or a virtual MAC and is not its master
    mastery_without_address, // a master does not hold its addresses
    unreadable_frame,        // a vrrpd sent a frame that does not decode
    left_behind,             // after an orderly stop something of the process is still there
    script_order             // a virtual router's two scripts do not take turns
};
inline constexpr std::size_t kInvariants = 8;
const char* name(Invariant);
const char* meaning(Invariant); // one sentence for the manual
std::optional<Invariant> parse_invariant(std::string_view name);

class ViolationObserver {
  public:
    virtual ~ViolationObserver() = default;
    virtual void violated(Invariant invariant, const std::string& who, const std::string& text) = 0;
};

// 1. touch() after anything that may change who is master or who hears whom; settle() when the event is over.
// 2. What may hold for a moment is judged by a bound: one advertisement interval for two masters, the
//    Master_Down_Interval for none, a second for a group; each with some slack, and every fault gives it
//    anew.
// 3. A frozen process takes no part, nor does one behind a lossy port.
// 4. Each violation is told once until it is over.
// 5. A plain router is judged by none of them, but as a master it is one to a vrrpd that hears it.
class Invariants final : public Actor {
  public:
    static constexpr Duration kGrace = std::chrono::milliseconds(10); // for a rival to act
    static constexpr Duration kSplitBound = std::chrono::seconds(1);

    Invariants(EventQueue& queue, ViolationObserver& observer)
        : queue_(queue), observer_(observer), timer_(queue, EventClass::command, *this, 0) {}

    void watch(const Process& process);
    void watch(const PlainRouter& router);
    void switch_off(Invariant invariant) { off_[static_cast<std::size_t>(invariant)] = true; }

    void touch(bool fault) { touched_ = true, fault_ = fault_ || fault; }
    void settle() {
        if (touched_) check();
    }
    void sent_unreadable(const Process& process, BytesView frame);
    void stopped(const Process& process);
    void script_began(const Process& process, const ScriptCall& call, unsigned life);

    void on_event(const QueueEvent& event) override;

  private:
    struct Member {
        const Process* process;
        std::uint16_t virtual_router;    // its index
        std::uint16_t interface;         // the kernel's
        TimePoint lonely_since = kNever; // backup, no master in reach
        bool told_lonely = false, told_address = false, told_mastery = false;
    };
    struct Election {               // the members of one virtual router on one network
        std::deque<Member> members; // a deque: teams hold on to them
        std::vector<const PlainRouter*> plain_routers;
        TimePoint rivals_since = kNever;
        bool told_rivals = false;
    };
    struct Team { // the members of a group on one machine
        unsigned minimum = 1;
        std::vector<Member*> members;
        TimePoint split_since = kNever;
        bool told_split = false, told_lonely = false;
    };
    struct LastScript {    // of one virtual router
        unsigned life = 0; // of its process
        bool master = false;
    };
    // The network's name, so that the order is that of the scenario and not of memory.
    using ElectionKey = std::tuple<std::string, IpFamily, std::uint8_t>;
    // The machine, where its group lives (a directory, or one process), and its name.
    using TeamKey = std::tuple<std::string, std::string, std::string>;

    void check();
    void check_rivals(Election& election);
    void check_lonely(Election& election);
    void check_addresses(Member& member);
    void join_team(Member& member);
    void check_team(Team& team);
    void check_split(Team& team, std::size_t present);
    void check_lonely(Team& team, std::size_t present);
    static bool joined(const Member& member, TimePoint now);
    void await(TimePoint deadline);
    static bool takes_part(const Member& member);
    static const VirtualRouter& virtual_router(const Member& member);
    static Duration slack(const Member& member);
    static Duration patience(const Member& member);
    static bool hears(const Member& member, const Member& other);
    static bool hears(const Member& member, const PlainRouter& other);
    static bool hears_master(const Election& election, const Member& member);
    void tell(Invariant invariant, const Process& process, const std::string& text);

    EventQueue& queue_;
    ViolationObserver& observer_;
    Timer timer_;
    std::array<bool, kInvariants> off_{};
    std::map<ElectionKey, Election> elections_;
    std::map<TeamKey, Team> teams_;
    std::map<std::tuple<std::string, HolderId, VirtualRouterIndex>, LastScript> last_scripts_;
    bool touched_ = false;
    bool fault_ = false;
};

} // namespace vrrp::sim
