// What a new configuration changes, in words.
#pragma once

#include "core/machine/router.hpp"

#include <string>
#include <vector>

namespace vrrp {

struct SettingChange {
    const char* setting = "";  // as the file calls it
    std::string before, after; // equal where there is nothing to say: a secret, and what only has places
};

// Both of one virtual router of one router.
std::vector<SettingChange> changes(const VirtualRouterConfig& before, const VirtualRouterConfig& after);

// "priority, address"
std::string names_of(const std::vector<SettingChange>& changes);

// A line for each virtual router, group, check and setting of the process that would be added, removed or changed:
// "eth0 vrid 51: priority 100 -> 150". None: nothing would change.
std::vector<std::string> plan(const Router& router, const RouterConfig& next);

} // namespace vrrp
