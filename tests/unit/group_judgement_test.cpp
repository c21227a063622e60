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
    CHECK(verdict({own(Stance::waiting, false), carrying(other(Stance::master), 1)}) == Verdict::lead_alone);
    CHECK(verdict({carrying(own(Stance::ready)), other(Stance::following)}) == Verdict::lead);
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
