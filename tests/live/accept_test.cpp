// Accept_Mode false on a real kernel, and both families of one entry.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

bool answers(const GatewayPair& pair, const std::string& address) {
    return pair.host.space().run("ping -c 1 -W 1 " + address).status == 0;
}

bool has_table(const RouterHost& router) {
    return router.space().must("nft list tables").find("vrrpd_") != std::string::npos;
}

} // namespace

TEST_CASE("with --no-accept a master is found by hosts, with and without virtual MAC, and answers nothing",
          "[v3-6.1-2]") {
    LIVE_OR_SKIP();
    struct Row {
        const char *addresses, *asked;
    };
    for (const char* option : {"", "-n "})
        for (const Row& row : {Row{"10.99.0.254", "10.99.0.254"}, Row{"fe80::5 fd99::254", "fd99::254"}}) {
            INFO(option << row.addresses);
            GatewayPair pair;
            const std::string line =
                std::string(option) + "-i eth0 -v 5 --protocol 3 -d 0.1 --no-accept " + row.addresses;
            pair.r1.start(line);
            REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
            CHECK(pair.r1.holds(row.asked));
            CHECK_FALSE(answers(pair, row.asked));
            CHECK_FALSE(pair.host_knows(row.asked).empty());
            CHECK(has_table(pair.r1));
            pair.r1.process().signal(SIGTERM);
            REQUIRE(pair.r1.process().wait(10s) == 0);
            CHECK_FALSE(has_table(pair.r1));
        }
}

TEST_CASE("a killed vrrpd leaves no rule behind, and one that accepts makes none") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string line = "-n -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254 ";
    pair.r1.start(line + "--no-accept");
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && has_table(pair.r1); }));
    pair.r1.process().signal(SIGKILL);
    REQUIRE(pair.r1.process().wait(10s));
    CHECK_FALSE(has_table(pair.r1));
    pair.r1.start(line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(await(10s, [&] { return answers(pair, "10.99.0.254"); }));
    CHECK_FALSE(has_table(pair.r1));
}

TEST_CASE("an entry with both families serves both, and both move together") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string line =
        "-i eth0 -v 5 --protocol 3 -d 0.1 --held-address 10.99.0.253 10.99.0.254 fe80::5 fd99::254";
    const auto serves = [&](const RouterHost& router) {
        return router.holds("10.99.0.254") && router.holds("fd99::254") && router.holds("10.99.0.253");
    };
    pair.r1.start(line + " -p 200");
    REQUIRE(await(5s, [&] { return serves(pair.r1); }));
    pair.r2.start(line);
    for (const char* address : {"10.99.0.254", "10.99.0.253", "fd99::254"})
        CHECK(await(10s, [&] { return answers(pair, address); }));
    pair.r1.process().signal(SIGTERM);
    CHECK(await(5s, [&] { return serves(pair.r2); }));
    for (const char* address : {"10.99.0.254", "10.99.0.253", "fd99::254"})
        CHECK(await(10s, [&] { return answers(pair, address); }));
}
