#include "core/daemon/handover_message.hpp"

#include "core/daemon/json_line.hpp"
#include "core/machine/names.hpp"

#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kHandoverVersion = 1;

Json to_json(const HandedOver& one) {
    Json json{{"interface", one.interface},
              {"vrid", one.vrid},
              {"family", static_cast<int>(one.family)},
              {"master_until", one.master_until.time_since_epoch().count()},
              {"held", one.held},
              {"yielding", one.yielding},
              {"sequence", one.sequence}};
    if (one.priority) json["priority"] = *one.priority;
    if (one.told_script) json["told_script"] = *one.told_script;
    if (one.noticed) json["noticed"] = to_string(*one.noticed);
    return json;
}

// nlohmann's at() and get() throw where something is missing or of another type: decode_handover() catches that.
HandedOver virtual_router(const Json& json) {
    HandedOver one{.interface = json.at("interface").get<std::string>(),
                   .vrid = json.at("vrid").get<std::uint8_t>(),
                   .family = json.at("family") == 6 ? IpFamily::v6 : IpFamily::v4,
                   .master_until = TimePoint(Duration(json.at("master_until").get<std::int64_t>())),
                   .held = json.at("held").get<bool>(),
                   .yielding = json.at("yielding").get<bool>(),
                   .sequence = json.at("sequence").get<std::uint32_t>()};
    const int priority = json.value("priority", 0);
    if (priority >= 1 && priority <= 254) one.priority = static_cast<std::uint8_t>(priority);
    if (json.contains("told_script")) one.told_script = json.at("told_script").get<bool>();
    if (json.contains("noticed")) one.noticed = kNotices.value(json.at("noticed").get<std::string>());
    return one;
}

HandedOverCheck check(const Json& json) {
    return {.name = json.at("name").get<std::string>(),
            .state = kCheckStates.value(json.at("state").get<std::string>()).value_or(CheckState::unknown),
            .reason = json.at("reason").get<std::string>(),
            .number = json.value("number", 0)};
}

} // namespace

std::string encode(const Handover& handover) {
    Json virtual_routers = Json::array(), checks = Json::array();
    for (const HandedOver& one : handover.virtual_routers)
        virtual_routers.push_back(to_json(one));
    for (const HandedOverCheck& one : handover.checks)
        checks.push_back({{"name", one.name},
                          {"state", to_string(one.state)},
                          {"reason", one.reason},
                          {"number", one.number}});
    return json_line(
        {{"version", kHandoverVersion}, {"virtual_routers", virtual_routers}, {"checks", checks}});
}

tl::expected<Handover, std::string> decode_handover(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("version", 0) != kHandoverVersion)
        return tl::unexpected(std::string("it is not a handover of this version"));
    Handover handover;
    try {
        for (const Json& one : json.at("virtual_routers"))
            handover.virtual_routers.push_back(virtual_router(one));
        for (const Json& one : json.at("checks"))
            handover.checks.push_back(check(one));
    } catch (const Json::exception& error) {
        return tl::unexpected(std::string(error.what()));
    }
    return handover;
}

} // namespace vrrp
