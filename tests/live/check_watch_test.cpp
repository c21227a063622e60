// What checks ask of the kernel, in a network of their own.
#include "backends/checks/ping.hpp"
#include "backends/checks/question.hpp"
#include "backends/checks/route_watch.hpp"
#include "core/net/checksum.hpp"
#include "core/wire/headers/arp.hpp"
#include "core/wire/headers/neighbour.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/namespace.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/icmp.hpp>
#include <catch2/catch.hpp>
#include <vector>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kPatience(5000);

template <typename Condition>
bool await_in(asio::io_context& io, Condition&& condition) {
    return await(kPatience, [&] {
        io.restart();
        io.poll();
        return condition();
    });
}

// Each end of a veth is up: d0 has a carrier while d1 is.
struct Network {
    Network() {
        space.must("sysctl -qw net.ipv6.conf.default.accept_dad=0; ip link set lo up && ip link add d0 type "
                   "veth peer name d1 && ip link set d1 up && "
                   "ip link set d0 up && ip addr add 10.9.0.1/24 dev d0");
    }
    Namespace space{"w"};
};

// An echo reply from us to ourselves.
void answer(asio::io_context& io, const backend::EchoMark& mark) {
    std::array<std::uint8_t, 16> reply{};
    store_be16(&reply[4], mark.identifier);
    store_be16(&reply[6], mark.sequence);
    std::memcpy(&reply[8], &mark.data, 8);
    store_be16(&reply[2], InternetChecksum().add(reply).value());
    asio::ip::icmp::socket socket(io, asio::ip::icmp::v4());
    socket.send_to(asio::buffer(reply), {asio::ip::make_address("127.0.0.1"), 0});
}

struct Told {
    bool ok = false;
    std::string reason;
};

} // namespace

TEST_CASE("an answer to somebody else's ping is not taken for ours") {
    LIVE_OR_SKIP();
    const Network network;
    network.space.must("sysctl -qw net.ipv4.icmp_echo_ignore_all=1");
    const Inside inside(network.space);
    asio::io_context io;
    std::vector<Told> told;
    const backend::EchoMark ours{.identifier = 5, .sequence = 6, .data = 7};
    auto question = backend::ask_by_echo({.address = *IpAddress::parse("127.0.0.1")}, ours);
    REQUIRE(question);
    const auto ping =
        backend::Ping::start(io, *std::move(question), 60s, [&](bool ok, const std::string& reason) {
            told.push_back({ok, reason});
        });
    answer(io, {4, 6, 7});
    answer(io, {5, 5, 7});
    answer(io, {5, 6, 8});
    io.poll();
    CHECK(told.empty());
    answer(io, ours);
    answer(io, ours);
    REQUIRE(await_in(io, [&] { return !told.empty(); }));
    CHECK(told.size() == 1);
    CHECK(told[0].ok);
}

TEST_CASE("a ping that nobody answers fails at its timeout, and one that has no way at once") {
    LIVE_OR_SKIP();
    const Network network;
    network.space.must("ip route add unreachable 10.8.0.0/16 && ip addr add fd00:9::1/64 dev d0 nodad");
    const Inside inside(network.space);
    const auto result = [](const char* address, const char* from, Duration timeout, bool neighbour = false) {
        const PingCheck check{*IpAddress::parse(address), from, neighbour};
        asio::io_context io;
        std::optional<Told> told;
        auto question = neighbour ? backend::ask_neighbour(check) : backend::ask_by_echo(check, {});
        if (!question) return Told{false, "refused: " + question.error()};
        const auto ping =
            backend::Ping::start(io, *std::move(question), timeout, [&](bool ok, const std::string& reason) {
                told = Told{ok, reason};
            });
        REQUIRE(await_in(io, [&] { return told.has_value(); }));
        return *told;
    };
    CHECK(result("10.9.0.2", "", 50ms).reason == "no answer within 50 ms");
    CHECK(result("10.9.0.2", "d0", 50ms).reason == "no answer within 50 ms");
    CHECK(result("fd00:9::2", "d0", 50ms).reason == "no answer within 50 ms");
    CHECK(result("fe80::2", "d0", 50ms).reason == "no answer within 50 ms");
    CHECK(result("10.8.0.1", "", 60s).reason == "refused: No route to host");
    CHECK(result("10.7.0.1", "", 60s).reason == "refused: Network is unreachable");
    CHECK(result("10.9.0.1", "d9", 60s).reason == "refused: d9: No such device");
    CHECK(result("10.9.0.1", "", 60s).reason == "it answers");
    CHECK(result("fd00:9::1", "", 60s).reason == "it answers");
    for (const char* address : {"10.9.0.2", "fd00:9::2", "fe80::2"}) {
        CHECK(result(address, "d0", 50ms, true).reason == "no answer within 50 ms");
        CHECK(result(address, "d9", 50ms, true).reason == "refused: d9: No such device");
    }
    network.space.must("ip link set d0 down");
    CHECK(result("10.9.0.2", "d0", 60s, true).reason == "refused: d0: Network is down");
    CHECK(result("fe80::2", "d0", 60s, true).reason == "refused: d0: Network is unreachable");
}

TEST_CASE("a neighbour's answer to somebody else, or another's answer, is not taken for ours") {
    LIVE_OR_SKIP();
    const Network network;
    network.space.must("ip link set d0 address 02:00:00:00:00:01");
    const Inside inside(network.space);
    const MacAddress ours({0x02, 0, 0, 0, 0, 1}), its({0x02, 0, 0, 0, 0, 2});
    const IpAddress own = *IpAddress::parse("10.9.0.1"), asked = *IpAddress::parse("10.9.0.2");
    const auto question = backend::ask_neighbour({asked, "d0", true});
    REQUIRE(question);
    const auto answers = [&](const wire::ArpPacket& arp) {
        std::array<std::uint8_t, 14 + wire::ArpView::kSize> frame{};
        store_be16(&frame[12], 0x0806);
        wire::ArpView::write(arp, &frame[14]);
        CHECK_FALSE(question->is_answer(BytesView(frame).first(frame.size() - 1), -1)); // cut short
        return question->is_answer(frame, -1);
    };
    CHECK(answers({false, its, asked, ours, own}));
    CHECK_FALSE(answers({true, its, asked, ours, own}));
    CHECK_FALSE(answers({false, its, asked, its, own}));
    CHECK_FALSE(answers({false, its, own, ours, own}));

    const IpAddress six = *IpAddress::parse("fe80::2");
    const auto solicitation = backend::ask_neighbour({six, "d0", true});
    REQUIRE(solicitation);
    std::array<std::uint8_t, wire::NeighbourView::kSize> message{};
    const auto advertised = [&](const char* address, int hop_limit) {
        wire::NeighbourView::write_advertisement(0, *IpAddress::parse(address), its, message.data());
        return solicitation->is_answer(message, hop_limit);
    };
    CHECK(advertised("fe80::2", 255));
    CHECK_FALSE(advertised("fe80::2", 254)); // it came through a router
    CHECK_FALSE(advertised("fe80::2", -1));
    CHECK_FALSE(advertised("fe80::3", 255));
    CHECK_FALSE(solicitation->is_answer(BytesView(message).first(23), 255));
    wire::NeighbourView::write_solicitation(six, its, message.data());
    CHECK_FALSE(solicitation->is_answer(message, 255));
}

namespace {

RouteCheck route(const char* to) {
    return {.prefix = *IpPrefix::parse(to)};
}

// What one watch says of the commands that are run.
struct Watched {
    explicit Watched(const RouteCheck& check)
        : watch(std::in_place, io, check, [this](bool there, const std::string& reason) {
              ++times;
              told = {there, reason};
          }) {
        REQUIRE(await_in(io, [&] { return times != 0; }));
    }
    bool becomes(bool there) {
        return await_in(io, [&] { return told.ok == there; });
    }
    asio::io_context io;
    unsigned times = 0;
    Told told;
    std::optional<backend::RouteWatch> watch;
};

} // namespace

TEST_CASE("a route is seen when it comes and goes, in its table only") {
    LIVE_OR_SKIP();
    const Network network;
    const auto ip = [&](const std::string& what) { network.space.must("ip " + what); };
    const Inside inside(network.space);
    RouteCheck other = route("10.5.0.0/16");
    other.table = 1000; // more than rtm_table holds
    Watched main(route("10.5.0.0/16")), elsewhere(other);
    CHECK_FALSE(main.told.ok);
    CHECK(main.told.reason == "there is no route to 10.5.0.0/16");
    CHECK(elsewhere.told.reason == "there is no route to 10.5.0.0/16 in table 1000");
    for (int round = 0; round < 2; ++round) {
        ip("route add 10.5.0.0/16 via 10.9.0.2");
        CHECK(main.becomes(true));
        CHECK(main.told.reason == "there is a route to 10.5.0.0/16");
        ip("route add 10.5.0.0/16 via 10.9.0.2 table 1000");
        CHECK(elsewhere.becomes(true));
        ip("route del 10.5.0.0/16");
        CHECK(main.becomes(false));
        CHECK(elsewhere.told.ok);
        ip("route flush table 1000");
        CHECK(elsewhere.becomes(false));
    }
    ip("route add 10.5.0.0/24 via 10.9.0.2"); // not the prefix
    ip("route add 10.0.0.0/8 via 10.9.0.2");
    ip("route add blackhole 10.5.0.0/16"); // no packet goes by it
    ip("route add 10.5.0.0/16 via 10.9.0.3 table 1000");
    CHECK(elsewhere.becomes(true)); // it has heard of all that came before, and so has the other one
    main.io.restart();
    main.io.poll();
    CHECK_FALSE(main.told.ok);
}

TEST_CASE("a route of another protocol or next hop is another one") {
    LIVE_OR_SKIP();
    const Network network;
    const auto ip = [&](const std::string& what) { network.space.must("ip " + what); };
    const Inside inside(network.space);
    RouteCheck check = route("0.0.0.0/0");
    check.protocol = 186;
    check.via = *IpAddress::parse("10.9.0.2");
    Watched watched(check), any(route("0.0.0.0/0"));
    CHECK(watched.told.reason == "there is no route to 0.0.0.0/0 of protocol 186 via 10.9.0.2");
    ip("route add default via 10.9.0.3 proto 186");
    CHECK(any.becomes(true));
    CHECK_FALSE(watched.told.ok);
    ip("route replace default via 10.9.0.2 proto static");
    ip("route add default via 10.9.0.2 proto 186 metric 50");
    CHECK(watched.becomes(true));
    ip("route del default metric 50");
    CHECK(watched.becomes(false));
    ip("route add default proto 186 metric 60 nexthop via 10.9.0.3 nexthop via 10.9.0.2");
    CHECK(watched.becomes(true));
}

TEST_CASE("a route goes with its link, its carrier and its address, of which the kernel says nothing") {
    LIVE_OR_SKIP();
    const Network network;
    const auto ip = [&](const std::string& what) { network.space.must("ip " + what); };
    const Inside inside(network.space);
    ip("route add 10.5.0.0/16 via 10.9.0.2");
    Watched watched(route("10.5.0.0/16"));
    CHECK(watched.told.ok);
    ip("link set d1 down"); // d0 has no carrier any more
    CHECK(watched.becomes(false));
    ip("link set d1 up");
    CHECK(watched.becomes(true));
    ip("link set d0 down");
    CHECK(watched.becomes(false));
    ip("link set d0 up && ip route add 10.5.0.0/16 via 10.9.0.2");
    CHECK(watched.becomes(true));
    ip("addr del 10.9.0.1/24 dev d0");
    CHECK(watched.becomes(false));
}

TEST_CASE("IPv6 routes are watched, too") {
    LIVE_OR_SKIP();
    const Network network;
    const auto ip = [&](const std::string& what) { network.space.must("ip " + what); };
    const Inside inside(network.space);
    ip("addr add fd00:9::1/64 dev d0 nodad");
    RouteCheck check = route("::/0");
    check.via = *IpAddress::parse("fd00:9::2");
    check.protocol = 16;
    Watched watched(check);
    CHECK_FALSE(watched.told.ok);
    ip("-6 route add default via fd00:9::2 proto dhcp");
    CHECK(watched.becomes(true));
    ip("-6 route add default via fd00:9::3 proto dhcp metric 5");
    ip("-6 route del default via fd00:9::2");
    CHECK(watched.becomes(false));
}

TEST_CASE("a watch that has gone tells nothing") {
    LIVE_OR_SKIP();
    const Network network;
    const Inside inside(network.space);
    Watched watched(route("10.5.0.0/16"));
    network.space.must("ip route add 10.5.0.0/16 via 10.9.0.2"); // what it hears waits
    watched.watch.reset();
    watched.io.restart();
    watched.io.run(); // it ends when nothing is left to wait for
    CHECK(watched.times == 1);
}
