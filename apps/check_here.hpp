// What only this machine can tell is wrong with a configuration.
#pragma once

#include "core/config/machine_check.hpp"

#include <filesystem>

namespace vrrp {

// Of each virtual router's interface, addresses and scripts, each thing once. It changes nothing and needs no privilege,
// but without any it sees no other process' addresses. `directory` is where they keep their files.
std::vector<config::Misfit> check_here(const RouterConfig& router, const std::filesystem::path& directory);

} // namespace vrrp
