#include "backends/checks/linux_checks.hpp"

#include "backends/runtime/runtime_directory.hpp"
#include "backends/scripts/running_script.hpp"
#include "backends/scripts/script_check.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;

Checked checked(TrackIndex track, const RunningScript::End& end, Duration timeout) {
    if (!end.unseen.empty()) return {track, false, end.unseen};
    if (end.not_started) return {track, false, "not run: " + *end.not_started};
    if (end.killed) return {track, false, "it took longer than " + to_string(timeout)};
    if (WIFSIGNALED(end.status))
        return {track, false, fmt::format("ended by signal {}", WTERMSIG(end.status))};
    return {track, WEXITSTATUS(end.status) == 0, fmt::format("exit status {}", WEXITSTATUS(end.status))};
}

} // namespace

LinuxChecks::~LinuxChecks() {
    for (const auto& [track, script] : running_)
        script->kill();
}

void LinuxChecks::start(TrackIndex track, const TrackConfig& config) {
    runs_[track] = std::make_shared<char>();
    if (const auto* script = std::get_if<ScriptCheck>(&config.check)) start(track, *script, config);
    if (const auto* tcp = std::get_if<TcpCheck>(&config.check)) start(track, *tcp, config);
}

void LinuxChecks::stop(TrackIndex track) {
    runs_.erase(track);
    if (const auto script = running_.extract(track)) script.mapped()->kill();
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
        endpoint_of(check), [this, run = std::weak_ptr(runs_[track]), connection, track,
                             timeout = config.timeout](boost::system::error_code error) {
            connection->limit.cancel();
            boost::system::error_code ignored;
            connection->socket.close(ignored); // now, and not when the last handler has gone
            if (run.expired()) return;
            std::string reason = !error                  ? "it accepts"
                                 : connection->timed_out ? "no answer within " + to_string(timeout)
                                                         : error.message();
            inbox_.give(Checked{track, !error, std::move(reason)});
        });
}

// --- Programs

void LinuxChecks::start(TrackIndex track, const ScriptCheck& check, const TrackConfig& config) {
    const auto started = start_program(track, check, config);
    if (started) return;
    asio::post(io_, [this, run = std::weak_ptr(runs_[track]), track, why = "not run: " + started.error()] {
        if (!run.expired()) inbox_.give(Checked{track, false, why}); // never from within start()
    });
}

tl::expected<void, std::string> LinuxChecks::start_program(TrackIndex track, const ScriptCheck& check,
                                                           const TrackConfig& config) {
    const auto program = check_script(check.path);
    if (!program) return tl::unexpected(program.error());
    const FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (!nowhere) return tl::unexpected(fmt::format("/dev/null: {}", std::strerror(errno)));
    const ScriptCall call{
        .path = check.path, .arguments = check.arguments, .environment = {"VRRP_CHECK=" + config.name}};
    auto script = RunningScript::start(io_, *program, call, nullptr, nowhere.get(), config.timeout,
                                       [this, run = std::weak_ptr(runs_[track]), track,
                                        timeout = config.timeout](const RunningScript::End& end) {
                                           if (run.expired()) return;
                                           running_.erase(track);
                                           inbox_.give(checked(track, end, timeout));
                                       });
    if (!script) return tl::unexpected(script.error());
    running_[track] = *std::move(script);
    return {};
}

} // namespace vrrp::backend
