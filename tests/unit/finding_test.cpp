// What is odd about the network is a state: it is told once, kept, and shown until it is gone.
#include "core/daemon/status.hpp"
#include "core/net/checksum.hpp"
#include "tests/unit/test_bed.hpp"

#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig with_addresses(std::initializer_list<const char*> addresses) {
    VirtualRouterConfig config = gateway();
    config.addresses.clear();
    for (const char* one : addresses)
        config.addresses.push_back(prefix(one));
    return config;
}

std::size_t lines(const TestBed& bed, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        bed.journal, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

std::vector<std::uint8_t> bad_frame() {
    std::vector<std::uint8_t> bad = Peer{}.frame(250);
    bad.back() ^= 1; // checksum
    return bad;
}

} // namespace

TEST_CASE("a list of addresses that shares none with ours is another virtual router's", "[v2-7.1]") {
    for (const VirtualRouterConfig& ours : {gateway(), gateway_v3()}) {
        VirtualRouterConfig theirs = ours;
        theirs.addresses = {prefix("10.0.0.253"), prefix("10.0.0.252")};
        TestBed bed(ours);
        bed.start().hear_until(20s, Peer{.config = theirs}, 200);
        CHECK(bed.state() == State::master); // our hosts have a gateway
        CHECK(bed.router.interface(InterfaceId{})
                  .counters.dropped[static_cast<std::size_t>(wire::DropReason::other_addresses)] == 19);
        CHECK(lines(bed, "finding") == 1);
        CHECK_THAT(bed.journal_text(),
                   Catch::Contains("10.0.0.1 (priority 200) announces 10.0.0.253 and 1 more and none of our "
                                   "addresses") &&
                       Catch::Contains("give one of the two another VRID"));
        REQUIRE(bed.vr().findings().size() == 1);
        CHECK(bed.vr().findings().front().count == 19);
    }
}

TEST_CASE("a master whose list overlaps with ours is followed, and the line says what differs") {
    TestBed bed(with_addresses({"10.0.0.254", "10.0.0.253"}));
    bed.start().hear(Peer{.config = with_addresses({"10.0.0.254", "10.0.0.252"})}, 200);
    CHECK(bed.vr().master_priority() == 200);
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("10.0.0.1 (priority 200) announces 10.0.0.252 too, and lacks 10.0.0.253: "
                               "nobody answers for it"));
    bed.forget();
    bed.hear(Peer{.config = with_addresses({"10.0.0.254"})}, 200); // another difference is news
    CHECK(lines(bed, "lacks 10.0.0.253") == 1);
    bed.hear(Peer{.config = with_addresses({"10.0.0.253", "10.0.0.254"})}, 200);
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("a finding says since when it lasts and how often it was seen, also as JSON") {
    TestBed bed(gateway());
    bed.start().run_until(2s);
    bed.hear_until(12s, Peer{.config = with_addresses({"10.0.0.254", "10.0.0.252"})}, 200);
    REQUIRE(bed.vr().findings().size() == 1);
    const StandingFinding& finding = bed.vr().findings().front();
    CHECK(finding.since == TimePoint(2s));
    CHECK(finding.last_seen == TimePoint(11s));
    CHECK(finding.count == 10);
    const auto json_status = status(bed.router, bed.now, {});
    const auto& json = json_status["virtual_routers"][0]["findings"];
    REQUIRE(json.size() == 1);
    CHECK(json[0]["kind"] == "addresses_differ");
    CHECK(json[0]["from"] == "10.0.0.1");
    CHECK(json[0]["since"] == 10.0);
    CHECK(json[0]["last_seen"] == 1.0);
    CHECK(json[0]["count"] == 10);
    CHECK(json[0]["text"] == "10.0.0.1 (priority 200) announces 10.0.0.252 too");
}

TEST_CASE("a finding about a router that has fallen silent is gone after a minute and some intervals") {
    TestBed bed(gateway(200));
    bed.start().hear(Peer{.config = with_addresses({"10.0.0.254", "10.0.0.252"})}, 210);
    bed.run_for(62s);
    CHECK(bed.vr().findings().size() == 1);
    bed.run_for(2s);
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("a finding that finds no room in the journal comes later, however long the noise lasts") {
    TestBed bed(with_addresses({"10.0.0.254", "10.0.0.253"}));
    bed.start();
    for (int i = 0; i < 100; ++i)
        bed.hear(bad_frame());
    bed.hear(Peer{}, 200);
    CHECK(lines(bed, "lacks 10.0.0.253") == 1); // bad frames do not use up its share

    TestBed many(gateway());
    many.start();
    const auto peer = [](int i) {
        return Peer{.address = IpAddress::v4({172, 16, 0, static_cast<std::uint8_t>(i)})};
    };
    for (int i = 1; i <= 10; ++i)
        many.hear(peer(i), 200);
    CHECK(lines(many, "none of the interface's subnets") == 3);
    for (int i = 0; i < 500; ++i)
        many.hear(bad_frame()).run_for(10ms);
    CHECK(lines(many, "none of the interface's subnets") == 10);
}

TEST_CASE("forged sources do not make the table of findings grow") {
    TestBed bed(gateway());
    bed.start();
    for (int i = 1; i <= 200; ++i)
        bed.hear(Peer{.address = IpAddress::v4({172, 16, 0, static_cast<std::uint8_t>(i)})}, 200)
            .run_for(1ms);
    CHECK(bed.vr().findings().size() == FindingTable::kCapacity);
    CHECK(bed.vr().findings().back().what.source == ip("172.16.0.200"));
}

TEST_CASE("a stopped router finds nothing and waits for nothing") {
    TestBed bed(gateway());
    bed.start().hear(Peer{.address = ip("172.16.0.1")}, 200).give(Stop{});
    CHECK(bed.vr().findings().empty());
    CHECK(bed.vr().next_deadline() == kNever);
}

TEST_CASE("who speaks for a virtual router that is not ours is counted, and told once") {
    VirtualRouterConfig other = gateway();
    other.vrid = 61;
    TestBed bed(gateway());
    bed.start().hear_until(20s, Peer{.config = other}, 200);
    CHECK(lines(bed, "no virtual router 61 here") == 1);
    bed.hear(Peer{.address = ip("10.0.0.3"), .config = other}, 200);
    CHECK(lines(bed, "no virtual router 61 here") == 2);
    const RouterInterface& interface = bed.router.interface(InterfaceId{});
    CHECK(interface.counters.dropped[static_cast<std::size_t>(wire::DropReason::unknown_vrid)] == 20);
    CHECK(interface.foreign_speakers.list().size() == 2);
    for (int i = 0; i < 1000; ++i)
        bed.hear(Peer{.address = IpAddress::v4({172, 16, std::uint8_t(i / 250), std::uint8_t(1 + i % 250)}),
                      .config = other},
                 200);
    CHECK(interface.foreign_speakers.list().size() == ForeignSpeakers::kCapacity);
}

TEST_CASE("another virtual router on the network is no warning") {
    const auto dropped = [](wire::DropReason reason) {
        return severity(Event{InterfaceId{}, {}, PacketDropped{{reason, 61, 0}, ip("10.0.0.1"), 61}});
    };
    CHECK(dropped(wire::DropReason::unknown_vrid) == Severity::info);
    CHECK(dropped(wire::DropReason::authentication) == Severity::warning);
}

TEST_CASE("bad frames do not hide that an address could not be added") {
    TestBed bed(gateway());
    bed.start().run_until(10s);
    for (int i = 0; i < 100; ++i)
        bed.hear(bad_frame());
    bed.give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "Permission denied"});
    CHECK(lines(bed, "add_address failed: Permission denied") == 1);
}

TEST_CASE("an action that fails again and again has a limit of its own, and its lines are counted") {
    TestBed bed(gateway());
    bed.start().run_until(10s).forget();
    for (int i = 0; i < 20; ++i)
        bed.give(EffectFailed{VirtualRouterIndex{}, Action::send, "Network is down"}).run_for(100ms);
    CHECK(lines(bed, "send failed") == 3);
    bed.give(EffectFailed{VirtualRouterIndex{}, Action::remove_address, "No such device"});
    CHECK(lines(bed, "remove_address failed") == 1);
    bed.run_for(10s);
    CHECK(lines(bed, "17 more failures of send") == 1);
}

TEST_CASE("an interval that is too long to follow is one finding, not two") {
    TestBed bed(gateway_v3(100, 100ms));
    bed.start().hear(Peer{.config = gateway_v3(200, 40950ms)}, 200);
    REQUIRE(bed.vr().findings().size() == 1);
    CHECK(bed.vr().findings().front().what.kind == FindingKind::interval_capped);
}

TEST_CASE("a finding about a slow master lasts for some of its intervals") {
    TestBed bed(gateway_v3(100, 2s));
    bed.start().hear(Peer{.config = gateway_v3(200, 20s)}, 200).run_for(70s);
    REQUIRE(bed.state() == State::backup);
    CHECK(bed.vr().findings().size() == 1);
}

TEST_CASE("over IPv6 a link-local source is in its place, and there is one form of checksum") {
    VirtualRouterConfig config = gateway_v6();
    config.checksum_form = wire::ChecksumForm::message_only;
    TestBed bed(config);
    bed.start().hear(Peer{.address = ip("fe80::1"), .config = gateway_v6()}, 200);
    CHECK(bed.vr().master_priority() == 200);
    CHECK(bed.vr().findings().empty());
    bed.hear(Peer{.address = ip("fd00::1"), .config = gateway_v6()}, 200);
    REQUIRE(bed.vr().findings().size() == 1);
    CHECK(bed.vr().findings().front().what.kind == FindingKind::foreign_subnet);
}

TEST_CASE("the same finding about a router with another priority is no news") {
    TestBed bed(gateway());
    const Peer odd{.config = with_addresses({"10.0.0.254", "10.0.0.252"})};
    bed.start().hear(odd, 200).hear(odd, 201);
    CHECK(lines(bed, "finding") == 1);
}

TEST_CASE("a finding that is seen again before it could be told is told later all the same") {
    TestBed bed(gateway());
    bed.start();
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{.address = IpAddress::v4({172, 16, 0, static_cast<std::uint8_t>(1 + i % 10)})}, 200);
    CHECK(lines(bed, "none of the interface's subnets") == 3);
    bed.run_for(10s);
    CHECK(lines(bed, "none of the interface's subnets") == 10);
}

// --- Who is not heard

namespace {

struct Mismatch {
    const char* what;
    VirtualRouterConfig theirs;
    const char* line;
};

std::vector<Mismatch> mismatches() {
    VirtualRouterConfig slower = gateway(), secret = gateway();
    slower.advertisement_interval = 2s;
    secret.authentication = {wire::AuthenticationType::simple_text, {'x'}};
    return {{"interval", slower, "advertisement interval 2 s, not 1 s as ours: set the same on both"},
            {"version", gateway_v3(), "the peer sends version 3, this vrrpd version 2"},
            {"password", secret, "authentication: the peer uses a password, this vrrpd none"}};
}

} // namespace

TEST_CASE("a peer that is refused for how it is set up is a finding, told once and gone when it is mended") {
    for (const Mismatch& one : mismatches()) {
        INFO(one.what);
        TestBed bed(gateway(200));
        bed.start().run_until(10s).forget();
        bed.hear_until(40s, Peer{.config = one.theirs}, 100);
        REQUIRE(bed.journal.size() == 1);
        CHECK_THAT(bed.journal.front(),
                   Catch::Contains("eth0 vrid 5: finding: 10.0.0.1 (priority 100) is not heard: ") &&
                       Catch::Contains(one.line));
        REQUIRE(bed.vr().findings().size() == 1);
        CHECK(bed.vr().findings().front().count > 10);
        bed.hear(Peer{}, 100); // it is set right
        CHECK(bed.vr().findings().empty());
    }
}

TEST_CASE("a peer that speaks to this router alone is a finding too") {
    TestBed bed(gateway(200));
    bed.start().run_until(10s).forget();
    auto frame = Peer{}.frame(100);
    const IpAddress us = ip("10.0.0.2");
    std::ranges::copy(us.bytes(), frame.begin() + 30); // the destination
    frame[24] = frame[25] = 0;
    store_be16(&frame[24], InternetChecksum().add(BytesView(frame).subspan(14, 20)).value());
    for (int i = 0; i < 5; ++i)
        bed.hear(frame).run_for(1s);
    REQUIRE(bed.journal.size() == 1);
    CHECK_THAT(bed.journal.front(), Catch::Contains("uses unicast"));
}

TEST_CASE("two owners of version 2 tell of one another and do not answer one another for ever") {
    VirtualRouterConfig owned = gateway(255);
    owned.addresses = {prefix("10.0.0.2/32")};
    Peer other{.config = owned};
    TestBed bed(owned);
    bed.start().run_until(10s).forget();
    for (int second = 0; second < 60; ++second) {
        bed.hear(other, 255).hear(other, 255).run_for(1s); // it answers too
    }
    CHECK(bed.sent.size() <= 60 + 10);
    CHECK(std::ranges::count_if(bed.journal, [](const std::string& line) {
              return line.find("claims to own the addresses, which are ours") != std::string::npos;
          }) == 1);
    CHECK(bed.journal.size() <= 12);
}
