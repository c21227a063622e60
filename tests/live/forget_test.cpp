// An interface that a process looks at no longer.
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

constexpr InterfaceId kLan{7}; // a handle, and no place in a list
const IpPrefix kVip = IpPrefix::parse("10.99.0.254/32").value(),
               kOther = IpPrefix::parse("10.99.0.253/32").value();
constexpr wire::VirtualMac kMac{IpFamily::v4, 5};

} // namespace

TEST_CASE("an interface that is forgotten is left as it was, and tells nothing more") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const auto groups = [&] { return pair.r1.space().must("ip maddr show dev eth0"); };
    const std::string machine = pair.r1.machine(), joined = groups();
    const Inside inside(pair.r1.space());
    boost::asio::io_context io{1};
    std::size_t frames = 0, facts = 0;
    test::TestInbox inbox(
        [&](const Input& input) { (std::holds_alternative<FrameReceived>(input) ? frames : facts) += 1; });
    const auto silent = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_mt>());
    const auto nic = backend::LinuxNic::open(io, inbox, pair.r1.directory(), silent).value();
    const auto turn = [&] { io.poll(); };

    const auto watch = [&] {
        REQUIRE(
            nic->watch(kLan, "eth0",
                       {{.family = IpFamily::v4, .vrid = 5, .addresses = {kVip}},
                        {.family = IpFamily::v4, .vrid = 6, .addresses = {kOther}, .virtual_mac = false}}));
        REQUIRE(nic->attach_virtual_mac(kLan, kMac));
        REQUIRE(nic->add_address(kLan, kMac, kVip, {}));
        REQUIRE(nic->add_address(kLan, std::nullopt, kOther, {}));
        CHECK(pair.r1.machine() != machine);
        CHECK(groups() != joined);
    };
    watch();
    pair.r2.start("-i eth0 -v 7 --protocol 3 -d 0.1 10.99.0.7");
    REQUIRE(await(10s, [&] {
        turn();
        return frames > 0;
    }));

    nic->forget(kLan);
    CHECK(await(10s, [&] {
        turn();
        return pair.r1.machine() == machine && pair.r1.files().empty();
    }));
    CHECK(groups() == joined);
    frames = facts = 0;
    pair.r1.space().must("ip link set eth0 mtu 1400 && ip link set eth0 mtu 1500");
    const std::size_t sent = pair.tap.advertisements().size();
    REQUIRE(
        await(10s, [&] { return pair.tap.advertisements().size() >= sent + 3; })); // r2's, and not heard here
    turn();
    CHECK(frames == 0);
    CHECK(facts == 0);

    watch(); // and the interface can be had again
    CHECK(await(10s, [&] {
        turn();
        return frames > 0;
    }));
}
