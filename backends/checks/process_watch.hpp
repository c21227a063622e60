// Whether a program runs.
#pragma once

#include "backends/checks/file_watch.hpp"
#include "core/machine/track_config.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

namespace vrrp::backend {

// 1. Calls `tell` from the event loop once soon, and then whenever it may have begun or ended; never after its own end,
//    which may come from within that call. A process that has ended and waits to be reaped does not run.
// 2. The end of a process is seen at once (pidfd, Linux 5.3). So is the beginning: of a pid file's by the file, of a name's
//    by the kernel's process connector. That tells nobody outside of the machine's first network namespace, and not every
//    kernel has it: there /proc is read every kBlindly while no such process runs.
class ProcessWatch {
  public:
    static constexpr std::chrono::seconds kBlindly{1};
    using Tell = std::function<void(bool runs, const std::string& reason)>;

    ProcessWatch(boost::asio::io_context& io, ProcessCheck check, Tell tell);

  private:
    bool hear_kernel();
    void wait_for_kernel();
    void take_events();
    void look();
    void hold(pid_t pid);
    bool is_it(pid_t pid) const;
    std::optional<pid_t> find() const;
    void wait_for_end();
    void wait_blindly();

    boost::asio::io_context& io_;
    ProcessCheck check_;
    Tell tell_;
    std::optional<FileWatch> pid_file_;
    boost::asio::posix::stream_descriptor kernel_; // the process connector
    pid_t pid_ = 0;                                // of the one that runs; 0: none does
    boost::asio::posix::stream_descriptor end_;    // its pidfd
    boost::asio::steady_timer blind_;
    // Handlers that are on their way when the watch goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace vrrp::backend
