#include "backends/scripts/script_runner.hpp"

#include "backends/scripts/running_script.hpp"
#include "backends/scripts/script_check.hpp"
#include "backends/scripts/script_output.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <span>
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

ScriptOutcome outcome_of(const RunningScript::End& end) {
    using Kind = ScriptOutcome::Kind;
    if (!end.unseen.empty()) return refused(end.unseen);
    if (end.not_started) return refused(*end.not_started);
    if (WIFEXITED(end.status)) return {.kind = Kind::exited, .status = WEXITSTATUS(end.status), .error = {}};
    return {
        .kind = end.killed ? Kind::timed_out : Kind::signalled, .status = WTERMSIG(end.status), .error = {}};
}

// "script /etc/vrrp.sh MASTER eth0 51": which of many.
std::string name_of(const ScriptCall& call) {
    constexpr std::size_t kTelling = 3; // virtual addresses follow
    const std::span arguments(call.arguments.data(), std::min(kTelling, call.arguments.size()));
    return fmt::format("script {} {}", call.path, fmt::join(arguments, " "));
}

} // namespace

struct LinuxScriptRunner::Run {
    ScriptCall call;
    std::shared_ptr<RunningScript> process{}; // none: it could not be started
    std::shared_ptr<ScriptOutput> output{};
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
        if (queue.running && queue.running->process) queue.running->process->kill();
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
    const auto run = std::make_shared<Run>(Run{std::move(queue.waiting.front())});
    queue.waiting.pop_front();
    queue.running = run;
    if (const auto started = start(run); !started)
        later([this, run, why = started.error()] { finish(run, refused(why)); });
}

tl::expected<void, std::string> LinuxScriptRunner::start(const std::shared_ptr<Run>& run) {
    const auto user = users_.find(run->call.user);
    if (!user) return tl::unexpected(user.error());
    const auto program = check_script(run->call.path, *user);
    if (!program) return tl::unexpected(program.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(error_text("pipe"));
    FileDescriptor read_end(ends[0]), write_end(ends[1]);
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK); // ours alone: a script's end blocks, as it expects
    auto process =
        RunningScript::start(io_, *program, run->call, *user, write_end.get(), time_limit_,
                             [this, alive = std::weak_ptr(alive_), run](const RunningScript::End& end) {
                                 if (!alive.expired()) finish(run, outcome_of(end));
                             });
    if (!process) return tl::unexpected(process.error());
    run->process = *std::move(process);
    run->output = std::make_shared<ScriptOutput>(io_, std::move(read_end), name_of(run->call),
                                                 outputs_left_open_, logger_);
    run->output->wait();
    return {};
}

void LinuxScriptRunner::finish(const std::shared_ptr<Run>& run, const ScriptOutcome& outcome) {
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
    return users_.find(name).map([](const ScriptUser*) {});
}

// From the event loop: never from within run().
template <typename What>
void LinuxScriptRunner::later(What what) {
    asio::post(io_, [alive = std::weak_ptr(alive_), what = std::move(what)] {
        if (!alive.expired()) what();
    });
}

} // namespace vrrp::backend
