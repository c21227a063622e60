// atropos --check, and what it makes of what the processes of a machine say.
#include "apps/health.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace vrrp;
using nlohmann::ordered_json;

namespace {

// Two virtual routers of one group, both master.
ordered_json healthy() {
    return ordered_json::parse(R"({
        "virtual_routers": [
            {"interface": "lan", "vrid": 51, "family": "IPv4", "state": "master", "reason": "no_master",
             "operator": null, "master": {"address": "10.0.0.1", "priority": 100}},
            {"interface": "wan", "vrid": 52, "family": "IPv4", "state": "master", "reason": "group_leads",
             "operator": null, "master": {"address": "10.1.0.1", "priority": 100}}],
        "groups": [{"name": "M", "minimum": 2, "fit": true, "reason": "none", "trouble": null,
                    "members": [{"name": "lan vrid 51", "stance": "master"},
                                {"name": "wan vrid 52", "stance": "master"}]}],
        "interfaces": [{"name": "lan", "present": true, "up": true, "carrier": true},
                       {"name": "wan", "present": true, "up": true, "carrier": true}],
        "findings": []})");
}

CheckResult check(const ordered_json& state) {
    return check_result(state, {});
}

} // namespace

TEST_CASE("a healthy machine is OK, with the figures for a graph") {
    const CheckResult result = check(healthy());
    CHECK(result.status == CheckResult::ok);
    CHECK(result.line == "VRRP OK - 2 master, 0 backup | masters=2 backups=0 initialize=0 findings=0");
    ordered_json backup = healthy();
    for (ordered_json& one : backup["virtual_routers"])
        one["state"] = "backup";
    CHECK(check(backup).line == "VRRP OK - 0 master, 2 backup | masters=0 backups=2 initialize=0 findings=0");
}

TEST_CASE("a machine that cannot be the gateway is CRITICAL, and the line says why") {
    ordered_json state = healthy();
    SECTION("a group cannot lead") {
        state["groups"][0].update(
            {{"fit", false}, {"reason", "members_missing"}, {"trouble", "1 of 2 members present"}});
        CHECK(check(state).line == "VRRP CRITICAL - group M cannot lead: 1 of 2 members present | masters=2 "
                                   "backups=0 initialize=0 findings=0");
    }
    SECTION("an interface has no carrier") {
        state["interfaces"][1]["carrier"] = false;
        state["virtual_routers"][1].update({{"state", "initialize"}, {"reason", "link_down"}});
        CHECK_THAT(check(state).line, Catch::StartsWith("VRRP CRITICAL - wan has no carrier | masters=1"));
    }
    SECTION("an interface is down, or gone") {
        state["interfaces"][0]["up"] = false;
        state["interfaces"][1]["present"] = false;
        CHECK_THAT(check(state).line,
                   Catch::StartsWith("VRRP CRITICAL - lan is down; there is no interface wan |"));
    }
    SECTION("an interface has become a device that does not do") {
        state["interfaces"][1]["obstacle"] = "wan is a macvlan, which cannot carry a virtual MAC: use -n";
        state["virtual_routers"][1].update({{"state", "initialize"}, {"reason", "unusable"}});
        CHECK_THAT(
            check(state).line,
            Catch::StartsWith("VRRP CRITICAL - wan is a macvlan, which cannot carry a virtual MAC: use "
                              "-n | masters=1"));
    }
    SECTION("an interface has no address to speak from") {
        state["virtual_routers"][0].update({{"state", "initialize"}, {"reason", "no_address"}});
        CHECK_THAT(
            check(state).line,
            Catch::StartsWith("VRRP CRITICAL - lan vrid 51 takes no part in the election: no address |"));
    }
    SECTION("an address is refused") {
        state["virtual_routers"][0]["reason"] = "address_refused";
        CHECK_THAT(
            check(state).line,
            Catch::StartsWith("VRRP CRITICAL - lan vrid 51: its address cannot be put on the interface |"));
    }
    SECTION("siblings disagree about -M") {
        ordered_json other = state["groups"][0];
        other["minimum"] = 3;
        state["groups"].push_back(other);
        CHECK_THAT(check(state).line,
                   Catch::StartsWith("VRRP CRITICAL - the processes of group M disagree: -M 2 and -M 3 |"));
    }
    CHECK(check(state).status == CheckResult::critical);
}

TEST_CASE("what several processes of a machine tell of one group and one interface is one problem") {
    ordered_json state = healthy();
    state["groups"].push_back(state["groups"][0]);
    state["interfaces"].push_back(state["interfaces"][0]);
    SECTION("crossed priorities") {
        for (ordered_json& group : state["groups"])
            group["crossed_priorities"] = true;
        CHECK_THAT(check(state).line,
                   Catch::StartsWith("VRRP WARNING - the priorities of group M are crossed "
                                     "with another machine's |"));
    }
    SECTION("an interface is down") {
        state["interfaces"][0]["up"] = state["interfaces"][2]["up"] = false;
        CHECK_THAT(check(state).line, Catch::StartsWith("VRRP CRITICAL - lan is down |"));
    }
    SECTION("an interface is gone") {
        state["interfaces"][0]["present"] = state["interfaces"][2]["present"] = false;
        CHECK_THAT(check(state).line, Catch::StartsWith("VRRP CRITICAL - there is no interface lan |"));
    }
}

TEST_CASE("what an operator wants, a finding and a missing master are WARNING") {
    ordered_json state = healthy();
    std::vector<std::string> silent;
    SECTION("held") {
        state["virtual_routers"][0]["operator"] = "hold";
        state["groups"][0].update(
            {{"fit", false}, {"reason", "member_held"}, {"trouble", "an operator holds lan vrid 51 back"}});
        CHECK_THAT(check(state).line, Catch::Contains("an operator holds back lan vrid 51"));
    }
    SECTION("a finding") {
        state["virtual_routers"][0]["findings"] = {{{"text", "10.0.0.2 announces 10.0.0.9 too"}}};
        CHECK_THAT(check(state).line, Catch::StartsWith("VRRP WARNING - lan vrid 51: 10.0.0.2 announces") &&
                                          Catch::EndsWith(" findings=1"));
    }
    SECTION("no master heard") {
        state["virtual_routers"][0].update({{"state", "backup"}, {"master", nullptr}});
        CHECK_THAT(check(state).line,
                   Catch::StartsWith("VRRP WARNING - lan vrid 51 is backup and hears no master |"));
    }
    SECTION("one of several vrrpds does not answer") {
        silent = {"/run/vrrpd/x.sock: Operation timed out"};
        CHECK_THAT(check_result(state, silent).line, Catch::StartsWith("VRRP WARNING - /run/vrrpd/x.sock"));
    }
    CHECK(check_result(state, silent).status == CheckResult::warning);
}

TEST_CASE("a plugin's line stays one line, and one bar parts it from its figures") {
    ordered_json state = healthy();
    for (int i = 0; i < 5; ++i)
        state["findings"].push_back({{"interface", "lan"}, {"vrid", i + 1}, {"text", "a|b"}});
    const std::string line = check(state).line;
    CHECK(std::ranges::count(line, '|') == 1);
    CHECK_THAT(line, Catch::Contains("lan vrid 1: a/b; lan vrid 2: a/b; lan vrid 3: a/b; and 2 more |"));
    CHECK(nobody_answers("no vrrpd runs here").status == CheckResult::unknown);
    CHECK(nobody_answers("no vrrpd runs here").line == "VRRP UNKNOWN - no vrrpd runs here");
}

TEST_CASE("what the processes say becomes one list each, and each says whose it is") {
    ordered_json one = healthy(), other = healthy();
    one["process"] = {{"pid", 12}};
    other["process"] = {{"pid", 13}};
    other.erase("findings"); // of another version
    const ordered_json all = merged({one, other});
    CHECK(all.begin().key() == "schema");
    CHECK(all["virtual_routers"].size() == 4);
    CHECK(all["virtual_routers"][2]["pid"] == 13);
    CHECK(all["groups"][0]["pid"] == 12);
    CHECK(all["processes"].size() == 2);
    CHECK(merged({})["virtual_routers"].empty());
}

TEST_CASE("a check that fails is a WARNING, and CRITICAL where it keeps a virtual router out") {
    ordered_json state = healthy();
    state["checks"] = ordered_json::parse(
        R"([{"name": "up", "state": "fails", "reason": "eth9 has no carrier"}, {"name": "b", "state": "unknown"}])");
    CHECK_THAT(check(state).line, Catch::StartsWith("VRRP WARNING - check up fails: eth9 has no carrier |"));
    state["virtual_routers"][1].update({{"state", "initialize"}, {"reason", "check_failed"}});
    CHECK_THAT(check(state).line,
               Catch::StartsWith("VRRP CRITICAL - wan vrid 52 takes no part in the election: check failed; "
                                 "check up fails: eth9 has no carrier |"));
}
