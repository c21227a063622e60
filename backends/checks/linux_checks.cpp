#include "backends/checks/linux_checks.hpp"

#include "backends/runtime/runtime_directory.hpp"
#include "backends/scripts/script_check.hpp"
#include "backends/scripts/script_process.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;

std::string failure(const char* what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

} // namespace

struct LinuxChecks::Run {
    Run(asio::io_context& io, TrackIndex which) : track(which), end(io), limit(io) {}
    TrackIndex track;
    ScriptCall call{};
    Duration timeout{};
    pid_t pid = 0;
    FileDescriptor report; // why it could not become the script
    bool killed = false;
    bool ended = false;                 // its pid may be somebody else's
    asio::posix::stream_descriptor end; // a pidfd: readable when the process has ended
    asio::steady_timer limit;
};

LinuxChecks::~LinuxChecks() {
    for (const auto& [track, run] : running_)
        if (run->pid != 0 && !run->ended) ::kill(-run->pid, SIGKILL);
}

void LinuxChecks::start(TrackIndex track, const TrackConfig& config) {
    if (const auto* script = std::get_if<ScriptCheck>(&config.check)) start(track, *script, config);
    if (const auto* tcp = std::get_if<TcpCheck>(&config.check)) start(track, *tcp, config);
}

// --- TCP ports

namespace {

asio::ip::tcp::endpoint endpoint_of(const TcpCheck& check) {
    return {asio::ip::make_address(to_string(check.address)), check.port};
}

struct Connection {
    explicit Connection(asio::io_context& io) : socket(io), limit(io) {}
    asio::ip::tcp::socket socket;
    asio::steady_timer limit;
    bool timed_out = false;
};

} // namespace

void LinuxChecks::start(TrackIndex track, const TcpCheck& check, const TrackConfig& config) {
    const auto connection = std::make_shared<Connection>(io_);
    connection->limit.expires_after(config.timeout);
    connection->limit.async_wait([connection](boost::system::error_code error) {
        if (error) return;
        connection->timed_out = true;
        boost::system::error_code ignored;
        connection->socket.close(ignored);
    });
    connection->socket.async_connect(
        endpoint_of(check), [this, alive = std::weak_ptr(alive_), connection, track,
                             timeout = config.timeout](boost::system::error_code error) {
            connection->limit.cancel();
            boost::system::error_code ignored;
            connection->socket.close(ignored); // now, and not when the last handler has gone
            if (alive.expired()) return;
            std::string reason = !error                  ? "it accepts"
                                 : connection->timed_out ? "no answer within " + to_string(timeout)
                                                         : error.message();
            inbox_.give(Checked{track, !error, std::move(reason)});
        });
}

// --- Programs

void LinuxChecks::start(TrackIndex track, const ScriptCheck& check, const TrackConfig& config) {
    const auto run = std::make_shared<Run>(io_, track);
    running_[track] = run;
    const auto started = start(run, check, config);
    if (started) return;
    asio::post(io_, [this, alive = std::weak_ptr(alive_), run, why = "not run: " + started.error()] {
        if (!alive.expired()) finish(run, false, why); // never from within start()
    });
}

tl::expected<void, std::string> LinuxChecks::start(const std::shared_ptr<Run>& run, const ScriptCheck& check,
                                                   const TrackConfig& config) {
    const auto program = check_script(check.path);
    if (!program) return tl::unexpected(program.error());
    const FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (!nowhere) return tl::unexpected(failure("/dev/null"));
    run->call = {
        .path = check.path, .arguments = check.arguments, .environment = {"VRRP_CHECK=" + config.name}};
    auto child = start_process(*program, run->call, nullptr, nowhere.get());
    if (!child) return tl::unexpected(child.error());
    FileDescriptor end(static_cast<int>(::syscall(SYS_pidfd_open, child->pid, 0)));
    if (!end) {
        const std::string why = failure("pidfd_open");
        ::kill(-child->pid, SIGKILL);
        ::waitpid(child->pid, nullptr, 0);
        return tl::unexpected(why);
    }
    run->pid = child->pid;
    run->report = std::move(child->report);
    run->timeout = config.timeout;
    run->end.assign(end.release());
    wait_for_end(run);
    wait_for_limit(run, config.timeout);
    return {};
}

void LinuxChecks::wait_for_end(const std::shared_ptr<Run>& run) {
    run->end.async_wait(asio::posix::stream_descriptor::wait_read, [this, alive = std::weak_ptr(alive_),
                                                                    run](boost::system::error_code error) {
        if (error) return;
        int status = 0;
        const pid_t ended = ::waitpid(run->pid, &status, WNOHANG);
        if (alive.expired()) return;
        if (ended == 0) return wait_for_end(run);
        if (ended < 0) return finish(run, false, failure("its end was not seen"));
        if (const auto why = why_not_started(run->report, run->call))
            return finish(run, false, "not run: " + *why);
        if (run->killed) return finish(run, false, "it took longer than " + to_string(run->timeout));
        if (WIFSIGNALED(status))
            return finish(run, false, fmt::format("ended by signal {}", WTERMSIG(status)));
        finish(run, WEXITSTATUS(status) == 0, fmt::format("exit status {}", WEXITSTATUS(status)));
    });
}

void LinuxChecks::wait_for_limit(const std::shared_ptr<Run>& run, Duration timeout) {
    run->limit.expires_after(timeout);
    run->limit.async_wait([run](boost::system::error_code error) {
        if (error || run->ended) return;
        run->killed = true;
        ::kill(-run->pid, SIGKILL);
    });
}

void LinuxChecks::finish(const std::shared_ptr<Run>& run, bool ok, std::string reason) {
    run->ended = true;
    run->limit.cancel();
    running_.erase(run->track);
    inbox_.give(Checked{run->track, ok, std::move(reason)});
}

} // namespace vrrp::backend
