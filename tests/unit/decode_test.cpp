// One row for each way in which a received frame can be wrong.
#include "core/net/checksum.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;
using wire::DropReason;
using Frame = std::vector<std::uint8_t>;

namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kVrrp = kIp + 20;
constexpr std::size_t kVrrpV6 = kIp + 40;

Frame v2_frame() {
    return Peer{}.frame(150);
}
Frame v3_frame() {
    return Peer{.config = gateway_v3()}.frame(150);
}
Frame v6_frame() {
    return Peer{.address = ip("fe80::1"), .config = gateway_v6()}.frame(150);
}

// After a change to the headers, so that only the change is wrong.
void mend_ip_checksum(Frame& frame) {
    const std::size_t size = std::size_t{frame[kIp] & 0x0fu} * 4;
    store_be16(&frame[kIp + 10], 0);
    store_be16(&frame[kIp + 10], InternetChecksum().add({&frame[kIp], size}).value());
}

void mend_vrrp_checksum(Frame& frame) { // v2, and v3 over IPv4 without the pseudo-header
    const std::size_t size = load_be16(&frame[kIp + 2]) - 20u;
    store_be16(&frame[kVrrp + 6], 0);
    store_be16(&frame[kVrrp + 6], InternetChecksum().add({&frame[kVrrp], size}).value());
}

void set_ip_size(Frame& frame, std::size_t vrrp_size) {
    store_be16(&frame[kIp + 2], static_cast<std::uint16_t>(20 + vrrp_size));
    mend_ip_checksum(frame);
}

std::string verdict(const Frame& frame) {
    const auto decoded = wire::decode(frame);
    return decoded ? "accepted" : wire::to_string(decoded.error().reason);
}

} // namespace

TEST_CASE("a v2 advertisement is read field by field", "[v2-5.3.1][v2-5.3.2][v2-5.3.5]") {
    VirtualRouterConfig config = gateway();
    config.addresses = {prefix("10.0.0.254"), prefix("10.0.0.253")};
    config.authentication = {wire::AuthenticationType::simple_text, {'s', 'e', 'c', 'r', 'e', 't'}};
    config.advertisement_interval = 7s;
    const Frame frame = Peer{.config = config}.frame(150);
    const auto a = wire::decode(frame);
    REQUIRE(a);
    CHECK(a->version == wire::Version::v2);
    CHECK(a->vrid == 5);
    CHECK(a->priority == 150);
    CHECK(a->interval == 7s);
    REQUIRE(a->addresses.size() == 2);
    CHECK(a->addresses[1] == ip("10.0.0.253"));
    CHECK(a->source == ip("10.0.0.1"));
    CHECK(a->destination == ip("224.0.0.18"));
    CHECK(a->source_mac == mac("00:00:5e:00:01:05"));
    CHECK(a->authentication_type == wire::AuthenticationType::simple_text);
    CHECK(a->authentication_data == config.authentication.password);
    CHECK(a->vlan == 0);
}

TEST_CASE("a v3 advertisement is read over IPv4 and IPv6", "[v3-5.2.9-2][v3-5.2.7]") {
    const Frame v4 = Peer{.config = gateway_v3(100, 10ms)}.frame(1);
    REQUIRE(wire::decode(v4));
    CHECK(wire::decode(v4)->interval == 10ms);
    const Frame v6 = v6_frame();
    const auto a = wire::decode(v6);
    REQUIRE(a);
    CHECK(a->source == ip("fe80::1"));
    CHECK(a->destination == ip("ff02::12"));
    REQUIRE(a->addresses.size() == 2);
    CHECK(a->addresses[0] == ip("fe80::5"));
    CHECK(a->addresses[1] == ip("fd00::254"));
}

TEST_CASE("the checksum of v3 over IPv4 is taken in both forms and told apart", "[v3-5.2.8]") {
    for (const auto form : {wire::ChecksumForm::message_only, wire::ChecksumForm::with_pseudo_header}) {
        VirtualRouterConfig config = gateway_v3();
        config.checksum_form = form;
        const Frame frame = Peer{.config = config}.frame(150);
        REQUIRE(wire::decode(frame));
        CHECK(wire::decode(frame)->checksum_form == form);
    }
}

TEST_CASE("over IPv6 the checksum needs the pseudo-header", "[v3-5.2.8]") {
    Frame frame = v6_frame();
    CHECK(verdict(frame) == "accepted");
    store_be16(&frame[kVrrpV6 + 6], 0);
    store_be16(&frame[kVrrpV6 + 6],
               InternetChecksum().add({&frame[kVrrpV6], frame.size() - kVrrpV6}).value());
    CHECK(verdict(frame) == "checksum");
}

TEST_CASE("v3's reserved bits are ignored", "[v3-5.2.6]") {
    Frame frame = v3_frame();
    frame[kVrrp + 4] |= 0xf0;
    mend_vrrp_checksum(frame);
    REQUIRE(wire::decode(frame));
    CHECK(wire::decode(frame)->interval == 1s);
}

TEST_CASE("v2's authentication data is ignored when the type is none", "[v2-5.3.10]") {
    Frame frame = v2_frame();
    frame[frame.size() - 3] = 0x77;
    mend_vrrp_checksum(frame);
    REQUIRE(wire::decode(frame));
    CHECK(wire::decode(frame)->authentication_data == wire::AuthenticationData{});
}

TEST_CASE("a wrong frame is refused with the first reason in the RFC's order",
          "[v3-7.1][v2-7.1][v3-5.1.1.3][v3-5.2.2][v3-5.2.3][v3-5.2.5][v3-5.2.7][v2-5.2][v2-5.3.1][v2-5.3.2]["
          "v2-5.3.3][v2-5.3.5][v3-5.1.1.4][v3-5.1.2.3][v3-5.1.2.4]") {
    struct Row {
        const char* reason;
        const char* what;
        std::function<void(Frame&)> break_it;
    };
    const Row v2_rows[] = {
        {"not_vrrp", "cut in the Ethernet header", [](Frame& f) { f.resize(13); }},
        {"not_vrrp", "cut in the IP header", [](Frame& f) { f.resize(33); }},
        {"not_vrrp", "ARP", [](Frame& f) { f[13] = 6; }},
        {"not_vrrp", "UDP", [](Frame& f) { f[kIp + 9] = 17; }},
        {"truncated", "one byte short", [](Frame& f) { f.pop_back(); }},
        {"ip_header", "IP version 5", [](Frame& f) { f[kIp] = 0x55; }},
        {"ip_header", "header of 16 bytes", [](Frame& f) { f[kIp] = 0x44; }},
        {"ip_checksum", "IP checksum", [](Frame& f) { f[kIp + 10] ^= 1; }},
        {"fragment", "more fragments", [](Frame& f) { f[kIp + 6] = 0x20, mend_ip_checksum(f); }},
        {"fragment", "fragment offset", [](Frame& f) { f[kIp + 7] = 1, mend_ip_checksum(f); }},
        {"ttl", "TTL 254", [](Frame& f) { f[kIp + 8] = 254, mend_ip_checksum(f); }},
        {"version", "version 1", [](Frame& f) { f[kVrrp] = 0x11, mend_vrrp_checksum(f); }},
        {"version", "version 4", [](Frame& f) { f[kVrrp] = 0x41, mend_vrrp_checksum(f); }},
        {"length", "7 bytes", [](Frame& f) { set_ip_size(f, 7); }},
        {"length", "nothing", [](Frame& f) { set_ip_size(f, 0); }},
        {"address_count", "more addresses than bytes",
         [](Frame& f) { f[kVrrp + 3] = 2, mend_vrrp_checksum(f); }},
        {"address_count", "without authentication data",
         [](Frame& f) { set_ip_size(f, 12), mend_vrrp_checksum(f); }},
        {"address_count", "bytes behind the addresses",
         [](Frame& f) { f.push_back(0), set_ip_size(f, 21), mend_vrrp_checksum(f); }},
        {"checksum", "VRRP checksum", [](Frame& f) { f[kVrrp + 6] ^= 0x80; }},
        {"type", "type 2", [](Frame& f) { f[kVrrp] = 0x22, mend_vrrp_checksum(f); }},
        {"vrid_zero", "VRID 0", [](Frame& f) { f[kVrrp + 1] = 0, mend_vrrp_checksum(f); }},
        {"no_addresses", "count 0",
         [](Frame& f) { f[kVrrp + 3] = 0, set_ip_size(f, 16), mend_vrrp_checksum(f); }},
        {"interval_zero", "interval 0", [](Frame& f) { f[kVrrp + 5] = 0, mend_vrrp_checksum(f); }},
        {"authentication", "authentication type 3",
         [](Frame& f) { f[kVrrp + 4] = 3, mend_vrrp_checksum(f); }},
        {"authentication_header", "type 2 without a header",
         [](Frame& f) { f[kVrrp + 4] = 2, mend_vrrp_checksum(f); }},
        {"source", "source 0.0.0.0",
         [](Frame& f) { std::fill_n(&f[kIp + 12], 4, std::uint8_t{0}), mend_ip_checksum(f); }},
        {"source", "multicast source", [](Frame& f) { f[kIp + 12] = 224, mend_ip_checksum(f); }},
        {"source", "broadcast source",
         [](Frame& f) { std::fill_n(&f[kIp + 12], 4, std::uint8_t{255}), mend_ip_checksum(f); }},
    };
    for (const Row& row : v2_rows) {
        Frame frame = v2_frame();
        row.break_it(frame);
        INFO(row.what);
        CHECK(verdict(frame) == row.reason);
    }
    const Row v6_rows[] = {
        {"truncated", "one byte short", [](Frame& f) { f.pop_back(); }},
        {"not_vrrp", "UDP", [](Frame& f) { f[kIp + 6] = 17; }},
        {"ttl", "hop limit 64", [](Frame& f) { f[kIp + 7] = 64; }},
        {"version", "version 2 over IPv6", [](Frame& f) { f[kVrrpV6] = 0x21; }},
        {"address_count", "count", [](Frame& f) { f[kVrrpV6 + 3] = 3; }},
        {"checksum", "checksum", [](Frame& f) { f[kVrrpV6 + 7] ^= 1; }},
    };
    for (const Row& row : v6_rows) {
        Frame frame = v6_frame();
        row.break_it(frame);
        INFO(row.what << " over IPv6");
        CHECK(verdict(frame) == row.reason);
    }
}

TEST_CASE("v3 has no other type either", "[v3-5.2.2]") {
    Frame frame = v3_frame();
    frame[kVrrp] = 0x32;
    mend_vrrp_checksum(frame);
    CHECK(verdict(frame) == "type");
}

TEST_CASE("v3's interval 0 is refused", "[v3-5.2.7]") {
    Frame frame = v3_frame();
    frame[kVrrp + 4] = frame[kVrrp + 5] = 0;
    mend_vrrp_checksum(frame);
    CHECK(verdict(frame) == "interval_zero");
}

TEST_CASE("Ethernet's padding and IP options are no reason to refuse") {
    Frame padded = v3_frame();
    padded.resize(60, 0xaa);
    CHECK(verdict(padded) == "accepted");

    Frame with_option = v2_frame(); // router alert
    const std::uint8_t option[] = {0x94, 4, 0, 0};
    with_option.insert(with_option.begin() + kVrrp, std::begin(option), std::end(option));
    with_option[kIp] = 0x46;
    store_be16(&with_option[kIp + 2], 24 + 20);
    mend_ip_checksum(with_option);
    CHECK(verdict(with_option) == "accepted");
}

TEST_CASE("IPv6 padding behind the payload is left behind") {
    Frame frame = v6_frame();
    frame.resize(frame.size() + 6, 0xaa);
    CHECK(verdict(frame) == "accepted");
}

TEST_CASE("an authentication header is read, and refused where it does not belong") {
    const auto with_header = [](std::uint8_t words, std::uint8_t authentication_type) {
        Frame frame = v2_frame();
        frame[kVrrp + 4] = authentication_type;
        mend_vrrp_checksum(frame);
        Frame header(24, 0);
        header[0] = 112, header[1] = words, header[7] = 9, header[11] = 3, header[12] = 0xab;
        frame.insert(frame.begin() + kVrrp, header.begin(), header.end());
        frame[kIp + 9] = 51;
        set_ip_size(frame, 24 + 20);
        return frame;
    };
    const Frame good = with_header(4, 2);
    const auto a = wire::decode(good);
    REQUIRE(a);
    REQUIRE(a->authentication_header);
    CHECK(a->authentication_header->spi == 9);
    CHECK(a->authentication_header->sequence == 3);
    CHECK(a->authentication_header->icv[0] == 0xab);
    CHECK(verdict(with_header(4, 0)) == "authentication_header");
    CHECK(verdict(with_header(5, 2)) == "authentication_header");
    Frame tcp = good;
    tcp[kVrrp] = 6;
    CHECK(verdict(tcp) == "not_vrrp");
}

TEST_CASE("a tagged frame tells its VLAN") {
    Frame frame = v2_frame();
    const std::uint8_t tag[] = {0x81, 0x00, 0x60, 0x2a}; // priority 3, VLAN 42
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
    REQUIRE(wire::decode(frame));
    CHECK(wire::decode(frame)->vlan == 42);
}

TEST_CASE("a frame with a stack of tags tells the outermost VLAN") {
    const auto tagged = [](std::initializer_list<std::uint8_t> tags) {
        Frame frame = v2_frame();
        frame.insert(frame.begin() + 12, tags);
        return wire::decode(frame);
    };
    REQUIRE(tagged({0x88, 0xa8, 0, 100, 0x81, 0, 0, 42}));
    CHECK(tagged({0x88, 0xa8, 0, 100, 0x81, 0, 0, 42})->vlan == 100);
    CHECK(tagged({0x81, 0, 0, 100, 0x81, 0, 0, 42})->vlan == 100);
    CHECK(tagged({0x91, 0, 0, 7, 0x91, 0, 0, 8, 0x81, 0, 0, 9})->vlan == 7);
    CHECK(tagged({0x81, 0, 0xe0, 0, 0x81, 0, 0, 42})->vlan == 42); // a priority before it
    CHECK(tagged({0x81, 0, 0xe0, 0})->vlan == 0);
}

TEST_CASE("a frame that ends within its tags is nothing") {
    Frame frame = v2_frame();
    frame.resize(12);
    for (int i = 0; i < 3; ++i)
        frame.insert(frame.end(), {0x81, 0, 0, 42});
    for (std::size_t size = 0; size <= frame.size(); ++size)
        CHECK(verdict(Frame(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size))) == "not_vrrp");
}

TEST_CASE("an IPv4 packet shorter than its own header is malformed") {
    for (const int total : {0, 19, 23}) {
        Frame frame = v2_frame();
        const std::uint8_t option[] = {0x94, 4, 0, 0}; // router alert
        frame.insert(frame.begin() + kVrrp, std::begin(option), std::end(option));
        frame[kIp] = 0x46;
        store_be16(&frame[kIp + 2], static_cast<std::uint16_t>(total));
        mend_ip_checksum(frame); // so that nothing else is wrong
        INFO(total);
        CHECK(verdict(frame) == "ip_header");
    }
}

TEST_CASE("an IPv6 packet is read up to the length that it tells") {
    Frame frame = v6_frame();
    store_be16(&frame[kIp + 4], static_cast<std::uint16_t>(frame.size() - kVrrpV6 - 1));
    CHECK(verdict(frame) == "address_count");
    store_be16(&frame[kIp + 4], static_cast<std::uint16_t>(frame.size() - kVrrpV6 + 1));
    const auto refused = wire::decode(frame);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == wire::DecodeError{DropReason::truncated,
                                               static_cast<std::uint32_t>(frame.size() - kIp),
                                               static_cast<std::uint32_t>(frame.size() - kIp + 1)});
}

TEST_CASE("an IPv6 extension header that ends too early is no VRRP") {
    const auto with_header = [](std::size_t header_size, std::uint8_t length) {
        Frame frame = v6_frame();
        frame.resize(kVrrpV6 + header_size);
        frame[kIp + 6] = 60; // destination options
        if (header_size > 0) frame[kVrrpV6] = 112;
        if (header_size > 1) frame[kVrrpV6 + 1] = length;
        store_be16(&frame[kIp + 4], static_cast<std::uint16_t>(header_size));
        return verdict(frame);
    };
    for (std::size_t size = 0; size < 8; ++size)
        CHECK(with_header(size, 0) == "not_vrrp");
    CHECK(with_header(8, 0) == "length"); // VRRP, but nothing of it
    CHECK(with_header(15, 1) == "not_vrrp");
    CHECK(with_header(16, 1) == "length");
}

TEST_CASE("a fragment of an IPv6 VRRP packet is told as one") {
    const auto fragment = [](std::uint8_t protocol, std::size_t size) {
        Frame frame = v6_frame();
        const std::uint8_t header[] = {protocol, 0, 0, 1, 0, 0, 0, 9};
        frame.insert(frame.begin() + kVrrpV6, std::begin(header), std::begin(header) + size);
        frame.resize(kVrrpV6 + size);
        frame[kIp + 6] = 44;
        store_be16(&frame[kIp + 4], static_cast<std::uint16_t>(size));
        return verdict(frame);
    };
    CHECK(fragment(112, 8) == "fragment");
    CHECK(fragment(112, 7) == "not_vrrp");
    CHECK(fragment(17, 8) == "not_vrrp");
}

TEST_CASE("an IPv6 extension header before VRRP is passed over") {
    Frame frame = v6_frame();
    const std::uint8_t hop_by_hop[] = {112, 0, 5, 2, 0, 0, 1, 0}; // router alert
    frame.insert(frame.begin() + kVrrpV6, std::begin(hop_by_hop), std::end(hop_by_hop));
    frame[kIp + 6] = 0;
    store_be16(&frame[kIp + 4], static_cast<std::uint16_t>(frame.size() - kVrrpV6));
    CHECK(verdict(frame) == "accepted");
}

TEST_CASE("every prefix of a good frame is refused, and none is read beyond its end") {
    for (const Frame& whole : {v2_frame(), v3_frame(), v6_frame()})
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const Frame cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            REQUIRE_FALSE(wire::decode(cut));
        }
}

TEST_CASE("a refusal says what it saw and what would have been right") {
    Frame frame = v2_frame();
    frame[kIp + 8] = 64;
    mend_ip_checksum(frame);
    CHECK(wire::decode(frame).error().message() == "TTL 64, not 255: it came through a router");

    Frame wrong_checksum = v2_frame();
    const std::uint16_t right = load_be16(&wrong_checksum[kVrrp + 6]);
    store_be16(&wrong_checksum[kVrrp + 6], 0x1234);
    const wire::DecodeError error = wire::decode(wrong_checksum).error();
    CHECK(error.seen == 0x1234);
    CHECK(error.expected == right);

    CHECK(wire::DecodeError{DropReason::authentication, 0, 2}.message() ==
          "authentication: the peer uses none, this vrrpd an authentication header");
    CHECK(wire::DecodeError{DropReason::authentication, 1, 1}.message() == "wrong password");
    CHECK(wire::DecodeError{DropReason::authentication, 2, 2}.message() ==
          "wrong key, or changed on the way");
    CHECK(wire::DecodeError{DropReason::replay, 3, 5}.message() ==
          "sequence number 3, not above 5: a replay");
}

TEST_CASE("a peer that speaks another way is told by the cause and what to do") {
    CHECK(wire::DecodeError{DropReason::version, 3, 2}.message() ==
          "the peer sends version 3, this vrrpd version 2: use --protocol 3 on both, or on neither");
    CHECK(wire::DecodeError{DropReason::version, 4, 0}.message() == "VRRP version 4 is not known here");
    CHECK(wire::DecodeError{DropReason::authentication, 0, 1}.message() ==
          "authentication: the peer uses none, this vrrpd a password");
    CHECK(wire::DecodeError{DropReason::authentication, 254, 0}.message() ==
          "authentication type 254 is not known here");
    CHECK(
        wire::DecodeError{DropReason::destination, wire::kToOneRouter}.message() ==
        "not sent to the VRRP group: the peer uses unicast (keepalived: unicast_peer), this vrrpd multicast: "
        "use --peer on both, or on neither");
    CHECK(wire::DecodeError{DropReason::destination, wire::kToTheGroup}.message() ==
          "the peer uses multicast, this vrrpd unicast: use --peer on both (keepalived: unicast_peer), or on "
          "neither");
    CHECK(wire::DecodeError{DropReason::destination}.message() == "not sent to the VRRP group");
    CHECK(wire::DecodeError{DropReason::interval_mismatch, 2, 1}.message() ==
          "advertisement interval 2 s, not 1 s as ours: set the same on both");
}

TEST_CASE("every reason has a code of its own and a sentence") {
    std::set<std::string> codes;
    for (std::size_t i = 0; i < wire::kDropReasons; ++i) {
        const auto reason = static_cast<DropReason>(i);
        codes.insert(wire::to_string(reason));
        CHECK(wire::DecodeError{reason}.message() != "?");
    }
    CHECK(codes.size() == wire::kDropReasons);
    CHECK_FALSE(codes.contains("?"));
    CHECK(std::string(wire::to_string(static_cast<DropReason>(wire::kDropReasons))) == "?");
}

TEST_CASE("a wrong checksum is told with the right one, whatever it is") {
    const Frame good = v3_frame();
    const std::uint16_t right = load_be16(&good[kVrrp + 6]);
    for (unsigned wrong = 0; wrong < 0xffff; wrong += 0x101) {
        Frame frame = good;
        store_be16(&frame[kVrrp + 6], static_cast<std::uint16_t>(wrong));
        const auto decoded = wire::decode(frame);
        if (decoded) continue; // in the other form it is right
        REQUIRE(decoded.error().reason == DropReason::checksum);
        CHECK(decoded.error().seen == wrong);
        CHECK(decoded.error().expected == right);
    }
}
