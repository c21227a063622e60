// Signed advertisements between real processes, by the machine's own clock.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kKey = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

} // namespace

TEST_CASE("a pair that signs elects and hands over, in both versions and families, with keys from a file") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string file = pair.files.path().string() + "/key";
    std::ofstream(file) << kKey << "\n";
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    for (const std::string& line : {std::string("-i eth0 -v 5 10.99.0.254"),
                                    std::string("-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254"),
                                    std::string("-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254")}) {
        INFO(line);
        pair.r1.start("-p 200 -a hmac/7/@" + file + " " + line);
        REQUIRE(await(8s, [&] { return pair.r1.is("master"); }));
        pair.r2.start("-a hmac/7/" + kKey + " " + line);
        REQUIRE(await(8s, [&] { return pair.r2.is("backup") && pair.r2.state()["master"].is_object(); }));
        CHECK(pair.r2.state()["authentication"] == "hmac");
        CHECK(pair.r2.state()["findings"].empty());
        pair.r1.process().signal(SIGTERM);
        CHECK(await(8s, [&] { return pair.r2.is("master"); }));
        CHECK(pair.r2.state()["reason"] == "master_resigned");
        pair.r2.process().signal(SIGTERM);
        REQUIRE(pair.r1.process().wait(10s) == 0);
        REQUIRE(pair.r2.process().wait(10s) == 0);
    }
    const auto& seen = pair.tap.advertisements();
    CHECK(std::ranges::all_of(seen, [](const auto& one) { return one.advertisement.hmac.has_value(); }));
}

TEST_CASE("a router with another secret is not believed, and the log says so without it") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    std::string other = kKey;
    other.back() = '0';
    const std::string line = "-n -i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254 -a hmac/1/";
    pair.r1.start("-p 200 " + line + kKey);
    pair.r2.start(line + other);
    CHECK(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("master"); }));
    const auto says = [](RouterHost& router, const char* what) {
        return router.process().output().find(what) != std::string::npos;
    };
    CHECK(await(5s, [&] { return says(pair.r2, "is not heard: wrong key, or changed on the way"); }));
    CHECK_FALSE(says(pair.r2, "1c1d1e"));
}
