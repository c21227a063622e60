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
    return script_call(router, {VirtualRouterIndex{0}, master, why});
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
        CHECK(has(script_call(router, {VirtualRouterIndex{0}, true, {}}), "VRRP_VIRTUAL_MAC=") == used);
    }
}
