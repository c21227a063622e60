// The command line of vrrpd, as operators know it from Advanced Vrrpd:
// vrrpd -i ifname -v vrid [options] ipaddr[/len]... with the addresses anywhere.
#pragma once

#include "core/machine/virtual_router_config.hpp"

#include <span>
#include <tl/expected.hpp>
#include <variant>

namespace vrrp::config {

// What the process, not its virtual routers, is told.
struct ProcessConfig {
    bool foreground = false;
    std::string directory = "/run/vrrpd"; // pid file and control socket
};

struct CommandLine {
    RouterConfig router;
    ProcessConfig process;
};

// The user asked for a text: print it on stdout and exit 0.
struct TextRequest {
    std::string text;
};

// One line without a newline that names the option, the value, what is allowed and what to do. Exit 2.
struct ConfigError {
    std::string message;
};

using CommandLineResult = tl::expected<std::variant<CommandLine, TextRequest>, ConfigError>;

// `arguments` without the program's name.
CommandLineResult parse_command_line(std::span<const std::string> arguments);

inline constexpr const char* kVersion = "2.0.0";

} // namespace vrrp::config
