// keepalived.conf in this project's words. Also of others that say the same in keepalived's words.
#pragma once

#include "core/config/import/draft.hpp"

namespace vrrp::config::importer {

Draft from_keepalived(const std::vector<Statement>& statements);

// All keywords that a translation knows: docs/moving.md tells of each.
std::vector<std::string> keepalived_keywords();

} // namespace vrrp::config::importer
