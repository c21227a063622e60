#include "core/wire/encode.hpp"
#include "tests/sim/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

bool violated(const RunJournal& journal, Invariant invariant) {
    for (const Record& record : journal.records())
        if (const Violation* violation = std::get_if<Violation>(&record.what))
            if (violation->invariant == name(invariant)) return true;
    return false;
}

constexpr const char* kExpectSomething = "[[step]]\nat = '10s'\nexpect = 'r1 is master of 51'\n";

// One router, soon master, whose kernel a test can spoil.
struct Lonely {
    Lonely() {
        Switch& lan = world.add_network("lan");
        r1.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.1/24")});
        VirtualRouterConfig one;
        one.interface = "eth0";
        one.vrid = 51;
        one.addresses = {address};
        process = &world.add_process(r1, RouterConfig{{one}});
        world.start();
    }
    IpPrefix address = *IpPrefix::parse("10.16.1.200/32");
    World world{1};
    Node& r1 = world.add_node("r1");
    Process* process = nullptr;
};

} // namespace

TEST_CASE("two masters that do not understand one another violate an invariant") {
    // Different intervals: RFC 3768 makes each drop the other's advertisements.
    const RunResult result = run_text(gateway_pair(kExpectSomething, "-d 2"));
    CHECK(violated(result.journal, Invariant::two_masters));
    CHECK_FALSE(result.passed());
}

TEST_CASE("a scenario may allow a violation, and says why") {
    const RunResult result = run_text(gateway_pair(
        std::string(kExpectSomething) + "[allow]\ntwo_masters = 'the intervals differ'\n", "-d 2"));
    CHECK(result.passed());
}

TEST_CASE("two masters on two sides of a partition violate nothing") {
    const RunResult result =
        run_text(gateway_pair("[[step]]\nat = '5s'\ndo = 'partition lan into r1 | r2 pc'\n"
                              "expect = 'r2 is master of 51 within 4s'\n"));
    CHECK(result.passed());
}

TEST_CASE("a backup with a virtual address violates an invariant") {
    Lonely lonely;
    lonely.world.run_until(kStart + 1s);
    lonely.r1.kernel().add_address(lonely.process->id(), 0, std::nullopt, lonely.address);
    lonely.world.note_fault("r1", "an address from nowhere");
    lonely.world.run_until(kStart + 2s);
    CHECK(violated(lonely.world.journal(), Invariant::address_without_mastery));
}

TEST_CASE("a master without its address violates an invariant") {
    Lonely lonely;
    lonely.world.run_until(kStart + 5s);
    REQUIRE(lonely.world.violations() == 0);
    lonely.r1.kernel().remove_address(lonely.process->id(), 0, lonely.address);
    lonely.world.note_fault("r1", "an address is taken away");
    lonely.world.run_until(kStart + 6s);
    CHECK(violated(lonely.world.journal(), Invariant::mastery_without_address));
}

TEST_CASE("an address that is left after an orderly stop violates an invariant, one after a kill does not") {
    Lonely lonely;
    lonely.world.run_until(kStart + 5s);
    SECTION("kill") {
        lonely.process->kill();
        CHECK(lonely.r1.kernel().holds_anything(lonely.process->id()));
        lonely.world.run_until(kStart + 20s);
        CHECK(lonely.world.violations() == 0);
    }
    SECTION("stop, with an address that the daemon knows nothing of") {
        lonely.r1.kernel().add_address(lonely.process->id(), 0, std::nullopt,
                                       *IpPrefix::parse("10.16.1.201/32"));
        lonely.world.stop(*lonely.process);
        CHECK(violated(lonely.world.journal(), Invariant::left_behind));
    }
    SECTION("stop") {
        lonely.world.stop(*lonely.process);
        CHECK(lonely.world.violations() == 0);
    }
}

TEST_CASE("a frame that does not decode violates an invariant") {
    EventQueue queue;
    struct Ear final : ViolationObserver {
        void violated(Invariant invariant, const std::string&, const std::string&,
                      const std::string&) override {
            heard = invariant;
        }
        std::optional<Invariant> heard;
    } ear;
    Lonely lonely;
    Invariants invariants(queue, ear);
    invariants.sent_unreadable(*lonely.process, {});
    CHECK(ear.heard == Invariant::unreadable_frame);
}

TEST_CASE("a backup that follows a ghost violates an invariant: no router of this world is its master") {
    const std::uint8_t address[] = {10, 16, 1, 200};
    wire::Advertisement ghost;
    ghost.vrid = 51;
    ghost.priority = 200;
    ghost.interval = 1s;
    ghost.addresses = wire::AddressList(IpFamily::v4, address);
    ghost.source = IpAddress::v4({10, 16, 1, 66});
    std::vector<std::uint8_t> frame(wire::encoded_size(ghost));
    wire::encode(ghost, frame);

    Lonely lonely;
    Node& attacker = lonely.world.add_node("attacker");
    attacker.add_interface("eth0", lonely.world.networks().front(), {*IpPrefix::parse("10.16.1.66/24")});
    for (int second = 1; second < 10; ++second) {
        lonely.world.run_until(kStart + second * 1s);
        attacker.kernel().send(0, frame);
    }
    CHECK(violated(lonely.world.journal(), Invariant::no_master));
}

namespace {

// A host beside the lonely master, which asks it for its address all the time.
struct Asked : Lonely {
    Asked() {
        Node& pc = world.add_node("pc");
        pc.add_interface("eth0", world.networks().front(), {*IpPrefix::parse("10.16.1.50/24")});
        pc.kernel().set_gateway(address.address);
        world.add_probe(pc, "pc", {address.address, 10ms});
        world.switch_off(Invariant::mastery_without_address);
        world.run_until(kStart + 10s);
        REQUIRE(world.violations() == 0);
    }
    void answer_not() { r1.kernel().remove_address(process->id(), 0, address); }
    void answer() { r1.kernel().add_address(process->id(), 0, wire::virtual_mac(IpFamily::v4, 51), address); }
};

} // namespace

TEST_CASE("a gateway that does not answer although its router is fit violates an invariant") {
    Asked asked;
    asked.answer_not();
    asked.world.run_until(kStart + 18s); // two Master_Down_Intervals of 4 s have not passed
    CHECK(asked.world.violations() == 0);
    asked.world.run_until(kStart + 21s);
    CHECK(violated(asked.world.journal(), Invariant::no_service));
}

TEST_CASE("answers that come and go are no service") {
    Asked asked;
    for (int second = 10; second < 30; second += 2) {
        asked.answer_not();
        asked.world.run_until(kStart + second * 1s + 1700ms);
        asked.answer();
        asked.world.run_until(kStart + second * 1s + 2s);
    }
    CHECK(violated(asked.world.journal(), Invariant::no_service));
}

TEST_CASE("outages with lasting service between them violate nothing") {
    Asked asked;
    for (int second = 10; second < 110; second += 10) {
        asked.answer_not();
        asked.world.run_until(kStart + second * 1s + 3s);
        asked.answer();
        asked.world.run_until(kStart + second * 1s + 10s);
    }
    CHECK(asked.world.violations() == 0);
}

TEST_CASE("no service is due from a router that an operator holds back, or that has no power") {
    Asked asked;
    SECTION("held") {
        asked.world.note_fault("r1", "hold");
        asked.process->command(Command::hold);
    }
    SECTION("no power") {
        asked.world.note_fault("r1", "power off");
        asked.r1.power_off();
    }
    asked.world.run_until(kStart + 60s);
    CHECK(asked.world.violations() == 0);
}

TEST_CASE("a router that becomes master again and again violates an invariant") {
    Lonely lonely;
    for (int second = 5; second < 10; ++second) {
        lonely.world.run_until(kStart + second * 1s);
        lonely.process->command(Command::back_up);
        lonely.process->command(Command::lead);
    }
    lonely.world.run_until(kStart + 10s);
    CHECK(violated(lonely.world.journal(), Invariant::no_rest));
}

TEST_CASE(
    "a host that advertises is a master to those who hear it, but no rest or service is due beside it") {
    const RunResult result =
        run_text(gateway_pair("[[step]]\nat = '5s'\ndo = 'pc advertises 51 at 255 every 1s'\n"
                              "expect = 'r1 is backup of 51 within 1s'\n"));
    CHECK(result.passed());
}
