// What only this machine can tell is wrong with a configuration.
#pragma once

#include "core/config/machine_check.hpp"

namespace vrrp {

// Of each virtual router's interface and scripts, each thing once. It changes nothing and needs no privilege.
std::vector<config::Misfit> check_here(const RouterConfig& router);

} // namespace vrrp
