// Advertisements to peers alone, between real kernels.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// What a cloud does not hand on: what is for VRRP's groups.
void drop_multicast(const GatewayPair& pair) {
    pair.lan.must("nft add table bridge cloud && "
                  "nft add chain bridge cloud in '{ type filter hook prerouting priority -300; }' && "
                  "nft add rule bridge cloud in ether daddr '{ 01:00:5e:00:00:12, 33:33:00:00:00:12 }' drop");
}

bool served_by(const GatewayPair& pair, const RouterHost& router, const std::string& address) {
    return await(10s, [&] {
        return pair.host.space().run("ping -c 1 -W 1 " + address).status == 0 &&
               pair.host_knows(address) == to_string(router.mac());
    });
}

// "Nobody here speaks that", as the router's kernel has said so often.
std::string unreachable_messages(const RouterHost& router) {
    return router.space().must("nstat -asz IcmpOutDestUnreachs | grep IcmpOutDestUnreachs");
}

} // namespace

TEST_CASE("a pair with --peer elects, fails over and preempts where no multicast passes") {
    LIVE_OR_SKIP();
    struct Row {
        const char *options, *addresses, *asked, *r1, *r2;
    };
    for (const Row& row :
         {Row{"--protocol 3 -d 0.1", "10.99.0.254", "10.99.0.254", "10.99.0.1", "10.99.0.2"},
          Row{"-a ah/0x0123456789abcdef", "10.99.0.254", "10.99.0.254", "10.99.0.1", "10.99.0.2"},
          Row{"--protocol 3 -d 0.1", "fe80::5 fd99::254", "fd99::254", "fd99::1", "fd99::2"}}) {
        INFO(row.options << " " << row.addresses);
        GatewayPair pair;
        drop_multicast(pair);
        const std::string line =
            std::string("-i eth0 -v 5 ") + row.options + " " + row.addresses + " --peer ";
        pair.r1.start(line + row.r2 + " -p 200");
        REQUIRE(await(8s, [&] { return pair.r1.is("master"); }));
        pair.r2.start(line + row.r1);
        REQUIRE(await(5s, [&] { return pair.r2.is("backup") && pair.r2.state()["master"].is_object(); }));
        CHECK(pair.r2.state()["master"]["address"] == row.r1);
        CHECK(served_by(pair, pair.r1, row.asked));
        const std::string refused = unreachable_messages(pair.r2);
        const auto heard = [&] { return pair.r2.state()["counters"]["advertisements_received"].get<int>(); };
        const int before = heard();
        CHECK(await(5s, [&] { return heard() >= before + 3; }));
        CHECK(unreachable_messages(pair.r2) == refused);
        pair.r1.process().signal(SIGTERM);
        REQUIRE(pair.r1.process().wait(10s) == 0);
        REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
        CHECK(served_by(pair, pair.r2, row.asked));
        pair.r1.start(line + row.r2 + " -p 200");
        REQUIRE(await(8s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
        CHECK(served_by(pair, pair.r1, row.asked));
    }
}

TEST_CASE("the same pair without --peer has two masters there") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    drop_multicast(pair);
    const std::string line = "-n -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";
    pair.r1.start("-p 200 " + line);
    pair.r2.start(line);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("master"); }));
}

TEST_CASE("peers on two networks hear one another over a router as far as --peer-ttl allows") {
    LIVE_OR_SKIP();
    const Gateway east("east"), west("west");
    const Namespace between("between");
    const auto connect = [&](const Gateway& site, const std::string& net, const std::string& port) {
        site.space().must("ip link add eth0 type veth peer name " + port + " netns " + between.name());
        site.space().must("ip addr add " + net + ".1/24 dev eth0 && ip link set eth0 up");
        between.must("ip addr add " + net + ".254/24 dev " + port + " && ip link set " + port + " up");
        site.space().must("ip route add default via " + net + ".254");
    };
    connect(east, "10.98.1", "p1");
    connect(west, "10.98.2", "p2");
    between.must("sysctl -qw net.ipv4.ip_forward=1");
    const std::string line = "-i eth0 -v 5 --protocol 3 -d 0.1 192.0.2.1 ";

    Process& first = east.vrrpd(line + "-p 200 --peer 10.98.2.1 --peer-ttl 254");
    Process& second = west.vrrpd(line + "--peer 10.98.1.1 --peer-ttl 254");
    REQUIRE(await(5s, [&] { return east.is("master", {5}) && west.is("backup", {5}); }));
    first.signal(SIGKILL);
    REQUIRE(await(5s, [&] { return west.is("master", {5}); }));
    second.signal(SIGTERM);
    REQUIRE(second.wait(10s) == 0);

    (void)east.vrrpd(line + "-p 200 --peer 10.98.2.1");
    const Process& strict = west.vrrpd(line + "--peer 10.98.1.1");
    CHECK(await(5s, [&] { return east.is("master", {5}) && west.is("master", {5}); }));
    CHECK(await(5s, [&] { return strict.output().find("TTL 254, not 255") != std::string::npos; }));
}
