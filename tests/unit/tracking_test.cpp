// What health checks make of virtual routers and groups.
#include "core/daemon/status.hpp"
#include "tests/unit/daemon_world.hpp"

#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;

namespace {

constexpr std::size_t kUplink = 1; // the interface that the check watches

// eth0 with the virtual router, and a check of the interface "uplink".
RouterConfig tracking(TrackConfig track, const VirtualRouterConfig& one = gateway(150)) {
    track.check = InterfaceCheck{.interface = "uplink", .address = std::nullopt};
    RouterConfig config{{one}};
    config.tracks = {track};
    config.virtual_routers.front().tracks = {TrackIndex{0}};
    return config;
}

InterfaceFacts unplugged() {
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    return facts;
}

TestBed& uplink(TestBed& bed, bool works) {
    return bed.give(
        InterfaceChanged{static_cast<InterfaceId>(kUplink), works ? working_interface() : unplugged()});
}

TestBed master(const RouterConfig& config) {
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    return bed;
}

std::string last_line(const TestBed& bed) {
    return bed.journal.empty() ? std::string() : bed.journal.back();
}

} // namespace

TEST_CASE("a check that fails takes its weight from the priority, and backups hear it at once") {
    TestBed bed = master(tracking({.name = "up", .weight = -60}));
    uplink(bed, false);
    CHECK(bed.vr().priority() == 90);
    CHECK(bed.vr().priority_without_checks() == 150);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{90});
    CHECK(bed.journal == std::vector<std::string>{"eth0: link down", "check up: fails: uplink has no carrier",
                                                  "eth0 vrid 5: priority 150 -> 90: check up"});
    bed.forget();
    uplink(bed, true);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{150});
    CHECK(last_line(bed) == "eth0 vrid 5: priority 90 -> 150: check up");
}

TEST_CASE("a positive weight is added while the check passes") {
    TestBed bed = master(tracking({.name = "up", .weight = 40}));
    CHECK(bed.vr().priority() == 190);
    uplink(bed, false);
    CHECK(bed.vr().priority() == 150);
}

TEST_CASE("what the weights make of a priority stays between 1 and 254") {
    CHECK(master(tracking({.name = "up", .weight = 253})).vr().priority() == 254);
    TestBed bed = master(tracking({.name = "up", .weight = -253}));
    uplink(bed, false);
    CHECK(bed.vr().priority() == 1);
}

TEST_CASE("no weight changes an owner's priority") {
    VirtualRouterConfig owner = gateway(100);
    owner.addresses = {prefix("10.0.0.2")};
    for (const VirtualRouterConfig& one : {owner, gateway(255)}) {
        TestBed bed = master(tracking({.name = "up", .weight = -60}, one));
        CHECK(bed.vr().priority() == 255);
        uplink(bed, false);
        CHECK(bed.vr().priority() == 255);
        CHECK(bed.sent.empty());
        CHECK(bed.state() == State::master);
    }
}

TEST_CASE("a failing check without a weight takes its users out of the election, owners too") {
    for (const VirtualRouterConfig& one : {gateway(150), gateway(255)}) {
        TestBed bed = master(tracking({.name = "up"}, one));
        uplink(bed, false);
        CHECK(bed.state() == State::initialize);
        CHECK(bed.vr().cause() == Cause::check_failed);
        CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
        CHECK(bed.addresses.empty());
        CHECK(last_line(bed) == "eth0 vrid 5: master -> initialize: check up fails");
        uplink(bed, true);
        CHECK(bed.state() == (one.priority == 255 ? State::master : State::backup));
    }
}

TEST_CASE("a virtual router whose check fails at the start stays out until it passes") {
    TestBed bed(tracking({.name = "up"}));
    uplink(bed, false).start().run_until(60s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.sent.empty());
    CHECK(last_line(bed) == "eth0 vrid 5: initialize: check up fails");
    uplink(bed, true).run_for(5s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a lost link of its own is the cause before a check") {
    TestBed bed = master(tracking({.name = "up"}));
    bed.change(unplugged());
    uplink(bed, false);
    CHECK(bed.vr().cause() == Cause::link_down);
    bed.change(working_interface());
    CHECK(bed.vr().cause() == Cause::check_failed);
}

TEST_CASE("who loses the gateway because of a weight reads which check it was") {
    TestBed bed = master(tracking({.name = "up", .weight = -60}));
    uplink(bed, false).hear(Peer{}, 100);
    CHECK(bed.state() == State::backup);
    CHECK(last_line(bed) == "eth0 vrid 5: master -> backup: 10.0.0.1 (priority 100) has the higher priority, "
                            "since check up lowered ours");
    uplink(bed, true).hear(Peer{}, 100).run_for(3s).hear(Peer{}, 100).run_for(1s);
    REQUIRE(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("preempting 10.0.0.1 (priority 100), since check up raised our priority"));
}

TEST_CASE("an election that no weight decided names no check") {
    TestBed bed = master(tracking({.name = "up", .weight = -60}));
    uplink(bed, false).hear(Peer{}, 200);
    CHECK(last_line(bed) == "eth0 vrid 5: master -> backup: 10.0.0.1 (priority 200) has the higher priority");
}

TEST_CASE("an operator's priority is the one that weights are added to") {
    TestBed bed = master(tracking({.name = "up", .weight = -60}));
    uplink(bed, false);
    bed.forget();
    bed.give(SetPriority{VirtualRouterIndex{}, 200});
    CHECK(bed.vr().priority() == 140);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{140});
    CHECK(last_line(bed) == "eth0 vrid 5: priority 90 -> 140");
}

TEST_CASE("a backup waits by the priority that its checks leave it") {
    TestBed bed(tracking({.name = "up", .weight = -100}));
    uplink(bed, false).start();
    CHECK(bed.vr().next_deadline() == TimePoint(1s) + 3s + Duration(1s) * (256 - 50) / 256);
    uplink(bed, true);
    CHECK(bed.vr().next_deadline() == TimePoint(1s) + 3s + Duration(1s) * (256 - 150) / 256);
}

TEST_CASE("a flapping check is held down, and the gateway rests") {
    TestBed bed = master(tracking({.name = "up", .hold = 10s}));
    for (int i = 0; i < 5; ++i) {
        uplink(bed, false).run_for(2s);
        uplink(bed, true).run_for(5s);
    }
    CHECK(bed.state() == State::initialize);
    CHECK(std::ranges::count(bed.journal, "check up: fails: uplink has no carrier") == 1);
    bed.run_for(5s - 1ns);
    CHECK(bed.state() == State::initialize);
    bed.run_for(1ns);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a group's check is each member's") {
    VirtualRouterConfig wan = gateway(100);
    wan.interface = "eth1";
    RouterConfig config{{gateway(150), wan}, {{.name = "g", .minimum = 2, .tracks = {TrackIndex{0}}}}};
    for (VirtualRouterConfig& one : config.virtual_routers)
        one.group = GroupIndex{0};
    config.tracks = {{.name = "up", .check = InterfaceCheck{"uplink", {}}, .weight = -20}};
    TestBed bed(config);
    bed.give(InterfaceChanged{InterfaceId{2}, unplugged()}).start();
    CHECK(bed.router.virtual_routers()[0].priority() == 130);
    CHECK(bed.router.virtual_routers()[1].priority() == 80);
}

TEST_CASE("a group whose member's check fails cannot lead") {
    VirtualRouterConfig wan = gateway(100);
    wan.interface = "eth1";
    RouterConfig config{{gateway(150), wan}, {{.name = "g", .minimum = 2}}};
    for (VirtualRouterConfig& one : config.virtual_routers)
        one.group = GroupIndex{0};
    config.tracks = {{.name = "up", .check = InterfaceCheck{"uplink", {}}}};
    config.virtual_routers[1].tracks = {TrackIndex{0}};
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.give(InterfaceChanged{InterfaceId{2}, unplugged()});
    CHECK(bed.router.virtual_routers()[1].state() == State::initialize);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().cause() == Cause::group_unfit);
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("group cannot lead: eth1 vrid 5 is not fit: check up fails\n"));
    CHECK(status(bed.router, bed.now, {})["groups"][0]["trouble"] ==
          "eth1 vrid 5 is not fit: check up fails");
    bed.forget();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{2}, working_interface()})
        .give(InterfaceChanged{InterfaceId{1}, down});
    CHECK_THAT(bed.journal_text(), Catch::Contains("group cannot lead: eth1 vrid 5 is not fit\n"));
}

TEST_CASE("an interface check may ask for an address too") {
    RouterConfig config = tracking({.name = "up", .weight = -60});
    config.tracks[0].check = InterfaceCheck{"uplink", ip("10.0.0.2")};
    TestBed bed = master(config);
    InterfaceFacts facts = working_interface();
    facts.addresses.erase(facts.addresses.begin());
    const auto reason = [&](const InterfaceFacts& changed) {
        bed.give(InterfaceChanged{static_cast<InterfaceId>(kUplink), changed});
        return bed.router.tracks().track(TrackIndex{}).reason();
    };
    CHECK(reason(facts) == "uplink has no address 10.0.0.2");
    CHECK(bed.vr().priority() == 90);
    CHECK(reason(working_interface()) == "uplink is up");
    facts.obstacle = "uplink is a member of the bridge br0";
    CHECK(reason(facts) == "uplink is a member of the bridge br0");
    CHECK(bed.vr().priority() == 90);
    facts.admin_up = false;
    CHECK(reason(facts) == "uplink is down");
    facts.present = false;
    CHECK(reason(facts) == "there is no interface uplink");
}

TEST_CASE("VRRP that is heard where only a check looks is nobody's business") {
    TestBed bed = master(tracking({.name = "up"}));
    bed.hear_on(kUplink, Peer{}, 200).hear_on(kUplink, Peer{}, 200);
    CHECK(bed.journal.empty());
    CHECK(bed.state() == State::master);
    CHECK(bed.router.interfaces()[kUplink].counters.frames_received == 0);
}

TEST_CASE("the daemon watches the interface of a check, and its line says of which process it is") {
    World world(tracking({.name = "up", .weight = -60}));
    REQUIRE(world.start());
    REQUIRE(world.nic.watched.size() == 2);
    CHECK(world.nic.watched.at(static_cast<InterfaceId>(kUplink)).empty()); // nothing of ours is there
    world.daemon.give(InterfaceChanged{static_cast<InterfaceId>(kUplink), unplugged()});
    const auto line = std::ranges::find(world.journal.lines, "check up: fails: uplink has no carrier");
    REQUIRE(line != world.journal.lines.end());
    const std::string& object =
        world.journal.objects[static_cast<std::size_t>(line - world.journal.lines.begin())];
    CHECK_THAT(object, Catch::Contains(R"("event":"check_changed","check":"up","state":"fails",)"
                                       R"("reason":"uplink has no carrier","severity":"warning")"));
    CHECK_THAT(object, !Catch::Contains("interface\":"));
    CHECK_THAT(world.journal.objects.back(), Catch::Contains(R"("from":150,"to":90,"check":"up")"));
}

namespace {

// Two checks that are asked.
RouterConfig asking(TrackConfig track) {
    RouterConfig config{{gateway(150)}};
    track.check = ScriptCheck{"/etc/check", {}};
    track.timeout = 2s;
    for (const char* name : {"a", "b"}) {
        track.name = name;
        config.virtual_routers[0].tracks.push_back(static_cast<TrackIndex>(config.tracks.size()));
        config.tracks.push_back(track);
    }
    return config;
}

TestBed& answer(TestBed& bed, std::size_t check, bool ok, std::string reason = "exit status 1") {
    return bed.give(Checked{static_cast<TrackIndex>(check), ok, std::move(reason)});
}

} // namespace

TEST_CASE("checks are asked at the start, one at a moment, and nobody is in the election before all have "
          "answered") {
    TestBed bed(asking({.name = "", .interval = 1s}));
    bed.start();
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::check_awaited);
    CHECK(last_line(bed) == "eth0 vrid 5: initialize: waiting for the first result of check a");
    CHECK(bed.checks.empty());
    bed.give(DeadlineReached{});
    CHECK(bed.checks == std::vector{std::pair(TimePoint(1s), TrackIndex{0})});
    CHECK(bed.router.next_deadline() == TimePoint(1s)); // the other one is next
    bed.give(DeadlineReached{});
    CHECK(bed.checks.size() == 2);
    CHECK(bed.router.next_deadline() == kNever);
    answer(bed, 0, true);
    CHECK(bed.state() == State::initialize);
    answer(bed, 1, true);
    CHECK(bed.state() == State::backup);
    CHECK(last_line(bed) == "eth0 vrid 5: initialize -> backup: taking part in the election");
}

TEST_CASE("a check is asked again an interval after it was, however long it took") {
    TestBed bed(asking({.name = "", .interval = 1s}));
    bed.start().run_for(300ms);
    answer(bed, 0, true);
    answer(bed, 1, true);
    bed.checks.clear();
    bed.run_for(10s);
    CHECK(bed.checks ==
          std::vector{std::pair(TimePoint(2s), TrackIndex{0}), std::pair(TimePoint(2s), TrackIndex{1})});
}

TEST_CASE("what a check says of its failure stands in the journal") {
    TestBed bed(asking({.name = "", .interval = 1s, .fall = 2}));
    bed.start().run_for(0s);
    answer(bed, 0, true);
    answer(bed, 1, true).run_for(10s);
    REQUIRE(bed.state() == State::master);
    answer(bed, 1, false);
    CHECK(bed.state() == State::master);
    answer(bed, 1, false, "exit status 2");
    CHECK(bed.state() == State::initialize);
    CHECK_THAT(bed.journal_text(), Catch::Contains("check b: fails: exit status 2\n"
                                                   "eth0 vrid 5: master -> initialize: check b fails\n"));
}

TEST_CASE("the number in a file moves the priority, and its line says what the file says") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "by-hand", .check = FileCheck{"/run/weight"}}};
    config.virtual_routers[0].tracks = {TrackIndex{0}};
    TestBed bed(config);
    bed.start().run_for(0s);
    CHECK(bed.checks.size() == 1);
    bed.give(Checked{TrackIndex{0}, true, "it says 0", 0}).run_for(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.give(Checked{TrackIndex{0}, true, "it says -60", -60});
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{90});
    CHECK(bed.journal == std::vector<std::string>{"check by-hand: passes: it says -60",
                                                  "eth0 vrid 5: priority 150 -> 90: check by-hand"});
    bed.give(Checked{TrackIndex{0}, false, "No such file or directory: /run/weight"});
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().priority() == 150);
    CHECK(bed.checks.size() == 1);
}

TEST_CASE("the daemon starts a check after everything else, and gives its answer to the router") {
    World world(asking({.name = "", .interval = 1s}));
    REQUIRE(world.start());
    world.run_until(1s);
    CHECK(world.nic.calls == std::vector<std::string>{"check a", "check b"});
    world.daemon.give(Checked{TrackIndex{0}, true, ""});
    world.daemon.give(Checked{TrackIndex{1}, true, ""});
    world.run_until(1900ms);
    CHECK(world.checks.started.size() == 2);
    world.run_until(2s);
    CHECK(world.checks.started.size() == 4);
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).state() == State::backup);
}

TEST_CASE("routers that differ in a check are unequal and hash differently") {
    TestBed a = master(tracking({.name = "up", .weight = -60})), b = a;
    REQUIRE(a.router == b.router);
    uplink(a, false);
    CHECK_FALSE(a.router == b.router);
    CHECK(a.router.hash() != b.router.hash());
    CHECK(a.vr().hash() != b.vr().hash());
}

TEST_CASE("a watch goes on while it looks at the same thing, and ends when it is taken out") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "up", .check = RouteCheck{.prefix = prefix("0.0.0.0/0")}, .weight = -20}};
    config.virtual_routers[0].tracks = {TrackIndex{0}};
    World world(config);
    REQUIRE(world.start());
    world.run_until(1s);
    const auto calls_of = [&](const RouterConfig& next) {
        world.nic.calls.clear();
        world.daemon.give(Reconfigured{next});
        world.run_until(world.clock.time.time_since_epoch());
        std::erase_if(world.nic.calls,
                      [](const std::string& call) { return call.find("check") == call.npos; });
        return world.nic.calls;
    };
    using Calls = std::vector<std::string>;
    config.tracks[0].weight = -30;
    CHECK(calls_of(config).empty());
    std::get<RouteCheck>(config.tracks[0].check).table = 100;
    CHECK(calls_of(config) == Calls{"stop a check", "check up"});
    config.tracks.clear();
    config.virtual_routers[0].tracks.clear();
    CHECK(calls_of(config) == Calls{"stop a check"});
}
