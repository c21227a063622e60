// Whether the kernel has a route.
#pragma once

#include "backends/interfaces/netlink.hpp"
#include "core/machine/track_config.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct nlmsghdr;

namespace vrrp::backend {

// 1. Calls `tell` from the event loop once soon, and then whenever the route may have come or gone; never after its own
//    end, which may come from within that call.
// 2. A route counts when packets can go by it: not one that refuses them, nor one all of whose next hops are dead or
//    have no carrier.
// 3. The kernel tells of routes that are changed, but not of those that go with a link or an address: it is asked for the
//    whole table whenever one of them changes, too. The answer is read piece by piece, as it comes: a full table holds
//    nobody up.
class RouteWatch {
  public:
    using Tell = std::function<void(bool there, const std::string& reason)>;

    RouteWatch(boost::asio::io_context& io, const RouteCheck& check, Tell tell);

  private:
    void wait_for_events();
    void take_events();
    void ask();
    void wait_for_answer();
    void take_answer();
    // Whether the answer is complete; `trouble` where it is none.
    bool read_answer(std::size_t size, std::string& trouble);
    void finish(const std::string& trouble);
    bool open();
    bool concerns_us(const nlmsghdr* header) const;
    bool is_it(const nlmsghdr* header) const;

    boost::asio::io_context& io_;
    RouteCheck check_;
    Tell tell_;
    NetlinkSocket events_socket_, table_socket_;
    boost::asio::posix::stream_descriptor events_, table_; // copies of their descriptors
    std::vector<std::uint8_t> buffer_;
    bool asking_ = false;
    bool again_ = false; // something has changed since it was asked
    bool found_ = false;
    // Handlers that are on their way when the watch goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace vrrp::backend
