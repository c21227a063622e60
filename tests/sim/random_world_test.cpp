#include "random_world.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fstream>

using namespace vrrp::sim;

TEST_CASE("a seed draws the same world each time, and every world can be read") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const std::string text = scenario_text(draw_world(seed, all_dimensions()));
        CHECK(text == scenario_text(draw_world(seed, all_dimensions())));
        const auto scenario = parse_scenario("world.toml", text);
        INFO(text);
        INFO((scenario ? "" : describe(scenario.error(), "world.toml")));
        REQUIRE(scenario);
    }
}

TEST_CASE("a world is reduced to what makes it fail") {
    // Two intervals of version 2 make two masters; the third machine and the strike have no part in it.
    DrawnWorld world;
    world.seed = 1;
    world.forward_delay = {2000};
    world.elections.push_back({.vrid = 51});
    for (unsigned number = 1; number <= 3; ++number)
        world.routers.push_back({.number = number, .members = {{.interval = number == 2 ? 2000u : 1000u}}});
    world.strikes.push_back({.at = 5000, .what = "unplug r3 eth0", .undo = "plug r3 eth0", .router = 3});
    REQUIRE(failure_of(world) == "the invariant 'two_masters'");
    const DrawnWorld smaller = reduced(world);
    CHECK(failure_of(smaller) == "the invariant 'two_masters'");
    CHECK(smaller.routers.size() == 2);
    CHECK(smaller.strikes.empty());
    CHECK(smaller.forward_delay == std::vector{0u});
}

TEST_CASE("whatever a world is and whatever strikes it, it comes to rest with one master") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const DrawnWorld world = draw_world(seed, all_dimensions());
        std::string why;
        const bool failed = failure_of(world, &why).has_value();
        if (failed) std::ofstream(fmt::format("world_{}.toml", seed)) << scenario_text(world);
        INFO(why);
        REQUIRE_FALSE(failed);
    }
}
