#include "backends/interfaces/unicast_socket.hpp"

#include "backends/runtime/socket_option.hpp"
#include "core/wire/headers/ip.hpp"

#include <cerrno>
#include <cstring>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

NicError unicast_error(int number) {
    return {std::strerror(number)};
}

// Before it is bound to anything: else the first packets would wait in it for ever.
bool receive_nothing(int descriptor) {
    sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    return set_option(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, sock_fprog{.len = 1, .filter = &drop});
}

// None, with errno.
FileDescriptor open_raw(int family, int protocol, int interface) {
    FileDescriptor raw(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    if (!raw) return raw;
    const bool header_included = family == AF_INET ? set_option(raw.get(), IPPROTO_IP, IP_HDRINCL, 1)
                                                   : set_option(raw.get(), IPPROTO_IPV6, IPV6_HDRINCL, 1);
    if (header_included && receive_nothing(raw.get()) &&
        set_option(raw.get(), SOL_SOCKET, SO_BINDTOIFINDEX, interface))
        return raw;
    const int error = errno;
    raw = FileDescriptor();
    errno = error;
    return raw;
}

} // namespace

tl::expected<UnicastSocket, NicError> UnicastSocket::open(int interface) {
    UnicastSocket sockets(interface);
    sockets.v4_ = open_raw(AF_INET, wire::kProtocolVrrp, interface);
    if (!sockets.v4_) return tl::unexpected(unicast_error(errno));
    sockets.v4_authenticated_ = open_raw(AF_INET, wire::kProtocolAh, interface);
    sockets.v6_ = open_raw(AF_INET6, wire::kProtocolVrrp, interface);
    return sockets;
}

NicResult UnicastSocket::send(BytesView packet) const {
    const auto to = [&](int descriptor, const auto& address) -> NicResult {
        if (::sendto(descriptor, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                     sizeof address) >= 0)
            return {};
        return tl::unexpected(unicast_error(errno));
    };
    if (const auto ip = wire::Ipv6View::of(packet)) {
        const IpAddress destination = ip->destination();
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        std::memcpy(&address.sin6_addr, destination.bytes().data(), sizeof address.sin6_addr);
        if (destination.is_link_local()) address.sin6_scope_id = static_cast<std::uint32_t>(interface_);
        return v6_ ? to(v6_.get(), address) : tl::unexpected(unicast_error(EAFNOSUPPORT));
    }
    const auto ip = wire::Ipv4View::of(packet);
    if (!ip) return tl::unexpected(unicast_error(EINVAL));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, ip->destination().bytes().data(), sizeof address.sin_addr);
    return to(v4_.get(), address);
}

} // namespace vrrp::backend
