// The vrrp lines of an frr.conf; what else stands there is FRR's own.
#pragma once

#include "core/config/import/draft.hpp"

namespace vrrp::config::importer {

Parsed<Draft> from_frr(const std::string& file, std::string_view text);
bool looks_like_frr(std::string_view text);

} // namespace vrrp::config::importer
