// A network that lets nobody speak from another MAC than his own, as hypervisors and clouds do.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// Each router's port drops, and counts, what comes from another MAC than the router's own.
void secure(const GatewayPair& pair) {
    std::string rules = "nft add table bridge security && "
                        "nft add chain bridge security in '{ type filter hook prerouting priority -300; }'";
    for (const RouterHost* router : {&pair.r1, &pair.r2})
        rules += " && nft add rule bridge security in iifname " + router->port() +
                 " ether saddr != " + to_string(router->mac()) + " counter drop";
    pair.lan.must(rules);
}

bool refused_something(const GatewayPair& pair) {
    const std::string list = pair.lan.must("nft list table bridge security | grep counter");
    return list.find("packets") != std::string::npos &&
           pair.lan.run("nft list table bridge security | grep -q 'counter packets [1-9]'").status == 0;
}

} // namespace

TEST_CASE("a pair with -n elects, fails over and preempts behind port security") {
    LIVE_OR_SKIP();
    struct Row {
        const char *addresses, *asked;
    };
    for (const Row& row : {Row{"10.99.0.254", "10.99.0.254"}, Row{"fe80::5 fd99::254", "fd99::254"}}) {
        INFO(row.addresses);
        GatewayPair pair;
        secure(pair);
        const std::string line = std::string("-n -i eth0 -v 5 --protocol 3 -d 0.1 ") + row.addresses;
        const auto served_by = [&](const RouterHost& router) {
            return await(10s, [&] {
                return pair.host.space().run(std::string("ping -c 1 -W 1 ") + row.asked).status == 0 &&
                       pair.host_knows(row.asked) == to_string(router.mac());
            });
        };
        pair.r1.start("-p 200 " + line);
        pair.r2.start(line);
        REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
        CHECK(served_by(pair.r1));
        pair.r1.process().signal(SIGTERM);
        REQUIRE(pair.r1.process().wait(10s) == 0);
        REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
        CHECK(served_by(pair.r2));
        pair.r1.start("-p 200 " + line);
        REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
        CHECK(served_by(pair.r1));
        CHECK_FALSE(refused_something(pair));
    }
}

TEST_CASE("without -n port security keeps two masters apart") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    secure(pair);
    const std::string line = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";
    pair.r1.start("-p 200 " + line);
    pair.r2.start(line);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("master"); }));
    CHECK(refused_something(pair));
    CHECK(pair.host.space().run("ping -c 1 -W 1 10.99.0.254").status != 0);
}
