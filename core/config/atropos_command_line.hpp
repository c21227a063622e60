// The command line of atropos, with the verbs of the original.
#pragma once

#include "core/config/command_line.hpp"

namespace vrrp::config {

struct AtroposCommand {
    // "check", "metrics", or as the control socket calls it: state, watch, reload, restart, or a command of kCommands.
    std::string request;
    std::optional<std::string> interface; // which virtual routers are meant: all where nothing is said
    std::optional<std::uint8_t> vrid;
    bool json = false;
    bool dry_run = false; // of --reload
    std::string output;   // where --metrics are written to; empty: standard output
    std::string directory = ProcessConfig{}.directory;
};

Parsed<std::variant<AtroposCommand, TextRequest>>
parse_atropos_command_line(std::span<const std::string> arguments);

} // namespace vrrp::config
