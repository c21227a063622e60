// A script's process, from its start to its end.
#pragma once

#include "backends/scripts/script_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace vrrp::backend {

// 1. It has ended when its own process has: what that left running in the background goes on.
// 2. At the time limit, or by kill(), its whole process group is killed.
// 3. It is waited for, and reaped, as long as the event loop runs, whoever holds it.
class RunningScript : public std::enable_shared_from_this<RunningScript> {
  public:
    struct End {
        int status = 0; // as waitpid() tells it
        bool killed = false;
        std::string unseen{};                     // why nobody knows how it ended; empty: it is known
        std::optional<std::string> not_started{}; // a sentence where it never became the script
    };
    using OnEnd = std::function<void(const End&)>;

    // As start_process(); `on_end` is called once, from the event loop.
    static tl::expected<std::shared_ptr<RunningScript>, std::string>
    start(boost::asio::io_context& io, const std::filesystem::path& program, const ScriptCall& call,
          const ScriptUser* user, int output, Duration limit, OnEnd on_end);

    void kill();

  private:
    RunningScript(boost::asio::io_context& io, ScriptCall call, ScriptProcess process)
        : call_(std::move(call)), process_(std::move(process)), end_(io), limit_(io) {}
    tl::expected<void, std::string> watch();
    void wait_for_end(OnEnd on_end);
    void wait_for_limit(Duration limit);

    ScriptCall call_;
    ScriptProcess process_;
    bool killed_ = false;
    bool ended_ = false;                        // its pid may be somebody else's
    boost::asio::posix::stream_descriptor end_; // a pidfd: readable when the process has ended
    boost::asio::steady_timer limit_;
};

} // namespace vrrp::backend
