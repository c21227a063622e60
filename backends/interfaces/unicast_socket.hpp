// IP packets to single routers, through the kernel's routes and neighbours.
#pragma once

#include "backends/runtime/runtime_directory.hpp"
#include "core/ports.hpp"

namespace vrrp::backend {

// Raw sockets that are bound to one interface. What they send is a whole IP packet; what they would receive, they throw
// away, since a capture takes it already. That they are there keeps the kernel from telling a peer that nobody here
// speaks VRRP (ICMP: protocol unreachable).
class UnicastSocket {
  public:
    static tl::expected<UnicastSocket, NicError> open(int interface);

    NicResult send(BytesView packet) const;

  private:
    explicit UnicastSocket(int interface) : interface_(interface) {}
    int interface_;
    // IPv6 may be switched off: then that of IPv6 is missing. The one of authentication headers only throws away.
    FileDescriptor v4_, v4_authenticated_, v6_;
};

} // namespace vrrp::backend
