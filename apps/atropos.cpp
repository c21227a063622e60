// atropos: asks the vrrpds of this machine over their control sockets. What it says is decided there; here
// the answers are put together.
#include "apps/health.hpp"
#include "apps/machine_state.hpp"
#include "apps/narrowing.hpp"
#include "apps/state_table.hpp"
#include "backends/control/control_client.hpp"
#include "backends/runtime/daemonize.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "core/config/atropos_command_line.hpp"
#include "core/daemon/control.hpp"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace {

using namespace vrrp;
using config::AtroposCommand;
using nlohmann::ordered_json;

enum Exit : int { kDone = 0, kRefused = 1, kUsage = 2, kNobody = 3, kUnwell = 4 };

template <typename... Args>
void complain(fmt::format_string<Args...> format, Args&&... args) {
    fmt::print(stderr, "atropos: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

// What all daemons answer to a request.
struct Answers {
    std::vector<std::string> sockets; // of the results, in the same order
    std::vector<ordered_json> results;
    std::vector<std::string> failures; // of those that could not answer
    bool nobody() const { return results.empty() && failures.empty(); }
};

template <typename Ask>
Answers collect(const AtroposCommand& command, Ask&& ask) {
    Answers answers;
    const auto sockets = backend::control_sockets(command.directory);
    if (!sockets) {
        answers.failures.push_back(sockets.error());
        return answers;
    }
    for (const auto& socket : *sockets) {
        tl::expected<ordered_json, backend::AskFailure> result = ask(socket);
        if (result) {
            answers.sockets.push_back(socket.string());
            answers.results.push_back(*std::move(result));
        } else if (result.error().kind != backend::AskError::nobody) {
            answers.failures.push_back(result.error().message);
        }
    }
    return answers;
}

std::string nobody_runs(const AtroposCommand& command) {
    return fmt::format("no vrrpd runs here ({} has no living control socket)", command.directory);
}

void complain_of(const Answers& answers, const AtroposCommand& command) {
    for (const std::string& failure : answers.failures)
        complain("{}", failure);
    if (answers.nobody()) complain("{}", nobody_runs(command));
}

template <typename Ask>
Answers ask_all(const AtroposCommand& command, Ask&& ask) {
    Answers answers = collect(command, ask);
    complain_of(answers, command);
    return answers;
}

auto asking(const std::string& request, const AtroposCommand& command) {
    return [line = to_json(ControlRequest{request, command.interface, command.vrid})](const auto& socket) {
        return backend::ask(socket, line);
    };
}

void narrow(const AtroposCommand& command, std::vector<ordered_json>& states) {
    if (!command.interface && !command.vrid)
        return; // thousands of virtual routers are not copied for nothing
    for (ordered_json& state : states)
        state = narrowed(command, state);
}

constexpr const char* kNobodyMeant = "no virtual router here is meant by this";

int nobody_meant() {
    complain("{}", kNobodyMeant);
    return kRefused;
}

std::size_t virtual_routers(const Answers& answers) {
    std::size_t count = 0;
    for (const ordered_json& state : answers.results)
        count += state["virtual_routers"].size();
    return count;
}

// A table of many needs but a summary; few get a block each.
Answers states(const AtroposCommand& command) {
    Answers answers = ask_all(command, asking(command.json ? "state" : "summary", command));
    narrow(command, answers.results);
    if (command.json || virtual_routers(answers) > kMostBlocks) return answers;
    answers.results = collect(command, asking("state", command)).results;
    narrow(command, answers.results);
    return answers;
}

int state(const AtroposCommand& command) {
    Answers answers = states(command);
    if (answers.nobody()) return kNobody;
    if (answers.results.empty()) return kRefused; // complained about
    const ordered_json all = merged(std::move(answers.results));
    fmt::print("{}", command.json ? all.dump(2) + "\n" : state_table(all));
    if (!answers.failures.empty()) return kRefused;
    if (all["virtual_routers"].empty()) return nobody_meant();
    return health(all).critical.empty() ? kDone : kUnwell;
}

// Monitoring reads one line from standard output, whatever happens.
int check(const AtroposCommand& command) {
    Answers answers = collect(command, asking("summary", command));
    const bool nobody = answers.nobody();
    narrow(command, answers.results);
    const ordered_json all = merged(std::move(answers.results));
    CheckResult result = check_result(all, answers.failures);
    if (nobody)
        result = nobody_answers(nobody_runs(command));
    else if (all["processes"].empty())
        result = nobody_answers(answers.failures.front());
    else if (all["virtual_routers"].empty())
        result = nobody_answers(kNobodyMeant);
    fmt::print("{}\n", result.line);
    return result.status;
}

constexpr mode_t kForAll = 0644; // who reads it is not root

// A graph of a machine where nothing runs shows that: the file is written then too.
int tell_metrics(const AtroposCommand& command) {
    MachineState machine = ask_machine(
        command.directory, {.name = "state", .interface = command.interface, .vrid = command.vrid});
    const bool nobody = machine.nobody();
    narrow(command, machine.states);
    const std::string text = metrics_text(measure(merged(std::move(machine.states)), machine.sockets));
    if (command.output.empty()) {
        fmt::print("{}", text);
    } else if (const auto written = backend::write_whole(command.output, text, kForAll); !written) {
        complain("{}", written.error().message); // once is enough, whatever else is wrong
        return kRefused;
    }
    for (const std::string& failure : machine.failures)
        complain("{}", failure);
    if (nobody) {
        complain("{}", nobody_runs(command));
        return kNobody;
    }
    return machine.failures.empty() ? kDone : kRefused;
}

int carry_out(const AtroposCommand& command) {
    const Answers answers = ask_all(command, asking(command.request, command));
    if (answers.nobody()) return kNobody;
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
            fmt::print("{}: {}\n", name_of(one), command.request);
        for (const ordered_json& one : refused)
            complain("{}: {} refused: {}", name_of(one), command.request, one["error"].get<std::string>());
    }
    if (done.empty() && refused.empty() && answers.failures.empty()) return nobody_meant();
    return done.empty() || !refused.empty() || !answers.failures.empty() ? kRefused : kDone;
}

void print_changes(const ordered_json& reloaded, bool dry_run) {
    if (reloaded["changes"].empty()) fmt::print("{}: nothing changes\n", reloaded["file"].get<std::string>());
    for (const ordered_json& change : reloaded["changes"])
        fmt::print("{}{}\n", dry_run ? "would change: " : "", change.get<std::string>());
}

// Who was started without a file is not meant.
int reload(const AtroposCommand& command) {
    const std::string request = to_json(ControlRequest{.name = command.request, .dry_run = command.dry_run});
    const Answers answers =
        ask_all(command, [&](const auto& socket) { return backend::ask(socket, request); });
    if (answers.nobody()) return kNobody;
    ordered_json reloaded = ordered_json::array();
    for (const ordered_json& answer : answers.results)
        if (!answer["file"].is_null()) reloaded.push_back(answer);
    if (command.json)
        fmt::print("{}\n", reloaded.dump(2));
    else
        for (const ordered_json& one : reloaded)
            print_changes(one, command.dry_run);
    if (!answers.failures.empty()) return kRefused;
    if (!reloaded.empty()) return kDone;
    complain("no vrrpd here was started with --config: there is no file to read again");
    return kRefused;
}

// The process at this socket: what it says of itself.
ordered_json process_at(const std::filesystem::path& socket) {
    const auto state = backend::ask(socket, to_json(ControlRequest{.name = "summary"}));
    return state ? (*state)["process"] : ordered_json(nullptr);
}

// Empty when it has been restarted.
std::string await_restart(const std::filesystem::path& socket, double uptime) {
    constexpr std::chrono::seconds kPatience(70); // a script that runs may take a minute
    constexpr std::chrono::milliseconds kPause(20);
    for (auto waited = std::chrono::milliseconds(0); waited < kPatience; waited += kPause) {
        std::this_thread::sleep_for(kPause);
        const ordered_json process = process_at(socket);
        if (process.is_null()) continue; // between its two lives
        if (process["uptime"] < uptime) return {};
        const std::string how = process["restart"].is_null() ? "" : process["restart"];
        if (how.starts_with("refused")) return how;
    }
    return "not heard of within 70 s";
}

// One after the other: the members of a group are not all away at once.
int restart(const AtroposCommand& command) {
    const auto sockets = backend::control_sockets(command.directory);
    if (!sockets) {
        complain("{}", sockets.error());
        return kRefused;
    }
    bool anybody = false, all = true;
    for (const auto& socket : *sockets) {
        const ordered_json before = process_at(socket);
        if (before.is_null()) continue;
        anybody = true;
        const auto begun = backend::ask(socket, to_json(ControlRequest{.name = command.request}));
        const std::string failure = begun ? await_restart(socket, before["uptime"]) : begun.error().message;
        all = all && failure.empty();
        if (failure.empty())
            fmt::print("{}: restarted\n", socket.stem().string());
        else
            complain("{}: {}", socket.stem().string(), failure);
    }
    if (anybody) return all ? kDone : kRefused;
    complain("{}", nobody_runs(command));
    return kNobody;
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
    if (answers.nobody()) return kNobody;
    if (answers.results.empty()) return kRefused; // complained about
    narrow(command, answers.results);
    const ordered_json all = merged(answers.results);
    if (all["virtual_routers"].empty() && answers.failures.empty()) return nobody_meant();
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
    return !answers.failures.empty() ? kRefused : kDone;
}

// For monitoring, to which an exit status of 1 or 2 would say something about the routers.
bool is_plugin(const std::vector<std::string>& arguments) {
    return std::ranges::find(arguments, "--check") != arguments.end();
}

int run(const std::vector<std::string>& arguments) {
    const auto parsed = config::parse_atropos_command_line(arguments);
    if (!parsed) {
        complain("{}", parsed.error().message);
        return is_plugin(arguments) ? int{CheckResult::unknown} : int{kUsage};
    }
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return kDone;
    }
    const AtroposCommand& command = std::get<AtroposCommand>(*parsed);
    if (command.request == "state") return state(command);
    if (command.request == "check") return check(command);
    if (command.request == "metrics") return tell_metrics(command);
    if (command.request == "watch") return watch(command);
    if (command.request == "reload") return reload(command);
    if (command.request == "restart") return restart(command);
    return carry_out(command);
}

} // namespace

int main(int argc, char** argv) {
    vrrp::backend::occupy_standard_streams();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        return run(arguments);
    } catch (const std::exception& error) { // a limit of the machine's: descriptors or memory
        if (!is_plugin(arguments)) {
            complain("{}", error.what());
            return kRefused;
        }
        fmt::print("{}\n", nobody_answers(error.what()).line);
        return CheckResult::unknown;
    }
}
