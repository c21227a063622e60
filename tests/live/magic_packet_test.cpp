// A TCP SYN in the name of a virtual address makes a gateway ask who has it.
#include "backends/interfaces/linux_nic.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/test_inbox.hpp"

#include <catch2/catch.hpp>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr InterfaceId kEth0{};
const IpAddress kVip = IpAddress::parse(kVirtualAddress).value();
const IpAddress kHost = IpAddress::parse("10.99.0.100").value(); // the gateway

MacAddress source_of(BytesView frame) {
    return MacAddress({frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]});
}

// "who has .100? tell .254", sender and Ethernet source both this MAC.
auto asks_for_gateway(const MacAddress& from) {
    return [from](BytesView frame) {
        return frame.size() >= 42 && load_be16(&frame[12]) == 0x0806 && frame[21] == 1 &&
               source_of(frame) == from && std::ranges::equal(frame.subspan(22, 6), from.bytes()) &&
               IpAddress::from_bytes(IpFamily::v4, &frame[28]) == kVip &&
               IpAddress::from_bytes(IpFamily::v4, &frame[38]) == kHost;
    };
}

auto is_magic(const MacAddress& from) {
    return [from](BytesView frame) {
        return frame.size() >= 54 && load_be16(&frame[12]) == 0x0800 && frame[14] == 0x45 && frame[23] == 6 &&
               source_of(frame) == from && IpAddress::from_bytes(IpFamily::v4, &frame[26]) == kVip &&
               load_be16(&frame[36]) == Nic::kMagicPort && frame[47] == 0x02;
    };
}

// A master on r1, as far as the kernel sees it.
struct Master {
    Master(const GatewayPair& pair, bool virtual_mac) : inside(pair.r1.space()) {
        const Ours one{
            .family = IpFamily::v4, .vrid = 5, .addresses = {{kVip, 32}}, .virtual_mac = virtual_mac};
        if (virtual_mac) mac = wire::VirtualMac{IpFamily::v4, 5};
        const auto silent =
            std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>());
        nic = backend::LinuxNic::open(io, inbox, pair.r1.directory(), silent).value();
        REQUIRE(nic->watch(kEth0, "eth0", {one}));
        if (mac) REQUIRE(nic->attach_virtual_mac(kEth0, *mac));
        REQUIRE(nic->add_address(kEth0, mac, {kVip, 32}, {}));
    }
    Inside inside;
    boost::asio::io_context io{1};
    test::TestInbox inbox;
    std::optional<wire::VirtualMac> mac;
    std::unique_ptr<backend::LinuxNic> nic;
};

} // namespace

TEST_CASE("a magic packet leaves after the gateway has been asked for in the virtual address's name") {
    LIVE_OR_SKIP();
    for (const bool virtual_mac : {true, false}) {
        INFO("virtual MAC " << virtual_mac);
        GatewayPair pair;
        Master master(pair, virtual_mac);
        REQUIRE(master.nic->send_magic_packet(kEth0, master.mac, kVip, kHost));
        const MacAddress from = master.mac ? master.mac->address() : pair.r1.mac();
        CHECK(await(10s, [&] { return pair.tap.saw_other(is_magic(from)); }));
        CHECK(pair.tap.saw_other(asks_for_gateway(from)));
        CHECK(pair.host_knows(kVirtualAddress) == to_string(from));
        // Refused: nothing is left of it in the kernel.
        const auto sockets = [&] {
            master.io.poll();
            return pair.r1.space().must("cat /proc/net/tcp | wc -l");
        };
        CHECK(await(10s, [&] { return sockets() == "1\n"; }));
    }
}

TEST_CASE("a magic packet waits for a gateway that does not answer, but not for ever") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.host.space().must("ip link set eth0 down");
    Master master(pair, true);
    REQUIRE(master.nic->send_magic_packet(kEth0, master.mac, kVip, kHost));
    CHECK(await(5s, [&] { return pair.tap.saw_other(asks_for_gateway(master.mac->address())); }));
    // It comes a little later: the packet is still on its way.
    pair.host.space().must("ip link set eth0 up");
    CHECK(await(6s, [&] { return pair.tap.saw_other(is_magic(master.mac->address())); }));
    // Who is no master any more does not go on.
    pair.host.space().must("ip link set eth0 down");
    pair.r1.space().must("ip neigh flush all");
    REQUIRE(master.nic->send_magic_packet(kEth0, master.mac, kVip, kHost));
    REQUIRE(master.nic->remove_address(kEth0, master.mac, {kVip, 32}));
    CHECK(pair.r1.space().must("cat /proc/net/tcp | wc -l") == "1\n");
}

TEST_CASE("a magic packet that cannot leave says why") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    Master master(pair, true);
    const auto sent = master.nic->send_magic_packet(kEth0, master.mac, kHost, kHost); // not ours
    REQUIRE_FALSE(sent);
    CHECK(sent.error().message == "10.99.0.100 to 10.99.0.100: Cannot assign requested address");
}
