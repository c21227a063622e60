#include "tests/bench/hostile/blast.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace vrrp::bench {
namespace {

constexpr std::size_t kBatch = 64;

int open_socket(const std::string& interface) {
    // Protocol 0: it only sends.
    const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    const int on = 1;
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) == 0);
    return socket;
}

} // namespace

Blast blast(const live::Namespace& space, const std::string& interface, const std::vector<Frame>& frames,
            unsigned per_second, Duration duration) {
    using Clock = std::chrono::steady_clock;
    const live::Inside inside(space);
    const int socket = open_socket(interface);
    std::array<iovec, kBatch> bytes{};
    std::array<mmsghdr, kBatch> batch{};
    for (std::size_t i = 0; i < kBatch; ++i) {
        const Frame& frame = frames[i % frames.size()];
        bytes[i] = {const_cast<std::uint8_t*>(frame.data()), frame.size()};
        batch[i].msg_hdr.msg_iov = &bytes[i];
        batch[i].msg_hdr.msg_iovlen = 1;
    }
    Blast done;
    const auto start = Clock::now();
    const Duration pace = Duration(std::chrono::seconds(1)) * kBatch / per_second;
    for (auto next = start; Clock::now() - start < duration; next += pace) {
        // A sleep of a few microseconds takes sixty: what it misses is made up for.
        std::this_thread::sleep_until(next);
        const int sent = ::sendmmsg(socket, batch.data(), kBatch, 0);
        if (sent > 0) done.frames += static_cast<std::uint64_t>(sent);
    }
    done.took = Clock::now() - start;
    ::close(socket);
    return done;
}

} // namespace vrrp::bench
