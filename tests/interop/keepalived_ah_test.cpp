// auth_type AH: the authentication header of version 2, with the real keepalived.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/keepalived.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// An election by silence at one second, with room.
constexpr auto kElection = 10s;

// "secret12" in either's words.
const char* const kTheirs =
    "version 2\n advert_int 1\n authentication {\n auth_type AH\n auth_pass secret12\n }\n"
    " virtual_ipaddress {\n 10.99.0.254\n }";
const std::string kOurs = "-i eth0 -v 5 -a ah/0x7365637265743132 10.99.0.254 -p ";
const std::string kOursWithAnotherKey = "-i eth0 -v 5 -a ah/0x7365637265743133 10.99.0.254 -p ";

std::uint64_t dropped(const RouterHost& router, const char* reason) {
    const nlohmann::json status = router.status();
    if (status.is_null()) return 0;
    return status["interfaces"][0]["dropped"].value(reason, std::uint64_t{0});
}

} // namespace

TEST_CASE("vrrpd believes keepalived's authentication header, backs it up and takes over") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    Keepalived theirs(pair.r1, 200, kTheirs);
    REQUIRE(await(kElection, [&] { return theirs.says("Entering MASTER STATE"); }));
    pair.r2.start(kOurs + "100");
    REQUIRE(await(5s, [&] { return pair.r2.is("backup") && pair.r2.state()["master"].is_object(); }));
    CHECK(pair.r2.state()["master"]["priority"] == 200);
    REQUIRE(await(5s, [&] { return pair.r2.state()["counters"]["advertisements_received"] >= 3; }));
    CHECK(pair.r2.state()["counters"]["became_master"] == 0);
    CHECK(pair.r2.status()["interfaces"][0]["dropped"].empty());
    theirs.process().signal(SIGTERM);
    CHECK(await(5s, [&] { return pair.r2.is("master"); }));
    CHECK(pair.r2.state()["reason"] == "master_resigned");
}

TEST_CASE("keepalived believes vrrpd's authentication header, backs it up and takes over") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kOurs + "200");
    REQUIRE(await(kElection, [&] { return pair.r1.is("master"); }));
    Keepalived theirs(pair.r2, 100, kTheirs);
    REQUIRE(await(5s, [&] { return theirs.says("Entering BACKUP STATE"); }));
    const auto sent = [&] { return pair.r1.state()["counters"]["advertisements_sent"].get<int>(); };
    const int before = sent();
    REQUIRE(await(kElection, [&] { return sent() >= before + 5; }));
    INFO(theirs.process().output());
    CHECK_FALSE(theirs.says("Entering MASTER STATE"));
    pair.r1.process().signal(SIGTERM);
    CHECK(await(5s, [&] { return theirs.says("Entering MASTER STATE"); }));
    for (const char* complaint : {"nvalid", "ncorrect", "ismatch", "bogus", "AH"}) {
        INFO(complaint);
        CHECK_FALSE(theirs.says(complaint));
    }
}

TEST_CASE("the better of vrrpd and keepalived preempts the other under an authentication header") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    Keepalived theirs(pair.r1, 100, kTheirs);
    REQUIRE(await(kElection, [&] { return theirs.says("Entering MASTER STATE"); }));
    pair.r2.start(kOurs + "200");
    CHECK(await(kElection, [&] { return pair.r2.is("master") && theirs.says("with higher priority 200"); }));
    CHECK(await(5s, [&] { return pair.r2.state()["counters"]["advertisements_sent"] >= 3; }));
    CHECK(pair.r2.is("master"));
}

TEST_CASE("neither vrrpd nor keepalived believes an authentication header with another key") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    Keepalived theirs(pair.r2, 200, kTheirs);
    REQUIRE(await(kElection, [&] { return theirs.says("Entering MASTER STATE"); }));
    pair.r1.start(kOursWithAnotherKey + "100");
    CHECK(await(kElection, [&] { return pair.r1.is("master"); })); // although a better one speaks
    CHECK(dropped(pair.r1, "authentication") >= 1);
    CHECK(pair.r1.state()["reason"] == "no_master");
    CHECK(pair.r1.state()["counters"]["advertisements_received"] == 0);
    CHECK(await(kElection,
                [&] { return theirs.says("invalid IPSEC HMAC-MD5 value"); })); // and it says the same of us
    for (const char* key : {"secret1", "73656372657431"})
        CHECK(pair.r1.process().output().find(key) == std::string::npos);
}
