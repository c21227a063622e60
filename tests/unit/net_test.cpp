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
