// Nothing of ours stays on a machine: not after an orderly stop, and not after a kill and a restart.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

} // namespace

TEST_CASE("after an orderly stop the machine is as it was before") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("sysctl -qw net.ipv4.conf.eth0.arp_announce=1"); // the operator's own choice
    const std::string before = pair.r1.machine();
    for (const char* options : {"", "-n "}) {
        pair.r1.start(options + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        CHECK(pair.r1.machine() != before);
        pair.r1.process().signal(SIGTERM);
        CHECK(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() == before);
        CHECK(pair.r1.files().empty());
    }
}

TEST_CASE("a restart after SIGKILL removes what was left, before its first advertisement", "[x-stale]") {
    LIVE_OR_SKIP();
    for (const std::string options : {"", "-n "}) {
        GatewayPair pair;
        const std::string before = pair.r1.machine();
        pair.r1.start(options + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        pair.r1.process().signal(SIGKILL);
        REQUIRE(pair.r1.process().wait(10s));
        REQUIRE(pair.r1.holds(kVirtualAddress)); // the fault that we are about
        pair.r2.start("-p 200 " + kLine);
        REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
        pair.r1.start(options + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("backup"); }));
        CHECK_FALSE(pair.r1.holds(kVirtualAddress));
        pair.r1.process().signal(SIGTERM);
        CHECK(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() == before);
        CHECK(pair.r1.files().empty());
    }
}

TEST_CASE("a damaged record of an interface's settings is no reason not to start") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string before = pair.r1.machine();
    const int index = std::stoi(pair.r1.space().must("cat /sys/class/net/eth0/ifindex"));
    const std::string record = "arp_" + std::to_string(index) + ".json";
    for (const char* damaged : {"", "{", "[1, 2]", R"({"boot": 5, "arp_ignore": 1, "arp_announce": 2})",
                                R"({"arp_ignore": "0", "../../../../kernel/x": "0"})"}) {
        INFO(damaged);
        std::ofstream(pair.r1.directory() / record) << damaged;
        pair.r1.start(kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        pair.r1.process().signal(SIGTERM);
        CHECK(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() == before);
    }
}

TEST_CASE("two processes share an interface and the last one puts its settings back") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string before = pair.r1.machine();
    pair.r1.start(kLine);
    Process other(pair.r1.space(), {kVrrpdBinary, "--foreground", "-f", pair.r1.directory().string(), "-i",
                                    "eth0", "-v", "6", "--protocol", "3", "-d", "0.1", "10.99.0.253"});
    REQUIRE(await(5s, [&] { return pair.r1.holds("10.99.0.253") && pair.r1.holds(kVirtualAddress); }));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(pair.r1.process().wait(10s) == 0);
    CHECK(pair.r1.space().must("sysctl -n net.ipv4.conf.eth0.arp_announce") == "2\n");
    CHECK(pair.r1.holds("10.99.0.253"));
    other.signal(SIGTERM);
    REQUIRE(other.wait(10s) == 0);
    CHECK(pair.r1.machine() == before);
}

TEST_CASE("an address that an operator put there is not taken for a leftover") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("ip addr add 10.99.0.254/24 dev eth0");
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    CHECK(pair.r1.state()["owner"] == true);
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
    CHECK(pair.r1.holds(kVirtualAddress));
    CHECK(pair.tap.saw(pair.r1.address(), 255));
}

TEST_CASE("what a killed process left goes with the next start of any vrrpd there, whatever that runs") {
    LIVE_OR_SKIP();
    for (const std::string options : {"", "-n "}) {
        INFO(options);
        GatewayPair pair;
        const std::string before = pair.r1.machine();
        pair.r1.start(options + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        pair.r1.process().signal(SIGKILL);
        REQUIRE(pair.r1.process().wait(10s));
        REQUIRE(pair.r1.holds(kVirtualAddress));
        pair.r1.start(options + "-i eth0 -v 6 --protocol 3 -d 0.1 10.99.0.6");
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        CHECK_FALSE(pair.r1.holds(kVirtualAddress));
        pair.r1.process().signal(SIGTERM);
        CHECK(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() == before);
        CHECK(pair.r1.files().empty());
    }
}
