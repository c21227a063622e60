// -n -I VIP -O GATEWAY: where no virtual MAC can be used, the upstream gateway is made to learn the new
// master.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <set>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kArp = 0x0806, kIpv4 = 0x0800;
constexpr std::size_t kEthernet = 14;
constexpr std::uint8_t kTcp = 6, kSyn = 0x02;
constexpr std::uint16_t kMagicPort = 1100;

const IpAddress kVip = IpAddress::parse(kWanAddress).value();
const IpAddress kUpstream = IpAddress::parse("10.17.1.60").value(); // the server, here a gateway
const char* const kR1Mac = "02:00:00:17:00:01";
const char* const kR2Mac = "02:00:00:17:00:02";

IpAddress address_at(BytesView frame, std::size_t offset) {
    return IpAddress::from_bytes(IpFamily::v4, &frame[offset]);
}

bool is_request_for_upstream(BytesView frame) {
    constexpr std::size_t kSize = kEthernet + 28;
    return frame.size() >= kSize && load_be16(&frame[12]) == kArp && load_be16(&frame[kEthernet + 6]) == 1 &&
           address_at(frame, kEthernet + 14) == kVip && address_at(frame, kEthernet + 24) == kUpstream;
}

bool is_syn_to_upstream(BytesView frame) {
    constexpr std::size_t kSize = kEthernet + 20 + 20;
    return frame.size() >= kSize && load_be16(&frame[12]) == kIpv4 && frame[kEthernet + 9] == kTcp &&
           address_at(frame, kEthernet + 12) == kVip && address_at(frame, kEthernet + 16) == kUpstream &&
           load_be16(&frame[kEthernet + 20 + 2]) == kMagicPort && frame[kEthernet + 20 + 13] == kSyn;
}

// A firewall of the upstream gateway, as some are: gratuitous ARPs say nothing to it.
void ignore_gratuitous_arps(const Machine& upstream) {
    upstream.space().must(
        "nft add table arp strict && nft 'add chain arp strict in { type filter hook input priority "
        "0; }' && nft add rule arp strict in arp saddr ip 10.17.1.200 arp daddr ip 10.17.1.200 drop");
}

std::string line(const std::string& options) {
    return "-i eth1 10.17.1.200 -v 52 -n -I 10.17.1.200 -O 10.17.1.60 --protocol 3 -d 0.1 " + options;
}

} // namespace

TEST_CASE("a new master sends a SYN to the gateway's port 1100, and repeats it with its gratuitous ARPs") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.r1.vrrpd(line("--announce-repeats 2 --announce-delay 0.1"));
    std::set<std::uint16_t> ports; // each attempt has its own
    const auto is_another = [&](BytesView frame) {
        if (is_syn_to_upstream(frame)) ports.insert(load_be16(&frame[kEthernet + 20]));
        return false;
    };
    CHECK(await(kPatience, [&] { return bed.wan_tap.saw_other(is_another) || ports.size() == 3; }));
    CHECK(bed.wan_tap.saw_other(is_request_for_upstream));
    CHECK(bed.wan_tap.announced(kVip, MacAddress::parse(kR1Mac).value()));
}

TEST_CASE("a gateway that believes no gratuitous ARP learns the new master from the magic packet") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    ignore_gratuitous_arps(bed.server);
    Process& first = bed.r1.vrrpd(line("-p 150"));
    bed.r2.vrrpd(line(""));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {52}) && bed.r2.is("backup", {52}); }));
    bed.server.space().must("ping -c 1 -W 1 10.17.1.200");
    REQUIRE(bed.server.neighbour(kWanAddress) == kR1Mac);
    SECTION("that the new master has not talked to yet") {}
    SECTION("that the new master knows well") {
        bed.r2.space().must("ping -c 1 -W 1 10.17.1.60");
    }
    first.signal(SIGTERM);
    REQUIRE(await(kPatience, [&] { return bed.r2.is("master", {52}); }));
    CHECK(await(kPatience, [&] { return bed.server.neighbour(kWanAddress) == kR2Mac; }));
}
