// What the kernel tells of interfaces without being asked.
#pragma once

#include "backends/interfaces/netlink.hpp"

#include <set>

namespace vrrp::backend {

// Where something happened, not what: it is looked up when it is known that anybody cares, so that a lost
// event costs nothing.
struct NetlinkNews {
    bool anything = false; // the kernel had to drop some: whatever we know may have changed

    // By index. What virtual routers put on an interface changes no facts.
    std::set<int> facts;
    // Links that went away or down, and those that an address was taken from.
    std::set<int> losses;
    // The names that links bear now.
    std::set<std::string> names;
    // Where forwarding was turned on or off.
    std::set<int> forwarding;
};

class NetlinkEvents {
  public:
    static tl::expected<NetlinkEvents, NicError> open();

    int descriptor() const;

    // Whether something is waiting: much cheaper than to take nothing.
    bool any() const;

    // Takes all that is waiting.
    NetlinkNews take();

  private:
    explicit NetlinkEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}
    NetlinkSocket socket_;
};

} // namespace vrrp::backend
