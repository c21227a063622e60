// A run as lines for a person.
#pragma once

#include "netsim/scenario/run.hpp"

namespace vrrp::sim {

// Who did what, when and why, one line each, at most kTimelineWidth wide unless a reason is longer; with
// terminal colours when asked for. Ends with how it went.
std::string timeline(const Scenario& scenario, const RunResult& result, bool colour);

inline constexpr std::size_t kTimelineWidth = 100;

// What `vrrplab verbs` prints: the scenario manual, from the parser's own table.
std::string manual();

} // namespace vrrp::sim
