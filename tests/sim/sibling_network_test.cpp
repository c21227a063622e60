#include "netsim/node/sibling_network.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

constexpr VirtualRouterIndex kFirst{0}, kSecond{1};

// A process that notes what it hears: the takeover number of a status stands for its words.
struct Member final : SiblingSocket {
    void sibling_said(SiblingId id, const SiblingStatus& status) override {
        heard.push_back(fmt::format("{} said {}", static_cast<unsigned>(id), status.status.takeover));
    }
    void sibling_gone(SiblingId id) override {
        heard.push_back(fmt::format("{} gone", static_cast<unsigned>(id)));
    }
    std::vector<std::string> heard;
    SiblingPlace place{};
};

using Heard = std::vector<std::string>;

struct House {
    House() {
        a.place = network.add(a, "/run/vrrpd");
        b.place = network.add(b, "/run/vrrpd");
        stranger.place = network.add(stranger, "/run/other");
        network.join(stranger.place);
    }
    static SiblingStatus words(std::uint32_t number) {
        SiblingStatus status;
        status.identity.interface = "eth0";
        status.identity.vrid = 51;
        status.status.takeover = number;
        return status;
    }
    void say(const Member& who, std::uint32_t number, VirtualRouterIndex as = kFirst) {
        network.tell(who.place, as, words(number));
    }
    void pass(Duration time) {
        for (const TimePoint end = queue.now() + time; queue.run_one(end);)
            ;
    }
    void pass_all() { pass(1s); }

    EventQueue queue;
    SeededChoices choices{1};
    SiblingNetwork network{"r1", queue, choices};
    Member a, b, stranger;
};

struct TwoLive : House {
    TwoLive() {
        network.join(a.place);
        network.join(b.place);
    }
};

} // namespace

TEST_CASE("what a process tells reaches the others of its directory a moment later, and nobody else") {
    TwoLive house;
    house.say(house.a, 1);
    house.pass(SiblingNetwork::kLatency - 1ns);
    CHECK(house.b.heard.empty());
    house.pass(1ns);
    CHECK(house.b.heard == Heard{"0 said 1"});
    CHECK(house.a.heard.empty());
    CHECK(house.stranger.heard.empty());
}

TEST_CASE("who arrives later is told the latest of each, and tells its own") {
    House house;
    house.network.join(house.a.place);
    house.say(house.a, 1);
    house.say(house.a, 2);
    house.say(house.a, 7, kSecond);
    house.network.join(house.b.place);
    house.say(house.b, 9);
    house.pass_all();
    CHECK(house.b.heard == Heard{"0 said 2", "1 said 7"});
    CHECK(house.a.heard == Heard{"2 said 9"});
}

TEST_CASE("an end is told once for each virtual router, after all that was said") {
    TwoLive house;
    house.say(house.a, 1);
    house.say(house.a, 2, kSecond);
    house.network.leave(house.a.place);
    house.network.leave(house.a.place);
    house.pass_all();
    CHECK(house.b.heard == Heard{"0 said 1", "1 said 2", "0 gone", "1 gone"});
}

TEST_CASE("a process that is started again is somebody new, and is not told what was meant for the old one") {
    TwoLive house;
    house.say(house.a, 1);
    house.say(house.b, 1);
    house.network.leave(house.b.place);
    house.network.join(house.b.place);
    house.say(house.b, 5);
    house.pass_all();
    CHECK(house.b.heard == Heard{"0 said 1"}); // as a newcomer: once
    CHECK(house.a.heard == Heard{"1 said 1", "1 gone", "2 said 5"});
}

TEST_CASE("a frozen process is told nothing, and thawed it gets the latest of each sender in order") {
    TwoLive house;
    house.network.freeze(house.b.place);
    house.say(house.a, 1);
    house.say(house.a, 2, kSecond);
    house.pass_all();
    house.say(house.a, 3);
    house.network.leave(house.a.place);
    house.pass_all();
    CHECK(house.b.heard.empty());
    house.network.thaw(house.b.place);
    CHECK(house.b.heard == Heard{"0 said 3", "1 said 2", "0 gone", "1 gone"});
}

TEST_CASE("a newcomer hears of a frozen process when that one thaws") {
    House house;
    house.network.join(house.a.place);
    house.say(house.a, 1);
    house.network.freeze(house.a.place);
    house.network.join(house.b.place);
    house.pass_all();
    CHECK(house.b.heard.empty());
    house.network.thaw(house.a.place);
    house.pass_all();
    CHECK(house.b.heard == Heard{"0 said 1"});
}

TEST_CASE("jitter delays within its bound, changes no order, and is the same for the same seed") {
    const auto arrivals = [] {
        TwoLive house;
        house.network.set_jitter(1ms);
        for (std::uint32_t i = 0; i < 50; ++i)
            house.say(house.a, i);
        std::vector<TimePoint> times;
        while (house.b.heard.size() < 50 && house.queue.now() < kStart + 1s) {
            const std::size_t before = house.b.heard.size();
            house.pass(10us);
            for (std::size_t i = before; i < house.b.heard.size(); ++i)
                times.push_back(house.queue.now());
        }
        for (std::size_t i = 0; i < house.b.heard.size(); ++i)
            CHECK(house.b.heard[i] == fmt::format("0 said {}", i));
        return times;
    };
    const auto times = arrivals();
    REQUIRE(times.size() == 50);
    CHECK(times.front() < times.back());
    CHECK(times.back() <= kStart + 1ms + SiblingNetwork::kLatency + 10us);
    CHECK(times == arrivals());
}

TEST_CASE("who lives is known by its interface and virtual router") {
    TwoLive house;
    SiblingIdentity identity = House::words(1).identity;
    CHECK_FALSE(house.network.lives(identity));
    house.say(house.a, 1);
    CHECK(house.network.lives(identity));
    identity.vrid = 52;
    CHECK_FALSE(house.network.lives(identity));
    identity.vrid = 51;
    house.network.leave(house.a.place);
    CHECK_FALSE(house.network.lives(identity));
}
