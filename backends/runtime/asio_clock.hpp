// vrrp::Clock on Boost.Asio.
#pragma once

#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace vrrp::backend {

// Counts CLOCK_BOOTTIME, which goes on while the machine is suspended: the gap is how a master learns that it
// slept. Wakes through a timerfd on that clock with an absolute time in nanoseconds; for an exact deadline a
// little early, and the rest is waited out. A second one tells when the time of
// day has been set: ClockSet is given then.
class AsioClock final : public Clock {
  public:
    // Gives to the inbox from the event loop. Throws std::system_error where the kernel has no timerfd.
    AsioClock(boost::asio::io_context& io, Inbox& inbox);

    TimePoint now() const override;
    Duration ahead() const override;
    void wake_at(TimePoint deadline, bool exact) override;

  private:
    void wait();
    void wait_out(TimePoint deadline) const;
    void wait_for_a_set_clock();

    boost::asio::posix::stream_descriptor timer_, set_;
    Inbox& inbox_;
    TimePoint deadline_ = kNever;
};

} // namespace vrrp::backend
