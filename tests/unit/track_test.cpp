// One health check, from results to what counts.
#include "core/machine/track.hpp"
#include "core/net/hash.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

Track track(TrackConfig config = {.name = "uplink"}) {
    return Track(std::move(config));
}

} // namespace

TEST_CASE("a check is unknown before its first result, which counts at once") {
    Track good = track(), bad = track();
    CHECK(good.state() == CheckState::unknown);
    CHECK(good.adds() == 0);
    CHECK(good.told(TimePoint(5s), true, "it is up"));
    CHECK(good.state() == CheckState::passes);
    CHECK(good.since() == TimePoint(5s));
    CHECK(good.reason() == "it is up");
    CHECK(bad.told(TimePoint(5s), false, "it is down"));
    CHECK(bad.state() == CheckState::fails);
    CHECK_FALSE(bad.told(TimePoint(6s), false, "it is still down"));
    CHECK(bad.since() == TimePoint(5s));
    CHECK(bad.reason() == "it is still down");
}

TEST_CASE("a positive weight counts while the check passes, a negative one while it fails") {
    Track plus = track({.name = "uplink", .weight = 30}), minus = track({.name = "uplink", .weight = -30}),
          none = track();
    for (Track* one : {&plus, &minus, &none})
        one->told(TimePoint(1s), true, "");
    CHECK(plus.adds() == 30);
    CHECK(minus.adds() == 0);
    CHECK(none.adds() == 0);
    for (Track* one : {&plus, &minus, &none})
        one->told(TimePoint(2s), false, "");
    CHECK(plus.adds() == 0);
    CHECK(minus.adds() == -30);
    CHECK(none.adds() == 0);
}

TEST_CASE("an inverted check fails where another one passes") {
    Track one = track({.name = "uplink", .invert = true});
    one.told(TimePoint(1s), true, "it is up");
    CHECK(one.state() == CheckState::fails);
    one.told(TimePoint(2s), false, "it is down");
    CHECK(one.state() == CheckState::passes);
}

TEST_CASE("a check that failed is held down until it has passed without a break") {
    Track one = track({.name = "uplink", .hold = 10s});
    CHECK(one.told(TimePoint(1s), true, "")); // the first result is not held
    CHECK(one.state() == CheckState::passes);
    CHECK(one.told(TimePoint(20s), false, ""));
    CHECK(one.next_deadline() == kNever);
    CHECK_FALSE(one.told(TimePoint(21s), true, ""));
    CHECK(one.next_deadline() == TimePoint(31s));
    CHECK_FALSE(one.deadline_reached(TimePoint(31s) - 1ns));
    CHECK_FALSE(one.told(TimePoint(30s), false, "")); // it flaps
    CHECK(one.next_deadline() == kNever);
    CHECK_FALSE(one.deadline_reached(TimePoint(31s)));
    CHECK_FALSE(one.told(TimePoint(32s), true, ""));
    CHECK_FALSE(one.told(TimePoint(33s), true, "")); // still without a break
    CHECK(one.next_deadline() == TimePoint(42s));
    CHECK(one.deadline_reached(TimePoint(42s)));
    CHECK(one.state() == CheckState::passes);
    CHECK(one.since() == TimePoint(42s));
    CHECK(one.next_deadline() == kNever);
}

TEST_CASE("failures count after `fall` of them in a row, and passing after `rise`") {
    Track one = track({.name = "uplink", .rise = 2, .fall = 3});
    const auto tell = [&](std::initializer_list<bool> results) {
        bool changed = false;
        for (const bool ok : results)
            changed = one.told(TimePoint(1s), ok, "") || changed;
        return changed;
    };
    CHECK(tell({true})); // the first one counts at once
    CHECK(one.state() == CheckState::passes);
    CHECK_FALSE(tell({false, false, true, false, false}));
    CHECK(one.state() == CheckState::passes);
    CHECK(tell({false}));
    CHECK(one.state() == CheckState::fails);
    CHECK_FALSE(tell({true, false, true}));
    CHECK(one.state() == CheckState::fails);
    CHECK(tell({true}));
    CHECK(one.state() == CheckState::passes);
    CHECK_FALSE(tell({true, true, true, true, false, false})); // many passes are no credit
    CHECK(tell({false}));
}

TEST_CASE("a check is asked every interval, and never before it has answered") {
    Track one = track({.name = "web", .check = ScriptCheck{"/etc/web"}, .interval = 2s, .timeout = 5s});
    CHECK(one.next_deadline() == kNever);
    one.start(TimePoint(10s));
    CHECK(one.next_deadline() == TimePoint(10s));
    CHECK(one.ask(TimePoint(10s)));
    CHECK_FALSE(one.ask(TimePoint(10s)));
    CHECK(one.next_deadline() == kNever); // it waits for the answer
    one.told(TimePoint(10500ms), true, "");
    CHECK(one.next_deadline() == TimePoint(12s)); // from start to start
    CHECK_FALSE(one.ask(TimePoint(12s) - 1ns));
    CHECK(one.ask(TimePoint(12s)));
    one.told(TimePoint(15s), true, ""); // it took longer than the interval
    CHECK(one.next_deadline() == TimePoint(15s));
}

TEST_CASE("a check that tells by itself is not asked") {
    Track one = track();
    one.start(TimePoint(10s));
    one.told(TimePoint(10s), true, "");
    CHECK(one.next_deadline() == kNever);
}

TEST_CASE("a file's number is its weight, and it rules nobody out") {
    Track one = track({.name = "x", .check = FileCheck{"/run/weight"}});
    one.start(TimePoint(1s));
    CHECK(one.ask(TimePoint(1s)));
    CHECK(one.told(TimePoint(1s), true, "it says -30", -30));
    CHECK(one.next_deadline() == kNever); // it is looked at when it changes
    CHECK(one.adds() == -30);
    CHECK_FALSE(one.told(TimePoint(2s), true, "it says -30", -30));
    CHECK(one.told(TimePoint(3s), true, "it says 40", 40));
    CHECK(one.since() == TimePoint(1s));
    CHECK(one.adds() == 40);
    CHECK(one.told(TimePoint(4s), false, "No such file"));
    CHECK(one.state() == CheckState::fails);
    CHECK(one.adds() == 0);
    CHECK_FALSE(one.rules_out());
    Track other = track();
    other.told(TimePoint(1s), false, "");
    CHECK(other.rules_out());
}

TEST_CASE("a number that falls counts at once, one that rises when it has stayed for the hold") {
    Track one = track({.name = "x", .check = FileCheck{"/run/weight"}, .hold = 10s});
    one.told(TimePoint(1s), true, "it says -20", -20);
    CHECK(one.adds() == -20); // the first counts
    CHECK_FALSE(one.told(TimePoint(2s), true, "it says 40", 40));
    CHECK(one.next_deadline() == TimePoint(12s));
    CHECK_FALSE(one.told(TimePoint(5s), true, "it says 30", 30)); // another one begins anew
    CHECK(one.next_deadline() == TimePoint(15s));
    CHECK_FALSE(one.deadline_reached(TimePoint(15s) - 1ns));
    CHECK(one.adds() == -20);
    CHECK(one.deadline_reached(TimePoint(15s)));
    CHECK(one.adds() == 30);
    CHECK(one.next_deadline() == kNever);
    CHECK(one.told(TimePoint(16s), true, "it says -5", -5));
    CHECK(one.adds() == -5);
    CHECK(one.told(TimePoint(17s), false, "No such file")); // it fails, but what it adds rises
    CHECK(one.adds() == -5);
    CHECK(one.told(TimePoint(18s), true, "it says -5", -5));
    CHECK(one.state() == CheckState::passes);
    CHECK_FALSE(one.deadline_reached(TimePoint(60s)));
}

TEST_CASE("a check that tells by itself is started once") {
    for (const decltype(TrackConfig::check)& check :
         {decltype(TrackConfig::check)(ProcessCheck{.name = "bird"}),
          decltype(TrackConfig::check)(RouteCheck{})}) {
        Track one = track({.name = "x", .check = check, .hold = 10s});
        one.start(TimePoint(1s));
        CHECK(one.ask(TimePoint(1s)));
        CHECK(one.told(TimePoint(1s), true, "it is there"));
        CHECK(one.next_deadline() == kNever);
        CHECK(one.told(TimePoint(2s), false, "it is gone"));
        CHECK(one.rules_out());
        CHECK_FALSE(one.told(TimePoint(3s), true, "it is back"));
        CHECK(one.next_deadline() == TimePoint(13s));
        CHECK(one.deadline_reached(TimePoint(13s)));
        CHECK_FALSE(one.ask(TimePoint(14s)));
    }
}

TEST_CASE("checks that differ in what decides are unequal, and hash differently") {
    const auto after = [](auto&& what) {
        Track one = track({.name = "uplink", .hold = 10s});
        what(one);
        return one;
    };
    Track asked = track({.name = "web", .check = ScriptCheck{"/etc/web"}, .interval = 1s}), started = asked;
    started.start(TimePoint(1s));
    asked.start(TimePoint(1s));
    asked.ask(TimePoint(1s));
    CHECK_FALSE(asked == started);
    CHECK(hash_of(asked) != hash_of(started));
    const Track all[] = {
        after([](Track&) {}),
        after([](Track& t) { t.told(TimePoint(1s), true, ""); }),
        after([](Track& t) { t.told(TimePoint(2s), true, ""); }),
        after([](Track& t) { t.told(TimePoint(1s), true, "why"); }),
        after([](Track& t) { t.told(TimePoint(1s), true, "", 5); }),
        after([](Track& t) { t.told(TimePoint(1s), true, "", 5), t.told(TimePoint(2s), true, "", 6); }),
        after([](Track& t) { t.told(TimePoint(1s), true, "", 5), t.told(TimePoint(3s), true, "", 6); }),
        after([](Track& t) { t.told(TimePoint(1s), false, ""); }),
        after([](Track& t) { t.told(TimePoint(1s), false, ""), t.told(TimePoint(2s), true, ""); }),
        after([](Track& t) { t.told(TimePoint(1s), false, ""), t.told(TimePoint(3s), true, ""); }),
    };
    for (const Track& a : all)
        for (const Track& b : all) {
            CHECK((a == b) == (&a == &b));
            CHECK((hash_of(a) == hash_of(b)) == (&a == &b));
        }
}
