// vrrpd is restarted, maybe as another version, and its masters stay masters.
//
// The state goes through a file of the runtime directory, whether the successor is this process, which calls its program
// anew, or another one that systemd starts: so there is one way, and each version reads what the one before has written.
// What was put on interfaces stays there meanwhile, and the kernel goes on answering and forwarding.
#include "apps/vrrpd_process.hpp"
#include "backends/interfaces/kernel_setting.hpp"
#include "backends/runtime/read_file.hpp"
#include "backends/runtime/succession.hpp"
#include "core/daemon/handover_message.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace vrrp {
namespace {

using namespace std::chrono_literals;

// For `vrrpd --check` to say whether the program can run here at all.
constexpr Duration kCheckPatience = 4s;
constexpr std::chrono::milliseconds kIdlePoll(20);

std::string first_line_of(int file) {
    std::string text(512, '\0');
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text.substr(0, text.find('\n'));
}

bool is_good(const backend::RunningScript::End& end) {
    return !end.killed && !end.not_started && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0;
}

} // namespace

// --- Before

void VrrpdProcess::restart() {
    if (successor_check_) return; // it is on its way
    facts_.restart = "checking the program";
    check_successor();
}

void VrrpdProcess::refuse_restart(const std::string& why) {
    facts_.restart = "refused: " + why;
    logger_->error("not restarted, and nothing has changed: {}", why);
}

// The program that is there now says whether it takes the configuration that is there now.
void VrrpdProcess::check_successor() {
    const auto output = std::make_shared<backend::FileDescriptor>(::memfd_create("vrrpd check", MFD_CLOEXEC));
    ScriptCall call{
        .path = invocation_.program.string(), .arguments = invocation_.arguments, .environment = {}};
    call.arguments.emplace_back("--check");
    auto check =
        backend::RunningScript::start(io_, invocation_.program, call, nullptr, output->get(), kCheckPatience,
                                      [this, output](const backend::RunningScript::End& end) {
                                          successor_check_.reset();
                                          if (is_good(end)) return leave_when_idle();
                                          std::string said =
                                              end.not_started.value_or(first_line_of(output->get()));
                                          if (said.empty()) said = "it does not work";
                                          refuse_restart(invocation_.program.string() + " --check: " + said);
                                      });
    if (!check) return refuse_restart(check.error());
    successor_check_ = *std::move(check);
}

// Scripts that run are this process's children: whoever came after it would not hear of their ends.
void VrrpdProcess::leave_when_idle() {
    if (scripts_.idle()) {
        ending_ = Ending::as_successor;
        io_.stop();
        return;
    }
    facts_.restart = "waiting for scripts to end";
    until_idle_.expires_after(kIdlePoll);
    until_idle_.async_wait([this](boost::system::error_code error) {
        if (!error) leave_when_idle();
    });
}

void VrrpdProcess::leave_to_successor() {
    daemon_.give(LeftToSuccessor{});
    const std::string text = fmt::format("{}\n{}\n", backend::boot_id(), encode(daemon_.router().handover()));
    if (const auto written = backend::write_whole(backend::handover_file(directory_, instance_), text);
        !written)
        logger_->warn("{}: the successor begins anew", written.error().message);
    logger_->info("leaving the work to a successor");
}

void VrrpdProcess::become_successor() {
    ::sd_notify(0, "RELOADING=1");
    realtime_.end();
    leave_to_successor();
    logger_->flush();
    const std::string why =
        backend::call_anew(invocation_.program, invocation_.arguments, invocation_.directory);
    logger_->critical("{}: {}: giving up", invocation_.program.string(), why);
    logger_->flush();
    std::_Exit(1);
}

// --- After

// Each virtual router of ours may have been in another process.
Handover VrrpdProcess::left_before() {
    Handover before;
    for (const VirtualRouterConfig& one : router_.virtual_routers) {
        const auto file = backend::handover_file(directory_, backend::instance_name(one));
        const auto text = backend::read_file(file, false);
        std::error_code ignored;
        if (!std::filesystem::remove(file, ignored) || !text) continue;
        const std::size_t end = std::min(text->find('\n'), text->size());
        if (text->substr(0, end) != backend::boot_id()) continue; // its times mean nothing now
        auto left = decode_handover(text->substr(end));
        if (!left) {
            logger_->warn("{}: {}: beginning anew", file.string(), left.error());
            continue;
        }
        std::ranges::move(left->virtual_routers, std::back_inserter(before.virtual_routers));
        std::ranges::move(left->checks, std::back_inserter(before.checks));
    }
    return before;
}

} // namespace vrrp
