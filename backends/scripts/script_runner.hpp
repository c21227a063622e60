// vrrp::ScriptRunner: processes of their own.
#pragma once

#include "backends/scripts/script_user.hpp"
#include "core/daemon/script_queue.hpp"
#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <memory>
#include <spdlog/logger.h>

namespace vrrp::backend {

// What a script gets, besides the arguments and the environment of its call: PATH, / as its directory,
// /dev/null to read, a process group of its own, no other descriptor, no signal ignored or blocked, and no
// real-time scheduling or raised priority of ours. As another user it has that one's rights, groups, HOME, USER,
// LOGNAME and SHELL, and none of our capabilities. No shell is between. What it writes goes to the log.
//
// 1. Each run is checked first (script_check.hpp): what is not safe, or cannot be started, is told as
//    refused.
// 2. A script has ended when its own process has: what it left running in the background goes on. At the time
//    limit its whole process group is killed.
// 3. A runner that is destroyed leaves its scripts running and tells nothing more: see wait_until_idle().
// 4. What the user database said of a user once counts for as long as the runner lives.
//
// SIGCHLD gets its default disposition: a process that was started with it ignored would not hear of its
// children's ends. pidfd_open needs Linux 5.3.
class LinuxScriptRunner final : public ScriptRunner {
  public:
    LinuxScriptRunner(boost::asio::io_context& io, Inbox& inbox, std::shared_ptr<spdlog::logger> logger,
                      Duration time_limit = kTimeLimit);
    ~LinuxScriptRunner() override;
    LinuxScriptRunner(const LinuxScriptRunner&) = delete;
    LinuxScriptRunner& operator=(const LinuxScriptRunner&) = delete;

    void run(const ScriptCall& call) override;

    // Nothing runs or waits.
    bool idle() const;

    // Asks the user database now, so that no script has to wait for it.
    tl::expected<void, std::string> learn_user(const std::string& name);

    // For the way out, after Stop: runs the event loop until idle, or until it is stopped. All scripts together have
    // the time that one has; then those that wait are dropped, and those that run are killed.
    void wait_until_idle();

  private:
    struct Run;
    struct Queue {
        std::deque<ScriptCall> waiting;
        std::shared_ptr<Run> running;
    };

    void start_next(Queue& queue);
    tl::expected<void, std::string> start(const std::shared_ptr<Run>& run);
    void finish(const std::shared_ptr<Run>& run, const ScriptOutcome& outcome);
    void drop(Queue& queue, Dropped which);
    void give_up();
    template <typename What>
    void later(What what);

    boost::asio::io_context& io_;
    Inbox& inbox_;
    std::shared_ptr<spdlog::logger> logger_;
    Duration time_limit_;
    std::map<VirtualRouterIndex, Queue> queues_;
    ScriptUsers users_;
    std::shared_ptr<int> outputs_left_open_ = std::make_shared<int>(0);
    // Handlers that are on their way when the runner goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace vrrp::backend
