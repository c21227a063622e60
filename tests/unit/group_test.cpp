// A machine is the gateway on all its interfaces or on none: DESIGN's groups, one process and several.
#include "tests/unit/sibling_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

constexpr VirtualRouterIndex kLan{0}, kWan{1};

VirtualRouterConfig wan(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway(priority);
    config.interface = "eth1";
    config.vrid = 6;
    config.addresses = {prefix("10.0.0.253")};
    return config;
}

// Two interfaces, one process.
TestBed pair(std::uint8_t priority = 100) {
    return TestBed(group_of({gateway(priority), wan(priority)}));
}

Peer wan_peer() {
    return {.address = ip("10.0.0.1"), .config = wan()};
}

bool all(const TestBed& bed, State state) {
    return std::ranges::all_of(bed.router.virtual_routers(),
                               [&](const VirtualRouter& one) { return one.state() == state; });
}

} // namespace

TEST_CASE("a group takes over when every member's master is silent, at one moment") {
    TestBed bed = pair();
    bed.start().run_until(3s);
    bed.hear_on(1, wan_peer(), 200); // the wan's master still lives
    bed.run_until(6s);
    CHECK(all(bed, State::backup)); // the lan's timer ran out alone
    bed.forget();
    bed.run_until(7s);
    CHECK(all(bed, State::master));
    REQUIRE(bed.sent.size() >= 2);
    CHECK(bed.sent[0].time == bed.sent[1].time);
}

TEST_CASE("a member that hears a better master keeps the whole group in backup") {
    TestBed bed = pair();
    bed.start();
    for (int second = 0; second < 20; ++second)
        bed.hear_on(1, wan_peer(), 200).run_for(1s);
    CHECK(all(bed, State::backup));
    CHECK(bed.sent.empty());
}

TEST_CASE("a member that has waited for its group does not lead before who arrives is ready too") {
    TestBed bed = member();
    bed.start().run_until(5s); // 1 of 2 is there: ready, and cannot lead
    bed.give(says(sibling(Stance::waiting, false)));
    CHECK(all(bed, State::backup)); // it would be master alone, and resign as soon as the other has joined
    CHECK(bed.sent.empty());
    bed.run_for(500ms).give(says(sibling(Stance::ready)));
    CHECK(all(bed, State::master));
}

TEST_CASE("a group that is master yields whole at once when its first member is beaten") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    REQUIRE(all(bed, State::master));
    bed.forget();
    bed.hear(Peer{}, 200);
    CHECK(all(bed, State::backup));
    CHECK(bed.priorities_sent() ==
          std::vector<std::uint8_t>{100, 0}); // the farewell, and the wan's resignation
    CHECK(bed.addresses.empty());
    CHECK(bed.vr().master_address() == Peer{}.address);
    CHECK_THAT(bed.journal_text(), Catch::Contains("another member of its group lost its election"));
}

TEST_CASE("a group whose later member is beaten gives the rival a grace to yield, then yields whole") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    REQUIRE(all(bed, State::master));
    bed.forget();
    bed.hear_on(1, wan_peer(), 200);
    CHECK(all(bed, State::master));
    REQUIRE(bed.sent.size() == 1); // the rival is to hear the first member now
    CHECK(bed.sent.front().source == bed.vr().primary_address());
    bed.run_for(2 * Group::kContestGrace - 1ms); // 10.0.0.1 is lower than ours
    CHECK(all(bed, State::master));
    bed.run_for(1ms);
    CHECK(all(bed, State::backup));
    CHECK(bed.addresses.empty());
    CHECK(bed.router.virtual_router(kWan).master_address() == wan_peer().address);
}

TEST_CASE("a group that wins an earlier member waits longer for the rival to yield") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    bed.hear(Peer{}, 50).hear_on(1, wan_peer(), 200);
    bed.run_for(4 * Group::kContestGrace - 1ms);
    CHECK(all(bed, State::master));
    bed.run_for(1ms);
    CHECK(all(bed, State::backup));
}

TEST_CASE("a rival that resigns in time leaves the whole gateway to the group") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    bed.hear(Peer{}, 50).hear_on(1, wan_peer(), 200).run_for(100ms);
    bed.hear_on(1, wan_peer(), 0).run_for(20s);
    CHECK(all(bed, State::master));
    CHECK(bed.vr().counters().became_master == 1); // all the while
}

TEST_CASE("a rival that falls silent leaves the whole gateway to the group") {
    VirtualRouterConfig fast = wan();
    fast.version = wire::Version::v3;
    fast.advertisement_interval = 100ms;
    TestBed bed(group_of({gateway(), fast}));
    bed.start().run_until(10s);
    REQUIRE(all(bed, State::master));
    bed.hear_on(1, {.address = ip("10.0.0.1"), .config = fast}, 200).run_for(20s); // down within 400 ms
    CHECK(all(bed, State::master));
    CHECK(bed.vr().counters().became_master == 1);
}

TEST_CASE("a beaten member that hears another rival gives it the time that is due to that one") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    REQUIRE(bed.router.virtual_router(VirtualRouterIndex{1}).state() == State::master);
    const TimePoint since = bed.now;
    const auto hear_from = [&](const char* address) {
        Peer rival = wan_peer();
        rival.address = ip(address);
        bed.hear_on(1, rival, 200);
    };
    hear_from("10.0.0.9"); // a higher address than ours
    CHECK(bed.router.next_deadline() == since + Group::kContestGrace);
    bed.run_for(10ms);
    hear_from("10.0.0.1"); // a lower one
    CHECK(bed.router.next_deadline() == since + 2 * Group::kContestGrace);
}

TEST_CASE("each contest that a group had to give up makes the next grace twice as long") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    for (const Duration grace : {2 * Group::kContestGrace, 4 * Group::kContestGrace}) {
        REQUIRE(all(bed, State::master));
        bed.hear_on(1, wan_peer(), 200).run_for(grace - 1ms);
        CHECK(all(bed, State::master));
        bed.run_for(1ms);
        CHECK(all(bed, State::backup));
        bed.hear_on(1, wan_peer(), 0).run_for(5s);
    }
}

TEST_CASE("crossed priorities are told when they have lasted for ten seconds, and once each time") {
    TestBed bed = pair();
    bed.start();
    const auto hear = [&](int seconds, std::uint8_t on_the_lan) {
        for (int i = 0; i < seconds; ++i)
            bed.hear(Peer{}, on_the_lan).hear_on(1, wan_peer(), 200).run_for(1s);
    };
    const auto told = [&] {
        return std::ranges::count_if(bed.journal, [](const std::string& line) {
            return line.find("priorities are crossed") != std::string::npos;
        });
    };
    hear(9, 50);
    hear(1, 200);
    hear(9, 50);
    CHECK(told() == 0);
    hear(2, 50);
    CHECK(told() == 1);
    CHECK(bed.router.group(bed.now, GroupIndex{0}).crossed);
    hear(30, 50);
    CHECK(told() == 1);
    hear(1, 200);
    hear(11, 50);
    CHECK(told() == 2);
}

TEST_CASE("a group that preempts no more says so once, until it has led in another way") {
    TestBed bed = pair();
    bed.start();
    const auto preempt_in_vain = [&](int times) {
        for (int i = 0; i < times; ++i) {
            for (int second = 0; second < 6; ++second)
                bed.hear(Peer{}, 50).hear_on(1, wan_peer(), 50).run_for(1s);
            bed.hear(Peer{}, 200).hear_on(1, wan_peer(), 200).run_for(100ms);
        }
    };
    const auto told = [&] {
        return std::ranges::count_if(bed.journal, [](const std::string& line) {
            return line.find("preempts no more") != std::string::npos;
        });
    };
    const auto weary = [&] { return bed.router.group(bed.now, GroupIndex{0}).weary; };
    preempt_in_vain(3);
    CHECK(told() == 0);
    CHECK_FALSE(weary());
    preempt_in_vain(3);
    CHECK(told() == 1);
    CHECK(weary());
    bed.run_for(20s); // nobody speaks: it leads
    CHECK(all(bed, State::master));
    CHECK_FALSE(weary());
    bed.hear(Peer{}, 200).run_for(100ms);
    preempt_in_vain(5);
    CHECK(told() == 2);
}

TEST_CASE("a member that only waits does not cross the priorities of another one") {
    VirtualRouterConfig slow = wan();
    slow.advertisement_interval = 20s;
    TestBed bed(group_of({gateway(), slow}));
    bed.start();
    for (int i = 0; i < 15; ++i)
        bed.hear(Peer{}, 50).run_for(1s);
    CHECK(bed.journal_text().find("crossed") == std::string::npos);
    CHECK_FALSE(bed.router.group(bed.now, GroupIndex{0}).crossed);
}

TEST_CASE("a group that cannot lead does not speak of crossed priorities") {
    RouterConfig config = group_of({gateway(), wan()});
    config.groups.front().minimum = 3;
    TestBed bed(config);
    bed.start();
    for (int i = 0; i < 15; ++i)
        bed.hear(Peer{}, 50).hear_on(1, wan_peer(), 200).run_for(1s);
    CHECK(bed.journal_text().find("crossed") == std::string::npos);
}

TEST_CASE("a rival is answered once for a contest, however often that is judged") {
    TestBed bed = pair();
    bed.start().run_until(10s).forget();
    const auto spoken = [&] {
        return std::ranges::count(bed.sent, mac("00:00:5e:00:01:05"), &TestBed::Sent::source_mac);
    };
    bed.hear_on(1, wan_peer(), 200);
    CHECK(spoken() == 1);
    bed.hear(Peer{}, 50); // a lesser master there, which gets an answer of its own
    CHECK(spoken() == 2);
}

TEST_CASE("two machines that each are better on one side settle by the first member") {
    // The other machine is better on the wan only: we are the gateway.
    TestBed bed = pair();
    bed.start().run_until(10s);
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{}, 50).run_for(1s); // it yields the wan
    CHECK(all(bed, State::master));
    // It is better on the lan only: we are not, although it is silent on the wan that we would win.
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{}, 200).hear_on(1, wan_peer(), 50).run_for(1s);
    CHECK(all(bed, State::backup));
    CHECK_THAT(bed.journal_text(), Catch::Contains("priorities are crossed: eth1 vrid 6 outranks"));
}

TEST_CASE(
    "a group that preempts in vain again and again stops preempting, and leads again when its master is "
    "silent") {
    TestBed bed = pair(150);
    const auto lesser = [&] { bed.hear(Peer{}, 100).hear_on(1, wan_peer(), 100); };
    bed.start();
    for (unsigned i = 0; i < Group::kVainPreemptions; ++i) {
        for (int second = 0; second < 8 && !all(bed, State::master); ++second) {
            lesser();
            bed.run_for(1s);
        }
        REQUIRE(all(bed, State::master));
        bed.hear(Peer{.address = ip("10.0.0.9")}, 200);
        REQUIRE(all(bed, State::backup));
        bed.hear(Peer{.address = ip("10.0.0.9")}, 0);
    }
    CHECK_THAT(bed.journal_text(), Catch::Contains("it preempts no more"));
    for (int second = 0; second < 20; ++second) {
        lesser();
        bed.run_for(1s);
    }
    CHECK(all(bed, State::backup));
    bed.run_for(10s);
    CHECK(all(bed, State::master));
}

TEST_CASE("a lesser master that follows a resigned one leaves nothing to carry") {
    TestBed bed = pair(150);
    bed.start().hear(Peer{}, 200).hear_on(1, wan_peer(), 200).run_for(100ms);
    bed.hear_on(1, wan_peer(), 0)
        .hear_on(1, {.address = ip("10.0.0.9"), .config = wan()}, 100)
        .run_for(700ms);
    CHECK(all(bed, State::backup)); // the lan's master lives
}

TEST_CASE("a member that may not lead although its master is silent says that nobody answers") {
    TestBed bed = member(2);
    bed.start().run_for(15s);
    CHECK_THAT(bed.journal_text(), Catch::Contains("nobody answers for the virtual addresses"));
    bed.forget();
    bed.run_for(5min);
    CHECK(bed.journal_text().find("nobody answers") == std::string::npos);
    bed.run_for(6min);
    CHECK_THAT(bed.journal_text(), Catch::Contains("nobody answers for the virtual addresses"));
}

TEST_CASE("siblings that were told different minima do not lead, and say why") {
    TestBed bed = member(2);
    SiblingStatus other = sibling(Stance::ready);
    other.minimum = 3;
    bed.start();
    for (int i = 0; i < 10; ++i)
        bed.give(says(other)).run_for(1s);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(bed.journal_text(), Catch::Contains("eth1 vrid 6 has another -M than this one, which says 2"));
}

TEST_CASE("more members than the minimum are told of") {
    TestBed bed = member(2);
    SiblingStatus third = sibling(Stance::ready);
    third.identity.interface = "eth2";
    third.identity.vrid = 7;
    bed.start().give(says(sibling(Stance::ready))).give(SiblingSaid{SiblingId{2}, third});
    CHECK_THAT(bed.journal_text(), Catch::Contains("3 members, more than the 2 that it waits for: use -M 3"));
}

TEST_CASE("a member that died without a word is missed until it returns") {
    TestBed bed = member(2);
    SiblingStatus third = sibling(Stance::ready);
    third.identity.interface = "eth2";
    third.identity.vrid = 7;
    const auto all_say = [&](int seconds) {
        for (int i = 0; i < seconds; ++i)
            bed.give(says(sibling(Stance::ready))).give(SiblingSaid{SiblingId{2}, third}).run_for(1s);
    };
    bed.start();
    all_say(5);
    REQUIRE(bed.state() == State::master);
    bed.give(SiblingGone{SiblingId{2}});
    for (int i = 0; i < 10; ++i)
        bed.give(says(sibling(Stance::ready))).run_for(1s);
    CHECK(bed.state() == State::backup); // two of two are there, and the third gateway address is nobody's
    CHECK_THAT(bed.journal_text(), Catch::Contains("the process of eth2 vrid 7 died; start it again"));
    all_say(5);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a member that an operator forgets is missed no longer") {
    TestBed bed = member(2);
    SiblingStatus third = sibling(Stance::ready);
    third.identity.interface = "eth2";
    third.identity.vrid = 7;
    bed.start().give(says(sibling(Stance::ready))).give(SiblingSaid{SiblingId{2}, third});
    bed.give(SiblingGone{SiblingId{2}});
    for (int i = 0; i < 10; ++i)
        bed.give(says(sibling(Stance::ready))).run_for(1s);
    REQUIRE(bed.state() == State::backup);
    bed.give(Commanding{.command = Command::forget});
    CHECK(bed.state() == State::master);
}

TEST_CASE("a sibling that was only slow is given twice the time to speak again") {
    TestBed bed = member(2);
    bed.start();
    const auto speak = [&] { bed.give(says(sibling(Stance::ready))); };
    for (int i = 0; i < 5; ++i) {
        speak();
        bed.run_for(1s);
    }
    REQUIRE(bed.state() == State::master);
    bed.run_for(2500ms); // three heartbeats have passed
    CHECK(bed.state() == State::backup);
    for (int i = 0; i < 5; ++i) {
        speak();
        bed.run_for(1s);
    }
    REQUIRE(bed.state() == State::master);
    bed.run_for(4500ms);
    CHECK(bed.state() == State::master);
    bed.run_for(1s);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a group whose member loses its link resigns at once, and cannot lead until the link is back") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    REQUIRE(all(bed, State::master));
    bed.forget();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down);
    CHECK(bed.router.virtual_router(kLan).state() == State::initialize);
    CHECK(bed.router.virtual_router(kWan).state() == State::backup);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    CHECK_THAT(bed.journal_text(), Catch::Contains("group cannot lead: eth0 vrid 5 is not fit"));
    bed.run_for(30s);
    CHECK(bed.router.virtual_router(kWan).state() == State::backup);
    bed.change(working_interface()).run_for(4s);
    CHECK(all(bed, State::master));
}

TEST_CASE("a resignation carries the group within the skew time") {
    TestBed bed = pair();
    bed.start().hear(Peer{}, 200).hear_on(1, wan_peer(), 200).run_for(500ms);
    bed.hear(Peer{}, 200).hear_on(1, wan_peer(), 200).run_for(10ms);
    bed.hear_on(1, wan_peer(), 0); // the other machine's group has lost its lan
    bed.run_for(600ms);
    CHECK(all(bed, State::backup));
    bed.run_for(10ms); // skew: 609 ms
    CHECK(all(bed, State::master));
    CHECK_THAT(bed.journal_text(), Catch::Contains("its group takes over"));
}

TEST_CASE("a carried take-over that a better master contradicts is taken back, and resignations carry "
          "nothing for a "
          "while") {
    TestBed bed = pair();
    const auto both = [&] { bed.hear(Peer{}, 200).hear_on(1, wan_peer(), 200); };
    bed.start();
    both();
    bed.hear_on(1, wan_peer(), 0).run_for(700ms);
    REQUIRE(all(bed, State::master));
    bed.hear(Peer{}, 200);
    CHECK(all(bed, State::backup));
    bed.hear_on(1, wan_peer(), 200).hear_on(1, wan_peer(), 0);
    for (int i = 0; i < 8; ++i) // the lan's master goes on: there is no unanimity
        bed.hear(Peer{}, 200).run_for(1s);
    CHECK(all(bed, State::backup));
    for (int i = 0; i < 4; ++i) // a stable period later the old resignation is no news
        bed.hear(Peer{}, 200).run_for(1s);
    CHECK(all(bed, State::backup));
    bed.hear_on(1, wan_peer(), 200).hear_on(1, wan_peer(), 0).run_for(700ms);
    CHECK(all(bed, State::master));
}

TEST_CASE("a resignation that was heard while the group could not lead carries nothing once it can") {
    TestBed bed = pair();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.start().give(InterfaceChanged{InterfaceId{1}, down});
    bed.hear(Peer{}, 200).hear(Peer{}, 0).run_for(700ms); // the lan's master resigned
    REQUIRE(all(bed, State::master) == false);
    bed.give(InterfaceChanged{InterfaceId{1}, working_interface()}).hear_on(1, wan_peer(), 200);
    CHECK(bed.sent.empty()); // the wan waits, and then hears that its master lives
    for (int i = 0; i < 10; ++i)
        bed.hear_on(1, wan_peer(), 200).run_for(1s);
    CHECK(bed.sent.empty());
}

TEST_CASE("a better router's group takes over whole although one member heard nobody") {
    TestBed bed = pair(200);
    bed.start();
    for (int i = 0; i < 10 && !all(bed, State::master); ++i)
        bed.hear_on(1, wan_peer(), 100).run_for(500ms);
    CHECK(all(bed, State::master));
}

TEST_CASE("nobody is master before the group's processes are present") {
    TestBed bed = member(2);
    bed.start().run_until(20s);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(bed.journal_text(), Catch::Contains("group cannot lead: 1 of 2 members present"));
    bed.give(says(sibling(Stance::waiting)));
    CHECK(bed.state() == State::backup);
    bed.give(says(sibling(Stance::ready)));
    CHECK(bed.state() == State::master);
}

TEST_CASE("a member tells its siblings every change at once, and that it lives every second") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::ready)));
    bed.told.clear();
    bed.run_until(3s); // backup, waiting
    CHECK(bed.told.size() == 2);
    CHECK(bed.told.front().second.status.stance == Stance::waiting);
    bed.told.clear();
    for (int i = 0; i < 3; ++i)
        bed.give(says(sibling(Stance::ready))).run_for(1s);
    REQUIRE(bed.state() == State::master);
    CHECK(std::ranges::any_of(bed.told, [&](const auto& one) {
        return one.first == bed.vr().since() && one.second.status.stance == Stance::master;
    }));
}

TEST_CASE("a sibling that dies takes the group back, and what it left is removed", "[x-stale]") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::ready)));
    for (int i = 0; i < 4; ++i)
        bed.give(says(sibling(Stance::master))).run_for(1s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.give(SiblingGone{SiblingId{1}});
    CHECK(bed.state() == State::backup);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    REQUIRE(bed.cleaned_up.size() == 1);
    CHECK(bed.cleaned_up.front().addresses == std::vector{prefix("10.0.0.253")});
    CHECK_THAT(bed.journal_text(), Catch::Contains("the process of eth1 vrid 6 died"));
}

TEST_CASE("what a dead sibling owned stays where it is") {
    TestBed bed = member(2);
    SiblingStatus owner = sibling(Stance::ready);
    owner.identity.owner = true;
    bed.start().give(says(owner)).give(SiblingGone{SiblingId{1}});
    REQUIRE(bed.cleaned_up.size() == 1);
    CHECK(bed.cleaned_up.front().addresses.empty());
}

TEST_CASE("an owner tells its siblings that the addresses are its own") {
    TestBed bed = member(2);
    bed.start();
    CHECK_FALSE(bed.told.back().second.identity.owner);
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    bed.change(facts);
    CHECK(bed.told.back().second.identity.owner);
    CHECK(bed.told.back().second.identity.addresses == std::vector{prefix("10.0.0.254/32")});
}

TEST_CASE("a sibling that leaves in order takes the group back, and there is nothing to remove") {
    TestBed bed = member(2);
    bed.start()
        .give(says(sibling(Stance::ready)))
        .run_until(3s)
        .give(says(sibling(Stance::ready)))
        .run_until(5s);
    REQUIRE(bed.state() == State::master);
    SiblingStatus leaving = sibling(Stance::unfit);
    leaving.presence = Presence::leaves;
    bed.give(says(leaving));
    CHECK(bed.state() == State::backup);
    bed.give(SiblingGone{SiblingId{1}});
    CHECK(bed.cleaned_up.empty());
}

TEST_CASE("a sibling that has stopped speaking is as good as dead, until it speaks again") {
    TestBed bed = member(2);
    bed.start()
        .give(says(sibling(Stance::ready)))
        .run_until(3s)
        .give(says(sibling(Stance::ready)))
        .run_until(5s);
    REQUIRE(bed.state() == State::master);
    bed.run_until(7s);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(bed.journal_text(), Catch::Contains("the process of eth1 vrid 6 has stopped speaking"));
    CHECK(bed.cleaned_up.empty());
    bed.run_until(12s).give(says(sibling(Stance::ready)));
    CHECK(bed.state() == State::master);
}

TEST_CASE("a process that slept does not take its siblings' silence for death") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::ready))).run_until(2s);
    bed.sleep_for(10s).give(DeadlineReached{});
    CHECK(bed.journal_text().find("stopped speaking") == std::string::npos);
}

TEST_CASE("a resignation that a sibling heard carries this process too") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::following))).hear(Peer{}, 200);
    SiblingStatus carrying = sibling(Stance::master);
    carrying.status.carrying = true;
    carrying.status.takeover = 1;
    bed.give(says(carrying));
    CHECK(bed.state() == State::master);
    bed.hear(Peer{}, 200); // but our own master lives
    CHECK(bed.state() == State::backup);
    REQUIRE_FALSE(bed.told.empty());
    CHECK(bed.told.back().second.status.takeover == 1); // so that the sibling knows it as an answer
    bed.give(says(carrying));
    CHECK(bed.state() == State::backup); // each take-over is followed once
}

TEST_CASE("a carried take-over waits for slow siblings, but not for ever") {
    TestBed bed = member(2);
    bed.start()
        .give(says(sibling(Stance::following)))
        .hear(Peer{}, 200)
        .run_for(100ms)
        .hear(Peer{}, 0)
        .run_for(609ms);
    bed.give(says(sibling(Stance::following))).run_for(1ms);
    REQUIRE(bed.state() == State::master);
    bed.give(says(sibling(Stance::following))); // told before it knew
    CHECK(bed.state() == State::master);
    bed.run_for(Group::kCarryGrace);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a member that arrives while the group leads does not demote it, and follows when it can") {
    TestBed bed = member(2);
    bed.start()
        .give(says(sibling(Stance::ready)))
        .run_until(3s)
        .give(says(sibling(Stance::ready)))
        .run_until(5s);
    REQUIRE(bed.state() == State::master);
    SiblingStatus third = sibling(Stance::waiting, false);
    third.identity.interface = "eth2";
    bed.give(SiblingSaid{SiblingId{2}, third});
    CHECK(bed.state() == State::master);

    TestBed arriving = member(2);
    arriving.start().give(says(sibling(Stance::master)));
    arriving.run_until(3s).give(says(sibling(Stance::master))).run_until(4s);
    CHECK(arriving.state() == State::backup);
    CHECK_FALSE(arriving.told.back().second.status.joined);
    arriving.run_until(5s);
    CHECK(arriving.state() == State::master);
    CHECK(arriving.told.back().second.status.joined);
}

TEST_CASE("who completes a group that does not lead has a say before it knows that it is counted") {
    TestBed bed = member(2);
    bed.start().hear(Peer{}, 50).run_until(10s); // ready, and one of two
    bed.give(says(sibling(Stance::waiting, false)));
    bed.hear(Peer{}, 50);
    CHECK(bed.state() == State::backup);
    bed.give(says(sibling(Stance::outranking)));
    CHECK(bed.state() == State::master);
}

TEST_CASE("what siblings said before this process overslept is no ground to lead") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::master))).run_until(2s);
    bed.sleep_for(60s).hear(Peer{}, 50); // a frame that waited, of a lesser master
    CHECK(bed.state() == State::backup);
    bed.give(says(sibling(Stance::ready)));
    CHECK(bed.state() == State::master);
}

TEST_CASE("an owner waits for its group") {
    TestBed bed = pair(255);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down}).start().run_for(5s);
    CHECK(bed.router.virtual_router(kLan).state() == State::backup);
    bed.give(InterfaceChanged{InterfaceId{1}, working_interface()});
    CHECK(all(bed, State::master));
}

TEST_CASE("a member that was refused its addresses tries them before the group may lead") {
    TestBed bed = pair();
    const EffectFailed refused{kWan, Action::add_address, "no"};
    bed.start().run_until(6s).give(refused);
    REQUIRE(all(bed, State::master) == false);
    bed.forget();
    while (bed.addresses.empty()) {
        bed.now = bed.router.next_deadline();
        bed.give(DeadlineReached{});
    }
    CHECK(bed.addresses == std::set{prefix("10.0.0.253")});
    bed.give(refused).run_for(10s);
    CHECK(bed.sent.empty());
    CHECK(bed.addresses.empty());
    bed.run_for(60s); // the next attempt succeeds
    CHECK(all(bed, State::master));
}

TEST_CASE("a group that yields during the trial of a member's addresses waits on") {
    TestBed bed = pair();
    bed.start().run_until(6s).give(EffectFailed{kWan, Action::add_address, "no"});
    while (bed.addresses.empty()) {
        bed.now = bed.router.next_deadline();
        bed.give(DeadlineReached{});
    }
    bed.give(Commanding{kLan, Command::hold}).run_for(1s);
    CHECK(bed.addresses.empty());
    bed.give(Commanding{kLan, Command::release}).run_for(10s);
    CHECK(all(bed, State::master));
}

TEST_CASE("a group that an operator asks to lead says so") {
    TestBed bed = pair(200);
    bed.start().run_for(1s).hear_on(0, Peer{}, 50).hear_on(1, wan_peer(), 50);
    bed.give(Commanding{kLan, Command::lead}).give(Commanding{kWan, Command::lead});
    CHECK(all(bed, State::master));
    CHECK(bed.router.virtual_router(kLan).cause() == Cause::asked);
    CHECK(bed.router.virtual_router(kWan).cause() == Cause::group_leads);
}

TEST_CASE("what siblings said makes another router, and another hash") {
    TestBed one = member(), other = member();
    one.start();
    other.start();
    REQUIRE(one.router == other.router);
    REQUIRE(one.router.hash() == other.router.hash());
    one.give(says(sibling(Stance::waiting)));
    other.give(says(sibling(Stance::following)));
    CHECK_FALSE(one.router == other.router);
    CHECK(one.router.hash() != other.router.hash());
}

TEST_CASE("an owner that waited for its group says that it is the owner") {
    TestBed bed(group_of({gateway(255), wan()}));
    bed.start().run_for(10s);
    CHECK(bed.router.virtual_router(kLan).cause() == Cause::claimed_ownership);
    CHECK(bed.router.virtual_router(kWan).cause() == Cause::no_master);
}

TEST_CASE("processes of another group are none of ours") {
    TestBed bed = member(2);
    SiblingStatus other = sibling(Stance::ready);
    other.group = "other";
    bed.start().give(says(other)).run_until(20s);
    CHECK(bed.state() == State::backup);
    bed.give(SiblingGone{SiblingId{1}});
    CHECK(bed.cleaned_up.empty());
}

// --- What a member remembers of its rivals and its master

TEST_CASE("a resignation after its silence carries nothing more") {
    TestBed bed = pair();
    bed.start().hear(Peer{}, 200);
    for (int i = 0; i < 6; ++i) // the wan's master lives
        bed.hear_on(1, wan_peer(), 200).run_for(900ms);
    REQUIRE(bed.vr().stance() == Stance::ready);
    bed.hear_on(1, wan_peer(), 200).hear(Peer{}, 0).run_for(700ms);
    CHECK(all(bed, State::backup));
}

TEST_CASE("who begins a carried take-over tells its siblings so") {
    TestBed bed = member(2);
    bed.start().give(says(sibling(Stance::following))).hear(Peer{}, 200).run_for(100ms);
    bed.hear(Peer{}, 0).run_for(500ms).give(says(sibling(Stance::following))).run_for(110ms);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.told.back().second.status.carrying);
    CHECK(bed.told.back().second.status.takeover == 1);
}

TEST_CASE("what an operator asked is forgotten when a better master speaks") {
    TestBed bed = pair();
    bed.start().run_for(2s).give(Commanding{kLan, Command::lead});
    REQUIRE(bed.vr().stance() == Stance::ready);
    bed.hear(Peer{}, 200).hear_on(1, wan_peer(), 200).run_for(5s);
    REQUIRE(all(bed, State::master));
    CHECK(bed.vr().cause() == Cause::master_silent);
}

TEST_CASE("who claims priority 255 and waits for its group may be asked to lead before it has listened") {
    TestBed bed = pair(255);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down}).start().run_for(100ms);
    bed.give(Commanding{kLan, Command::lead});
    CHECK(bed.journal_text().find("refused") == std::string::npos);
}

TEST_CASE("a member that leads, or follows a master, does not say that nobody answers") {
    TestBed leads = member(2), follows = member(2);
    leads.start().run_until(5s); // ready, and alone
    for (int i = 0; i < 10; ++i)
        leads.give(says(sibling(Stance::ready))).run_for(1s);
    CHECK(leads.state() == State::master);
    follows.start().run_until(5s).hear_until(20s, Peer{}, 200);
    for (const TestBed* bed : {&leads, &follows})
        CHECK(bed->journal_text().find("nobody answers") == std::string::npos);
}

TEST_CASE("a lesser master serves the hosts: that nobody answers is said when it has fallen silent") {
    TestBed bed = member(2);
    bed.start().hear_until(21s, Peer{}, 50); // ready at 4.6 s, and alone
    CHECK(bed.journal_text().find("nobody answers") == std::string::npos);
    bed.run_until(28s); // two down intervals after its last word at the latest
    CHECK_THAT(bed.journal_text(), Catch::Contains("nobody answers"));
}

TEST_CASE("a lesser master is waited out for its down interval and no longer") {
    TestBed bed = pair();
    bed.start().hear(Peer{}, 50);
    for (int i = 0; i < 5; ++i)
        bed.hear_on(1, wan_peer(), 200).run_for(800ms);
    CHECK(bed.vr().stance() == Stance::ready);
}

TEST_CASE("a stranger's resignation ends no contest") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    bed.hear_on(1, wan_peer(), 200).hear_on(1, {.address = ip("10.0.0.9"), .config = wan()}, 0);
    bed.run_for(2 * Group::kContestGrace);
    CHECK(all(bed, State::backup));
}

TEST_CASE("a rival that becomes the lesser one beats nobody any more") {
    TestBed bed = pair();
    bed.start().run_until(10s).hear_on(1, wan_peer(), 200).run_for(100ms);
    bed.hear_on(1, wan_peer(), 50).run_for(5s);
    CHECK(all(bed, State::master));
    CHECK(bed.vr().counters().became_master == 1);
}

TEST_CASE("a rival that is heard again and again gets no more than its grace") {
    TestBed bed = pair();
    bed.start().run_until(10s);
    for (int i = 0; i < 7; ++i)
        bed.hear_on(1, wan_peer(), 200).run_for(100ms);
    CHECK(all(bed, State::backup));
}

TEST_CASE("contests that come and go buy no more answers than rivals do") {
    TestBed bed = pair();
    bed.start().run_until(10s).forget();
    for (int i = 0; i < 20; ++i)
        bed.hear_on(1, wan_peer(), 200).hear_on(1, wan_peer(), 0);
    CHECK(std::ranges::count(bed.sent, mac("00:00:5e:00:01:05"), &TestBed::Sent::source_mac) == 8);
}

TEST_CASE("only the members of this process are shown to a rival") {
    TestBed bed = member(2);
    SiblingStatus earlier = sibling(Stance::ready);
    earlier.identity.vrid = 4;
    bed.start();
    for (int i = 0; i < 5; ++i)
        bed.give(says(earlier)).run_for(1s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.hear(Peer{}, 200);
    CHECK(bed.sent.empty());
}

// --- Siblings that come and go

TEST_CASE("who has left in order is no member, and nobody misses it") {
    TestBed bed = member(2);
    const auto group = [&] { return bed.router.group(bed.now, GroupIndex{0}); };
    bed.start().give(says(sibling(Stance::ready)));
    CHECK(group().members.size() == 2);
    SiblingStatus leaving = sibling(Stance::unfit);
    leaving.presence = Presence::leaves;
    bed.give(says(leaving));
    CHECK(group().members.size() == 1);
    bed.give(SiblingGone{SiblingId{1}});
    CHECK(group().trouble == GroupTrouble::members_missing);
}

TEST_CASE("another process does not take the place of one that is missed") {
    TestBed bed = member(2);
    SiblingStatus other = sibling(Stance::ready);
    other.identity.interface = "eth2";
    other.identity.vrid = 7;
    bed.start().give(says(sibling(Stance::ready))).give(SiblingGone{SiblingId{1}});
    bed.give(SiblingGone{SiblingId{1}}); // it can die only once
    CHECK(bed.cleaned_up.size() == 1);
    bed.give(SiblingSaid{SiblingId{2}, other});
    CHECK(bed.router.group(bed.now, GroupIndex{0}).trouble == GroupTrouble::member_missed);
}

TEST_CASE("a group of one process has no siblings, whatever others call theirs") {
    RouterConfig config{{gateway()}, {{.name = "M", .minimum = 1, .shared = false}}};
    config.virtual_routers.front().group = GroupIndex{0};
    TestBed bed(config);
    bed.start().give(says(sibling(Stance::unfit))).run_for(5s);
    CHECK(bed.state() == State::master);
    CHECK(bed.told.empty());
}

TEST_CASE("a member that is out of the election tells its siblings that it leaves all the same") {
    TestBed bed = member(2);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.start().change(down).told.clear();
    bed.give(Stop{});
    REQUIRE_FALSE(bed.told.empty());
    CHECK(bed.told.back().second.presence == Presence::leaves);
}

TEST_CASE("a process that stops says nothing of its group's trouble") {
    TestBed bed = pair();
    bed.start().run_until(10s).forget();
    bed.give(Stop{});
    CHECK(bed.journal_text().find("group") == std::string::npos);
}

// --- What is told of a group

namespace {

using Notices = std::vector<Notice>;

InterfaceFacts no_link() {
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    return facts;
}

} // namespace

TEST_CASE("a group is told of after its members, and a broken member is the whole group's fault") {
    TestBed bed = pair();
    bed.give(InterfaceChanged{InterfaceId{1}, working_interface()}).start();
    CHECK(bed.notices == Notices{Notice::backup, Notice::backup});
    CHECK(bed.group_notices == Notices{Notice::backup});
    bed.run_until(6s);
    CHECK(bed.group_notices == Notices{Notice::backup, Notice::master});
    bed.notices.clear();
    bed.give(InterfaceChanged{InterfaceId{1}, no_link()});
    CHECK(bed.notices == Notices{Notice::fault, Notice::fault});
    CHECK(bed.group_notices.back() == Notice::fault);
    bed.give(InterfaceChanged{InterfaceId{1}, working_interface()});
    CHECK(bed.notices == Notices{Notice::fault, Notice::fault, Notice::backup, Notice::backup});
    CHECK(bed.group_notices.back() == Notice::backup);
    bed.give(Stop{});
    CHECK(bed.notices.back() == Notice::stop);
    CHECK(bed.group_notices.back() == Notice::stop);
}

TEST_CASE("a group that waits for its members, or that an operator holds, is not broken") {
    TestBed waits = member();
    waits.start();
    CHECK(waits.notices == Notices{Notice::backup});
    CHECK(waits.group_notices == Notices{Notice::backup});
    TestBed held = pair();
    held.give(InterfaceChanged{InterfaceId{1}, working_interface()}).start().run_until(6s);
    held.notices.clear();
    held.give(Commanding{.virtual_router = kLan, .command = Command::hold});
    CHECK(held.notices == Notices{Notice::backup, Notice::backup});
    CHECK(held.group_notices.back() == Notice::backup);
}

TEST_CASE("a member that died is a fault of those that live, and its return ends that") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::waiting)));
    bed.give(SiblingGone{SiblingId{1}});
    CHECK(bed.notices == Notices{Notice::backup, Notice::fault});
    CHECK(bed.group_notices == Notices{Notice::backup, Notice::fault});
    bed.give(says(sibling(Stance::waiting)));
    CHECK(bed.notices.back() == Notice::backup);
    CHECK(bed.group_notices.back() == Notice::backup);
}
