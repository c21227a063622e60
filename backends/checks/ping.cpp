#include "backends/checks/ping.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace vrrp::backend {
namespace {

constexpr int kUnknownHopLimit = -1;

// Of an IPv6 packet whose socket tells it.
int hop_limit_of(msghdr& message) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level != IPPROTO_IPV6 || one->cmsg_type != IPV6_HOPLIMIT) continue;
        int limit = 0;
        std::memcpy(&limit, CMSG_DATA(one), sizeof limit);
        return limit;
    }
    return kUnknownHopLimit;
}

} // namespace

Ping::Ping(boost::asio::io_context& io, Question question, OnEnd on_end)
    : socket_(io, question.socket.release()), is_answer_(std::move(question.is_answer)), limit_(io),
      on_end_(std::move(on_end)) {}

std::shared_ptr<Ping> Ping::start(boost::asio::io_context& io, Question question, Duration timeout,
                                  OnEnd on_end) {
    std::shared_ptr<Ping> ping(new Ping(io, std::move(question), std::move(on_end)));
    ping->wait_for_limit(timeout);
    ping->wait_for_answer();
    return ping;
}

void Ping::wait_for_limit(Duration timeout) {
    limit_.expires_after(timeout);
    limit_.async_wait([self = shared_from_this(), timeout](boost::system::error_code error) {
        if (!error) self->end(false, "no answer within " + to_string(timeout));
    });
}

void Ping::wait_for_answer() {
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                           if (!error && self->socket_.is_open()) self->read();
                       });
}

void Ping::read() {
    std::array<std::uint8_t, 256> heard{};
    std::array<char, 64> control{};
    iovec room{heard.data(), heard.size()};
    msghdr message{};
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return end(false, std::strerror(errno));
    if (size >= 0 &&
        is_answer_(BytesView(heard).first(static_cast<std::size_t>(size)), hop_limit_of(message)))
        return end(true, "it answers");
    wait_for_answer();
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
