#include "backends/runtime/asio_clock.hpp"

#include <cerrno>
#include <limits>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace vrrp::backend {
namespace {

// What it takes a kernel to wake a process of an idle machine, and some more.
constexpr Duration kWakesUp = std::chrono::microseconds(150);

int open_timer(int clock) {
    const int fd = ::timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    return fd;
}

timespec to_timespec(TimePoint time) {
    const std::int64_t nanoseconds = time.time_since_epoch().count();
    return {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
}

Duration time_of(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace

AsioClock::AsioClock(boost::asio::io_context& io, Inbox& inbox)
    : timer_(io, open_timer(CLOCK_BOOTTIME)), set_(io, open_timer(CLOCK_REALTIME)), inbox_(inbox) {
    wait();
    wait_for_a_set_clock();
}

TimePoint AsioClock::now() const {
    return TimePoint(time_of(CLOCK_BOOTTIME));
}

Duration AsioClock::ahead() const {
    return time_of(CLOCK_REALTIME) - time_of(CLOCK_BOOTTIME);
}

// A timer that never runs out: reading it fails once the clock has been set.
void AsioClock::wait_for_a_set_clock() {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::int32_t>::max() * std::int64_t{1000};
    ::timerfd_settime(set_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
    set_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](boost::system::error_code error) {
                        if (error) return;
                        std::uint64_t expirations = 0;
                        (void)::read(set_.native_handle(), &expirations, sizeof expirations);
                        inbox_.give(ClockSet{ahead()});
                        wait_for_a_set_clock();
                    });
}

void AsioClock::wake_at(TimePoint deadline, bool exact) {
    deadline_ = deadline;
    itimerspec setting{}; // all zero disarms; a time that has passed fires at once
    const TimePoint wake = exact ? deadline - kWakesUp : deadline;
    if (deadline != kNever) setting.it_value = to_timespec(std::max(wake, TimePoint(Duration(1))));
    ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

// What is left of an exact deadline. It is bounded, whatever happens.
void AsioClock::wait_out(TimePoint deadline) const {
    if (deadline - now() > kWakesUp) return;
    while (now() < deadline) {
    }
}

void AsioClock::wait() {
    timer_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::uint64_t expirations = 0;
            // Nothing to read: the timer was set anew after it had fired.
            const bool fired = ::read(timer_.native_handle(), &expirations, sizeof expirations) > 0;
            if (fired) wait_out(deadline_);
            if (fired && deadline_ <= now()) inbox_.give(DeadlineReached{});
            wait();
        });
}

} // namespace vrrp::backend
