// Virtual addresses on another interface than the advertisements, with label and scope, on a real kernel.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// The pair has a cable of its own, "sync", for the advertisements.
struct Firewalls : GatewayPair {
    Firewalls() {
        const std::string other = r2.space().name();
        r1.space().must("ip link add sync type veth peer name sync netns " + other);
        r1.space().must("ip addr add 192.0.2.1/29 dev sync; ip link set sync up");
        r2.space().must("ip addr add 192.0.2.2/29 dev sync; ip link set sync up");
    }

    // A file says it, so that it can be reloaded.
    std::string config(const std::string& address) const {
        const std::string path = (files.path() / "vrrpd.toml").string();
        std::ofstream(path)
            << "[[virtual_router]]\ninterface = \"sync\"\nvrid = 5\nprotocol = 3\ninterval = 0.1\n"
            << "address = [" << address << "]\n";
        return "--config " + path;
    }

    bool is_answered() const { return host.space().run("ping -c 1 -W 1 10.99.0.254").status == 0; }
    std::string on(const RouterHost& router, const char* device) const {
        return router.space().must(std::string("ip -o -4 addr show dev ") + device);
    }
};

const std::string kAway = R"("10.99.0.254/24 dev eth0 label eth0:gw", "172.20.9.1/24 dev eth0 scope link")";

} // namespace

TEST_CASE("a gateway address stands on another interface than the advertisements, and moves with them") {
    LIVE_OR_SKIP();
    Firewalls pair;
    const std::string before = pair.r1.machine();
    pair.r1.start(pair.config(kAway));
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK_THAT(pair.on(pair.r1, "eth0"), Catch::Contains("172.20.9.1/24 scope link"));
    CHECK_THAT(pair.on(pair.r1, "eth0"), Catch::Contains("eth0:gw"));
    CHECK(pair.is_answered());
    CHECK(pair.host_knows(kVirtualAddress) == to_string(pair.r1.mac()));
    pair.r2.start(pair.config(kAway));
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(pair.r1.process().wait(10s) == 0);
    CHECK(await(5s, [&] { return pair.host_knows(kVirtualAddress) == to_string(pair.r2.mac()); }));
    CHECK(pair.is_answered());
    CHECK(pair.r1.machine() == before);
    CHECK(pair.r1.files() == "");
}

TEST_CASE(
    "what a killed vrrpd left on another interface goes with its next start, whatever that is to hold") {
    LIVE_OR_SKIP();
    for (const std::string& next : {kAway, std::string(R"("192.0.2.6")")}) {
        INFO(next);
        Firewalls pair;
        const std::string before = pair.r1.machine();
        pair.r1.start(pair.config(kAway));
        REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
        pair.r1.process().signal(SIGKILL);
        REQUIRE(pair.r1.process().wait(10s));
        REQUIRE(pair.r1.holds(kVirtualAddress));
        pair.r2.start(pair.config(kAway)); // so that r1 is backup, unless it is another virtual router now
        REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
        pair.r1.start(pair.config(next));
        CHECK(await(10s, [&] { return !pair.r1.state().is_null() && !pair.r1.holds(kVirtualAddress); }));
        pair.r1.process().signal(SIGTERM);
        CHECK(pair.r1.process().wait(10s) == 0);
        CHECK(pair.r1.machine() == before);
        CHECK(pair.r1.files() == "");
    }
}

TEST_CASE("an address that somebody takes from another interface is put back, and a reload moves it without "
          "a gap") {
    LIVE_OR_SKIP();
    Firewalls pair;
    pair.r1.start(pair.config(kAway));
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    pair.r1.space().must("ip addr del 10.99.0.254/24 dev eth0");
    CHECK(await(10s, [&] { return pair.r1.holds(kVirtualAddress); }));
    pair.config(R"("192.0.2.6", "10.99.0.254/24 dev eth0", "172.20.9.2/24 dev sync")");
    pair.r1.process().signal(SIGHUP);
    const bool moved = await(10s, [&] {
        const std::string there = pair.on(pair.r1, "eth0");
        return there.find("10.99.0.254/24") != std::string::npos &&
               there.find("eth0:gw") == std::string::npos;
    });
    INFO(pair.r1.process().output());
    CHECK(moved);
    CHECK_THAT(pair.on(pair.r1, "eth0"), !Catch::Contains("172.20.9"));
    CHECK(pair.r1.holds("172.20.9.2"));
    CHECK(pair.r1.is("master"));
    CHECK(pair.is_answered());
}

TEST_CASE("a scope that the kernel does not take is told with what to know") {
    LIVE_OR_SKIP();
    Firewalls pair;
    pair.r1.start(pair.config(R"("10.99.0.254/24 dev eth0 scope link")"));
    CHECK(await(5s, [&] {
        return pair.r1.process().output().find(
                   "scope link: this network's other addresses on the interface have another") !=
               std::string::npos;
    }));
}

TEST_CASE("a master that loses the interface of an address leaves the gateway to the other one") {
    LIVE_OR_SKIP();
    Firewalls pair;
    pair.r1.start(pair.config(kAway));
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    pair.r2.start(pair.config(kAway));
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    pair.r1.space().must("ip link del eth0");
    CHECK(await(5s, [&] { return pair.r2.is("master"); }));
    CHECK(pair.r1.state()["reason"] == "place_gone");
    CHECK(await(10s, [&] { return pair.is_answered(); }));
    pair.r1.make_interface();
    CHECK(await(5s, [&] { return pair.r1.is("backup"); }));
}
