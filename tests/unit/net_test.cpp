#include "core/net/checksum.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"
#include "core/net/time.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace std::chrono_literals;

TEST_CASE("an IPv4 address is four decimal bytes and nothing else") {
    CHECK(to_string(IpAddress::parse("10.0.0.254").value()) == "10.0.0.254");
    for (const char* wrong : {"", "10.0.0", "10.0.0.256", "10.0.0.1.2", "10.0.0.01", " 10.0.0.1", "10.0.0.1 ",
                              "10.0.0.-1", "0x0a.0.0.1", "10..0.1", "10.0.0.", "ten"})
        CHECK_FALSE(IpAddress::parse(wrong));
}

TEST_CASE("an IPv6 address is written as RFC 5952 recommends") {
    const std::pair<const char*, const char*> cases[] = {
        {"FE80:0:0:0:0:0:0:1", "fe80::1"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::ffff:10.0.0.1", "::ffff:a00:1"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
    };
    for (const auto& [text, canonical] : cases)
        CHECK(to_string(IpAddress::parse(text).value()) == canonical);
}

TEST_CASE("a malformed IPv6 address is refused") {
    for (const char* wrong :
         {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::1", "1:", ":1",
          "1:2:3:4:5:6:7:8::", "::10.0.0.256", "::1.2.3.4:5", "fe80::1%eth0", "1::2:"})
        CHECK_FALSE(IpAddress::parse(wrong));
}

TEST_CASE("addresses compare as unsigned numbers in network order") {
    CHECK(IpAddress::parse("10.0.0.2").value() < IpAddress::parse("10.0.0.10").value());
    CHECK(IpAddress::parse("9.255.255.255").value() < IpAddress::parse("192.0.0.1").value());
    CHECK(IpAddress::parse("fe80::ff").value() < IpAddress::parse("fe80::100").value());
}

TEST_CASE("a prefix without a length covers one address") {
    CHECK(IpPrefix::parse("10.0.0.1").value().length == 32);
    CHECK(IpPrefix::parse("fe80::1").value().length == 128);
    CHECK(to_string(IpPrefix::parse("10.0.0.1/0").value()) == "10.0.0.1/0");
    for (const char* wrong :
         {"10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1", "10.0.0.1/024", "fe80::1/129", "/24"})
        CHECK_FALSE(IpPrefix::parse(wrong));
}

TEST_CASE("a prefix contains the addresses of its subnet") {
    const auto contains = [](const char* prefix, const char* address) {
        return IpPrefix::parse(prefix).value().contains(IpAddress::parse(address).value());
    };
    CHECK(contains("10.0.1.1/23", "10.0.0.255"));
    CHECK_FALSE(contains("10.0.1.1/23", "10.0.2.0"));
    CHECK(contains("0.0.0.0/0", "192.168.1.1"));
    CHECK(contains("10.0.0.1/32", "10.0.0.1"));
    CHECK_FALSE(contains("10.0.0.1/32", "10.0.0.0"));
    CHECK_FALSE(contains("0.0.0.0/0", "::1"));
}

TEST_CASE("a loopback address is known in both families") {
    for (const char* loopback : {"127.0.0.1", "127.255.255.255", "::1"})
        CHECK(IpAddress::parse(loopback).value().is_loopback());
    for (const char* other : {"126.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "1::1", "::1:1", "7f00::1"})
        CHECK_FALSE(IpAddress::parse(other).value().is_loopback());
}

TEST_CASE("a prefix knows its first and its last address") {
    const auto range = [](const char* text) {
        const IpPrefix prefix = IpPrefix::parse(text).value();
        return to_string(prefix.first()) + " to " + to_string(prefix.last());
    };
    CHECK(range("10.0.1.77/24") == "10.0.1.0 to 10.0.1.255");
    CHECK(range("10.0.1.77/23") == "10.0.0.0 to 10.0.1.255");
    CHECK(range("10.0.1.77/30") == "10.0.1.76 to 10.0.1.79");
    CHECK(range("10.0.1.77/32") == "10.0.1.77 to 10.0.1.77");
    CHECK(range("10.0.1.77/0") == "0.0.0.0 to 255.255.255.255");
    CHECK(range("fd00::5:1/127") == "fd00::5:0 to fd00::5:1");
    CHECK(range("fd00:1:2:3:4::1/64") == "fd00:1:2:3:: to fd00:1:2:3:ffff:ffff:ffff:ffff");
    CHECK(range("fd00::1/128") == "fd00::1 to fd00::1");
}

TEST_CASE("no host has an IPv4 subnet's network or broadcast address, if the subnet has them") {
    const auto reserved = [](const char* text, const char* address) {
        const IpPrefix prefix = IpPrefix::parse(text).value();
        const IpAddress one = IpAddress::parse(address).value();
        return std::pair(prefix.is_network_address(one), prefix.is_broadcast_address(one));
    };
    const std::pair neither(false, false), network(true, false), broadcast(false, true);
    CHECK(reserved("10.0.0.9/24", "10.0.0.0") == network);
    CHECK(reserved("10.0.0.9/24", "10.0.0.255") == broadcast);
    CHECK(reserved("10.0.0.9/30", "10.0.0.11") == broadcast);
    CHECK(reserved("10.0.0.9/24", "10.0.0.1") == neither);
    CHECK(reserved("10.0.0.9/24", "10.0.1.255") == neither); // another subnet's
    CHECK(reserved("10.0.0.9/31", "10.0.0.8") == neither);
    CHECK(reserved("10.0.0.9/31", "10.0.0.9") == neither);
    CHECK(reserved("10.0.0.9/32", "10.0.0.9") == neither);
    CHECK(reserved("fd00::9/64", "fd00::") == neither);
    CHECK(reserved("fd00::9/16", "fd00::") == neither);
    CHECK(reserved("10.0.0.9/24", "a00::") == neither);
}

TEST_CASE("a MAC address is six pairs of hexadecimal digits") {
    CHECK(to_string(MacAddress::parse("00:00:5E:00:01:fe").value()) == "00:00:5e:00:01:fe");
    for (const char* wrong : {"", "00:00:5e:00:01", "00:00:5e:00:01:f", "00-00-5e-00-01-fe",
                              "00:00:5e:00:01:fg", "00:00:5e:00:01:fe:00", "00:00:5e:00:01: 1"})
        CHECK_FALSE(MacAddress::parse(wrong));
}

TEST_CASE("the checksum of RFC 1071's example is right at every split") {
    const std::uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    for (std::size_t split = 0; split <= sizeof bytes; split += 2) {
        InternetChecksum sum;
        sum.add({bytes, split}).add({bytes + split, sizeof bytes - split});
        CHECK(sum.value() == 0x220d);
    }
}

TEST_CASE("an odd last byte counts as the high half of a word") {
    const std::uint8_t bytes[] = {0x12, 0x34, 0x56};
    CHECK(InternetChecksum().add(bytes).value() == static_cast<std::uint16_t>(~(0x1234 + 0x5600)));
}

TEST_CASE("durations read as a person would write them") {
    CHECK(to_string(Duration(3609375us)) == "3.609 s");
    CHECK(to_string(Duration(61400us)) == "61.4 ms");
    CHECK(to_string(Duration(180us)) == "180 us");
    CHECK(to_string(Duration(5ns)) == "5 ns");
    CHECK(to_string(Duration(-2s)) == "-2 s");
    CHECK(to_string(TimePoint(12345678us)) == "12.345678");
}
