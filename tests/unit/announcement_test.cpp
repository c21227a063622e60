#include "core/net/checksum.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;
using Frame = std::vector<std::uint8_t>;

namespace {

Frame announcement(const char* address) {
    Frame frame(wire::announcement_size(ip(address).family()));
    wire::encode_announcement(ip(address), mac("00:00:5e:00:01:05"), frame);
    return frame;
}

} // namespace

TEST_CASE("a gratuitous ARP is a request that asks everybody for the address it tells", "[v2-8.2]") {
    const Frame frame = announcement("10.0.0.254");
    const Frame expected{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,  0, 0x5e, 0,  1,    5, 8, 6, // Ethernet
                         0,    1,    8,    0,    6,    4,    0,  1, 0,    0,  0x5e, 0, 1, 5,
                         10,   0,    0,    254,                                 // request, sender
                         0,    0,    0,    0,    0,    0,    10, 0, 0,    254}; // target
    CHECK(frame == expected);
}

TEST_CASE("an ARP request tells the one who is asked where the asker is") {
    Frame frame(wire::kArpRequestSize);
    CHECK(wire::encode_arp_request(ip("10.0.0.1"), ip("10.0.0.254"), mac("00:00:5e:00:01:05"), frame) == 42);
    Frame expected = announcement("10.0.0.254");
    expected.back() = 1; // the target
    CHECK(frame == expected);
    CHECK_FALSE(wire::decode_announcement(frame)); // it says nothing to the others
    CHECK(wire::decode_claim(frame)->address == ip("10.0.0.254"));
}

TEST_CASE("an unsolicited neighbour advertisement is a router's, overrides, and answers nobody",
          "[v3-6.4.2-7]") {
    const Frame frame = announcement("fd00::254");
    REQUIRE(frame.size() == wire::kUnsolicitedNaSize);
    const std::uint8_t* na = &frame[14 + 40];
    CHECK(na[0] == 136);
    CHECK(na[4] == 0xa0); // R and O, not S
    CHECK(frame[14 + 7] == 255);
    InternetChecksum sum;
    sum.add({&frame[14 + 8], 32}).add16(32).add16(58).add({na, 32});
    CHECK(sum.value() == 0);
}

TEST_CASE("an announcement is read as it was written") {
    for (const char* address : {"10.0.0.254", "fd00::254"}) {
        const auto read = wire::decode_announcement(announcement(address));
        REQUIRE(read);
        CHECK(*read == wire::Announcement{ip(address), mac("00:00:5e:00:01:05")});
    }
}

TEST_CASE("an ordinary ARP request announces nothing") {
    Frame frame = announcement("10.0.0.254");
    frame[41] = 253;
    CHECK_FALSE(wire::decode_announcement(frame));
    for (std::size_t size = 0; size < 42; ++size)
        CHECK_FALSE(wire::decode_announcement(BytesView(announcement("10.0.0.254")).first(size)));
}
