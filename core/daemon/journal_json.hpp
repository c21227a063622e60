// A journal entry for programs: the same in simulation, live and replay.
#pragma once

#include "core/ports.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vrrp {

// {"time", "interface", "vrid", "family", "event", ..., "severity", "text"}; a check has no interface. `time` is in nanoseconds, other durations in
// seconds. Keys come in a fixed order.
nlohmann::ordered_json as_json(const JournalEntry& entry);

// On one line, without a newline.
std::string to_json(const JournalEntry& entry);

} // namespace vrrp
