// The driver between a router and its ports.
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

RouterConfig two_virtual_routers() {
    VirtualRouterConfig six = gateway();
    six.vrid = 6;
    six.addresses = {prefix("10.0.0.253")};
    return {{gateway(), six}};
}

} // namespace

TEST_CASE("a daemon that may not watch its interface does not start") {
    VirtualRouterConfig second = gateway();
    second.interface = "eth1";
    World world({{gateway(), second}});
    world.nic.broken = {"watch eth1"};
    const auto started = world.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message == "eth1: Operation not permitted");
    CHECK(world.clock.wake == kNever);
    CHECK(world.nic.watched.empty());
}

TEST_CASE("an interface's port is told what is ours there, and nothing of other interfaces") {
    VirtualRouterConfig second = gateway();
    second.interface = "eth1";
    second.vrid = 6;
    second.virtual_mac = false;
    World world({{gateway(), second, gateway_v6()}});
    REQUIRE(world.start());
    REQUIRE(world.nic.watched.size() == 2);
    const std::vector<Ours>& first = world.nic.watched[InterfaceId{0}];
    REQUIRE(first.size() == 2);
    CHECK(first[1].family == IpFamily::v6);
    CHECK(first[1].addresses == gateway_v6().addresses);
    const std::vector<Ours>& other = world.nic.watched[InterfaceId{1}];
    REQUIRE(other.size() == 1);
    CHECK(other[0].vrid == 6);
    CHECK_FALSE(other[0].virtual_mac);
}

TEST_CASE("a daemon tells its clock the next deadline, once") {
    World world;
    REQUIRE(world.start());
    CHECK(world.clock.wake == TimePoint(1s + 3609375us));
    const int calls = world.clock.calls;
    world.daemon.give(InterfaceChanged{InterfaceId{}, working_interface()});
    CHECK(world.clock.calls == calls);
}

TEST_CASE("the end of the wait for a master is to be met exactly, an advertisement's time is not") {
    World world;
    REQUIRE(world.start());
    CHECK(world.clock.wake_is_exact);
    world.clock.time = world.clock.wake;
    world.daemon.give(DeadlineReached{});
    REQUIRE(world.daemon.router().virtual_routers().front().state() == State::master);
    CHECK_FALSE(world.clock.wake_is_exact);
}

TEST_CASE("a clock that wakes too early is asked again") {
    World world;
    REQUIRE(world.start());
    const TimePoint deadline = std::exchange(world.clock.wake, kNever);
    world.clock.time = deadline - 1ns;
    world.daemon.give(DeadlineReached{});
    CHECK(world.clock.wake == deadline);
}

// A backup whose Master_Down_Timer has run out while nobody looked.
struct LateBackup : World {
    LateBackup() {
        REQUIRE(start());
        clock.time = std::exchange(clock.wake, kNever);
    }
    State state() const { return daemon.router().virtual_routers().front().state(); }
};

TEST_CASE("a late process hears the advertisement that waits before its timer counts") {
    LateBackup world;
    const auto frame = Peer{}.frame(150);
    const bool waits = GENERATE(true, false);
    if (waits) world.nic.waiting = [&] { world.daemon.give(FrameReceived{InterfaceId{}, frame}); };
    world.daemon.give(DeadlineReached{});
    CHECK(world.state() == (waits ? State::backup : State::master));
}

TEST_CASE("an interface's loss that waits counts before the timer") {
    LateBackup world;
    InterfaceFacts down = working_interface();
    down.carrier = false;
    world.nic.waiting = [&] { world.daemon.give(InterfaceChanged{InterfaceId{}, down}); };
    world.daemon.give(DeadlineReached{});
    CHECK(world.state() == State::initialize);
}

TEST_CASE("what waits counts in one order, whatever is given first") {
    // Says what the interfaces and the siblings are asked for, and what is done, in order.
    World world;
    REQUIRE(world.start());
    std::vector<std::string> order;
    world.nic.waiting = [&] { order.push_back("interfaces"); };
    world.bus.waiting = [&] { order.push_back("siblings"); };
    world.nic.on_call = [&](const std::string& what) {
        if (what == "advertisement") order.push_back("timer");
    };
    SECTION("a frame waits for nothing") {
        world.daemon.give(FrameReceived{InterfaceId{}, Peer{}.frame(150)});
        CHECK(order.empty());
    }
    SECTION("a sibling's word waits for the interfaces") {
        const bool dies = GENERATE(false, true);
        if (dies)
            world.daemon.give(SiblingGone{SiblingId{1}});
        else
            world.daemon.give(SiblingSaid{SiblingId{1}, {}});
        CHECK(order == std::vector<std::string>{"interfaces"});
    }
    SECTION("a deadline waits for the siblings too") {
        world.clock.time = world.clock.wake;
        world.daemon.give(DeadlineReached{});
        CHECK(order == std::vector<std::string>{"interfaces", "siblings", "timer"});
    }
    SECTION("an operator waits for the deadline too, where it has passed") {
        const bool passed = GENERATE(false, true);
        if (passed) world.clock.time = world.clock.wake;
        const Input input = GENERATE(Input(Commanding{VirtualRouterIndex{}, Command::increase}),
                                     Input(SetPriority{VirtualRouterIndex{}, 120}));
        world.daemon.give(input);
        // The second advertisement is a master's, who tells its new priority.
        CHECK(order == (passed ? std::vector<std::string>{"interfaces", "siblings", "timer", "timer"}
                               : std::vector<std::string>{"interfaces", "siblings"}));
    }
}

TEST_CASE("a master keeps advertising through its clock") {
    World world;
    REQUIRE(world.start());
    world.run_until(20s);
    CHECK(std::ranges::count(world.nic.calls, "advertisement") == 16);
}

TEST_CASE("all advertisements of one moment leave before any address is moved") {
    World world(two_virtual_routers());
    REQUIRE(world.start());
    world.run_until(5s);
    const std::vector<std::string> first(world.nic.calls.begin(), world.nic.calls.begin() + 4);
    CHECK(first == std::vector<std::string>{"advertisement", "advertisement", "attach", "add"});
}

TEST_CASE("hosts learn of a take-over before the log does") {
    World world;
    REQUIRE(world.start());
    const std::size_t lines = world.journal.lines.size();
    bool announced = false;
    world.nic.on_call = [&](const std::string& what) {
        if (what != "announcement") return;
        announced = true;
        CHECK(world.journal.lines.size() == lines);
    };
    world.run_until(4'610ms); // the start and Master_Down_Interval
    REQUIRE(announced);
    CHECK(world.journal.lines.size() == lines + 1);
}

TEST_CASE("siblings learn of a take-over before any address is moved") {
    VirtualRouterConfig member = gateway();
    member.group = GroupIndex{0};
    World world(RouterConfig{{member}, {{.name = "M", .minimum = 1, .shared = true}}});
    REQUIRE(world.start());
    world.run_until(4'500ms);
    world.nic.calls.clear(); // heartbeats
    world.run_until(5s);
    const std::vector<std::string> first(world.nic.calls.begin(), world.nic.calls.begin() + 4);
    CHECK(first == std::vector<std::string>{"advertisement", "tell master", "attach", "add"});
}

TEST_CASE("a script is told of the other router where there is one") {
    VirtualRouterConfig config = gateway();
    config.master_script = config.backup_script = "/etc/vrrp.sh";
    World world(RouterConfig{{config}});
    REQUIRE(world.start());
    const auto peer = [&] {
        const auto& environment = world.scripts.calls.back().environment;
        const auto found = std::ranges::find_if(
            environment, [](const std::string& entry) { return entry.starts_with("VRRP_PEER="); });
        return found == environment.end() ? std::string("nobody") : *found;
    };
    world.run_until(5s);
    REQUIRE(world.scripts.calls.back().kind == ScriptKind::master);
    CHECK(peer() == "nobody");
    world.daemon.give(FrameReceived{InterfaceId{}, Peer{}.frame(200)});
    REQUIRE(world.scripts.calls.back().kind == ScriptKind::backup);
    CHECK(peer() == "VRRP_PEER=" + to_string(Peer{}.address));
}

TEST_CASE("a refused address makes the daemon resign and announce nothing") {
    World world;
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    world.run_until(5s);
    CHECK(world.nic.calls ==
          std::vector<std::string>{"advertisement", "attach", "add", "advertisement", "remove", "detach"});
    CHECK(world.daemon.router().virtual_routers().front().state() == State::initialize);
    CHECK_THAT(world.journal.lines, Catch::VectorContains(std::string(
                                        "eth0 vrid 5: add_address failed: Operation not permitted")));
}

TEST_CASE("hosts are told of a take-over though its advertisement could not leave") {
    World world;
    world.nic.broken = {"advertisement"};
    REQUIRE(world.start());
    world.run_until(4'700ms); // the start and Master_Down_Interval
    CHECK_THAT(world.nic.calls, Catch::VectorContains(std::string("announcement")));
}

TEST_CASE("one virtual router's failure does not touch another one") {
    World world(two_virtual_routers());
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    world.run_until(4s);
    world.nic.broken.clear();
    world.run_until(30s);
    for (const VirtualRouter& one : world.daemon.router().virtual_routers())
        CHECK(one.state() == State::master);
}

TEST_CASE("a daemon whose every action fails still ends the call") {
    World world;
    world.nic.broken = {"advertisement", "announcement", "attach", "detach", "add", "remove"};
    REQUIRE(world.start());
    world.run_until(60s);
    world.daemon.give(Stop{});
    CHECK(world.daemon.router().stopped());
}

TEST_CASE("a group's judgement is journalled with the group's name") {
    VirtualRouterConfig member = gateway();
    member.group = GroupIndex{0};
    World world(RouterConfig{{member}, {{.name = "M", .minimum = 2, .shared = true}}});
    REQUIRE(world.start());
    const auto judged = [](const std::string& object) {
        return object.find("group_changed") != std::string::npos;
    };
    const auto found = std::ranges::find_if(world.journal.objects, judged);
    REQUIRE(found != world.journal.objects.end());
    CHECK_THAT(*found, Catch::Contains("\"group\":\"M\""));
}

TEST_CASE("stopping resigns, releases and asks for no further wake-up") {
    World world;
    REQUIRE(world.start());
    world.run_until(10s);
    world.nic.calls.clear();
    world.daemon.give(Stop{});
    CHECK(world.nic.calls == std::vector<std::string>{"advertisement", "remove", "detach"});
    CHECK(world.clock.wake == kNever);
}

TEST_CASE("a virtual MAC that cannot be had is announced to nobody") {
    World world;
    world.nic.broken = {"attach"};
    REQUIRE(world.start());
    world.run_until(60s);
    CHECK(std::ranges::count(world.nic.calls, "announcement") == 0);
}

TEST_CASE("what fails while a failure is mended is told too") {
    World world;
    world.nic.broken = {"advertisement", "add"};
    REQUIRE(world.start());
    world.run_until(5s); // it cannot take over, and cannot resign either
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).counters().send_failures == 2);
}

TEST_CASE("an event is journalled with the family of its virtual router") {
    World world(RouterConfig{{gateway_v6()}});
    REQUIRE(world.start());
    CHECK_THAT(world.journal.lines.front(), Catch::StartsWith("eth0 vrid 5 IPv6: "));
}
