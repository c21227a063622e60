#include "backends/control/peer_credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace vrrp::backend {
namespace {

std::optional<ucred> peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer;
}

std::vector<gid_t> supplementary_groups(int socket) {
    std::vector<gid_t> groups(64);
    for (;;) {
        auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        const int result = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
        const bool too_small = result != 0 && errno == ERANGE; // the size is what it takes
        groups.resize(result == 0 || too_small ? size / sizeof(gid_t) : 0);
        if (!too_small) return groups;
    }
}

} // namespace

bool is_root_or_us(int socket) {
    const auto peer = peer_of(socket);
    return peer && (peer->uid == 0 || peer->uid == ::geteuid());
}

bool is_member(int socket, gid_t group) {
    const auto peer = peer_of(socket);
    if (!peer) return false;
    const std::vector<gid_t> groups = supplementary_groups(socket);
    return peer->gid == group || std::ranges::find(groups, group) != groups.end();
}

} // namespace vrrp::backend
