// The judgement of a group alone: what its members say goes in, a verdict comes out.
#include "core/machine/group.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kNow{1h};

GroupMember own(Stance stance, bool joined = true) {
    return {.status = {.stance = stance, .joined = joined}, .local = true};
}

GroupMember other(Stance stance, bool joined = true) {
    return {.status = {.stance = stance, .joined = joined}};
}

GroupMember carrying(GroupMember member, std::uint32_t takeover = 0) {
    member.status.carrying = true;
    member.status.takeover = takeover;
    return member;
}

using Verdict = Group::Verdict;

Verdict verdict(const std::vector<GroupMember>& members, unsigned minimum = 2) {
    return Group(minimum).judge(kNow, members).verdict;
}

} // namespace

TEST_CASE(
    "a group leads when all are ready, master, or outrank whom they hear, and one of them waits no more") {
    CHECK(verdict({own(Stance::ready), own(Stance::ready)}) == Verdict::lead);
    CHECK(verdict({own(Stance::ready), own(Stance::outranking)}) == Verdict::lead);
    CHECK(verdict({own(Stance::outranking), own(Stance::preempting)}) == Verdict::lead);
    CHECK(verdict({own(Stance::ready), other(Stance::master)}) == Verdict::lead);
    CHECK(verdict({own(Stance::outranking), own(Stance::outranking)}) == Verdict::stay);
    CHECK(verdict({own(Stance::ready), own(Stance::waiting)}) == Verdict::stay);
    CHECK(verdict({own(Stance::ready), own(Stance::following)}) == Verdict::stay);
    CHECK(verdict({own(Stance::master), own(Stance::following)}) == Verdict::yield);
    CHECK(verdict({own(Stance::master), own(Stance::unfit)}) == Verdict::yield);
    CHECK(verdict({own(Stance::master), own(Stance::held)}) == Verdict::yield);
}

TEST_CASE("a master that has not joined does not make its group one that leads") {
    // Who arrives counts at once while nobody that has joined leads.
    CHECK(verdict({own(Stance::ready), other(Stance::master, false), other(Stance::waiting, false)}) ==
          Verdict::stay);
    CHECK(verdict({own(Stance::ready), other(Stance::master, true), other(Stance::waiting, false)}) ==
          Verdict::lead);
}

TEST_CASE("a member that arrives carries nothing and is carried by nothing") {
    CHECK(verdict({carrying(own(Stance::ready, false)), other(Stance::following)}) == Verdict::stay);
    CHECK(verdict({own(Stance::waiting, false), carrying(other(Stance::master), 1)}) == Verdict::stay);
    CHECK(verdict({carrying(own(Stance::ready)), other(Stance::following)}) == Verdict::lead);
}

TEST_CASE("who arrives in another process keeps no member of this one back") {
    CHECK(verdict({carrying(own(Stance::ready)), other(Stance::waiting, false)}) == Verdict::lead);
    CHECK(verdict({other(Stance::master), own(Stance::ready), other(Stance::ready, false)}) == Verdict::lead);
}

TEST_CASE("a process that leads does not wait for a member of its own that arrives") {
    for (const Stance arriving : {Stance::unfit, Stance::held, Stance::waiting, Stance::following}) {
        CHECK(verdict({own(Stance::master), own(arriving, false)}) == Verdict::lead);
        CHECK(verdict({own(Stance::master), own(Stance::following), own(arriving, false)}) == Verdict::yield);
    }
    CHECK(verdict({own(Stance::master), own(Stance::ready, false)}) == Verdict::lead_alone);
}

TEST_CASE("what is wrong with a group has an order, and its culprit a place") {
    const auto opinion = [](const std::vector<GroupMember>& members) {
        return Group(2).judge(kNow, members);
    };
    GroupMember missed = other(Stance::unfit), disagrees = other(Stance::ready),
                silent = other(Stance::master);
    missed.missed = true;
    disagrees.other_minimum = 3;
    silent.silent = true;
    CHECK(opinion({own(Stance::ready)}).trouble == GroupTrouble::members_missing);
    CHECK(opinion({own(Stance::ready), own(Stance::unfit)}).trouble == GroupTrouble::member_unfit);
    CHECK(opinion({own(Stance::ready), own(Stance::held)}).trouble == GroupTrouble::member_held);
    CHECK(opinion({own(Stance::ready), silent}).trouble == GroupTrouble::member_silent);
    const auto disagreeing = opinion({own(Stance::unfit), own(Stance::ready), disagrees});
    CHECK(disagreeing.trouble == GroupTrouble::minimum_differs);
    CHECK(disagreeing.culprit == 2);
    const auto missing = opinion({own(Stance::ready), missed, own(Stance::ready), disagrees});
    CHECK(missing.trouble == GroupTrouble::member_missed);
    CHECK(missing.culprit == 1);
    CHECK(missing.present == 3);
}

namespace {

// What two machines hear of one another on one network.
enum class Wire { none, first_hears, second_hears, both };

struct Network {
    bool first_is_better = false;
    Wire wire = Wire::both;
};

// Two machines that lead at once, until one of them yields or nothing changes any more.
class Contest {
  public:
    explicit Contest(std::vector<Network> networks) : networks_(std::move(networks)) {}

    void run() {
        for (now_ = kNow; now_ < kNow + 2s; now_ += 50ms) {
            const bool first = yields(0), second = yields(1);
            leads_[0] = leads_[0] && !first;
            leads_[1] = leads_[1] && !second;
        }
    }

    bool leads(std::size_t machine) const { return leads_[machine]; }

  private:
    bool yields(std::size_t machine) {
        std::vector<GroupMember> members;
        for (const Network& network : networks_) {
            const bool hears = leads_[1 - machine] &&
                               (network.wire == Wire::both ||
                                network.wire == (machine == 0 ? Wire::first_hears : Wire::second_hears));
            const bool better = network.first_is_better == (machine == 0);
            members.push_back(own(hears && !better ? Stance::beaten : Stance::master));
            members.back().status.winning = hears && better;
            members.back().rival_is_lower = machine == 1; // the first machine has the lower addresses
            if (hears && !better) members.back().beaten_since = kNow;
        }
        return leads_[machine] && groups_[machine].judge(now_, members).verdict == Verdict::yield;
    }

    std::vector<Network> networks_;
    TimePoint now_{};
    Group groups_[2]{Group(1), Group(1)};
    bool leads_[2]{true, true};
};

} // namespace

TEST_CASE("of two groups that lead at once exactly one goes on, whoever is better where and heard by whom") {
    constexpr unsigned kKinds = 8; // better or not, and four kinds of wire
    for (unsigned code = 0; code < kKinds * kKinds * kKinds; ++code) {
        std::vector<Network> networks;
        bool a_loser_hears = false;
        for (unsigned rest = code, i = 0; i < 3; ++i, rest /= kKinds) {
            const Network network{rest % 2 == 0, static_cast<Wire>(rest / 2 % 4)};
            networks.push_back(network);
            const Wire loser = network.first_is_better ? Wire::second_hears : Wire::first_hears;
            a_loser_hears = a_loser_hears || network.wire == Wire::both || network.wire == loser;
        }
        Contest contest(networks);
        contest.run();
        INFO("case " << code);
        // Where nobody hears a better one nobody can know of it.
        CHECK((contest.leads(0) ? 1 : 0) + (contest.leads(1) ? 1 : 0) == (a_loser_hears ? 1 : 2));
        const bool whole =
            std::ranges::all_of(networks, [](const Network& n) { return n.wire == Wire::both; });
        if (whole) CHECK(contest.leads(0) == networks.front().first_is_better);
    }
}

namespace {

GroupMember beaten(TimePoint since) {
    GroupMember member = own(Stance::beaten);
    member.beaten_since = since;
    return member;
}

GroupMember knows(GroupMember member, std::uint32_t takeover) {
    member.status.takeover = takeover;
    return member;
}

const std::vector<GroupMember> kPreempting{own(Stance::outranking), own(Stance::preempting)};
const std::vector<GroupMember> kBackup{own(Stance::following), own(Stance::following)};
const std::vector<GroupMember> kBeaten{own(Stance::master), own(Stance::following)};

// Takes over from a living master, leads for so long, and is beaten.
void preempt_in_vain(Group& group, TimePoint now, Duration leads = 1s) {
    CHECK(group.judge(now, kPreempting).verdict == Verdict::lead);
    CHECK(group.judge(now + leads, kBeaten).verdict == Verdict::yield);
    (void)group.judge(now + leads, kBackup);
}

} // namespace

TEST_CASE("who has not joined counts in its own process, and elsewhere only where nobody leads") {
    const auto trouble = [](const std::vector<GroupMember>& members) {
        return Group(2).judge(kNow, members).trouble;
    };
    CHECK(trouble({own(Stance::unfit, false), other(Stance::master)}) == GroupTrouble::member_unfit);
    CHECK(trouble({own(Stance::master), own(Stance::master), other(Stance::unfit, false)}) ==
          GroupTrouble::none);
    CHECK(trouble({own(Stance::ready), other(Stance::unfit, false)}) == GroupTrouble::member_unfit);
}

TEST_CASE("who outranks its master follows a sibling that leads, even where its group preempts no more") {
    const std::vector<GroupMember> sibling_leads{own(Stance::outranking), other(Stance::master)};
    CHECK(verdict(sibling_leads) == Verdict::lead);
    Group weary(2);
    for (unsigned i = 0; i < Group::kVainPreemptions; ++i)
        preempt_in_vain(weary, kNow + i * 20s);
    REQUIRE(weary.preempts_no_more());
    CHECK(weary.judge(kNow + 100s, kPreempting).verdict == Verdict::stay);
    CHECK(weary.judge(kNow + 100s, sibling_leads).verdict == Verdict::lead);
}

TEST_CASE("only preemptions that were beaten soon, one after another, are in vain") {
    Group group(2);
    const auto three = [&](TimePoint now) {
        for (unsigned i = 0; i + 1 < Group::kVainPreemptions; ++i)
            preempt_in_vain(group, now + i * 20s);
    };
    three(kNow);
    SECTION("one of them led for long") {
        preempt_in_vain(group, kNow + 60s, Group::kStablePeriod);
    }
    SECTION("a carried take-over came between") {
        CHECK(group.judge(kNow + 60s, std::vector{carrying(own(Stance::ready)), own(Stance::waiting)})
                  .verdict == Verdict::lead);
        CHECK(group.judge(kNow + 61s, std::vector{own(Stance::master), own(Stance::unfit)}).verdict ==
              Verdict::yield);
    }
    SECTION("it led since its master was silent, soon after a preemption that was not beaten") {
        CHECK(group.judge(kNow + 60s, kPreempting).verdict == Verdict::lead);
        CHECK(group.judge(kNow + 61s, std::vector{own(Stance::master), own(Stance::unfit)}).verdict ==
              Verdict::yield);
        CHECK(group.judge(kNow + 62s, std::vector{own(Stance::ready), own(Stance::ready)}).verdict ==
              Verdict::lead);
        CHECK(group.judge(kNow + 63s, kBeaten).verdict == Verdict::yield);
    }
    three(kNow + 100s);
    CHECK_FALSE(group.preempts_no_more());
}

TEST_CASE("a carried take-over is begun by a ready member here, and called by a joined master elsewhere") {
    CHECK(verdict({own(Stance::following), carrying(other(Stance::ready))}) == Verdict::stay);
    CHECK(verdict({own(Stance::following), carrying(other(Stance::master, true), 1)}) == Verdict::lead);
    CHECK(verdict({own(Stance::following), carrying(other(Stance::master, false), 1)}) == Verdict::stay);
    CHECK(verdict({own(Stance::following), carrying(other(Stance::ready), 1)}) == Verdict::stay);
    CHECK(verdict({own(Stance::following), knows(other(Stance::master), 1)}) == Verdict::stay);
}

TEST_CASE("what contradicts a carried take-over is said here, or by who knows of it, or after the grace") {
    const auto after_carrying = [](GroupMember second, Duration later) {
        Group group(2);
        CHECK(
            group.judge(kNow, std::vector{carrying(own(Stance::ready)), other(Stance::following)}).verdict ==
            Verdict::lead);
        return group.judge(kNow + later, std::vector{own(Stance::master), second}).verdict;
    };
    CHECK(after_carrying(other(Stance::following), 1ms) == Verdict::stay);
    CHECK(after_carrying(other(Stance::following), Group::kCarryGrace) == Verdict::yield);
    CHECK(after_carrying(knows(other(Stance::following), 1), 1ms) == Verdict::yield);
    CHECK(after_carrying(own(Stance::following), 1ms) == Verdict::yield);
}

TEST_CASE("a contradicted take-over is distrusted for one stable period, however often it is contradicted") {
    Group group(2);
    const std::vector<GroupMember> resigned{carrying(own(Stance::ready)), own(Stance::following)};
    CHECK(group.judge(kNow, resigned).verdict == Verdict::lead);
    CHECK(group.judge(kNow + 1s, kBeaten).verdict == Verdict::yield);
    CHECK(group.distrusts_resignations(kNow + 2s));
    CHECK(group.judge(kNow + 2s, resigned).verdict == Verdict::stay);
    (void)group.judge(kNow + 9s, kBackup);
    CHECK_FALSE(group.distrusts_resignations(kNow + 1s + Group::kStablePeriod));
}

TEST_CASE("a sibling's beaten member is that sibling's to judge") {
    CHECK(verdict({other(Stance::beaten), own(Stance::master)}) == Verdict::lead);
}

TEST_CASE("a group with two beaten members yields when the first grace is over") {
    Group group(1);
    (void)group.judge(kNow, std::vector{own(Stance::master), beaten(kNow - 100ms), beaten(kNow)});
    CHECK(group.next_deadline(kNow) == kNow + 200ms);
}

TEST_CASE(
    "the grace doubles with each contest given up, up to a bound, and is forgotten the later the longer") {
    const auto yields_after = [](Group& group, TimePoint since, Duration grace) {
        const std::vector<GroupMember> members{own(Stance::master), beaten(since)};
        CHECK(group.judge(since + grace - 1ns, members).verdict != Verdict::yield);
        return group.judge(since + grace, members).verdict == Verdict::yield;
    };
    Group once(1), later(1), often(1);
    for (Group* group : {&once, &later})
        CHECK(yields_after(*group, kNow, 300ms));
    CHECK(yields_after(once, kNow + 15s, 600ms));
    CHECK(yields_after(later, kNow + 300ms + 2 * Group::kStablePeriod + 1ns, 300ms));
    TimePoint now = kNow;
    for (const int grace : {1, 2, 4, 8, 16, 16, 16}) {
        CHECK(yields_after(often, now, grace * Group::kContestGrace));
        now += 6s;
    }
}

namespace {

const std::vector<GroupMember> kSilence{own(Stance::ready), other(Stance::ready)};

// Leads, soon hears that one of its members has lost, and yields.
void lead_in_vain(Group& group, TimePoint now) {
    CHECK(group.judge(now, kSilence).verdict == Verdict::lead);
    CHECK(group.judge(now + 1s, std::vector{own(Stance::master), other(Stance::following)}).verdict ==
          Verdict::yield);
    (void)group.judge(now + 1s, std::vector{own(Stance::following), other(Stance::following)});
}

} // namespace

TEST_CASE("a group that led in vain again and again leads when its members have been willing for a while") {
    Group group(2);
    for (unsigned i = 0; i < Group::kShortLeads; ++i)
        lead_in_vain(group, kNow + i * 4s);
    const TimePoint then = kNow + 8s, soon = then + Group::kContestGrace;
    SECTION("and a resignation does not carry it") {
        CHECK(
            group.judge(then, std::vector{carrying(own(Stance::ready)), other(Stance::following)}).verdict ==
            Verdict::stay);
    }
    SECTION("without a break") {
        CHECK(group.judge(then, kSilence).verdict == Verdict::stay);
        CHECK(group.next_deadline(then) == soon);
        CHECK(group.judge(soon - 1ns, kSilence).verdict == Verdict::stay);
        CHECK(group.judge(soon, kSilence).verdict == Verdict::lead);
    }
    SECTION("and from the beginning where one was not") {
        CHECK(group.judge(then, kSilence).verdict == Verdict::stay);
        CHECK(group.judge(then + 1ms, std::vector{own(Stance::ready), other(Stance::following)}).verdict ==
              Verdict::stay);
        CHECK(group.judge(soon, kSilence).verdict == Verdict::stay);
        CHECK(group.judge(soon + Group::kContestGrace, kSilence).verdict == Verdict::lead);
    }
    SECTION("and longer when that was in vain, too") {
        (void)group.judge(then, kSilence);
        lead_in_vain(group, soon);
        CHECK(group.judge(then + 4s, kSilence).verdict == Verdict::stay);
        CHECK(group.judge(then + 4s + Group::kContestGrace, kSilence).verdict == Verdict::stay);
        CHECK(group.judge(then + 4s + 2 * Group::kContestGrace, kSilence).verdict == Verdict::lead);
    }
    SECTION("but follows a sibling that leads, at once") {
        CHECK(group.judge(then, std::vector{own(Stance::ready), other(Stance::master)}).verdict ==
              Verdict::lead);
    }
    SECTION("and leads at once when that is long ago") {
        const TimePoint later = then + Group::kHesitationEnds;
        CHECK(group.judge(later, kSilence).verdict == Verdict::lead);
    }
}

TEST_CASE("a group that led for long, or yielded for another reason, does not hesitate") {
    for (const bool unfit : {false, true}) {
        Group group(2);
        for (unsigned i = 0; i < 2 * Group::kShortLeads; ++i) {
            const TimePoint now = kNow + i * 20s, end = now + (unfit ? Duration(1s) : Group::kStablePeriod);
            CHECK(group.judge(now, kSilence).verdict == Verdict::lead);
            (void)group.judge(now, std::vector{own(Stance::master), other(Stance::master)});
            const auto loser = other(unfit ? Stance::unfit : Stance::following);
            CHECK(group.judge(end, std::vector{own(Stance::master), loser}).verdict == Verdict::yield);
            (void)group.judge(end, std::vector{own(Stance::waiting), loser});
        }
    }
}
