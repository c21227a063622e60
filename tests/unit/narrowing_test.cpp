// What -i and -v of atropos leave.
#include "apps/narrowing.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace vrrp;
using nlohmann::ordered_json;

namespace {

// One process: 51 and 52 on the lan, 53 on the wan in a group of its own.
const ordered_json kState = ordered_json::parse(R"({
    "virtual_routers": [{"interface": "lan", "vrid": 51, "group": "M"},
                        {"interface": "lan", "vrid": 52, "group": null},
                        {"interface": "wan", "vrid": 53, "group": "N"}],
    "groups": [{"name": "M"}, {"name": "N"}],
    "interfaces": [{"name": "lan"}, {"name": "wan"}],
    "process": {"pid": 1}})");

config::AtroposCommand only(std::optional<std::string> interface, std::optional<std::uint8_t> vrid = {}) {
    config::AtroposCommand command;
    command.interface = std::move(interface);
    command.vrid = vrid;
    return command;
}

ordered_json names(const ordered_json& list) {
    ordered_json names = ordered_json::array();
    for (const ordered_json& one : list)
        names.push_back(one["name"]);
    return names;
}

ordered_json event(const char* interface, std::optional<int> vrid = {}) {
    ordered_json event{{"interface", interface}};
    if (vrid) event["vrid"] = *vrid;
    return event;
}

} // namespace

TEST_CASE("without -i and -v all of a state is meant") {
    CHECK(narrowed(only({}), kState) == kState);
}

TEST_CASE("with the virtual routers that are not meant go their groups and interfaces") {
    const ordered_json wan = narrowed(only("wan"), kState);
    CHECK(wan["virtual_routers"].size() == 1);
    CHECK(names(wan["groups"]) == ordered_json{"N"});
    CHECK(names(wan["interfaces"]) == ordered_json{"wan"});
    const ordered_json one = narrowed(only({}, 52), kState);
    CHECK(one["virtual_routers"].size() == 1);
    CHECK(one["groups"].empty());
    CHECK(names(one["interfaces"]) == ordered_json{"lan"});
    CHECK(narrowed(only("wan", 51), kState)["virtual_routers"].empty());
    CHECK(one["process"] == kState["process"]);
}

TEST_CASE("of the findings those are left that are about who is meant") {
    ordered_json state = kState;
    state["findings"] = {{{"interface", "lan"}, {"vrid", 51}}, {{"interface", "wan"}, {"vrid", 53}}};
    CHECK(narrowed(only("wan"), state)["findings"].size() == 1);
    CHECK(narrowed(only({}, 52), state)["findings"].empty());
}

TEST_CASE("a group's event concerns all of its members, whoever tells it") {
    ordered_json of_group = event("lan", 51);
    of_group["group"] = "N";
    CHECK(concerns(of_group, narrowed(only({}, 53), kState)));
    CHECK_FALSE(concerns(of_group, narrowed(only({}, 51), kState)));
    CHECK_FALSE(concerns(of_group, narrowed(only({}, 52), kState)));
}

TEST_CASE("an interface's event concerns those alone that run on it") {
    const ordered_json lan = narrowed(only({}, 51), kState);
    CHECK(concerns(event("lan"), lan));
    CHECK_FALSE(concerns(event("wan"), lan));
    CHECK(concerns(event("lan", 51), lan));
    CHECK_FALSE(concerns(event("lan", 52), lan));
    CHECK_FALSE(concerns(event("wan", 53), lan));
    CHECK(concerns(event("wan"), narrowed(only({}), kState)));
}
