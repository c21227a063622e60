// Virtual addresses that are not simply on their virtual router's interface.
#include "core/config/address_text.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

constexpr InterfaceId kHome{0}, kElsewhere{1};
const IpPrefix kAtHome = prefix("10.0.0.254/32"), kAway = prefix("192.0.2.7/24");

AddressPlace away(const std::string& interface = "eth1") {
    return {.address = kAway.address, .interface = interface};
}

VirtualRouterConfig spread_out(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway(priority);
    config.addresses.push_back(kAway);
    config.places = {away()};
    return config;
}

InterfaceFacts other_interface() {
    InterfaceFacts facts = working_interface();
    facts.mac = mac("02:00:00:00:00:99");
    facts.addresses = {prefix("192.0.2.1/24")};
    return facts;
}

// Where it knows both interfaces.
TestBed bed_of(const VirtualRouterConfig& config) {
    TestBed bed(config);
    if (bed.router.interfaces().size() > 1) bed.give(InterfaceChanged{kElsewhere, other_interface()});
    bed.start();
    return bed;
}

TestBed master_of(const VirtualRouterConfig& config) {
    TestBed bed = bed_of(config);
    bed.run_until(10s);
    REQUIRE(bed.state() == State::master);
    return bed;
}

const AddAddress* added(const TestBed& bed, const IpPrefix& prefix) {
    const auto found = std::ranges::find(bed.added, prefix, &AddAddress::prefix);
    return found != bed.added.end() ? &*found : nullptr;
}

bool announced_on(const TestBed& bed, InterfaceId interface, const IpPrefix& prefix, std::string_view from) {
    return std::ranges::any_of(bed.announced, [&](const auto& one) {
        return one.interface == interface && one.announcement.address == prefix.address &&
               one.announcement.mac == mac(from);
    });
}

} // namespace

TEST_CASE("an address of another interface is put there, without the virtual MAC, and announced there") {
    TestBed bed = master_of(spread_out());
    REQUIRE(added(bed, kAway) != nullptr);
    CHECK(added(bed, kAway)->interface == kElsewhere);
    CHECK_FALSE(added(bed, kAway)->virtual_mac);
    CHECK(added(bed, kAtHome)->interface == kHome);
    CHECK(added(bed, kAtHome)->virtual_mac);
    CHECK(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:99"));
    CHECK(announced_on(bed, kHome, kAtHome, "00:00:5e:00:01:05"));
    CHECK_FALSE(announced_on(bed, kHome, kAway, "00:00:5e:00:01:05"));
    CHECK(bed.sent.back().priority == 100);
}

TEST_CASE("an address of another interface is given back where it was") {
    TestBed bed = master_of(spread_out());
    bed.hear(Peer{.config = spread_out()}, 200);
    REQUIRE(bed.state() == State::backup);
    const auto removed = std::ranges::find(bed.removed, kAway, &RemoveAddress::prefix);
    REQUIRE(removed != bed.removed.end());
    CHECK(removed->interface == kElsewhere);
    CHECK(bed.addresses.empty());
}

TEST_CASE("a label and a scope go to the kernel with the address, also at home") {
    VirtualRouterConfig config = gateway();
    config.places = {{.address = kAtHome.address,
                      .marks = {.label = BoundedText<15>("eth0:gw"), .scope = AddressScope::link}}};
    TestBed bed = master_of(config);
    CHECK(added(bed, kAtHome)->virtual_mac);
    CHECK(added(bed, kAtHome)->marks == config.places.front().marks);
}

TEST_CASE(
    "a router lacks an interface that it is to put an address on: it leaves the election and says which") {
    TestBed bed = master_of(spread_out());
    bed.forget();
    bed.give(InterfaceChanged{kElsewhere, {}});
    CHECK(bed.state() == State::initialize);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("eth1, where some of its addresses are to be, does not exist"));
    bed.give(InterfaceChanged{kElsewhere, other_interface()}).run_for(5s);
    CHECK(bed.state() == State::master);
    CHECK(bed.addresses.contains(kAway));
}

TEST_CASE("a router that starts without the other interface is out of the election until that comes") {
    TestBed bed(spread_out());
    bed.give(InterfaceChanged{kElsewhere, {}});
    bed.start().run_until(10s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::place_gone);
    bed.give(InterfaceChanged{kElsewhere, other_interface()});
    CHECK(bed.state() == State::backup);
}

TEST_CASE(
    "the other interface's link is no business of the election, and hosts there hear anew when it is back") {
    TestBed bed = master_of(spread_out());
    InterfaceFacts down = other_interface();
    down.carrier = false;
    bed.forget();
    bed.give(InterfaceChanged{kElsewhere, down});
    CHECK(bed.state() == State::master);
    CHECK(bed.added.empty());
    bed.run_for(5s).forget();
    bed.give(InterfaceChanged{kElsewhere, other_interface()});
    CHECK(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:99"));
    CHECK(added(bed, kAway) != nullptr);
    CHECK(added(bed, kAtHome) == nullptr);
}

TEST_CASE("nothing is announced on another interface that carries nothing") {
    TestBed bed(spread_out());
    InterfaceFacts down = other_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{kElsewhere, down});
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    CHECK_FALSE(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:99"));
    CHECK(announced_on(bed, kHome, kAtHome, "00:00:5e:00:01:05"));
}

TEST_CASE("hosts of the other interface learn its new MAC at once") {
    TestBed bed = master_of(spread_out());
    bed.run_for(5s).forget();
    InterfaceFacts changed = other_interface();
    changed.mac = mac("02:00:00:00:00:98");
    bed.give(InterfaceChanged{kElsewhere, changed});
    CHECK(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:98"));
    CHECK(bed.sent.empty());
}

TEST_CASE("an address that somebody takes from the other interface is put back there") {
    TestBed bed = master_of(spread_out());
    bed.run_for(5s).forget();
    bed.give(AddressLost{kElsewhere, kAway.address});
    REQUIRE(added(bed, kAway) != nullptr);
    CHECK(added(bed, kAway)->interface == kElsewhere);
    CHECK(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:99"));
}

TEST_CASE("an address that the other interface has of its own stays, and makes nobody an owner") {
    TestBed bed(spread_out());
    InterfaceFacts has_it = other_interface();
    has_it.addresses.push_back(kAway);
    bed.give(InterfaceChanged{kElsewhere, has_it});
    bed.start().run_until(10s);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().priority() == 100);
    CHECK(added(bed, kAway) == nullptr);
    bed.hear(Peer{.config = spread_out()}, 200);
    CHECK(std::ranges::find(bed.removed, kAway, &RemoveAddress::prefix) == bed.removed.end());
}

TEST_CASE("an address that is to be elsewhere makes no owner of a router that has it at home") {
    TestBed bed = bed_of(spread_out());
    InterfaceFacts home = working_interface();
    home.addresses.push_back(kAway);
    bed.change(home).run_until(10s);
    CHECK_FALSE(bed.vr().owner());
    REQUIRE(added(bed, kAway) != nullptr);
    CHECK(added(bed, kAway)->interface == kElsewhere);
}

TEST_CASE("a machine that claims an address of the other interface is found") {
    TestBed bed = master_of(spread_out());
    std::vector<std::uint8_t> claim(wire::announcement_size(IpFamily::v4));
    wire::encode_announcement(kAway.address, mac("02:00:00:00:00:66"), claim);
    bed.give(FrameReceived{kElsewhere, claim});
    REQUIRE(bed.vr().findings().size() == 1);
    CHECK(bed.vr().findings().front().what.kind == FindingKind::address_conflict);
    wire::encode_announcement(kAway.address, mac("02:00:00:00:00:99"), claim);
    TestBed quiet = master_of(spread_out());
    quiet.give(FrameReceived{kElsewhere, claim});
    CHECK(quiet.vr().findings().empty());
}

TEST_CASE("a reload moves an address to another interface without losing mastership") {
    VirtualRouterConfig at_home = spread_out();
    at_home.places.clear();
    TestBed bed = master_of(at_home);
    bed.forget();
    bed.give(Reconfigured{RouterConfig{{spread_out()}}});
    REQUIRE(bed.removed.size() == 1);
    CHECK(bed.removed.front().interface == kHome);
    CHECK(bed.added.empty()); // nobody knows the interface yet
    bed.give(InterfaceChanged{kElsewhere, other_interface()});
    CHECK(bed.state() == State::master);
    REQUIRE(added(bed, kAway) != nullptr);
    CHECK(added(bed, kAway)->interface == kElsewhere);
    CHECK(announced_on(bed, kElsewhere, kAway, "02:00:00:00:00:99"));
    bed.forget();
    bed.give(Reconfigured{RouterConfig{{at_home}}});
    CHECK(bed.removed.front().interface == kElsewhere);
    CHECK(added(bed, kAway)->interface == kHome);
    CHECK(bed.state() == State::master);
}

TEST_CASE("what is ours on each interface names the addresses that are there, and whose they are") {
    const Router router(RouterConfig{{spread_out()}});
    CHECK(router.ours(kHome).front().addresses == std::vector{kAtHome});
    REQUIRE(router.ours(kElsewhere).size() == 1);
    const Ours guest = router.ours(kElsewhere).front();
    CHECK(guest.addresses == std::vector{kAway});
    CHECK(guest.home == "eth0");
    CHECK_FALSE(guest.virtual_mac);
}

TEST_CASE("an address is written with its device, its label and its scope, in any order") {
    const auto one = config::parse_address("192.0.2.7/24 scope site dev eth1 label eth1:gw", "eth0");
    REQUIRE(one);
    CHECK(one->prefix == kAway);
    CHECK(one->place.interface == "eth1");
    CHECK(one->place.marks.scope == AddressScope::site);
    CHECK(to_string(one->place) == " dev eth1 label eth1:gw scope site");
    CHECK_FALSE(config::parse_address("10.0.0.1 dev eth0 scope global", "eth0")->says_place());
}
