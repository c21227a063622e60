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
        void violated(Invariant invariant, const std::string&, const std::string&) override {
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
