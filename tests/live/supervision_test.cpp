// What happens to the machine under a running daemon: somebody renames, removes, claims.
#include "core/wire/announcement.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kFast = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

void elect(GatewayPair& pair, const std::string& options = "") {
    pair.r1.start(options + "-p 200 " + kFast);
    pair.r2.start(options + "-p 100 " + kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
}

bool says(RouterHost& router, const std::string& text) {
    return await(10s, [&] { return router.process().output().find(text) != std::string::npos; });
}

// "eth0/arp_announce"
std::string setting(const RouterHost& router, const std::string& name) {
    return router.space().must("cat /proc/sys/net/ipv4/conf/" + name);
}

std::string device(const RouterHost& router) {
    std::string name = router.space().must("ls /sys/class/net | grep ^vrrp");
    name.pop_back();
    return name;
}

} // namespace

TEST_CASE("an interface that is renamed stays ours") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.space().must("ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up");
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(says(pair.r1, "lan0"));
    CHECK(setting(pair.r1, "lan0/arp_announce") == "2\n");
    // It hears and reacts as before, and another interface of the old name is nothing to us.
    pair.r1.space().must("ip link add eth0 type veth peer name other && ip link set eth0 up");
    pair.r2.process().signal(SIGTERM);
    REQUIRE(pair.r2.process().wait(10s) == 0);
    pair.r2.start("-p 250 " + kFast);
    REQUIRE(await(5s, [&] { return pair.r1.is("backup") && pair.r2.is("master"); }));
    CHECK(setting(pair.r1, "lan0/arp_announce") == "0\n");
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
    CHECK(run_command("ls " + pair.r1.directory().string()).output.empty());
}

TEST_CASE("when a renamed interface is gone, the next of the configured name is ours") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.space().must("ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up");
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    pair.r1.space().must("ip link del lan0");
    REQUIRE(await(10s, [&] { return pair.r1.is("initialize") && pair.r2.is("master"); }));
    pair.r1.make_interface();
    CHECK(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    CHECK(pair.r1.holds(kVirtualAddress));
}

TEST_CASE("a changed MTU is seen") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r1.space().must("ip link set eth0 mtu 1400");
    CHECK(says(pair.r1, "1400"));
    CHECK(pair.r1.is("master"));
}

TEST_CASE("a virtual address that somebody removes is put back") {
    LIVE_OR_SKIP();
    for (const std::string options : {"", "-n "}) {
        GatewayPair pair;
        elect(pair, options);
        const std::string where = options.empty() ? device(pair.r1) : "eth0";
        pair.r1.space().must("ip addr del 10.99.0.254/32 dev " + where);
        CHECK(says(pair.r1, "somebody took 10.99.0.254 away: put back"));
        CHECK(await(10s, [&] { return pair.r1.holds(kVirtualAddress); }));
        CHECK(pair.host.space().run("ping -c 1 -W 1 10.99.0.254").status == 0);
        CHECK(pair.r1.is("master"));
        pair.r1.process().signal(SIGTERM); // what we remove ourselves is no loss
        CHECK(pair.r1.process().wait(10s) == 0);
        const std::string log = pair.r1.process().output();
        CHECK(log.find("put back") == log.rfind("put back"));
        CHECK_FALSE(pair.r1.holds(kVirtualAddress));
    }
}

TEST_CASE("a virtual MAC's device that somebody removes or takes down is put back") {
    LIVE_OR_SKIP();
    // `ip addr flush` would remove it again and again, for as long as it is put back: that is given up.
    for (const std::string what :
         {"ip link del ", "ip addr del 10.99.0.254/32 dev ", "ip link set down dev "}) {
        INFO(what);
        GatewayPair pair;
        elect(pair);
        pair.r1.space().must(what + device(pair.r1));
        CHECK(says(pair.r1, "somebody took 10.99.0.254 away: put back"));
        CHECK(await(10s, [&] { return pair.host.space().run("ping -c 1 -W 1 10.99.0.254").status == 0; }));
        CHECK(pair.host_knows(kVirtualAddress) == "00:00:5e:00:01:05");
        INFO(pair.r1.process().output());
        CHECK(pair.r1.is("master"));
    }
}

TEST_CASE("a backup whose device somebody removes takes over all the same") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.r2.space().must("ip link del " + device(pair.r2));
    pair.r1.process().signal(SIGTERM);
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(await(10s, [&] { return pair.host.space().run("ping -c 1 -W 1 10.99.0.254").status == 0; }));
}

TEST_CASE("another machine that claims a virtual address is named") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    elect(pair);
    pair.host.space().must("ip addr add 10.99.0.254/32 dev eth0");
    pair.host.space().run("ip neigh flush all; ping -c 1 -W 1 -I 10.99.0.254 10.99.0.1"); // it asks for .1
    CHECK(says(pair.r1, "another machine (02:00:00:00:00:64) claims 10.99.0.254"));
    CHECK(pair.r2.process().output().find("claims") == std::string::npos); // a backup has nothing to lose
}

TEST_CASE("another machine that claims a virtual IPv6 address is named") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254");
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    const IpAddress address = IpAddress::parse("fd99::254").value();
    std::vector<std::uint8_t> frame(wire::announcement_size(IpFamily::v6));
    wire::encode_announcement(address, MacAddress::parse("02:00:00:00:00:77").value(), frame);
    pair.tap.inject(frame);
    CHECK(says(pair.r1, "another machine (02:00:00:00:00:77) claims fd99::254"));
    // Our own announcements are none.
    CHECK(pair.r1.process().output().find("(00:00:5e:00:02:05) claims") == std::string::npos);
}

TEST_CASE("the virtual MAC's device forwards while its interface does") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const auto forwarding = [&] { return setting(pair.r1, device(pair.r1) + "/forwarding"); };
    pair.r1.space().must("sysctl -qw net.ipv4.conf.eth0.forwarding=1");
    elect(pair);
    CHECK(forwarding() == "1\n");
    pair.r1.space().must("sysctl -qw net.ipv4.conf.eth0.forwarding=0");
    CHECK(await(10s, [&] { return forwarding() == "0\n"; }));
}
