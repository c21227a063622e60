// libtins is the judge: it parses each frame, its fields are those of the value that was encoded, and what it
// writes of them again, with lengths and checksums of its own, is the same frame.
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/router_advertisement.hpp"

#include <catch2/catch.hpp>
#include <tins/arp.h>
#include <tins/ethernetII.h>
#include <tins/icmpv6.h>
#include <tins/ip.h>
#include <tins/ipsec.h>
#include <tins/ipv6.h>
#include <tins/rawpdu.h>
#include <tins/utils/checksum_utils.h>

using namespace vrrp;
using namespace vrrp::wire;
using namespace std::chrono_literals;

namespace {

using Frame = std::vector<std::uint8_t>;
using Tins::EthernetII;
using Tins::IP;
using Tins::IPv6;

constexpr unsigned kVrrp = 112, kAh = 51;

EthernetII parse(const Frame& frame) {
    return {frame.data(), static_cast<std::uint32_t>(frame.size())};
}

constexpr std::size_t kNowhere = ~std::size_t{0};

std::size_t first_difference(const Frame& a, const Frame& b) {
    if (a.size() != b.size()) return std::min(a.size(), b.size());
    const auto at = std::mismatch(a.begin(), a.end(), b.begin()).first;
    return at == a.end() ? kNowhere : static_cast<std::size_t>(at - a.begin());
}

// libtins pads a short frame to Ethernet's 60 bytes, as the network interface does with ours. Before a message
// that it does not know it writes 255 as the authentication header's next header (libtins 4.0).
void check_same_when_written_again(EthernetII& parsed, Frame frame) {
    constexpr std::size_t kNextHeader = 14 + 20;
    frame.resize(std::max<std::size_t>(frame.size(), 60));
    if (parsed.find_pdu<Tins::IPSecAH>() != nullptr) frame[kNextHeader] = 255;
    CHECK(first_difference(parsed.serialize(), frame) == kNowhere);
}

std::uint16_t folded(std::uint32_t sum) {
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

// What a message with a right checksum sums up to (RFC 1071).
constexpr std::uint16_t kRight = 0xffff;

std::uint16_t sum_of(const Frame& message) {
    return Tins::Utils::sum_range(message.data(), message.data() + message.size());
}

template <typename Ip>
std::uint16_t sum_with_pseudo_header(const Ip& ip, const Frame& message) {
    return folded(Tins::Utils::pseudoheader_checksum(ip.src_addr(), ip.dst_addr(),
                                                     static_cast<std::uint16_t>(message.size()), kVrrp) +
                  sum_of(message));
}

// An advertisement and the bytes that its list of addresses views.
struct Case {
    Advertisement advertisement;
    Frame addresses;
    AuthenticationKey key{};
};

Frame encoded(Case& one) {
    Advertisement& a = one.advertisement;
    a.addresses = AddressList(a.source.family(), one.addresses);
    Frame frame(encoded_size(a));
    REQUIRE(encode(a, frame) == frame.size());
    if (a.authentication_header) sign(MutableBytes(frame).subspan(14), one.key);
    return frame;
}

void check_ethernet(const EthernetII& ethernet, const Advertisement& a) {
    const bool v4 = a.source.family() == IpFamily::v4;
    CHECK(ethernet.dst_addr().to_string() == (v4 ? "01:00:5e:00:00:12" : "33:33:00:00:00:12"));
    CHECK(ethernet.src_addr().to_string() == to_string(a.source_mac));
    CHECK(ethernet.payload_type() == (v4 ? 0x0800 : 0x86dd));
}

void check_ipv4(const IP& ip, const Advertisement& a, std::size_t frame_size) {
    CHECK(ip.version() == 4);
    CHECK(ip.head_len() == 5);
    CHECK(ip.tot_len() == frame_size - 14);
    CHECK(ip.tos() == 0xc0);
    CHECK(ip.id() == 0);
    CHECK(ip.flags() == IP::DONT_FRAGMENT);
    CHECK(ip.fragment_offset() == 0);
    CHECK(ip.ttl() == 255);
    CHECK(ip.protocol() == (a.authentication_header ? kAh : kVrrp));
    CHECK(ip.src_addr().to_string() == to_string(a.source));
    CHECK(ip.dst_addr().to_string() == "224.0.0.18");
}

void check_ipv6(const IPv6& ip, const Advertisement& a, std::size_t frame_size) {
    CHECK(ip.version() == 6);
    CHECK(ip.traffic_class() == 0xc0);
    CHECK(ip.flow_label() == 0);
    CHECK(ip.payload_length() == frame_size - 14 - 40);
    CHECK(ip.next_header() == kVrrp);
    CHECK(ip.hop_limit() == 255);
    CHECK(ip.src_addr() == Tins::IPv6Address(to_string(a.source)));
    CHECK(ip.dst_addr() == Tins::IPv6Address("ff02::12"));
}

void check_authentication_header(const Tins::IPSecAH& ah, const AuthenticationHeader& header) {
    CHECK(ah.next_header() == kVrrp);
    CHECK((ah.length() + 2) * 4 == 24);
    CHECK(ah.spi() == header.spi);
    CHECK(ah.seq_number() == header.sequence);
    CHECK(ah.icv().size() == 12);
    CHECK(ah.icv() != Frame(12)); // signed
}

// The message, as RFC 3768 section 5.1 and RFC 9568 section 5.1 draw it.
void check_message(const Frame& message, const Case& one) {
    const Advertisement& a = one.advertisement;
    const bool v2 = a.version == Version::v2;
    const std::size_t addresses = one.addresses.size();
    REQUIRE(message.size() == 8 + addresses + (v2 ? 8 : 0));
    CHECK(message[0] == (v2 ? 0x21 : 0x31));
    CHECK(message[1] == a.vrid);
    CHECK(message[2] == a.priority);
    CHECK(message[3] == addresses / (a.source.family() == IpFamily::v4 ? 4 : 16));
    const unsigned field = message[4] * 256u + message[5];
    if (v2)
        CHECK(field == static_cast<unsigned>(a.authentication_type) * 256 + a.interval / 1s);
    else
        CHECK(field == a.interval / 10ms);
    CHECK(Frame(message.begin() + 8, message.begin() + 8 + static_cast<int>(addresses)) == one.addresses);
    if (!v2) return;
    const bool in_the_clear = a.authentication_type != AuthenticationType::authentication_header;
    const AuthenticationData data = in_the_clear ? a.authentication_data : AuthenticationData{};
    CHECK(std::equal(data.begin(), data.end(), message.end() - 8));
}

void judge(Case& one) {
    const Frame frame = encoded(one);
    const Advertisement& a = one.advertisement;
    EthernetII ethernet = parse(frame);
    check_ethernet(ethernet, a);
    const auto* raw = ethernet.find_pdu<Tins::RawPDU>();
    REQUIRE(raw != nullptr);
    const Frame message = raw->payload();
    check_message(message, one);
    if (const auto* ip = ethernet.find_pdu<IP>()) {
        check_ipv4(*ip, a, frame.size());
        const bool with_pseudo_header =
            a.version == Version::v3 && a.checksum_form == ChecksumForm::with_pseudo_header;
        CHECK((with_pseudo_header ? sum_with_pseudo_header(*ip, message) : sum_of(message)) == kRight);
    } else {
        const auto* ip6 = ethernet.find_pdu<IPv6>();
        REQUIRE(ip6 != nullptr);
        check_ipv6(*ip6, a, frame.size());
        CHECK(sum_with_pseudo_header(*ip6, message) == kRight);
    }
    const auto* ah = ethernet.find_pdu<Tins::IPSecAH>();
    REQUIRE((ah != nullptr) == a.authentication_header.has_value());
    if (ah != nullptr) check_authentication_header(*ah, *a.authentication_header);
    check_same_when_written_again(ethernet, frame);
}

Case v2_case() {
    Case one;
    one.advertisement.vrid = 5;
    one.advertisement.priority = 150;
    one.advertisement.interval = 1s;
    one.advertisement.source = IpAddress::v4({10, 0, 0, 1});
    one.advertisement.source_mac = virtual_mac(IpFamily::v4, 5);
    one.addresses = {10, 0, 0, 254};
    return one;
}

Case v2_password_case() {
    Case one = v2_case();
    one.advertisement.authentication_type = AuthenticationType::simple_text;
    one.advertisement.authentication_data = {'s', 'e', 'c', 'r', 'e', 't'};
    return one;
}

Case v2_signed_case() {
    Case one = v2_password_case(); // the key must not be seen
    one.advertisement.authentication_type = AuthenticationType::authentication_header;
    one.advertisement.authentication_header = {.spi = 0x01020304, .sequence = 0x05060708, .icv = {}};
    one.key = {'k', 'e', 'y'};
    return one;
}

Case v3_case(ChecksumForm form) {
    Case one = v2_case();
    one.advertisement.version = Version::v3;
    one.advertisement.interval = 40950ms;
    one.advertisement.checksum_form = form;
    return one;
}

Case v6_case() {
    Case one = v3_case(ChecksumForm::with_pseudo_header);
    one.advertisement.source = IpAddress::parse("fe80::1").value();
    one.advertisement.source_mac = virtual_mac(IpFamily::v6, 5);
    const BytesView address = one.advertisement.source.bytes();
    one.addresses.assign(address.begin(), address.end());
    return one;
}

// splitmix64: the same numbers everywhere.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t n) {
        std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return (x ^ (x >> 31)) % n;
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }
    void fill(MutableBytes bytes) {
        for (std::uint8_t& one : bytes)
            one = byte();
    }
    IpAddress address(IpFamily family) {
        std::array<std::uint8_t, 16> bytes;
        fill(bytes);
        return IpAddress::from_bytes(family, bytes.data());
    }
    MacAddress mac() {
        std::array<std::uint8_t, 6> bytes;
        fill(bytes);
        return MacAddress(bytes);
    }

  private:
    std::uint64_t state_;
};

Case random_case(Dice& dice) {
    Case one;
    Advertisement& a = one.advertisement;
    const IpFamily family = dice.below(3) == 0 ? IpFamily::v6 : IpFamily::v4;
    const bool v2 = family == IpFamily::v4 && dice.below(2) == 0;
    a.version = v2 ? Version::v2 : Version::v3;
    a.vrid = dice.byte();
    a.priority = dice.byte();
    a.interval = v2 ? (1 + dice.below(255)) * Duration(1s) : (1 + dice.below(4095)) * Duration(10ms);
    a.source = dice.address(family);
    a.source_mac = dice.mac();
    a.checksum_form = static_cast<ChecksumForm>(dice.below(2));
    if (v2) a.authentication_type = static_cast<AuthenticationType>(dice.below(3));
    dice.fill(a.authentication_data);
    dice.fill(one.key);
    if (a.authentication_type == AuthenticationType::authentication_header)
        a.authentication_header = {.spi = static_cast<std::uint32_t>(dice.below(1ull << 32)),
                                   .sequence = static_cast<std::uint32_t>(dice.below(1ull << 32)),
                                   .icv = {}};
    one.addresses.resize((1 + dice.below(dice.below(8) == 0 ? 255 : 4)) * address_size(family));
    dice.fill(one.addresses);
    return one;
}

void judge_arp(const Frame& frame, const IpAddress& asked, const IpAddress& asker, const MacAddress& mac) {
    EthernetII ethernet = parse(frame);
    CHECK(ethernet.dst_addr().is_broadcast());
    CHECK(ethernet.src_addr().to_string() == to_string(mac));
    CHECK(ethernet.payload_type() == 0x0806);
    const auto* arp = ethernet.find_pdu<Tins::ARP>();
    REQUIRE(arp != nullptr);
    CHECK(arp->hw_addr_format() == 1);
    CHECK(arp->prot_addr_format() == 0x0800);
    CHECK(arp->hw_addr_length() == 6);
    CHECK(arp->prot_addr_length() == 4);
    CHECK(arp->opcode() == Tins::ARP::REQUEST);
    CHECK(arp->sender_hw_addr().to_string() == to_string(mac));
    CHECK(arp->sender_ip_addr().to_string() == to_string(asker));
    CHECK(arp->target_hw_addr().to_string() == "00:00:00:00:00:00");
    CHECK(arp->target_ip_addr().to_string() == to_string(asked));
    check_same_when_written_again(ethernet, frame);
}

void judge_neighbour_advertisement(const Frame& frame, const IpAddress& address, const MacAddress& mac) {
    EthernetII ethernet = parse(frame);
    CHECK(ethernet.dst_addr().to_string() == "33:33:00:00:00:01");
    CHECK(ethernet.src_addr().to_string() == to_string(mac));
    CHECK(ethernet.payload_type() == 0x86dd);
    const auto* ip = ethernet.find_pdu<IPv6>();
    REQUIRE(ip != nullptr);
    CHECK(ip->hop_limit() == 255);
    CHECK(ip->payload_length() == frame.size() - 14 - 40);
    CHECK(ip->src_addr() == Tins::IPv6Address(to_string(address)));
    CHECK(ip->dst_addr() == Tins::IPv6Address("ff02::1"));
    const auto* na = ethernet.find_pdu<Tins::ICMPv6>();
    REQUIRE(na != nullptr);
    CHECK(na->type() == Tins::ICMPv6::NEIGHBOUR_ADVERT);
    CHECK(na->code() == 0);
    CHECK(na->router() == 1);
    CHECK(na->solicited() == 0);
    CHECK(na->override() == 1);
    CHECK(na->target_addr() == Tins::IPv6Address(to_string(address)));
    CHECK(na->target_link_layer_addr().to_string() == to_string(mac));
    check_same_when_written_again(ethernet, frame);
}

void judge_announcement(const IpAddress& address, const MacAddress& mac) {
    Frame frame(announcement_size(address.family()));
    REQUIRE(encode_announcement(address, mac, frame) == frame.size());
    if (address.family() == IpFamily::v4)
        judge_arp(frame, address, address, mac);
    else
        judge_neighbour_advertisement(frame, address, mac);
}

} // namespace

TEST_CASE("libtins reads a v2 advertisement as it was meant, with each authentication type") {
    Case none = v2_case(), password = v2_password_case(), with_key = v2_signed_case();
    judge(none);
    judge(password);
    judge(with_key);
}

TEST_CASE("libtins reads a v3 advertisement over IPv4 as it was meant, in both forms of the checksum") {
    for (const auto form : {ChecksumForm::message_only, ChecksumForm::with_pseudo_header}) {
        Case one = v3_case(form);
        judge(one);
    }
}

TEST_CASE("libtins reads a v3 advertisement over IPv6 as it was meant") {
    Case one = v6_case();
    judge(one);
}

TEST_CASE("libtins reads the longest advertisements as they were meant") {
    Case v4 = v2_signed_case();
    v4.addresses.assign(255 * 4, 9);
    judge(v4);
    Case v6 = v6_case();
    v6.addresses.assign(255 * 16, 9);
    judge(v6);
}

TEST_CASE("libtins reads five hundred random advertisements as they were meant") {
    Dice dice(20261126);
    for (int i = 0; i < 500; ++i) {
        INFO("advertisement " << i);
        Case one = random_case(dice);
        judge(one);
    }
}

TEST_CASE("libtins reads a gratuitous ARP and an unsolicited neighbour advertisement as they were meant") {
    judge_announcement(IpAddress::v4({10, 0, 0, 254}), virtual_mac(IpFamily::v4, 5));
    judge_announcement(IpAddress::parse("fe80::5").value(), virtual_mac(IpFamily::v6, 5));
    Dice dice(1);
    for (int i = 0; i < 300; ++i) {
        INFO("announcement " << i);
        judge_announcement(dice.address(i % 2 == 0 ? IpFamily::v4 : IpFamily::v6), dice.mac());
    }
}

TEST_CASE("libtins reads the ARP request of a magic packet as it was meant") {
    Dice dice(2);
    for (int i = 0; i < 300; ++i) {
        const IpAddress asked = dice.address(IpFamily::v4), asker = dice.address(IpFamily::v4);
        const MacAddress mac = dice.mac();
        Frame frame(kArpRequestSize);
        REQUIRE(encode_arp_request(asked, asker, mac, frame) == frame.size());
        judge_arp(frame, asked, asker, mac);
    }
}

TEST_CASE("libtins reads a router advertisement as it was meant") {
    RouterAdvertisement said;
    said.lifetime = 90s;
    said.resolver_lifetime = 270s;
    said.preference = RouterPreference::low;
    said.managed = said.other = true;
    said.mtu = 1400;
    said.prefixes = {IpPrefix::parse("2001:db8:1::/64").value()};
    said.resolvers = {IpAddress::parse("2001:db8::53").value(), IpAddress::parse("2001:db8::54").value()};
    said.searched = {"example.org", "lan"};
    const IpAddress source = IpAddress::parse("fe80::5").value();
    Frame frame(frame_size(said));
    REQUIRE(encode(said, source, virtual_mac(IpFamily::v6, 5), frame) == frame.size());
    EthernetII ethernet = parse(frame);
    CHECK(ethernet.dst_addr().to_string() == "33:33:00:00:00:01");
    CHECK(ethernet.src_addr().to_string() == "00:00:5e:00:02:05");
    const auto* ip = ethernet.find_pdu<IPv6>();
    REQUIRE(ip != nullptr);
    CHECK(ip->hop_limit() == 255);
    CHECK(ip->src_addr() == Tins::IPv6Address("fe80::5"));
    CHECK(ip->dst_addr() == Tins::IPv6Address("ff02::1"));
    const auto* ra = ethernet.find_pdu<Tins::ICMPv6>();
    REQUIRE(ra != nullptr);
    CHECK(ra->type() == Tins::ICMPv6::ROUTER_ADVERT);
    CHECK(ra->hop_limit() == 64);
    CHECK(ra->managed() == 1);
    CHECK(ra->other() == 1);
    CHECK(ra->router_pref() == 3);
    CHECK(ra->router_lifetime() == 90);
    CHECK(ra->reachable_time() == 0);
    CHECK(ra->retransmit_timer() == 0);
    CHECK(ra->source_link_layer_addr().to_string() == "00:00:5e:00:02:05");
    CHECK(ra->mtu().second == 1400);
    const auto prefix = ra->prefix_info();
    CHECK(prefix.prefix == Tins::IPv6Address("2001:db8:1::"));
    CHECK(prefix.prefix_len == 64);
    CHECK(prefix.L == 1);
    CHECK(prefix.A == 1);
    CHECK(prefix.valid_lifetime == 30 * 86400);
    CHECK(prefix.preferred_lifetime == 7 * 86400);
    const auto resolvers = ra->recursive_dns_servers();
    CHECK(resolvers.lifetime == 270);
    CHECK(resolvers.servers ==
          std::vector{Tins::IPv6Address("2001:db8::53"), Tins::IPv6Address("2001:db8::54")});
    const auto searched = ra->dns_search_list();
    CHECK(searched.lifetime == 270);
    CHECK(searched.domains == std::vector<std::string>{"example.org", "lan"});
    check_same_when_written_again(ethernet, frame);
}

TEST_CASE("libtins reads a router solicitation as it was meant") {
    Frame frame(kSolicitationSize);
    encode_router_solicitation(IpAddress::parse("fe80::9").value(), MacAddress({2, 0, 0, 0, 0, 9}), frame);
    EthernetII ethernet = parse(frame);
    CHECK(ethernet.dst_addr().to_string() == "33:33:00:00:00:02");
    const auto* ip = ethernet.find_pdu<IPv6>();
    REQUIRE(ip != nullptr);
    CHECK(ip->hop_limit() == 255);
    CHECK(ip->dst_addr() == Tins::IPv6Address("ff02::2"));
    const auto* rs = ethernet.find_pdu<Tins::ICMPv6>();
    REQUIRE(rs != nullptr);
    CHECK(rs->type() == Tins::ICMPv6::ROUTER_SOLICIT);
    CHECK(rs->source_link_layer_addr().to_string() == "02:00:00:00:00:09");
    check_same_when_written_again(ethernet, frame);
}
