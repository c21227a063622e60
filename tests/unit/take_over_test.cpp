// How the addresses come on: before the advertisement or after it, and what happens when they do not.
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

using Order = std::vector<std::string>;

bool has_advertised(const World& world) {
    return std::ranges::count(world.nic.calls, "advertisement") != 0;
}

void hear_until(World& world, Duration since_epoch, const Peer& peer, std::uint8_t priority) {
    const std::vector<std::uint8_t> frame = peer.frame(priority);
    while (world.clock.time < TimePoint(since_epoch)) {
        world.daemon.give(FrameReceived{InterfaceId{}, frame});
        world.run_until(world.clock.time.time_since_epoch() + 1s);
    }
}

std::size_t lines(const World& world, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        world.journal.lines, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

} // namespace

TEST_CASE("who takes over from silence advertises first, and takes the addresses then") {
    TestBed bed(gateway());
    bed.start().run_until(10s);
    CHECK(Order(bed.order.begin(), bed.order.begin() + 4) ==
          Order{"advertisement", "attach", "add", "announcement"});
}

TEST_CASE("who preempts a living master takes the addresses first, at the same moment") {
    TestBed bed(gateway(200));
    bed.start().hear_until(10s, Peer{}, 100);
    CHECK(bed.state() == State::master);
    CHECK(Order(bed.order.begin(), bed.order.begin() + 4) ==
          Order{"attach", "add", "advertisement", "announcement"});
    CHECK(bed.sent.front().time == TimePoint(1s + 3s + Duration(1s) * 56 / 256));
    CHECK_THAT(bed.journal_text(), Catch::Contains("backup -> master: preempting 10.0.0.1 (priority 100)"));
}

TEST_CASE(
    "a router that is refused its addresses does not disturb a living master, and tries ever more seldom") {
    for (const char* broken : {"attach", "add"}) {
        World world(RouterConfig{{gateway(200)}});
        world.nic.broken = {broken};
        REQUIRE(world.start());
        hear_until(world, 600s, Peer{}, 100);
        CHECK_FALSE(has_advertised(world));
        CHECK(lines(world, "-> master") == 0);
        // It listens for 3.2 s each time; then 10, 20, 40, 80, 160, 160 s.
        CHECK(std::ranges::count(world.nic.calls, broken) == 7);
        CHECK(std::ranges::count(world.nic.calls, "detach") == 7); // nothing is left behind
        CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).cause() == Cause::address_refused);
    }
}

TEST_CASE("other facts end the wait of a router that was refused its addresses") {
    World world(RouterConfig{{gateway(200)}});
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    hear_until(world, 100s, Peer{}, 100);
    world.nic.broken.clear();
    InterfaceFacts facts = working_interface();
    facts.mtu = 1400;
    world.daemon.give(InterfaceChanged{InterfaceId{}, facts});
    hear_until(world, 105s, Peer{}, 100);
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).state() == State::master);
}

TEST_CASE("a lone router that was refused its addresses does not advertise before it has them") {
    World world;
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    world.run_until(10s);
    CHECK(std::ranges::count(world.nic.calls, "advertisement") == 2); // it could not know: and resigned
    world.nic.calls.clear();
    world.run_until(30s);
    CHECK_FALSE(has_advertised(world));
    world.nic.broken.clear();
    world.run_until(60s);
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).state() == State::master);
    CHECK(has_advertised(world));
}

TEST_CASE("a master that claims priority 255 and is refused its addresses tries again in silence") {
    World world(RouterConfig{{gateway(255)}});
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    world.nic.calls.clear();
    world.run_until(60s);
    CHECK_FALSE(has_advertised(world));
    CHECK(std::ranges::count(world.nic.calls, "add") >= 2);
}

TEST_CASE("a better master that is heard during the trial ends it, and the addresses go") {
    TestBed bed(gateway(200));
    bed.start().hear(Peer{}, 100).run_for(1s + 1s).hear(Peer{}, 100);
    bed.sleep_for(bed.router.next_deadline() - bed.now).give(DeadlineReached{});
    REQUIRE(bed.state() == State::backup);
    REQUIRE(bed.addresses.size() == 1);
    bed.hear(Peer{.address = ip("10.0.0.3")}, 210);
    CHECK(bed.addresses.empty());
    CHECK(bed.virtual_macs.empty());
    bed.run_for(2s);
    CHECK(bed.sent.empty());
}

TEST_CASE("an operator who holds a router back during the trial ends it") {
    for (const Command command : {Command::hold, Command::back_up}) {
        TestBed bed(gateway(200));
        bed.start().hear_until(4s, Peer{}, 100);
        bed.sleep_for(bed.router.next_deadline() - bed.now).give(DeadlineReached{});
        REQUIRE(bed.addresses.size() == 1);
        bed.give(Commanding{.command = command});
        CHECK(bed.addresses.empty());
    }
}

TEST_CASE("a router that is stopped or loses its link during the trial leaves nothing behind") {
    InterfaceFacts down = working_interface();
    down.carrier = false;
    for (const Input& input : {Input(Stop{}), Input(InterfaceChanged{InterfaceId{}, down})}) {
        TestBed bed(gateway(200));
        bed.start().hear(Peer{}, 100);
        bed.sleep_for(bed.router.next_deadline() - bed.now).give(DeadlineReached{});
        REQUIRE(bed.addresses.size() == 1);
        bed.give(input);
        CHECK(bed.addresses.empty());
        CHECK(bed.state() == State::initialize);
    }
}

TEST_CASE("a stopped router has no retry to wait for") {
    TestBed bed(gateway());
    bed.start().run_until(10s);
    bed.give(EffectFailed{VirtualRouterIndex{}, Action::attach_virtual_mac, "File exists"});
    REQUIRE(bed.vr().next_deadline() != kNever);
    bed.give(Stop{});
    CHECK(bed.vr().next_deadline() == kNever);
}

TEST_CASE("a failed advertisement does not keep hosts from an address that is there") {
    World world;
    world.nic.broken = {"advertisement"};
    REQUIRE(world.start());
    world.run_until(5s);
    CHECK(std::ranges::count(world.nic.calls, "announcement") == 1);
}

TEST_CASE("a failed clean-up after a dead process is nobody's failure") {
    TestBed bed(RouterConfig{{gateway()}});
    bed.start().run_until(10s);
    bed.give(EffectFailed{std::nullopt, Action::clean_up, "eth1: No such device"});
    CHECK(bed.journal.back() == "clean_up failed: eth1: No such device");
    CHECK(bed.state() == State::master);
}

// --- The MTU

TEST_CASE("the size of an advertisement is what the wire says") {
    VirtualRouterConfig with_key = gateway(), many = gateway_v6();
    with_key.authentication = {.type = wire::AuthenticationType::authentication_header, .password = {7}};
    for (int i = 0; i < 100; ++i)
        many.addresses.push_back(prefix("fd00::" + std::to_string(i + 1)));
    for (const VirtualRouterConfig& config : {gateway(), gateway_v3(), gateway_v6(), with_key, many})
        CHECK(
            advertisement_size(config) ==
            Peer{.address = config.family == IpFamily::v6 ? ip("fe80::1") : ip("10.0.0.1"), .config = config}
                    .frame(100)
                    .size() -
                14);
}

TEST_CASE("a router whose advertisement its interface does not carry takes no part in the election") {
    VirtualRouterConfig config = gateway_v6();
    for (int i = 0; i < 88; ++i)
        config.addresses.push_back(prefix("fd00::" + std::to_string(i + 1)));
    REQUIRE(advertisement_size(config) == 40 + 8 + 90 * 16);
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    InterfaceFacts facts = working_interface();
    facts.mtu = 1487;
    bed.change(facts);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.sent.empty()); // a resignation would be as large
    CHECK(bed.addresses.empty());
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("an advertisement needs 1488 bytes, the interface carries 1487"));
    facts.mtu = 1488;
    bed.change(facts).run_for(5s);
    CHECK(bed.state() == State::master);
}

// --- Facts that hosts depend on

TEST_CASE("without the virtual MAC a new MAC of the interface is announced at once") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    TestBed bed(config);
    bed.start().run_until(10s).forget();
    InterfaceFacts facts = working_interface();
    facts.mac = mac("02:00:00:00:00:99");
    bed.change(facts);
    REQUIRE(bed.announced.size() == 1);
    CHECK(bed.announced.front().announcement == wire::Announcement{ip("10.0.0.254"), facts.mac});
    REQUIRE(bed.sent.size() == 1);
    CHECK(bed.sent.front().source_mac == facts.mac);
    bed.run_for(2s);
    CHECK(bed.announced.size() == 3); // and again, as after a take-over
}

TEST_CASE("with the virtual MAC a new MAC of the interface is nothing to hosts") {
    TestBed bed(gateway());
    bed.start().run_until(10s).forget();
    InterfaceFacts facts = working_interface();
    facts.mac = mac("02:00:00:00:00:99");
    bed.change(facts);
    CHECK(bed.announced.empty());
    CHECK(bed.sent.empty());
}

TEST_CASE("a new primary address is advertised at once, and the virtual ones are announced again") {
    TestBed bed(gateway());
    bed.start().run_until(10s).forget();
    InterfaceFacts facts = working_interface();
    facts.addresses.front() = prefix("10.0.0.7/24");
    bed.change(facts);
    REQUIRE(bed.sent.size() == 1);
    CHECK(bed.sent.front().source == ip("10.0.0.7"));
    CHECK(bed.announced.size() == 1);
    facts.addresses.push_back(prefix("10.0.0.8/24")); // a second one changes nothing
    bed.change(facts);
    CHECK(bed.sent.size() == 1);
}

TEST_CASE("a backup's facts are nothing to hosts") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200).forget();
    InterfaceFacts facts = working_interface();
    facts.addresses.front() = prefix("10.0.0.7/24");
    bed.change(facts);
    CHECK(bed.sent.empty());
    CHECK(bed.announced.empty());
}
