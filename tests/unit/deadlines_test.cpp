// The heap of deadlines, against a plain search.
#include "core/machine/deadlines.hpp"
#include "core/machine/index_set.hpp"
#include "core/net/hash.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;

TEST_CASE("the earliest deadline is the one that a search through all finds, whatever moves") {
    constexpr std::size_t kPlaces = 50;
    Deadlines deadlines(kPlaces);
    std::vector<TimePoint> plain(kPlaces, kNever);
    for (std::uint64_t i = 0; i < 5000; ++i) {
        const std::uint64_t dice = StableHash().add(i).value();
        const std::size_t place = dice % kPlaces;
        const TimePoint deadline = dice % 7 == 0 ? kNever : TimePoint(Duration((dice >> 8) % 100));
        deadlines.set(place, deadline);
        plain[place] = deadline;
        REQUIRE(deadlines.earliest() == *std::ranges::min_element(plain));

        const TimePoint now(Duration((dice >> 24) % 100));
        IndexSet due(kPlaces);
        deadlines.collect(now, due);
        due.sort();
        std::vector<std::size_t> expected;
        for (std::size_t one = 0; one < kPlaces; ++one)
            if (plain[one] <= now) expected.push_back(one);
        REQUIRE(std::ranges::equal(due, expected));
    }
}

TEST_CASE("a place that is new waits for nothing") {
    Deadlines deadlines(1);
    deadlines.set(0, TimePoint(Duration(5)));
    deadlines.grow(3);
    CHECK(deadlines[2] == kNever);
    deadlines.set(2, TimePoint(Duration(1)));
    CHECK(deadlines.earliest() == TimePoint(Duration(1)));
}
