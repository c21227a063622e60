// Both routers are masters for a while; then they hear one another again.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

void heals(const std::string& options) {
    GatewayPair pair;
    const std::string line = options + "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";
    pair.r1.start("-p 200 " + line);
    pair.r2.start("-p 100 " + line);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    pair.split(true);
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && pair.r2.is("master"); }));

    const Prober prober(pair.host.space(), IpAddress::parse(kVirtualAddress).value(), 2ms);
    REQUIRE(await(10s, [&] { return prober.answered() > 10; }));
    const auto healed_at = Prober::Clock::now();
    pair.split(false);
    REQUIRE(await(10s, [&] { return pair.r2.is("backup"); }));
    CHECK(pair.r1.is("master"));
    CHECK_FALSE(pair.r2.holds(kVirtualAddress));
    const std::size_t before = prober.answered();
    CHECK(await(10s, [&] { return prober.answered() > before + 20; }));
    CHECK(prober.longest_gap(healed_at) < 100ms); // no host stays dark until its ARP entry ages

    // The farewell of the false master, and what the true one makes of it.
    const auto says = [&](const RouterHost& router, const char* text) {
        return await(10s, [&] { return router.state().is_object(); }) &&
               const_cast<RouterHost&>(router).process().output().find(text) != std::string::npos;
    };
    CHECK(says(pair.r1, "lesser master heard: 10.99.0.2 (priority 100)"));
    CHECK(says(pair.r1, "addresses announced again"));
    CHECK(says(pair.r2, "master -> backup: 10.99.0.1 (priority 200) has the higher priority"));
}

} // namespace

TEST_CASE("a split brain heals with the virtual MAC", "[x-heal][timed]") {
    LIVE_OR_SKIP();
    heals("");
}

TEST_CASE("a split brain heals without the virtual MAC", "[x-heal][timed]") {
    LIVE_OR_SKIP();
    heals("-n ");
}
