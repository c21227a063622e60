#include "backends/checks/linux_checks.hpp"

#include "backends/checks/file_watch.hpp"
#include "backends/checks/process_watch.hpp"
#include "backends/checks/route_watch.hpp"
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
#include <random>
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

LinuxChecks::LinuxChecks(asio::io_context& io, Inbox& inbox) : io_(io), inbox_(inbox) {
    std::random_device random;
    next_mark_ = {.identifier = static_cast<std::uint16_t>(random()),
                  .sequence = 0,
                  .data = std::uint64_t{random()} << 32 | random()};
}

LinuxChecks::~LinuxChecks() {
    for (const auto& [track, script] : running_)
        script->kill();
    for (const auto& [track, ping] : pings_)
        ping->stop();
}

void LinuxChecks::start(TrackIndex track, const TrackConfig& config) {
    runs_[track] = std::make_shared<char>();
    std::visit([&](const auto& check) { start(track, check, config); }, config.check);
}

tl::expected<void, std::string> LinuxChecks::learn_user(const std::string& name) {
    return users_.find(name).map([](const ScriptUser*) {});
}

// Never from within start().
void LinuxChecks::tell_later(TrackIndex track, std::string failure) {
    asio::post(io_, [this, run = std::weak_ptr(runs_[track]), track, why = std::move(failure)] {
        if (!run.expired()) inbox_.give(Checked{track, false, why});
    });
}

// --- Addresses that answer

void LinuxChecks::start(TrackIndex track, const PingCheck& check, const TrackConfig& config) {
    ++next_mark_.sequence;
    auto question = check.neighbour ? ask_neighbour(check) : ask_by_echo(check, next_mark_);
    if (!question) return tell_later(track, question.error());
    pings_[track] = Ping::start(io_, *std::move(question), config.timeout,
                                [this, track](bool ok, const std::string& reason) {
                                    pings_.erase(track);
                                    inbox_.give(Checked{track, ok, reason});
                                });
}

// --- Those that tell by themselves

std::function<void(bool ok, const std::string& reason, int number)> LinuxChecks::news_of(TrackIndex track) {
    const auto told = std::make_shared<std::optional<Checked>>();
    return [this, track, told](bool ok, const std::string& reason, int number) {
        if (*told && (*told)->ok == ok && (*told)->reason == reason && (*told)->number == number) return;
        *told = Checked{track, ok, reason, number};
        inbox_.give(Checked(**told));
    };
}

void LinuxChecks::start(TrackIndex track, const ProcessCheck& check, const TrackConfig&) {
    watches_[track] = std::make_shared<ProcessWatch>(
        io_, check, [tell = news_of(track)](bool runs, const std::string& reason) { tell(runs, reason, 0); });
}

void LinuxChecks::start(TrackIndex track, const RouteCheck& check, const TrackConfig&) {
    watches_[track] = std::make_shared<RouteWatch>(
        io_, check,
        [tell = news_of(track)](bool there, const std::string& reason) { tell(there, reason, 0); });
}

void LinuxChecks::start(TrackIndex track, const FileCheck& check, const TrackConfig&) {
    watches_[track] =
        std::make_shared<FileWatch>(io_, check.path, [tell = news_of(track), path = check.path] {
            const auto number = read_number(path, -kMaxWeight, kMaxWeight);
            tell(number.has_value(), number ? fmt::format("it says {}", *number) : number.error(),
                 number.value_or(0));
        });
}

void LinuxChecks::stop(TrackIndex track) {
    runs_.erase(track);
    watches_.erase(track);
    if (const auto script = running_.extract(track)) script.mapped()->kill();
    if (const auto ping = pings_.extract(track)) ping.mapped()->stop();
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
    if (!started) tell_later(track, "not run: " + started.error());
}

tl::expected<void, std::string> LinuxChecks::start_program(TrackIndex track, const ScriptCheck& check,
                                                           const TrackConfig& config) {
    const auto user = users_.find(check.user);
    if (!user) return tl::unexpected(user.error());
    const auto program = check_script(check.path, *user);
    if (!program) return tl::unexpected(program.error());
    const FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (!nowhere) return tl::unexpected(fmt::format("/dev/null: {}", std::strerror(errno)));
    const ScriptCall call{.path = check.path,
                          .arguments = check.arguments,
                          .environment = {"VRRP_CHECK=" + config.name},
                          .user = check.user};
    auto script = RunningScript::start(io_, *program, call, *user, nowhere.get(), config.timeout,
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
