// Which MAC a host learns, and from whom it gets an answer.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kVirtualMac = "00:00:5e:00:01:05";

void elect(GatewayPair& pair, const std::string& options = "") {
    const std::string line = options + "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";
    pair.r1.start("-p 200 " + line);
    pair.r2.start("-p 100 " + line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
}

bool pings(const RouterHost& from, const std::string& options, const std::string& address) {
    return from.space().run("ping -c 1 -W 1 " + options + " " + address).status == 0;
}

} // namespace

TEST_CASE("a host learns the virtual MAC and no other, also from the master's own requests",
          "[v3-6.4.3-1][v2-8.2]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    REQUIRE(pings(pair.host, "", kVirtualAddress));
    CHECK(pair.host_knows(kVirtualAddress) == kVirtualMac);
    // The master talks to the host from the virtual address, having forgotten its MAC: it must ask for it.
    pair.r1.space().must("ip neigh flush all");
    REQUIRE(pings(pair.r1, "-I 10.99.0.254", "10.99.0.100"));
    CHECK(pair.host_knows(kVirtualAddress) == kVirtualMac);
    // And when the host asks anew.
    pair.host.space().must("ip neigh flush all");
    REQUIRE(pings(pair.host, "", kVirtualAddress));
    CHECK(pair.host_knows(kVirtualAddress) == kVirtualMac);
    CHECK(pings(pair.host, "", "10.99.0.1"));
    CHECK(pair.host_knows("10.99.0.1") == "02:00:00:00:00:01"); // the interface keeps its own
}

TEST_CASE("the virtual MAC answers for the virtual address and for nothing else that the router has") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    REQUIRE(pings(pair.host, "", kVirtualAddress));
    pair.host.space().must("ip neigh flush all"); // it has heard r1 ask
    REQUIRE(pings(pair.host, "", "10.99.0.1"));
    const auto says = [](const char* mac, const char* address) {
        return
            [mac = MacAddress::parse(mac).value(), ip = IpAddress::parse(address).value()](BytesView frame) {
                return frame.size() >= 42 && load_be16(&frame[12]) == 0x0806 && frame[21] == 2 &&
                       std::ranges::equal(frame.subspan(22, 6), mac.bytes()) &&
                       std::ranges::equal(frame.subspan(28, 4), ip.bytes());
            };
    };
    CHECK(pair.tap.saw_other(says("00:00:5e:00:01:05", kVirtualAddress)));
    CHECK(pair.tap.saw_other(says("02:00:00:00:00:01", "10.99.0.1")));
    CHECK_FALSE(pair.tap.saw_other(says("00:00:5e:00:01:05", "10.99.0.1")));
}

TEST_CASE("the virtual MAC stays the same when the master changes") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    REQUIRE(pings(pair.host, "", kVirtualAddress));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(await(10s, [&] { return pings(pair.host, "", kVirtualAddress); }));
    CHECK(pair.host_knows(kVirtualAddress) == kVirtualMac);
}

TEST_CASE("without the virtual MAC the host learns the master's interface") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair, "-n ");
    REQUIRE(pings(pair.host, "", kVirtualAddress));
    CHECK(pair.host_knows(kVirtualAddress) == "02:00:00:00:00:01");
    pair.r1.process().signal(SIGTERM);
    REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(await(10s, [&] { return pair.host_knows(kVirtualAddress) == "02:00:00:00:00:02"; }));
}

TEST_CASE("between two masters nobody answers for the address", "[v3-6.4.2-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.unplug(); // r1 goes; before r2 takes over nobody may answer
    pair.host.space().must("ip neigh replace 10.99.0.254 lladdr " + kVirtualMac + " dev eth0");
    CHECK_FALSE(pair.host.space().run("ping -c 1 -W 0.1 10.99.0.254").status == 0);
}

TEST_CASE("a backup receives nothing for the virtual MAC, not even what the network floods", "[v3-6.4.2-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    // A switch that learns nothing: everything reaches everybody.
    pair.lan.must("bridge link set dev " + pair.r1.port() + " learning off && bridge link set dev " +
                  pair.r2.port() + " learning off && ip link set br0 type bridge fdb_flush");
    pair.r1.start("-p 200 -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254");
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); })); // so that r2 never is, not for a moment
    pair.r2.start("-p 100 -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254");
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    const auto received = [](const RouterHost& router) {
        return std::stoi(router.space().must("cat /sys/class/net/vrrp4.5.*/statistics/rx_packets"));
    };
    for (int i = 0; i < 3; ++i) // with broadcasts among them
        pair.host.space().must("ip neigh flush all; ping -c 1 -W 1 10.99.0.254");
    CHECK(received(pair.r1) >= 6);
    CHECK(received(pair.r2) == 0);
    // The same when it has been master, and is backup again.
    pair.r1.process().signal(SIGTERM);
    REQUIRE(await(10s, [&] { return pair.r2.is("master") && pings(pair.host, "", kVirtualAddress); }));
    CHECK(received(pair.r2) > 0);
    pair.r1.start("-p 200 -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254");
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    const auto device_is = [&](const char* what) {
        return pair.r2.space().must("ip -d -o link show type macvlan").find(what) != std::string::npos;
    };
    CHECK(device_is("mode source")); // deaf at once
    REQUIRE(await(10s, [&] { return device_is("state DOWN"); }));
    const int before = received(pair.r2);
    pair.host.space().must("ip neigh flush all; ping -c 3 -i 0.01 -W 1 10.99.0.254");
    CHECK(received(pair.r2) == before);
}

TEST_CASE("the virtual MAC makes no address of its own", "[v3-7.4]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string line = "-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254";
    pair.r1.start("-p 200 " + line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    REQUIRE(await(10s, [&] { return pair.r1.holds("fd99::254"); }));
    CHECK(pair.r1.space().must("ip -6 -o addr").find("5eff:fe00") == std::string::npos);
}

TEST_CASE("the interface itself keeps its MAC and stays up") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string before = pair.r1.space().must("ip -o link show eth0 | sed 's/^[^:]*: //'");
    elect(pair);
    CHECK(pair.r1.space().must("ip -o link show eth0 | sed 's/^[^:]*: //'") == before);
}
