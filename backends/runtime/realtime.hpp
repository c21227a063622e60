// A process that runs before whatever is in less of a hurry.
#pragma once

#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/logger.h>

namespace vrrp::backend {

// SCHED_FIFO, and its memory stays in memory. What it starts, threads and programs, runs as usual.
//
// It must not take the machine away from everybody: who runs for kLongest without waiting for anything runs as usual for
// kPenance then, and the log says so.
class Realtime {
  public:
    static constexpr int kPriority =
        10; // below the kernel's own threads for interrupts, which bring our frames
    static constexpr std::chrono::milliseconds kLongest{500};
    static constexpr std::chrono::seconds kPenance{10};

    // One in a process, for as long as it lives.
    Realtime(boost::asio::io_context& io, std::shared_ptr<spdlog::logger> logger);
    ~Realtime();
    Realtime(const Realtime&) = delete;
    Realtime& operator=(const Realtime&) = delete;

    // An error says what the process lacks; it goes on as usual then.
    NicResult begin();
    // As usual again: because nobody wants it any more, or because who is called anew in our place has not yet set
    // up the guard, and begins by itself.
    void end();
    bool on() const { return on_; }

  private:
    NicResult schedule();
    void wait_for_the_guard();
    void go_on_later();

    std::shared_ptr<spdlog::logger> logger_;
    boost::asio::posix::stream_descriptor guard_; // readable once the guard has struck
    boost::asio::steady_timer penance_;
    bool on_ = false;
};

} // namespace vrrp::backend
