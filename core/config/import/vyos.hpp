// VyOS' high-availability tree, as config.boot has it or as set commands, in keepalived's words: VyOS runs keepalived.
#pragma once

#include "core/config/import/source.hpp"

namespace vrrp::config::importer {

Parsed<std::vector<Statement>> read_vyos(const std::string& file, std::string_view text);
bool looks_like_vyos(std::string_view text);

} // namespace vrrp::config::importer
