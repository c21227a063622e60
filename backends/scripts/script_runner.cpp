#include "backends/scripts/script_runner.hpp"

#include "backends/scripts/script_check.hpp"
#include "backends/scripts/script_output.hpp"
#include "backends/scripts/script_process.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <span>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;

std::string error_text(const char* what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

ScriptOutcome refused(const std::string& why) {
    return {.kind = ScriptOutcome::Kind::refused, .status = 0, .error = ShortText(why)};
}

ScriptOutcome outcome_of(int status, bool killed) {
    using Kind = ScriptOutcome::Kind;
    if (WIFEXITED(status)) return {.kind = Kind::exited, .status = WEXITSTATUS(status), .error = {}};
    return {.kind = killed ? Kind::timed_out : Kind::signalled, .status = WTERMSIG(status), .error = {}};
}

// "script /etc/vrrp.sh MASTER eth0 51": which of many.
std::string name_of(const ScriptCall& call) {
    constexpr std::size_t kTelling = 3; // virtual addresses follow
    const std::span arguments(call.arguments.data(), std::min(kTelling, call.arguments.size()));
    return fmt::format("script {} {}", call.path, fmt::join(arguments, " "));
}

} // namespace

struct LinuxScriptRunner::Run {
    Run(asio::io_context& io, ScriptCall what) : call(std::move(what)), end(io), limit(io) {}
    ScriptCall call;
    pid_t pid = 0;
    bool killed = false;
    bool ended = false;                 // its pid may be somebody else's
    FileDescriptor report;              // why it could not become the script
    asio::posix::stream_descriptor end; // a pidfd: readable when the process has ended
    asio::steady_timer limit;
    std::shared_ptr<ScriptOutput> output;
};

LinuxScriptRunner::LinuxScriptRunner(asio::io_context& io, Inbox& inbox,
                                     std::shared_ptr<spdlog::logger> logger, Duration time_limit)
    : io_(io), inbox_(inbox), logger_(std::move(logger)), time_limit_(time_limit) {
    std::signal(SIGCHLD, SIG_DFL);
}

LinuxScriptRunner::~LinuxScriptRunner() = default;

bool LinuxScriptRunner::idle() const {
    return std::ranges::none_of(queues_, [](const auto& one) { return one.second.running != nullptr; });
}

void LinuxScriptRunner::wait_until_idle() {
    io_.restart();
    asio::steady_timer limit(io_);
    limit.expires_after(time_limit_);
    limit.async_wait([this](boost::system::error_code error) {
        if (!error) give_up();
    });
    while (!idle() && io_.run_one() != 0) {
    }
}

void LinuxScriptRunner::give_up() {
    for (auto& [virtual_router, queue] : queues_) {
        drop(queue, {0, queue.waiting.size()});
        if (!queue.running || queue.running->pid == 0 || queue.running->ended) continue;
        queue.running->killed = true;
        ::kill(-queue.running->pid, SIGKILL);
    }
}

void LinuxScriptRunner::run(const ScriptCall& call) {
    Queue& queue = queues_[call.virtual_router];
    if (queue.waiting.size() == kMaxWaiting)
        drop(queue, to_drop(queue.waiting, [](const ScriptCall& one) { return one.kind; }));
    queue.waiting.push_back(call);
    if (!queue.running) start_next(queue);
}

void LinuxScriptRunner::start_next(Queue& queue) {
    const auto run = std::make_shared<Run>(io_, std::move(queue.waiting.front()));
    queue.waiting.pop_front();
    queue.running = run;
    if (const auto started = start(run); !started)
        later([this, run, why = started.error()] { finish(run, refused(why)); });
}

tl::expected<void, std::string> LinuxScriptRunner::start(const std::shared_ptr<Run>& run) {
    const auto user = user_of(run->call.user);
    if (!user) return tl::unexpected(user.error());
    const auto program = check_script(run->call.path, *user);
    if (!program) return tl::unexpected(program.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(error_text("pipe"));
    FileDescriptor read_end(ends[0]), write_end(ends[1]);
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK); // ours alone: a script's end blocks, as it expects
    auto child = start_process(*program, run->call, *user, write_end.get());
    if (!child) return tl::unexpected(child.error());
    run->pid = child->pid;
    run->report = std::move(child->report);

    FileDescriptor end(static_cast<int>(::syscall(SYS_pidfd_open, run->pid, 0)));
    if (!end) {
        const std::string why = error_text("pidfd_open");
        ::kill(-run->pid, SIGKILL);
        ::waitpid(std::exchange(run->pid, 0), nullptr, 0);
        return tl::unexpected(why);
    }
    run->end.assign(end.release());
    run->output = std::make_shared<ScriptOutput>(io_, std::move(read_end), name_of(run->call),
                                                 outputs_left_open_, logger_);
    run->output->wait();
    wait_for_end(run);
    wait_for_limit(run);
    return {};
}

void LinuxScriptRunner::wait_for_end(const std::shared_ptr<Run>& run) {
    run->end.async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, alive = std::weak_ptr(alive_), run](boost::system::error_code error) {
                            if (error) return;
                            int status = 0;
                            const pid_t ended = ::waitpid(run->pid, &status, WNOHANG);
                            if (alive.expired()) return;
                            if (ended == 0) return wait_for_end(run);
                            if (ended < 0) return finish(run, refused(error_text("its end was not seen")));
                            const auto why = why_not_started(run->report, run->call);
                            finish(run, why ? refused(*why) : outcome_of(status, run->killed));
                        });
}

void LinuxScriptRunner::wait_for_limit(const std::shared_ptr<Run>& run) {
    run->limit.expires_after(time_limit_);
    run->limit.async_wait([run](boost::system::error_code error) {
        if (error || run->ended) return;
        run->killed = true;
        ::kill(-run->pid, SIGKILL);
    });
}

void LinuxScriptRunner::finish(const std::shared_ptr<Run>& run, const ScriptOutcome& outcome) {
    run->ended = true;
    run->limit.cancel();
    if (run->output) run->output->script_ended();
    const VirtualRouterIndex virtual_router = run->call.virtual_router;
    Queue& queue = queues_[virtual_router];
    queue.running.reset();
    if (!queue.waiting.empty()) start_next(queue);
    inbox_.give(ScriptExited{virtual_router, run->call.kind, outcome});
}

void LinuxScriptRunner::drop(Queue& queue, Dropped which) {
    const auto first = queue.waiting.begin() + static_cast<std::ptrdiff_t>(which.place);
    const auto last = first + static_cast<std::ptrdiff_t>(which.count);
    for (auto call = first; call != last; ++call)
        later([this, virtual_router = call->virtual_router, kind = call->kind] {
            const ScriptOutcome dropped{.kind = ScriptOutcome::Kind::dropped, .status = 0, .error = {}};
            inbox_.give(ScriptExited{virtual_router, kind, dropped});
        });
    queue.waiting.erase(first, last);
}

tl::expected<void, std::string> LinuxScriptRunner::learn_user(const std::string& name) {
    return user_of(name).map([](const ScriptUser*) {});
}

// Nothing for nobody in particular.
tl::expected<const ScriptUser*, std::string> LinuxScriptRunner::user_of(const std::string& name) {
    if (name.empty()) return nullptr;
    const auto known = users_.find(name);
    if (known != users_.end()) return &known->second;
    auto user = find_user(name);
    if (!user) return tl::unexpected(user.error());
    return &users_.emplace(name, *std::move(user)).first->second;
}

// From the event loop: never from within run().
template <typename What>
void LinuxScriptRunner::later(What what) {
    asio::post(io_, [alive = std::weak_ptr(alive_), what = std::move(what)] {
        if (!alive.expired()) what();
    });
}

} // namespace vrrp::backend
