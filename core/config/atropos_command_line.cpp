#include "core/config/atropos_command_line.hpp"

#include "core/config/settings.hpp"
#include "core/machine/names.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::config {
namespace {

struct Verb {
    const char* name; // the option is "--" and this
    const char* help;
};

constexpr Verb kQuestions[] = {
    {"state", "state of every virtual router, since when and why"},
    {"check", "one line for monitoring, with the exit status of a plugin"},
    {"metrics", "the state as Prometheus and the node exporter's text file collector read it"},
    {"watch", "the state, and then what happens as it happens"},
    {"restart", "each vrrpd calls its program anew, maybe another version of it; masters stay masters"},
    {"reload", "each vrrpd reads its configuration file again; what is the same goes on undisturbed"},
};

// What can be asked of the vrrpds and what they can be told, in the order of the help.
std::vector<Verb> verbs() {
    std::vector<Verb> verbs(std::begin(kQuestions), std::end(kQuestions));
    for (const Named<Command>& command : kCommands)
        verbs.push_back({command.name, command.help});
    return verbs;
}

std::string option(const Verb& verb) {
    return std::string("--") + verb.name;
}

constexpr std::string_view kHold = to_string(Command::hold);

constexpr const char* kExitStatus =
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 no vrrpd running, 4 "
    "(--state) this machine cannot be the "
    "gateway. Of --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, and wrong usage.";

// "--state, --watch, ... or --increase (atropos --help lists the options)"
std::string offered() {
    std::vector<std::string> options;
    for (const Verb& verb : verbs())
        if (verb.name != kHold) options.push_back(option(verb));
    const std::string last = std::move(options.back());
    options.pop_back();
    return fmt::format("{} or {} (atropos --help lists the options)", fmt::join(options, ", "), last);
}

// Empty when there is none. --hold is said with --backup, and is a request of its own.
Parsed<std::string> chosen(const CLI::App& app) {
    std::string chosen;
    for (const Verb& verb : verbs()) {
        if (verb.name == kHold || app.count(option(verb)) == 0) continue;
        if (!chosen.empty())
            return error(fmt::format("--{} and {}: one thing at a time", chosen, option(verb)));
        chosen = verb.name;
    }
    if (app.count(fmt::format("--{}", kHold)) == 0) return chosen;
    if (chosen != to_string(Command::back_up)) return error("--hold goes with --backup");
    return std::string(kHold);
}

} // namespace

Parsed<std::variant<AtroposCommand, TextRequest>>
parse_atropos_command_line(std::span<const std::string> arguments) {
    AtroposCommand command;
    CLI::App app("atropos: state and control of the vrrpds of this machine", "atropos");
    app.footer(kExitStatus);
    for (const Verb& verb : verbs())
        app.add_flag(option(verb), verb.help);
    bool version = false;
    Setting interface { "-i", "interface" }, vrid{"-v", "vrid"};
    app.add_option("-i,--interface", interface.values, "only the virtual routers of this interface")
        ->type_name("NAME")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    app.add_option("-v,--vrid", vrid.values, "only those with this identifier")
        ->type_name("1-255")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    app.add_flag("--dry-run", command.dry_run, "with --reload: only say what would change");
    app.add_flag("--json", command.json, "print JSON; without a verb, the state");
    app.add_option("-f,--directory", command.directory, "the vrrpds' runtime directory")
        ->capture_default_str();
    app.add_option("--output", command.output, "with --metrics: a file that is written whole, or not at all")
        ->type_name("FILE");
    app.add_flag("-V,--version", version, "print the version and exit");
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& e) {
        return error(fmt::format("{} (atropos --help lists the options)", e.what()));
    }
    if (version) return TextRequest{fmt::format("atropos {}\n", kVersion)};

    const auto request = chosen(app);
    if (!request) return tl::unexpected(request.error());
    command.request = *request;
    if (command.request.empty() && command.json) command.request = "state";
    if (command.request.empty()) return error("say what to do: " + offered());
    if (!command.output.empty() && command.request != "metrics") return error("--output goes with --metrics");
    if (command.dry_run && command.request != "reload") return error("--dry-run goes with --reload");
    const bool whole = command.request == "reload" || command.request == "restart";
    if (whole && !(interface.values.empty() && vrid.values.empty()))
        return error(
            fmt::format("--{} is for whole processes: -i and -v do not go with it", command.request));
    const auto name = at_most_one(interface, Spelling::options);
    if (!name) return tl::unexpected(name.error());
    command.interface = *name;
    const auto identifier = number(vrid, Spelling::options, 1, 255, "a VRID");
    if (!identifier) return tl::unexpected(identifier.error());
    if (*identifier) command.vrid = static_cast<std::uint8_t>(**identifier);
    return command;
}

} // namespace vrrp::config
