// The kernel drops events that it has no room for. What was lost in between is read anew.
#include "backends/interfaces/netlink.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

std::size_t dropped_events(const RouterHost& router) {
    return std::stoul(router.space().must("awk 'NR > 1 { n += $9 } END { print n + 0 }' /proc/net/netlink"));
}

// Addresses on the loopback until events are lost. They carry our mark, so that none of them is news by
// itself.
void overflow_events(const RouterHost& router) {
    constexpr int kAtMost = 60'000, kAtOnce = 1'000;
    const Inside inside(router.space());
    const auto netlink = backend::Netlink::open();
    REQUIRE(netlink);
    const int loopback = netlink->link("lo").value().index;
    for (int i = 0; i < kAtMost && (i % kAtOnce != 0 || dropped_events(router) == 0); ++i) {
        const std::uint8_t address[] = {10, 128, static_cast<std::uint8_t>(i >> 8),
                                        static_cast<std::uint8_t>(i)};
        REQUIRE(netlink->add_address(loopback, {IpAddress::from_bytes(IpFamily::v4, address), 32},
                                     backend::Netlink::PrefixRoute::no));
    }
    REQUIRE(dropped_events(router) > 0);
}

} // namespace

TEST_CASE("a link that goes down while the kernel drops events is noticed") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254");
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    pair.r1.process().signal(SIGSTOP); // it reads none of them
    overflow_events(pair.r1);
    pair.r1.unplug();
    pair.r1.process().signal(SIGCONT);
    CHECK(await(5s, [&] { return pair.r1.is("initialize"); }));
    CHECK(pair.r1.state()["reason"] == "link_down");
}
