// The state machine of one virtual router: RFC 3768 and RFC 9568, section 6.4.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

constexpr Duration kStart = 1s;
constexpr Duration kDown = 3609375us; // priority 100, interval 1 s
constexpr Duration kSkew = 609375us;

using Priorities = std::vector<std::uint8_t>;

} // namespace

TEST_CASE("a router that is not the owner starts as backup and waits its whole down interval",
          "[v3-6.4.1-2][v2-6.4.1]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown - 1ns);
    CHECK(bed.state() == State::backup);
    CHECK(bed.sent.empty());
    bed.run_for(1ns);
    CHECK(bed.state() == State::master);
}

TEST_CASE("v3 waits by its own interval until it has learned another", "[v3-6.4.1-2]") {
    TestBed bed(gateway_v3(100, 2s));
    bed.start();
    CHECK(bed.state() == State::backup);
    CHECK(bed.router.next_deadline() == bed.now + 3 * 2s + Duration(2s) * 156 / 256);
}

TEST_CASE("the owner is master from the first moment", "[v3-6.4.1-1][v3-5.2.4-1][v2-6.4.1]") {
    TestBed bed(gateway(100));
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    bed.change(facts).start();
    CHECK(bed.state() == State::master);
    CHECK(bed.priorities_sent() == Priorities{255});
    CHECK(bed.announced.size() == 1);
    CHECK(bed.vr().next_deadline() == TimePoint(kStart + 1s));
}

TEST_CASE("an owner's address is neither added nor removed: it is the interface's own") {
    TestBed bed(gateway(100));
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    bed.change(facts).start().run_for(10s);
    bed.give(Stop{});
    for (const std::string& step : bed.order)
        CHECK((step == "advertisement" || step == "announcement"));
}

TEST_CASE("priority 255 by configuration starts as master too, and takes its address", "[v3-6.4.1-1]") {
    TestBed bed(gateway(255));
    bed.start();
    CHECK(bed.state() == State::master);
    CHECK(bed.addresses.contains(prefix("10.0.0.254/32")));
}

TEST_CASE("a new master advertises, takes MAC and address, and only then announces",
          "[v3-6.4.2-7][v3-8.1.2-2][v2-6.4.2]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown);
    CHECK(bed.order == std::vector<std::string>{"advertisement", "attach", "add", "announcement"});
    CHECK(bed.priorities_sent() == Priorities{100});
    CHECK(bed.announced.front().announcement ==
          wire::Announcement{ip("10.0.0.254"), mac("00:00:5e:00:01:05")});
}

TEST_CASE("an advertisement comes from the primary address and the virtual MAC",
          "[v3-5.1.1.1][v3-7.2][v2-7.2][v2-7.3]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown);
    CHECK(bed.sent.front().source == ip("10.0.0.2"));
    CHECK(bed.sent.front().source_mac == mac("00:00:5e:00:01:05"));
}

TEST_CASE("an IPv6 advertisement comes from the link-local address", "[v3-5.1.2.1]") {
    TestBed bed(gateway_v6());
    InterfaceFacts facts = working_interface();
    std::ranges::reverse(facts.addresses); // the global one first
    bed.change(facts).start().run_until(kStart + kDown);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.sent.front().source == ip("fe80::2"));
    CHECK(bed.sent.front().source_mac == mac("00:00:5e:00:02:05"));
    CHECK(bed.announced.size() == 2);
}

TEST_CASE("an interface without a link-local address has none to speak IPv6 from", "[v3-5.1.2.1]") {
    TestBed bed(gateway_v6());
    InterfaceFacts facts = working_interface();
    std::erase_if(facts.addresses, [](const IpPrefix& one) { return one.address.is_link_local(); });
    bed.change(facts).start().run_for(10s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.sent.empty());
}

TEST_CASE("over IPv6 too, MAC and all addresses come before the first announcement", "[v3-8.2.2-4]") {
    TestBed bed(gateway_v6());
    bed.start().run_until(kStart + kDown);
    CHECK(bed.order ==
          std::vector<std::string>{"advertisement", "attach", "add", "add", "announcement", "announcement"});
}

TEST_CASE("a second address of the interface is none to advertise from", "[v3-5.1.1.1]") {
    TestBed bed(gateway());
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.9/24"));
    bed.change(facts).start().run_until(kStart + kDown);
    CHECK(bed.sent.front().source == ip("10.0.0.2"));
}

TEST_CASE("without the virtual MAC the interface's own MAC is announced") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    TestBed bed(config);
    bed.start().run_until(kStart + kDown);
    CHECK(bed.virtual_macs.empty());
    CHECK(bed.announced.front().announcement.mac == mac("02:00:00:00:00:02"));
}

TEST_CASE("without the virtual MAC every advertisement comes from the interface's own MAC") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    TestBed bed(config);
    bed.start().run_until(kStart + kDown + 5s);
    bed.give(Commanding{.command = Command::reduce}).hear(Peer{}, 50).give(Stop{});
    REQUIRE(bed.sent.size() >= 8);
    for (const TestBed::Sent& one : bed.sent)
        CHECK(one.source_mac == mac("02:00:00:00:00:02"));
}

TEST_CASE("a master advertises every interval, from its schedule and not from its last lateness",
          "[v3-6.4.3-9]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown);
    bed.sleep_for(1s + 40ms).give(DeadlineReached{}); // woken 40 ms late
    bed.run_until(kStart + kDown + 5s);
    REQUIRE(bed.sent.size() == 6);
    CHECK(bed.sent[1].time == TimePoint(kStart + kDown + 1s + 40ms));
    for (std::size_t i = 2; i < 6; ++i)
        CHECK(bed.sent[i].time == TimePoint(kStart + kDown + i * 1s));
    CHECK(bed.vr().counters().worst_lateness == 40ms);
}

TEST_CASE("a new master announces again after a delay, as often as it is told") {
    VirtualRouterConfig config = gateway();
    config.announce = {.repeats = 3, .delay = 500ms};
    TestBed bed(config);
    bed.start().run_until(kStart + kDown + 60s);
    REQUIRE(bed.announced.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(bed.announced[i].time == TimePoint(kStart + kDown + i * 500ms));
}

TEST_CASE("hundreds of addresses are announced in paced bursts, behind the advertisement") {
    VirtualRouterConfig config = gateway();
    config.addresses.clear();
    for (unsigned i = 0; i < 200; ++i)
        config.addresses.push_back(prefix("10.0.1." + std::to_string(i)));
    TestBed bed(config);
    bed.start().run_until(kStart + kDown);
    CHECK(bed.order.front() == "advertisement");
    CHECK(bed.announced.size() == 32);
    bed.run_for(1ms);
    CHECK(bed.announced.size() == 64);
    bed.run_for(10ms);
    CHECK(bed.announced.size() == 200);
}

TEST_CASE("a backup that hears a better master stays backup", "[v3-6.4.2-9]") {
    TestBed bed(gateway(100));
    bed.start().hear_until(60s, Peer{}, 150);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().master_address() == ip("10.0.0.1"));
    CHECK(bed.vr().master_priority() == 150);
}

TEST_CASE("a backup takes over one down interval after its master's last word", "[v3-6.4.2-7][v3-6.4.2-9]") {
    TestBed bed(gateway(100));
    bed.start().hear_until(10s, Peer{}, 150); // the last one at 9 s
    bed.run_until(9s + kDown - 1ns);
    CHECK(bed.state() == State::backup);
    bed.run_for(1ns);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().cause() == Cause::master_silent);
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("backup -> master: 10.0.0.1 (priority 150) silent for 3.609 s"));
}

TEST_CASE("an equal priority is as good as a better one to a backup", "[v3-6.4.2-9]") {
    TestBed bed(gateway(100));
    bed.start().hear_until(20s, Peer{}, 100);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a backup that hears priority 0 waits only its skew time", "[v3-6.4.2-8][v2-6.4.2]") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 150).run_for(300ms).hear(Peer{}, 0);
    bed.run_for(kSkew - 1ns);
    CHECK(bed.state() == State::backup);
    bed.run_for(1ns);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().cause() == Cause::master_resigned);
}

TEST_CASE("a resignation from another router than the master is a finding and nothing more") {
    const Peer master{}, stranger{.address = ip("10.0.0.66")};
    TestBed bed(gateway(100));
    bed.start().hear(master, 150);
    const TimePoint deadline = bed.router.next_deadline();
    bed.run_for(300ms).hear(stranger, 0);
    CHECK(bed.router.next_deadline() == deadline);
    CHECK_THAT(bed.journal_text(), Catch::Contains("10.0.0.66 resigned, but it is not the master"));
}

TEST_CASE("a master that speaks again after its resignation is followed again") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 150).hear(Peer{}, 0).run_for(kSkew / 2).hear(Peer{}, 150).run_for(kDown - 1ns);
    CHECK(bed.state() == State::backup);
    bed.run_for(1ns);
    CHECK(bed.vr().cause() == Cause::master_silent);
}

TEST_CASE("a preempting backup discards a lesser master and leaves its timer alone", "[v3-6.4.2-10]") {
    TestBed bed(gateway(100));
    bed.start().hear_until(kStart + kDown, Peer{}, 50);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().cause() == Cause::preempted_lesser);
    CHECK_THAT(bed.journal_text(), Catch::Contains("preempting 10.0.0.1 (priority 50)"));
}

TEST_CASE("without preemption a backup follows a lesser master as long as it lives",
          "[v3-6.4.2-9][v3-6.4.2-10]") {
    VirtualRouterConfig config = gateway(100);
    config.preempt = false;
    TestBed bed(config);
    bed.start().hear_until(60s, Peer{}, 50);
    CHECK(bed.state() == State::backup);
    bed.run_for(kDown);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a backup that stops says nothing", "[v3-6.4.2-6][v3-5.2.4-3]") {
    TestBed bed(gateway());
    bed.start().give(Stop{});
    CHECK(bed.state() == State::initialize);
    CHECK(bed.sent.empty());
    CHECK(bed.router.next_deadline() == kNever);
}

TEST_CASE("a master that stops resigns first and leaves nothing behind",
          "[v3-6.4.3-8][v3-5.2.4-3][v2-6.4.3]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).order.clear();
    bed.give(Stop{});
    CHECK(bed.state() == State::initialize);
    CHECK(bed.sent.back().priority == 0);
    CHECK(bed.order == std::vector<std::string>{"advertisement", "remove", "detach"});
    CHECK(bed.addresses.empty());
    CHECK(bed.virtual_macs.empty());
    CHECK(bed.router.next_deadline() == kNever);
}

TEST_CASE("leaving without the virtual MAC announces the interface's own address") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    TestBed bed(config);
    bed.start().run_until(kStart + kDown).forget();
    bed.give(Stop{});
    REQUIRE(bed.announced.size() == 1);
    CHECK(bed.announced.front().announcement == wire::Announcement{ip("10.0.0.2"), mac("02:00:00:00:00:02")});
}

TEST_CASE("a master that hears priority 0 advertises at once and counts its interval from there",
          "[v3-6.4.3-10]") {
    TestBed bed(gateway(100));
    bed.start().run_until(kStart + kDown).forget();
    bed.run_for(400ms).hear(Peer{}, 0);
    CHECK(bed.priorities_sent() == Priorities{100});
    bed.run_for(1s - 1ns);
    CHECK(bed.sent.size() == 1);
    bed.run_for(1ns);
    CHECK(bed.sent.size() == 2);
}

TEST_CASE("a master that hears a higher priority becomes backup and gives everything up",
          "[v3-6.4.3-11][v2-6.4.3]") {
    TestBed bed(gateway(100));
    bed.start().run_until(kStart + kDown).hear(Peer{}, 101);
    CHECK(bed.state() == State::backup);
    CHECK(bed.addresses.empty());
    CHECK(bed.virtual_macs.empty());
    CHECK(bed.vr().master_address() == ip("10.0.0.1"));
    CHECK(bed.router.next_deadline() == bed.now + kDown);
}

TEST_CASE("a tie goes to the higher address, compared unsigned", "[v3-6.4.3-11]") {
    const auto after_hearing = [](const char* rival) {
        TestBed bed(gateway(100)); // 10.0.0.2
        bed.start().run_until(kStart + kDown).hear(Peer{.address = ip(rival)}, 100);
        return bed.state();
    };
    CHECK(after_hearing("10.0.0.3") == State::backup);
    CHECK(after_hearing("10.0.0.1") == State::master);
    CHECK(after_hearing("192.0.0.1") == State::backup);
}

TEST_CASE("a master that hears a lower priority answers at once and keeps its schedule",
          "[v3-6.4.3-12][v2-6.4.3]") {
    TestBed bed(gateway(100));
    bed.start().run_until(kStart + kDown).forget();
    bed.run_for(400ms).hear(Peer{}, 99);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().master_address().is_unspecified()); // discarded: there is nothing to follow
    CHECK(bed.priorities_sent() == Priorities{100});
    bed.run_until(kStart + kDown + 1s);
    CHECK(bed.sent.size() == 2);
}

TEST_CASE("v3 follows the master's interval", "[v3-6.4.2-9][v3-6.1-1][v3-7.1-8][x-cap]") {
    TestBed bed(gateway_v3(100, 1s));
    bed.start().hear(Peer{.config = gateway_v3(200, 2s)}, 200);
    CHECK(bed.vr().master_interval() == 2s);
    CHECK(bed.router.next_deadline() == bed.now + 3 * 2s + Duration(2s) * 156 / 256);
    CHECK_THAT(bed.journal_text(), Catch::Contains("advertises every 2 s; following it"));
}

TEST_CASE("v3 learns on stepping down too", "[v3-6.4.3-11]") {
    TestBed bed(gateway_v3(100, 1s));
    bed.start().run_until(kStart + kDown).hear(Peer{.config = gateway_v3(200, 3s)}, 200);
    CHECK(bed.vr().master_interval() == 3s);
}

TEST_CASE("a learned interval is capped at ten of our own", "[x-cap]") {
    TestBed bed(gateway_v3(100, 100ms));
    bed.start().hear(Peer{.config = gateway_v3(200, 40950ms)}, 200);
    CHECK(bed.vr().master_interval() == 1s);
    CHECK_THAT(bed.journal_text(), Catch::Contains("too long to follow"));
}

TEST_CASE("a longer interval is followed once the master has kept it", "[x-cap]") {
    TestBed bed(gateway_v3(100, 100ms));
    const Peer slow{.config = gateway_v3(200, 2500ms)};
    bed.start().hear(slow, 200).run_for(2500ms).hear(slow, 200);
    CHECK(bed.vr().master_interval() == 2500ms);
    bed.run_for(7500ms);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a slow master that was thought silent is believed when it speaks again", "[x-cap]") {
    TestBed bed(gateway_v3(100, 50ms));
    const Peer slow{.config = gateway_v3(200, 2500ms)};
    bed.start().hear(slow, 200).run_for(2500ms);
    REQUIRE(bed.state() == State::master);
    bed.hear(slow, 200).run_for(7500ms);
    CHECK(bed.state() == State::backup);
}

TEST_CASE(
    "two words at one moment, or of other sources, or of long ago, do not show that an interval was kept",
    "[x-cap]") {
    TestBed bed(gateway_v3(100, 100ms));
    const Peer slow{.config = gateway_v3(200, 2500ms)};
    bed.start().hear(slow, 200);
    SECTION("at one moment") {
        bed.run_for(10ms).hear(slow, 200);
    }
    SECTION("of another source") {
        bed.run_for(2500ms).hear(Peer{.address = ip("10.0.0.3"), .config = gateway_v3(200, 2500ms)}, 200);
    }
    SECTION("with another interval") {
        bed.run_for(2500ms).hear(Peer{.config = gateway_v3(200, 2400ms)}, 200);
    }
    SECTION("of long ago") {
        bed.run_for(60s).hear(slow, 200);
    }
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("a master advertises its own interval, whatever it learned as backup", "[v3-5.2.7]") {
    TestBed bed(gateway_v3(100, 1s));
    bed.start().hear(Peer{.config = gateway_v3(200, 2s)}, 200).run_for(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.sent.front().interval == 1s);
}

TEST_CASE("a lost link takes the virtual router out of the election without a word") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    bed.change(facts).run_for(60s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::link_down);
    CHECK(bed.sent.empty());
    CHECK(bed.addresses.empty());
}

TEST_CASE("a link that comes back brings a backup that listens first") {
    TestBed bed(gateway());
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.start().run_until(kStart + kDown).change(down).run_for(5s).change(working_interface());
    CHECK(bed.state() == State::backup);
    CHECK(bed.router.next_deadline() == bed.now + kDown);
}

TEST_CASE("a master whose interface lost its address still resigns from it") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    InterfaceFacts facts = working_interface();
    facts.addresses.clear();
    bed.change(facts);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::no_address);
    REQUIRE(bed.priorities_sent() == Priorities{0});
    CHECK(bed.sent.front().source == ip("10.0.0.2"));
}

TEST_CASE("an interface without an address at the start is waited for, and the journal says so") {
    TestBed bed(gateway());
    InterfaceFacts bare = working_interface();
    bare.addresses.clear();
    bed.change(bare).start();
    CHECK(bed.state() == State::initialize);
    CHECK_THAT(bed.journal_text(), Catch::Contains("no address to speak from"));
    bed.change(working_interface());
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a master whose interface changes its address goes on with the new one", "[v3-5.1.1.1]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown);
    InterfaceFacts facts = working_interface();
    facts.addresses.front() = prefix("10.0.0.7/24");
    bed.change(facts).forget();
    bed.run_for(1s);
    CHECK(bed.state() == State::master);
    CHECK(bed.sent.front().source == ip("10.0.0.7"));
}

TEST_CASE("a virtual address that becomes the interface's own makes the router its owner", "[v3-5.2.4-1]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + 1s);
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    bed.change(facts);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().priority() == 255);
    bed.change(working_interface());
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().priority() == 100);
}

TEST_CASE("a priority that changes is advertised at once by a master", "[x-swap]") {
    TestBed bed(gateway(100));
    bed.start().run_until(kStart + kDown).forget();
    bed.give(SetPriority{VirtualRouterIndex{}, 90});
    CHECK(bed.state() == State::master);
    CHECK(bed.priorities_sent() == Priorities{90});
    CHECK_THAT(bed.journal_text(), Catch::Contains("priority 100 -> 90"));
}

TEST_CASE("a backup's timer follows its new priority", "[x-swap]") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 150);
    const TimePoint heard = bed.now;
    bed.run_for(500ms).give(SetPriority{VirtualRouterIndex{}, 149});
    CHECK(bed.router.next_deadline() == heard + 3s + Duration(1s) * 107 / 256);
}

TEST_CASE("a backup raised above its master takes over when the timer runs out", "[x-swap]") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 150).give(SetPriority{VirtualRouterIndex{}, 200}).hear_until(10s, Peer{}, 150);
    CHECK(bed.state() == State::master);
}

TEST_CASE("an owner keeps 255 whatever it is told", "[v3-5.2.4-1]") {
    TestBed bed(gateway(100));
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    bed.change(facts).start().give(SetPriority{VirtualRouterIndex{}, 50}).run_for(5s);
    for (const std::uint8_t priority : bed.priorities_sent())
        CHECK(priority == 255);
}

TEST_CASE("a master that slept longer than its down interval steps back before it speaks", "[x-freeze]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    bed.sleep_for(20s).give(DeadlineReached{});
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().cause() == Cause::frozen);
    CHECK(bed.sent.empty());
    CHECK(bed.addresses.empty());
    bed.hear_until(60s, Peer{}, 90); // the lesser one that took over meanwhile
    CHECK(bed.state() == State::master);
}

TEST_CASE("a master that slept less carries on", "[x-freeze]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    bed.sleep_for(kDown).give(DeadlineReached{});
    CHECK(bed.state() == State::master);
    bed.run_for(1s - 1ns);
    CHECK(bed.sent.size() == 1); // what it missed is not sent after the event
}

TEST_CASE("a frozen master that wakes to a frame steps back all the same", "[x-freeze]") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    bed.sleep_for(20s).hear(Peer{}, 50);
    CHECK(bed.state() == State::backup);
    CHECK(bed.sent.empty());
}

TEST_CASE("a backup that overslept its timer listens anew instead of taking over", "[x-freeze]") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 150).sleep_for(60s).give(DeadlineReached{});
    CHECK(bed.state() == State::backup);
    CHECK_THAT(bed.journal_text(), Catch::Contains("listening anew"));
    bed.run_for(kDown);
    CHECK(bed.state() == State::master);
}

TEST_CASE("an address that the interface refuses makes the master resign, and is tried again") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    bed.give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "Permission denied"});
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::address_refused);
    CHECK(bed.priorities_sent() == Priorities{0});
    CHECK_THAT(bed.journal_text(), Catch::Contains("add_address failed: Permission denied"));
    bed.run_for(10s);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a spurious wake-up changes nothing") {
    TestBed bed(gateway());
    bed.start().run_for(1s);
    const Router before = bed.router;
    bed.give(DeadlineReached{});
    CHECK(bed.router == before);
    CHECK(bed.router.hash() == before.hash());
}

TEST_CASE("an owner takes those of its addresses that the interface does not have by itself") {
    VirtualRouterConfig config = gateway();
    config.addresses.push_back(prefix("10.0.0.253"));
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(config);
    bed.change(facts).start();
    REQUIRE(bed.state() == State::master);
    CHECK(bed.addresses == std::set{prefix("10.0.0.253")});
    bed.give(Stop{});
    CHECK(bed.addresses.empty());
    CHECK(std::ranges::count(bed.order, "remove") == 1); // never the operator's own
}

TEST_CASE("forged resignations do not silence a master", "[v3-6.4.3-10]") {
    TestBed bed(gateway());
    bed.start().run_until(10s).forget();
    for (int i = 0; i < 100; ++i)
        bed.hear(Peer{}, 0).run_for(100ms);
    CHECK(bed.vr().state() == State::master);
    REQUIRE(bed.sent.size() > 10);
    for (std::size_t i = 1; i < bed.sent.size(); ++i)
        CHECK(bed.sent[i].time - bed.sent[i - 1].time <= 1s);
    CHECK(bed.sent.size() < 100); // nor do they buy an answer each
}

TEST_CASE("a resignation that is repeated puts nobody off") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200).run_for(500ms);
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{}, 0).run_for(100ms);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().since() == TimePoint(1s + 500ms + 609375us));
}
