// The real vrrpd with FRRouting's.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/frr.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

#define FRR_OR_SKIP()                                                                                        \
    LIVE_OR_SKIP();                                                                                          \
    if (!frr_is_installed()) {                                                                               \
        WARN("SKIPPED: FRR is not installed (Debian: apt-get install frr)");                                 \
        return;                                                                                              \
    }

struct Dialect {
    int version;
    std::chrono::milliseconds interval;
    std::chrono::milliseconds patience; // for an election by silence, with room
};

// It takes whole centiseconds in version 3, and version 2 at whole seconds.
constexpr Dialect kV2{2, 1000ms, 10s}, kV3{3, 200ms, 8s};

std::string line(const Dialect& dialect, int priority) {
    return fmt::format("-i eth0 -v 5 -p {} --protocol {} -d {} 10.99.0.254", priority, dialect.version,
                       static_cast<double>(dialect.interval.count()) / 1000);
}

void ours_backs_up_theirs(const Dialect& dialect) {
    GatewayPair pair;
    Frr theirs(pair.r1, dialect.version, 200, dialect.interval);
    INFO(theirs.output());
    REQUIRE(await(dialect.patience, [&] { return theirs.state() == "Master"; }));
    pair.r2.start(line(dialect, 100));
    REQUIRE(await(5s, [&] { return pair.r2.is("backup") && pair.r2.state()["master"].is_object(); }));
    CHECK(pair.r2.state()["master"]["priority"] == 200);
    CHECK(pair.r2.state()["counters"]["became_master"] == 0);
    pair.r1.unplug();
    CHECK(await(dialect.patience, [&] { return pair.r2.is("master"); }));
    const nlohmann::json interfaces = pair.r2.status()["interfaces"];
    CHECK(interfaces[0]["dropped"].empty());
    const Prober prober(pair.host.space(), IpAddress::parse(kVirtualAddress).value(), 5ms);
    CHECK(await(10s, [&] { return prober.answered() > 10; }));
}

void theirs_backs_up_ours(const Dialect& dialect) {
    GatewayPair pair;
    pair.r1.start(line(dialect, 200));
    REQUIRE(await(dialect.patience, [&] { return pair.r1.is("master"); }));
    Frr theirs(pair.r2, dialect.version, 100, dialect.interval);
    INFO(theirs.output());
    REQUIRE(await(dialect.patience, [&] { return theirs.state() == "Backup"; }));
    const std::size_t before = pair.tap.advertisements().size();
    REQUIRE(await(dialect.patience, [&] { return pair.tap.advertisements().size() >= before + 5; }));
    CHECK(theirs.state() == "Backup"); // five intervals would have been enough to take over
    CHECK_FALSE(pair.tap.saw(pair.r2.address(), 100));
    pair.r1.process().signal(SIGTERM);
    CHECK(await(dialect.patience, [&] { return theirs.state() == "Master"; }));
    CHECK(pair.tap.saw(pair.r2.address(), 100));
}

} // namespace

TEST_CASE("vrrpd backs up an FRR master of version 2 and takes over") {
    FRR_OR_SKIP();
    ours_backs_up_theirs(kV2);
}

TEST_CASE("vrrpd backs up an FRR master of version 3 and takes over") {
    FRR_OR_SKIP();
    ours_backs_up_theirs(kV3);
}

TEST_CASE("FRR backs up a vrrpd master of version 2 and takes over") {
    FRR_OR_SKIP();
    theirs_backs_up_ours(kV2);
}

TEST_CASE("FRR backs up a vrrpd master of version 3 and takes over") {
    FRR_OR_SKIP();
    theirs_backs_up_ours(kV3);
}
