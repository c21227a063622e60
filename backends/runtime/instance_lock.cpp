#include "backends/runtime/instance_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

FileDescriptor open_socket() {
    return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// After the zero that makes it abstract.
std::pair<sockaddr_un, socklen_t> address_of(const std::string& instance) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, instance.data(), instance.size());
    return {address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + instance.size())};
}

// Who listens at a name; nobody when it has gone meanwhile.
std::optional<ucred> holder_of(const sockaddr_un& address, socklen_t size) {
    const FileDescriptor socket = open_socket();
    ucred peer{};
    socklen_t peer_size = sizeof peer;
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0)
        return std::nullopt;
    return peer;
}

} // namespace

tl::expected<InstanceLock, NicError> InstanceLock::take(const VirtualRouterConfig& config) {
    const std::string name = instance_name(config);
    const auto [address, size] = address_of(name);
    FileDescriptor socket = open_socket();
    if (socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) {
        if (::listen(socket.get(), 1) == 0) return InstanceLock(std::move(socket));
    } else if (socket && errno == EADDRINUSE) {
        const std::optional<ucred> holder = holder_of(address, size);
        if (!holder || holder->uid == 0 || holder->uid == ::geteuid())
            return tl::unexpected(NicError{
                fmt::format("vrid {} runs on {} already, with another runtime directory{}", config.vrid,
                            config.interface, holder ? fmt::format(" (pid {})", holder->pid) : "")});
        return InstanceLock(FileDescriptor()); // anybody may take the name, but only root's counts
    }
    return tl::unexpected(NicError{fmt::format("no lock for {}: {}", name, std::strerror(errno))});
}

// A holder accepts nothing: once its queue is full, "try again" says as well that it lives.
bool InstanceLock::is_held(const std::string& instance) {
    const auto [address, size] = address_of(instance);
    const FileDescriptor socket = open_socket();
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 || errno == EAGAIN;
}

} // namespace vrrp::backend
