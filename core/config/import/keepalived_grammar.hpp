// The grammar of keepalived.conf, as keepalived(8) 2.2 to 2.4 reads it: comments with # and !, quoted strings, blocks,
// include with wildcards, $PARAMETERS of one or many lines, and lines for one machine (@NAME, @^NAME).
#pragma once

#include "core/config/import/source.hpp"

namespace vrrp::config::importer {

// `id` is what @NAME is compared with. An error names the place.
Parsed<std::vector<Statement>> read_keepalived(const std::string& file, const std::string& text,
                                               const std::string& id, const Sources& sources);

// A script and its arguments as keepalived takes them apart: at blanks that do not stand between single quotes.
std::vector<std::string> script_words(const std::string& text);

} // namespace vrrp::config::importer
