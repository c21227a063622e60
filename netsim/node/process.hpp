// One vrrpd, as the machine's scheduler sees it.
#pragma once

#include "core/config/command_line.hpp"
#include "core/daemon/daemon.hpp"
#include "netsim/engine/drifting_clock.hpp"
#include "netsim/node/fake_checks.hpp"
#include "netsim/node/fake_scripts.hpp"
#include "netsim/node/sibling_network.hpp"
#include "netsim/node/simulated_nic.hpp"

#include <memory>

namespace vrrp::sim {

class Process;

enum class Crash : std::uint8_t {
    none,
    started_again, // soon, as its supervisor does
    stays_away
};

// Who watches what processes say and send.
class ProcessObserver {
  public:
    virtual ~ProcessObserver() = default;
    virtual void decided(const Process& process, const JournalEntry& entry) = 0;
    virtual void reconfigured() = 0; // what its virtual routers are, or where they stand in its router
    virtual void sent(const Process& process, std::uint16_t interface, BytesView frame) = 0;
    virtual void script_began(const Process& process, const ScriptCall& call, unsigned life) = 0;
    virtual void line_written(const Process& process, std::string_view line) = 0; // to its FIFO
    // Of a script whose vrrpd is gone: there is no journal to tell of it.
    virtual void orphan_ended(const Process& process, const ScriptCall& call,
                              const ScriptOutcome& outcome) = 0;
    // Asked before it is told of an advertisement or of its deadline.
    virtual Crash crashes(const Process& process) = 0;
};

// What a machine gives to its processes.
struct Surroundings {
    Kernel& kernel;
    SiblingNetwork& siblings;
    const ScriptHabits& script_habits;
    const CheckHabits& check_habits;
    const DriftingClock& clock;
    EventQueue& queue;
    ProcessObserver& observer;
};

// 1. Runs the real Daemon over the kernel's ports; between start() and its end router() is its router.
// 2. kill() runs none of its code: what it put on interfaces stays. A later start() of the same process
//    recognises that as its own and clears it away first.
// 3. Frozen, it is told nothing. Thawed, its event loop finds the timer first, and then the rest: what counts
//    before it is the daemon's affair.
// 4. Where its observer says so it crashes instead of hearing an advertisement or waking at its deadline. It may be
//    started again kStartedAgain later. What siblings, interfaces and
//    scripts tell it, it lives to see.
class Process final : public Actor,
                      private Clock,
                      private Journal,
                      private SiblingBus,
                      private ScriptRunner,
                      private Fifo,
                      private Checks,
                      private FrameObserver,
                      private SiblingSocket,
                      private ScriptParent,
                      private CheckParent {
  public:
    static constexpr Duration kStartedAgain = std::chrono::seconds(1);

    Process(RouterConfig config, std::string directory, HolderId id, const Surroundings& surroundings);

    void start();
    void stop(); // in order
    void kill();
    // As `atropos --restart`: what it put on interfaces stays, and its successor is there a little later.
    void restart();
    void set_restart_time(Duration time) { restart_time_ = time; }
    void power_lost();
    void freeze();
    void thaw();
    // As the start with that configuration would be; while it does not run it is the next start's.
    void reload(const RouterConfig& config);
    void set_priority(std::uint8_t vrid, std::uint8_t priority);
    void check_changed(const std::string& name);
    void command(Command command);           // to all of its virtual routers
    void answer(const std::string& request); // of its control socket; nothing while it cannot
    void clock_changed();                    // its rate
    void clock_set();

    bool running() const { return daemon_ != nullptr; }
    bool frozen() const { return frozen_; }
    HolderId id() const { return id_; }
    const RouterConfig& config() const { return config_; }
    // It was, or is, in its configuration.
    bool has_ever_had(const IpAddress& virtual_address) const;
    const std::string& directory() const { return directory_; } // its runtime directory
    const Kernel& kernel() const { return kernel_; }
    const Router* router() const { return daemon_ ? &daemon_->router() : nullptr; }
    bool has(std::uint8_t vrid) const;
    // How long its words take to reach its siblings.
    Duration sibling_delay() const { return siblings_.longest_delay(); }

    void on_event(const QueueEvent& event) override;

  private:
    TimePoint now() const override { return clock_.local(queue_.now()); }
    Duration ahead() const override { return clock_.ahead(); }
    void wake_at(TimePoint deadline, bool exact) override;

    void write(const JournalEntry& entry) override { observer_.decided(*this, entry); }
    void deliver_waiting() override { siblings_.thaw(place_); }
    void tell(VirtualRouterIndex from, const SiblingStatus& status) override;
    void run(const ScriptCall& call) override { scripts_.run(call); }
    NicResult write_line(std::string_view line) override;
    void start(TrackIndex track, const TrackConfig& config) override { checks_.start(track, config); }
    void stop(TrackIndex track) override { checks_.stop(track); }

    void sent(std::uint16_t interface, BytesView frame) override { observer_.sent(*this, interface, frame); }
    bool dies_before_advertisement() override;
    void sibling_said(SiblingId id, const SiblingStatus& status) override;
    void sibling_gone(SiblingId id) override;
    void script_began(const ScriptCall& call, unsigned life) override;
    void script_ended(const ScriptCall& call, const ScriptOutcome& outcome) override;
    void orphan_ended(const ScriptCall& call, const ScriptOutcome& outcome) override;
    void checked(const Checked& result) override { daemon_->give(result); }

    bool finds_its_interfaces() const;
    bool crashes();
    void crash(Crash crash);
    void forget();
    void stay_away();

    RouterConfig config_;
    std::vector<VirtualRouterConfig> former_; // of configurations before
    std::string directory_;
    HolderId id_;
    Kernel& kernel_;
    SiblingNetwork& siblings_;
    EventQueue& queue_;
    ProcessObserver& observer_;
    const DriftingClock& clock_;
    SiblingPlace place_;
    const ScriptHabits& script_habits_;
    FakeScripts scripts_;
    FakeChecks checks_;
    Timer timer_;
    Timer return_; // after a restart
    Duration restart_time_ = std::chrono::milliseconds(30);
    Handover left_; // by a process that was restarted
    std::unique_ptr<Daemon> daemon_;
    std::unique_ptr<SimulatedNic> nic_; // while there is a daemon
    TimePoint wake_at_ = kNever;        // by the machine's clock
    bool frozen_ = false;
    Crash dying_ = Crash::none; // at the next event
    bool reloaded_ = false;     // its router may have other places than a new one
    bool deadline_missed_ = false, clock_set_missed_ = false; // while frozen
};

} // namespace vrrp::sim
