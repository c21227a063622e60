#include "netsim/scenario/write.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::sim {
namespace {

bool is_bare_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

std::string time_line(const char* key, Duration time) {
    return fmt::format("{} = \"{}\"\n", key, exact_text(time));
}

std::string network_text(const NetworkPlan& network) {
    std::vector<std::string> subnets;
    for (const IpPrefix& one : network.subnets)
        subnets.push_back(to_string(one));
    std::string text =
        fmt::format("\n[network.{}]\nsubnet = {}\n", toml_key(network.name), toml_list(subnets));
    if (network.forward_delay != Duration{}) text += time_line("forward_delay", network.forward_delay);
    if (network.port_security) text += "port_security = true\n";
    if (!network.multicast) text += "multicast = false\n";
    return text;
}

std::string machine_text(const NodePlan& machine) {
    std::string text = fmt::format("\n[{}.{}]\n", machine.router ? "router" : "host", toml_key(machine.name));
    for (const InterfacePlan& interface : machine.interfaces) {
        std::string line = interface.network;
        for (const IpPrefix& own : interface.addresses)
            line += " " + to_string(own.address);
        if (machine.gateway && &interface == &machine.interfaces.front())
            line += (machine.learns_gateway ? " learns " : " via ") + to_string(*machine.gateway);
        text += fmt::format("{} = {}\n", toml_key(interface.name), toml_string(line));
    }
    if (machine.probe) text += time_line("probe", *machine.probe);
    if (machine.stateful_firewall) text += "firewall = \"stateful\"\n";
    if (!machine.commands.empty()) text += fmt::format("run = {}\n", toml_list(machine.commands));
    if (!machine.files.empty()) text += fmt::format("\n[router.{}.files]\n", toml_key(machine.name));
    for (const auto& [path, content] : machine.files)
        text += fmt::format("{} = {}\n", toml_string(path), toml_text(content));
    return text;
}

std::string sentences_text(const char* key, const std::vector<Sentence>& sentences) {
    if (sentences.empty()) return "";
    std::vector<std::string> lines;
    for (const Sentence& one : sentences)
        lines.push_back(one.text);
    return fmt::format("{} = {}\n", key, toml_list(lines));
}

std::string step_text(const Step& step) {
    std::string text = "\n[[step]]\n" + time_line("at", step.at);
    if (step.jitter != Duration{}) text += time_line("jitter", step.jitter);
    return text + sentences_text("do", step.actions) + sentences_text("expect", step.expectations);
}

} // namespace

std::string scenario_text(const Scenario& scenario) {
    std::string text = fmt::format("title = {}\n", toml_string(scenario.title));
    if (!scenario.about.empty()) text += fmt::format("about = {}\n", toml_text(scenario.about));
    text += time_line("ends", scenario.ends);
    if (scenario.seed) text += fmt::format("seed = {}\n", *scenario.seed);
    if (scenario.choices) {
        std::vector<std::string> picks;
        for (const Pick& pick : *scenario.choices)
            picks.push_back(pick_text(pick));
        text += fmt::format("choices = {}\n", picks.empty() ? "[]" : toml_list(picks));
    }
    if (scenario.shuffled) text += "shuffle = true\n";
    for (const NetworkPlan& network : scenario.networks)
        text += network_text(network);
    for (const NodePlan& machine : scenario.nodes)
        text += machine_text(machine);
    for (const FlowPlan& flow : scenario.flows)
        text += fmt::format("\n[[flow]]\nfrom = {}\nto = {}\n{}", toml_string(flow.from),
                            toml_string(flow.to), time_line("every", flow.every));
    for (const Step& step : scenario.steps)
        text += step_text(step);
    if (!scenario.allowed.empty()) text += "\n[allow]\n";
    for (const Allowance& allowed : scenario.allowed)
        text += fmt::format("{} = {}\n", name(allowed.invariant), toml_string(allowed.why));
    return text;
}

std::string toml_key(std::string_view key) {
    return is_bare_key(key) ? std::string(key) : toml_string(key);
}

std::string toml_list(const std::vector<std::string>& lines) {
    if (lines.size() == 1) return toml_string(lines.front());
    std::string text = "[\n";
    for (const std::string& line : lines)
        text += fmt::format("  {},\n", toml_string(line));
    return text + "]";
}

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += std::string("\\") + c;
        else if (c == '\n')
            quoted += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            quoted += c;
    }
    return quoted + '"';
}

// As it is, where TOML allows that.
std::string toml_text(std::string_view text) {
    const bool plain =
        text.find("'''") == text.npos && !text.ends_with('\'') && std::ranges::all_of(text, [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return c == '\n' || c == '\t' || (byte >= 0x20 && byte != 0x7f);
        });
    return plain ? fmt::format("'''\n{}'''", text) : toml_string(text);
}

} // namespace vrrp::sim
