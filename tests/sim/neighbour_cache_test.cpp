#include "netsim/engine/event_queue.hpp"
#include "netsim/node/neighbour_cache.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;
using Ask = NeighbourCache::Ask;

namespace {

const IpAddress kGateway = IpAddress::v4({10, 16, 1, 200});
const MacAddress kOld({2, 0, 0, 0, 0, 1}), kNew({2, 0, 0, 0, 0, 2});

NeighbourCache resolved() {
    NeighbourCache cache;
    cache.use(kStart, kGateway);
    cache.heard_reply(kStart, kGateway, kOld);
    return cache;
}

} // namespace

TEST_CASE("an unknown neighbour is asked for once a second until it answers") {
    NeighbourCache cache;
    CHECK(cache.use(kStart, kGateway).ask == Ask::everybody);
    CHECK(cache.use(kStart + 500ms, kGateway).ask == Ask::nobody);
    CHECK(cache.use(kStart + 1s, kGateway).ask == Ask::everybody);
    cache.heard_reply(kStart + 1s, kGateway, kOld);
    CHECK(cache.use(kStart + 3s, kGateway).mac == kOld);
}

TEST_CASE("a gratuitous ARP changes an entry at once") {
    NeighbourCache cache = resolved();
    cache.heard_gratuitous(kStart + 1ms, kGateway, kNew);
    CHECK(cache.lookup(kGateway) == kNew);
}

TEST_CASE("a gratuitous ARP makes no entry") {
    NeighbourCache cache;
    cache.heard_gratuitous(kStart, kGateway, kNew);
    CHECK_FALSE(cache.lookup(kGateway));
}

TEST_CASE("of two answers within a second the first one counts") {
    NeighbourCache cache = resolved();
    cache.heard_reply(kStart + 999ms, kGateway, kNew);
    CHECK(cache.lookup(kGateway) == kOld);
    cache.heard_reply(kStart + 1001ms, kGateway, kNew);
    CHECK(cache.lookup(kGateway) == kNew);
}

TEST_CASE("an answer that nobody asked for is ignored") {
    NeighbourCache cache;
    cache.heard_reply(kStart, kGateway, kOld);
    CHECK_FALSE(cache.lookup(kGateway));
}

TEST_CASE("an entry that ages is used while its neighbour is asked, and forgotten after three asks") {
    NeighbourCache cache = resolved();
    TimePoint now = kStart + NeighbourCache::kReachable;
    for (int i = 0; i < 3; ++i, now += 1s) {
        const NeighbourCache::Use use = cache.use(now, kGateway);
        CHECK(use.ask == Ask::neighbour);
        CHECK(use.mac == kOld);
    }
    const NeighbourCache::Use use = cache.use(now, kGateway);
    CHECK(use.ask == Ask::everybody);
    CHECK_FALSE(use.mac);
}

TEST_CASE("an ageing entry that is confirmed is good for another while") {
    NeighbourCache cache = resolved();
    const TimePoint aged = kStart + NeighbourCache::kReachable;
    cache.use(aged, kGateway);
    cache.heard_reply(aged, kGateway, kOld);
    CHECK(cache.use(aged + 1s, kGateway).ask == Ask::nobody);
}
