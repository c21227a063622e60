// One production process: a Daemon, and the real ports around it.
#pragma once

#include "backends/checks/linux_checks.hpp"
#include "backends/control/control_server.hpp"
#include "backends/control/sibling_bus.hpp"
#include "backends/interfaces/linux_nic.hpp"
#include "backends/runtime/asio_clock.hpp"
#include "backends/runtime/daemonize.hpp"
#include "backends/runtime/directory_watch.hpp"
#include "backends/runtime/instance_lock.hpp"
#include "backends/runtime/log_journal.hpp"
#include "backends/runtime/realtime.hpp"
#include "backends/scripts/notify_fifo.hpp"
#include "backends/scripts/script_runner.hpp"
#include "core/config/configuration.hpp"
#include "core/daemon/control.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

namespace vrrp {

inline constexpr int kExitUsage = 2; // also: cannot start here, and nothing is left behind

// How this process was called, so that it can be once more.
struct Invocation {
    std::filesystem::path program; // where the next version of it will be
    std::vector<std::string> arguments;
    std::filesystem::path directory; // that the names of files are relative to
    // Reads the configuration, as at the start.
    std::function<config::Parsed<config::Configuration>()> read_again{};
};

// 1. open() takes what only one process can have; on an error nothing has been started and nothing is left.
// 2. run() returns when the process was asked to end, its addresses are gone and its last script has ended.
// 3. Signals as in the original: TERM, INT, QUIT end it in order; USR1 writes the state file, USR2 backs up, TTIN
//    reduces and TTOU increases the priority. HUP makes it read its configuration file again; without one it ends it in
//    the foreground and is ignored elsewhere. A second one while it ends does not wait for scripts; none cuts the
//    clean-up short. One that comes before run() counts then.
// 4. A configuration that is wrong, or does not fit this machine, changes nothing.
class VrrpdProcess {
  public:
    static tl::expected<std::unique_ptr<VrrpdProcess>, NicError> open(const config::Configuration& line,
                                                                      Invocation invocation);
    ~VrrpdProcess();
    VrrpdProcess(const VrrpdProcess&) = delete;
    VrrpdProcess& operator=(const VrrpdProcess&) = delete;

    int run(backend::Readiness& readiness);

  private:
    VrrpdProcess(const config::Configuration& line, Invocation invocation);
    // Those that it does not have yet; where one cannot be had, none.
    tl::expected<void, NicError> take_places(const RouterConfig& router, Duration patience);
    tl::expected<void, NicError> make_directory() const;
    tl::expected<void, NicError> open_ports();
    tl::expected<void, NicError> open_control();
    tl::expected<void, NicError> let_read(const std::string& group);
    tl::expected<std::unique_ptr<backend::NotifyFifo>, NicError> open_fifo(const RouterConfig& router) const;
    tl::expected<void, NicError> learn_users(const RouterConfig& router);
    void watch_places();
    void put_back_places();
    tl::expected<void, NicError> put_back_files();
    void take_signals();
    void on_signal(int number);
    // vrrpd_reload.cpp
    using Changes = std::vector<std::string>;
    tl::expected<Changes, std::string> reload(bool dry_run);
    tl::expected<config::Configuration, std::string> read_and_check() const;
    tl::expected<void, NicError> take(const config::Configuration& next);
    void begin_realtime();
    void want_realtime(bool wanted);
    void leave_places();
    // vrrpd_restart.cpp
    void restart();
    void check_successor();
    void leave_when_idle();
    void leave_to_successor();
    [[noreturn]] void become_successor();
    void refuse_restart(const std::string& why);
    Handover left_before();
    void command_all(Command command);
    void write_state();
    std::filesystem::path state_file() const;
    void pat_watchdog();

    // To the log, and to who watches.
    class PublishedJournal final : public Journal {
      public:
        explicit PublishedJournal(VrrpdProcess& process) : process_(process) {}
        void write(const JournalEntry& entry) override;

      private:
        VrrpdProcess& process_;
    };

    // Who removes the runtime directory with all that is in it gets through with it first.
    static constexpr std::chrono::milliseconds kPutBackAfter{100};

    // What one virtual router of this machine can have only once.
    struct Place {
        backend::PidFile pid_file;
        backend::InstanceLock lock;
    };

    RouterConfig router_;
    Invocation invocation_;
    bool foreground_;
    std::filesystem::path directory_;
    std::string control_group_; // whose members may read; empty: nobody's
    std::optional<gid_t> control_gid_;
    ProcessFacts facts_;
    boost::asio::io_context io_{1};
    // Goes last: without it a second signal would kill us in the middle of the clean-up.
    boost::asio::signal_set signals_{io_};
    std::shared_ptr<spdlog::logger> logger_;
    backend::Realtime realtime_{io_, logger_};
    bool wants_realtime_;
    std::map<std::string, Place> places_taken_; // by instance
    std::string instance_;                      // that its control socket is called after
    Daemon daemon_;
    std::unique_ptr<backend::LinuxNic> nic_;
    std::unique_ptr<backend::UnixSiblingBus> bus_; // none where no group is shared
    backend::LinuxScriptRunner scripts_;
    std::unique_ptr<backend::NotifyFifo> fifo_; // where one is asked for
    backend::LinuxChecks checks_{io_, daemon_};
    std::unique_ptr<backend::ControlServer> control_;
    backend::AsioClock clock_;
    PublishedJournal journal_{*this};
    backend::DirectoryWatch places_{io_, directory_, backend::DirectoryWatch::Changes::removals,
                                    kPutBackAfter, [this] { put_back_places(); }};
    std::shared_ptr<backend::RunningScript> successor_check_; // while it runs
    boost::asio::steady_timer until_idle_{io_};
    enum class Ending : std::uint8_t { orderly, as_successor, for_successor };
    Ending ending_ = Ending::orderly;
    boost::asio::steady_timer watchdog_{io_};
    std::chrono::microseconds watchdog_interval_{};
};

} // namespace vrrp
