// Other programs' configurations, read as statements that know where they stand.
#pragma once

#include "core/config/configuration.hpp"

namespace vrrp::config::importer {

// "keepalived.conf:12"
std::string to_string(const Place& place);

// file:line:column: and what is wrong.
tl::unexpected<ConfigError> error_at(const Place& place, const std::string& message);

// Words, and what stands between the braces behind them.
struct Statement {
    Place place;
    std::vector<std::string> words; // never none
    std::vector<Statement> block{};
    bool has_block = false;
    std::string written{}; // where the words are not those of the file

    const std::string& keyword() const { return words.front(); }
    // The word at this place; empty where there is none.
    const std::string& word(std::size_t at) const;
    // In one line, for a remark: shortened, and without what could not stand in a comment.
    std::string said() const;
};

// What an import may look at. A test gives its own.
struct Sources {
    std::function<tl::expected<std::string, std::string>(const std::string& path)> read_file;
    // The files that a pattern names, in order; a path without wildcards names itself where it exists.
    std::function<std::vector<std::string>(const std::string& pattern)> files;
    std::string host; // the machine's name without its domain
};

// UTF-8 without control characters: for a comment or a value of TOML.
bool is_plain(std::string_view text);
// The same text with '?' for what is not.
std::string plain(std::string_view text);

} // namespace vrrp::config::importer
