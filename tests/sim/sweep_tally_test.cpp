#include "tools/vrrplab/sweep/progress.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <catch2/catch.hpp>

using namespace vrrplab;
using namespace std::chrono_literals;

TEST_CASE("progress says how far it is, how fast, and how long it takes") {
    CHECK(progress_text(12'345, 100'000, 2, 5s, true) ==
          "[==>                 ] 12,345 of 100,000 worlds, 2,469/s, 2 violated, 36 s left");
    CHECK(progress_text(100, 100, 0, 1s, false) == "100 of 100 worlds, 100/s, 0 violated");
    CHECK(progress_text(100, 100'000'000, 0, 1s, false) ==
          "100 of 100,000,000 worlds, 100/s, 0 violated, 277.8 h left");
}

TEST_CASE("a tally keeps the lowest seeds, and is no bigger for more of them") {
    Tally all, odd, even;
    for (std::uint64_t seed = 100; seed >= 1; --seed) {
        const Found found{seed, "51", "1", "seen", "again"};
        all.add("f", "k", found);
        (seed % 2 == 0 ? even : odd).add("f", "k", found);
    }
    odd.add(even);
    for (const Tally* tally : {&all, &odd}) {
        const Tally::Kind& kind = tally->files().at("f").kinds.at("k");
        CHECK(kind.worlds == 100);
        REQUIRE(kind.first.size() == Tally::kFirst);
        for (std::size_t i = 0; i < kind.first.size(); ++i)
            CHECK(kind.first[i].seed == i + 1);
    }
}
