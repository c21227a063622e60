// What a host sees of a virtual router's IPv6 addresses: who answers for them, and as what.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/live/harness/tshark.hpp"

#include <arpa/inet.h>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kAddresses = "-i eth0 -v 5 --protocol 3 fe80::5 fd99::254 ";
const std::string kFast = kAddresses + "-d 0.1 ";
const std::string kVirtualMac = "00:00:5e:00:02:05";
const std::string kSolicitedNodeGroup = "ff02::1:ff00:254"; // of fd99::254
constexpr std::uint16_t kPort = 4000;

bool pings(const GatewayPair& pair, const std::string& address) {
    return pair.host.space().run("ping -6 -c 1 -W 1 " + address).status == 0;
}

bool is_in_group(const RouterHost& router) {
    return router.space().must("ip -6 maddr").find(kSolicitedNodeGroup + "\n") != std::string::npos;
}

std::string routes(const RouterHost& router) {
    return router.space().must("ip -6 route show table all");
}

class Socket {
  public:
    Socket(const RouterHost& owner, int type) {
        const Inside inside(owner.space());
        fd_ = ::socket(AF_INET6, type | SOCK_CLOEXEC, 0);
        scope_ = ::if_nametoindex("eth0");
        REQUIRE(fd_ >= 0);
    }
    explicit Socket(int fd) : fd_(fd) { REQUIRE(fd_ >= 0); }
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int get() const { return fd_; }
    sockaddr_in6 endpoint(const char* address) const {
        sockaddr_in6 result{};
        result.sin6_family = AF_INET6;
        result.sin6_port = htons(kPort);
        result.sin6_scope_id = scope_;
        ::inet_pton(AF_INET6, address, &result.sin6_addr);
        return result;
    }
    bool is_readable() const {
        pollfd one{.fd = fd_, .events = POLLIN, .revents = 0};
        return ::poll(&one, 1, 2000) == 1;
    }

  private:
    int fd_ = -1;
    unsigned scope_ = 0;
};

// The host asks, and hears what the router's service answers.
bool exchanges_datagrams(const GatewayPair& pair, const char* address) {
    const Socket service(pair.r1, SOCK_DGRAM), client(pair.host, SOCK_DGRAM);
    sockaddr_in6 any = service.endpoint("::"), to = client.endpoint(address), from{};
    any.sin6_scope_id = 0;
    socklen_t size = sizeof from;
    char byte = '?';
    REQUIRE(::bind(service.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) == 0);
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    return ::send(client.get(), &byte, 1, 0) == 1 && service.is_readable() &&
           ::recvfrom(service.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &size) == 1 &&
           ::sendto(service.get(), "!", 1, 0, reinterpret_cast<sockaddr*>(&from), size) == 1 &&
           client.is_readable() && ::recv(client.get(), &byte, 1, 0) == 1 && byte == '!';
}

bool exchanges_by_connection(const GatewayPair& pair, const char* address) {
    const Socket service(pair.r1, SOCK_STREAM), client(pair.host, SOCK_STREAM | SOCK_NONBLOCK);
    sockaddr_in6 any = service.endpoint("::"), to = client.endpoint(address);
    any.sin6_scope_id = 0;
    REQUIRE(::bind(service.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) == 0);
    REQUIRE(::listen(service.get(), 1) == 0);
    (void)::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof to); // under way
    if (!service.is_readable()) return false;
    const Socket accepted(::accept(service.get(), nullptr, nullptr));
    char byte = '?';
    return ::send(accepted.get(), "!", 1, 0) == 1 && client.is_readable() &&
           ::recv(client.get(), &byte, 1, 0) == 1 && byte == '!';
}

} // namespace

TEST_CASE("a host on the link reaches the virtual link-local address and its services") {
    LIVE_OR_SKIP();
    for (const std::string options : {"", "-n "}) {
        INFO("options " << options);
        GatewayPair pair;
        const std::string before = pair.r1.machine() + routes(pair.r1);
        pair.r1.start(options + kFast);
        REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
        CHECK(await(10s, [&] { return pings(pair, "fe80::5%eth0"); }));
        CHECK(exchanges_datagrams(pair, "fe80::5"));
        CHECK(exchanges_by_connection(pair, "fe80::5"));
        CHECK(pings(pair, "-I eth0 fd99::254"));
        pair.r1.process().signal(SIGTERM);
        REQUIRE(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() + routes(pair.r1) == before);
    }
}

TEST_CASE("a host with nothing but a link-local address reaches the virtual addresses") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.host.space().must("ip -6 addr del fd99::100/64 dev eth0 && ip -6 route add fd99::/64 dev eth0");
    pair.r1.start(kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(await(10s, [&] { return pings(pair, "fd99::254"); }));
    CHECK(exchanges_by_connection(pair, "fd99::254"));
}

TEST_CASE("a master answers neighbour solicitations as a router, from the virtual MAC", "[v3-6.4.3-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("sysctl -qw net.ipv6.conf.all.forwarding=1");
    pair.r1.start(kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(is_in_group(pair.r1));
    for (const std::string address : {"fe80::5", "fd99::254"}) {
        INFO(address);
        pair.host.space().must("ip -6 neigh flush all");
        REQUIRE(await(
            3s, [&] { return pings(pair, address.starts_with("fe80") ? address + "%eth0" : address); }));
        CHECK(pair.host_knows(address) == kVirtualMac);
        pair.tap.flush();
        const std::string answers =
            "icmpv6.type == 136 && icmpv6.nd.na.flag.s == 1 && icmpv6.nd.na.target_address == " + address;
        const std::string good =
            " && icmpv6.nd.na.flag.r == 1 && icmpv6.nd.na.flag.o == 1 && eth.src == " + kVirtualMac +
            " && icmpv6.opt.linkaddr == " + kVirtualMac + " && icmpv6.checksum.status == \"Good\"";
        const auto file = pair.files.path() / "wire.pcap";
        CHECK_FALSE(tshark(file, answers, "-e frame.number").empty());
        CHECK(tshark(file, answers + good, "-e frame.number") == tshark(file, answers, "-e frame.number"));
    }
}

TEST_CASE("a backup answers no neighbour solicitation and takes no packet to the virtual MAC",
          "[v3-6.4.2-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kAddresses + "-d 40"); // backup as long as the test lasts
    REQUIRE(await(5s, [&] { return pair.r1.is("backup"); }));
    CHECK_FALSE(is_in_group(pair.r1));
    CHECK_FALSE(pings(pair, "fd99::254"));
    pair.tap.flush();
    const auto file = pair.files.path() / "wire.pcap";
    CHECK_FALSE(tshark(file, "icmpv6.nd.ns.target_address == fd99::254", "-e frame.number").empty());
    CHECK(tshark(file, "icmpv6.nd.na.target_address == fd99::254", "-e frame.number").empty());
    pair.host.space().must("ip -6 neigh replace fd99::254 lladdr " + kVirtualMac + " dev eth0");
    CHECK_FALSE(pings(pair, "fd99::254"));
}

TEST_CASE("only the master is in the solicited-node groups", "[v3-6.4.3-1][v3-6.4.2-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string before = routes(pair.r2);
    pair.r2.start(kFast);
    REQUIRE(await(5s, [&] { return pair.r2.is("master") && is_in_group(pair.r2); }));
    pair.r1.start("-p 200 " + kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(is_in_group(pair.r1));
    CHECK_FALSE(is_in_group(pair.r2));
    CHECK(routes(pair.r2) == before);
}
