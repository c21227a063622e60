// What a master does with packets to its virtual addresses, and addresses that it holds without saying so.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig closed(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway(priority);
    config.accept = false;
    return config;
}

VirtualRouterConfig with_held() {
    VirtualRouterConfig config = gateway();
    for (unsigned i = 1; i <= 3; ++i)
        config.addresses.push_back(prefix("10.0.1." + std::to_string(i) + "/32"));
    config.unadvertised = 3;
    return config;
}

} // namespace

TEST_CASE("a master that accepts nothing drops before it takes an address, and until it has given it back",
          "[v3-6.1-2]") {
    TestBed bed(closed());
    bed.start().run_until(5s);
    REQUIRE(bed.state() == State::master);
    const auto drop = std::ranges::find(bed.order, "drop"), add = std::ranges::find(bed.order, "add");
    CHECK(drop < add);
    CHECK(bed.dropping == std::set{ip("10.0.0.254")});
    bed.order.clear();
    bed.hear(Peer{}, 200);
    CHECK(bed.state() == State::backup);
    CHECK(std::ranges::find(bed.order, "remove") < std::ranges::find(bed.order, "accept"));
    CHECK(bed.dropping.empty());
}

TEST_CASE("an owner accepts what is addressed to its own addresses, whatever the option says") {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(closed());
    bed.change(facts).start().run_until(5s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.vr().owner());
    CHECK(bed.dropping.empty());
}

TEST_CASE("a master that cannot drop does not lead") {
    TestBed bed(closed());
    bed.start().run_until(5s).give(EffectFailed{VirtualRouterIndex{}, Action::drop_traffic, "nftables: no"});
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::address_refused);
    CHECK_THAT(bed.journal_text(), Catch::Contains("drop_traffic failed: nftables: no"));
}

TEST_CASE("whether it accepts changes in place, and the addresses stay where they are") {
    TestBed bed(closed());
    bed.start().run_until(5s).forget();
    bed.order.clear();
    bed.give(Reconfigured{{{gateway()}}});
    CHECK(bed.dropping.empty());
    bed.give(Reconfigured{{{closed()}}});
    CHECK(bed.dropping.size() == 1);
    CHECK(bed.order == std::vector<std::string>{"accept", "drop"});
    CHECK(bed.sent.empty());
}

TEST_CASE("held addresses are taken and announced to hosts, and no advertisement names them") {
    TestBed bed(with_held());
    bed.start().run_until(5s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.addresses.size() == 4);
    CHECK(bed.announced.size() == 4);
    CHECK(advertisement_size(with_held()) == advertisement_size(gateway()));
    bed.hear(Peer{}, 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.addresses.empty());
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("more addresses than an advertisement can name are held") {
    VirtualRouterConfig config = gateway();
    for (unsigned i = 0; i < 1000; ++i)
        config.addresses.push_back(IpPrefix{IpAddress::v4({10, 1, static_cast<std::uint8_t>(i / 250),
                                                           static_cast<std::uint8_t>(1 + i % 250)}),
                                            32});
    config.unadvertised = 1000;
    TestBed bed(config);
    bed.start().run_until(5s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.addresses.size() == 1001);
}

TEST_CASE("an address that is held and no more advertised stays on the interface") {
    VirtualRouterConfig both = gateway();
    both.addresses.push_back(prefix("10.0.1.1/32"));
    TestBed bed(both);
    bed.start().run_until(5s);
    bed.order.clear();
    both.unadvertised = 1;
    bed.give(Reconfigured{{{both}}});
    CHECK(bed.addresses.size() == 2);
    CHECK(std::ranges::count(bed.order, "remove") == 0);
    CHECK(std::ranges::count(bed.order, "advertisement") == 1);
}
