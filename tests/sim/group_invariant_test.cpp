#include "netsim/world.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

// One machine, two networks, two vrrpds of one group: gateway on both sides from the fourth second on.
struct Gateway {
    Gateway() {
        for (const std::uint8_t i : {0, 1}) {
            Switch& network = world.add_network(i == 0 ? "lan" : "wan");
            const auto ip = [&](std::uint8_t last) {
                return IpAddress::v4({10, static_cast<std::uint8_t>(16 + i), 1, last});
            };
            const std::string name = "eth" + std::to_string(i);
            r1.add_interface(name, network, {{ip(1), 24}});
            rogues[i]->add_interface("eth0", network, {{ip(66), 24}});
            VirtualRouterConfig one;
            one.interface = name;
            one.vrid = static_cast<std::uint8_t>(51 + i);
            one.addresses = {{ip(200), 32}};
            one.group = GroupIndex{0};
            world.add_process(r1, {{one}, {{.name = "M", .minimum = 2, .shared = true}}});
        }
    }
    Gateway& run_until(Duration time) {
        world.run_until(kStart + time);
        return *this;
    }
    Process& process(std::size_t i) { return *r1.processes()[i]; }
    State state(std::size_t i) { return process(i).router()->virtual_routers()[0].state(); }
    bool violates(Invariant invariant) const {
        return std::ranges::any_of(world.journal().records(), [&](const Record& record) {
            const Violation* violation = std::get_if<Violation>(&record.what);
            return violation != nullptr && violation->invariant == name(invariant);
        });
    }

    World world{1};
    Node& r1 = world.add_node("r1");
    std::array<Node*, 2> rogues{&world.add_node("lan rogue"), &world.add_node("wan rogue")};
};

struct Running : Gateway {
    Running() {
        world.start();
        run_until(5s);
        REQUIRE((state(0) == State::master && state(1) == State::master));
        REQUIRE(world.violations() == 0);
    }
};

} // namespace

TEST_CASE("a group that is torn apart violates an invariant, after a second") {
    Running gateway;
    gateway.r1.siblings().leave(SiblingPlace{1}); // their socket breaks: each is alone with what it knows
    gateway.world.note_fault("r1", "the socket breaks");
    gateway.run_until(6s);
    CHECK(gateway.state(0) == State::backup);
    CHECK(gateway.state(1) == State::master);
    CHECK_FALSE(gateway.violates(Invariant::split_group));
    gateway.run_until(6100ms);
    CHECK(gateway.violates(Invariant::split_group));
}

TEST_CASE("a group that is whole again in time violates nothing") {
    Running gateway;
    SECTION("the cable of a member is pulled") {
        gateway.r1.kernel().set_plugged(0, false);
    }
    SECTION("a member is killed") {
        gateway.process(0).kill();
    }
    SECTION("a member is frozen, and the other steps back when it has been silent") {
        gateway.process(0).freeze();
    }
    SECTION("a member is held by an operator") {
        gateway.process(0).command(Command::hold);
    }
    gateway.world.note_fault("r1", "that");
    gateway.run_until(60s);
    CHECK(gateway.state(1) == State::backup);
    CHECK(gateway.world.violations() == 0);
}

TEST_CASE("a group without all of its members owes nobody a master") {
    Gateway gateway;
    gateway.process(0).start();
    gateway.run_until(60s);
    CHECK(gateway.state(0) == State::backup);
    CHECK(gateway.world.violations() == 0);
}

TEST_CASE(
    "scripts that do not take turns violate an invariant, and after a restart either may be the first") {
    struct Ear final : ViolationObserver {
        void violated(Invariant invariant, const std::string&, const std::string&,
                      const std::string&) override {
            heard = invariant;
        }
        std::optional<Invariant> heard;
    } ear;
    World world(1);
    Node& r1 = world.add_node("r1");
    VirtualRouterConfig one;
    one.interface = "eth0";
    one.vrid = 51;
    one.addresses = {*IpPrefix::parse("10.16.1.200/32")};
    one.master_script = "/up";
    one.backup_script = "/down";
    const Process& process = world.add_process(r1, {{one}});
    world.start();
    Invariants invariants(world.queue(), ear);
    ScriptCall up, down;
    up.kind = ScriptKind::master;
    down.kind = ScriptKind::backup;
    for (const ScriptCall& call : {down, up, down})
        invariants.script_began(process, call, 0);
    invariants.script_began(process, down, 1);
    CHECK_FALSE(ear.heard);
    invariants.script_began(process, down, 1);
    CHECK(ear.heard == Invariant::script_order);
}
