#include "netsim/engine/choices.hpp"

#include <catch2/catch.hpp>

using vrrp::sim::Choices;

namespace {

std::vector<std::uint64_t> first_ten(Choices& choices, const char* stream) {
    std::vector<std::uint64_t> picked;
    for (int i = 0; i < 10; ++i)
        picked.push_back(choices.pick(choices.stream(stream), 1000));
    return picked;
}

} // namespace

TEST_CASE("the same seed and stream give the same choices") {
    Choices a(7), b(7);
    CHECK(first_ten(a, "lan/r1.eth0/loss") == first_ten(b, "lan/r1.eth0/loss"));
}

TEST_CASE("another stream, used in between, shifts nothing") {
    Choices alone(7), crowded(7);
    const auto expected = first_ten(alone, "loss");
    std::vector<std::uint64_t> seen;
    for (int i = 0; i < 10; ++i) {
        crowded.pick(crowded.stream("another"), 10);
        seen.push_back(crowded.pick(crowded.stream("loss"), 1000));
    }
    CHECK(seen == expected);
}

TEST_CASE("another seed gives other choices") {
    Choices a(7), b(8);
    CHECK(first_ten(a, "loss") != first_ten(b, "loss"));
}

TEST_CASE("a choice is the same on every machine") {
    Choices choices(1);
    CHECK(first_ten(choices, "loss") ==
          std::vector<std::uint64_t>{968, 117, 294, 563, 911, 606, 605, 468, 856, 500});
}
