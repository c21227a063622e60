// Checks in the simulator: they pass until the scenario says otherwise.
#include "netsim/node/fake_checks.hpp"

#include "netsim/world.hpp"

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
    Kernel kernel{"r1", queue};
    FakeChecks checks{habits, kernel, queue, *this};
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

TEST_CASE("a simulated file is told again when its number changes") {
    CheckWorld world;
    world.checks.start(TrackIndex{1}, {.name = "by-hand", .check = FileCheck{"/run/weight"}});
    world.run_for(1s);
    REQUIRE(world.told.size() == 1);
    CHECK(world.told[0].second.number == 0);
    world.habits.numbers["by-hand"] = -40;
    world.checks.changed("by-hand");
    world.checks.changed("other");
    world.run_for(1s);
    REQUIRE(world.told.size() == 2);
    CHECK(world.told[1].second.ok);
    CHECK(world.told[1].second.number == -40);
    world.checks.stop(TrackIndex{1});
    world.checks.changed("by-hand");
    world.run_for(1s);
    CHECK(world.told.size() == 2);
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

namespace {

// r1 asks the gateway, which is a machine like any other; and the far one behind it.
struct PingWorld : CheckParent {
    PingWorld() {
        r1.add_interface("eth0", lan, {prefix("10.16.1.1/24")});
        r1.add_interface("eth1", uplink, {prefix("10.17.1.1/24")});
        r1.kernel().set_gateway(prefix("10.17.1.254").address);
        gateway.add_interface("eth0", uplink, {prefix("10.17.1.254/24")});
        gateway.add_interface("eth1", far, {prefix("10.18.1.254/24")});
        gateway.kernel().set_forwarding(true);
        server.add_interface("eth0", far, {prefix("10.18.1.60/24")});
        server.kernel().set_gateway(prefix("10.18.1.254").address);
    }
    static IpPrefix prefix(const char* text) { return *IpPrefix::parse(text); }
    void checked(const Checked& result) override { told.push_back(result); }
    void ask(const char* address, std::string interface = {}, bool neighbour = false) {
        checks.start(TrackIndex{2},
                     {.name = "gateway",
                      .check = PingCheck{*IpAddress::parse(address), std::move(interface), neighbour},
                      .interval = 1s,
                      .timeout = 2s});
    }
    // What comes of it, and when.
    Checked result(const char* address, std::string interface = {}, bool neighbour = false) {
        ask(address, std::move(interface), neighbour);
        CHECK(told.empty()); // never from within start()
        world.run_until(world.now() + 3s);
        REQUIRE(told.size() == 1);
        return std::exchange(told, {}).front();
    }

    World world{1};
    Switch &lan = world.add_network("lan"), &uplink = world.add_network("uplink"),
           &far = world.add_network("far");
    Node &r1 = world.add_node("r1"), &gateway = world.add_node("gateway"), &server = world.add_node("server");
    CheckHabits habits;
    FakeChecks checks{habits, r1.kernel(), world.queue(), *this};
    std::vector<Checked> told;
};

} // namespace

TEST_CASE("in the simulator a neighbour is asked for its MAC, whether that is known or not") {
    PingWorld world;
    for (int i = 0; i < 2; ++i) {
        CHECK(world.result("10.17.1.254", "eth1", true).reason == "it answers");
        CHECK(world.result("10.17.1.254", "eth0", true).reason == "no answer within 2 s"); // it is not there
        CHECK(world.result("10.18.1.60", "eth1", true).reason ==
              "no answer within 2 s"); // behind the gateway
        CHECK(world.result("10.17.1.254", "eth9", true).reason == "no way there");
    }
    world.gateway.kernel().set_plugged(0, false);
    CHECK_FALSE(world.result("10.17.1.254", "eth1", true).ok);
    world.gateway.kernel().set_plugged(0, true);
    CHECK(world.result("10.17.1.254", "eth1", true).ok);
}

TEST_CASE("in the simulator a gateway is really asked") {
    PingWorld world;
    CHECK(world.result("10.17.1.254").ok);
    CHECK(world.result("10.17.1.254", "eth1").ok);
    CHECK(world.result("10.18.1.60").reason == "it answers"); // along the routes
    CHECK(world.result("10.18.1.60", "eth1").ok);
    CHECK(world.result("10.18.1.60", "eth0").reason == "no answer within 2 s"); // nobody there has it
    CHECK(world.result("10.17.1.254", "eth9").reason == "no way there");
    CHECK(world.result("fd00::1").reason == "no way there");

    SECTION("switched off it does not answer") {
        world.gateway.power_off();
        CHECK(world.result("10.17.1.254").reason == "no answer within 2 s");
        world.gateway.power_on();
        CHECK(world.result("10.17.1.254").ok);
    }
    SECTION("without its cable it does not") {
        world.gateway.kernel().set_plugged(0, false);
        CHECK_FALSE(world.result("10.17.1.254").ok);
    }
    SECTION("without our cable it does not") {
        world.r1.kernel().set_plugged(1, false);
        CHECK_FALSE(world.result("10.17.1.254").ok);
        world.r1.kernel().set_plugged(1, true);
        CHECK(world.result("10.17.1.254").ok);
    }
    SECTION("what a scenario says of checks is not of it") {
        world.habits.failing["gateway"] = "so";
        CHECK(world.result("10.17.1.254").ok);
    }
    SECTION("who is frozen hears of the answer later, who has ended never") {
        world.ask("10.17.1.254");
        world.checks.freeze();
        world.world.run_until(world.world.now() + 10s);
        CHECK(world.told.empty());
        world.checks.thaw();
        REQUIRE(world.told.size() == 1);
        CHECK(world.told[0].ok);
        world.ask("10.17.1.254");
        world.checks.stop(TrackIndex{2});
        world.world.run_until(world.world.now() + 10s);
        CHECK(world.told.size() == 1);
        world.ask("10.17.1.254");
        world.checks.ended();
        world.world.run_until(world.world.now() + 10s);
        CHECK(world.told.size() == 1);
    }
}
