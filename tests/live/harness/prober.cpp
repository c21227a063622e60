#include "tests/live/harness/prober.hpp"

#include "core/net/checksum.hpp"

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vrrp::live {
namespace {

constexpr std::size_t kEchoSize = 16;

std::array<std::uint8_t, kEchoSize> echo_request(std::uint16_t id, std::uint16_t sequence) {
    std::array<std::uint8_t, kEchoSize> echo{};
    echo[0] = 8;
    store_be16(&echo[4], id);
    store_be16(&echo[6], sequence);
    store_be16(&echo[2], InternetChecksum().add(echo).value());
    return echo;
}

} // namespace

Prober::Prober(const Namespace& space, const IpAddress& target, std::chrono::milliseconds interval)
    : space_(space), target_(target), interval_(interval), thread_([this] { run(); }) {}

Prober::~Prober() {
    stop_ = true;
    thread_.join();
}

void Prober::run() {
    const Inside inside(space_);
    const int socket = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, target_.bytes().data(), 4);
    const auto id = static_cast<std::uint16_t>(::getpid());
    std::uint16_t sequence = 0;
    auto next = Clock::now();
    while (!stop_) {
        if (Clock::now() >= next) {
            const auto echo = echo_request(id, ++sequence);
            {
                const std::lock_guard lock(mutex_);
                pending_[sequence] = Clock::now();
            }
            (void)::sendto(socket, echo.data(), echo.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
            next += interval_;
        }
        pollfd readable{.fd = socket, .events = POLLIN, .revents = 0};
        (void)::poll(&readable, 1, 1);
        std::array<std::uint8_t, 256> packet{};
        while (::recv(socket, packet.data(), packet.size(), 0) >= static_cast<ssize_t>(20 + kEchoSize)) {
            const std::lock_guard lock(mutex_);
            const auto sent = pending_.find(load_be16(&packet[26]));
            if (packet[20] != 0 || load_be16(&packet[24]) != id || sent == pending_.end()) continue;
            answered_.push_back(sent->second);
            pending_.erase(sent);
        }
    }
    ::close(socket);
}

std::size_t Prober::answered() const {
    const std::lock_guard lock(mutex_);
    return answered_.size();
}

std::size_t Prober::lost() const {
    const std::lock_guard lock(mutex_);
    if (answered_.empty()) return pending_.size();
    const Clock::time_point last = *std::ranges::max_element(answered_);
    return static_cast<std::size_t>(
        std::ranges::count_if(pending_, [&](const auto& probe) { return probe.second < last; }));
}

std::chrono::milliseconds Prober::longest_gap(Clock::time_point since) const {
    const std::lock_guard lock(mutex_);
    std::vector<Clock::time_point> sent = answered_;
    std::ranges::sort(sent);
    Clock::duration longest{};
    for (std::size_t i = 1; i < sent.size(); ++i)
        if (sent[i] >= since) longest = std::max(longest, sent[i] - sent[i - 1]);
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

} // namespace vrrp::live
