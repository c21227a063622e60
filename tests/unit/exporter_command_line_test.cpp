// What vrrp_exporter is told.
#include "core/config/exporter_command_line.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::config;

namespace {

ExporterCommand exporter(const std::vector<std::string>& arguments) {
    const auto parsed = parse_exporter_command_line(arguments);
    REQUIRE(parsed);
    return std::get<ExporterCommand>(*parsed);
}

} // namespace

TEST_CASE("an exporter to which nothing is said serves this machine alone") {
    const ExporterCommand command = exporter({});
    CHECK(listen_text(command) == "127.0.0.1:10112");
    CHECK(command.directory == "/run/vrrpd");
}

TEST_CASE("an exporter listens where it is told to") {
    CHECK(listen_text(exporter({"--listen", "10.0.0.1:9100"})) == "10.0.0.1:9100");
    CHECK(listen_text(exporter({"--listen", "0.0.0.0:65535"})) == "0.0.0.0:65535");
    CHECK(listen_text(exporter({"--listen", "[::1]:1"})) == "[::1]:1");
    CHECK(exporter({"-f", "/run/x"}).directory == "/run/x");
}

TEST_CASE("what is wrong on an exporter's command line is told in one line") {
    const std::pair<std::vector<std::string>, std::string> rows[] = {
        {{"--listen", ""}, "--listen '': give an address and a port, as 127.0.0.1:10112 or [::1]:10112"},
        {{"--listen", "127.0.0.1"}, "--listen '127.0.0.1': give an address and a port"},
        {{"--listen", ":10112"}, "--listen ':10112': give an address"},
        {{"--listen", "10112"}, "--listen '10112': give an address"},
        {{"--listen", "localhost:10112"}, "--listen 'localhost:10112': give an address"},
        {{"--listen", "127.0.0.1:0"}, "--listen '127.0.0.1:0': give an address and a port"},
        {{"--listen", "127.0.0.1:65536"}, "--listen '127.0.0.1:65536': give an address and a port"},
        {{"--listen", "127.0.0.1:80x"}, "--listen '127.0.0.1:80x': give an address and a port"},
        {{"--listen", "127.0.0.1:+80"}, "--listen '127.0.0.1:+80': give an address and a port"},
        {{"--listen", "::1:10112"}, "--listen '::1:10112': give an address and a port"},
        {{"--listen", "[127.0.0.1]:80"}, "--listen '[127.0.0.1]:80': give an address and a port"},
        {{"--listen", "[::1]"}, "--listen '[::1]': give an address and a port"},
        {{"--listen", "[::1:80"}, "--listen '[::1:80': give an address and a port"},
        {{"--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"}, "--listen is given 2 times: keep one"},
        {{"--listen"}, "--listen"},
        {{"-f", ""}, "-f '': name a directory"},
        {{"-f", "/a", "-f", "/b"}, "-f is given 2 times: keep one"},
        {{"--port", "80"}, "--port"},
        {{"now"}, "now"},
    };
    for (const auto& [arguments, why] : rows) {
        INFO(why);
        const auto parsed = parse_exporter_command_line(arguments);
        REQUIRE_FALSE(parsed);
        CHECK_THAT(parsed.error().message, Catch::Contains(why));
        CHECK(parsed.error().message.find('\n') == std::string::npos);
    }
}

TEST_CASE("an exporter tells its options and its version") {
    const auto text = [](const char* option) {
        const std::vector<std::string> arguments{option};
        return std::get<TextRequest>(parse_exporter_command_line(arguments).value()).text;
    };
    CHECK(text("--version") == std::string("vrrp_exporter ") + kVersion + "\n");
    CHECK_THAT(text("--help"), Catch::Contains("127.0.0.1:10112"));
}
