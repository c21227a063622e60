// TCP SYNs that make a gateway ask for an address.
#pragma once

#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

namespace vrrp::backend {

// 1. The kernel's own TCP connects, so that it resolves the gateway first where its MAC is not known.
// 2. The connection is given up as soon as it is answered or refused, and after kPatience.
// 3. At most kMaxPending at a time; beyond, the oldest is given up.
class MagicPackets {
  public:
    static constexpr Duration kPatience = std::chrono::seconds(4); // the kernel asks for a MAC three times
    static constexpr std::size_t kMaxPending = 256;                // one for each virtual router

    explicit MagicPackets(boost::asio::io_context& io) : io_(io) {}

    // By the device, both IPv4.
    NicResult send(const std::string& device, const IpAddress& source, const IpAddress& gateway);

    // Nothing more in its name: it is not ours any longer.
    void give_up(const IpAddress& source);

  private:
    struct Pending {
        std::uint64_t number;
        IpAddress source;
        boost::asio::posix::stream_descriptor socket;
        boost::asio::steady_timer timer;
    };
    void forget(std::uint64_t number);

    boost::asio::io_context& io_;
    std::uint64_t next_number_ = 0;
    std::list<Pending> pending_; // the oldest first
};

} // namespace vrrp::backend
