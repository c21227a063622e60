// vrrpd: one process of the production daemon. All that it decides is in core; here the ports are put
// together.
#include "backends/asio_clock.hpp"
#include "backends/control_server.hpp"
#include "backends/daemonize.hpp"
#include "backends/linux_nic.hpp"
#include "backends/log_journal.hpp"
#include "core/config/command_line.hpp"
#include "core/daemon/status.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cap-ng.h>
#include <csignal>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

namespace {

using namespace vrrp;
using backend::Readiness;

constexpr int kExitUsage = 2; // also: cannot start here, and nothing is left behind

int refuse(Readiness& readiness, const std::string& why) {
    fmt::print(stderr, "vrrpd: {}\n", why);
    readiness.failed(kExitUsage);
    return kExitUsage;
}

bool may_do_this() {
    capng_get_caps_process();
    return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) == 1 &&
           capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW) == 1;
}

// systemd's watchdog: as long as the event loop turns, we live.
class Watchdog {
  public:
    explicit Watchdog(boost::asio::io_context& io) : timer_(io) {
        std::uint64_t microseconds = 0;
        if (::sd_watchdog_enabled(0, &microseconds) > 0) pat(std::chrono::microseconds(microseconds) / 2);
    }

  private:
    void pat(std::chrono::microseconds every) {
        ::sd_notify(0, "WATCHDOG=1");
        timer_.expires_after(every);
        timer_.async_wait([this, every](boost::system::error_code error) {
            if (!error) pat(every);
        });
    }
    boost::asio::steady_timer timer_;
};

int run(const config::CommandLine& line, Readiness& readiness) {
    const std::filesystem::path directory = line.process.directory;
    const std::string instance = backend::instance_name(line.router.virtual_routers.front());
    if (const auto made = backend::make_runtime_directory(directory); !made)
        return refuse(readiness, made.error().message);
    const auto pid_file = backend::PidFile::take(directory, instance);
    if (!pid_file) return refuse(readiness, pid_file.error().message);

    boost::asio::io_context io(1);
    const auto logger = backend::make_logger(line.process.foreground ? backend::LogTarget::standard_error
                                                                     : backend::LogTarget::syslog);
    auto nic = backend::LinuxNic::open(io, line.router, backend::ArpRules(directory), logger);
    if (!nic) return refuse(readiness, nic.error().message);
    backend::LogJournal journal(logger);
    Daemon* running = nullptr;
    backend::AsioClock clock(io, [&] {
        (*nic)->drain_captures();
        running->deadline_reached();
    });
    Daemon daemon(line.router, {clock, **nic, journal});
    running = &daemon;
    (*nic)->deliver_to(daemon);

    const auto answer = [&](const std::string& request) -> tl::expected<std::string, std::string> {
        if (request == "state") return status_json(daemon.router(), clock.now());
        return tl::unexpected(fmt::format("no request '{}': there is state", request));
    };
    const auto control = backend::ControlServer::open(io, directory / (instance + ".sock"), answer);
    if (!control) return refuse(readiness, control.error().message);

    // Their default would end us without cleaning up: a closed stderr, and signals that mean nothing here.
    for (const int harmless : {SIGPIPE, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU})
        std::signal(harmless, SIG_IGN);
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    if (line.process.foreground)
        signals.add(SIGHUP); // the terminal is gone
    else
        std::signal(SIGHUP, SIG_IGN);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) io.stop();
    });
    const Watchdog watchdog(io);
    if (const auto started = daemon.start(); !started) return refuse(readiness, started.error().message);
    readiness.ready();
    io.run();

    ::sd_notify(0, "STOPPING=1");
    daemon.stop();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const auto parsed = config::parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
    if (!parsed) {
        fmt::print(stderr, "vrrpd: {}\n", parsed.error().message);
        return kExitUsage;
    }
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return 0;
    }
    config::CommandLine line = std::get<config::CommandLine>(*parsed);
    line.process.directory =
        std::filesystem::absolute(line.process.directory); // a daemon leaves its directory
    Readiness readiness = Readiness::in_foreground();
    if (!may_do_this())
        return refuse(readiness, "needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW: run it as root");
    if (!line.process.foreground) {
        auto daemon = Readiness::become_daemon();
        if (!daemon) return refuse(readiness, daemon.error().message);
        readiness = std::move(*daemon);
    }
    const int status = run(line, readiness);
    spdlog::shutdown();
    return status;
}
