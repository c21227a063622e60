// One question, and its answer.
#pragma once

#include "backends/checks/question.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace vrrp::backend {

// `on_end` is called once, from the event loop: at the answer, at an error that the kernel or a router on the way tells,
// or after the timeout; never after stop().
class Ping : public std::enable_shared_from_this<Ping> {
  public:
    using OnEnd = std::function<void(bool ok, const std::string& reason)>;

    static std::shared_ptr<Ping> start(boost::asio::io_context& io, Question question, Duration timeout,
                                       OnEnd on_end);
    void stop();

  private:
    Ping(boost::asio::io_context& io, Question question, OnEnd on_end);
    void wait_for_limit(Duration timeout);
    void wait_for_answer();
    void read();
    void end(bool ok, const std::string& reason);

    boost::asio::posix::stream_descriptor socket_;
    std::function<bool(BytesView, int)> is_answer_;
    boost::asio::steady_timer limit_;
    OnEnd on_end_;
};

} // namespace vrrp::backend
