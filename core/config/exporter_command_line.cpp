#include "core/config/exporter_command_line.hpp"

#include "core/config/settings.hpp"

#include <charconv>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vrrp::config {
namespace {

constexpr const char* kExporterFooter =
    "Prometheus asks it: curl http://127.0.0.1:10112/metrics\n"
    "It needs no privilege: vrrpd --control-group lets a group's members read.";

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failed != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

// Into `command`; false where it is no address and port.
bool parse_listen(std::string_view text, ExporterCommand& command) {
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return false;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::parse(host);
    const auto port = parse_port(text.substr(colon + 1));
    if (!address || !port || bracketed != (address->family() == IpFamily::v6)) return false;
    command.address = *address;
    command.port = *port;
    return true;
}

} // namespace

std::string listen_text(const ExporterCommand& command) {
    const std::string address = to_string(command.address);
    return fmt::format("{}:{}", command.address.family() == IpFamily::v6 ? "[" + address + "]" : address,
                       command.port);
}

Parsed<std::variant<ExporterCommand, TextRequest>>
parse_exporter_command_line(std::span<const std::string> arguments) {
    ExporterCommand command{.address = IpAddress::parse("127.0.0.1").value()};
    CLI::App app("vrrp_exporter: tells Prometheus what the vrrpds of this machine do", "vrrp_exporter");
    app.footer(kExporterFooter);
    Setting listen{"--listen", "listen"}, directory{"-f", "directory"};
    bool version = false;
    const auto add = [&app](const char* names, Setting& setting, const char* metavar,
                            const std::string& help) {
        app.add_option(names, setting.values, help)
            ->type_name(metavar)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->allow_extra_args(false);
    };
    add("--listen", listen, "ADDRESS:PORT", "where it is asked (default " + listen_text(command) + ")");
    add("-f,--directory", directory, "DIR",
        "the vrrpds' runtime directory (default " + command.directory + ")");
    app.add_flag("-V,--version", version, "print the version and exit");
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& e) {
        return error(fmt::format("{} (vrrp_exporter --help lists the options)", e.what()));
    }
    if (version) return TextRequest{fmt::format("vrrp_exporter {}\n", kVersion)};
    const auto where = at_most_one(listen, Spelling::options);
    if (!where) return tl::unexpected(where.error());
    if (*where && !parse_listen(**where, command))
        return error(fmt::format("--listen '{}': give an address and a port, as 127.0.0.1:{} or [::1]:{}",
                                 **where, kExporterPort, kExporterPort));
    const auto folder = at_most_one(directory, Spelling::options);
    if (!folder) return tl::unexpected(folder.error());
    if (*folder && (*folder)->empty()) return error("-f '': name a directory");
    if (*folder) command.directory = **folder;
    return command;
}

} // namespace vrrp::config
