#include "backends/interfaces/magic_packets.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

sockaddr_in endpoint(const IpAddress& address, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    std::memcpy(&result.sin_addr, address.bytes().data(), 4);
    return result;
}

bool starts(int socket, const std::string& device, const IpAddress& source, const IpAddress& gateway) {
    const auto size = static_cast<socklen_t>(device.size());
    if (::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(), size) != 0) return false;
    // An answer is an answer: a reset ends the connection on both sides at once.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    const sockaddr_in from = endpoint(source, 0), to = endpoint(gateway, Nic::kMagicPort);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) return false;
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EINPROGRESS;
}

} // namespace

NicResult MagicPackets::send(const std::string& device, const IpAddress& source, const IpAddress& gateway) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return tl::unexpected(NicError{std::strerror(errno)});
    boost::asio::posix::stream_descriptor socket(io_, fd);
    if (!starts(fd, device, source, gateway))
        return tl::unexpected(NicError{
            fmt::format("{} to {}: {}", to_string(source), to_string(gateway), std::strerror(errno))});
    if (pending_.size() == kMaxPending) pending_.pop_front();
    Pending& one = pending_.emplace_back(
        Pending{next_number_++, source, std::move(socket), boost::asio::steady_timer(io_, kPatience)});
    // Whatever ends it first; by its number, since the other handler may be on its way already.
    const auto end = [this, number = one.number](boost::system::error_code error) {
        if (error != boost::asio::error::operation_aborted) forget(number);
    };
    one.socket.async_wait(boost::asio::posix::stream_descriptor::wait_write, end);
    one.timer.async_wait(end);
    return {};
}

void MagicPackets::give_up(const IpAddress& source) {
    std::erase_if(pending_, [&](const Pending& one) { return one.source == source; });
}

void MagicPackets::forget(std::uint64_t number) {
    std::erase_if(pending_, [&](const Pending& one) { return one.number == number; });
}

} // namespace vrrp::backend
