// What atropos --state shows people, with the longest that there can be to say.
#include "apps/state_table.hpp"
#include "core/daemon/journal.hpp"
#include "core/daemon/status.hpp"
#include "core/machine/names.hpp"
#include "tests/unit/test_bed.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;
using nlohmann::ordered_json;

namespace {

constexpr const char* kLongestName = "enp123s0f123456"; // IFNAMSIZ without its final zero
constexpr const char* kLongestAddress = "fd00:1234:5678:9abc:def0:1234:5678:9abc";

// Of a virtual router that says as much as one can, with the fields of its state as the caller wants them.
ordered_json wordy_status(const ordered_json& fields = ordered_json::object()) {
    VirtualRouterConfig config = gateway(254);
    config.interface = kLongestName;
    config.vrid = 255;
    config.family = IpFamily::v6;
    config.version = wire::Version::v3;
    config.advertisement_interval = 40950ms;
    config.addresses = {prefix("fe80::1/128")};
    for (int i = 0; i < 20; ++i)
        config.addresses.push_back(prefix(kLongestAddress + std::string("/128")));
    config.master_script = "/usr/local/lib/gateway/when-this-machine-becomes-master.sh";
    config.backup_script = "/" + std::string(200, 'd') + "/backup.sh";
    config.group = GroupIndex{0};
    const Router router({{config}, {{.name = "M", .minimum = 255, .shared = true}}});
    ordered_json status = vrrp::status(router, TimePoint(100'000h), {});
    ordered_json& one = status["virtual_routers"][0];
    one["pid"] = 4194304;
    one["master"] = {{"address", kLongestAddress}, {"priority", 255}};
    for (auto& [name, counter] : one["counters"].items())
        counter = std::numeric_limits<std::uint64_t>::max();
    one.update(fields);
    return status;
}

std::size_t longest_line(const std::string& table) {
    std::size_t longest = 0;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);)
        longest = std::max(longest, line.size());
    return longest;
}

} // namespace

TEST_CASE("a virtual router's block keeps to eighty columns whatever state it is in, and why") {
    for (const State state : {State::initialize, State::backup, State::master})
        for (int cause = 0; cause <= static_cast<int>(Cause::stopped); ++cause)
            for (const char* order : {"hold", "backup"}) {
                const std::string table =
                    state_table(wordy_status({{"state", to_string(state)},
                                              {"reason", to_string(static_cast<Cause>(cause))},
                                              {"operator", order},
                                              {"owner", true},
                                              {"authentication", "authentication_header"}}));
                INFO(table);
                REQUIRE(longest_line(table) <= 80);
            }
}

TEST_CASE("a group's block keeps to eighty columns whatever keeps it from leading") {
    const std::string member = std::string(kLongestName) + " vrid 255 IPv6";
    for (const GroupTrouble trouble : {GroupTrouble::members_missing, GroupTrouble::member_unfit,
                                       GroupTrouble::member_held, GroupTrouble::member_silent}) {
        ordered_json status = wordy_status();
        ordered_json& group = status["groups"][0];
        group["trouble"] = trouble_text(trouble, 254, 255, member, std::string(32, 'c'));
        group["members"] = ordered_json::array();
        for (int i = 0; i < 20; ++i)
            group["members"].push_back({{"name", member}, {"stance", to_string(Stance::outranking)}});
        for (const std::string& name :
             {std::string("M"), std::string("gateway-of-the-north-building"), std::string(200, 'n')}) {
            group["name"] = name;
            const std::string table = state_table(status);
            INFO(table);
            CHECK(longest_line(table) <= 80);
        }
    }
}

TEST_CASE("the longest verdict on a group is wrapped between its words") {
    ordered_json status = wordy_status();
    status["virtual_routers"].clear();
    ordered_json& group = status["groups"][0];
    group["members"].clear();
    group["trouble"] =
        trouble_text(GroupTrouble::member_silent, 2, 2, std::string(kLongestName) + " vrid 255 IPv6", "");
    CHECK_THAT(
        state_table(status),
        Catch::Contains("\ngroup M  cannot lead: the process of enp123s0f123456 vrid 255 IPv6 has stopped\n"
                        "                speaking\n"));
}

TEST_CASE("an interface's block keeps to eighty columns with every reason to drop a packet") {
    ordered_json status = wordy_status();
    for (std::size_t i = 0; i < wire::kDropReasons; ++i)
        status["interfaces"][0]["dropped"][wire::to_string(static_cast<wire::DropReason>(i))] =
            std::numeric_limits<std::uint64_t>::max();
    CHECK(longest_line(state_table(status)) <= 80);
}

TEST_CASE("an interface that several processes share is told once, with the most that one of them dropped") {
    ordered_json status = wordy_status();
    ordered_json& interfaces = status["interfaces"];
    interfaces[0]["name"] = "eth0";
    interfaces[0]["dropped"] = {{"version", 3}, {"checksum", 1}};
    interfaces.push_back(interfaces[0]);
    interfaces[1]["dropped"] = {{"version", 4}};
    CHECK_THAT(state_table(status), Catch::EndsWith("\neth0\n  dropped       1 checksum 4 version\n"));
    interfaces[1]["obstacle"] = "eth0 is a macvlan: use -n";
    CHECK_THAT(state_table(status), Catch::EndsWith("\neth0\n  obstacle      eth0 is a macvlan: use -n\n"
                                                    "  dropped       1 checksum 4 version\n"));
    interfaces[0]["dropped"] = interfaces[1]["dropped"] = ordered_json::object();
    interfaces[1]["obstacle"] = nullptr;
    CHECK_THAT(state_table(status), !Catch::Contains("\neth0\n"));
}

TEST_CASE("a path that is longer than a line is cut between characters") {
    const std::string path = "/etc/" + std::string(58, 'x') + "\u00e4" + std::string(40, 'y');
    const std::string table =
        state_table(wordy_status({{"scripts", {{"master", path}, {"backup", nullptr}}}}));
    CHECK(longest_line(table) <= 80);
    CHECK_THAT(table, Catch::Contains("x\n" + std::string(16, ' ') + "\u00e4yyy"));
}

TEST_CASE("the state begins with what matters most, in a line") {
    ordered_json status = wordy_status({{"state", "master"}});
    status["groups"][0]["fit"] = true;
    status["groups"][0]["members"] = {{{"name", "a"}, {"stance", "master"}},
                                      {{"name", "b"}, {"stance", "master"}}};
    CHECK_THAT(state_table(status), Catch::StartsWith("1 virtual router: 1 master; group M leads\n"));
    status["groups"][0]["members"][1]["stance"] = "following";
    CHECK_THAT(state_table(status), Catch::StartsWith("1 virtual router: 1 master; group M is backup\n"));
    status["groups"][0]["fit"] = false;
    CHECK_THAT(state_table(status), Catch::StartsWith("1 virtual router: 1 master; group M cannot lead\n"));
}

TEST_CASE("more virtual routers than fit two screens get a line each, within eighty columns") {
    ordered_json status = wordy_status({{"state", "initialize"}, {"since", 8.6e6}});
    const ordered_json one = status["virtual_routers"][0];
    while (status["virtual_routers"].size() < 9)
        status["virtual_routers"].push_back(one);
    status["groups"].clear();
    status["virtual_routers"][8].update({{"interface", "eth0"},
                                         {"vrid", 51},
                                         {"family", "IPv4"},
                                         {"state", "backup"},
                                         {"since", 12.0},
                                         {"priority", 100},
                                         {"master", {{"address", "10.0.0.2"}, {"priority", 150}}}});
    const std::string table = state_table(status);
    INFO(table);
    CHECK(longest_line(table) <= 80);
    CHECK(std::ranges::count(table, '\n') == 2 + 9); // the summary, the columns' names, and a line each
    CHECK_THAT(table, Catch::StartsWith("9 virtual routers: 1 backup, 8 initialize\n"));
    CHECK_THAT(table, Catch::Contains("\neth0            51    backup     12.0 s        100  10.0.0.2\n"));
    CHECK_THAT(table, Catch::Contains("\nenp123s0f123456 255/6 initialize 99 d 12 h     254  fd00:"));
}

TEST_CASE("siblings that disagree are both shown, and those that agree once") {
    ordered_json status = wordy_status();
    status["virtual_routers"].clear();
    ordered_json one = status["groups"][0];
    one.update({{"pid", 12}, {"minimum", 2}, {"fit", true}, {"trouble", nullptr}});
    ordered_json other = one;
    other.update({{"pid", 13}, {"minimum", 3}, {"fit", false}, {"trouble", "2 of 3 members present"}});
    status["groups"] = {one, one};
    CHECK_THAT(state_table(status), Catch::Contains("\ngroup M  fit\n"));
    status["groups"] = {one, other, one};
    const std::string table = state_table(status);
    CHECK_THAT(table, Catch::Contains("\ngroup M  fit (process 12, -M 2)\n"));
    CHECK_THAT(table, Catch::Contains("\ngroup M  cannot lead: 2 of 3 members present (process 13, -M 3)\n"));
    CHECK_THAT(table, Catch::StartsWith("0 virtual routers; group M cannot lead\n"));
}

TEST_CASE("a finding is told with its age and how often, for as long as it lasts") {
    ordered_json status = wordy_status();
    status["groups"].clear();
    status["virtual_routers"][0]["findings"] = {{{"finding", "addresses_differ"},
                                                 {"text", "10.16.1.2 announces 10.16.1.201 too"},
                                                 {"since", 12.0},
                                                 {"count", 5}}};
    const std::string table = state_table(status);
    CHECK(longest_line(table) <= 80);
    CHECK_THAT(table, Catch::StartsWith(
                          "1 virtual router: 1 initialize; 1 finding\n"
                          "finding enp123s0f123456 vrid 255 IPv6: 10.16.1.2 announces 10.16.1.201 too,\n"
                          "                since 12.0 s, 5 times\n"));
}

TEST_CASE("a check has a block of its own, and its weight stands beside the priority") {
    ordered_json status = wordy_status({{"priority", 70},
                                        {"priority_without_checks", 100},
                                        {"checks_sum", -30},
                                        {"checks", {std::string(32, 'n'), std::string(32, 'm'), "up"}}});
    status["checks"] = ordered_json::parse(R"([
        {"name": "up", "kind": "interface", "state": "fails", "since": 2.0, "reason": "uplink has no carrier",
         "weight": -30, "adds": -30},
        {"name": "new", "kind": "interface", "state": "unknown", "since": null, "reason": null, "weight": 5,
         "adds": 0},
        {"name": "plain", "kind": "interface", "state": "passes", "since": 2.0, "reason": "it is up",
         "weight": null, "adds": 0},
        {"name": "by-hand", "kind": "file", "state": "passes", "since": 2.0, "reason": "it says -20",
         "weight": null, "adds": -20}])");
    status["checks"][2]["name"] = std::string(32, 'n');
    status["checks"][2]["reason"] = std::string(80, 'r');
    const std::string table = state_table(status);
    INFO(table);
    CHECK(longest_line(table) <= 80);
    CHECK_THAT(table, Catch::Contains("priority 70 (100 and -30 by its checks)"));
    CHECK_THAT(table, Catch::Contains("check up  fails  for 2.0 s\n"
                                      "  reason        uplink has no carrier\n"
                                      "  weight        -30, adds -30\n"
                                      "check new  unknown\n"));
    CHECK_THAT(table, Catch::Contains("\n  checks        nnn"));
    CHECK_THAT(table, Catch::Contains("  reason        it says -20\n  adds          -20\n"));
}
