// A survivor removes what a killed sibling left, and a restart what the kernel does not know for ours.
#include "backends/interfaces/kernel_setting.hpp"
#include "backends/interfaces/linux_nic.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/test_inbox.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

SiblingIdentity five(bool virtual_mac) {
    return {.interface = "eth0",
            .vrid = 5,
            .family = IpFamily::v4,
            .addresses = {IpPrefix::parse("10.99.0.254").value()},
            .virtual_mac = virtual_mac};
}

// A process of no virtual router of the interface's, which has to clean up.
struct Survivor {
    explicit Survivor(const RouterHost& router) : inside(router.space()) {
        const auto silent =
            std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>());
        nic = backend::LinuxNic::open(io, inbox, router.directory(), silent).value();
    }
    Inside inside;
    boost::asio::io_context io{1};
    test::TestInbox inbox;
    std::unique_ptr<backend::LinuxNic> nic;
};

// What a process on a kernel without marks has left: an address that looks like anybody's, and its record.
void leave_unmarked(const RouterHost& router, const std::string& boot) {
    router.space().must("ip addr add 10.99.0.254/32 dev eth0");
    std::string index = router.space().must("cat /sys/class/net/eth0/ifindex");
    index.pop_back();
    std::ofstream(router.directory() / "vrrpd_eth0_5.held")
        << R"({"boot":")" << boot << R"(","index":)" << index << R"(,"addresses":["10.99.0.254/32"]})";
}

} // namespace

TEST_CASE("a survivor removes all that a killed sibling left") {
    LIVE_OR_SKIP();
    for (const bool virtual_mac : {true, false}) {
        INFO("virtual MAC " << virtual_mac);
        GatewayPair pair;
        const std::string before = pair.r1.machine();
        pair.r1.start((virtual_mac ? "" : "-n ") + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        const int pid = pair.r1.process().pid();
        pair.r1.process().signal(SIGKILL);
        REQUIRE(pair.r1.process().wait(10s));
        std::ofstream(pair.r1.directory() / fmt::format(".vrrpstate{}", pid)) << "state";
        REQUIRE(pair.r1.holds(kVirtualAddress));

        Survivor survivor(pair.r1);
        survivor.nic->clean_up_after(five(virtual_mac));
        CHECK(await(10s, [&] {
            survivor.io.poll();
            return !pair.r1.holds(kVirtualAddress);
        }));
        CHECK(pair.r1.machine() == before);
        CHECK(pair.r1.files().empty());
    }
}

TEST_CASE("a survivor finds what was left although the interface has another name now") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    pair.r1.process().signal(SIGKILL);
    REQUIRE(pair.r1.process().wait(10s));
    pair.r1.space().must("ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up");
    Survivor survivor(pair.r1);
    survivor.nic->clean_up_after(five(true));
    CHECK(await(10s, [&] {
        survivor.io.poll();
        return !pair.r1.holds(kVirtualAddress);
    }));
    CHECK(pair.r1.space().must("sysctl -n net.ipv4.conf.lan0.arp_announce") == "0\n");
    CHECK(pair.r1.files().empty());
}

TEST_CASE("a start that does not find its interface removes what a killed one left on it, whatever its name "
          "is now") {
    LIVE_OR_SKIP();
    for (const char* option : {"", "-n "}) {
        INFO(option);
        GatewayPair pair;
        pair.r1.start(option + kLine);
        REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
        pair.r1.process().signal(SIGKILL);
        REQUIRE(pair.r1.process().wait(10s));
        pair.r1.space().must("ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up");
        REQUIRE(pair.r1.holds(kVirtualAddress));
        pair.r1.start(option + kLine);
        REQUIRE(pair.r1.process().wait(10s) == 2);
        CHECK_THAT(pair.r1.process().output(), Catch::Contains("there is no interface eth0"));
        CHECK_FALSE(pair.r1.holds(kVirtualAddress));
        CHECK(pair.r1.space().must("sysctl -n net.ipv4.conf.lan0.arp_announce") == "0\n");
        CHECK(pair.r1.files() == "");
    }
}

// A command has mounts of its own: there, the usual directory is the test's.
TEST_CASE("a start whose configuration is wrong removes what a killed one left, and --check does not") {
    LIVE_OR_SKIP();
    for (const char* option : {"", "--check "}) {
        GatewayPair pair;
        const std::string vrrpd = std::string(kVrrpdBinary) + " ";
        const CommandResult result = pair.r1.space().run(
            "mount -t tmpfs none /run && " + vrrpd + kLine +
            " && timeout 10 sh -c 'until ip -br addr | grep -q 10.99.0.254; do sleep 0.01; done'"
            " && kill -9 $(cat /run/vrrpd/vrrpd_eth0_5.pid); " +
            vrrpd + option + "-i eth0 -v 300 10.99.0.254; ip -br addr; ls /run/vrrpd");
        INFO(result.output);
        CHECK_THAT(result.output, Catch::Contains("300"));
        CHECK((result.output.find("10.99.0.254") == std::string::npos) == (*option == '\0'));
        CHECK((result.output.find("vrrpd_eth0_5.held") == std::string::npos) == (*option == '\0'));
    }
}

TEST_CASE("a dead sibling's lock may outlive its sockets by a moment") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    leave_unmarked(pair.r1, backend::boot_id());
    Survivor survivor(pair.r1);
    auto lock = backend::PidFile::take(pair.r1.directory(), "vrrpd_eth0_5");
    REQUIRE(lock);
    survivor.nic->clean_up_after(five(false));
    survivor.io.run_one(); // it is tried in vain
    CHECK(pair.r1.holds(kVirtualAddress));
    lock = tl::unexpected(NicError{});
    CHECK(await(10s, [&] {
        survivor.io.poll();
        return !pair.r1.holds(kVirtualAddress);
    }));
}

TEST_CASE("a sibling that has been started again is left alone") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    Survivor survivor(pair.r1);
    survivor.nic->clean_up_after(five(true));
    survivor.io.run_for(2s); // until it gives up
    CHECK(pair.r1.is("master"));
    CHECK(pair.r1.holds(kVirtualAddress));
    CHECK(pair.r1.process().output().find("put back") == std::string::npos); // nothing was taken from it
}

TEST_CASE("an address without a mark is known by its record") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    leave_unmarked(pair.r1, backend::boot_id());
    pair.r1.start("-n " + kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    CHECK(pair.r1.state()["owner"] == false);
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
    CHECK(pair.r1.files().empty());
}

TEST_CASE("a record of before the last boot is void") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    leave_unmarked(pair.r1, "7f2a4f0e-0000-0000-0000-000000000000");
    pair.r1.start("-n " + kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    CHECK(pair.r1.state()["owner"] == true);
}

TEST_CASE("a record lists what may be left, and not what the interface has of its own") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const auto recorded = [&] {
        std::ifstream file(pair.r1.directory() / "vrrpd_eth0_5.held");
        const auto record = nlohmann::json::parse(file, nullptr, false);
        return record.is_object() ? record["addresses"].dump() : "";
    };
    pair.r1.start("-n " + kLine + " 10.99.0.253");
    REQUIRE(await(10s, [&] { return recorded() == R"(["10.99.0.254/32","10.99.0.253/32"])"; }));
    pair.r1.space().must("ip addr add 10.99.0.253/24 dev eth0"); // an operator's
    CHECK(await(10s, [&] { return recorded() == R"(["10.99.0.254/32"])"; }));
}

TEST_CASE("an address of ours that has lost its mark does not make us its owner") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-n " + kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    pair.r1.process().signal(SIGSTOP); // what it sees is only that the address is there
    pair.r1.space().must("ip addr del 10.99.0.254/32 dev eth0; ip addr add 10.99.0.254/32 dev eth0; "
                         "ip link set eth0 mtu 1400");
    pair.r1.process().signal(SIGCONT);
    REQUIRE(await(10s, [&] { return pair.r1.process().output().find("1400") != std::string::npos; }));
    CHECK(pair.r1.is("master"));
    CHECK(pair.r1.process().output().find("master -> initialize") == std::string::npos);
    CHECK(pair.r1.state()["owner"] == false);
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
    CHECK_FALSE(pair.r1.holds(kVirtualAddress));
}

TEST_CASE("where the interface has a route to the network, ours brings no second one") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string before = pair.r1.space().must("ip route");
    pair.r1.start("-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254/24");
    REQUIRE(await(10s, [&] { return pair.r1.holds(kVirtualAddress); }));
    CHECK(pair.r1.space().must("ip route") == before);
    // And where it has none, hosts of that network are reached by it.
    pair.r2.start("-i eth0 -v 6 --protocol 3 -d 0.1 10.98.0.254/24");
    REQUIRE(await(10s, [&] { return pair.r2.holds("10.98.0.254"); }));
    CHECK(pair.r2.space().must("ip route").find("10.98.0.0/24") != std::string::npos);
}
