#include "apps/narrowing.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

bool is_meant(const config::AtroposCommand& command, const ordered_json& virtual_router) {
    return (!command.interface || virtual_router["interface"] == *command.interface) &&
           (!command.vrid || virtual_router["vrid"] == *command.vrid);
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
    ordered_json& virtual_routers = left["virtual_routers"];
    virtual_routers = ordered_json::array();
    for (const ordered_json& one : state["virtual_routers"])
        if (is_meant(command, one)) virtual_routers.push_back(one);
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
