// Before a router preempts, and before it begins at all.
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig patient(std::uint8_t priority = 150) {
    VirtualRouterConfig config = gateway(priority);
    config.preempt_delay = 60s;
    return config;
}

VirtualRouterConfig late() {
    VirtualRouterConfig config = gateway(150);
    config.start_delay = 30s;
    return config;
}

InterfaceFacts without_link() {
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    return facts;
}

} // namespace

TEST_CASE(
    "a router that has just become fit follows a lesser master for the preempt delay, and takes over then") {
    TestBed bed(patient());
    bed.start().hear_until(60s, Peer{}, 100);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().master_address() == Peer{}.address);
    bed.hear_until(62s, Peer{}, 100);
    CHECK(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(), Catch::Contains("preempting 10.0.0.1 (priority 100)"));
}

TEST_CASE("where there is no master nothing is waited for") {
    TestBed bed(patient());
    bed.start().run_until(10s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a lesser master that falls silent within the delay is followed as soon as any other") {
    TestBed bed(patient());
    bed.start().hear_until(5s, Peer{}, 100).run_for(4s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("the delay begins anew when the interface has been gone") {
    TestBed bed(patient());
    bed.start().hear_until(50s, Peer{}, 100).change(without_link()).change(working_interface());
    bed.hear_until(100s, Peer{}, 100);
    CHECK(bed.state() == State::backup);
    bed.hear_until(112s, Peer{}, 100);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a router that has been fit for longer preempts a master whose priority falls") {
    TestBed bed(patient());
    bed.start().hear_until(100s, Peer{}, 200).hear_until(104s, Peer{}, 100);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a master that becomes the better one within the delay is not preempted at its end") {
    TestBed bed(patient());
    bed.start().hear_until(59s, Peer{}, 100).hear_until(70s, Peer{}, 200);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("who was told to yield does not preempt when the delay has passed") {
    TestBed bed(patient());
    bed.start().hear(Peer{}, 100).give(Commanding{VirtualRouterIndex{}, Command::back_up});
    bed.hear_until(70s, Peer{}, 100);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("an operator's order to lead waits for no delay") {
    TestBed bed(patient());
    bed.start().hear(Peer{}, 100).give(Commanding{VirtualRouterIndex{}, Command::lead}).run_for(1ms);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a group preempts when the last of its members has been fit for its delay") {
    VirtualRouterConfig first = patient(), second = gateway(150);
    second.interface = "eth1";
    second.vrid = 6;
    first.group = second.group = GroupIndex{0};
    RouterConfig config{{first, second}};
    config.groups = {{.name = "g", .minimum = 2, .tracks = {}}};
    Peer other{.config = second};
    TestBed bed(config);
    bed.start();
    const auto both = [&](Duration until) {
        while (bed.now.time_since_epoch() < until)
            bed.hear(Peer{}, 100).hear_on(1, other, 100).run_for(1s);
    };
    both(58s);
    CHECK(bed.router.virtual_routers()[1].state() == State::backup);
    both(65s);
    for (const VirtualRouter& one : bed.router.virtual_routers())
        CHECK(one.state() == State::master);
}

TEST_CASE("a group's delay counts from when it is whole again: a member that comes back deaf does not "
          "preempt for it") {
    VirtualRouterConfig first = patient(), second = patient();
    second.interface = "eth1";
    second.vrid = 6;
    const Peer other{.config = second};
    TestBed bed(group_of({first, second}));
    bed.start();
    const auto eth1_hears_until = [&](Duration until) {
        while (bed.now.time_since_epoch() < until)
            bed.hear_on(1, other, 100).run_for(1s);
    };
    bed.hear(Peer{}, 100).change(without_link());
    eth1_hears_until(80s);
    bed.change(working_interface()); // behind a switch port that forwards nothing yet
    eth1_hears_until(139s);
    for (const VirtualRouter& one : bed.router.virtual_routers())
        CHECK(one.state() == State::backup);
    eth1_hears_until(145s);
    for (const VirtualRouter& one : bed.router.virtual_routers())
        CHECK(one.state() == State::master);
}

TEST_CASE("in its start delay a router takes no part in the election, and then it begins") {
    TestBed bed(late());
    bed.start().run_until(30s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::start_delayed);
    CHECK(bed.sent.empty());
    CHECK_THAT(bed.journal_text(), Catch::Contains("waiting for its start delay to pass"));
    bed.run_until(40s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("an interface that comes within the start delay does not end it") {
    TestBed bed(late());
    bed.change(without_link()).start().run_until(5s);
    CHECK(bed.vr().cause() == Cause::link_down);
    bed.change(working_interface()).run_until(30s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::start_delayed);
    bed.run_until(40s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("an interface that is gone when the start delay ends is waited for as any other") {
    TestBed bed(late());
    bed.start().change(without_link()).run_until(40s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::link_down);
    bed.change(working_interface()).run_until(50s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("an owner waits for its start delay too, and a router that is stopped in it has no deadline") {
    VirtualRouterConfig owner = late();
    owner.priority = 255;
    TestBed bed(owner);
    bed.start().run_until(20s);
    CHECK(bed.state() == State::initialize);
    bed.give(Stop{});
    CHECK(bed.router.next_deadline() == kNever);
}

TEST_CASE("nobody is told of a fault while a start is delayed") {
    VirtualRouterConfig config = late();
    config.fault_script = "/fault";
    World world(RouterConfig{{config}});
    REQUIRE(world.start());
    CHECK(world.scripts.calls.empty());
}
