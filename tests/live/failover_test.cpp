// Who is master when, and what a host sees of it.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const IpAddress kVip = IpAddress::parse(kVirtualAddress).value();
const std::string kFast = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254"; // Master_Down_Interval about 0.35 s

void elect(GatewayPair& pair, const std::string& first = "-p 200 ", const std::string& second = "-p 100 ") {
    pair.r1.start(first + kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("backup") || pair.r1.is("master"); })); // its timer runs first
    pair.r2.start(second + kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
}

// Answers go on: the host is served now, not only once was.
bool served_again(const Prober& prober) {
    const std::size_t before = prober.answered();
    return await(10s, [&] { return prober.answered() > before + 3; });
}

} // namespace

TEST_CASE("the higher priority is elected and serves the host") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    CHECK(pair.r1.holds(kVirtualAddress));
    CHECK_FALSE(pair.r2.holds(kVirtualAddress));
    const Prober prober(pair.host.space(), kVip, 5ms);
    CHECK(served_again(prober));
    CHECK_FALSE(pair.tap.saw(pair.r2.address(), 100));
}

TEST_CASE("version 2 elects the higher priority too") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-i eth0 -v 5 -p 200 -a pw/secret 10.99.0.254");
    pair.r2.start("-i eth0 -v 5 -a pw/secret 10.99.0.254");
    CHECK(await(6s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(await(10s, [&] { return pair.tap.saw(pair.r1.address(), 200, 2); }));
    CHECK(pair.r2.state()["master"]["priority"] == 200);
}

TEST_CASE("an orderly stop hands over within the skew time and leaves nothing",
          "[v3-6.4.3-8][v3-6.4.2-8][timed]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    const Prober prober(pair.host.space(), kVip, 2ms);
    REQUIRE(served_again(prober));
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(5s) == 0);
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(served_again(prober));
    CHECK(pair.tap.saw(pair.r1.address(), 0));
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
    // Silence would have cost three intervals: 300 ms and more.
    CHECK(prober.longest_gap() < 250ms);
}

TEST_CASE("a machine that dies without a word is replaced after the down interval", "[v3-6.4.2-7]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    const Prober prober(pair.host.space(), kVip, 2ms);
    REQUIRE(served_again(prober));
    pair.r1.unplug();
    pair.r1.process().signal(SIGKILL);
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(served_again(prober));
    CHECK(prober.longest_gap() > 250ms); // never early: two whole intervals and the skew time at least
    CHECK_FALSE(pair.tap.saw(pair.r1.address(), 0));
    CHECK(pair.r2.state()["reason"] == "master_silent");
}

TEST_CASE("a lost link moves the address, and its return moves it back") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.unplug();
    CHECK(await(10s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    CHECK(pair.r1.state()["reason"] == "link_down");
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
    pair.r1.plug();
    CHECK(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    const Prober prober(pair.host.space(), kVip, 5ms);
    CHECK(served_again(prober));
}

TEST_CASE("a better router that returns takes over, and the host hardly notices", "[timed]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r2.start("-p 100 " + kFast);
    REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
    const Prober prober(pair.host.space(), kVip, 2ms);
    REQUIRE(served_again(prober));
    pair.r1.start("-p 200 " + kFast);
    CHECK(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(served_again(prober));
    CHECK(prober.longest_gap() < 100ms); // one advertisement interval: nobody had to time out
    CHECK_FALSE(pair.r2.holds(kVirtualAddress));
}

TEST_CASE("with -s a better router that returns waits") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r2.start("-p 100 " + kFast);
    REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
    pair.r1.start("-s -p 200 " + kFast);
    REQUIRE(await(10s, [&] { return pair.r1.is("backup"); }));
    const std::size_t now = pair.tap.advertisements().size();
    REQUIRE(await(10s, [&] { return pair.tap.advertisements().size() > now + 10; })); // a second of r2's
    CHECK(pair.r1.is("backup"));
    CHECK_FALSE(pair.tap.saw(pair.r1.address(), 200));
}

TEST_CASE("an interface that is deleted and made again is used again") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.space().must("ip link del eth0");
    CHECK(await(10s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    CHECK(pair.r1.state()["reason"] == "interface_gone");
    pair.r1.make_interface();
    CHECK(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(pair.r1.holds(kVirtualAddress));
    pair.r1.unplug(); // it hears and reacts as before
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
}

TEST_CASE("an interface that loses its address resigns, and takes part again when it has one") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.space().must("ip addr del 10.99.0.1/24 dev eth0");
    CHECK(await(10s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    CHECK(pair.tap.saw(pair.r1.address(), 0));
    pair.r1.space().must("ip addr add 10.99.0.1/24 dev eth0");
    CHECK(await(10s, [&] { return pair.r1.is("master"); }));
}

TEST_CASE("a frozen master steps back before it speaks", "[x-freeze]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair, "-p 200 ", "-s -p 100 "); // r2 would keep what it has, were it not outranked
    pair.r1.process().signal(SIGSTOP);
    // Longer than a busy machine may stop for a moment.
    REQUIRE(await(5s, [&] { return pair.r2.is("master") && pair.r2.state()["since"].get<double>() > 0.4; }));
    pair.r1.process().signal(SIGCONT);
    CHECK(await(
        3s, [&] { return pair.r1.process().output().find("this process slept for") != std::string::npos; }));
    CHECK(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
}

TEST_CASE("IPv6 fails over to the virtual link-local and global addresses", "[v3-5.1.2.2]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string addresses = "-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254";
    pair.r1.start("-p 200 " + addresses);
    pair.r2.start(addresses);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    const auto reaches = [&] { return pair.host.space().run("ping -6 -c 1 -W 1 fd99::254").status == 0; };
    CHECK(await(5s, reaches));
    CHECK(pair.host_knows("fd99::254") == "00:00:5e:00:02:05");
    pair.r1.process().signal(SIGTERM);
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(await(5s, reaches));
    CHECK(pair.tap.announced(IpAddress::parse("fd99::254").value(),
                             MacAddress::parse("00:00:5e:00:02:05").value()));
}

TEST_CASE("an interface that is down at the start is used when it comes up") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("ip link set eth0 down");
    pair.r1.start(kFast);
    REQUIRE(await(10s, [&] { return pair.r1.is("initialize"); }));
    pair.r1.space().must("ip link set eth0 up && ip -6 addr replace fd99::1/64 dev eth0 nodad");
    CHECK(await(10s, [&] { return pair.r1.is("master"); }));
    CHECK(pair.r1.holds(kVirtualAddress));
}
