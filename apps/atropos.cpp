// atropos: asks the vrrpds of this machine over their control sockets. What it says is decided there; here
// the answers are put together.
#include "apps/narrowing.hpp"
#include "apps/state_table.hpp"
#include "backends/control/control_client.hpp"
#include "backends/runtime/daemonize.hpp"
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
    std::vector<std::string> sockets; // of the results, in the same order
    std::vector<ordered_json> results;
    bool failed = false;
    std::size_t daemons = 0;
};

template <typename Ask>
Answers ask_all(const AtroposCommand& command, Ask&& ask) {
    Answers answers;
    const auto sockets = backend::control_sockets(command.directory);
    if (!sockets) {
        complain("{}", sockets.error());
        answers.failed = true;
        answers.daemons = 1;
        return answers;
    }
    for (const auto& socket : *sockets) {
        const tl::expected<ordered_json, backend::AskFailure> result = ask(socket);
        if (!result && result.error().kind == backend::AskError::nobody) continue;
        ++answers.daemons;
        if (result) {
            answers.sockets.push_back(socket.string());
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

Answers ask_all(const AtroposCommand& command) {
    const std::string request = to_json(ControlRequest{command.request, command.interface, command.vrid});
    return ask_all(command, [&](const auto& socket) { return backend::ask(socket, request); });
}

// One list each of all daemons' processes, virtual routers, groups and interfaces.
ordered_json merge(const std::vector<ordered_json>& states) {
    ordered_json all{{"processes", ordered_json::array()},
                     {"virtual_routers", ordered_json::array()},
                     {"groups", ordered_json::array()},
                     {"interfaces", ordered_json::array()}};
    for (const ordered_json& state : states) {
        all["processes"].push_back(state["process"]);
        for (ordered_json one : state["virtual_routers"]) {
            one["pid"] = state["process"]["pid"];
            all["virtual_routers"].push_back(std::move(one));
        }
        for (const char* list : {"groups", "interfaces"})
            for (const ordered_json& one : state[list])
                all[list].push_back(one);
    }
    return all;
}

void narrow(const AtroposCommand& command, std::vector<ordered_json>& states) {
    for (ordered_json& state : states)
        state = narrowed(command, state);
}

int nobody_meant() {
    complain("no virtual router here is meant by this");
    return kRefused;
}

int state(const AtroposCommand& command) {
    Answers answers = ask_all(command);
    if (answers.daemons == 0) return kNobody;
    if (answers.results.empty()) return kRefused; // complained about
    narrow(command, answers.results);
    const ordered_json all = merge(answers.results);
    fmt::print("{}", command.json ? all.dump(2) + "\n" : state_table(all));
    if (all["virtual_routers"].empty() && !answers.failed) return nobody_meant();
    return answers.failed ? kRefused : kDone;
}

std::string who(const ordered_json& virtual_router) {
    return fmt::format("{} vrid {}{}", virtual_router["interface"].get<std::string>(),
                       virtual_router["vrid"].get<int>(), virtual_router["family"] == "IPv6" ? " IPv6" : "");
}

int carry_out(const AtroposCommand& command) {
    const Answers answers = ask_all(command);
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
    if (done.empty() && refused.empty() && !answers.failed) return nobody_meant();
    return done.empty() || !refused.empty() || answers.failed ? kRefused : kDone;
}

std::string time_of_day() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return fmt::format("{:%H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(now))) +
           fmt::format(".{:03}", now.time_since_epoch().count() % 1000);
}

void print_line(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout); // it may be a pipe's reader who watches
}

int watch(const AtroposCommand& command) {
    backend::Watch watch;
    Answers answers = ask_all(command, [&](const auto& socket) { return watch.begin(socket); });
    if (answers.daemons == 0) return kNobody;
    if (answers.results.empty()) return kRefused; // complained about
    narrow(command, answers.results);
    const ordered_json all = merge(answers.results);
    if (all["virtual_routers"].empty() && !answers.failed) return nobody_meant();
    if (command.json)
        print_line(all.dump());
    else
        fmt::print("{}", state_table(all));
    std::fflush(stdout);
    watch.run(
        [&](std::size_t vrrpd, const ordered_json& event) {
            if (!concerns(event, answers.results[vrrpd])) return;
            print_line(command.json ? event.dump() : time_of_day() + " " + event.value("text", event.dump()));
        },
        [&](std::size_t vrrpd) { complain("{}: tells no more", answers.sockets[vrrpd]); });
    return answers.failed ? kRefused : kDone;
}

} // namespace

int main(int argc, char** argv) {
    vrrp::backend::occupy_standard_streams();
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
