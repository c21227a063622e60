// What a client asks of a daemon.
#include "core/config/atropos_command_line.hpp"
#include "core/daemon/control.hpp"
#include "tests/unit/daemon_world.hpp"

#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;
using nlohmann::json;

namespace {

const ProcessFacts kProcess{.pid = 77, .version = "2.0.0", .directory = "/run/vrrpd"};

RouterConfig two_interfaces() {
    VirtualRouterConfig wan = gateway();
    wan.interface = "eth1";
    wan.vrid = 6;
    wan.addresses = {prefix("10.1.0.254")};
    return {{gateway(), wan}};
}

json ask(World& world, const ControlRequest& request) {
    const auto result = result_of(
        answer_request(world.daemon, world.daemon, kProcess, {}, to_json(request), Caller::owner).line);
    REQUIRE(result);
    return *result;
}

std::string refusal(World& world, std::string_view request) {
    const auto result =
        result_of(answer_request(world.daemon, world.daemon, kProcess, {}, request, Caller::owner).line);
    return result ? "accepted" : result.error();
}

std::string usage(const std::vector<std::string>& arguments) {
    const auto parsed = config::parse_atropos_command_line(arguments);
    return parsed ? "accepted" : parsed.error().message;
}

} // namespace

TEST_CASE("the state names the process and all its virtual routers") {
    World world(two_interfaces());
    REQUIRE(world.start());
    const json state = ask(world, {"state", {}, {}});
    CHECK(state["process"]["pid"] == 77);
    CHECK(state["virtual_routers"].size() == 2);
    CHECK(state["virtual_routers"][0].contains("counters"));
    const json summary = ask(world, {"summary", {}, {}});
    CHECK(summary["virtual_routers"].size() == 2);
    CHECK_FALSE(summary["virtual_routers"][0].contains("counters"));
}

TEST_CASE("a command goes to the virtual routers that it names, or to all") {
    World world(two_interfaces());
    REQUIRE(world.start());
    CHECK(ask(world, {"reduce", "eth1", {}})["done"] ==
          json::parse(R"([{"interface":"eth1","vrid":6,"family":"IPv4"}])"));
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{0}).priority() == 100);
    CHECK(world.daemon.router().virtual_router(VirtualRouterIndex{1}).priority() == 90);
    CHECK(ask(world, {"increase", {}, {}})["done"].size() == 2);
    CHECK(ask(world, {"increase", "eth0", 6})["done"].empty());
}

TEST_CASE("a refused command says why") {
    World world(two_interfaces());
    world.nic.facts.carrier = false;
    REQUIRE(world.start());
    const json answer = ask(world, {"master", {}, 5});
    CHECK(answer["done"].empty());
    CHECK(answer["refused"][0]["error"] == "its interface is not usable, or a check fails");
}

TEST_CASE("what is not understood changes nothing and is answered with a sentence") {
    World world(two_interfaces());
    REQUIRE(world.start());
    CHECK_THAT(refusal(world, "backup"), Catch::StartsWith("a request is a JSON object"));
    CHECK_THAT(refusal(world, R"({"request": 1, "version": 1})"), Catch::StartsWith("a request is"));
    CHECK_THAT(refusal(world, R"({"request": "state"})"), Catch::Contains("version 1"));
    CHECK_THAT(refusal(world, R"({"request": "dance", "version": 1})"),
               Catch::StartsWith("no request 'dance'"));
    CHECK_THAT(refusal(world, R"({"request": "hold", "version": 1, "vrid": 256})"),
               Catch::Contains("1 to 255"));
    CHECK_THAT(refusal(world, R"({"request": "hold", "version": 1, "vrid": 0})"),
               Catch::Contains("1 to 255"));
    CHECK_THAT(refusal(world, R"({"request": "hold", "version": 1, "vlan": 5})"),
               Catch::StartsWith("'vlan'"));
    CHECK_FALSE(world.daemon.router().virtual_router(VirtualRouterIndex{0}).held());
}

TEST_CASE("each command is a request by its name, and an unknown one is told of all") {
    World world(two_interfaces());
    REQUIRE(world.start());
    const std::string offered = refusal(world, R"({"request": "dance", "version": 1})");
    for (const Named<Command>& command : kCommands) {
        INFO(command.name);
        CHECK(ask(world, {command.name, "eth7", {}})["done"].empty()); // understood, and nobody is meant
        CHECK_THAT(offered, Catch::Contains(command.name));
    }
}

TEST_CASE("who watches is answered with the state, and the events are to follow") {
    World world(two_interfaces());
    REQUIRE(world.start());
    const ControlReply reply = answer_request(world.daemon, world.daemon, kProcess, {},
                                              to_json(ControlRequest{"watch", {}, {}}), Caller::owner);
    CHECK(reply.watches);
    CHECK((*result_of(reply.line))["virtual_routers"].size() == 2);
    CHECK_FALSE(answer_request(world.daemon, world.daemon, kProcess, {},
                               to_json(ControlRequest{"state", {}, {}}), Caller::owner)
                    .watches);
    CHECK_FALSE(
        answer_request(world.daemon, world.daemon, kProcess, {}, R"({"request": "watch"})", Caller::owner)
            .watches); // no version
}

TEST_CASE("who may only read is told the state, and what a reload would change, and commands nothing") {
    World world(two_interfaces());
    REQUIRE(world.start());
    int reloads = 0, restarts = 0;
    const ProcessFacts process{
        .pid = 77, .version = "2.0.0", .directory = "/run/vrrpd", .file = "/etc/gw.toml"};
    const ProcessActions actions{.reload = [&](bool) -> tl::expected<std::vector<std::string>, std::string> {
                                     ++reloads;
                                     return {};
                                 },
                                 .restart = [&] { ++restarts; }};
    const auto answer = [&](const ControlRequest& request) {
        return answer_request(world.daemon, world.daemon, process, actions, to_json(request), Caller::reader);
    };
    for (const char* name : {"state", "summary", "watch"}) {
        INFO(name);
        CHECK(result_of(answer({name}).line));
        CHECK(answer({name}).watches == (std::string(name) == "watch"));
    }
    CHECK(result_of(answer({.name = "reload", .dry_run = true}).line));
    CHECK(reloads == 1);
    std::vector<std::string> commands{"reload", "restart", "dance"};
    for (const Named<Command>& command : kCommands)
        commands.emplace_back(command.name);
    for (const std::string& name : commands) {
        INFO(name);
        const auto refused = result_of(answer({name}).line);
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == "'" + name + "' is root's: the control group may only read");
    }
    CHECK(reloads == 1);
    CHECK(restarts == 0);
    CHECK(ask(world, {"reduce", "eth1", {}})["done"].size() == 1); // root's still
}

TEST_CASE("a reply that is no reply is an error") {
    for (const char* text : {"", "17", "{}", "{\"status\": \"error\"}", "[]"})
        CHECK_FALSE(result_of(text));
    CHECK(result_of(error_reply("no \"such\" thing")).error() == "no \"such\" thing");
}

TEST_CASE("atropos takes one verb, and says what is wrong with others") {
    const auto request = [](const std::vector<std::string>& arguments) {
        const auto parsed = config::parse_atropos_command_line(arguments);
        REQUIRE(parsed);
        return std::get<config::AtroposCommand>(*parsed);
    };
    CHECK(request({"--state"}).request == "state");
    CHECK(request({"--json"}).request == "state");
    CHECK(request({"--backup", "--hold"}).request == "hold");
    CHECK(request({"--master", "-i", "eth0", "-v", "5"}).interface == "eth0");
    CHECK(request({"--master", "-i", "eth0", "-v", "5"}).vrid == std::uint8_t{5});
    CHECK_THAT(usage({}), Catch::StartsWith("say what to do"));
    CHECK(request({"--metrics", "--output", "/x"}).output == "/x");
    CHECK_THAT(usage({"--state", "--output", "/x"}), Catch::StartsWith("--output goes with --metrics"));
    CHECK_THAT(usage({"--state", "--backup"}), Catch::StartsWith("--state and --backup"));
    CHECK_THAT(usage({"--release", "--hold"}), Catch::StartsWith("--hold goes with --backup"));
    CHECK_THAT(usage({"--state", "-v", "0"}), Catch::StartsWith("-v 0: a VRID"));
    CHECK_THAT(usage({"--state", "-i", "a", "-i", "b"}), Catch::StartsWith("-i is given 2 times"));
    CHECK_THAT(usage({"--dance"}), Catch::Contains("atropos --help"));
}
