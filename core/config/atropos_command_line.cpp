#include "core/config/atropos_command_line.hpp"

#include "core/config/settings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vrrp::config {
namespace {

struct Verb {
    const char* option;
    const char* request;
    const char* help;
};

constexpr Verb kVerbs[] = {
    {"--state", "state", "state of every virtual router, since when and why"},
    {"--check", "check", "one line for monitoring, with the exit status of a plugin"},
    {"--watch", "watch", "the state, and then what happens as it happens"},
    {"--backup", "backup",
     "let another router be master, and do not preempt it; take over only when there is none"},
    {"--release", "release", "end --backup and --hold"},
    {"--master", "master", "end them, and become master now where the election allows it"},
    {"--reduce", "reduce", "reduce the priority: by 10, or to what vrrpd's -z says"},
    {"--increase", "increase", "increase it: by 10, or to what vrrpd's -x says"},
};

constexpr const char* kFooter = "Exit status: 0 done, 1 refused, 2 wrong usage, 3 no vrrpd running, 4 "
                                "(--state) this machine cannot be the "
                                "gateway. Of --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.";

tl::unexpected<ConfigError> error(std::string message) {
    return tl::unexpected(ConfigError{.message = std::move(message)});
}

} // namespace

Parsed<std::variant<AtroposCommand, TextRequest>>
parse_atropos_command_line(std::span<const std::string> arguments) {
    AtroposCommand command;
    CLI::App app("atropos: state and control of the vrrpds of this machine", "atropos");
    app.footer(kFooter);
    for (const Verb& verb : kVerbs)
        app.add_flag(verb.option, verb.help);
    bool hold = false, version = false;
    Setting interface { "-i", "interface" }, vrid{"-v", "vrid"};
    app.add_flag("--hold", hold, "with --backup: stay backup whatever happens");
    app.add_option("-i,--interface", interface.values, "only the virtual routers of this interface")
        ->type_name("NAME")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    app.add_option("-v,--vrid", vrid.values, "only those with this identifier")
        ->type_name("1-255")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    app.add_flag("--json", command.json, "print JSON; without a verb, the state");
    app.add_option("-f,--directory", command.directory, "the vrrpds' runtime directory")
        ->capture_default_str();
    app.add_flag("-V,--version", version, "print the version and exit");
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& e) {
        return error(fmt::format("{} (atropos --help lists the options)", e.what()));
    }
    if (version) return TextRequest{fmt::format("atropos {}\n", kVersion)};

    for (const Verb& verb : kVerbs) {
        if (app.count(verb.option) == 0) continue;
        if (!command.request.empty())
            return error(fmt::format("--{} and {}: one thing at a time", command.request, verb.option));
        command.request = verb.request;
    }
    if (command.request.empty() && command.json) command.request = "state";
    if (command.request.empty())
        return error("say what to do: --state, --check, --watch, --backup, --release, --master, --reduce or "
                     "--increase "
                     "(atropos --help lists the options)");
    if (hold && command.request != "backup") return error("--hold goes with --backup");
    if (hold) command.request = "hold";
    const auto name = at_most_one(interface, Spelling::options);
    if (!name) return tl::unexpected(name.error());
    command.interface = *name;
    const auto identifier = number(vrid, Spelling::options, 1, 255, "a VRID");
    if (!identifier) return tl::unexpected(identifier.error());
    if (*identifier) command.vrid = static_cast<std::uint8_t>(**identifier);
    return command;
}

} // namespace vrrp::config
