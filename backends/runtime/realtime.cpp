#include "backends/runtime/realtime.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace vrrp::backend {
namespace {

int guard_fd = -1; // for the signal handler, which knows nothing else

void schedule_as_usual() {
    const sched_param usual{};
    (void)::sched_setscheduler(0, SCHED_OTHER, &usual);
}

// SIGXCPU: the kernel has counted kLongest.
void give_up_realtime(int) {
    const int error = errno;
    schedule_as_usual();
    const std::uint64_t one = 1;
    (void)!::write(guard_fd, &one, sizeof one);
    errno = error;
}

int open_guard() {
    guard_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (guard_fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return guard_fd;
}

tl::unexpected<NicError> no(const char* what, const char* capability) {
    return tl::unexpected(
        NicError{fmt::format("{}: {} (it needs {})", what, std::strerror(errno), capability)});
}

// The kernel goes on counting after the soft limit, and would kill at the hard one, which nobody wants.
bool limit_time(std::chrono::microseconds longest) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_RTTIME, &limit) != 0) return false;
    limit.rlim_cur = std::min(static_cast<rlim_t>(longest.count()), limit.rlim_max);
    return ::setrlimit(RLIMIT_RTTIME, &limit) == 0;
}

} // namespace

Realtime::Realtime(boost::asio::io_context& io, std::shared_ptr<spdlog::logger> logger)
    : logger_(std::move(logger)), guard_(io, open_guard()), penance_(io) {
    wait_for_the_guard();
}

Realtime::~Realtime() {
    guard_fd = -1;
}

// Only what is touched is locked: the stacks of threads are mostly air.
NicResult Realtime::begin() {
    struct sigaction action {};
    action.sa_handler = give_up_realtime;
    if (::sigaction(SIGXCPU, &action, nullptr) != 0 || !limit_time(kLongest))
        return no("RLIMIT_RTTIME", "nothing special");
    if (NicResult scheduled = schedule(); !scheduled) return scheduled;
    on_ = true;
    if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return no("mlockall", "CAP_IPC_LOCK");
    return {};
}

void Realtime::end() {
    penance_.cancel();
    if (std::exchange(on_, false)) schedule_as_usual();
    (void)::munlockall();
}

NicResult Realtime::schedule() {
    const sched_param parameters{.sched_priority = kPriority};
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) != 0)
        return no("SCHED_FIFO", "CAP_SYS_NICE");
    return {};
}

void Realtime::wait_for_the_guard() {
    guard_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                          if (error) return;
                          std::uint64_t times = 0;
                          (void)!::read(guard_.native_handle(), &times, sizeof times);
                          wait_for_the_guard();
                          if (!std::exchange(on_, false)) return; // it has ended meanwhile
                          logger_->warn("ran for {} ms without a pause: no real-time scheduling for {} s",
                                        kLongest.count(), kPenance.count());
                          go_on_later();
                      });
}

void Realtime::go_on_later() {
    penance_.expires_after(kPenance);
    penance_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        const NicResult scheduled = schedule();
        on_ = scheduled.has_value();
        if (!on_) logger_->warn("no real-time scheduling: {}", scheduled.error().message);
    });
}

} // namespace vrrp::backend
