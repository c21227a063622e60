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

TEST_CASE("a seed brings no mishap about, and a list does") {
    SeededChoices seeded(7);
    CHECK_FALSE(seeded.knows_mishaps());
    CHECK(RecordedChoices({}).knows_mishaps());
    CHECK(EnumeratedChoices({}).knows_mishaps());
}

TEST_CASE("all choices within the budgets are enumerated, each once, fewest turns first") {
    // A frame is lost or not, and if not, it comes in one of three orders; then the next one.
    const auto run = [](EnumeratedChoices& choices) {
        const auto loss = choices.stream("loss", ChoiceKind::loss),
                   order = choices.stream("order", ChoiceKind::order);
        std::string text;
        for (int frame = 0; frame < 2; ++frame)
            text += choices.pick(loss, 2) != 0 ? "x" : std::to_string(choices.pick(order, 3));
        CHECK(choices.pick(choices.stream("delay"), 5) == 0); // left to chance
        CHECK(choices.pick(order, 1) == 0);                   // no choice at all
        return text;
    };
    const auto all = [&](const Budgets& budgets) {
        std::vector<std::string> runs;
        std::vector<EnumeratedChoices::Path> paths{{}};
        for (std::size_t i = 0; i < paths.size(); ++i) {
            EnumeratedChoices choices(budgets, paths[i]);
            runs.push_back(run(choices));
            for (const EnumeratedChoices::Turn& turn : choices.turns()) {
                paths.push_back(paths[i]);
                paths.back().push_back(turn);
            }
        }
        return runs;
    };
    using Runs = std::vector<std::string>;
    CHECK(all({}) == Runs{"00"});
    CHECK(all({.losses = 1}) == Runs{"00", "x0", "0x"});
    CHECK(all({.losses = 2}) == Runs{"00", "x0", "0x", "xx"});
    CHECK(all({.reorders = 1}) == Runs{"00", "10", "20", "01", "02"});
    CHECK(all({.losses = 1, .reorders = 1}) ==
          Runs{"00", "x0", "10", "20", "0x", "01", "02", "x1", "x2", "1x", "2x"});
    CHECK(all({.losses = 2, .reorders = 2}).size() == 16);
}

TEST_CASE("what was closed has no turns left") {
    EnumeratedChoices choices({.losses = 1, .crashes = 1});
    const auto loss = choices.stream("loss", ChoiceKind::loss),
               crash = choices.stream("crash", ChoiceKind::crash);
    choices.pick(crash, 3);
    choices.close();
    choices.pick(loss, 2);
    CHECK(choices.turns() == std::vector<EnumeratedChoices::Turn>{{0, 1}, {0, 2}});
}
