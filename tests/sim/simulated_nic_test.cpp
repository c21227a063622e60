// The simulated Nic, without a daemon behind it.
#include "netsim/node/simulated_nic.hpp"
#include "netsim/world.hpp"
#include "tests/test_inbox.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

constexpr InterfaceId kLan{7}; // a handle, and no place in a list
const IpPrefix kVirtual = *IpPrefix::parse("10.16.1.200/32");
constexpr wire::VirtualMac kMac{IpFamily::v4, 51};

struct NobodyLooks : FrameObserver {
    void sent(std::uint16_t, BytesView) override {}
};

// r1 watches its eth0; peer claims addresses on the same network.
struct Bed {
    Bed() {
        r1.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.1/24")});
        peer.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.2/24")});
        REQUIRE(nic.watch(kLan, "eth0", {{.family = IpFamily::v4, .vrid = 51, .addresses = {kVirtual}}}));
    }
    void claim(const IpAddress& address) {
        const MacAddress mac = peer.kernel().interfaces()[0].mac;
        peer.kernel().send(0, encode({true, mac, address, {}, address}, kBroadcastMac));
        world.run_until(world.now() + 1ms);
    }
    template <typename What>
    std::ptrdiff_t told() const {
        return std::ranges::count_if(inputs,
                                     [](const Input& input) { return std::holds_alternative<What>(input); });
    }

    World world{1};
    Switch& lan = world.add_network("lan");
    Node &r1 = world.add_node("r1"), &peer = world.add_node("peer");
    std::vector<Input> inputs;
    test::TestInbox inbox{[this](const Input& input) { inputs.push_back(input); }};
    NobodyLooks nobody;
    SimulatedNic nic{inbox, r1.kernel(), HolderId{0}, r1.siblings(), nobody};
};

} // namespace

TEST_CASE("an interface that is watched tells its frames and its facts") {
    Bed bed;
    bed.claim(kVirtual.address);
    CHECK(bed.told<FrameReceived>() == 1);
    bed.r1.kernel().set_plugged(0, false);
    CHECK(bed.told<InterfaceChanged>() == 1);
    CHECK(std::get<InterfaceChanged>(bed.inputs.back()).interface == kLan);
}

TEST_CASE("an interface that is forgotten tells nothing more, and keeps nothing of ours") {
    Bed bed;
    REQUIRE(bed.nic.attach_virtual_mac(kLan, kMac));
    REQUIRE(bed.nic.add_address(kLan, kMac, kVirtual, {}));
    bed.nic.forget(kLan);
    CHECK_FALSE(bed.r1.kernel().holds_anything(HolderId{0}));
    bed.claim(kVirtual.address);
    bed.r1.kernel().set_plugged(0, false);
    bed.r1.kernel().remove_interface(0);
    CHECK(bed.inputs.empty());
}

TEST_CASE("a virtual address that is another interface's is none of this one's affair") {
    Bed bed;
    bed.r1.add_interface("eth1", bed.lan, {*IpPrefix::parse("10.16.1.3/24")});
    const IpPrefix other = *IpPrefix::parse("10.16.1.201/32");
    REQUIRE(bed.nic.watch(InterfaceId{9}, "eth1", {{.vrid = 52, .addresses = {other}}}));
    bed.claim(other.address); // heard on both
    REQUIRE(bed.told<FrameReceived>() == 1);
    CHECK(std::get<FrameReceived>(bed.inputs.back()).interface == InterfaceId{9});
}

TEST_CASE("what waited while nobody looked is given when it is asked for: facts, then frames") {
    Bed bed;
    bed.nic.freeze();
    bed.claim(kVirtual.address);
    bed.r1.kernel().set_mtu(0, 1400);
    CHECK(bed.inputs.empty());
    bed.nic.thaw();
    CHECK(bed.inputs.empty());
    bed.nic.deliver_waiting();
    REQUIRE(bed.inputs.size() == 2);
    CHECK(std::holds_alternative<InterfaceChanged>(bed.inputs[0]));
    CHECK(std::holds_alternative<FrameReceived>(bed.inputs[1]));
    bed.nic.deliver_waiting();
    CHECK(bed.inputs.size() == 2);
}
