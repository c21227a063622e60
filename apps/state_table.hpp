// atropos --state for people.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vrrp {

// So many virtual routers have a block each, which are two screens; more get a line each, for which a summary is enough.
inline constexpr std::size_t kMostBlocks = 8;

// At most 80 columns: a summary, the findings, a block for each virtual router, or a line each for many, one
// for each group, and one for each interface that dropped frames.
// `status` is what vrrp::status() says.
std::string state_table(const nlohmann::ordered_json& status);

} // namespace vrrp
