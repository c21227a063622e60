// A scenario as the text of a file.
#pragma once

#include "netsim/scenario/scenario.hpp"

namespace vrrp::sim {

// What parse_scenario() makes the same of, but for places, and without [chaos].
std::string scenario_text(const Scenario& scenario);

// The pieces of TOML: a key, bare where it can be; a text between quotes; one over several lines; a list, one a line.
std::string toml_key(std::string_view key);
std::string toml_string(std::string_view text);
std::string toml_text(std::string_view text);
std::string toml_list(const std::vector<std::string>& lines);

} // namespace vrrp::sim
