// One echo request, and its answer.
#pragma once

#include "core/machine/track_config.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/icmp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <tl/expected.hpp>

namespace vrrp::backend {

// What makes an answer ours: others on this machine ping, too.
struct PingMark {
    std::uint16_t identifier = 0, sequence = 0;
    std::uint64_t data = 0;
};

// 1. One request over a raw socket of its own, which hears that machine's echo replies alone, and of those takes the one
//    with its mark. It needs CAP_NET_RAW.
// 2. With an interface it goes out there, and is answered there.
// 3. `on_end` is called once, from the event loop: at the answer, at an error that the kernel or a router on the way
//    tells, or after the timeout; never after stop().
class Ping : public std::enable_shared_from_this<Ping> {
  public:
    using OnEnd = std::function<void(bool ok, const std::string& reason)>;

    // An error is a sentence, and nothing will be told.
    static tl::expected<std::shared_ptr<Ping>, std::string> start(boost::asio::io_context& io,
                                                                  const PingCheck& check,
                                                                  const PingMark& mark, Duration timeout,
                                                                  OnEnd on_end);
    void stop();

  private:
    using Protocol = boost::asio::ip::icmp;
    Ping(boost::asio::io_context& io, IpFamily family, const PingMark& mark)
        : family_(family), mark_(mark), socket_(io), limit_(io) {}
    tl::expected<void, std::string> send(const PingCheck& check);
    void wait_for_limit(Duration timeout);
    void wait_for_answer();
    bool is_answer(std::size_t size) const;
    void end(bool ok, const std::string& reason);

    IpFamily family_;
    PingMark mark_;
    Protocol::socket socket_;
    boost::asio::steady_timer limit_;
    OnEnd on_end_;
    std::array<std::uint8_t, 256> heard_{};
};

} // namespace vrrp::backend
