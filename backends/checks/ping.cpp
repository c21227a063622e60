#include "backends/checks/ping.hpp"

#include "core/net/checksum.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <utility>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;

// Type, code, checksum, identifier, sequence number, data; RFC 792, RFC 4443 section 4.1.
constexpr std::size_t kEchoSize = 16;
using EchoMessage = std::array<std::uint8_t, kEchoSize>;

struct EchoTypes {
    std::uint8_t request, reply;
};

constexpr EchoTypes echo_types(IpFamily family) {
    return family == IpFamily::v4 ? EchoTypes{ICMP_ECHO, ICMP_ECHOREPLY}
                                  : EchoTypes{ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY};
}

EchoMessage echo_message(std::uint8_t type, const PingMark& mark) {
    EchoMessage bytes{type};
    store_be16(&bytes[4], mark.identifier);
    store_be16(&bytes[6], mark.sequence);
    std::memcpy(&bytes[8], &mark.data, sizeof mark.data);
    return bytes;
}

// A matter of saving work: what is heard is looked at all the same.
void hear_replies_only(int descriptor, IpFamily family) {
    if (family == IpFamily::v4) {
        constexpr int kIcmpFilter = 1; // ICMP_FILTER of <linux/icmp.h>, which does not go with <net/if.h>
        const std::uint32_t hidden = ~(1U << ICMP_ECHOREPLY);
        (void)::setsockopt(descriptor, SOL_RAW, kIcmpFilter, &hidden, sizeof hidden);
    } else {
        icmp6_filter filter;
        ICMP6_FILTER_SETBLOCKALL(&filter);
        ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
        (void)::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    }
}

} // namespace

tl::expected<std::shared_ptr<Ping>, std::string> Ping::start(asio::io_context& io, const PingCheck& check,
                                                             const PingMark& mark, Duration timeout,
                                                             OnEnd on_end) {
    std::shared_ptr<Ping> ping(new Ping(io, check.address.family(), mark));
    if (const auto sent = ping->send(check); !sent) return tl::unexpected(sent.error());
    ping->on_end_ = std::move(on_end);
    ping->wait_for_limit(timeout);
    ping->wait_for_answer();
    return ping;
}

tl::expected<void, std::string> Ping::send(const PingCheck& check) {
    boost::system::error_code error;
    const auto failed = [&](const char* what) { return tl::unexpected(what + (": " + error.message())); };
    socket_.open(family_ == IpFamily::v4 ? Protocol::v4() : Protocol::v6(), error);
    if (error) return failed("raw socket");
    socket_.non_blocking(true, error);
    ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    hear_replies_only(socket_.native_handle(), family_);
    const std::string& interface = check.interface;
    if (!interface.empty() && ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_BINDTODEVICE,
                                           interface.c_str(), static_cast<socklen_t>(interface.size())) != 0)
        return tl::unexpected(interface + ": " + std::strerror(errno));
    // Connected it hears nobody else, and the errors that it causes.
    socket_.connect({asio::ip::make_address(to_string(check.address)), 0}, error);
    if (error) return tl::unexpected(error.message());
    EchoMessage request = echo_message(echo_types(family_).request, mark_);
    if (family_ == IpFamily::v4) // the kernel writes that of ICMPv6
        store_be16(&request[2], InternetChecksum().add(request).value());
    socket_.send(asio::buffer(request), 0, error);
    if (error) return tl::unexpected(error.message());
    return {};
}

void Ping::wait_for_limit(Duration timeout) {
    limit_.expires_after(timeout);
    limit_.async_wait([self = shared_from_this(), timeout](boost::system::error_code error) {
        if (!error) self->end(false, "no answer within " + to_string(timeout));
    });
}

void Ping::wait_for_answer() {
    socket_.async_receive(asio::buffer(heard_),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                              if (!self->socket_.is_open()) return;
                              if (error) return self->end(false, error.message());
                              if (self->is_answer(size)) return self->end(true, "it answers");
                              self->wait_for_answer();
                          });
}

bool Ping::is_answer(std::size_t size) const {
    // Of IPv4 the header comes with it.
    const std::size_t header = family_ == IpFamily::v4 && size != 0 ? 4U * (heard_[0] & 0x0f) : 0;
    if (size < header + kEchoSize) return false;
    EchoMessage expected = echo_message(echo_types(family_).reply, mark_);
    std::memcpy(&expected[2], &heard_[header + 2], 2); // the kernel has looked at the checksum
    return std::memcmp(expected.data(), &heard_[header], kEchoSize) == 0;
}

void Ping::stop() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    limit_.cancel();
    on_end_ = nullptr;
}

// Both the answer and the limit may be on their way: the first counts.
void Ping::end(bool ok, const std::string& reason) {
    const OnEnd on_end = std::exchange(on_end_, nullptr);
    stop();
    if (on_end) on_end(ok, reason);
}

} // namespace vrrp::backend
