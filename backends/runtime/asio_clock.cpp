#include "backends/runtime/asio_clock.hpp"

#include <cerrno>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace vrrp::backend {
namespace {

int open_timer() {
    const int fd = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    return fd;
}

timespec to_timespec(TimePoint time) {
    const std::int64_t nanoseconds = time.time_since_epoch().count();
    return {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
}

} // namespace

AsioClock::AsioClock(boost::asio::io_context& io, Inbox& inbox) : timer_(io, open_timer()), inbox_(inbox) {
    wait();
}

TimePoint AsioClock::now() const {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

void AsioClock::wake_at(TimePoint deadline) {
    deadline_ = deadline;
    itimerspec setting{}; // all zero disarms; a time that has passed fires at once
    if (deadline != kNever) setting.it_value = to_timespec(std::max(deadline, TimePoint(Duration(1))));
    ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

void AsioClock::wait() {
    timer_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::uint64_t expirations = 0;
            // Nothing to read: the timer was set anew after it had fired.
            const bool fired = ::read(timer_.native_handle(), &expirations, sizeof expirations) > 0;
            if (fired && deadline_ <= now()) inbox_.give(DeadlineReached{});
            wait();
        });
}

} // namespace vrrp::backend
