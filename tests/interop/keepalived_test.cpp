// The real vrrpd with the real keepalived.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/keepalived.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// How both sides are told the same.
struct Dialect {
    const char* name;
    const char* vrrpd;                  // arguments
    const char* keepalived;             // lines of the instance
    std::chrono::milliseconds patience; // for an election by silence, with room
};

const Dialect kDialects[] = {
    {"version 2", "10.99.0.254", "version 2\n advert_int 1\n virtual_ipaddress {\n 10.99.0.254\n }", 8s},
    {"version 2 with a password", "-a pw/secret12 10.99.0.254",
     "version 2\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass secret12\n }\n"
     " virtual_ipaddress {\n 10.99.0.254\n }",
     8s},
    {"version 3 over IPv4", "--protocol 3 -d 0.1 10.99.0.254",
     "version 3\n advert_int 0.1\n virtual_ipaddress {\n 10.99.0.254\n }", 5s},
    {"version 3 over IPv6", "--protocol 3 -d 0.1 fe80::5 fd99::254",
     "version 3\n advert_int 0.1\n virtual_ipaddress {\n fe80::5\n fd99::254\n }", 5s},
};

std::string line(const Dialect& dialect, int priority) {
    return fmt::format("-i eth0 -v 5 -p {} {}", priority, dialect.vrrpd);
}

// In keepalived's words: what it says of a frame that it refuses or doubts.
void check_that_it_does_not_complain(const Keepalived& theirs) {
    for (const char* complaint :
         {"bad", "nvalid", "ncorrect", "ismatch", "not present", "bogus", "expected"}) {
        INFO(complaint);
        CHECK_FALSE(theirs.says(complaint));
    }
}

} // namespace

TEST_CASE("vrrpd backs up a keepalived master and takes over when it resigns") {
    KEEPALIVED_OR_SKIP();
    for (const Dialect& dialect : kDialects) {
        INFO(dialect.name);
        GatewayPair pair;
        Keepalived theirs(pair.r1, 200, dialect.keepalived);
        REQUIRE(await(dialect.patience, [&] { return theirs.says("Entering MASTER STATE"); }));
        pair.r2.start(line(dialect, 100)); // not earlier: on a busy machine it could be the first to speak
        INFO(theirs.process().output());
        REQUIRE(await(10s, [&] { return pair.r2.state()["master"].is_object() && pair.r2.is("backup"); }));
        CHECK(pair.r2.state()["master"]["priority"] == 200);
        CHECK(pair.r2.state()["counters"]["became_master"] == 0);
        theirs.process().signal(SIGTERM);
        CHECK(await(10s, [&] { return pair.r2.is("master"); }));
        CHECK(pair.r2.state()["reason"] == "master_resigned");
    }
}

TEST_CASE("vrrpd takes over from a keepalived that dies") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    const Dialect& dialect = kDialects[2];
    Keepalived theirs(pair.r1, 200, dialect.keepalived);
    pair.r2.start(line(dialect, 100));
    REQUIRE(await(dialect.patience,
                  [&] { return theirs.says("Entering MASTER STATE") && pair.r2.is("backup"); }));
    pair.r1.unplug();
    CHECK(await(10s, [&] { return pair.r2.is("master"); }));
    CHECK(pair.r2.state()["reason"] == "master_silent");
}

TEST_CASE("keepalived backs up a vrrpd master and takes over when it stops") {
    KEEPALIVED_OR_SKIP();
    for (const Dialect& dialect : kDialects) {
        INFO(dialect.name);
        GatewayPair pair;
        pair.r1.start(line(dialect, 200));
        REQUIRE(await(dialect.patience, [&] { return pair.r1.is("master"); }));
        Keepalived theirs(pair.r2, 100, dialect.keepalived);
        REQUIRE(await(10s, [&] { return theirs.says("Entering BACKUP STATE"); }));
        const std::size_t before = pair.tap.advertisements().size();
        REQUIRE(await(dialect.patience, [&] { return pair.tap.advertisements().size() >= before + 5; }));
        INFO(theirs.process().output());
        CHECK_FALSE(theirs.says("Entering MASTER STATE"));
        pair.r1.process().signal(SIGTERM);
        CHECK(await(10s, [&] { return theirs.says("Entering MASTER STATE"); }));
        check_that_it_does_not_complain(theirs);
    }
}

TEST_CASE("keepalived takes over from a vrrpd whose machine dies") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    const Dialect& dialect = kDialects[2];
    pair.r1.start(line(dialect, 200));
    REQUIRE(await(dialect.patience, [&] { return pair.r1.is("master"); }));
    Keepalived theirs(pair.r2, 100, dialect.keepalived);
    REQUIRE(await(10s, [&] { return theirs.says("Entering BACKUP STATE"); }));
    pair.r1.unplug();
    pair.r1.process().signal(SIGKILL);
    CHECK(await(10s, [&] { return theirs.says("Entering MASTER STATE"); }));
    CHECK_FALSE(pair.tap.saw(pair.r1.address(), 0));
    const Prober prober(pair.host.space(), IpAddress::parse(kVirtualAddress).value(), 5ms);
    CHECK(await(10s, [&] { return prober.answered() > 10; }));
}

TEST_CASE("the better of vrrpd and keepalived preempts the other") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    const Dialect& dialect = kDialects[2];
    Keepalived theirs(pair.r1, 100, dialect.keepalived);
    REQUIRE(await(dialect.patience, [&] { return theirs.says("Entering MASTER STATE"); }));
    pair.r2.start(line(dialect, 200));
    CHECK(await(10s, [&] { return pair.r2.is("master") && theirs.says("with higher priority 200"); }));
    const Prober prober(pair.host.space(), IpAddress::parse(kVirtualAddress).value(), 5ms);
    CHECK(await(10s, [&] { return prober.answered() > 10; }));
}

TEST_CASE("a keepalived with another password is refused, counted, and no reason to step down") {
    KEEPALIVED_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-i eth0 -v 5 -p 100 -a pw/mine 10.99.0.254");
    REQUIRE(await(8s, [&] { return pair.r1.is("master"); }));
    Keepalived theirs(pair.r2, 200, kDialects[1].keepalived);
    // keepalived 2.2.7 advertises just once then: each of our frames that it refuses sets its timer anew.
    const auto refused = [&] {
        const nlohmann::json dropped = pair.r1.status()["interfaces"][0]["dropped"];
        return dropped.contains("authentication");
    };
    CHECK(await(10s, refused));
    CHECK(pair.r1.is("master"));
    CHECK(pair.r1.process().output().find("secret12") == std::string::npos);
}

TEST_CASE("vrrpd with --peer and keepalived with unicast_peer elect and hand over, both ways") {
    KEEPALIVED_OR_SKIP();
    struct Row {
        const char *vrrpd, *keepalived, *theirs, *ours;
    };
    const Row rows[] = {
        {"-i eth0 -v 5 10.99.0.254 --peer 10.99.0.1",
         "version 2\n advert_int 1\n unicast_src_ip 10.99.0.1\n unicast_peer {\n 10.99.0.2\n }\n"
         " virtual_ipaddress {\n 10.99.0.254\n }",
         "10.99.0.1", "10.99.0.2"},
        {"-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254 --peer 10.99.0.1",
         "version 3\n advert_int 0.1\n unicast_src_ip 10.99.0.1\n unicast_peer {\n 10.99.0.2\n }\n"
         " virtual_ipaddress {\n 10.99.0.254\n }",
         "10.99.0.1", "10.99.0.2"},
        // Over IPv6 its unicast leaves with a hop limit of 64.
        {"-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254 --peer fd99::1 --peer-ttl 64",
         "version 3\n advert_int 0.1\n unicast_src_ip fd99::1\n unicast_peer {\n fd99::2\n }\n"
         " virtual_ipaddress {\n fe80::5\n fd99::254\n }",
         "fd99::1", "fd99::2"},
    };
    for (const Row& row : rows) {
        INFO(row.vrrpd);
        GatewayPair pair;
        Keepalived theirs(pair.r1, 150, row.keepalived);
        REQUIRE(await(8s, [&] { return theirs.says("Entering MASTER STATE"); }));
        pair.r2.start(std::string("-p 100 ") + row.vrrpd);
        INFO(theirs.process().output());
        REQUIRE(await(5s, [&] { return pair.r2.is("backup") && pair.r2.state()["master"].is_object(); }));
        CHECK(pair.r2.state()["master"]["address"] == row.theirs);
        pair.r2.process().signal(SIGTERM);
        REQUIRE(pair.r2.process().wait(10s) == 0);
        pair.r2.start(std::string("-p 200 ") + row.vrrpd);
        REQUIRE(await(8s, [&] { return pair.r2.is("master") && theirs.says("Entering BACKUP STATE"); }));
        pair.r2.process().signal(SIGTERM);
        const auto masters = [&] {
            const std::string said = theirs.process().output();
            const std::string words = "Entering MASTER STATE";
            return said.find(words, said.find(words) + words.size()) != std::string::npos;
        };
        CHECK(await(10s, masters));
        check_that_it_does_not_complain(theirs);
    }
}
