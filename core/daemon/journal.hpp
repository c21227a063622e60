// A journal entry in words and as JSON: the same in simulation, live and replay.
#pragma once

#include "core/machine/group.hpp"
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

// "10.0.0.2 (priority 150) lacks 10.0.0.254: nobody answers for it"
std::string finding_text(const Finding& finding);

// Why a command was refused: "10.0.0.2 (priority 150) is master and outranks this router".
std::string refusal_text(const Commanded& commanded);

const char* to_string(State);        // "initialize", "backup", "master"
const char* to_string(Cause);        // "master_silent", ...
const char* to_string(FindingKind);  // "addresses_differ", ...
const char* to_string(Action);       // "send", ...
const char* to_string(Command);      // "backup", "hold", "release", "master", "reduce", "increase"
const char* to_string(Stance);       // "following", ...
const char* to_string(GroupTrouble); // "members_missing", ...
// "1 of 2 members present", "eth1 vrid 52 is unfit"; empty when there is none.
std::string trouble_text(GroupTrouble trouble, std::size_t present, std::size_t minimum,
                         std::string_view member);

} // namespace vrrp
