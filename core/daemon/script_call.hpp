// What a script is told.
#pragma once

#include "core/machine/virtual_router.hpp"
#include "core/ports.hpp"

namespace vrrp {

// Arguments: the state (MASTER, BACKUP, or STOPPED when it no longer takes part), the interface, the VRID,
// and the virtual addresses with their lengths. The environment says the same and why: VRRP_STATE (master,
// backup, initialize), VRRP_PREVIOUS_STATE, VRRP_REASON (a Cause, as in the journal's JSON), VRRP_INTERFACE,
// VRRP_VRID, VRRP_VERSION, VRRP_PRIORITY, VRRP_ADDRESSES (with blanks between), VRRP_VIRTUAL_MAC (where
// used), VRRP_PEER (the other router, where there is one).
ScriptCall script_call(const VirtualRouter& virtual_router, const RunScript& effect);

} // namespace vrrp
