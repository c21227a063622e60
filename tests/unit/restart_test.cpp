// One process goes on where another one has left.
#include "core/daemon/handover_message.hpp"
#include "tests/unit/daemon_world.hpp"
#include "tests/unit/sibling_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig scripted(std::uint8_t priority = 150) {
    VirtualRouterConfig config = gateway_v3(priority, 100ms);
    config.master_script = "/master";
    config.backup_script = "/backup";
    config.notify_script = "/notify";
    return config;
}

// Through the words that are written down.
Handover left_by(const Router& router) {
    const auto handover = decode_handover(encode(router.handover()));
    REQUIRE(handover);
    return *handover;
}

struct Successor {
    explicit Successor(const RouterConfig& config, World& before, Duration away) : world(config) {
        before.daemon.give(LeftToSuccessor{});
        world.clock.time = before.clock.time + away;
        left = left_by(before.daemon.router());
    }
    void start() {
        REQUIRE(world.daemon.start(
            {world.clock, world.nic, world.journal, world.bus, world.scripts, world.checks}, left));
    }
    State state() const { return world.daemon.router().virtual_routers()[0].state(); }
    World world;
    Handover left;
};

void lead(World& world) {
    REQUIRE(world.start());
    world.run_until(10s);
    REQUIRE(world.daemon.router().virtual_routers()[0].state() == State::master);
    world.nic.calls.clear();
    world.scripts.calls.clear();
}

} // namespace

TEST_CASE("a master that leaves to a successor advertises once more and gives nothing up") {
    World before(RouterConfig{{scripted()}});
    lead(before);
    before.daemon.give(LeftToSuccessor{});
    CHECK(before.nic.calls == std::vector<std::string>{"advertisement"});
    CHECK(before.scripts.calls.empty());
    before.daemon.give(DeadlineReached{});
    CHECK(before.nic.calls.size() == 1); // it is over
}

TEST_CASE("its successor is master at once, and no script is told anything new") {
    const RouterConfig config{{scripted()}};
    World before(config);
    lead(before);
    Successor after(config, before, 30ms);
    after.start();
    CHECK(after.state() == State::master);
    CHECK(after.world.journal.lines ==
          std::vector<std::string>{
              "eth0 vrid 5: initialize -> master: going on for the process before this one"});
    CHECK(after.world.scripts.calls.empty());
    CHECK(after.world.nic.calls.front() == "advertisement");
    CHECK(after.world.nic.watched.at(InterfaceId{}).front().goes_on);
}

TEST_CASE("a successor that comes when others may have taken over begins as a backup, without addresses") {
    const RouterConfig config{{scripted()}};
    World before(config);
    lead(before);
    Successor after(config, before, 400ms);
    after.start();
    CHECK(after.state() == State::backup);
    CHECK_FALSE(after.world.nic.watched.at(InterfaceId{}).front().goes_on);
    CHECK(std::ranges::count(after.world.nic.calls, "remove") == 1);
    CHECK(std::ranges::count(after.world.nic.calls, "detach") == 1);
    REQUIRE_FALSE(after.world.scripts.calls.empty());
    CHECK(after.world.scripts.calls.front().path == "/backup"); // it was told that it is master
}

TEST_CASE("a member that goes on leads for a second without its siblings, and no longer") {
    RouterConfig config{{scripted()}, {{.name = "M", .minimum = 2, .shared = true}}};
    config.virtual_routers.front().group = GroupIndex{0};
    World before(config);
    REQUIRE(before.start());
    for (int second = 2; second <= 10; ++second) {
        before.daemon.give(says(sibling(Stance::ready)));
        before.run_until(second * 1s);
    }
    Successor after(config, before, 10ms);
    after.start();
    REQUIRE(after.state() == State::master);
    after.world.run_until(11s);
    CHECK(after.state() == State::master);
    after.world.run_until(11'010ms);
    CHECK(after.state() == State::backup);
}

TEST_CASE("what an operator has asked for and set lasts through a restart") {
    const RouterConfig config{{scripted()}};
    World before(config);
    REQUIRE(before.start());
    before.daemon.give(Commanding{VirtualRouterIndex{}, Command::hold});
    before.daemon.give(Commanding{VirtualRouterIndex{}, Command::reduce});
    Successor after(config, before, 30ms);
    after.start();
    const VirtualRouter& one = after.world.daemon.router().virtual_routers()[0];
    CHECK(one.held());
    CHECK(one.priority() == 140);
    after.world.run_until(60s);
    CHECK(after.state() == State::backup);
}

TEST_CASE("a restart in place waits for no start delay") {
    VirtualRouterConfig config = scripted();
    config.start_delay = 60s;
    World before(RouterConfig{{config}});
    REQUIRE(before.start());
    before.run_until(62s);
    Successor after(RouterConfig{{config}}, before, 30ms);
    after.start();
    CHECK(after.state() != State::initialize);
}

TEST_CASE("sequence numbers of the authentication header go on through a restart") {
    VirtualRouterConfig config = gateway();
    config.authentication = {.type = wire::AuthenticationType::authentication_header, .password = {7}};
    World before(RouterConfig{{config}});
    lead(before);
    const std::uint32_t used = before.daemon.router().virtual_routers()[0].sequences().highest();
    Successor after(RouterConfig{{config}}, before, 30ms);
    after.start();
    CHECK(after.world.daemon.router().virtual_routers()[0].sequences().highest() > used);
}

TEST_CASE("the number of a file counts from the first moment after a restart") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "a", .check = FileCheck{"/run/weight"}}};
    config.virtual_routers[0].tracks = {TrackIndex{0}};
    World before(config);
    REQUIRE(before.start());
    before.run_until(1s);
    before.daemon.give(Checked{TrackIndex{0}, true, "it says -30", -30});
    before.run_until(10s);
    Successor after(config, before, 50ms);
    after.start();
    CHECK(after.world.daemon.router().virtual_routers()[0].priority() == 120);
}

TEST_CASE("a check is what it was before a restart, and it still takes as many failures") {
    RouterConfig config{{gateway_v3(150, 100ms)}};
    config.tracks = {{.name = "a",
                      .check = ScriptCheck{.path = "/a"},
                      .weight = -60,
                      .interval = 1s,
                      .timeout = 1s,
                      .fall = 2}};
    config.virtual_routers.front().tracks = {TrackIndex{0}};
    World before(config);
    REQUIRE(before.start());
    before.daemon.give(Checked{TrackIndex{0}, true, "yes"});
    before.run_until(10s);
    before.daemon.give(Checked{TrackIndex{0}, false, "no"});
    before.daemon.give(Checked{TrackIndex{0}, false, "no"});
    CHECK(before.daemon.router().virtual_routers()[0].priority() == 90);
    Successor after(config, before, 30ms);
    after.start();
    CHECK(after.world.daemon.router().virtual_routers()[0].priority() == 90);
    after.world.daemon.give(Checked{TrackIndex{0}, true, "yes"});
    CHECK(after.world.daemon.router().virtual_routers()[0].priority() == 150);
    after.world.daemon.give(Checked{TrackIndex{0}, false, "no"});
    CHECK(after.world.daemon.router().virtual_routers()[0].priority() == 150);
}

TEST_CASE("a successor on an interface without a link gives back what was left to it") {
    const RouterConfig config{{scripted()}};
    World before(config);
    lead(before);
    Successor after(config, before, 30ms);
    after.world.nic.facts.carrier = false;
    after.start();
    CHECK(after.state() == State::initialize);
    CHECK(std::ranges::count(after.world.nic.calls, "remove") == 1);
}

TEST_CASE("who waits for its interface to be known has nothing to leave to a successor") {
    TestBed bed(gateway(150));
    bed.start().run_until(10s);
    VirtualRouterConfig arriving = gateway();
    arriving.interface = "eth1";
    bed.give(Reconfigured{RouterConfig{{gateway(150), arriving}}});
    REQUIRE(bed.router.handover().virtual_routers.size() == 1);
    CHECK(bed.router.handover().virtual_routers.front().interface == "eth0");
}

TEST_CASE("a handover that makes no sense is refused whole") {
    CHECK_FALSE(decode_handover(""));
    CHECK_FALSE(decode_handover("{}"));
    CHECK_FALSE(decode_handover(R"({"version": 2, "virtual_routers": [], "checks": []})"));
    CHECK_FALSE(decode_handover(R"({"version": 1, "virtual_routers": [{"vrid": "x"}], "checks": []})"));
    CHECK_FALSE(
        decode_handover(R"({"version": 1, "virtual_routers": [{"interface": "eth0"}], "checks": []})"));
    CHECK(decode_handover(R"({"version": 1, "virtual_routers": [], "checks": [], "news": 1})"));
}
