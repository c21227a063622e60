#include "netsim/engine/choices.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace vrrp::sim;

namespace {

std::vector<std::uint64_t> first_ten(Choices& choices, const char* stream) {
    std::vector<std::uint64_t> picked;
    for (int i = 0; i < 10; ++i)
        picked.push_back(choices.pick(choices.stream(stream), 1000));
    return picked;
}

} // namespace

TEST_CASE("the same seed and stream give the same choices") {
    SeededChoices a(7), b(7);
    CHECK(first_ten(a, "lan/r1.eth0/loss") == first_ten(b, "lan/r1.eth0/loss"));
}

TEST_CASE("another stream, used in between, shifts nothing") {
    SeededChoices alone(7), crowded(7);
    const auto expected = first_ten(alone, "loss");
    std::vector<std::uint64_t> seen;
    for (int i = 0; i < 10; ++i) {
        crowded.pick(crowded.stream("another"), 10);
        seen.push_back(crowded.pick(crowded.stream("loss"), 1000));
    }
    CHECK(seen == expected);
}

TEST_CASE("another seed gives other choices") {
    SeededChoices a(7), b(8);
    CHECK(first_ten(a, "loss") != first_ten(b, "loss"));
}

TEST_CASE("a choice is the same on every machine") {
    SeededChoices choices(1);
    CHECK(first_ten(choices, "loss") ==
          std::vector<std::uint64_t>{968, 117, 294, 563, 911, 606, 605, 468, 856, 500});
}

TEST_CASE("a chance that is none never happens, and a certain one always does") {
    SeededChoices choices(7);
    const ChoiceStream loss = choices.stream("loss");
    unsigned happened = 0;
    for (int i = 0; i < 1000; ++i) {
        CHECK_FALSE(choices.chance(loss, 0, 10));
        CHECK(choices.chance(loss, 10, 10));
        happened += choices.chance(loss, 3, 10) ? 1 : 0;
    }
    CHECK(happened > 250);
    CHECK(happened < 350);
}

TEST_CASE("what was recorded chooses the same again, and has nothing that was ordinary") {
    SeededChoices seeded(7);
    seeded.record();
    const auto choose = [](Choices& choices) {
        std::vector<std::uint64_t> chosen;
        for (int i = 0; i < 50; ++i) {
            chosen.push_back(choices.pick(choices.stream("delay"), 3));
            chosen.push_back(choices.chance(choices.stream("loss"), 1, 5) ? 1 : 0);
        }
        return chosen;
    };
    const auto expected = choose(seeded);
    RecordedChoices recorded(seeded.picks());
    CHECK(choose(recorded) == expected);
    CHECK(seeded.picks().size() ==
          static_cast<std::size_t>(std::ranges::count_if(expected, [](auto value) { return value != 0; })));
}

TEST_CASE("a choice that was taken off the list, or is not there, is nothing out of the ordinary") {
    RecordedChoices choices({{"delay", 1, 4, 5}});
    CHECK(choices.pick(choices.stream("delay"), 5) == 0);
    CHECK(choices.pick(choices.stream("delay"), 5) == 4);
    CHECK(choices.pick(choices.stream("delay"), 5) == 0);
    CHECK_FALSE(choices.chance(choices.stream("loss"), 9, 10));
}

TEST_CASE("a recorded value that is too big now is the biggest one") {
    RecordedChoices choices({{"delay", 0, 4, 5}, {"delay", 1, 4, 5}});
    CHECK(choices.pick(choices.stream("delay"), 3) == 2);
    CHECK(choices.pick(choices.stream("delay"), 1) == 0);
}

TEST_CASE("all choices are enumerated, each once, the last one first") {
    std::vector<std::string> runs;
    std::optional<EnumeratedChoices::Path> path = EnumeratedChoices::Path{};
    while (path) {
        EnumeratedChoices choices(*path);
        const auto loss = choices.stream("loss"), delay = choices.stream("delay");
        std::string run = choices.chance(loss, 1, 100) ? "lost" : "";
        if (run.empty()) run = std::to_string(choices.pick(delay, 3)); // nothing delays what is lost
        CHECK(choices.pick(delay, 1'000'000) == 0);                    // too many to be tried
        runs.push_back(run);
        path = choices.next();
    }
    CHECK(runs == std::vector<std::string>{"0", "1", "2", "lost"});
}
