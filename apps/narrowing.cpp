#include "apps/narrowing.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

// A virtual router, or a finding about one.
bool is_meant(const config::AtroposCommand& command, const ordered_json& one) {
    return (!command.interface || one.value("interface", "") == *command.interface) &&
           (!command.vrid || one.value("vrid", 0) == *command.vrid);
}

ordered_json meant(const config::AtroposCommand& command, const ordered_json& list) {
    ordered_json left = ordered_json::array();
    for (const ordered_json& one : list)
        if (is_meant(command, one)) left.push_back(one);
    return left;
}

// Those of a list that one of the virtual routers names by `field`.
ordered_json named(const ordered_json& list, const ordered_json& virtual_routers, const char* field) {
    ordered_json left = ordered_json::array();
    for (const ordered_json& one : list)
        if (std::ranges::any_of(virtual_routers, [&](const auto& vr) { return vr[field] == one["name"]; }))
            left.push_back(one);
    return left;
}

} // namespace

ordered_json narrowed(const config::AtroposCommand& command, const ordered_json& state) {
    ordered_json left = state;
    const ordered_json virtual_routers = meant(command, state["virtual_routers"]);
    left["virtual_routers"] = virtual_routers;
    if (state.contains("findings")) left["findings"] = meant(command, state["findings"]);
    left["groups"] = named(state["groups"], virtual_routers, "group");
    left["interfaces"] = named(state["interfaces"], virtual_routers, "interface");
    return left;
}

bool concerns(const ordered_json& event, const ordered_json& narrowed_state) {
    const auto concerned = [&](const ordered_json& virtual_router) {
        if (event.contains("group")) return virtual_router["group"] == event["group"];
        return virtual_router["interface"] == event.value("interface", "") &&
               (!event.contains("vrid") || virtual_router["vrid"] == event["vrid"]);
    };
    return std::ranges::any_of(narrowed_state["virtual_routers"], concerned);
}

} // namespace vrrp
