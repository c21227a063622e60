// Finding what a sentence names; the parser has checked that it exists.
#pragma once

#include "netsim/scenario/grammar.hpp"
#include "netsim/world.hpp"

namespace vrrp::sim {

Node& node_named(World& world, const std::string& name);
Switch& network_named(World& world, const std::string& name);
Speaker& speaker_of(World& world, const Arguments& arguments); // of a host
// The kernel's number of `interface` of `machine`, by the name that the scenario gave it.
std::uint16_t interface_of(World& world, const Arguments& arguments);

// The processes that run one of the sentence's VRIDs; without one, all of the machine.
std::vector<Process*> processes_of(World& world, const Arguments& arguments);

// "pc -> server"; nullptr when there is none.
const Probe* probe_of(const World& world, const std::string& name);

} // namespace vrrp::sim
