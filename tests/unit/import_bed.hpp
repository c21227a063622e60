// Imports without a machine.
#pragma once

#include "core/config/config_file.hpp"
#include "core/config/import/import.hpp"
#include "tests/unit/test_bed.hpp"

#include <map>

namespace vrrp::test {

using config::importer::Format;
using config::importer::Imported;
using config::importer::Order;
using config::importer::Sources;

// Files by name; a pattern ends with '*'.
inline Sources files(const std::map<std::string, std::string>& all) {
    return {.read_file = [all](const std::string& path) -> tl::expected<std::string, std::string> {
                const auto found = all.find(path);
                if (found == all.end()) return tl::unexpected(path + ": No such file or directory");
                return found->second;
            },
            .files =
                [all](const std::string& pattern) {
                    std::vector<std::string> names;
                    const bool any = pattern.ends_with('*');
                    for (const auto& [name, text] : all)
                        if (any ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern)
                            names.push_back(name);
                    return names;
                },
            .host = "gw1"};
}

inline Imported imported(const std::string& text, const Order& order, const Sources& sources) {
    const auto result = import_text(order, text, sources);
    INFO(text);
    INFO((result ? std::string() : result.error().message));
    REQUIRE(result);
    return *result;
}

inline std::string refused_import(const std::string& text, const Order& order, const Sources& sources) {
    const auto result = import_text(order, text, sources);
    return result ? "accepted" : result.error().message;
}

// What vrrpd makes of the file.
inline config::Configuration taken(const Imported& imported) {
    const config::Here here{[](const std::string& path, bool) -> tl::expected<std::string, std::string> {
                                return tl::unexpected(path + ": No such file or directory");
                            },
                            [](const std::string&) { return true; }, [](const std::string&) { return true; }};
    const auto parsed = config::parse_config_file("vrrpd.toml", imported.text, here);
    INFO(imported.text);
    INFO((parsed ? std::string() : parsed.error().message));
    REQUIRE(parsed);
    return *parsed;
}

} // namespace vrrp::test
