#include "tests/sim/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp::sim;

namespace {

std::string error_of(const std::string& text) {
    const auto scenario = parse_scenario("s.toml", text);
    return scenario ? "no error" : describe(scenario.error(), "s.toml");
}

std::string error_of_step(const std::string& line) {
    return error_of(gateway_pair("[[step]]\nat = '1s'\n" + line + "\n"));
}

} // namespace

TEST_CASE("a wrong sentence is refused with its place") {
    struct Row {
        const char* line;
        const char* error;
    };
    const auto row = GENERATE(values<Row>({
        {"do = 'unplug r3 eth0'", "s.toml:16:14: no router or host 'r3' (did you mean 'r1'?)"},
        {"do = 'unplug r2 eth1'", "s.toml:16:17: no interface of r2 'eth1' (did you mean 'eth0'?)"},
        {"do = 'stop pc'", "s.toml:16:12: no router 'pc'"},
        {"do = 'heal wan'", "s.toml:16:12: no network 'wan' (did you mean 'lan'?)"},
        {"do = 'kill r1 52'", "s.toml:16:15: r1 runs no virtual router 52"},
        {"do = 'lose 200% on lan'", "s.toml:16:12: '200%' is no percentage such as 5% or 0.25%"},
        {"do = 'partition lan into r1 | r2'", "s.toml:16:31: 'pc' is on no side"},
        {"do = 'partition lan into r1 r2 pc'",
         "s.toml:16:32: one side is no partition: put '|' between the sides"},
        {"do = 'set priority of r1 51 to 255'", "s.toml:16:32: '255' is no priority (1 to 254)"},
        {"do = 'rename r1 eth0 to eth0123456789abc'",
         "s.toml:16:25: 'eth0123456789abc' is longer than 15 characters"},
        {"do = 'add 10.16.1.300/24 to r1 eth0'",
         "s.toml:16:11: '10.16.1.300/24' is no address with a length such as 10.16.1.1/24"},
        {"do = 'signal hup to r1'", "s.toml:16:14: expected 'usr2|ttin|ttou', not 'hup'"},
        {"do = 'pc forges nonsense for 51 at 255'",
         "s.toml:16:17: expected 'checksum|password|ttl|interval|count|length', not 'nonsense'"},
        {"do = 'pc advertises 0 at 255'", "s.toml:16:21: '0' is no VRID (1 to 255)"},
        {"do = 'r1 claims 10.16.1.200'", "s.toml:16:10: expected 'reloads', not 'claims'"},
        {"do = 'clock of r1 runs 200000 ppm fast'", "s.toml:16:24: '200000' is no rate (0 to 100000)"},
        {"expect = 'group of r1 is happy'", "s.toml:16:26: expected 'fit|unfit', not 'happy'"},
        {"do = 'stop r1 now'", "s.toml:16:15: 'now' is no VRID (1 to 255)"},
        {"expect = 'r3 is master of 51'", "s.toml:16:11: no router 'r3' (did you mean 'r1'?)"},
        {"expect = 'r1 is mistress of 51'",
         "s.toml:16:17: 'mistress' is no state (master, backup, initialize)"},
        {"expect = 'r1 is master of 51 within soon'", "s.toml:16:37: 'soon' is no time such as 0.7s or 20ms"},
        {"expect = 'pc outage <= 1s'", "s.toml:16:21: expected '<' or '>=', not '<='"},
        {"expect = 'r1 holds 10.16.1.300'", "s.toml:16:20: '10.16.1.300' is no IP address"},
        {"expect = 'r1 is master of 51 within 1min'",
         "s.toml:16:10: the scenario ends before this bound has passed: set 'ends'"},
        {"expect = 7", "s.toml:16:10: expect is a string in quotes"},
        {"expct = 'r1 is master of 51'",
         "s.toml:16:1: unknown key 'expct' in a step (did you mean 'expect'?)"},
    }));
    CHECK(error_of_step(row.line) == row.error);
}

TEST_CASE("a scenario changes only checks that its routers have and that ask something") {
    const auto error = [](const std::string& step) {
        return error_of(
            "title = 'x'\n[network.lan]\nsubnet = '10.16.1.0/24'\n[router.r1]\neth0 = 'lan 10.16.1.1'\n"
            "run = 'vrrpd --config /f'\n[router.r1.files]\n'/f' = \"\"\"\n"
            "[[track]]\nname = 'web'\nscript = '/etc/web'\n[[track]]\nname = 'up'\ninterface = 'eth0'\n"
            "[[virtual_router]]\ninterface = 'eth0'\nvrid = 51\naddress = '10.16.1.200'\n"
            "track = ['web', 'up']\n\"\"\"\n[[step]]\nat = '1s'\n" +
            step + "\n");
    };
    CHECK(error("do = 'check web of r1 fails because it hangs'") == "no error");
    CHECK(error("do = 'check web of r1 breaks'") == "s.toml:23:23: expected 'fails|passes', not 'breaks'");
    CHECK(error("do = 'check web of r1 says 254'") == "s.toml:23:28: '254' is no weight (-253 to 253)");
    CHECK(error("do = 'check wob of r1 fails'") ==
          "s.toml:23:20: r1 has no check 'wob' that a scenario can change (did you mean 'web'?)");
    CHECK(error("do = 'check up of r1 fails'") ==
          "s.toml:23:19: r1 has no check 'up' that a scenario can change");
}

TEST_CASE("a router reloads only a file that its vrrpd could read") {
    const auto error = [](const std::string& file) {
        return error_of(
            "title = 'x'\n[network.lan]\nsubnet = '10.16.1.0/24'\n[router.r1]\neth0 = 'lan 10.16.1.1'\n"
            "run = 'vrrpd --config /f.toml'\n[router.r1.files]\n"
            "'/f.toml' = \"[[virtual_router]]\\ninterface = 'eth0'\\nvrid = 51\\naddress = '10.16.1.200'\"\n"
            "'/bad.toml' = \"[[virtual_router]]\\nvrid = 300\"\n"
            "'/far.toml' = \"[[virtual_router]]\\ninterface = 'eth7'\\nvrid = 51\\naddress = "
            "'10.16.1.200'\"\n"
            "[[step]]\nat = '1s'\ndo = 'r1 reloads " +
            file + "'\n");
    };
    CHECK(error("/f.toml") == "no error");
    CHECK_THAT(error("/bad.toml"), Catch::Contains("s.toml:13:18: /bad.toml:1:1: interface is missing"));
    CHECK_THAT(error("/far.toml"), Catch::Contains("r1 has no interface 'eth7'"));
    CHECK_THAT(error("/none.toml"), Catch::Contains("'/none.toml' is none of the .toml files of r1"));
}

TEST_CASE("an unknown verb is refused where it stands") {
    CHECK(error_of_step("do = 'explode r1'").find("s.toml:16:7: ") == 0);
}

TEST_CASE("a wrong world is refused with its place") {
    struct Row {
        const char* text;
        const char* error;
    };
    const auto row = GENERATE(values<Row>({
        {"", "s.toml: 'title' is missing"},
        {"title = 'x'\nabout = 'y'\n", "s.toml: no [router.NAME] and no [host.NAME]: nothing to simulate"},
        {"title = 'x'\nabout = 'y'\n[router.r1]\neth0 = 'lan 10.0.0.1'\n", "s.toml:4:8: no network 'lan'"},
        {"title = 'x'\nabout = 'y'\n[network.lan]\nsubnet = '10.0.0.0/24'\n[host.h]\neth0 = 'lan 10.0.1.1'\n",
         "s.toml:6:8: 10.0.1.1 is in no subnet of lan"},
        {"title = 'x'\nabout = 'y'\n[network.lan]\nsubnet = '10.0.0.0/33'\n",
         "s.toml:4:10: '10.0.0.0/33' is no subnet such as 10.16.1.0/24"},
        {"title = 'x'\nabout = 'y'\n[network.lan]\nport_security = 'on'\n",
         "s.toml:4:17: port_security is true or false"},
        {"title = 'x'\nabout = 'y'\n[network.lan]\nsubnet = '10.0.0.0/24'\n[router.r]\neth0 = 'lan "
         "10.0.0.1'\n"
         "run = 'vrrpd -i eth9 -v 1 10.0.0.9'\n",
         "s.toml:7:7: r has no interface 'eth9' (did you mean 'eth0'?)"},
        {"title = 'x'\nabout = 'y'\n[network.lan]\nsubnet = '10.0.0.0/24'\n[router.r]\neth0 = 'lan "
         "10.0.0.1'\n"
         "run = 'keepalived'\n",
         "s.toml:7:7: 'keepalived' is no command line of vrrpd"},
    }));
    CHECK(error_of(row.text) == row.error);
}

TEST_CASE("a probe that asks too often is refused") {
    CHECK(error_of(gateway_pair("probe = '99us'\n")) == "s.toml:14:9: probe is at least 100 us");
}

TEST_CASE("a wrong command line is refused with the words of vrrpd") {
    CHECK(error_of(gateway_pair("", "-p 300")).find("s.toml:11:7: -p") == 0);
}

TEST_CASE("what is no TOML is refused with its place") {
    CHECK(error_of("title = 'x'\nabout = \n").find("s.toml:2:") == 0);
}

TEST_CASE("a scenario needs a title and no more words") {
    CHECK(
        error_of("title = 'x'\n[network.lan]\nsubnet = '10.0.0.0/24'\n[host.pc]\neth0 = 'lan 10.0.0.2'\n") ==
        "no error");
    CHECK(error_of("title = 'x'\nabout = 5\n").find("s.toml:2:9: ") == 0);
}

TEST_CASE("choices that a scenario fixes are named rightly") {
    CHECK(error_of(gateway_pair("").insert(0, "seed = -1\n")) ==
          "s.toml:1:8: seed is a whole number from 0 on");
    CHECK(error_of(gateway_pair("").insert(0, "choices = [\"lan/r1.eth0/loss 7 = 2 of 2\"]\n")) ==
          "s.toml:1:12: 'lan/r1.eth0/loss 7 = 2 of 2' is no choice such as 'lan/r1.eth0/loss 7 = 1 of 2'");
    CHECK(error_of(gateway_pair("").insert(0, "seed = 1\nchoices = []\n")) ==
          "s.toml:2:11: choices follow from 'seed', or from this list");
    CHECK(pick_text(*parse_pick("pc -> 10.16.1.200/phase 0 = 17 of 100")) ==
          "pc -> 10.16.1.200/phase 0 = 17 of 100");
}

TEST_CASE("steps come in the order of time") {
    CHECK(error_of(gateway_pair("[[step]]\nat = '2s'\n[[step]]\nat = '1s'\n")) ==
          "s.toml:17:6: a step comes later than the one before it, its jitter included");
}

TEST_CASE("an invariant that is allowed is named rightly, with a reason") {
    CHECK(error_of(gateway_pair("[allow]\ntwo_master = 'x'\n")) ==
          "s.toml:15:1: no invariant 'two_master' (did you mean 'two_masters'?)");
    CHECK(error_of(gateway_pair("[allow]\ntwo_masters = ''\n")) ==
          "s.toml:15:15: say why it may be violated");
}

TEST_CASE("a duration is exact, or refused") {
    using namespace std::chrono_literals;
    CHECK(parse_duration("0.7s") == 700ms);
    CHECK(parse_duration("2min") == 2min);
    CHECK(parse_duration("10us") == 10us);
    for (const char* wrong : {"", "s", "1", "1.s", ".5s", "-1s", "1 s", "0.5ns", "25000min", "1h", "1e3s"})
        CHECK_FALSE(parse_duration(wrong));
}

TEST_CASE("the manual names every verb") {
    for (const Verb& verb : verbs())
        CHECK((verb.kind == VerbKind::action) == (verb.act != nullptr));
}
