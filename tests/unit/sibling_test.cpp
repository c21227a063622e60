// The other processes of a group: slow ones, silent ones, ones that restart, die, are forgotten and return.
#include "tests/unit/sibling_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

GroupView group_seen_by(const TestBed& bed) {
    return bed.router.group(bed.now, GroupIndex{0});
}

// The sibling of eth1 goes, and means to return.
TestBed& begin_restart(TestBed& bed, SiblingStatus status = sibling(Stance::ready)) {
    status.presence = Presence::returns;
    return bed.give(says(status)).give(SiblingGone{SiblingId{1}});
}

bool died(const TestBed& bed) {
    return bed.journal_text().find("the process of eth1 vrid 6 died") != std::string::npos;
}

bool is_silent(const TestBed& bed) {
    return group_seen_by(bed).trouble == GroupTrouble::member_silent;
}

} // namespace

// --- Slow ones

TEST_CASE("the patience with a slow sibling doubles up to 48 heartbeats and no further") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready)));
    for (const int patience : {3, 6, 12, 24, 48, 48}) {
        CAPTURE(patience);
        bed.run_for(patience * 1s - 1ms);
        CHECK_FALSE(is_silent(bed));
        bed.run_for(1ms);
        CHECK(is_silent(bed));
        bed.give(says(sibling(Stance::ready)));
    }
}

TEST_CASE("who comes after a slow sibling is given no more time than anybody") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready))).run_for(5s);
    bed.give(says(sibling(Stance::ready))).give(SiblingGone{SiblingId{1}});
    bed.give(Commanding{.command = Command::forget});
    bed.give(SiblingSaid{SiblingId{2}, sibling(Stance::ready)}).run_for(2999ms);
    CHECK_FALSE(is_silent(bed));
    bed.run_for(1ms);
    CHECK(is_silent(bed));
}

TEST_CASE(
    "a process that overslept gives a slow sibling as much time as before, and notices its silence then") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready))).run_for(4s);
    bed.give(says(sibling(Stance::ready))); // six heartbeats from now on
    bed.sleep_for(60s).give(DeadlineReached{}).run_for(5999ms);
    CHECK_FALSE(is_silent(bed));
    bed.run_for(1ms);
    CHECK(is_silent(bed));
}

TEST_CASE("what a sibling says after this process overslept counts although it is nothing new") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready))).run_until(2s);
    bed.sleep_for(60s).hear(Peer{}, 50); // a frame that waited, of a lesser master
    REQUIRE(bed.state() == State::backup);
    bed.give(says(sibling(Stance::ready)));
    CHECK(bed.state() == State::master);
}

TEST_CASE("a sibling that is silent, or was told another minimum, is the whole group's fault") {
    TestBed silent = member();
    silent.start().give(says(sibling(Stance::waiting))).run_for(4s);
    CHECK(silent.group_notices.back() == Notice::fault);
    CHECK(silent.notices.back() == Notice::fault);
    TestBed disagrees = member();
    SiblingStatus other = sibling(Stance::waiting);
    other.minimum = 3;
    disagrees.start().give(says(other));
    CHECK(disagrees.group_notices.back() == Notice::fault);
    CHECK(disagrees.notices.back() == Notice::fault);
}

TEST_CASE("who arrives at a group that leads, and outranks the master that it hears, leads with it at once") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::master))).hear(Peer{}, 50);
    CHECK(bed.state() == State::master);
    CHECK(bed.told.back().second.status.joined);
}

TEST_CASE("a master that died without a word is shown as unfit, whatever it said last") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::master))).give(SiblingGone{SiblingId{1}});
    const GroupView group = group_seen_by(bed);
    REQUIRE(group.members.size() == 2);
    CHECK(group.members[1].member.missed);
    CHECK(group.members[1].member.status.stance == Stance::unfit);
}

TEST_CASE("what keeps a group from leading is told again when it is another member, or another reason") {
    TestBed bed = member(3);
    const auto say = [&](Stance sixth, Stance seventh) {
        SiblingStatus first = sibling(sixth), second = sibling_on("eth2", 7, seventh);
        first.minimum = second.minimum = 3;
        bed.give(SiblingSaid{SiblingId{2}, second}).give(says(first));
    };
    bed.start();
    say(Stance::waiting, Stance::unfit);
    CHECK_THAT(bed.journal.back(), Catch::Contains("cannot lead: eth2 vrid 7 is not fit"));
    say(Stance::unfit, Stance::unfit);
    CHECK_THAT(bed.journal.back(), Catch::Contains("cannot lead: eth1 vrid 6 is not fit"));
    say(Stance::held, Stance::unfit);
    CHECK_THAT(bed.journal.back(), Catch::Contains("cannot lead: an operator holds eth1 vrid 6 back"));
}

TEST_CASE("nobody is to blame where members are missing") {
    TestBed bed = member();
    bed.start();
    CHECK(group_seen_by(bed).trouble == GroupTrouble::members_missing);
    CHECK(group_seen_by(bed).culprit.empty());
}

// --- Ones that restart

TEST_CASE("a sibling that restarts keeps its place while another process arrives") {
    TestBed bed = member(3);
    SiblingStatus first = sibling(Stance::ready), second = sibling_on("eth2", 7, Stance::ready);
    first.minimum = second.minimum = 3;
    bed.start().give(says(first)).give(SiblingSaid{SiblingId{2}, second});
    begin_restart(bed, first);
    SiblingStatus third = sibling_on("eth3", 8, Stance::waiting, false);
    third.minimum = 3;
    bed.give(SiblingSaid{SiblingId{3}, third});
    CHECK(group_seen_by(bed).members.size() == 4);
    bed.give(SiblingSaid{SiblingId{4}, first});
    CHECK(group_seen_by(bed).members.size() == 4);
    for (int i = 0; i < 5; ++i) {
        bed.give(SiblingSaid{SiblingId{2}, second}).give(SiblingSaid{SiblingId{3}, third});
        bed.give(SiblingSaid{SiblingId{4}, first}).run_for(1s);
    }
    CHECK_FALSE(died(bed)); // it has returned
}

TEST_CASE("a sibling that restarts is awaited as long as one that has fallen silent, and then it died") {
    TestBed bed = member();
    begin_restart(bed.start()).run_for(2999ms);
    CHECK_FALSE(died(bed));
    CHECK(group_seen_by(bed).trouble == GroupTrouble::none);
    bed.run_for(1ms);
    CHECK(died(bed));
    CHECK(bed.cleaned_up.size() == 1);
}

TEST_CASE("a sibling whose heartbeat is short gets half a second to restart all the same") {
    TestBed bed = member();
    SiblingStatus fast = sibling(Stance::ready);
    fast.heartbeat = 100ms;
    begin_restart(bed.start(), fast).run_for(499ms);
    CHECK_FALSE(died(bed));
    bed.run_for(1ms);
    CHECK(died(bed));
}

TEST_CASE("a process that overslept gives a sibling that restarts its time anew") {
    TestBed bed = member();
    begin_restart(bed.start()).sleep_for(60s).give(DeadlineReached{}).run_for(2999ms);
    CHECK_FALSE(died(bed));
    bed.run_for(1ms);
    CHECK(died(bed));
}

TEST_CASE("a sibling that never returned from its restart can be forgotten") {
    TestBed bed = member();
    begin_restart(bed.start()).run_for(4s);
    REQUIRE(died(bed));
    bed.give(Commanding{.command = Command::forget});
    CHECK(group_seen_by(bed).members.size() == 1);
}

TEST_CASE("a process that goes for a successor tells its siblings that it returns") {
    TestBed bed = member();
    bed.start().give(LeftToSuccessor{});
    CHECK(bed.told.back().second.presence == Presence::returns);
}

// --- Ones that are forgotten, move, or are too many

TEST_CASE("a sibling that was forgotten is a member again when it returns as it was") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready))).give(SiblingGone{SiblingId{1}});
    bed.give(Commanding{.command = Command::forget});
    REQUIRE(group_seen_by(bed).members.size() == 1);
    bed.give(SiblingSaid{SiblingId{2}, sibling(Stance::ready)});
    CHECK(group_seen_by(bed).members.size() == 2);
}

TEST_CASE("no other order makes a group forget a member that died") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready))).give(SiblingGone{SiblingId{1}});
    for (const Command command : {Command::hold, Command::release, Command::back_up})
        bed.give(Commanding{.command = command});
    CHECK(group_seen_by(bed).trouble == GroupTrouble::member_missed);
}

TEST_CASE("who is started while a member is missed learns of it from the others") {
    const SiblingIdentity dead{.interface = "eth2", .vrid = 7, .addresses = {}};
    SiblingStatus witness = sibling(Stance::outranking, false);
    witness.missed = {dead};
    TestBed bed = member();
    bed.start();
    for (int i = 0; i < 10; ++i)
        bed.give(says(witness)).run_for(1s);
    CHECK(bed.state() == State::backup);
    CHECK(group_seen_by(bed).trouble == GroupTrouble::member_missed);
    CHECK(group_seen_by(bed).culprit == "eth2 vrid 7");
    CHECK(bed.cleaned_up.empty());                             // the witness has done that
    CHECK(bed.told.back().second.missed == std::vector{dead}); // whoever is started next learns of it too

    SECTION("until it returns") {
        witness.missed.clear();
        bed.give(SiblingSaid{SiblingId{2}, sibling_on("eth2", 7, Stance::ready, false)}).give(says(witness));
        CHECK(group_seen_by(bed).members.size() == 3);
        CHECK(bed.state() == State::master);
        CHECK(bed.told.back().second.missed.empty());
    }
    SECTION("until an operator has it forgotten, although the witness is told of that later") {
        bed.give(Commanding{.command = Command::forget});
        CHECK(bed.told.back().second.missed.empty());
        bed.give(says(witness));
        CHECK(group_seen_by(bed).members.size() == 2);
        CHECK(bed.state() == State::master);
    }
}

TEST_CASE("who is missed itself, or hears from who is missed, misses nobody") {
    SiblingStatus witness = sibling(Stance::ready, false);
    witness.missed = {{.interface = "eth0", .vrid = gateway().vrid, .addresses = {}},
                      {.interface = "eth2", .vrid = 7, .addresses = {}}};
    TestBed bed = member();
    bed.start().give(SiblingSaid{SiblingId{2}, sibling_on("eth2", 7, Stance::ready, false)});
    bed.give(says(witness));
    CHECK(group_seen_by(bed).members.size() == 3);
    CHECK(group_seen_by(bed).trouble == GroupTrouble::none);
}

TEST_CASE("that a member is missed is told at once") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::following)));
    bed.give(SiblingSaid{SiblingId{2}, sibling_on("eth2", 7, Stance::following)}).run_for(500ms);
    bed.told.clear();
    bed.give(SiblingGone{SiblingId{2}});
    REQUIRE(bed.told.size() == 1);
    CHECK(bed.told.front().second.missed ==
          std::vector<SiblingIdentity>{{.interface = "eth2", .vrid = 7, .addresses = {}}});
}

TEST_CASE("a sibling that calls its group otherwise is a member no more, and nobody waits for its word") {
    TestBed bed = member();
    bed.start().give(says(sibling(Stance::ready)));
    REQUIRE(group_seen_by(bed).members.size() == 2);
    SiblingStatus other = sibling(Stance::ready);
    other.group = "N";
    bed.give(says(other));
    CHECK(group_seen_by(bed).members.size() == 1);
    CHECK(group_seen_by(bed).trouble == GroupTrouble::members_missing);
    bed.forget();
    bed.run_for(10s);
    CHECK(bed.journal_text().find("stopped speaking") == std::string::npos);
}

TEST_CASE("a process knows 255 siblings, and no more") {
    TestBed bed = member();
    bed.start();
    for (unsigned i = 0; i < 300; ++i)
        bed.give(
            SiblingSaid{SiblingId{i}, sibling_on("eth" + std::to_string(i),
                                                 static_cast<std::uint8_t>(i % 255 + 1), Stance::waiting)});
    CHECK(group_seen_by(bed).members.size() == 256);
}

TEST_CASE("a member that cannot take part from the start tells its siblings so at once") {
    TestBed bed = member();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down).start();
    REQUIRE(bed.told.size() == 1);
    CHECK(bed.told.front().second.status.stance == Stance::unfit);
}
