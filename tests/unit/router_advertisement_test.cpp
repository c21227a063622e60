// What a master tells hosts of the virtual router, and when.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig advertising(Duration interval = 600s) {
    VirtualRouterConfig config = gateway_v6();
    config.router_advertising = RouterAdvertising{.interval = interval, .said = {}};
    return config;
}

std::vector<std::uint8_t> solicitation(const IpAddress& from = ip("fe80::9")) {
    std::vector<std::uint8_t> frame(wire::kSolicitationSize);
    wire::encode_router_solicitation(from, mac("02:00:00:00:00:09"), frame);
    return frame;
}

std::vector<std::uint8_t> frame_of(const wire::RouterAdvertisement& said) {
    std::vector<std::uint8_t> frame(wire::frame_size(said));
    CHECK(wire::encode(said, ip("fe80::5"), mac("00:00:5e:00:02:05"), frame) == frame.size());
    return frame;
}

// The checksum is what it should be after a change.
std::vector<std::uint8_t> with(std::size_t at, std::uint8_t byte) {
    constexpr std::size_t kIp = 14, kMessage = kIp + 40;
    std::vector<std::uint8_t> frame = solicitation();
    frame[at] = byte;
    const auto packet = wire::Ipv6View::of(BytesView(frame).subspan(kIp));
    InternetChecksum sum =
        wire::pseudo_header_checksum(packet->source(), packet->destination(), 58, packet->payload().size());
    store_be16(&frame[kMessage + 2], 0);
    store_be16(&frame[kMessage + 2], sum.add(BytesView(frame).subspan(kMessage)).value());
    return frame;
}

const Peer kBetter{.address = ip("fe80::1"), .config = gateway_v6()};

} // namespace

TEST_CASE("a new master tells hosts at once that the virtual router is theirs", "[v3-6.4.3-4]") {
    TestBed bed(advertising());
    bed.start().run_until(20s);
    REQUIRE(bed.state() == State::master);
    REQUIRE(!bed.routers.empty());
    const auto& [when, router] = bed.routers.front();
    CHECK(when == bed.vr().since());
    CHECK(router.address == ip("fe80::5"));
    CHECK(router.mac == mac("00:00:5e:00:02:05"));
    CHECK(router.lifetime == 1800s);
    CHECK(std::ranges::find(bed.order, "router") > std::ranges::find(bed.order, "add"));
}

TEST_CASE("without the option nobody is told", "[v3-6.4.3-4]") {
    TestBed bed(gateway_v6());
    bed.start().run_until(20s).hear(solicitation()).run_for(5s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.routers.empty());
}

TEST_CASE("a backup tells hosts nothing, whoever asks", "[v3-6.4.2-1]") {
    TestBed bed(advertising());
    bed.start().hear_until(10s, kBetter, 200).hear(solicitation()).hear_until(20s, kBetter, 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.routers.empty());
}

TEST_CASE("a master that steps back or stops says nothing of it to hosts: for them it is the same router") {
    TestBed bed(advertising());
    bed.start().run_until(10s).forget();
    bed.hear(kBetter, 200).hear_until(700s, kBetter, 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.routers.empty());
}

TEST_CASE("the first three router advertisements come sooner, the others within the interval") {
    TestBed bed(advertising(60s));
    bed.start().run_until(1000s);
    REQUIRE(bed.routers.size() > 10);
    for (std::size_t i = 1; i < bed.routers.size(); ++i) {
        const Duration pause = bed.routers[i].first - bed.routers[i - 1].first;
        CHECK(pause >= (i < 3 ? 16s : 20s));
        CHECK(pause <= (i < 3 ? 16s : 60s));
    }
}

TEST_CASE("who becomes master again tells hosts as often as the first time") {
    TestBed bed(advertising());
    bed.start().run_until(100s).hear(kBetter, 200).forget();
    bed.run_until(150s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.routers.size() == 3);
}

TEST_CASE("router advertisements of two routers do not fall together") {
    const auto times = [](const char* own) {
        InterfaceFacts facts = working_interface();
        facts.addresses = {prefix(own)};
        TestBed bed(advertising(60s));
        bed.change(facts).start().run_until(600s);
        std::vector<Duration> pauses;
        for (std::size_t i = 3; i < bed.routers.size(); ++i)
            pauses.push_back(bed.routers[i].first - bed.routers[i - 1].first);
        return pauses;
    };
    CHECK(times("fe80::2/64") == times("fe80::2/64"));
    CHECK(times("fe80::2/64") != times("fe80::3/64"));
}

TEST_CASE("a host that asks is answered within half a second") {
    TestBed bed(advertising());
    bed.start().run_until(100s).forget();
    bed.hear(solicitation()).run_for(500ms);
    CHECK(bed.routers.size() == 1);
}

TEST_CASE("many that ask are answered by one every three seconds") {
    TestBed bed(advertising());
    bed.start().run_until(100s).forget();
    for (int i = 0; i < 1000; ++i)
        bed.hear(solicitation()).run_for(10ms);
    CHECK(bed.routers.size() == 4);
    for (std::size_t i = 1; i < bed.routers.size(); ++i)
        CHECK(bed.routers[i].first - bed.routers[i - 1].first >= 3s);
}

TEST_CASE("a solicitation that RFC 4861 says to drop is not answered") {
    TestBed bed(advertising());
    bed.start().run_until(100s).forget();
    constexpr std::size_t kIp = 14, kMessage = kIp + 40;
    std::vector<std::uint8_t> damaged = solicitation();
    damaged[kMessage + 2] ^= 1;
    bed.hear(damaged);
    bed.hear(with(kIp + 7, 254));              // it has passed a router
    bed.hear(with(kMessage, 132));             // another message
    bed.hear(with(kMessage + 1, 1));           // code
    bed.hear(with(kMessage + 9, 0));           // an option without a size
    bed.hear(with(kMessage + 9, 2));           // an option that ends behind the packet
    bed.hear(solicitation(IpAddress::v6({}))); // who has no address yet has no neighbour's entry to make
    bed.hear(BytesView(solicitation()).first(kMessage + 4));
    bed.run_for(5s);
    CHECK(bed.routers.empty());
    bed.hear(with(kMessage + 4, 1)).run_for(5s); // what is reserved says nothing
    CHECK(bed.routers.size() == 1);
}

TEST_CASE("what is to be said is changed in place, and hosts hear it at once") {
    TestBed bed(gateway_v6());
    bed.start().run_until(10s).forget();
    bed.give(Reconfigured{{{advertising()}}});
    REQUIRE(bed.routers.size() == 1);
    VirtualRouterConfig other = advertising();
    other.router_advertising->said.lifetime = 100s;
    bed.give(Reconfigured{{{other}}});
    REQUIRE(bed.routers.size() == 2);
    CHECK(bed.routers.back().second.lifetime == 100s);
    CHECK(bed.sent.empty()); // other routers have nothing to learn
}

TEST_CASE("a master that is to advertise itself no more tells hosts that it is no default router") {
    TestBed bed(advertising());
    bed.start().run_until(10s).forget();
    bed.give(Reconfigured{{{gateway_v6()}}});
    REQUIRE(bed.routers.size() == 1);
    CHECK(bed.routers.front().second.lifetime == 0s);
    bed.hear(solicitation()).run_for(1000s);
    CHECK(bed.routers.size() == 1);
}

TEST_CASE("a master whose MAC changes tells hosts its new one") {
    VirtualRouterConfig config = advertising();
    config.virtual_mac = false;
    TestBed bed(config);
    bed.start().run_until(10s).forget();
    InterfaceFacts facts = working_interface();
    facts.mac = mac("02:00:00:00:00:33");
    bed.change(facts);
    REQUIRE(bed.routers.size() == 1);
    CHECK(bed.routers.front().second.mac == mac("02:00:00:00:00:33"));
}

TEST_CASE("a router advertisement that is cut or changed anywhere is not believed") {
    wire::RouterAdvertisement said;
    said.mtu = 1400;
    said.prefixes = {prefix("2001:db8::/64")};
    said.resolvers = {ip("2001:db8::53")};
    said.searched = {"example.org"};
    const std::vector<std::uint8_t> frame = frame_of(said);
    CHECK(wire::decode_router_advertisement(frame));
    for (std::size_t size = 0; size < frame.size(); ++size)
        CHECK_FALSE(wire::decode_router_advertisement(BytesView(frame).first(size)));
    for (std::size_t at = 14 + 40; at < frame.size(); ++at) {
        std::vector<std::uint8_t> other = frame;
        other[at] ^= 1;
        CHECK_FALSE(wire::decode_router_advertisement(other));
    }
}

TEST_CASE("a domain name is letters, digits and hyphens between dots") {
    for (const char* good : {"example.org", "a", "x-1.example", "EXAMPLE.org"})
        CHECK(wire::is_domain_name(good));
    for (const std::string& bad :
         {std::string(), std::string("."), std::string("example."), std::string("a..b"), std::string("a b"),
          std::string(64, 'a'), std::string("a/b")})
        CHECK_FALSE(wire::is_domain_name(bad));
    std::string longest;
    while (longest.size() < 252)
        longest += "a.";
    CHECK(wire::is_domain_name(longest + "a"));
    CHECK_FALSE(wire::is_domain_name(longest + "aa"));
}
