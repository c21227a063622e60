#include "backends/scripts/running_script.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

std::string failure_of(const char* what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

} // namespace

tl::expected<std::shared_ptr<RunningScript>, std::string>
RunningScript::start(boost::asio::io_context& io, const std::filesystem::path& program,
                     const ScriptCall& call, const ScriptUser* user, int output, Duration limit,
                     OnEnd on_end) {
    auto process = start_process(program, call, user, output);
    if (!process) return tl::unexpected(process.error());
    const std::shared_ptr<RunningScript> script(new RunningScript(io, call, *std::move(process)));
    if (const auto watched = script->watch(); !watched) return tl::unexpected(watched.error());
    script->wait_for_end(std::move(on_end));
    script->wait_for_limit(limit);
    return script;
}

tl::expected<void, std::string> RunningScript::watch() {
    FileDescriptor end(static_cast<int>(::syscall(SYS_pidfd_open, process_.pid, 0)));
    if (!end) {
        const std::string why = failure_of("pidfd_open");
        kill();
        ::waitpid(process_.pid, nullptr, 0);
        return tl::unexpected(why);
    }
    end_.assign(end.release());
    return {};
}

void RunningScript::kill() {
    if (ended_) return;
    killed_ = true;
    ::kill(-process_.pid, SIGKILL);
}

void RunningScript::wait_for_end(OnEnd on_end) {
    end_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this(), on_end = std::move(on_end)](boost::system::error_code error) mutable {
            if (error) return;
            int status = 0;
            const pid_t ended = ::waitpid(self->process_.pid, &status, WNOHANG);
            if (ended == 0) return self->wait_for_end(std::move(on_end));
            self->ended_ = true;
            self->limit_.cancel();
            if (ended < 0) return on_end({.unseen = failure_of("its end was not seen")});
            on_end({.status = status,
                    .killed = self->killed_,
                    .not_started = why_not_started(self->process_.report, self->call_)});
        });
}

void RunningScript::wait_for_limit(Duration limit) {
    limit_.expires_after(limit);
    limit_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (!error) self->kill();
    });
}

} // namespace vrrp::backend
