// Authentication type 2: who has the key is believed, and nobody else. What keepalived makes of it is in
// tests/captures.
#include "core/wire/authentication_header.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;
using Frame = std::vector<std::uint8_t>;

namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kAh = kIp + 20;
constexpr std::size_t kIcv = kAh + 12;
constexpr std::size_t kMessage = kAh + 24;
constexpr wire::AuthenticationKey kKey{'s', 'e', 'c', 'r', 'e', 't'};

constexpr std::array<std::uint8_t, 4> kAddress{10, 0, 0, 254};

wire::Advertisement advertisement(std::uint32_t sequence = 7) {
    wire::Advertisement a;
    a.vrid = 5;
    a.priority = 150;
    a.interval = 1s;
    a.addresses = wire::AddressList(IpFamily::v4, kAddress);
    a.source = ip("10.0.0.1");
    a.destination = wire::kGroupV4;
    a.source_mac = mac("00:00:5e:00:01:05");
    a.authentication_type = wire::AuthenticationType::authentication_header;
    a.authentication_header = wire::AuthenticationHeader{0x0a000001, sequence, {}};
    return a;
}

Frame encoded(const wire::Advertisement& a) {
    Frame frame(wire::encoded_size(a));
    CHECK(wire::encode(a, frame) == frame.size());
    return frame;
}

Frame signed_frame(const wire::Advertisement& a = advertisement()) {
    Frame frame = encoded(a);
    wire::sign(MutableBytes(frame).subspan(kIp), kKey);
    return frame;
}

void insert(Frame& frame, std::size_t at, std::initializer_list<std::uint8_t> bytes) {
    frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), bytes);
}

} // namespace

TEST_CASE("an authentication header goes between IP and VRRP, its ICV over both", "[v2-10.3][v2-5.3.6-1]") {
    // The ICV was computed by Python's hmac module with the key b"secret", not padded.
    const std::uint8_t expected[] = {
        0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x01, 0x05, 0x08, 0x00, // Ethernet
        0x45, 0xc0, 0x00, 0x40, 0x00, 0x00, 0x40, 0x00, 0xff, 0x33, 0x90, 0xb7,             // IP
        10,   0,    0,    1,    224,  0,    0,    18,                                       //
        0x70, 0x04, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x07,             // AH
        0x09, 0x3d, 0x20, 0x01, 0x1d, 0x17, 0xf3, 0x67, 0x99, 0xf7, 0x4a, 0x02,             // ICV
        0x21, 0x05, 0x96, 0x01, 0x02, 0x01, 0x3b, 0xfa, 10,   0,    0,    254,              // VRRP
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    CHECK(signed_frame() == Frame(std::begin(expected), std::end(expected)));
}

TEST_CASE("the header makes the frame 24 bytes longer, and version 3 has none") {
    wire::Advertisement a = advertisement();
    CHECK(wire::encoded_size(a) == 78);
    a.authentication_type = wire::AuthenticationType::none;
    CHECK(wire::encoded_size(a) == 78 - 24);
    a.authentication_type = wire::AuthenticationType::authentication_header;
    a.version = wire::Version::v3;
    CHECK(wire::encoded_size(a) == 78 - 24 - 8);
    CHECK(encoded(a)[kIp + 9] == 112);
}

TEST_CASE("what is signed is decoded again, with its ICV", "[v2-10.3]") {
    std::vector<std::uint8_t> addresses;
    for (unsigned count = 1; count <= 255; ++count) {
        addresses.insert(addresses.end(), {10, 0, 1, static_cast<std::uint8_t>(count)});
        wire::Advertisement a = advertisement(0xfffffff0 + count % 16);
        a.addresses = wire::AddressList(IpFamily::v4, addresses);
        const Frame frame = signed_frame(a);
        REQUIRE(wire::verify(frame, kKey));
        const auto decoded = wire::decode(frame);
        REQUIRE(decoded);
        std::copy_n(&frame[kIcv], 12, a.authentication_header->icv.begin());
        CHECK(*decoded == a);
        CHECK(encoded(*decoded) == frame);
    }
}

TEST_CASE("a key that stands where a password would is not sent in the clear") {
    wire::Advertisement a = advertisement();
    a.authentication_data = kKey;
    CHECK(encoded(a) == encoded(advertisement()));
}

TEST_CASE("who has the key signs the same again, and another key signs otherwise", "[v2-10.3]") {
    Frame frame = signed_frame();
    wire::sign(MutableBytes(frame).subspan(kIp), kKey);
    CHECK(frame == signed_frame());
    wire::AuthenticationKey other = kKey;
    other.back() = 1;
    CHECK_FALSE(wire::verify(frame, other));
    wire::sign(MutableBytes(frame).subspan(kIp), other);
    CHECK_FALSE(wire::verify(frame, kKey));
    CHECK(wire::verify(frame, other));
}

TEST_CASE("a VLAN's tag and Ethernet's padding are not signed", "[v2-10.3]") {
    Frame frame = signed_frame();
    insert(frame, 12, {0x81, 0x00, 0x60, 0x2a});
    frame.resize(frame.size() + 9, 0xaa);
    CHECK(wire::verify(frame, kKey));
    CHECK(wire::decode(frame));
    const Frame before = frame;
    wire::sign(MutableBytes(frame).subspan(4 + kIp), kKey);
    CHECK(frame == before);
    frame[4 + kMessage + 2] ^= 1;
    CHECK_FALSE(wire::verify(frame, kKey));
}

TEST_CASE("IP options are signed as they stand", "[v2-10.3]") {
    Frame frame = encoded(advertisement());
    insert(frame, kAh, {0x94, 4, 0, 0}); // router alert
    frame[kIp] = 0x46;
    store_be16(&frame[kIp + 2], 68);
    wire::sign(MutableBytes(frame).subspan(kIp), kKey);
    CHECK(wire::verify(frame, kKey));
    for (std::size_t at = kAh; at < frame.size(); ++at) {
        Frame changed = frame;
        changed[at] ^= 0x10;
        INFO("byte " << at);
        CHECK_FALSE(wire::verify(changed, kKey));
    }
}

TEST_CASE("what carries no whole authentication header is not believed", "[v2-10.3]") {
    const Frame whole = signed_frame();
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(
            wire::verify(Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), kKey));

    CHECK_FALSE(wire::verify(Peer{}.frame(150), kKey));
    CHECK_FALSE(wire::verify(Peer{.address = ip("fe80::1"), .config = gateway_v6()}.frame(150), kKey));
    Frame longer_than_any = whole;
    longer_than_any.resize(kIp + 60 + 24 + 8 + 255 * 4 + 8 + 1);
    store_be16(&longer_than_any[kIp + 2], static_cast<std::uint16_t>(longer_than_any.size() - kIp));
    CHECK_FALSE(wire::verify(longer_than_any, kKey));
    Frame cut_in_the_icv = whole;
    store_be16(&cut_in_the_icv[kIp + 2], 20 + 23);
    const std::uint8_t right[] = {0xef, 0x60, 0x6c, 0x0c, 0xff, 0x4c,
                                  0x9d, 0xa0, 0x02, 0x0a, 0xe3, 0xb0}; // by Python's hmac
    std::copy(std::begin(right), std::end(right), &cut_in_the_icv[kIcv]);
    CHECK_FALSE(wire::verify(cut_in_the_icv, kKey));
}

TEST_CASE("OpenSSL has what it takes") {
    CHECK(wire::has_hmac_md5());
}
