#include "core/daemon/script_call.hpp"

#include "core/machine/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp {
namespace {

const char* argument(State state) {
    switch (state) {
    case State::master: return "MASTER";
    case State::backup: return "BACKUP";
    case State::initialize: return "STOPPED";
    }
    return "?";
}

} // namespace

ScriptCall script_call(const VirtualRouter& virtual_router, const RunScript& effect) {
    const VirtualRouterConfig& config = virtual_router.config();
    const Transition& why = effect.why;
    ScriptCall call{.virtual_router = effect.virtual_router,
                    .master = effect.master,
                    .path = effect.master ? config.master_script : config.backup_script,
                    .arguments = {argument(why.to), config.interface, std::to_string(config.vrid)},
                    .environment = {}};
    std::vector<std::string> addresses;
    for (const IpPrefix& prefix : config.addresses)
        addresses.push_back(to_string(prefix));
    call.arguments.insert(call.arguments.end(), addresses.begin(), addresses.end());
    const auto say = [&](const char* name, const std::string& value) {
        call.environment.push_back(fmt::format("VRRP_{}={}", name, value));
    };
    say("STATE", to_string(why.to));
    say("PREVIOUS_STATE", to_string(why.from));
    say("REASON", to_string(why.cause));
    say("INTERFACE", config.interface);
    say("VRID", std::to_string(config.vrid));
    say("VERSION", std::to_string(static_cast<int>(config.version)));
    say("PRIORITY", std::to_string(virtual_router.priority()));
    say("ADDRESSES", fmt::format("{}", fmt::join(addresses, " ")));
    if (virtual_router.uses_virtual_mac()) say("VIRTUAL_MAC", to_string(virtual_router.virtual_mac()));
    if (!why.peer.is_unspecified()) say("PEER", to_string(why.peer));
    return call;
}

} // namespace vrrp
