// 255 virtual routers on one interface change their state together: what the kernel is asked for must be
// cheap.
#include "backends/interfaces/linux_nic.hpp"
#include "tests/live/harness/namespace.hpp"
#include "tests/live/harness/process.hpp"
#include "tests/test_inbox.hpp"

#include <catch2/catch.hpp>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr InterfaceId kEth0{};

std::vector<Ours> all_vrids() {
    std::vector<Ours> all;
    for (int vrid = 1; vrid <= 255; ++vrid) {
        Ours one{.family = IpFamily::v4, .vrid = static_cast<std::uint8_t>(vrid), .addresses = {}};
        one.addresses = {{IpAddress::v4({10, 99, 1, one.vrid}), 32}};
        all.push_back(one);
    }
    return all;
}

template <typename Action>
std::chrono::milliseconds time_of(const char* what, Action&& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    const auto taken = std::chrono::steady_clock::now() - start;
    UNSCOPED_INFO(what << ": " << taken / 1us << " us");
    return std::chrono::duration_cast<std::chrono::milliseconds>(taken);
}

} // namespace

TEST_CASE("255 virtual MACs are taken, given up and removed without waiting for the kernel one by one",
          "[timed]") {
    LIVE_OR_SKIP();
    const Namespace space("many");
    space.must("ip link add eth0 type veth peer name eth1 && ip link set eth1 up && ip link set eth0 up && "
               "ip addr add 10.99.0.1/16 dev eth0");
    const TemporaryDirectory directory;
    const Inside inside(space);
    const std::vector<Ours> all = all_vrids();
    boost::asio::io_context io(1);
    test::TestInbox inbox;
    auto nic = backend::LinuxNic::open(io, inbox, directory.path(),
                                       spdlog::create<spdlog::sinks::null_sink_mt>("many"));
    REQUIRE(nic);
    const auto made = time_of("made", [&] { REQUIRE((*nic)->watch(kEth0, "eth0", all)); });
    const auto for_all = [&](auto&& action) {
        for (const Ours& one : all)
            REQUIRE(action(wire::VirtualMac{one.family, one.vrid}, one.addresses.front()));
    };
    const auto attached = time_of("attached", [&] {
        for_all([&](const wire::VirtualMac& mac, const IpPrefix&) {
            return (*nic)->attach_virtual_mac(kEth0, mac);
        });
    });
    const auto added = time_of("added", [&] {
        for_all([&](const wire::VirtualMac& mac, const IpPrefix& p) {
            return (*nic)->add_address(kEth0, mac, p, {});
        });
    });
    const auto removed = time_of("removed", [&] {
        for_all([&](const wire::VirtualMac& mac, const IpPrefix& p) {
            return (*nic)->remove_address(kEth0, mac, p);
        });
    });
    const auto detached = time_of("detached", [&] {
        for_all([&](const wire::VirtualMac& mac, const IpPrefix&) {
            return (*nic)->detach_virtual_mac(kEth0, mac);
        });
    });
    const auto gone = time_of("gone", [&] { nic->reset(); });
    // Taking a device down takes 15 ms, removing one 25: together ten seconds.
    CHECK(made < 2s);
    CHECK(attached + added < 200ms);
    CHECK(removed + detached < 200ms);
    CHECK(gone < 1s);
    CHECK(space.must("ip -o link show type macvlan").empty());
}
