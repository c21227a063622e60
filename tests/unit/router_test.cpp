// What only a router can tell is wrong with an advertisement, and what it never does to us.
#include "core/net/checksum.hpp"
#include "tests/unit/test_bed.hpp"

#include <algorithm>

using namespace vrrp;
using namespace vrrp::test;
using wire::DropReason;
using Frame = std::vector<std::uint8_t>;

namespace {

std::uint64_t dropped(const TestBed& bed, DropReason reason) {
    return bed.router.interfaces().front().counters.dropped[static_cast<std::size_t>(reason)];
}

Frame tagged(Frame frame, std::uint8_t vlan) {
    const std::uint8_t tag[] = {0x81, 0x00, 0x00, vlan};
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
    return frame;
}

VirtualRouterConfig with_password(const char* password) {
    VirtualRouterConfig config = gateway();
    config.authentication.type = wire::AuthenticationType::simple_text;
    const std::string_view text = password;
    std::copy(text.begin(), text.end(), config.authentication.password.begin());
    return config;
}

} // namespace

TEST_CASE("a refused advertisement is counted by its reason and changes nothing",
          "[v3-7.1][v2-7.1][v2-5.3.6-1][v2-7.1-i][v3-5.2.3][x-self][v3-5.1.1.2]") {
    VirtualRouterConfig other_vrid = gateway();
    other_vrid.vrid = 6;
    VirtualRouterConfig slower = gateway();
    slower.advertisement_interval = 2s;
    Frame unicast = Peer{}.frame(200);
    unicast[14 + 16] = 10, unicast[14 + 17] = 0, unicast[14 + 18] = 0, unicast[14 + 19] = 2;
    store_be16(&unicast[14 + 10], 0);
    store_be16(&unicast[14 + 10], InternetChecksum().add({&unicast[14], 20}).value());

    const std::pair<DropReason, Frame> rows[] = {
        {DropReason::vlan, tagged(Peer{}.frame(200), 42)},
        {DropReason::destination, unicast},
        {DropReason::own_packet, Peer{.address = ip("10.0.0.2")}.frame(200)},
        {DropReason::unknown_vrid, Peer{.config = other_vrid}.frame(200)},
        {DropReason::version, Peer{.config = gateway_v3()}.frame(200)},
        {DropReason::authentication, Peer{.config = with_password("secret")}.frame(200)},
        {DropReason::interval_mismatch, Peer{.config = slower}.frame(200)},
        {DropReason::ttl,
         [] {
             Frame frame = Peer{}.frame(200);
             frame[14 + 8] = 64;
             store_be16(&frame[14 + 10], 0);
             store_be16(&frame[14 + 10], InternetChecksum().add({&frame[14], 20}).value());
             return frame;
         }()},
    };
    for (const auto& [reason, frame] : rows) {
        INFO(wire::to_string(reason));
        TestBed bed(gateway());
        bed.start().run_for(1s);
        TestBed undisturbed = bed;
        bed.hear(frame);
        CHECK(dropped(bed, reason) == 1);
        CHECK(bed.sent.empty());
        if (bed.vr().findings().empty()) {
            CHECK(bed.router == undisturbed.router);
            CHECK(bed.journal_text().find("dropped") != std::string::npos);
        } else {             // it is told of for as long as it lasts, and changes nothing else
            bed.run_for(1s); // another version is told when nothing in ours came with it
            undisturbed.run_for(1s);
            CHECK(bed.journal_text().find("is not heard") != std::string::npos);
            bed.run_for(200s);
            undisturbed.run_for(200s);
            CHECK(bed.router == undisturbed.router);
        }
        if (reason == DropReason::destination)
            CHECK_THAT(bed.journal_text(), Catch::Contains("the peer uses unicast"));
    }
}

TEST_CASE("an IPv6 advertisement to another group or to us alone is refused", "[v3-5.1.2.2]") {
    for (const char* destination : {"ff02::1", "ff05::12", "fd00::2"}) {
        INFO(destination);
        Frame frame = Peer{.address = ip("fe80::1"), .config = gateway_v6()}.frame(200);
        const MutableBytes addresses = MutableBytes(frame).subspan(14 + 8, 32),
                           message = MutableBytes(frame).subspan(14 + 40);
        const IpAddress to = ip(destination);
        std::ranges::copy(to.bytes(), addresses.begin() + 16);
        store_be16(&message[6], 0);
        InternetChecksum sum;
        sum.add(addresses).add16(static_cast<std::uint16_t>(message.size())).add16(112).add(message);
        store_be16(&message[6], sum.value());
        TestBed bed(gateway_v6());
        bed.start().run_for(1s);
        TestBed undisturbed = bed;
        bed.hear(frame).run_for(200s);
        CHECK(dropped(bed, DropReason::destination) == 1);
        const bool told_as_unicast = bed.journal_text().find("uses unicast") != std::string::npos;
        CHECK(told_as_unicast == !to.is_multicast());
        CHECK(bed.router == undisturbed.run_for(200s).router);
    }
}

TEST_CASE("a password is compared whole", "[v2-5.3.6-1]") {
    TestBed bed(with_password("secret"));
    bed.start();
    for (const char* wrong : {"secre", "secret1", "Secret", "x"})
        bed.hear(Peer{.config = with_password(wrong)}, 200);
    bed.hear(Peer{}, 200); // none at all
    CHECK(dropped(bed, DropReason::authentication) == 5);
    CHECK(bed.vr().master_address().is_unspecified());
    bed.hear(Peer{.config = with_password("secret")}, 200);
    CHECK(bed.vr().master_address() == ip("10.0.0.1"));
    CHECK(bed.journal_text().find("secret") == std::string::npos);
}

TEST_CASE("a v2 owner listens to nobody", "[v2-7.1]") {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(gateway());
    bed.change(facts).start().hear(Peer{.address = ip("10.0.0.9")}, 255);
    CHECK(bed.state() == State::master);
    CHECK(dropped(bed, DropReason::owner) == 1);
}

TEST_CASE("v3 takes another interval than its own", "[v3-7.1-8]") {
    TestBed bed(gateway_v3(100, 1s));
    bed.start().hear(Peer{.config = gateway_v3(200, 500ms)}, 200);
    CHECK(bed.vr().master_priority() == 200);
}

TEST_CASE("what is odd but legal is accepted and reported once", "[v3-7.1-9][v2-7.1]") {
    VirtualRouterConfig other_address = gateway();
    other_address.addresses.push_back(prefix("10.0.0.250"));
    const Peer odd{.address = ip("172.16.0.1"), .config = other_address};
    TestBed bed(gateway());
    bed.start();
    for (int i = 0; i < 5; ++i)
        bed.hear(odd, 200).run_for(1s);
    CHECK(bed.vr().master_address() == ip("172.16.0.1"));
    const std::string journal = bed.journal_text();
    for (const char* finding : {"announces 10.0.0.250 too", "none of the interface's subnets"}) {
        const std::size_t first = journal.find(finding);
        CHECK(first != std::string::npos);
        CHECK(journal.find(finding, first + 1) == std::string::npos);
    }
}

TEST_CASE("a finding about one master is told again about the next one") {
    VirtualRouterConfig other_address = gateway();
    other_address.addresses.push_back(prefix("10.0.0.250"));
    TestBed bed(gateway());
    bed.start().hear(Peer{.config = other_address}, 200).forget();
    bed.hear(Peer{.address = ip("10.0.0.3"), .config = other_address}, 200);
    CHECK_THAT(bed.journal_text(), Catch::Contains("10.0.0.3 (priority 200) announces 10.0.0.250 too"));
}

TEST_CASE("what happens to one interface is nothing to a virtual router on another") {
    VirtualRouterConfig on_eth1 = gateway();
    on_eth1.interface = "eth1";
    TestBed bed(RouterConfig{{gateway(), on_eth1}});
    bed.start().run_until(10s);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down);
    CHECK(bed.router.virtual_routers()[0].state() == State::initialize);
    CHECK(bed.router.virtual_routers()[1].state() == State::master);
}

TEST_CASE("facts told before the start are no news") {
    TestBed bed(gateway());
    CHECK(bed.journal.empty());
}

TEST_CASE("the order of a master's addresses says nothing", "[v3-7.1-9]") {
    VirtualRouterConfig ours = gateway(), theirs = gateway();
    ours.addresses = {prefix("10.0.0.254"), prefix("10.0.0.253")};
    theirs.addresses = {prefix("10.0.0.253"), prefix("10.0.0.254")};
    TestBed bed(ours);
    bed.start().hear(Peer{.config = theirs}, 200);
    CHECK(bed.journal_text().find("finding") == std::string::npos);
}

TEST_CASE("a master that does not use the virtual MAC is followed like any other") {
    Frame frame = Peer{}.frame(200);
    frame[6] = 0x02;
    TestBed bed(gateway());
    bed.start().hear(frame);
    CHECK(bed.vr().master_priority() == 200);
    CHECK(bed.journal_text().find("finding") == std::string::npos);
}

TEST_CASE("a flood of bad frames writes ten lines a second and says how many it swallowed", "[x-storm]") {
    TestBed bed(gateway(200));
    bed.start().run_until(10s).forget();
    Frame bad = Peer{}.frame(250);
    bad.back() ^= 1; // checksum
    for (int second = 0; second < 3; ++second) {
        const std::size_t lines = bed.journal.size();
        for (int i = 0; i < 1'000; ++i)
            bed.hear(bad).run_for(1ms);
        CHECK(bed.journal.size() - lines <= 10);
    }
    bed.run_for(2s);
    CHECK(dropped(bed, DropReason::checksum) == 3'000);
    std::size_t drop_lines = 0, suppressed = 0;
    for (const std::string& line : bed.journal) {
        drop_lines += line.find("dropped") != std::string::npos;
        if (line.find("suppressed") != std::string::npos) suppressed += std::stoul(line);
    }
    CHECK(drop_lines == 3 * 6);
    CHECK(drop_lines + suppressed == 3'000);
    REQUIRE(bed.sent.size() == 5); // on its schedule all the while
    for (std::size_t i = 1; i < bed.sent.size(); ++i)
        CHECK(bed.sent[i].time - bed.sent[i - 1].time == 1s);
}

TEST_CASE("how many lines were swallowed is told a second later although nothing else happens") {
    VirtualRouterConfig patient = gateway();
    patient.advertisement_interval = 255s;
    TestBed bed(patient);
    Frame bad = Peer{}.frame(250);
    bad.back() ^= 1;
    bed.start().forget();
    for (int i = 0; i < 20; ++i)
        bed.hear(bad);
    for (int i = 0; i < 20; ++i)
        bed.give(EffectFailed{VirtualRouterIndex{0}, Action::notify, "no reader"});
    bed.run_for(2s);
    CHECK_THAT(bed.journal_text(), Catch::Contains("14 lines about the wire suppressed"));
    bed.run_for(9s);
    CHECK_THAT(bed.journal_text(), Catch::Contains("17 more failures of"));
}

TEST_CASE("every VRRP frame of an interface is counted, whatever becomes of it") {
    TestBed bed(gateway());
    Frame bad = Peer{}.frame(200);
    bad.back() ^= 1;
    VirtualRouterConfig other = gateway();
    other.vrid = 99;
    bed.start().hear(Peer{}, 200).hear(bad).hear(Peer{.config = other}, 200);
    CHECK(bed.router.interfaces().front().counters.frames_received == 3);
}

TEST_CASE("masters that are due at one moment speak in the order of the configuration") {
    RouterConfig config;
    for (std::uint8_t vrid = 1; vrid <= 7; ++vrid) {
        VirtualRouterConfig one = gateway();
        one.vrid = vrid;
        one.addresses = {IpPrefix{IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(200 + vrid)}), 32}};
        config.virtual_routers.push_back(one);
    }
    TestBed bed(config);
    bed.start().run_until(20s);
    REQUIRE(bed.sent.size() >= 7 * 10);
    for (std::size_t i = 1; i < bed.sent.size(); ++i)
        if (bed.sent[i].time == bed.sent[i - 1].time)
            CHECK(to_string(bed.sent[i].source_mac) > to_string(bed.sent[i - 1].source_mac));
}

TEST_CASE("a flood so dense that a frame always comes before the timer is reported all the same",
          "[x-storm]") {
    TestBed bed(gateway(200));
    bed.start().run_until(10s).forget();
    Frame bad = Peer{}.frame(250);
    bad.back() ^= 1;
    for (int i = 0; i < 3'000; ++i) {
        bed.now += 1ms;
        bed.hear(bad);
    }
    CHECK_THAT(bed.journal_text(), Catch::Contains("suppressed"));
}

TEST_CASE("traffic that is no VRRP is not even counted") {
    TestBed bed(gateway());
    Frame arp(wire::kGratuitousArpSize);
    wire::encode_announcement(ip("10.0.0.254"), mac("02:00:00:00:00:09"), arp);
    bed.start().hear(arp);
    CHECK(bed.router.interfaces().front().counters.frames_received == 0);
}

TEST_CASE("virtual routers of one process keep to themselves") {
    VirtualRouterConfig six = gateway();
    six.vrid = 6;
    VirtualRouterConfig five_v6 = gateway_v6();
    RouterConfig config{{gateway(), six, five_v6}};
    TestBed bed(config);
    bed.start().hear(Peer{.config = six}, 200);
    const auto& all = bed.router.virtual_routers();
    CHECK(all[0].master_address().is_unspecified());
    CHECK(all[1].master_address() == ip("10.0.0.1"));
    bed.hear(Peer{.address = ip("fe80::1"), .config = five_v6}, 200);
    CHECK(all[0].master_address().is_unspecified());
    CHECK(all[2].master_address() == ip("fe80::1"));
}

TEST_CASE("a stopped router never speaks again") {
    TestBed bed(gateway());
    bed.start().run_until(10s).give(Stop{}).forget();
    const std::uint64_t counted = bed.router.interfaces().front().counters.frames_received;
    bed.hear(Peer{}, 50).change(working_interface()).give(Started{}).run_for(60s);
    CHECK(bed.router.interfaces().front().counters.frames_received == counted); // nor does it listen
    CHECK(bed.sent.empty());
    CHECK(bed.router.stopped());
}

TEST_CASE("a router that is stopped in the middle of a flood has nothing left to wait for") {
    TestBed bed(gateway());
    Frame bad = Peer{}.frame(250);
    bad.back() ^= 1;
    bed.start();
    for (int i = 0; i < 100; ++i)
        bed.hear(bad);
    bed.give(Stop{});
    CHECK(bed.router.next_deadline() == kNever);
}

TEST_CASE("a copy of a router goes the same way") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150).run_for(500ms);
    TestBed copy = bed;
    CHECK(copy.router == bed.router);
    bed.hear(Peer{}, 0).run_for(5s);
    CHECK_FALSE(copy.router == bed.router);
    CHECK(copy.router.hash() != bed.router.hash());
    copy.hear(Peer{}, 0).run_for(5s);
    CHECK(copy.router == bed.router);
    CHECK(copy.router.hash() == bed.router.hash());
}

TEST_CASE("facts that are told once more change nothing") {
    TestBed bed(gateway());
    bed.start().run_until(5s);
    bed.give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "No space left on device"});
    REQUIRE(bed.state() == State::initialize);
    bed.change(working_interface()); // what it waits for has not happened
    CHECK(bed.state() == State::initialize);
}

TEST_CASE("what changes of an interface is told, and of one that is gone only that it is gone") {
    const auto line = [](auto&& change) {
        TestBed bed(gateway());
        bed.start().forget();
        InterfaceFacts facts = working_interface();
        change(facts);
        bed.change(facts);
        return bed.journal.empty() ? std::string() : bed.journal.front();
    };
    CHECK(line([](InterfaceFacts& f) { f.present = false, f.mtu = 0, f.name = "x"; }) ==
          "eth0: interface gone");
    CHECK(line([](InterfaceFacts& f) { f.admin_up = false; }) == "eth0: interface down");
    CHECK(line([](InterfaceFacts& f) { f.carrier = false; }) == "eth0: link down");
    CHECK(line([](InterfaceFacts& f) { f.obstacle = "eth0 is a macvlan: use -n"; }) ==
          "eth0: cannot be used: eth0 is a macvlan: use -n");
    TestBed resized(gateway());
    resized.start().forget();
    InterfaceFacts jumbo = working_interface();
    jumbo.mtu = 9000;
    resized.change(jumbo);
    CHECK(resized.journal == std::vector<std::string>{"eth0: MTU 1500 -> 9000"});
    TestBed bed(gateway());
    bed.change({}).start().forget();
    InterfaceFacts come = working_interface();
    come.mtu = 9000;
    come.name = "eth7";
    bed.change(come);
    CHECK(bed.journal.front() == "eth0: link up");
}

TEST_CASE(
    "advertisements that are due within half a millisecond go in one wake, those that are due later do not") {
    const auto wakes = [](Duration apart) {
        VirtualRouterConfig other = gateway_v3(100, 10ms);
        other.vrid = 6;
        other.addresses = {prefix("10.0.0.253/32")};
        TestBed bed(RouterConfig{{gateway_v3(100, 10ms), other}});
        bed.start();
        Peer late{.config = other};
        bed.sleep_for(apart).hear(late, 200); // its timer begins anew
        bed.run_until(2s).forget();
        bed.run_until(3s);
        REQUIRE(bed.router.virtual_router(VirtualRouterIndex{1}).state() == State::master);
        CHECK(bed.sent.size() == 200);
        std::set<TimePoint> times;
        for (const auto& sent : bed.sent)
            times.insert(sent.time);
        return times.size();
    };
    CHECK(wakes(500us) == 100);
    CHECK(wakes(501us) == 200);
}
