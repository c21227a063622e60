// What a script is told.
#include "core/daemon/script_call.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

ScriptCall call(const Transition& why, bool master = false) {
    VirtualRouterConfig config = gateway(120);
    config.master_script = "/etc/master.sh";
    config.backup_script = "/etc/backup.sh";
    const VirtualRouter router(config, VirtualRouterIndex{0}, InterfaceId{});
    return script_call(router,
                       {VirtualRouterIndex{0}, master ? ScriptKind::master : ScriptKind::backup, why});
}

bool has(const ScriptCall& call, std::string_view variable) {
    return std::ranges::any_of(call.environment, [&](const auto& one) { return one.starts_with(variable); });
}

} // namespace

TEST_CASE("a script learns of the other router where there is one, and of none where there is none") {
    const Transition alone{.from = State::backup, .to = State::master, .cause = Cause::no_master};
    CHECK_FALSE(has(call(alone), "VRRP_PEER="));
    Transition beaten{.from = State::master, .to = State::backup, .cause = Cause::higher_priority};
    beaten.peer = ip("10.0.0.3");
    CHECK(has(call(beaten), "VRRP_PEER=10.0.0.3"));
}

TEST_CASE("a fault and an orderly stop have scripts and words of their own") {
    VirtualRouterConfig config = gateway();
    config.fault_script = "/etc/fault.sh";
    config.stop_script = "/etc/stop.sh";
    config.script_user = "alice";
    const VirtualRouter router(config, VirtualRouterIndex{0}, InterfaceId{});
    const Transition why{.from = State::backup, .to = State::initialize, .cause = Cause::link_down};
    const ScriptCall fault = script_call(router, {VirtualRouterIndex{0}, ScriptKind::fault, why});
    CHECK(fault.path == "/etc/fault.sh");
    CHECK(fault.arguments == std::vector<std::string>{"FAULT", "eth0", "5", "10.0.0.254/32"});
    CHECK(has(fault, "VRRP_REASON=link_down"));
    CHECK(fault.user == "alice");
    const ScriptCall stop = script_call(router, {VirtualRouterIndex{0}, ScriptKind::stop, why});
    CHECK(stop.path == "/etc/stop.sh");
    CHECK(stop.arguments.front() == "STOP");
}

TEST_CASE("an operator's own arguments come first") {
    VirtualRouterConfig config = gateway(120);
    config.fault_script = {"/etc/fault.sh", {"one", "two words"}};
    config.notify_script = {"/etc/notify.sh", {"mine"}};
    const GroupConfig group{.name = "gateway", .notify_script = {"/etc/group.sh", {"ours"}}};
    const VirtualRouter router(config, VirtualRouterIndex{0}, InterfaceId{});
    const Transition why{.from = State::backup, .to = State::initialize, .cause = Cause::link_down};
    const ScriptCall fault = script_call(router, {VirtualRouterIndex{0}, ScriptKind::fault, why});
    CHECK(fault.path == "/etc/fault.sh");
    CHECK(fault.arguments ==
          std::vector<std::string>{"one", "two words", "FAULT", "eth0", "5", "10.0.0.254/32"});
    const Notify effect{VirtualRouterIndex{0}, std::nullopt, Notice::fault, why};
    CHECK(notify_call(router, nullptr, effect).arguments ==
          std::vector<std::string>{"mine", "INSTANCE", "eth0_5", "FAULT", "120"});
    CHECK(notify_call(router, &group, effect).arguments ==
          std::vector<std::string>{"ours", "GROUP", "gateway", "FAULT", "0"});
}

TEST_CASE("the notify script and the FIFO are told what keepalived tells") {
    VirtualRouterConfig config = gateway(120);
    config.notify_script = "/etc/notify.sh";
    config.script_user = "alice";
    const GroupConfig group{.name = "gateway", .notify_script = "/etc/group.sh", .script_user = "bob"};
    const VirtualRouter router(config, VirtualRouterIndex{0}, InterfaceId{});
    struct Row {
        const GroupConfig* group;
        Notice notice;
        const char* path;
        std::vector<std::string> arguments;
        const char* user;
        const char* line;
    };
    const Row rows[] = {
        {nullptr,
         Notice::master,
         "/etc/notify.sh",
         {"INSTANCE", "eth0_5", "MASTER", "120"},
         "alice",
         "INSTANCE \"eth0_5\" MASTER 120\n"},
        {nullptr,
         Notice::backup,
         "/etc/notify.sh",
         {"INSTANCE", "eth0_5", "BACKUP", "120"},
         "alice",
         "INSTANCE \"eth0_5\" BACKUP 120\n"},
        {nullptr,
         Notice::fault,
         "/etc/notify.sh",
         {"INSTANCE", "eth0_5", "FAULT", "120"},
         "alice",
         "INSTANCE \"eth0_5\" FAULT 120\n"},
        {nullptr,
         Notice::stop,
         "/etc/notify.sh",
         {"INSTANCE", "eth0_5", "STOP", "120"},
         "alice",
         "INSTANCE \"eth0_5\" STOP 120\n"},
        {&group,
         Notice::master,
         "/etc/group.sh",
         {"GROUP", "gateway", "MASTER", "0"},
         "bob",
         "GROUP \"gateway\" MASTER 0\n"},
    };
    for (const Row& row : rows) {
        INFO(row.line);
        const Notify effect{VirtualRouterIndex{0}, std::nullopt, row.notice, {}};
        const ScriptCall call = notify_call(router, row.group, effect);
        CHECK(call.kind == ScriptKind::notify);
        CHECK(call.path == row.path);
        CHECK(call.arguments == row.arguments);
        CHECK(call.user == row.user);
        CHECK(has(call, "VRRP_NAME=eth0_5"));
        CHECK(has(call, "VRRP_GROUP=gateway") == (row.group != nullptr));
        CHECK(notify_line(router, row.group, effect) == row.line);
    }
}

TEST_CASE("a script's arguments are the new state, the interface, the VRID and the addresses") {
    const ScriptCall master =
        call({.from = State::backup, .to = State::master, .cause = Cause::no_master}, true);
    CHECK(master.path == "/etc/master.sh");
    CHECK(master.arguments == std::vector<std::string>{"MASTER", "eth0", "5", "10.0.0.254/32"});
    const ScriptCall stopped =
        call({.from = State::backup, .to = State::initialize, .cause = Cause::stopped});
    CHECK(stopped.path == "/etc/backup.sh");
    CHECK(stopped.arguments.front() == "STOPPED");
    for (const char* variable :
         {"VRRP_STATE=initialize", "VRRP_PREVIOUS_STATE=backup", "VRRP_REASON=stopped", "VRRP_INTERFACE=eth0",
          "VRRP_VRID=5", "VRRP_VERSION=2", "VRRP_ADDRESSES=10.0.0.254/32"}) {
        INFO(variable);
        CHECK(has(stopped, variable));
    }
}

TEST_CASE("a script is told of the virtual MAC where it is used") {
    VirtualRouterConfig config = gateway();
    for (const bool used : {true, false}) {
        config.virtual_mac = used;
        const VirtualRouter router(config, VirtualRouterIndex{0}, InterfaceId{});
        CHECK(has(script_call(router, {VirtualRouterIndex{0}, ScriptKind::master, {}}),
                  "VRRP_VIRTUAL_MAC=") == used);
    }
}
