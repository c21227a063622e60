#include "netsim/engine/drifting_clock.hpp"

#include "netsim/engine/event_queue.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

TEST_CASE("a clock that was never touched shows the world's time") {
    const DriftingClock clock;
    CHECK(clock.local(kStart) == kStart);
    CHECK(clock.world(kStart + 1ns) == kStart + 1ns);
}

TEST_CASE("a clock gains and loses by its rate, from the moment on that it was set") {
    DriftingClock clock;
    clock.set_rate(kStart, 100);
    CHECK(clock.local(kStart) == kStart);
    CHECK(clock.local(kStart + 10s) == kStart + 10s + 1ms);
    clock.set_rate(kStart + 10s, -100);
    CHECK(clock.local(kStart + 10s) == kStart + 10s + 1ms); // no jump
    CHECK(clock.local(kStart + 20s) == kStart + 20s);
}

TEST_CASE("a deadline comes at the first moment at which the clock shows it") {
    const auto ppm = GENERATE(-DriftingClock::kMaxPpm, -137, -1, 0, 1, 137, DriftingClock::kMaxPpm);
    DriftingClock clock;
    clock.set_rate(kStart, ppm);
    for (const Duration after :
         {Duration(1ns), Duration(999'999ns), Duration(3'609'375'123ns), Duration(24h)}) {
        const TimePoint deadline = kStart + after;
        const TimePoint world = clock.world(deadline);
        CHECK(clock.local(world) >= deadline);
        CHECK(clock.local(world - 1ns) < deadline);
    }
    CHECK(clock.world(kNever) == kNever);
}
