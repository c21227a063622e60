#include "netsim/world.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

const IpAddress kVirtual = IpAddress::v4({10, 16, 1, 200});
const IpPrefix kVirtualPrefix{kVirtual, 32};
const MacAddress kVirtualMac({0, 0, 0x5e, 0, 1, 51});
constexpr HolderId kHolder{0};

IpPrefix prefix(const char* text) {
    return *IpPrefix::parse(text);
}

// pc asks for the virtual address, which is or is not on r1.
struct Segment {
    Segment() {
        r1.add_interface("eth0", lan, {prefix("10.16.1.1/24")});
        pc.add_interface("eth0", lan, {prefix("10.16.1.50/24")});
    }
    const Probe& probe() { return world.add_probe(pc, "pc -> gateway", {kVirtual, 10ms}); }
    std::optional<MacAddress> learned() const {
        return pc.kernel().interfaces()[0].neighbours.lookup(kVirtual);
    }

    World world{1};
    Switch& lan = world.add_network("lan");
    Node& r1 = world.add_node("r1");
    Node& pc = world.add_node("pc");
};

} // namespace

TEST_CASE("an address on a virtual MAC is answered from it, and echo requests to it are answered") {
    Segment segment;
    segment.r1.kernel().attach_virtual_mac(kHolder, 0, kVirtualMac);
    segment.r1.kernel().add_address(kHolder, 0, kVirtualMac, kVirtualPrefix);
    const Probe& probe = segment.probe();
    segment.world.run_until(kStart + 1s);
    CHECK(segment.learned() == kVirtualMac);
    CHECK(probe.sent_since(kStart) > 90);
    CHECK(probe.worst_outage_since(kStart) == 0ns);
}

TEST_CASE("an address without a virtual MAC is answered from the interface's") {
    Segment segment;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    segment.probe();
    segment.world.run_until(kStart + 1s);
    CHECK(segment.learned() == segment.r1.kernel().interfaces()[0].mac);
}

TEST_CASE("nobody answers for an address that is on no machine") {
    Segment segment;
    const Probe& probe = segment.probe();
    segment.world.run_until(kStart + 1s);
    CHECK_FALSE(segment.learned());
    CHECK(probe.worst_outage_since(kStart) > 900ms);
}

TEST_CASE("frames to a virtual MAC are received only while it is attached") {
    Segment segment;
    segment.r1.kernel().attach_virtual_mac(kHolder, 0, kVirtualMac);
    segment.r1.kernel().add_address(kHolder, 0, kVirtualMac, kVirtualPrefix);
    const Probe& probe = segment.probe();
    segment.world.run_until(kStart + 1s);
    segment.r1.kernel().detach_virtual_mac(kHolder, 0, kVirtualMac);
    segment.world.run_until(kStart + 2s);
    CHECK(probe.worst_outage_since(kStart + 1s) > 900ms);
}

TEST_CASE("a router forwards between its networks, and a host answers through it") {
    World world(1);
    Switch &lan = world.add_network("lan"), &wan = world.add_network("wan");
    Node &router = world.add_node("r"), &pc = world.add_node("pc"), &server = world.add_node("server");
    router.add_interface("eth0", lan, {prefix("10.16.1.1/24")});
    router.add_interface("eth1", wan, {prefix("10.17.1.1/24")});
    pc.add_interface("eth0", lan, {prefix("10.16.1.50/24")});
    pc.kernel().set_gateway(prefix("10.16.1.1").address);
    server.add_interface("eth0", wan, {prefix("10.17.1.60/24")});
    server.kernel().set_gateway(prefix("10.17.1.1").address);
    const Probe& flow = world.add_probe(pc, "flow", {prefix("10.17.1.60").address, 10ms});

    SECTION("when it is told to") {
        router.kernel().set_forwarding(true);
        world.run_until(kStart + 1s);
        CHECK(flow.worst_outage_since(kStart) == 0ns);
    }
    SECTION("and a stateful firewall lets the answers pass where the questions went") {
        router.kernel().set_forwarding(true);
        router.kernel().set_firewall(true);
        world.run_until(kStart + 1s);
        CHECK(flow.worst_outage_since(kStart) == 0ns);
    }
    SECTION("and not otherwise") {
        world.run_until(kStart + 1s);
        CHECK(flow.worst_outage_since(kStart) > 900ms);
    }
}

TEST_CASE("a stateful firewall drops an answer whose question went another way") {
    World world(1);
    Switch &lan = world.add_network("lan"), &wan = world.add_network("wan");
    Node &there = world.add_node("there"), &back = world.add_node("back"), &pc = world.add_node("pc"),
         &server = world.add_node("server");
    for (auto [router, last] : {std::pair(&there, "1"), std::pair(&back, "2")}) {
        router->add_interface("eth0", lan, {prefix((std::string("10.16.1.") + last + "/24").c_str())});
        router->add_interface("eth1", wan, {prefix((std::string("10.17.1.") + last + "/24").c_str())});
        router->kernel().set_forwarding(true);
    }
    pc.add_interface("eth0", lan, {prefix("10.16.1.50/24")});
    pc.kernel().set_gateway(prefix("10.16.1.1").address);
    server.add_interface("eth0", wan, {prefix("10.17.1.60/24")});
    server.kernel().set_gateway(prefix("10.17.1.2").address);
    const Probe& flow = world.add_probe(pc, "flow", {prefix("10.17.1.60").address, 10ms});
    const bool stateful = GENERATE(true, false);
    back.kernel().set_firewall(stateful);
    world.run_until(kStart + 1s);
    CHECK((flow.worst_outage_since(kStart) > 900ms) == stateful);
}

TEST_CASE("a firewall forgets a flow that has been still for its lifetime") {
    FlowTable flows;
    const Echo request{.request = true, .source = kVirtual, .destination = prefix("10.17.1.60").address};
    Echo reply = request;
    reply.request = false;
    std::swap(reply.source, reply.destination);
    CHECK_FALSE(flows.pass(kStart, reply));
    CHECK(flows.pass(kStart, request));
    CHECK(flows.pass(kStart + FlowTable::kLifetime, reply));
    CHECK_FALSE(flows.pass(kStart + FlowTable::kLifetime + 1ns, reply));
}

TEST_CASE("an interface that is down neither answers nor asks, and keeps its addresses") {
    Segment segment;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    const Probe& probe = segment.probe();
    segment.world.run_until(kStart + 1s);
    segment.r1.kernel().set_admin_up(0, false);
    CHECK_FALSE(segment.r1.kernel().facts(0).usable());
    CHECK_FALSE(segment.r1.kernel().facts(0).addresses.empty());
    segment.world.run_until(kStart + 2s);
    CHECK(probe.worst_outage_since(kStart + 1s) > 900ms);
    segment.r1.kernel().set_admin_up(0, true);
    segment.world.run_until(kStart + 5s);
    CHECK(probe.worst_outage_since(kStart + 4s) == 0ns);
}

TEST_CASE("an interface that is deleted takes everything with it, and made again, it is as configured") {
    Segment segment;
    Kernel& kernel = segment.r1.kernel();
    kernel.attach_virtual_mac(kHolder, 0, kVirtualMac);
    kernel.add_address(kHolder, 0, kVirtualMac, kVirtualPrefix);
    kernel.rename(0, "wan0");
    kernel.set_mtu(0, 9000);
    CHECK(kernel.find("wan0") == 0);
    kernel.remove_interface(0);
    CHECK_FALSE(kernel.holds_anything(kHolder));
    CHECK_FALSE(kernel.facts(0).present);
    CHECK_FALSE(kernel.find("wan0"));
    kernel.restore_interface(0);
    CHECK(kernel.find("eth0") == 0);
    CHECK(kernel.facts(0).usable());
    CHECK(kernel.facts(0).mtu == Kernel::kMtu);
    CHECK(kernel.facts(0).addresses == std::vector{prefix("10.16.1.1/24")});
}

namespace {

struct Sender final : VrrpSocket {
    void vrrp_frame(std::uint16_t, BytesView) override {}
    void facts_changed(std::uint16_t) override {}
    void address_taken(std::uint16_t, const IpAddress&) override {}
    void address_claimed(std::uint16_t, const IpAddress&, BytesView) override {}
    void packet_left(std::uint16_t, BytesView frame) override { left.push_back(*decode_syn(frame)); }
    std::vector<Syn> left;
};

} // namespace

TEST_CASE("a magic packet waits for the gateway, which learns the virtual address by being asked") {
    Segment segment;
    Sender sender;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    const IpAddress gateway = prefix("10.16.1.50").address;
    segment.r1.kernel().send_magic_packet(0, std::nullopt, kVirtual, gateway, sender);
    CHECK(sender.left.empty());
    segment.world.run_until(kStart + 1ms);
    CHECK(sender.left == std::vector{Syn{kVirtual, gateway, 1100}});
    CHECK(segment.learned() == segment.r1.kernel().interfaces()[0].mac);
}

TEST_CASE(
    "a gateway that is known is asked for all the same, and so learns where the virtual address is now") {
    Segment segment;
    Sender sender;
    const IpAddress gateway = prefix("10.16.1.50").address;
    segment.r1.kernel().send_echo(
        {.source = prefix("10.16.1.1").address, .destination = gateway, .identifier = 9});
    segment.world.run_until(kStart + 1ms);
    REQUIRE(segment.r1.kernel().interfaces()[0].neighbours.lookup(gateway));
    segment.r1.kernel().attach_virtual_mac(kHolder, 0, kVirtualMac);
    segment.r1.kernel().add_address(kHolder, 0, kVirtualMac, kVirtualPrefix);
    segment.r1.kernel().send_magic_packet(0, kVirtualMac, kVirtual, gateway, sender);
    CHECK(sender.left == std::vector{Syn{kVirtual, gateway, 1100}});
    segment.world.run_until(kStart + 2ms);
    CHECK(segment.learned() == kVirtualMac);
}

TEST_CASE("a packet to a gateway that does not answer never leaves") {
    Segment segment;
    Sender sender;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    segment.r1.kernel().send_magic_packet(0, std::nullopt, kVirtual, prefix("10.16.1.99").address, sender);
    segment.world.run_until(kStart + 10s);
    CHECK(sender.left.empty());
}

TEST_CASE("an outage lasts from the last answered request to the next answered one") {
    Segment segment;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    const Probe& probe = segment.probe();
    segment.world.run_until(kStart + 1s);
    segment.r1.kernel().set_plugged(0, false);
    segment.world.run_until(kStart + 1500ms);
    segment.r1.kernel().set_plugged(0, true);
    segment.world.run_until(kStart + 2s);
    REQUIRE(probe.outages().size() == 1);
    CHECK(probe.outages().front().length() == 510ms); // 50 requests lost, at 10 ms
}

TEST_CASE("a machine without power forgets what was put on it") {
    Segment segment;
    segment.r1.kernel().add_address(kHolder, 0, std::nullopt, kVirtualPrefix);
    CHECK(segment.r1.kernel().holds_anything(kHolder));
    segment.r1.power_off();
    CHECK_FALSE(segment.r1.kernel().holds_anything(kHolder));
    CHECK_FALSE(segment.lan.carrier(segment.r1.kernel().interfaces()[0].port));
}
