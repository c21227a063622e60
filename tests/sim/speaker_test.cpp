#include "core/wire/decode.hpp"
#include "netsim/world.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

// r1 is master from the fourth second on; the rogue has overheard it.
struct Wire {
    Wire() {
        r1.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.1/24")});
        rogue.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.66/24")});
        world.add_process(r1, {{config()}});
        world.start();
    }
    static VirtualRouterConfig config() {
        VirtualRouterConfig one;
        one.interface = "eth0";
        one.vrid = 51;
        one.addresses = {*IpPrefix::parse("10.16.1.200/32")};
        return one;
    }
    Wire& pass(Duration time) {
        world.run_until(world.now() + time);
        return *this;
    }
    const Router& router() { return *r1.processes().front()->router(); }
    std::uint64_t dropped(wire::DropReason reason) {
        return router().interfaces()[0].counters.dropped[static_cast<std::size_t>(reason)];
    }
    std::uint64_t received() { return router().interfaces()[0].counters.frames_received; }

    World world{1};
    Switch& lan = world.add_network("lan");
    Node &r1 = world.add_node("r1"), &rogue = world.add_node("rogue");
    Speaker& speaker = world.add_speaker(rogue);
};

} // namespace

TEST_CASE("what is said without a flaw is believed: it looks like what was overheard") {
    Wire wire;
    wire.pass(5s);
    REQUIRE(wire.router().virtual_routers()[0].state() == State::master);
    wire.speaker.say({.vrid = 51, .priority = 200, .source = {}, .flaw = Flaw::none}, Speaker::kOnce);
    wire.pass(1ms);
    CHECK(wire.router().virtual_routers()[0].state() == State::backup);
    CHECK(wire.router().virtual_routers()[0].master_address() == IpAddress::v4({10, 16, 1, 66}));
}

TEST_CASE("each flaw is what it says, and the only one") {
    const auto [flaw, reason] = GENERATE(table<Flaw, wire::DropReason>({
        {Flaw::checksum, wire::DropReason::checksum},
        {Flaw::password, wire::DropReason::authentication},
        {Flaw::ttl, wire::DropReason::ttl},
    }));
    Wire wire;
    wire.pass(5s).speaker.say({.vrid = 51, .priority = 200, .source = {}, .flaw = flaw}, Speaker::kOnce);
    wire.pass(1ms);
    CHECK(wire.dropped(reason) == 1);
    CHECK(wire.router().virtual_routers()[0].state() == State::master);
}

TEST_CASE("it can pretend to be another, and a replay is what its sender said") {
    Wire wire;
    wire.pass(5s);
    SECTION("pretending") {
        wire.speaker.say(
            {.vrid = 51, .priority = 1, .source = IpAddress::v4({10, 16, 1, 1}), .flaw = Flaw::none},
            Speaker::kOnce);
    }
    SECTION("replaying") {
        REQUIRE(wire.speaker.replay(51));
    }
    wire.pass(1ms);
    CHECK(wire.dropped(wire::DropReason::own_packet) == 1);
}

TEST_CASE("what was never heard cannot be replayed") {
    Wire wire;
    wire.pass(5s);
    CHECK_FALSE(wire.speaker.replay(99));
}

TEST_CASE("who has heard nothing can still speak, and of any virtual router") {
    Wire wire;
    wire.pass(1s).speaker.say({.vrid = 99, .priority = 200, .source = {}, .flaw = Flaw::none},
                              Speaker::kOnce);
    wire.pass(1ms);
    CHECK(wire.dropped(wire::DropReason::unknown_vrid) == 1);
}

TEST_CASE("it says a thing again and again until it falls silent") {
    Wire wire;
    wire.pass(5s).speaker.say({.vrid = 51, .priority = 1, .source = {}, .flaw = Flaw::checksum}, 10ms);
    wire.pass(95ms);
    CHECK(wire.received() == 10);
    wire.speaker.fall_silent();
    wire.pass(1s);
    CHECK(wire.received() == 10);
}
