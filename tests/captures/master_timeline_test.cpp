// Who was master, from what a bystander hears.
#include "tools/vrrplab/replay/master_timeline.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrplab;
using namespace std::chrono_literals;

namespace {

const IpAddress kOne = IpAddress::parse("10.0.0.1").value();
const IpAddress kTwo = IpAddress::parse("10.0.0.2").value();

wire::Advertisement from(const IpAddress& source, std::uint8_t priority, std::uint8_t vrid = 5) {
    wire::Advertisement a;
    a.version = wire::Version::v3;
    a.vrid = vrid;
    a.priority = priority;
    a.interval = 1s;
    a.source = source;
    return a;
}

MasterTimeline with_master(const IpAddress& source, std::uint8_t priority) {
    MasterTimeline timeline;
    timeline.heard(0s, from(source, priority));
    timeline.heard(1s, from(source, priority));
    return timeline;
}

} // namespace

TEST_CASE("the first to be heard is master") {
    MasterTimeline timeline;
    const auto change = timeline.heard(0s, from(kOne, 100));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::first_heard);
    CHECK_FALSE(change->from);
    CHECK(change->to == kOne);
    CHECK_FALSE(timeline.heard(1s, from(kOne, 100)));
}

TEST_CASE("a resignation leaves nobody, and the next one comes after it") {
    MasterTimeline timeline = with_master(kOne, 200);
    const auto resigned = timeline.heard(1500ms, from(kOne, 0));
    REQUIRE(resigned);
    CHECK(resigned->cause == VisibleCause::resigned);
    CHECK(resigned->from == kOne);
    CHECK_FALSE(resigned->to);
    const auto next = timeline.heard(2100ms, from(kTwo, 100));
    REQUIRE(next);
    CHECK(next->cause == VisibleCause::after_resigning);
    CHECK(next->silence == 600ms);
}

TEST_CASE("a resignation of one who is not master is none") {
    MasterTimeline timeline = with_master(kOne, 200);
    CHECK_FALSE(timeline.heard(2s, from(kTwo, 0)));
    CHECK(timeline.virtual_routers().begin()->second.master->address == kOne);
}

TEST_CASE("a capture that begins with a resignation shows who was master") {
    MasterTimeline timeline;
    const auto change = timeline.heard(0s, from(kOne, 0));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::resigned);
    CHECK(change->from == kOne);
}

TEST_CASE("after three silent intervals the next one took over from silence") {
    MasterTimeline timeline = with_master(kOne, 200);
    const auto change = timeline.heard(4600ms, from(kTwo, 100));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::silence);
    CHECK(change->from == kOne);
    CHECK(change->to == kTwo);
    CHECK(change->silence == 3600ms);
}

TEST_CASE("a better one preempts a living master") {
    MasterTimeline timeline = with_master(kOne, 100);
    const auto by_priority = timeline.heard(1500ms, from(kTwo, 200));
    REQUIRE(by_priority);
    CHECK(by_priority->cause == VisibleCause::higher_priority);

    timeline = with_master(kOne, 100);
    const auto by_address = timeline.heard(1500ms, from(kTwo, 100));
    REQUIRE(by_address);
    CHECK(by_address->cause == VisibleCause::higher_address);
}

TEST_CASE("one word of a lesser one is a farewell, a second one makes two masters") {
    MasterTimeline timeline = with_master(kOne, 200);
    CHECK_FALSE(timeline.heard(1100ms, from(kTwo, 100)));
    CHECK_FALSE(timeline.heard(2s, from(kOne, 200)));
    const auto change = timeline.heard(2100ms, from(kTwo, 100));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::two_masters);
    CHECK(change->to == kOne);
    CHECK(change->rival == kTwo);
    CHECK_FALSE(timeline.heard(3100ms, from(kTwo, 100))); // told once
}

TEST_CASE("a master that comes back after a silence was nobody's master in between") {
    MasterTimeline timeline = with_master(kOne, 200);
    const auto change = timeline.heard(11s, from(kOne, 200));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::silence);
    CHECK_FALSE(change->from);
    CHECK(change->to == kOne);
    CHECK(change->silence == 10s);
}

TEST_CASE("a master that is silent at the end of the capture is master no more") {
    MasterTimeline timeline = with_master(kOne, 200);
    CHECK(timeline.end(3s).empty());
    const auto changes = timeline.end(5s);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].cause == VisibleCause::silence);
    CHECK(changes[0].from == kOne);
    CHECK_FALSE(changes[0].to);
    CHECK(changes[0].silence == 4s);
}

TEST_CASE("words of a lesser one with a silence between them do not make two masters") {
    MasterTimeline timeline = with_master(kOne, 200);
    CHECK_FALSE(timeline.heard(1100ms, from(kTwo, 100)));
    for (Duration time = 2s; time < 5s; time += 1s)
        CHECK_FALSE(timeline.heard(time, from(kOne, 200)));
    CHECK_FALSE(timeline.heard(5100ms, from(kTwo, 100)));
}

TEST_CASE("two masters end when the lesser one falls silent or resigns, and may begin again") {
    MasterTimeline timeline = with_master(kOne, 200);
    const auto two_masters = [&](Duration time) {
        timeline.heard(time, from(kTwo, 100));
        timeline.heard(time + 500ms, from(kOne, 200));
        const auto change = timeline.heard(time + 1s, from(kTwo, 100));
        timeline.heard(time + 1500ms, from(kOne, 200));
        return change && change->cause == VisibleCause::two_masters;
    };
    REQUIRE(two_masters(1500ms));
    CHECK_FALSE(timeline.heard(4500ms, from(kOne, 200)));
    const auto silent = timeline.heard(5500ms, from(kOne, 200));
    REQUIRE(silent);
    CHECK(silent->cause == VisibleCause::silence);
    CHECK(silent->from == kTwo);
    CHECK(silent->to == kOne);
    CHECK(silent->silence == 3s);

    REQUIRE(two_masters(6s));
    const auto resigned = timeline.heard(7700ms, from(kTwo, 0));
    REQUIRE(resigned);
    CHECK(resigned->cause == VisibleCause::resigned);
    CHECK(resigned->from == kTwo);
    CHECK(resigned->to == kOne);
}

TEST_CASE("virtual routers are told apart by interface, VLAN, family and VRID") {
    MasterTimeline timeline;
    wire::Advertisement tagged = from(kOne, 100);
    tagged.vlan = 42;
    CHECK(timeline.heard(0s, from(kOne, 100)));
    CHECK(timeline.heard(0s, tagged));
    CHECK(timeline.heard(0s, from(kOne, 100, 6)));
    CHECK(timeline.heard(0s, from(kOne, 100), 1));
    CHECK(timeline.virtual_routers().size() == 4);
}

TEST_CASE("two versions that claim one VRID are two masters") {
    MasterTimeline timeline = with_master(kOne, 200);
    wire::Advertisement old = from(kTwo, 100);
    old.version = wire::Version::v2;
    CHECK_FALSE(timeline.heard(1300ms, old));
    timeline.heard(2s, from(kOne, 200));
    const auto change = timeline.heard(2300ms, old);
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::two_masters);
}

TEST_CASE("any number of masters is told, and who is left when they go one after the other") {
    const IpAddress three = IpAddress::parse("10.0.0.3").value();
    MasterTimeline timeline;
    for (Duration time = 0s; time < 3s; time += 1s) {
        timeline.heard(time, from(kOne, 200));
        timeline.heard(time + 100ms, from(kTwo, 100));
        timeline.heard(time + 200ms, from(three, 90));
    }
    const auto masters = [&] { return timeline.virtual_routers().begin()->second.masters(); };
    CHECK(masters() == std::vector{kOne, kTwo, three});
    const auto first = timeline.heard(3s, from(kOne, 0));
    REQUIRE(first);
    CHECK(first->to == kTwo); // the better one of those that are left
    CHECK_FALSE(first->ends_split);
    const auto second = timeline.heard(3100ms, from(three, 0));
    REQUIRE(second);
    CHECK(second->from == three);
    CHECK(second->to == kTwo);
    CHECK(second->ends_split);
    const auto last = timeline.heard(3200ms, from(kTwo, 0));
    REQUIRE(last);
    CHECK_FALSE(last->to);
    CHECK(masters().empty());
}

TEST_CASE("an owner does not follow another one, whatever their addresses") {
    MasterTimeline timeline = with_master(kOne, 255);
    CHECK_FALSE(timeline.heard(1100ms, from(kTwo, 255)));
    timeline.heard(2s, from(kOne, 255));
    const auto change = timeline.heard(2100ms, from(kTwo, 255));
    REQUIRE(change);
    CHECK(change->cause == VisibleCause::two_masters);
    CHECK(change->to == kOne);
}
