// The command line of vrrp_exporter.
#pragma once

#include "core/config/command_line.hpp"

namespace vrrp::config {

// Exporters have a port each; 9100 to 9999, which Prometheus' list gives out, are taken. VRRP is IP protocol 112.
inline constexpr std::uint16_t kExporterPort = 10112;

struct ExporterCommand {
    IpAddress address; // that it listens on; loopback, where nothing is said
    std::uint16_t port = kExporterPort;
    std::string directory = ProcessConfig{}.directory; // the vrrpds'
};

// "127.0.0.1:10112", "[::1]:10112"
std::string listen_text(const ExporterCommand& command);

Parsed<std::variant<ExporterCommand, TextRequest>>
parse_exporter_command_line(std::span<const std::string> arguments);

} // namespace vrrp::config
