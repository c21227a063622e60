// What a router says of its own limits.
#include "core/daemon/status.hpp"
#include "core/machine/lateness_record.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

TEST_CASE("a record says what all but one in a thousand stay below, to a fifth") {
    LatenessRecord record;
    for (int i = 0; i < 999; ++i)
        record.add(100us);
    CHECK(record.within() == Duration{}); // too few
    for (int i = 0; i < 9001; ++i)
        record.add(100us);
    for (int i = 0; i < 9; ++i)
        record.add(50ms);
    CHECK(record.within() >= 100us);
    CHECK(record.within() <= 125us);
    for (int i = 0; i < 30; ++i)
        record.add(20ms);
    CHECK(record.within() >= 20ms);
    CHECK(record.within() <= 25ms);
}

TEST_CASE("what was long ago counts less and less") {
    LatenessRecord record;
    for (int i = 0; i < 2000; ++i)
        record.add(1s);
    for (unsigned i = 0; i < 12 * LatenessRecord::kHalvedAt; ++i)
        record.add(10us);
    CHECK(record.within() < 1ms);
}

TEST_CASE("every lateness has its bucket, from nothing to hours") {
    for (const Duration late :
         {Duration{}, Duration(1ns), Duration(999ns), Duration(1us), Duration(2us), Duration(3us),
          Duration(5us), Duration(1023us), Duration(10ms), Duration(7s)}) {
        LatenessRecord record;
        for (int i = 0; i < 2000; ++i)
            record.add(late);
        CHECK(record.within() >= late);
        CHECK(record.within() <= std::max<Duration>(late * 3 / 2, 2us));
    }
    LatenessRecord record;
    for (int i = 0; i < 2000; ++i)
        record.add(10h);
    CHECK(record.within() > 30s);
}

TEST_CASE("a safe interval is three times what is late, in steps that an advertisement can say") {
    CHECK(safe_interval(0us) == 10ms);
    CHECK(safe_interval(60us) == 10ms);
    CHECK(safe_interval(20ms) == 60ms);
    CHECK(safe_interval(21ms) == 70ms);
}

TEST_CASE("a machine that wakes too late for its interval says so once, with what to use") {
    TestBed bed(gateway_v3(100, 10ms));
    bed.start().run_for(1s);
    REQUIRE(bed.state() == State::master);
    for (int i = 0; i < 2000; ++i) {
        bed.now = std::max(bed.now, bed.router.next_deadline()) + (i % 100 == 0 ? 18ms : 50us);
        bed.give(DeadlineReached{});
    }
    const auto lines = std::ranges::count_if(bed.journal, [](const std::string& line) {
        return line.find("an interval of 10 ms is not safe here: use 70 ms, or --realtime") !=
               std::string::npos;
    });
    CHECK(lines == 1);
    CHECK_THAT(bed.journal_text(), Catch::Contains("99.9 % of the wakes of this machine are up to"));
}

TEST_CASE("a backup that hears its master late says so too, and one that hears it in time says nothing") {
    for (const bool late : {false, true}) {
        TestBed bed(gateway_v3(100, 100ms));
        bed.start();
        Peer master{.config = gateway_v3(200, 100ms)};
        for (int i = 0; i < 1500; ++i) {
            bed.hear(master, 200);
            bed.run_for(late && i % 50 == 0 ? 190ms : 100ms);
        }
        REQUIRE(bed.state() == State::backup);
        INFO(bed.journal_text());
        CHECK((bed.journal_text().find("100 ms is not safe here: use 300 ms: 99.9 % of what it hears") !=
               std::string::npos) == late);
    }
}

TEST_CASE("the state tells how late wakes and advertisements are, and what interval is safe") {
    TestBed bed(gateway_v3(100, 10ms));
    bed.start();
    CHECK(status(bed.router, bed.now, {})["process"]["lateness"]["safe_interval"].is_null());
    bed.run_for(20s);
    const auto lateness = status(bed.router, bed.now, {})["process"]["lateness"];
    CHECK(lateness["wakes_within"] > 0);
    CHECK(lateness["heard_within"].is_null());
    CHECK(lateness["safe_interval"] == 0.01);
}
