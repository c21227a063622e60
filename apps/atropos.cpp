// atropos: asks the vrrpds of this machine over their control sockets.
#include "apps/state_table.hpp"
#include "backends/control_client.hpp"
#include "core/config/command_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace vrrp;
using nlohmann::ordered_json;

enum Exit : int { kDone = 0, kRefused = 1, kUsage = 2, kNobody = 3 };

// One answer of all daemons: their virtual routers and interfaces in one list each.
int state(const std::filesystem::path& directory, bool as_json) {
    ordered_json all{{"virtual_routers", ordered_json::array()}, {"interfaces", ordered_json::array()}};
    int answered = 0, status = kDone;
    for (const auto& socket : backend::control_sockets(directory)) {
        const auto result = backend::ask(socket, "state");
        if (!result && result.error().kind == backend::AskError::nobody) continue;
        ++answered;
        if (!result) {
            fmt::print(stderr, "atropos: {}\n", result.error().message);
            status = kRefused;
            continue;
        }
        for (const char* list : {"virtual_routers", "interfaces"})
            for (const ordered_json& one : (*result)[list])
                all[list].push_back(one);
    }
    if (answered == 0) {
        fmt::print(stderr, "atropos: no vrrpd runs here ({} has no living control socket)\n",
                   directory.string());
        return kNobody;
    }
    fmt::print("{}", as_json ? all.dump(2) + "\n" : state_table(all));
    return status;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("atropos: status of the vrrpds of this machine", "atropos");
    app.footer("Exit status: 0 done, 1 refused, 2 wrong usage, 3 no vrrpd running.");
    bool wants_state = false, as_json = false;
    std::string directory = config::ProcessConfig{}.directory;
    app.add_flag("--state", wants_state, "state of every virtual router, since when and why");
    app.add_flag("--json", as_json, "the state as one JSON object");
    app.add_option("-f,--directory", directory, "the vrrpds' runtime directory")->capture_default_str();
    app.set_version_flag("-V,--version", fmt::format("atropos {}", config::kVersion));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "atropos: {} (atropos --help lists the options)\n", error.what());
        return kUsage;
    }
    if (!wants_state && !as_json) {
        fmt::print(stderr, "atropos: say what to do: --state (atropos --help lists the options)\n");
        return kUsage;
    }
    return state(directory, as_json);
}
