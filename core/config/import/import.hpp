// vrrpd --import: another program's configuration as a vrrpd.toml.
#pragma once

#include "core/config/import/draft.hpp"

namespace vrrp::config::importer {

enum class Format : std::uint8_t { keepalived, frr, vyos };

std::optional<Format> parse_format(std::string_view name);
inline constexpr const char* kFormats = "keepalived, frr, vyos";

// As the text looks; nothing where it looks like none of them.
std::optional<Format> format_of(std::string_view text);

struct Order {
    std::string file;
    std::optional<Format> format{}; // else as its content says
    std::string id{};               // what keepalived's @NAME lines are for; empty: this machine's name
};

// The same text from the same files. An error names the place, or says why nothing can be read.
Parsed<Imported> import_file(const Order& order, const Sources& sources);

// Without reading any file but those that it includes.
Parsed<Imported> import_text(const Order& order, const std::string& text, const Sources& sources);

} // namespace vrrp::config::importer
