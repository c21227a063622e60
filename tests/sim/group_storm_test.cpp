#include "netsim/scenario/run.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace vrrp::sim;

namespace {

constexpr const char* kThreeGateways = R"(
title = "A storm"
about = "three machines, each a group of two"
ends = "{}ms"
[network.lan]
subnet = "10.16.1.0/24"
[network.wan]
subnet = "10.17.1.0/24"
[router.r1]
eth0 = "lan 10.16.1.1"
eth1 = "wan 10.17.1.1"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -M 2 -p 150 -U /up -D /down",
       "vrrpd -i eth1 10.17.1.200 -v 52 -M 2 -p 150 -U /up -D /down"]
[router.r2]
eth0 = "lan 10.16.1.2"
eth1 = "wan 10.17.1.2"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -M 2 -U /up -D /down",
       "vrrpd -i eth1 10.17.1.200 -v 52 -M 2 -U /up -D /down"]
[router.r3]
eth0 = "lan 10.16.1.3"
eth1 = "wan 10.17.1.3"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -M 2 -p 50 -U /up -D /down",
       "vrrpd -i eth1 10.17.1.200 -v 52 -M 2 -p 50 -U /up -D /down"]
)";

struct Blow {
    const char* strike;
    const char* undo;
};

// {0}: the router, {1}: the interface, {2}: its VRID, {3}: its network, {4}: its own address, {5}: the
// virtual.
constexpr Blow kBlows[] = {
    {"unplug {0} {1}", "plug {0} {1}"},
    {"down {0} {1}", "up {0} {1}"},
    {"delete {0} {1}", "create {0} {1}"},
    {"cut {0} {1}", "mend {0} {1}"},
    {"cut {0} {1} in", "mend {0} {1}"},
    {"cut {0} {1} out", "mend {0} {1}"},
    {"partition {3} into {0} | {6}", "heal {3}"},
    {"remove {4} from {0} {1}", "add {4}/24 to {0} {1}"},
    {"power off {0}", "power on {0}"},
    {"freeze {0} {2}", "thaw {0} {2}"},
    {"kill {0} {2}", "start {0} {2}"},
    {"stop {0} {2}", "start {0} {2}"},
    {"take {5} from {0}", ""},
    {"siblings of {0} take up to 20ms longer", ""},
};

// A few blows at random moments, some undone early; in the end all are, and r1 has to be the gateway.
std::string storm(std::uint64_t seed) {
    Choices choices(seed);
    const ChoiceStream stream = choices.stream("storm");
    const auto pick = [&](std::uint64_t n) { return choices.pick(stream, n); };
    std::string steps;
    std::vector<std::string> undo;
    std::uint64_t at = pick(2) == 0 ? 1 : 5000; // milliseconds
    const auto step = [&](const std::vector<std::string>& actions, const std::string& expect) {
        steps +=
            fmt::format("[[step]]\nat = '{}ms'\ndo = ['{}']\n{}", at, fmt::join(actions, "', '"), expect);
        at += pick(3) == 0 ? 1 : 1 + pick(6000);
    };
    for (std::uint64_t left = 2 + pick(7); left != 0; --left) {
        if (!undo.empty() && pick(3) == 0) {
            const auto one = undo.begin() + static_cast<std::ptrdiff_t>(pick(undo.size()));
            step({*one}, "");
            undo.erase(one);
            continue;
        }
        const std::uint64_t router = 1 + pick(3), side = pick(2);
        const std::string others = router == 1 ? "r2 r3" : router == 2 ? "r1 r3" : "r1 r2";
        const auto words = [&](const char* text) {
            return fmt::format(fmt::runtime(text), fmt::format("r{}", router), fmt::format("eth{}", side),
                               51 + side, side == 0 ? "lan" : "wan",
                               fmt::format("10.{}.1.{}", 16 + side, router),
                               fmt::format("10.{}.1.200", 16 + side), others);
        };
        const Blow& blow = kBlows[pick(std::size(kBlows))];
        step({words(blow.strike)}, "");
        if (*blow.undo != '\0') undo.push_back(words(blow.undo));
    }
    // Power first: what has none cannot be mended.
    std::ranges::stable_partition(undo, [](const std::string& text) { return text.starts_with("power"); });
    for (const char* router : {"r1", "r2", "r3"})
        undo.push_back(fmt::format("start {}", router));
    step(undo, "expect = ['r1 is master of 51 and 52 within 30s', 'r2 is backup of 51 and 52 within 30s', "
               "'r3 is backup of 51 and 52 within 30s']\n");
    return fmt::format(fmt::runtime(kThreeGateways), at + 40'000) + steps;
}

} // namespace

TEST_CASE("whatever strikes, no invariant is violated, and in the end the best machine is the gateway") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const std::string text = storm(seed);
        const auto scenario = parse_scenario("storm.toml", text);
        INFO(text);
        INFO((scenario ? "" : describe(scenario.error(), "storm.toml")));
        REQUIRE(scenario);
        const RunResult result = run_scenario(*scenario, seed);
        INFO((result.passed() ? "" : explain(result.failures.front(), result, "storm.toml", "")));
        REQUIRE(result.passed());
        if (seed <= 10) CHECK(result.journal.hash() == run_scenario(*scenario, seed).journal.hash());
    }
}
