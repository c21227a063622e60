#include "netsim/chaos/shrink.hpp"
#include "netsim/scenario/write.hpp"
#include "tests/sim/gateway_pair.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

const std::string kGateways = R"(title = "A pair of gateways"
[network.lan]
subnet = "10.16.1.0/24"
[network.wan]
subnet = "10.17.1.0/24"
[router.r1]
eth0 = "lan 10.16.1.1"
eth1 = "wan 10.17.1.1"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -M 2 -p 150", "vrrpd -i eth1 10.17.1.200 -v 52 -M 2 -p 150"]
[router.r2]
eth0 = "lan 10.16.1.2"
eth1 = "wan 10.17.1.2"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -M 2", "vrrpd -i eth1 10.17.1.200 -v 52 -M 2"]
)";

Scenario read(const std::string& text) {
    auto scenario = parse_scenario("test.toml", text);
    if (!scenario) throw std::runtime_error(describe(scenario.error(), "test.toml"));
    return *std::move(scenario);
}

std::vector<std::string> texts(const std::vector<Strike>& strikes) {
    std::vector<std::string> all;
    for (const Strike& strike : strikes)
        all.push_back(strike.what.text + (strike.undo ? " / " + strike.undo->text : ""));
    return all;
}

// All that ever strikes in so many seeds.
std::set<std::string> all_that_strikes(const std::string& text, std::uint64_t seeds = 300) {
    const Chaos chaos(read(text));
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        for (const Strike& strike : chaos.draw(seed))
            all.insert(strike.what.text);
    return all;
}

std::string kinds_of(const RunResult& result) {
    std::string kinds;
    for (const Failure& failure : result.failures)
        kinds += failure.kind + " of " + failure.subject + ": " + failure.seen + "\n";
    return kinds;
}

} // namespace

// --- Writing scenarios

TEST_CASE("every scenario, written and read again, runs as it did", "[unsanitized]") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SCENARIOS)) {
        if (entry.path().extension() != ".toml") continue;
        const auto scenario = read_scenario(entry.path().string());
        REQUIRE(scenario);
        const std::string text = scenario_text(*scenario);
        const auto again = parse_scenario("again.toml", text);
        INFO(entry.path().string() << "\n" << (again ? text : describe(again.error(), "again.toml")));
        REQUIRE(again);
        if (++files % 5 == 0) // the texts are all there is to lose
            CHECK(run_scenario(*scenario, 3).journal.hash() == run_scenario(*again, 3).journal.hash());
        CHECK(scenario_text(*again) == text);
    }
    CHECK(files > 100);
}

// --- Drawing

TEST_CASE("a seed draws the same strikes each time, and another one draws others") {
    const Chaos chaos(read(kGateways));
    std::set<std::vector<std::string>> different;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CHECK(texts(chaos.draw(seed)) == texts(chaos.draw(seed)));
        different.insert(texts(chaos.draw(seed)));
    }
    CHECK(different.size() > 18);
}

TEST_CASE("without a table everything may strike that the network has, and no stranger and no owner") {
    const auto all =
        all_that_strikes(kGateways + "[host.pc]\neth0 = \"lan 10.16.1.50 via 10.16.1.200\"\n", 3000);
    for (const char* one : {"unplug r1 eth0",
                            "down r2 eth1",
                            "delete r1 eth1",
                            "cut r2 eth0",
                            "cut r1 eth0 in",
                            "lose 20% on wan",
                            "partition lan into r1 | r2 pc",
                            "remove 10.17.1.2 from r2 eth1",
                            "power off r1",
                            "freeze r2",
                            "kill r1 51",
                            "kill r2",
                            "stop r1 52",
                            "restart r2",
                            "take 10.16.1.200 from r1",
                            "clock of r2 runs 1000 ppm slow",
                            "delay r1 eth0 by 30ms",
                            "signal ttin to r1 51",
                            "set priority of r2 52 to 254",
                            "start r1"}) {
        INFO(one);
        CHECK(all.contains(one));
    }
    CHECK(std::ranges::none_of(all, [](const std::string& one) { return one.starts_with("pc "); }));
}

TEST_CASE("the table of a scenario says what strikes, on whom, how often and when") {
    const std::string text =
        kGateways + "[chaos]\nfaults = [\"cable\", \"loss\"]\non = [\"r1.eth0\", \"wan\"]\ncount = 3\n"
                    "from = \"10s\"\nuntil = \"12s\"\nquiet = \"20s\"\n";
    CHECK(all_that_strikes(text) ==
          std::set<std::string>{"down r1 eth0", "down r1 eth1", "down r2 eth1", "lose 20% on wan", "start r1",
                                "start r2", "unplug r1 eth0", "unplug r1 eth1", "unplug r2 eth1"});
    Chaos chaos(read(text));
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto strikes = chaos.draw(seed);
        CHECK(strikes.size() <= 3 + 2);
        for (const Strike& strike : strikes) {
            CHECK(strike.at >= 10s);
            CHECK(strike.at <= 12s);
            CHECK(strike.undone <= 12s);
        }
        CHECK(chaos.world(seed).steps.back().at == 32s);
    }
}

TEST_CASE("each seed leaves out some kinds of fault altogether") {
    const Chaos chaos(
        read(kGateways + "[chaos]\nfaults = [\"cable\", \"loss\", \"kill\", \"power\"]\ncount = 50\n"));
    std::size_t without_cable = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        without_cable += std::ranges::none_of(chaos.draw(seed), [](const Strike& strike) {
            return strike.what.text.starts_with("unplug") || strike.what.text.starts_with("down");
        });
    CHECK(without_cable > 70);
    CHECK(without_cable < 130);
}

TEST_CASE("what strikes is undone in the end, power first and the frozen next, and every router is started") {
    Chaos chaos(read(kGateways));
    std::size_t seen = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto strikes = chaos.draw(seed);
        for (const Strike& strike : strikes)
            if (strike.undo) CHECK(strike.undone > strike.at);
        const std::vector<Step>& steps = chaos.world(seed).steps;
        const Step& mended = steps[steps.size() - 2];
        std::vector<int> ranks;
        for (const Sentence& action : mended.actions)
            if (!action.text.starts_with("start r"))
                ranks.push_back(action.text.starts_with("power")  ? 0
                                : action.text.starts_with("thaw") ? 1
                                                                  : 2);
        seen += ranks.size() > 2;
        CHECK(std::ranges::is_sorted(ranks));
        CHECK(mended.actions.back().text == "start r2");
    }
    CHECK(seen > 10);
}

TEST_CASE("a scenario's own steps go on happening where it has a table, and are left out where it has none") {
    const std::string steps =
        "[[step]]\nat = \"3s\"\ndo = \"scripts of r1 take 1s\"\nexpect = \"r1 is master of 51\"\n";
    const auto happens = [](const std::string& text) {
        Chaos chaos(read(text));
        return std::ranges::any_of(chaos.world(4).steps, [](const Step& step) {
            return step.at == 3s && step.expectations.empty() &&
                   step.actions.front().text == "scripts of r1 take 1s";
        });
    };
    CHECK(happens(kGateways + "[chaos]\nfrom = \"5s\"\n" + steps));
    CHECK_FALSE(happens(kGateways + steps));
}

TEST_CASE("what no router can make good is not tried") {
    const std::string head =
        "title = \"t\"\n[network.lan]\nsubnet = \"10.16.1.0/24\"\n[router.r1]\neth0 = \"lan 10.16.1.1\"\n";
    const std::string r2 =
        "[router.r2]\neth0 = \"lan 10.16.1.2\"\nrun = \"vrrpd -i eth0 10.16.1.200 -v 51\"\n";
    const auto strikes = [&](const std::string& run) {
        return all_that_strikes(head + "run = " + run + "\n" + r2, 3000);
    };
    const auto bare = strikes("\"vrrpd -i eth0 10.16.1.200 -v 51 -n\"");
    CHECK_FALSE(bare.contains("cut r1 eth0 out"));
    CHECK_FALSE(bare.contains("cut r2 eth0 out"));
    CHECK(bare.contains("cut r1 eth0 in"));
    const auto fast = strikes("\"vrrpd -i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.1\"");
    CHECK_FALSE(fast.contains("siblings of r1 take up to 300ms longer"));
    CHECK(fast.contains("siblings of r2 take up to 300ms longer"));
    CHECK(fast.contains("siblings of r1 take up to 20ms longer"));
    const auto owner = strikes("\"vrrpd -i eth0 10.16.1.200 -v 51 -p 255\"");
    CHECK_FALSE(owner.contains("set priority of r1 51 to 1"));
    CHECK(owner.contains("set priority of r2 51 to 1"));
    const auto several =
        strikes("\"vrrpd --config /f.toml\"\n[router.r1.files]\n\"/f.toml\" = \"\"\"\n"
                "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\naddress = [\"10.16.1.200\"]\n"
                "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 52\naddress = [\"10.16.1.201\"]\n\"\"\"");
    CHECK_FALSE(several.contains("signal ttin to r1 51"));
    CHECK(several.contains("signal ttin to r2 51"));
}

TEST_CASE("a wrong table is refused with its place") {
    const auto error = [](const std::string& lines) {
        const auto scenario = parse_scenario("s.toml", kGateways + "[chaos]\n" + lines);
        return scenario ? "no error" : describe(scenario.error(), "s.toml");
    };
    CHECK(error("faults = [\"cabel\"]\n") ==
          "s.toml:15:11: no kind of fault 'cabel' (did you mean 'cable'?)");
    CHECK(error("on = [\"r1.eth2\"]\n") ==
          "s.toml:15:7: no machine, network or interface 'r1.eth2' (did you mean 'r1.eth0'?)");
    CHECK(error("count = 0\n") == "s.toml:15:9: count is a whole number from 1 to 1000");
    CHECK(error("from = \"10s\"\nuntil = \"10s\"\n") == "s.toml:16:9: 'until' comes after 'from'");
    CHECK(error("quiet = \"long\"\n") == "s.toml:15:9: quiet: 'long' is no time such as 5s, 0.7s or 10ms");
    CHECK(error("seeds = 3\n") == "s.toml:15:1: unknown key 'seeds' in [chaos]");
    CHECK(error("expect = \"r3 is master of 51\"\n") == "s.toml:15:11: no router 'r3' (did you mean 'r1'?)");
}

TEST_CASE("a pair of gateways holds, whatever strikes it") {
    Chaos chaos(
        read(kGateways + "[host.pc]\neth0 = \"lan 10.16.1.50 via 10.16.1.200\"\nprobe = \"100ms\"\n"));
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const RunResult result = run_scenario(chaos.world(seed), seed);
        INFO(seed << "\n" << kinds_of(result));
        REQUIRE(result.passed());
    }
}

TEST_CASE("shuffled worlds hold as well, and differ from those that are not") {
    Chaos plain(read(kGateways)), shuffled(read(kGateways), true);
    unsigned differ = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const RunResult result = run_scenario(shuffled.world(seed), seed);
        INFO(seed << "\n" << kinds_of(result));
        REQUIRE(result.passed());
        differ += run_scenario(plain.world(seed), seed).journal.hash() != result.journal.hash();
    }
    CHECK(differ > 50);
}

// --- Shrinking

namespace {

// More than it takes: a third router, a host, a third network, options.
const std::string kDifferentPasswords = R"(title = "Two passwords"
[network.lan]
subnet = "10.16.1.0/24"
[network.wan]
subnet = "10.17.1.0/24"
forward_delay = "2s"
[router.r1]
eth0 = "lan 10.16.1.1"
eth1 = "wan 10.17.1.1"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -p 150 -a pw/secret -n -U /up", "vrrpd -i eth1 10.17.1.200 -v 52 -p 150"]
[router.r2]
eth0 = "lan 10.16.1.2"
eth1 = "wan 10.17.1.2"
run = ["vrrpd -i eth0 10.16.1.200 -v 51 -p 120 -a pw/other", "vrrpd -i eth1 10.17.1.200 -v 52 -p 120"]
[router.r3]
eth1 = "wan 10.17.1.3"
run = ["vrrpd -i eth1 10.17.1.200 -v 52"]
[host.pc]
eth0 = "lan 10.16.1.50 via 10.16.1.200"
probe = "1s"
)";

std::size_t count_of(const Scenario& scenario, bool routers) {
    return static_cast<std::size_t>(std::ranges::count(scenario.nodes, routers, &NodePlan::router));
}

std::size_t actions_in(const Scenario& scenario) {
    std::size_t actions = 0;
    for (const Step& step : scenario.steps)
        actions += step.actions.size();
    return actions;
}

} // namespace

TEST_CASE(
    "two masters with different passwords shrink to two routers, one network and nothing that strikes") {
    Chaos chaos(read(kDifferentPasswords));
    const RunResult result = run_scenario(chaos.world(1), 1);
    REQUIRE_FALSE(result.passed());
    REQUIRE(result.failures.front().kind == "two_masters");
    const auto shrunk = shrink(case_of(chaos, 1), result.failures.front());
    REQUIRE(shrunk);
    const std::string text = scenario_text(shrunk->scenario);
    INFO(text);
    CHECK(count_of(shrunk->scenario, true) == 2);
    CHECK(count_of(shrunk->scenario, false) == 0);
    CHECK(shrunk->scenario.networks.size() == 1);
    CHECK(actions_in(shrunk->scenario) == 0);
    CHECK(shrunk->scenario.ends <= 20s);
    CHECK(text.find("-n") == std::string::npos);
    CHECK(text.find("/up") == std::string::npos);
    CHECK(shrunk->tries < kMaxTries);
    const RunResult again = run_text(text, 77);
    REQUIRE_FALSE(again.passed());
    CHECK(again.failures.front().kind == "two_masters");
    CHECK(again.failures.front().subject == "51");
    CHECK(again.failures.size() == 1); // what it expects beside holds
}

TEST_CASE("what only a strike shows shrinks to that strike") {
    // r1 leads first, and takes over from nobody: once it has lost, it stays backup.
    std::string text = kGateways;
    for (const char* priority : {"-v 51 -M 2 -p 150", "-v 52 -M 2 -p 150"})
        text.insert(text.find(priority), "-s ");
    text += "[router.r3]\neth0 = \"lan 10.16.1.3\"\nrun = \"vrrpd -i eth0 10.16.1.200 -v 51 -p 50\"\n"
            "[chaos]\nexpect = \"r1 is master of 51\"\n";
    Chaos chaos(read(text));
    std::uint64_t seed = 1;
    RunResult result = run_scenario(chaos.world(seed), seed);
    while (result.passed() || result.failures.front().kind != "ROUTER is STATE of VRIDS")
        ++seed, result = run_scenario(chaos.world(seed), seed);
    const auto shrunk = shrink(case_of(chaos, seed), result.failures.front());
    REQUIRE(shrunk);
    const std::string smaller = scenario_text(shrunk->scenario);
    INFO(smaller);
    CHECK(shrunk->strikes == 1);
    CHECK(count_of(shrunk->scenario, true) == 2);
    CHECK_FALSE(run_text(smaller, 5).passed());
}

TEST_CASE("choices that matter are kept, and no others") {
    // r2 takes over only where three advertisements in a row are lost.
    const std::string text = gateway_pair("[[step]]\nat = '3s'\ndo = 'lose 20% on lan'\n"
                                          "[[step]]\nat = '5s'\nexpect = 'r2 is never master of 51'\n");
    Scenario scenario = read(text);
    std::uint64_t seed = 1;
    RunResult result = run_scenario(scenario, seed);
    while (result.passed())
        result = run_scenario(scenario, ++seed);
    scenario.seed = seed;
    REQUIRE(result.failures.front().kind == "ROUTER is never STATE of VRIDS");
    const auto shrunk = shrink(case_of(scenario, result, result.failures.front()), result.failures.front());
    REQUIRE(shrunk);
    const std::string smaller = scenario_text(shrunk->scenario);
    INFO(seed << "\n" << smaller);
    REQUIRE(shrunk->scenario.choices);
    CHECK(shrunk->scenario.choices->size() <= 3);
    CHECK_FALSE(shrunk->scenario.choices->empty());
    CHECK(count_of(shrunk->scenario, false) == 0);
    CHECK_FALSE(run_text(smaller, 9).passed());
}

TEST_CASE(
    "what a step does stays where its own expectation failed, and what undoes it goes with what it undoes") {
    const Scenario scenario =
        read(gateway_pair("[[step]]\nat = '3s'\ndo = 'unplug r2 eth0'\n"
                          "[[step]]\nat = '6s'\ndo = 'plug r2 eth0'\n"
                          "[[step]]\nat = '10s'\ndo = 'kill r1'\nexpect = 'r2 is master of 51 within 1s'\n"));
    const RunResult result = run_scenario(scenario, 1);
    REQUIRE_FALSE(result.passed());
    const Case one = case_of(scenario, result, result.failures.front());
    REQUIRE(one.strikes.size() == 1);
    CHECK(one.strikes.front().undo->text == "plug r2 eth0");
    const auto shrunk = shrink(one, result.failures.front());
    REQUIRE(shrunk);
    INFO(scenario_text(shrunk->scenario));
    REQUIRE(actions_in(shrunk->scenario) == 1);
    CHECK(shrunk->scenario.steps.front().actions.front().text == "kill r1");
}

TEST_CASE("what does not fail as it is said to is not shrunk") {
    Chaos chaos(read(kGateways));
    Failure failure{};
    failure.kind = "two_masters";
    failure.subject = "51";
    CHECK_FALSE(shrink(case_of(chaos, 1), failure));
}
