// Checks in the simulator: they pass until the scenario says otherwise.
#include "netsim/node/fake_checks.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

struct CheckWorld : CheckParent {
    void checked(const Checked& result) override { told.emplace_back(queue.now(), result); }
    void start(const char* name) {
        checks.start(TrackIndex{2}, {.name = name, .check = ScriptCheck{"/etc/check"}, .interval = 1s});
    }
    void run_for(Duration duration) {
        const TimePoint end = queue.now() + duration;
        while (queue.run_one(end)) {
        }
    }
    EventQueue queue;
    CheckHabits habits;
    FakeChecks checks{habits, queue, *this};
    std::vector<std::pair<TimePoint, Checked>> told;
};

} // namespace

TEST_CASE("a simulated check answers after its time, once, and passes") {
    CheckWorld world;
    const TimePoint began = world.queue.now();
    world.start("web");
    CHECK(world.told.empty());
    world.run_for(1s);
    REQUIRE(world.told.size() == 1);
    CHECK(world.told[0].first == began + 10ms);
    CHECK(world.told[0].second.track == TrackIndex{2});
    CHECK(world.told[0].second.ok);
}

TEST_CASE("a simulated check fails while the scenario says so, with its reason, and no other one does") {
    CheckWorld world;
    world.habits.failing["web"] = "the proxy hangs";
    world.start("web");
    world.start("other");
    world.run_for(1s);
    REQUIRE(world.told.size() == 2);
    CHECK_FALSE(world.told[0].second.ok);
    CHECK(world.told[0].second.reason == "the proxy hangs");
    CHECK(world.told[1].second.ok);
}

TEST_CASE("a frozen vrrpd hears of a check when it is thawed, one that has ended never does") {
    CheckWorld world;
    world.start("web");
    world.checks.freeze();
    world.run_for(1s);
    CHECK(world.told.empty());
    world.checks.thaw();
    CHECK(world.told.size() == 1);
    world.start("web");
    world.checks.ended();
    world.run_for(1s);
    CHECK(world.told.size() == 1);
}
