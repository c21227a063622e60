#include "core/daemon/control.hpp"

#include "core/daemon/journal.hpp"
#include "core/daemon/json_line.hpp"
#include "core/machine/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

template <typename... Args>
tl::unexpected<std::string> error(fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected(fmt::format(format, std::forward<Args>(args)...));
}

tl::expected<ControlRequest, std::string> parse(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("request") || !json["request"].is_string())
        return error(R"(a request is a JSON object like {{"version": 1, "request": "state"}})");
    if (json.value("version", Json(nullptr)) != kControlVersion)
        return error("this vrrpd speaks version {}", kControlVersion);
    ControlRequest request{.name = json["request"]};
    for (const auto& [key, value] : json.items()) {
        if (key == "interface" && value.is_string()) {
            request.interface = value;
        } else if (key == "vrid" && value.is_number_integer() && value >= 1 && value <= 255) {
            request.vrid = value.get<std::uint8_t>();
        } else if (key == "dry_run" && value.is_boolean()) {
            request.dry_run = value;
        } else if (key != "request" && key != "version") {
            return error("'{}' is not understood: there are \"interface\" (a text), \"vrid\" (1 to 255) and "
                         "\"dry_run\" (true or false)",
                         key);
        }
    }
    return request;
}

bool only_reads(const ControlRequest& request) {
    static constexpr std::string_view kReading[] = {"state", "summary", "watch"};
    return std::ranges::find(kReading, request.name) != std::end(kReading) ||
           (request.name == "reload" && request.dry_run);
}

// By the name of the configuration, or the one that the interface has now.
bool is_meant(const ControlRequest& request, const VirtualRouterConfig& config, const InterfaceFacts& facts) {
    return (!request.interface || *request.interface == config.interface ||
            *request.interface == facts.name) &&
           (!request.vrid || *request.vrid == config.vrid);
}

// An error is the sentence that says why it was refused.
tl::expected<void, std::string> carry_out(Inbox& inbox, Daemon& daemon, const Commanding& commanding) {
    inbox.give(commanding);
    const std::optional<Commanded> outcome = daemon.take_outcome();
    if (!outcome) return tl::unexpected(std::string("this vrrpd is stopping"));
    if (outcome->refusal == Refusal::none) return {};
    return tl::unexpected(refusal_text(*outcome));
}

Json carry_out(Inbox& inbox, Daemon& daemon, const ControlRequest& request, Command command) {
    Json done = Json::array(), refused = Json::array();
    for (const VirtualRouter& one : daemon.router().virtual_routers()) {
        const VirtualRouterConfig& config = one.config();
        if (!is_meant(request, config, daemon.router().interface(one.interface()).facts)) continue;
        Json who{
            {"interface", config.interface}, {"vrid", config.vrid}, {"family", to_string(config.family)}};
        const auto result = carry_out(inbox, daemon, Commanding{one.index(), command});
        if (!result) who["error"] = result.error();
        (result ? done : refused).push_back(std::move(who));
    }
    return {{"done", done}, {"refused", refused}};
}

tl::expected<Json, std::string> carry_out(const Reload& reload, const ProcessFacts& process, bool dry_run) {
    if (process.file.empty()) return Json{{"file", nullptr}, {"changes", Json::array()}};
    const auto changes = reload(dry_run);
    if (!changes) return tl::unexpected(changes.error());
    return Json{{"file", process.file}, {"changes", *changes}};
}

tl::expected<Json, std::string> result(Inbox& inbox, Daemon& daemon, const ProcessFacts& process,
                                       const ProcessActions& actions, const ControlRequest& request) {
    if (request.name == "state" || request.name == "watch")
        return status(daemon.router(), daemon.now(), process);
    if (request.name == "summary") return status(daemon.router(), daemon.now(), process, Detail::summary);
    if (request.name == "reload") return carry_out(actions.reload, process, request.dry_run);
    if (request.name == "restart") {
        actions.restart();
        return Json{{"pid", process.pid}};
    }
    if (const auto command = kCommands.value(request.name))
        return carry_out(inbox, daemon, request, *command);
    std::vector<const char*> names{"state", "summary", "watch", "reload", "restart"};
    for (const Named<Command>& one : kCommands)
        names.push_back(one.name);
    return error("no request '{}': there are {}", request.name, fmt::join(names, ", "));
}

std::string ok_reply(Json result) {
    Json reply{{"version", kControlVersion}, {"status", "ok"}};
    reply["result"] = std::move(result); // a braced list would copy it
    return json_line(reply);
}

} // namespace

std::string to_json(const ControlRequest& request) {
    Json json{{"version", kControlVersion}, {"request", request.name}};
    if (request.interface) json["interface"] = *request.interface;
    if (request.vrid) json["vrid"] = *request.vrid;
    if (request.dry_run) json["dry_run"] = true;
    return json_line(json);
}

std::string error_reply(std::string_view error) {
    return json_line({{"version", kControlVersion}, {"status", "error"}, {"error", error}});
}

ControlReply answer_request(Inbox& inbox, Daemon& daemon, const ProcessFacts& process,
                            const ProcessActions& actions, std::string_view text, Caller caller) {
    const auto request = parse(text);
    if (!request) return {error_reply(request.error())};
    if (caller == Caller::reader && !only_reads(*request))
        return {error_reply(fmt::format("'{}' is root's: the control group may only read", request->name))};
    auto answer = result(inbox, daemon, process, actions, *request);
    if (!answer) return {error_reply(answer.error())};
    return {ok_reply(*std::move(answer)), request->name == "watch"};
}

tl::expected<Json, std::string> result_of(std::string_view text) {
    Json reply = Json::parse(text, nullptr, false);
    if (!reply.is_object() || !reply.contains("status")) return error("the reply is not understood");
    if (reply["status"] != "ok") return error("{}", reply.value("error", "refused without a reason"));
    return std::move(reply["result"]);
}

} // namespace vrrp
