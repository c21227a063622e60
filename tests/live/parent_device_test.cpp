// Interfaces that are no plain network cards, and what stands in the way of ours on them.
#include "backends/interfaces/linux_nic.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/test_inbox.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kRouter = "-v 5 --protocol 3 -d 0.1 10.99.0.254 ";

bool says(RouterHost& router, const std::string& text) {
    return await(10s, [&] { return router.process().output().find(text) != std::string::npos; });
}

// It does not start, and says why; nothing is left.
void is_refused(RouterHost& router, const std::string& arguments, const std::string& why) {
    INFO(arguments);
    const std::string before = router.machine();
    Process& process = router.start(arguments);
    CHECK(process.wait(5s) == 2);
    CHECK(process.output() == "vrrpd: " + why + "\n");
    CHECK(router.machine() == before);
    CHECK(router.files().empty());
}

bool pings(const GatewayPair& pair) {
    return pair.host.space().run("ping -c 1 -W 1 10.99.0.254").status == 0;
}

// eth0's IPv4 address, on a device made by `command`, which is called `device`.
void move_address(const RouterHost& router, const std::string& command, const std::string& device) {
    const std::string address = to_string(router.address()) + "/24 dev ";
    router.space().must("ip addr del " + address + "eth0 && " + command + " && ip link set " + device +
                        " up && ip addr add " + address + device);
}

// Ends the test visibly where the kernel does not know this kind of device.
#define KIND_OR_SKIP(router, kind, options)                                                                  \
    if ((router).space().run("ip link add probe type " kind " " options).status != 0) {                      \
        WARN("SKIPPED: this kernel makes no device of the kind " kind);                                      \
        return;                                                                                              \
    }                                                                                                        \
    (router).space().must("ip link del probe")

} // namespace

TEST_CASE("an interface that goes to another network namespace leaves nothing that answers here") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const Namespace elsewhere("x");
    pair.r1.start("-p 200 -i eth0 " + kRouter);
    pair.r2.start("-i eth0 " + kRouter);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    pair.r1.space().must("ip link set eth0 netns " + elsewhere.name());
    CHECK(await(10s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    CHECK(await(10s, [&] { return !pair.r1.holds(kVirtualAddress); }));
    CHECK(pair.r1.space().must("ls /sys/class/net").find("vrrp") == std::string::npos);
    CHECK(await(10s, [&] { return pings(pair); }));
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
    CHECK(pair.r1.files().empty());
}

TEST_CASE("a macvlan as interface is refused with a word on -n, which works there") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    for (RouterHost* router : {&pair.r1, &pair.r2})
        move_address(*router, "ip link add mv0 link eth0 type macvlan mode bridge", "mv0");
    is_refused(pair.r1, "-i mv0 " + kRouter, "mv0 is a macvlan, which cannot carry a virtual MAC: use -n");
    const std::string line = "-n -i mv0 " + kRouter;
    pair.r1.start("-p 200 " + line);
    pair.r2.start(line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(pair.r1.process().wait(10s) == 0);
    REQUIRE(await(5s, [&] { return pair.r2.is("master") && pings(pair); }));
    pair.r1.start("-p 200 " + line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(await(10s, [&] { return pings(pair); }));
    CHECK(pair.host_knows(kVirtualAddress) + "\n" == pair.r1.space().must("cat /sys/class/net/mv0/address"));
}

TEST_CASE("an interface that comes back as a macvlan is named, with -n, and takes no part in the election") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-p 200 -i eth0 " + kRouter);
    pair.r2.start("-i eth0 " + kRouter);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    const std::string why = "eth0 is a macvlan, which cannot carry a virtual MAC: use -n";
    pair.r1.space().must(
        "ip link add under0 type veth peer name under1 && ip link set under0 up && ip link set under1 up && "
        "ip link del eth0 && ip link add eth0 link under0 type macvlan mode bridge && "
        "ip link set eth0 up && ip addr add 10.99.0.1/24 dev eth0");
    CHECK(await(5s, [&] { return pair.r1.state()["reason"] == "unusable" && pair.r2.is("master"); }));
    CHECK(says(pair.r1, "eth0: cannot be used: " + why));
    CHECK(pair.r1.status()["interfaces"][0]["obstacle"] == why);
    CHECK(pair.r1.is("initialize"));
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
    pair.r1.space().must("ip link del eth0");
    pair.r1.make_interface();
    CHECK(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(pair.r1.status()["interfaces"][0]["obstacle"].is_null());
}

TEST_CASE("a port of a bridge is refused, and its bridge is taken") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    move_address(pair.r1, "ip link add br1 type bridge && ip link set eth0 master br1", "br1");
    for (const std::string options : {"", "-n "})
        is_refused(pair.r1, options + "-i eth0 " + kRouter,
                   "eth0 is a member of the bridge br1, which takes what comes in: run it on br1 (-i br1)");
    pair.r1.start("-i br1 " + kRouter);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pings(pair); }));
}

TEST_CASE("an interface that becomes a port of a bridge is none until it leaves it") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-n -p 200 -i eth0 " + kRouter);
    pair.r2.start("-n -i eth0 " + kRouter);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    pair.r1.space().must("ip link add br1 type bridge && ip link set eth0 master br1");
    CHECK(await(5s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    CHECK(says(pair.r1, "eth0 is a member of the bridge br1"));
    pair.r1.space().must("ip link set eth0 nomaster");
    CHECK(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(await(10s, [&] { return pings(pair); }));
}

TEST_CASE("a member of a VRF works, and the virtual MAC's device is in the same VRF") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    KIND_OR_SKIP(pair.r1, "vrf", "table 10");
    pair.r1.space().must("ip link add blue type vrf table 10 && ip link set blue up && "
                         "ip link set eth0 master blue");
    pair.r1.start("-i eth0 " + kRouter);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pings(pair); }));
    CHECK(pair.r1.space().must("ip -o link show master blue").find("vrrp4.5") != std::string::npos);
}

TEST_CASE("a member of a bond is refused, and its bond is taken") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    KIND_OR_SKIP(pair.r1, "bond", "mode active-backup");
    move_address(pair.r1,
                 "ip link add bond7 type bond mode active-backup && ip link set eth0 down && "
                 "ip link set eth0 master bond7",
                 "bond7");
    is_refused(pair.r1, "-i eth0 " + kRouter,
               "eth0 is a member of the bond bond7, which takes what comes in: run it on bond7 (-i bond7)");
    pair.r1.start("-i bond7 " + kRouter);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pings(pair); }));
}

TEST_CASE("a device that has the virtual MAC already is named, with what to do") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("ip link add other5 link eth0 address 00:00:5e:00:01:05 type macvlan && "
                         "ip link set other5 up");
    pair.r1.start("-i eth0 " + kRouter);
    CHECK(says(pair.r1, "other5 has 00:00:5e:00:01:05: remove it, or use another VRID or -n"));
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
}

TEST_CASE("where IPv6 is off, an address that cannot be put there says so") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.space().must("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1");
    const Inside inside(pair.r1.space());
    boost::asio::io_context io{1};
    const auto silent = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>());
    test::TestInbox inbox;
    const auto nic = backend::LinuxNic::open(io, inbox, pair.r1.directory(), silent).value();
    REQUIRE(nic->watch(InterfaceId{}, "eth0", {}));
    const auto added =
        nic->add_address(InterfaceId{}, std::nullopt, IpPrefix::parse("fd99::254").value(), {});
    REQUIRE_FALSE(added);
    CHECK_THAT(added.error().message, Catch::Contains("IPv6 is off on eth0: sysctl"));
}
