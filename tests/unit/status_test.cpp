#include "apps/health.hpp"
#include "apps/state_table.hpp"
#include "core/daemon/journal_json.hpp"
#include "core/daemon/json_line.hpp"
#include "core/daemon/status.hpp"
#include "tests/unit/test_bed.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;
using nlohmann::json;

namespace {

json told(const TestBed& bed) {
    return json::parse(json_line(status(bed.router, bed.now, {})));
}

} // namespace

TEST_CASE("the status tells what an operator asks first") {
    TestBed bed(gateway(120));
    bed.start().run_until(10s);
    const json status = told(bed);
    const json& vr = status["virtual_routers"][0];
    CHECK(vr["interface"] == "eth0");
    CHECK(vr["vrid"] == 5);
    CHECK(vr["state"] == "master");
    CHECK(vr["reason"] == "no_master");
    CHECK(vr["priority"] == 120);
    CHECK(vr["addresses"] == json{"10.0.0.254/32"});
    CHECK(vr["virtual_mac"] == "00:00:5e:00:01:05");
    CHECK(vr["master"]["address"] == "10.0.0.2");
    CHECK(vr["counters"]["advertisements_sent"] == 6);
    CHECK(vr["since"].get<double>() == Approx(10 - 1 - 3 - 136.0 / 256));
}

TEST_CASE("the status counts dropped frames by reason") {
    TestBed bed(gateway());
    auto frame = Peer{}.frame(150);
    frame.back() ^= 1;
    bed.start().hear(frame).hear(frame);
    const json status = told(bed);
    CHECK(status["interfaces"][0]["dropped"] == json{{"checksum", 2}});
    CHECK(status["interfaces"][0]["frames_received"] == 2);
}

TEST_CASE("an interface whose name is not UTF-8 can be told of") {
    InterfaceFacts facts = working_interface();
    facts.name = "l\xffn";
    TestBed bed(gateway());
    bed.start().change(facts);
    const json status = told(bed);
    CHECK(status["interfaces"][0]["current_name"] == "l\uFFFDn");
}

TEST_CASE("an event whose words are cut within a character can be told of") {
    const std::string words = std::string(79, 'x') + "\u00e4"; // of eighty bytes the last is half a character
    const Event event{InterfaceId{}, {}, ActionFailed{Action::add_address, ShortText(words)}};
    const json told = json::parse(to_json(JournalEntry{
        .time = TimePoint(1s), .interface = "eth0", .vrid = 0, .family = {}, .group = {}, .event = event}));
    CHECK_THAT(told["text"].get<std::string>(), Catch::Contains("add_address failed: xxx"));
}

TEST_CASE("the status never tells a password") {
    VirtualRouterConfig config = gateway();
    config.authentication = {wire::AuthenticationType::simple_text, {'h', 'u', 'n', 't', 'e', 'r', '2'}};
    TestBed bed(config);
    bed.start();
    const std::string status = told(bed).dump();
    CHECK(status.find("hunter2") == std::string::npos);
    CHECK(told(bed)["virtual_routers"][0]["authentication"] == "password");
}

TEST_CASE("the status says whether a virtual router preempts, and by what schema it is read") {
    for (const bool preempt : {true, false}) {
        VirtualRouterConfig config = gateway();
        config.preempt = preempt;
        TestBed bed(config);
        bed.start();
        CHECK(told(bed)["virtual_routers"][0]["preempt"] == preempt);
        CHECK(told(bed)["schema"] == 1);
    }
}

TEST_CASE("the status says what an operator has ordered") {
    TestBed bed(gateway());
    bed.start();
    const auto ordered = [&] { return told(bed)["virtual_routers"][0]["operator"]; };
    CHECK(ordered().is_null());
    bed.give(Commanding{VirtualRouterIndex{}, Command::back_up});
    CHECK(ordered() == "backup");
    bed.give(Commanding{VirtualRouterIndex{}, Command::hold});
    CHECK(ordered() == "hold");
}

TEST_CASE("the status tells each member of a group apart") {
    RouterConfig config{{gateway()}, {{.name = "M", .minimum = 2, .shared = true}}};
    config.virtual_routers.front().group = GroupIndex{0};
    TestBed bed(config);
    const auto sibling = [&](unsigned id, const char* interface) {
        bed.give(SiblingSaid{SiblingId{id},
                             {.group = "M",
                              .identity = {.interface = interface, .vrid = 6, .addresses = {}},
                              .status = {.stance = Stance::waiting, .joined = false},
                              .minimum = 2,
                              .heartbeat = 1s}});
    };
    bed.start();
    sibling(1, "eth1");
    sibling(2, "eth2");
    bed.give(SiblingGone{SiblingId{2}}).run_for(4s);
    const json group = told(bed)["groups"][0], members = group["members"];
    REQUIRE(members.size() == 3);
    const auto of = [&](const json& member) {
        return std::tuple(member["name"].get<std::string>(), member["stance"].get<std::string>(),
                          member["counts"].get<bool>(), member["own"].get<bool>());
    };
    CHECK(of(members[0]) == std::tuple("eth0 vrid 5", "ready", true, true));
    CHECK(of(members[1]) == std::tuple("eth1 vrid 6", "silent", false, false));
    CHECK(of(members[2]) == std::tuple("eth2 vrid 6", "missed", false, false));
    CHECK(group["crossed_priorities"] == false);
    CHECK(group["preempts_no_more"] == false);
    CHECK(told(bed)["virtual_routers"][0]["group"] == "M");
}

TEST_CASE("the status leaves out what there is not") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    config.backup_script = "/etc/backup.sh";
    TestBed bed(config);
    bed.change({}).start();
    const json vr = told(bed)["virtual_routers"][0];
    CHECK(vr["virtual_mac"].is_null());
    CHECK(vr["primary_address"].is_null());
    CHECK(vr["master"].is_null());
    CHECK(vr["scripts"]["master"].is_null());
    CHECK(vr["scripts"]["backup"] == "/etc/backup.sh");
}

TEST_CASE("the status tells of each check, and what it does to a priority") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "up", .check = InterfaceCheck{"uplink", {}}, .weight = -30},
                     {.name = "other", .check = InterfaceCheck{"uplink", {}}}};
    config.virtual_routers[0].tracks = {TrackIndex{0}, TrackIndex{1}};
    TestBed bed(config);
    const json before = told(bed);
    CHECK(before["checks"][0]["state"] == "unknown");
    CHECK(before["checks"][0]["since"].is_null());
    CHECK(before["checks"][0]["reason"].is_null());
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    bed.start().run_until(5s).give(InterfaceChanged{InterfaceId{1}, facts}).run_until(7s);
    const json status = told(bed);
    CHECK(status["checks"][0] == json::parse(R"({"name": "up", "kind": "interface", "state": "fails",
        "since": 2.0, "reason": "uplink has no carrier", "weight": -30, "adds": -30})"));
    CHECK(status["checks"][1]["weight"].is_null());
    CHECK(status["virtual_routers"][0]["priority"] == 120);
    CHECK(status["virtual_routers"][0]["priority_without_checks"] == 150);
    CHECK(status["virtual_routers"][0]["checks_sum"] == -30);
    CHECK(status["virtual_routers"][0]["checks"] == json{"up", "other"});
    CHECK(status["virtual_routers"][0]["reason"] == "check_failed");
    CHECK(status["interfaces"].size() == 1); // the other one is the checks'
}

TEST_CASE("a summary is enough for a table of many and for monitoring") {
    RouterConfig config{{}, {{.name = "M", .minimum = 10}}};
    for (std::uint8_t vrid = 1; vrid <= 10; ++vrid) {
        VirtualRouterConfig one = gateway();
        one.vrid = vrid;
        one.addresses = {prefix(fmt::format("10.0.1.{}", vrid))};
        one.group = GroupIndex{0};
        config.virtual_routers.push_back(one);
    }
    VirtualRouterConfig odd = config.virtual_routers.front();
    odd.addresses.push_back(prefix("10.0.0.250"));
    TestBed bed(config);
    bed.start().hear(Peer{.config = odd}, 200).give(Commanding{VirtualRouterIndex{3}, Command::hold});
    const auto merged_state = [&](Detail detail) {
        return merged({status(bed.router, bed.now, {.pid = 7, .version = "2", .directory = "/run"}, detail)});
    };
    const nlohmann::ordered_json all = merged_state(Detail::all), summary = merged_state(Detail::summary);
    CHECK(state_table(summary) == state_table(all));
    CHECK(check_result(summary, {}).line == check_result(all, {}).line);
    CHECK_THAT(check_result(summary, {}).line, Catch::Contains("an operator holds eth0 vrid 4 back"));
    CHECK(summary.dump().size() * 2 < all.dump().size());
}
