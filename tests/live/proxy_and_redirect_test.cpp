// What the RFCs leave to the kernel's settings, as docs/operating.md tells to set them.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// A network behind the router, which the host believes to be on its own.
void add_network_behind(const RouterHost& router) {
    router.space().must("sysctl -qw net.ipv4.ip_forward=1 && ip link add up0 type veth peer name up1 && "
                        "ip addr add 10.88.0.1/24 dev up0 && ip link set up0 up && ip link set up1 up");
}

// The virtual MAC's device: vrrp4.VRID.INDEX.
std::string device_of(const RouterHost& router) {
    std::string name = router.space().must("ls /sys/class/net | grep '^vrrp4[.]'");
    name.erase(name.find('\n'));
    return name;
}

std::string redirects_sent(const RouterHost& router) {
    return router.space().must("nstat -asz IcmpOutRedirects | grep IcmpOutRedirects");
}

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

} // namespace

TEST_CASE("proxy ARP on the virtual MAC's device is answered by the master alone, and with the virtual MAC",
          "[v2-8.3]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine + " -p 200");
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    pair.r2.start(kLine);
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    for (const RouterHost* router : {&pair.r1, &pair.r2}) {
        add_network_behind(*router);
        router->space().must("echo 1 > /proc/sys/net/ipv4/conf/" + device_of(*router) + "/proxy_arp");
    }
    pair.host.space().must("ip route add 10.88.0.0/24 dev eth0");
    const auto answered_with_virtual_mac = [&](const std::string& address) {
        return await(10s, [&] {
            (void)pair.host.space().run("ping -c 1 -W 1 " + address);
            return pair.host_knows(address) == "00:00:5e:00:01:05";
        });
    };
    CHECK(answered_with_virtual_mac("10.88.0.9"));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
    CHECK(answered_with_virtual_mac("10.88.0.77"));
}

TEST_CASE("a master sends no redirect with the virtual MAC, nor without it where the settings say so",
          "[v2-8.1]") {
    LIVE_OR_SKIP();
    struct Row {
        const char *option, *setting;
        bool redirects;
    };
    for (const Row& row : {Row{"", "1", false}, Row{" -n", "1", true}, Row{" -n", "0", false}}) {
        INFO(row.option << " send_redirects=" << row.setting);
        GatewayPair pair;
        pair.r1.space().must("sysctl -qw net.ipv4.ip_forward=1");
        for (const char* where : {"all", "default", "eth0"})
            pair.r1.space().must(std::string("echo ") + row.setting + " > /proc/sys/net/ipv4/conf/" + where +
                                 "/send_redirects");
        pair.r1.start(kLine + row.option);
        REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
        // The other host of the subnet is r2, which the host is told to reach through the gateway.
        pair.host.space().must("ip route add 10.99.0.2/32 via 10.99.0.254 dev eth0");
        const std::string before = redirects_sent(pair.r1);
        REQUIRE(await(5s, [&] { return pair.host.space().run("ping -c 1 -W 1 10.99.0.2").status == 0; }));
        (void)pair.host.space().run("ping -c 3 -i 0.2 -W 1 10.99.0.2");
        CHECK((redirects_sent(pair.r1) != before) == row.redirects);
    }
}
