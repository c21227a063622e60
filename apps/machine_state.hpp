// What all vrrpds of a machine say of themselves.
#pragma once

#include "core/daemon/control.hpp"
#include "core/daemon/metrics.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vrrp {

struct MachineState {
    std::vector<nlohmann::ordered_json> states; // of those that answered
    std::vector<AskedSocket> sockets;           // a directory that cannot be looked into is a silent one
    std::vector<std::string> failures;          // sentences: why each of the silent ones is
    bool nobody() const { return states.empty() && failures.empty(); }
};

// Asks all of a runtime directory at the same moment, for a bounded time.
MachineState ask_machine(const std::filesystem::path& directory, const ControlRequest& request);

} // namespace vrrp
