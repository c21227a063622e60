// What scripts and the FIFO are told.
#pragma once

#include "core/machine/virtual_router.hpp"
#include "core/ports.hpp"

namespace vrrp {

// Arguments: those that the operator has given it; the state (MASTER, BACKUP, FAULT, STOP; STOPPED for the script for
// backup when it no longer takes part), the interface, the VRID, and the virtual addresses with their lengths. The
// environment says the same and why:
// VRRP_STATE (master, backup, initialize), VRRP_PREVIOUS_STATE, VRRP_REASON (a Cause, as in the journal's JSON),
// VRRP_NAME, VRRP_INTERFACE, VRRP_VRID, VRRP_VERSION, VRRP_PRIORITY, VRRP_ADDRESSES (with blanks between),
// VRRP_VIRTUAL_MAC (where used), VRRP_PEER (the other router, where there is one).
ScriptCall script_call(const VirtualRouter& virtual_router, const RunScript& effect);

// keepalived's arguments for its notify script: INSTANCE or GROUP, the name, the state, the priority (of a group: 0).
// The environment is as above; of a group it is its member's that tells it, with the group's name as VRRP_GROUP.
// `group` is the effect's, where that names one.
ScriptCall notify_call(const VirtualRouter& virtual_router, const GroupConfig* group, const Notify& effect);

// The same as a line of the FIFO: INSTANCE "eth0_51" MASTER 150
std::string notify_line(const VirtualRouter& virtual_router, const GroupConfig* group, const Notify& effect);

} // namespace vrrp
