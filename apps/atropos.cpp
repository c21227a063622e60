// atropos: asks the vrrpds of this machine over their control sockets. What it says is decided there; here
// the answers are put together.
#include "apps/state_table.hpp"
#include "backends/control_client.hpp"
#include "core/config/atropos_command_line.hpp"
#include "core/daemon/control.hpp"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace vrrp;
using config::AtroposCommand;
using nlohmann::ordered_json;

enum Exit : int { kDone = 0, kRefused = 1, kUsage = 2, kNobody = 3 };

template <typename... Args>
void complain(fmt::format_string<Args...> format, Args&&... args) {
    fmt::print(stderr, "atropos: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

// What all daemons answer to a request; who could not answer has been complained about.
struct Answers {
    std::vector<ordered_json> results;
    bool failed = false;
    std::size_t daemons = 0;
};

Answers ask_all(const AtroposCommand& command, const std::string& request) {
    Answers answers;
    const std::string text = to_json(ControlRequest{request, command.interface, command.vrid});
    const auto sockets = backend::control_sockets(command.directory);
    if (!sockets) {
        complain("{}", sockets.error());
        return {.results = {}, .failed = true, .daemons = 1};
    }
    for (const auto& socket : *sockets) {
        const auto result = backend::ask(socket, text);
        if (!result && result.error().kind == backend::AskError::nobody) continue;
        ++answers.daemons;
        if (result) {
            answers.results.push_back(*result);
        } else {
            answers.failed = true;
            complain("{}", result.error().message);
        }
    }
    if (answers.daemons == 0)
        complain("no vrrpd runs here ({} has no living control socket)", command.directory);
    return answers;
}

bool is_meant(const AtroposCommand& command, const ordered_json& virtual_router) {
    return (!command.interface || virtual_router["interface"] == *command.interface) &&
           (!command.vrid || virtual_router["vrid"] == *command.vrid);
}

// One list each of all daemons' processes, virtual routers, groups and interfaces.
ordered_json merge(const AtroposCommand& command, const std::vector<ordered_json>& states) {
    ordered_json all{{"processes", ordered_json::array()},
                     {"virtual_routers", ordered_json::array()},
                     {"groups", ordered_json::array()},
                     {"interfaces", ordered_json::array()}};
    for (const ordered_json& state : states) {
        all["processes"].push_back(state["process"]);
        for (ordered_json one : state["virtual_routers"]) {
            if (!is_meant(command, one)) continue;
            one["pid"] = state["process"]["pid"];
            all["virtual_routers"].push_back(std::move(one));
        }
        for (const char* list : {"groups", "interfaces"})
            for (const ordered_json& one : state[list])
                all[list].push_back(one);
    }
    return all;
}

int state(const AtroposCommand& command) {
    const Answers answers = ask_all(command, "state");
    if (answers.daemons == 0) return kNobody;
    if (answers.results.empty()) return kRefused; // complained about
    const ordered_json all = merge(command, answers.results);
    fmt::print("{}", command.json ? all.dump(2) + "\n" : state_table(all));
    return answers.failed ? kRefused : kDone;
}

std::string who(const ordered_json& virtual_router) {
    return fmt::format("{} vrid {}{}", virtual_router["interface"].get<std::string>(),
                       virtual_router["vrid"].get<int>(), virtual_router["family"] == "IPv6" ? " IPv6" : "");
}

int carry_out(const AtroposCommand& command) {
    const Answers answers = ask_all(command, command.request);
    if (answers.daemons == 0) return kNobody;
    ordered_json done = ordered_json::array(), refused = ordered_json::array();
    for (const ordered_json& answer : answers.results) {
        for (const ordered_json& one : answer["done"])
            done.push_back(one);
        for (const ordered_json& one : answer["refused"])
            refused.push_back(one);
    }
    if (command.json) {
        fmt::print("{}\n", ordered_json{{"done", done}, {"refused", refused}}.dump(2));
    } else {
        for (const ordered_json& one : done)
            fmt::print("{}: {}\n", who(one), command.request);
        for (const ordered_json& one : refused)
            complain("{}: {} refused: {}", who(one), command.request, one["error"].get<std::string>());
    }
    if (done.empty() && refused.empty() && !answers.failed)
        complain("no virtual router here is meant by this");
    return done.empty() || !refused.empty() || answers.failed ? kRefused : kDone;
}

std::string time_of_day() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return fmt::format("{:%H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(now))) +
           fmt::format(".{:03}", now.time_since_epoch().count() % 1000);
}

int watch(const AtroposCommand& command) {
    if (!command.json)
        if (const int status = state(command); status != kDone) return status;
    std::fflush(stdout);
    const auto print = [&](const ordered_json& event) {
        // An interface's own events concern all of its virtual routers.
        const bool meant = (!command.interface || event.value("interface", "") == *command.interface) &&
                           (!command.vrid || !event.contains("vrid") || event["vrid"] == *command.vrid);
        if (!meant) return;
        if (command.json)
            fmt::print("{}\n", event.dump());
        else
            fmt::print("{} {}\n", time_of_day(), event.value("text", event.dump()));
        std::fflush(stdout);
    };
    const auto sockets = backend::control_sockets(command.directory);
    if (!sockets) {
        complain("{}", sockets.error());
        return kRefused;
    }
    if (backend::watch(*sockets, print) != 0) return kDone;
    complain("no vrrpd runs here ({} has no living control socket)", command.directory);
    return kNobody;
}

} // namespace

int main(int argc, char** argv) {
    const auto parsed = config::parse_atropos_command_line(std::vector<std::string>(argv + 1, argv + argc));
    if (!parsed) {
        complain("{}", parsed.error().message);
        return kUsage;
    }
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return kDone;
    }
    const AtroposCommand& command = std::get<AtroposCommand>(*parsed);
    if (command.request == "state") return state(command);
    if (command.request == "watch") return watch(command);
    return carry_out(command);
}
