#include "core/wire/headers/ethernet.hpp"
#include "netsim/network/packet.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;

namespace {

IpAddress ip(const char* text) {
    return *IpAddress::parse(text);
}

const MacAddress kOurs({2, 0, 0, 0, 0, 1}), kTheirs({2, 0, 0, 0, 0, 2});

} // namespace

TEST_CASE("resolution: what is encoded is decoded, over IPv4 and IPv6") {
    const auto [ours, theirs] =
        GENERATE(table<const char*, const char*>({{"10.0.0.1", "10.0.0.2"}, {"fe80::1", "fe80::2"}}));
    const bool request = GENERATE(true, false);
    const Resolution sent{request, kOurs, ip(ours), {}, ip(theirs)};
    CHECK(decode_resolution(encode(sent, kTheirs)) == sent);
    CHECK(wire::EthernetView::of(encode(sent, kTheirs))->destination() == kTheirs);
}

TEST_CASE("echo: what is encoded is decoded, over IPv4 and IPv6") {
    const auto [ours, theirs] =
        GENERATE(table<const char*, const char*>({{"10.0.0.1", "10.0.0.2"}, {"fe80::1", "fe80::2"}}));
    const bool request = GENERATE(true, false);
    const Echo sent{request, ip(ours), ip(theirs), 63, 7, 0x1'0000'0002};
    CHECK(decode_echo(encode(sent)) == sent);
}

TEST_CASE("an echo is no resolution, and a resolution no echo") {
    for (const char* address : {"10.0.0.1", "fe80::1"}) {
        CHECK_FALSE(decode_resolution(encode(Echo{true, ip(address), ip(address), 64, 0, 0})));
        CHECK_FALSE(
            decode_echo(encode(Resolution{true, kOurs, ip(address), {}, ip(address)}, kBroadcastMac)));
    }
}

TEST_CASE("the first packet of a TCP connection: what is encoded is decoded, and is nothing else") {
    const Syn sent{ip("10.0.0.1"), ip("10.0.0.2"), 1100};
    CHECK(decode_syn(encode(sent)) == sent);
    CHECK_FALSE(decode_echo(encode(sent)));
    CHECK_FALSE(decode_resolution(encode(sent)));
    CHECK_FALSE(decode_syn(encode(Echo{true, ip("10.0.0.1"), ip("10.0.0.2"), 64, 0, 0})));
}

TEST_CASE("a frame that is cut off is nothing") {
    const Packet echo = encode(Echo{true, ip("10.0.0.1"), ip("10.0.0.2"), 64, 0, 0});
    const Packet asked = encode(Resolution{true, kOurs, ip("fe80::1"), {}, ip("fe80::2")}, kBroadcastMac);
    for (std::size_t size = 14; size < echo.size(); ++size)
        CHECK_FALSE(decode_echo(BytesView(echo).first(size)));
    for (std::size_t size = 14; size < asked.size(); ++size)
        CHECK_FALSE(decode_resolution(BytesView(asked).first(size)));
}
