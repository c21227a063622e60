// What -i and -v of atropos leave of what a vrrpd says.
#pragma once

#include "core/config/atropos_command_line.hpp"

#include <nlohmann/json_fwd.hpp>

namespace vrrp {

// Of a vrrpd's state: the virtual routers that are meant, the groups that they belong to, and the interfaces
// that they run on.
nlohmann::ordered_json narrowed(const config::AtroposCommand& command, const nlohmann::ordered_json& state);

// Whether an event of a vrrpd is one of a virtual router in its narrowed state, or of a group or an interface
// that one of them belongs to.
bool concerns(const nlohmann::ordered_json& event, const nlohmann::ordered_json& narrowed_state);

} // namespace vrrp
