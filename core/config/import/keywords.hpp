// What becomes of the keywords of keepalived.conf that have no setting of their own here.
#pragma once

#include "core/config/import/draft.hpp"

#include <span>

namespace vrrp::config::importer {

struct Keyword {
    const char* name;
    Weight weight;
    const char* advice; // empty: nothing is to be said of it
};

std::span<const Keyword> instance_keywords();
std::span<const Keyword> group_keywords();
std::span<const Keyword> global_keywords();
std::span<const Keyword> top_keywords();

// Tells of the statement what the table says; a line that it does not know is lost.
void remark_by(std::span<const Keyword> table, const Statement& statement, Section& section);

// Those that begin with it are about load balancing.
bool is_load_balancing(const std::string& keyword);

} // namespace vrrp::config::importer
