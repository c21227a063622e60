#include "tests/sim/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp::sim;

namespace {

RunResult expect(const std::string& sentence, const std::string& action = "unplug pc eth0") {
    return run_text(
        gateway_pair(fmt::format("[[step]]\nat = '10s'\ndo = '{}'\nexpect = '{}'\n", action, sentence)));
}

} // namespace

TEST_CASE("an expectation that is true is met, and its contrary fails") {
    struct Row {
        const char* action;
        const char* met;
        const char* failed;
    };
    const auto row = GENERATE(values<Row>({
        {"plug r1 eth0", "r1 is master of 51", "r2 is master of 51"},
        {"plug r1 eth0", "r2 is never master of 51", "r2 is never backup of 51"},
        {"plug r1 eth0", "r1 holds 10.16.1.200", "r1 lacks 10.16.1.200"},
        {"plug r1 eth0", "r2 lacks 10.16.1.200", "r2 holds 10.16.1.200"},
        {"plug r1 eth0", "pc has 00:00:5e:00:01:33 for 10.16.1.200",
         "pc has 00:00:5e:00:01:34 for 10.16.1.200"},
        {"plug r1 eth0", "r1 sent at least 10 advertisements for 51",
         "r1 sent at least 11 advertisements for 51"},
        {"plug r1 eth0", "r1 sent at most 10 advertisements for 51",
         "r1 sent at most 9 advertisements for 51"},
        {"plug r1 eth0", "r1 never sent priority 0 for 51", "r1 sent priority 0 for 51"},
        {"stop r1", "r1 sent priority 0 for 51", "r1 never sent priority 0 for 51"},
        {"stop r1", "r2 announced 10.16.1.200", "r1 announced 10.16.1.200"},
        {"stop r1", "r2 is master of 51 within 610ms", "r2 is master of 51 within 609ms"},
        {"stop r1", "r2 is master of 51 within 5s not before 609ms",
         "r2 is master of 51 within 5s not before 610ms"},
        {"stop r1", "pc outage < 630ms", "pc outage < 600ms"},
        {"stop r1", "pc outage >= 600ms", "pc outage >= 630ms"},
        {"stop r1", "r2 journal contains resigned", "r2 journal contains silent"},
        {"plug r1 eth0", "r2 sent no advertisements for 51", "r1 sent no advertisements for 51"},
        {"partition lan into r1 | r2 pc", "each virtual router has one master within 5s",
         "each virtual router has one master within 1s"},
    }));
    INFO(row.action << ": " << row.met << " | " << row.failed);
    CHECK(expect(row.met, row.action).passed());
    const RunResult failed = expect(row.failed, row.action);
    REQUIRE(failed.failures.size() == 1);
    CHECK_FALSE(failed.failures.front().vacuous);
}

TEST_CASE("an expectation that had nothing to observe is vacuous, and fails") {
    struct Row {
        const char* action;
        const char* expectation;
    };
    const auto row = GENERATE(values<Row>({
        {"power off r1", "r1 is never backup of 51"},
        {"power off r1", "r1 never sent priority 0 for 51"},
        {"plug r1 eth0", "r2 sent at most 5 advertisements for 51"},
        {"plug r1 eth0", "r2 has 00:00:5e:00:01:33 for 10.16.1.7"},
        {"plug r1 eth0", "r2 lacks 10.16.1.20"},
        {"plug r1 eth0", "flow pc pc outage < 1s"},
        {"plug r1 eth0", "every group is whole"},
    }));
    INFO(row.action << ": " << row.expectation);
    const RunResult result = expect(row.expectation, row.action);
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().vacuous);
}

TEST_CASE("nobody sent anything: 'sent no advertisements' is vacuous") {
    const RunResult result =
        run_text(gateway_pair("[[step]]\nat = '1s'\nexpect = 'r1 sent no advertisements for 51'\n"
                              "[[step]]\nat = '2s'\nexpect = 'r1 is backup of 51'\n"));
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().vacuous);
}

TEST_CASE("of those who hear one another one is master, and none when the only one has stopped") {
    CHECK(expect("each virtual router has one master", "plug r1 eth0").passed());
    CHECK(expect("each virtual router has one master", "unplug r2 eth0").passed()); // it is in no election
    const RunResult nobody = expect("each virtual router has one master", "stop r1");
    REQUIRE(nobody.failures.size() == 1);
    CHECK(nobody.failures.front().seen == "master of 51 on lan: nobody");
}

TEST_CASE("two masters that hear one another are told by their names") {
    const RunResult result = run_text(gateway_pair(
        "[[step]]\nat = '10s'\nexpect = 'each virtual router has one master'\n[allow]\ntwo_masters = 'x'\n",
        "-d 2"));
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().seen == "master of 51 on lan: r1 and r2");
}

TEST_CASE("nobody changes state until somebody does") {
    CHECK(expect("nobody changes state", "plug r1 eth0").passed());
    CHECK_FALSE(expect("nobody changes state", "stop r1").passed());
}

TEST_CASE("where no vrrpd runs, nothing can be said about all of them") {
    const auto sentence = GENERATE("each virtual router has one master", "nobody changes state");
    const RunResult result = run_text(gateway_pair(
        fmt::format("[[step]]\nat = '5s'\ndo = ['stop r1', 'stop r2']\n[[step]]\nat = '10s'\nexpect = '{}'\n",
                    sentence)));
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().vacuous);
}

TEST_CASE("a group of which one member is master and one is not is not whole") {
    const auto whole = [](const std::string& when) {
        return run_text(fmt::format(
            "title = 'x'\nabout = 'y'\nends = '20s'\n[network.lan]\nsubnet = '10.16.1.0/24'\n"
            "[network.wan]\nsubnet = '10.17.1.0/24'\n"
            "[router.r1]\neth0 = 'lan 10.16.1.1'\neth1 = 'wan 10.17.1.1'\n"
            "run = ['vrrpd -i eth0 -v 51 -M 2 10.16.1.200', 'vrrpd -i eth1 -v 52 -M 2 10.17.1.200']\n"
            "[[step]]\nat = '10s'\ndo = 'unplug r1 eth0'\nexpect = 'every group is whole{}'\n",
            when));
    };
    CHECK(whole(" within 1ms").passed());
    const RunResult torn = whole("");
    REQUIRE(torn.failures.size() == 1);
    CHECK(torn.failures.front().seen == "r1 is initialize of 51 and master of 52");
}

TEST_CASE("a scenario that expects nothing fails as vacuous") {
    const RunResult result = run_text(gateway_pair(""));
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().vacuous);
}

TEST_CASE("all failures of a scenario are told, each with its place and the command that shows it again") {
    const RunResult result = run_text(
        gateway_pair("[[step]]\nat = '10s'\nexpect = ['r2 is master of 51', 'r1 is backup of 51']\n"));
    REQUIRE(result.failures.size() == 2);
    CHECK(result.failures[0].place.line == 16);
    const std::string told =
        explain(result.failures[0], result, "test.toml", "vrrplab sim --seed 1 test.toml");
    CHECK(told.find("test.toml:16:11: FAILED") == 0);
    CHECK(told.find("expected  r2 is master of 51") != std::string::npos);
    CHECK(told.find("seen      r2 is backup of 51 since 0.000000") != std::string::npos);
    CHECK(told.find("backup -> master") != std::string::npos);
    CHECK(told.find("reproduce vrrplab sim --seed 1 test.toml") != std::string::npos);
}

TEST_CASE("a step's window ends where the next step begins") {
    const RunResult result =
        run_text(gateway_pair("[[step]]\nat = '5s'\nexpect = 'r1 never sent priority 0 for 51'\n"
                              "[[step]]\nat = '10s'\ndo = 'stop r1'\n"
                              "expect = 'r1 sent priority 0 for 51'\n"));
    CHECK(result.passed());
}

namespace {

// r1 is the gateway with scripts, a magic packet and a group of one; pc is its upstream gateway.
RunResult expect_of_options(const std::string& sentence, const std::string& action) {
    return run_text(fmt::format(
        "title = 'x'\nabout = 'y'\nends = '20s'\n[network.lan]\nsubnet = '10.16.1.0/24'\n"
        "[router.r1]\neth0 = 'lan 10.16.1.1'\n"
        "run = 'vrrpd -i eth0 -v 51 -n -M 1 -U /up -D /down -I 10.16.1.200 -O 10.16.1.50 --notify-fifo /fifo "
        "10.16.1.200'\n"
        "[router.r2]\neth0 = 'lan 10.16.1.2'\n[host.pc]\neth0 = 'lan 10.16.1.50'\n"
        "[[step]]\nat = '2s'\ndo = '{}'\nexpect = '{}'\n",
        action, sentence));
}

} // namespace

TEST_CASE("what options bring: scripts, magic packets and groups") {
    struct Row {
        const char* action;
        const char* met;
        const char* failed;
    };
    const auto row = GENERATE(values<Row>({
        {"plug r1 eth0", "r1 ran /up MASTER eth0 51 10.16.1.200/32", "r1 ran /down"},
        {"plug r1 eth0", "r1 never ran /down", "r1 never ran /up"},
        {"plug r1 eth0", "r1 ran 1 scripts", "r1 ran 2 scripts"},
        {"unplug r1 eth0", "r1 ran 0 scripts", "r1 ran /up"},
        {"scripts of r1 fail with 3", "r1 journal contains master script failed with exit status 3",
         "r1 journal contains master script done"},
        {"plug r1 eth0", "r1 told INSTANCE \"eth0_51\" MASTER 100", "r1 told FAULT"},
        {"plug r1 eth0", "r1 never told FAULT", "r1 never told MASTER"},
        {"unplug r1 eth0", "r1 told GROUP \"M\" FAULT 0", "r1 told STOP"},
        {"fifo of r1 is unread", "r1 journal contains notify failed: /fifo: nobody reads it",
         "r1 told MASTER"},
        {"fifo of r1 is read", "r1 journal never contains notify failed", "r1 never told GROUP"},
        {"scripts of r1 take 2min", "r1 journal never contains script", "r1 journal contains script"},
        {"plug r1 eth0", "r1 journal never contains refused", "r1 journal never contains backup -> master"},
        {"plug r1 eth0", "r1 sent a magic packet to 10.16.1.50", "r1 sent a magic packet to 10.16.1.51"},
        {"plug r1 eth0", "pc has 02:00:00:00:01:00 for 10.16.1.200 within 2s",
         "pc has 02:00:00:00:02:00 for 10.16.1.200 within 2s"},
        {"plug r1 eth0", "group of r1 is fit", "group of r1 is unfit"},
        {"down r1 eth0", "group of r1 is unfit", "group of r1 is fit"},
        {"signal ttin to r1", "r1 journal contains priority 100 -> 90", "r1 journal contains 110"},
        {"signal ttou to r1 51", "r1 journal contains priority 100 -> 110", "r1 journal contains -> 90"},
        {"clock of r1 runs 100000 ppm fast", "r1 is master of 51 within 1466ms not before 1463ms",
         "r1 is master of 51 within 1462ms"},
        {"clock of r1 runs 100000 ppm slow", "r1 is master of 51 within 1790ms not before 1787ms",
         "r1 is master of 51 within 1786ms"},
    }));
    INFO(row.action << ": " << row.met << " | " << row.failed);
    CHECK(expect_of_options(row.met, row.action).passed());
    const RunResult failed = expect_of_options(row.failed, row.action);
    REQUIRE(failed.failures.size() == 1);
    CHECK_FALSE(failed.failures.front().vacuous);
}

TEST_CASE("where nobody speaks, runs a script or is in a group, expectations about that are vacuous") {
    const auto sentence = GENERATE("r2 journal never contains x", "r2 never ran /up", "r2 never told FAULT",
                                   "group of r2 is fit");
    const RunResult result = expect_of_options(sentence, "plug r2 eth0");
    REQUIRE(result.failures.size() == 1);
    CHECK(result.failures.front().vacuous);
}
