// A journal entry in words and as JSON: the same in simulation, live and replay.
#pragma once

#include "core/ports.hpp"

#include <string>

namespace vrrp {

// "eth0 vrid 51: backup -> master: 10.16.1.2 (priority 150) silent for 3.609 s" — without the time.
std::string to_text(const JournalEntry& entry);

// One object on one line, without a newline: {"time", "interface", "vrid", "family", "event", ..., "text"}.
// `time` is in nanoseconds, other durations in seconds. Keys come in a fixed order.
std::string to_json(const JournalEntry& entry);

// What a program or an operator is to think of it.
enum class Severity : std::uint8_t { notice, warning };
Severity severity(const Event& event);

const char* to_string(State);       // "initialize", "backup", "master"
const char* to_string(Cause);       // "master_silent", ...
const char* to_string(FindingKind); // "addresses_differ", ...
const char* to_string(Action);      // "send", ...

} // namespace vrrp
