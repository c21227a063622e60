// What a virtual router remembers of others and of itself, and when it has to forget it.
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

constexpr Duration kStart = 1s;
constexpr Duration kDown = 3609375us; // priority 100, interval 1 s
constexpr Duration kSkew = 609375us;

const Peer kOther{.address = ip("10.0.0.9")};

TestBed& operator_says(TestBed& bed, Command command) {
    return bed.give(Commanding{VirtualRouterIndex{}, command});
}

TestBed leading(const VirtualRouterConfig& config = gateway()) {
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.order.clear();
    return bed;
}

InterfaceFacts owners_interface() {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    return facts;
}

bool says(const TestBed& bed, const char* text) {
    return bed.journal_text().find(text) != std::string::npos;
}

// Of a router with 10.0.1.0 and so on.
VirtualRouterConfig with_addresses(unsigned count) {
    VirtualRouterConfig config = gateway();
    config.addresses.clear();
    for (unsigned i = 0; i < count; ++i)
        config.addresses.push_back(prefix("10.0.1." + std::to_string(i)));
    return config;
}

} // namespace

// --- The master that a backup follows

TEST_CASE("a backup whose master has resigned follows nobody") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150);
    CHECK(bed.vr().stance() == Stance::following);
    bed.hear(Peer{}, 0);
    CHECK(bed.vr().stance() == Stance::waiting);
}

TEST_CASE("a resignation before any other word is a master's, and no finding") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 0).run_for(kSkew);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().findings().empty());
    CHECK(says(bed, "backup -> master: 10.0.0.1 resigned"));
}

TEST_CASE("a new priority does not change how long a resignation is waited for") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150).hear(Peer{}, 0);
    const TimePoint deadline = bed.vr().next_deadline();
    bed.give(SetPriority{VirtualRouterIndex{}, 90});
    CHECK(bed.vr().next_deadline() == deadline);
}

TEST_CASE("a new priority does not wind up a timer that has run out") {
    TestBed bed(gateway());
    operator_says(bed.start(), Command::hold).run_for(10s).give(SetPriority{VirtualRouterIndex{}, 90});
    bed.run_for(1s);
    CHECK_FALSE(says(bed, "listening anew"));
    CHECK(operator_says(bed, Command::release).state() == State::master);
}

TEST_CASE("a backup that never heard a master counts from when it began to listen") {
    TestBed bed(gateway());
    bed.start().run_for(500ms).give(SetPriority{VirtualRouterIndex{}, 200});
    CHECK(bed.vr().next_deadline() == TimePoint(kStart + 3s + Duration(1s) * 56 / 256));
}

TEST_CASE("a better master ends what a lesser one meant") {
    TestBed bed(gateway());
    bed.start().hear(kOther, 50);
    CHECK(bed.vr().stance() == Stance::outranking);
    bed.hear(Peer{}, 150);
    CHECK(bed.vr().stance() == Stance::following);
}

TEST_CASE("a backup that overslept by its whole down interval doubts the silence for half an interval, by "
          "more for a "
          "whole down interval") {
    for (const Duration more : {0ns, 1ns}) {
        TestBed bed(gateway());
        bed.start().hear(Peer{}, 150).sleep_for(2 * kDown + more).give(DeadlineReached{}).run_for(500ms);
        CHECK(bed.state() == (more == 0ns ? State::master : State::backup));
        bed.run_for(kDown);
        CHECK(bed.state() == State::master);
    }
}

TEST_CASE("a backup doubts a silence once, when it woke later than a quarter of the interval") {
    for (const Duration late : {250ms, 251ms}) {
        TestBed bed(gateway());
        bed.start().hear(Peer{}, 150).sleep_for(kDown + late).give(DeadlineReached{});
        CHECK(bed.state() == (late == 250ms ? State::master : State::backup));
        bed.sleep_for(500ms + 300ms).give(DeadlineReached{});
        CHECK(bed.state() == State::master);
    }
}

TEST_CASE("a master that is heard while its silence is doubted is followed, and may be doubted again") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150);
    for (int i = 0; i < 3; ++i) {
        bed.sleep_for(kDown + 300ms).give(DeadlineReached{}).run_for(499ms);
        CHECK(bed.state() == State::backup);
        bed.hear(Peer{}, 150);
    }
    CHECK(bed.vr().stance() == Stance::following);
}

TEST_CASE("who has resigned, or is a lesser master, is not waited for by a backup that woke late") {
    TestBed resigned(gateway());
    resigned.start().hear(Peer{}, 150).hear(Peer{}, 0).sleep_for(2s).give(DeadlineReached{});
    CHECK(resigned.state() == State::master);
    TestBed better(gateway(150));
    better.start().run_for(1s).hear(Peer{}, 100).sleep_for(3s).give(DeadlineReached{});
    CHECK((better.state() == State::master || better.vr().trying_addresses()));
}

TEST_CASE("a master that a busy machine stops for a moment goes on, and after a pause it steps back") {
    struct Row {
        Duration asleep;
        bool preempts, goes_on;
    };
    const Duration down = 30ms + 10ms * 156 / 256;
    for (const Row& row :
         {Row{down + 250ms, true, true}, Row{down + 251ms, true, false}, Row{down + 250ms, false, false}}) {
        VirtualRouterConfig config = gateway_v3(100, 10ms);
        config.preempt = row.preempts;
        TestBed bed(config);
        bed.start().run_for(1s);
        REQUIRE(bed.state() == State::master);
        bed.run_until(std::chrono::ceil<std::chrono::seconds>(bed.now.time_since_epoch()));
        const Duration since_word = bed.now - bed.sent.back().time;
        bed.forget();
        bed.sleep_for(row.asleep - since_word).give(DeadlineReached{});
        CHECK(bed.state() == (row.goes_on ? State::master : State::backup));
        CHECK(bed.sent.size() == (row.goes_on ? 1 : 0));
    }
}

TEST_CASE("a better master that came while the machine stopped is followed, before a word of ours goes") {
    const VirtualRouterConfig config = gateway_v3(100, 10ms);
    TestBed bed(config);
    bed.start().run_for(1s).forget();
    bed.sleep_for(100ms).hear(Peer{.config = config}, 150).give(DeadlineReached{});
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().stance() == Stance::following);
}

// --- Who keeps a long interval

namespace {

const Peer kSlow{.config = gateway_v3(200, 2500ms)};
constexpr Duration kSlowDown = 3 * 2500ms + Duration(2500ms) * 156 / 256;

TestBed impatient() { // caps what it learns at 1 s
    TestBed bed(gateway_v3(100, 100ms));
    bed.start();
    return bed;
}

} // namespace

TEST_CASE("a long interval is kept from the cap on, and until its own down interval has passed", "[x-cap]") {
    for (const Duration pause : {1s - 1ns, Duration(1s), kSlowDown, kSlowDown + 1ns}) {
        INFO(pause.count());
        TestBed bed = impatient();
        bed.hear(kSlow, 200).run_for(pause).hear(kSlow, 200);
        CHECK(bed.vr().master_interval() == (pause >= 1s && pause <= kSlowDown ? 2500ms : 1s));
    }
}

TEST_CASE("a long interval that is kept is believed for as long as it is kept", "[x-cap]") {
    TestBed bed = impatient();
    bed.hear(kSlow, 200).run_for(2500ms);
    bed.hear_until(60s, kSlow, 200);
    CHECK(bed.vr().master_interval() == 2500ms);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("others' words do not keep a long interval for its source", "[x-cap]") {
    TestBed bed = impatient();
    const Peer third{.address = ip("10.0.0.3"), .config = kSlow.config};
    bed.hear(kSlow, 200).hear_until(60s, third, 200);
    bed.hear(kSlow, 200);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("a master that changes its long interval keeps none", "[x-cap]") {
    TestBed bed = impatient();
    const Peer changed{.config = gateway_v3(200, 2400ms)};
    bed.hear(kSlow, 200).run_for(2400ms).hear(changed, 200).run_for(100ms).hear(kSlow, 200);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("a resignation does not show that an interval was kept", "[x-cap]") {
    TestBed bed = impatient();
    bed.hear(kSlow, 0).run_for(2500ms).hear(kSlow, 200);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("who advertises at the cap does not displace who is slower", "[x-cap]") {
    TestBed bed = impatient();
    const Peer capped{.address = ip("10.0.0.3"), .config = gateway_v3(200, 1s)};
    bed.hear(kSlow, 200).run_for(1s).hear(capped, 200).run_for(1500ms).hear(kSlow, 200);
    CHECK(bed.vr().master_interval() == 2500ms);
}

// --- What mastership leaves behind

TEST_CASE("a new master remembers no other") {
    TestBed bed(gateway_v3(100, 1s));
    bed.start().hear(Peer{.config = gateway_v3(200, 2s)}, 200).run_for(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.vr().master_address().is_unspecified());
    CHECK(bed.vr().master_priority() == 0);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("a lesser master that was preempted is none to preempt again") {
    TestBed bed(gateway(200));
    bed.start().hear_until(10s, Peer{}, 100);
    REQUIRE(bed.state() == State::master);
    operator_says(bed, Command::back_up);
    CHECK(bed.vr().stance() == Stance::waiting);
}

TEST_CASE("a resignation that was followed explains no later take-over") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150).hear(Peer{}, 0).run_for(kSkew);
    REQUIRE(bed.vr().cause() == Cause::master_resigned);
    operator_says(bed, Command::back_up).run_for(kDown);
    CHECK(bed.vr().cause() == Cause::no_master);
}

TEST_CASE("what an operator asked once explains no later take-over") {
    TestBed bed(gateway());
    operator_says(bed.start().run_for(2s), Command::lead);
    REQUIRE(bed.vr().cause() == Cause::asked);
    operator_says(bed, Command::hold).run_for(10s);
    CHECK(operator_says(bed, Command::release).vr().cause() == Cause::no_master);
}

TEST_CASE("a master that another machine disturbed has no such finding as a backup") {
    TestBed bed = leading();
    std::array<std::uint8_t, wire::kGratuitousArpSize> claim{};
    wire::encode_announcement(ip("10.0.0.254"), mac("02:00:00:00:00:66"), claim);
    bed.hear(claim);
    REQUIRE(bed.vr().findings().size() == 1);
    bed.hear(Peer{}, 200);
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("only a master minds who claims its addresses, and only another machine's claims") {
    std::array<std::uint8_t, wire::kGratuitousArpSize> claim{};
    const auto claimed = [&](TestBed bed, const char* address, const char* from) {
        wire::encode_announcement(ip(address), mac(from), claim);
        return bed.hear(claim).vr().findings().size();
    };
    TestBed backup(gateway());
    backup.start();
    CHECK(claimed(leading(), "10.0.0.254", "02:00:00:00:00:66") == 1);
    CHECK(claimed(backup, "10.0.0.254", "02:00:00:00:00:66") == 0);
    CHECK(claimed(leading(), "10.0.0.253", "02:00:00:00:00:66") == 0);
    CHECK(claimed(leading(), "10.0.0.254", "02:00:00:00:00:02") == 0); // our interface's own
}

TEST_CASE("who becomes master again announces all addresses again, as often as the first time") {
    const Peer peer{.config = with_addresses(40)};
    TestBed bed(with_addresses(40));
    bed.start().run_until(kStart + kDown);
    REQUIRE(bed.announced.size() == 32); // the rest is to follow
    SECTION("in the middle of the first burst") {}
    SECTION("after the last announcement") {
        bed.run_for(10s);
    }
    bed.hear(peer, 200).forget();
    bed.hear(peer, 0).run_for(kSkew);
    REQUIRE(bed.announced.size() == 32);
    CHECK(bed.announced.front().announcement.address == ip("10.0.1.0"));
    bed.run_for(10s);
    CHECK(bed.announced.size() == 3 * 40);
}

TEST_CASE("an announcement because of a rival begins with the first address") {
    const Peer peer{.config = with_addresses(100)};
    TestBed bed(with_addresses(100));
    bed.start().run_until(kStart + kDown).hear(peer, 50).run_for(20ms);
    CHECK(std::ranges::count(bed.announced, ip("10.0.1.0"),
                             [](const TestBed::Announced& one) { return one.announcement.address; }) == 2);
}

TEST_CASE("a new master answers rivals however many it has answered before") {
    TestBed bed = leading();
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{}, 50);
    bed.hear(Peer{}, 200).hear(Peer{}, 0).run_for(kSkew);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.hear(Peer{}, 50);
    CHECK(bed.sent.size() == 1);
}

TEST_CASE("rivals that never pause do not put off the next announcement") {
    TestBed bed = leading(gateway(200));
    for (int i = 0; i < 100; ++i)
        bed.hear(Peer{}, 100).run_for(500us);
    CHECK(bed.announced.size() == 1);
}

TEST_CASE("a master that wakes exactly one interval late sends what is due once") {
    TestBed bed(gateway());
    bed.start().run_until(kStart + kDown).forget();
    bed.sleep_for(2s).give(DeadlineReached{}).run_for(0s);
    CHECK(bed.sent.size() == 1);
}

TEST_CASE("of two equal masters the lower address says that it was beaten by the higher") {
    TestBed bed = leading();
    bed.hear(kOther, 100);
    CHECK(bed.vr().cause() == Cause::higher_address);
    CHECK_FALSE(says(bed, "the group decides")); // it has none
}

// --- The interface

TEST_CASE("an interface that is gone is not spoken on") {
    TestBed bed = leading();
    InterfaceFacts gone = working_interface();
    gone.present = false;
    bed.change(gone);
    CHECK(bed.vr().cause() == Cause::interface_gone);
    CHECK(bed.sent.empty());
}

TEST_CASE("an interface that has become a kind of device that does not do is not spoken on, and comes back") {
    TestBed bed = leading();
    InterfaceFacts bridged = working_interface();
    bridged.obstacle = "eth0 is a member of the bridge br0: run it on br0 (-i br0)";
    bed.change(bridged);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::unusable);
    CHECK(bed.sent.empty());
    CHECK_THAT(bed.journal_text(), Catch::Contains("run it on br0 (-i br0)"));
    bed.change(working_interface());
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a router out of the election says why it is out of it now") {
    TestBed bed = leading();
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    bed.change(facts);
    CHECK(bed.vr().cause() == Cause::link_down);
    facts.present = false;
    bed.change(facts);
    CHECK(bed.vr().cause() == Cause::interface_gone);
}

TEST_CASE(
    "a new MAC of an owner's interface is announced, and its advertisements come from the virtual MAC") {
    TestBed bed(gateway());
    InterfaceFacts facts = owners_interface();
    bed.change(facts).start().run_for(10s).forget();
    facts.mac = mac("02:00:00:00:00:99");
    bed.change(facts);
    CHECK(bed.sent.empty());
    REQUIRE(bed.announced.size() == 1);
    CHECK(bed.announced.front().announcement.mac == facts.mac);
}

TEST_CASE("an owner's address that goes is the operator's business") {
    TestBed bed(gateway());
    bed.change(owners_interface()).start().run_for(10s).forget();
    bed.give(AddressLost{InterfaceId{}, ip("10.0.0.254")});
    CHECK(bed.journal.empty());
    CHECK(bed.announced.empty());
}

TEST_CASE("without the virtual MAC an address that is put back is announced from the interface's own") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    TestBed bed = leading(config);
    bed.give(AddressLost{InterfaceId{}, ip("10.0.0.254")});
    REQUIRE(bed.announced.size() == 1);
    CHECK(bed.announced.front().announcement.mac == working_interface().mac);
}

// --- Addresses that are refused

TEST_CASE("addresses that were taken once are tried again as soon as the first time") {
    TestBed bed = leading();
    const auto refuse = [&] { bed.give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "no"}); };
    refuse();
    CHECK(bed.vr().next_deadline() == bed.now + 10s);
    bed.run_for(20s);
    REQUIRE(bed.state() == State::master);
    refuse();
    CHECK(bed.vr().next_deadline() == bed.now + 10s);
}

TEST_CASE("other facts make the wait for refused addresses short again") {
    World world;
    world.nic.broken = {"add"};
    REQUIRE(world.start());
    world.run_until(300s);
    InterfaceFacts facts = working_interface();
    facts.mtu = 1400;
    world.daemon.give(InterfaceChanged{InterfaceId{}, facts});
    world.run_until(305s);
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{}).next_deadline() ==
          TimePoint(300s + kDown + 20s));
}

namespace {

// A backup that has put the addresses on and waits for a refusal.
TestBed trying() {
    TestBed bed(gateway(200));
    bed.start().hear(Peer{}, 100);
    bed.sleep_for(bed.router.next_deadline() - bed.now).give(DeadlineReached{});
    REQUIRE(bed.vr().trying_addresses());
    REQUIRE(bed.addresses.size() == 1);
    return bed;
}

} // namespace

TEST_CASE("a router that slept through the trial of its addresses gives them up and listens anew") {
    TestBed bed = trying();
    bed.sleep_for(20s).give(DeadlineReached{});
    CHECK(bed.state() == State::backup);
    CHECK(bed.addresses.empty());
    CHECK(bed.virtual_macs.empty());
    CHECK_FALSE(is_ready(bed.vr().stance()));
    CHECK(says(bed, "listening anew"));
    bed.run_for(4s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("who is asked to lead during the trial does not take the addresses twice") {
    TestBed bed = trying();
    operator_says(bed, Command::lead).run_for(0s);
    CHECK(bed.state() == State::master);
    CHECK(std::ranges::count(bed.order, "attach") == 1);
}

// --- Operators

TEST_CASE("who is released before its timer has run out waits for it") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200);
    const TimePoint deadline = bed.vr().next_deadline();
    operator_says(operator_says(bed, Command::hold), Command::release);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().next_deadline() == deadline);
}

TEST_CASE("a master that is asked to lead has nothing to do") {
    TestBed bed = leading();
    operator_says(bed, Command::lead);
    CHECK(bed.order.empty());
    CHECK(bed.vr().counters().became_master == 1);
}

TEST_CASE("a better master that fell silent or resigned is no reason to refuse to lead") {
    TestBed silent(gateway());
    operator_says(silent.start().hear(Peer{}, 200), Command::hold).run_for(10s);
    CHECK(operator_says(silent, Command::lead).state() == State::master);
    TestBed resigned(gateway());
    resigned.start().hear(Peer{}, 200).hear(Peer{}, 0);
    CHECK(operator_says(resigned, Command::lead).state() == State::master);
}

TEST_CASE("of two equals only the higher address may be asked to lead over the other") {
    TestBed higher(gateway()), lower(gateway()); // 10.0.0.2
    operator_says(higher.start().hear(Peer{}, 100), Command::lead).run_for(0s);
    CHECK(higher.state() == State::master);
    operator_says(lower.start().hear(kOther, 100), Command::lead).run_for(0s);
    CHECK(lower.state() == State::backup);
}

TEST_CASE("who woke from a freeze cannot know of a better master before it has listened") {
    TestBed bed = leading();
    bed.sleep_for(20s).give(DeadlineReached{});
    REQUIRE(bed.state() == State::backup);
    CHECK(operator_says(bed, Command::lead).state() == State::backup);
}

TEST_CASE("priority 255 claims nothing after an operator asked it to yield") {
    TestBed bed(gateway(255));
    bed.start();
    operator_says(bed, Command::back_up);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down).change(working_interface());
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a stopped router keeps no findings, whatever it is told afterwards") {
    TestBed bed = leading();
    VirtualRouterConfig others = gateway();
    others.addresses = {prefix("10.0.0.99")};
    Effects effects;
    VirtualRouter one = bed.vr();
    one.stop(bed.now, effects);
    const auto frame = Peer{.config = others}.frame(200);
    for (const auto reason : {wire::DropReason::other_addresses, wire::DropReason::authentication}) {
        one.advertisement_refused(bed.now, *wire::decode(frame), {reason}, effects);
        CHECK(one.findings().empty());
    }
    one.finding_not_told(bed.now, Finding{});
    CHECK(one.next_deadline() == kNever);
}
