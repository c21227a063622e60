#include "backends/control/peer_credentials.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace vrrp::backend {

bool is_root_or_us(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

} // namespace vrrp::backend
