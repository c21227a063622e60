// A configuration that is right in itself, on a machine that it does not fit.
#include "core/config/machine_check.hpp"
#include "core/wire/encode.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;
using config::Misfit;
using config::misfits;

namespace {

std::vector<Misfit> on(const InterfaceFacts& facts) {
    return misfits(gateway(), facts);
}

VirtualRouterConfig with_addresses(std::size_t count, IpFamily family) {
    VirtualRouterConfig config = gateway();
    config.family = family;
    config.version = family == IpFamily::v6 ? wire::Version::v3 : wire::Version::v2;
    config.addresses.clear();
    for (std::size_t i = 0; i < count; ++i)
        config.addresses.push_back(
            prefix((family == IpFamily::v6 ? "fe80::" : "10.0.1.") + std::to_string(i + 1)));
    return config;
}

} // namespace

TEST_CASE("a working interface fits") {
    CHECK(on(working_interface()).empty());
}

TEST_CASE("an interface that is not there prevents all, one that is not ready is waited for") {
    InterfaceFacts facts = working_interface();
    facts.addresses.clear();
    REQUIRE(on(facts).size() == 1);
    CHECK_FALSE(on(facts)[0].prevents);
    CHECK(on(facts)[0].sentence == "eth0 has no IPv4 address to send advertisements from: give it one");
    facts.carrier = false;
    CHECK(on(facts) == std::vector{Misfit{false, "eth0 has no carrier: look at its cable and the port"}});
    facts.admin_up = false;
    CHECK(on(facts) == std::vector{Misfit{false, "eth0 is down: ip link set eth0 up"}});
    facts.present = false;
    CHECK(on(facts) == std::vector{Misfit{true, "there is no interface eth0"}});
}

TEST_CASE("what is wrong with a program is told with the place where the file names it") {
    const config::ProcessConfig process{.file = "gw.toml", .programs = {{"/etc/up.sh", "gw.toml:7:17"}}};
    CHECK(told({true, "/etc/up.sh: No such file or directory", "/etc/up.sh"}, process) ==
          "gw.toml:7:17: /etc/up.sh: No such file or directory");
    CHECK(told({true, "/etc/down.sh: not executable", "/etc/down.sh"}, process) ==
          "/etc/down.sh: not executable");
    CHECK(told({true, "there is no interface eth0"}, process) == "there is no interface eth0");
}

TEST_CASE("an address that names the interface's network or its broadcast fits nobody") {
    InterfaceFacts facts = working_interface();
    facts.addresses = {prefix("10.0.0.2/24")};
    VirtualRouterConfig config = gateway();
    config.addresses = {prefix("10.0.0.0/32"), prefix("10.0.0.255/32"), prefix("10.0.0.254/32")};
    const std::vector<Misfit> found = misfits(config, facts);
    REQUIRE(found.size() == 2);
    CHECK(found[0].prevents);
    CHECK_THAT(found[0].sentence,
               Catch::StartsWith("10.0.0.0 is the address of the network that eth0 is in by 10.0.0.2/24"));
    CHECK_THAT(found[1].sentence, Catch::StartsWith("10.0.0.255 is the broadcast address"));
}

TEST_CASE("an advertisement that is larger than the MTU is refused with the numbers") {
    InterfaceFacts facts = working_interface();
    facts.addresses = {prefix("10.0.0.2/24"), prefix("fe80::a/64")};
    facts.mtu = 1280;
    const VirtualRouterConfig config = with_addresses(90, IpFamily::v6); // 40 + 8 + 90 * 16
    REQUIRE(misfits(config, facts).size() == 1);
    CHECK(misfits(config, facts)[0].prevents);
    CHECK(
        misfits(config, facts)[0].sentence ==
        "eth0 vrid 5: an advertisement of 90 addresses has 1488 bytes, and eth0 carries 1280: use at most 77 "
        "addresses for one VRID, or raise the MTU");
    facts.mtu = 1488;
    CHECK(misfits(config, facts).empty());
    CHECK(config::most_addresses(config, 1487) == 89);
    CHECK(config::most_addresses(config, 20) == 0);
}

TEST_CASE("the size of an advertisement is what encode makes of it, without the Ethernet header") {
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6})
        for (const std::size_t count : {1u, 7u, 90u}) {
            std::vector<std::uint8_t> addresses;
            for (std::size_t i = 0; i < count * address_size(family); ++i)
                addresses.push_back(static_cast<std::uint8_t>(i));
            wire::Advertisement a;
            a.version = family == IpFamily::v6 ? wire::Version::v3 : wire::Version::v2;
            a.source = family == IpFamily::v6 ? ip("fe80::1") : ip("10.0.0.2");
            a.addresses = {family, addresses};
            CHECK(advertisement_size(with_addresses(count, family)) == wire::encoded_size(a) - 14);
        }
    VirtualRouterConfig keyed = with_addresses(1, IpFamily::v4);
    keyed.authentication.type = wire::AuthenticationType::authentication_header;
    CHECK(advertisement_size(keyed) == 20 + 24 + 8 + 4 + 8);
}

TEST_CASE("an advertisement that fills the MTU fits") {
    const VirtualRouterConfig config = with_addresses(100, IpFamily::v4);
    InterfaceFacts facts = working_interface();
    facts.mtu = static_cast<std::uint32_t>(advertisement_size(config));
    CHECK(misfits(config, facts).empty());
    --facts.mtu;
    CHECK(misfits(config, facts).size() == 1);
}

TEST_CASE("weights that change nothing are told") {
    const auto told = [](std::uint8_t priority, std::vector<std::optional<int>> weights) {
        RouterConfig config{{gateway(priority)}};
        for (std::size_t i = 0; i < weights.size(); ++i) {
            config.tracks.push_back({.name = "t" + std::to_string(i), .check = {}, .weight = weights[i]});
            config.virtual_routers[0].tracks.push_back(static_cast<TrackIndex>(i));
        }
        std::vector<std::string> sentences;
        for (const Misfit& one : config::weight_misfits(config)) {
            CHECK_FALSE(one.prevents);
            sentences.push_back(one.sentence);
        }
        return sentences;
    };
    CHECK(told(150, {std::nullopt}).empty());
    CHECK(told(150, {-149, 104}).empty());
    REQUIRE(told(150, {0}).size() == 1);
    CHECK_THAT(told(150, {0})[0], Catch::StartsWith("track t0: a weight of 0 changes nothing"));
    REQUIRE(told(150, {-100, -50}).size() == 1);
    CHECK_THAT(told(150, {-100, -50})[0],
               Catch::StartsWith("eth0 vrid 5: its checks can take 150 from priority 150"));
    REQUIRE(told(150, {100, 5}).size() == 1);
    CHECK_THAT(told(150, {100, 5})[0],
               Catch::StartsWith("eth0 vrid 5: its checks can add 105 to priority 150"));
    CHECK(told(255, {std::nullopt}).empty());
    REQUIRE(told(255, {-10}).size() == 1);
    CHECK_THAT(told(255, {-10})[0], Catch::StartsWith("eth0 vrid 5: priority 255 stays what it is"));
}
