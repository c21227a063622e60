// A journal entry in words: the same in simulation, live and replay.
#pragma once

#include "core/machine/group.hpp"
#include "core/ports.hpp"

#include <string>

namespace vrrp {

// What every text of an event is made of: the log, atropos, a timeline.
struct Words {
    std::string where; // "eth0 vrid 51"
    std::string what;  // "backup -> master"
    std::string why;   // "10.16.1.2 (priority 150) silent for 3.609 s"; empty where what says it all
};
Words words(const JournalEntry& entry);

// "eth0 vrid 51: backup -> master: 10.16.1.2 (priority 150) silent for 3.609 s", without the time.
std::string to_text(const Words& words);
std::string to_text(const JournalEntry& entry);

// What an operator has to do about it; syslog's names and numbers.
enum class Severity : std::uint8_t {
    error = 3,   // do something now: this router cannot do what it was told to
    warning = 4, // look at it: a fault, or a setting that differs between routers
    notice = 5,  // know it: who is master has changed, an operator's command, the end of a fault
    info = 6     // nothing: for who looks back
};
Severity severity(const Event& event);

// Of no single interface.
bool is_of_process(const Event& event);
const char* to_string(Severity severity); // "warning"

// "10.0.0.2 (priority 150) lacks 10.0.0.254: nobody answers for it"
std::string finding_text(const Finding& finding);

// Why a command was refused: "10.0.0.2 (priority 150) is master and outranks this router".
std::string refusal_text(const Commanded& commanded);
// "1 of 2 members present", "eth1 vrid 52 is not fit: check uplink fails"; empty when there is none.
std::string trouble_text(GroupTrouble trouble, std::size_t present, std::size_t minimum,
                         std::string_view member, std::string_view check);
// "failed with exit status 3"
std::string outcome_text(const ScriptOutcome& outcome);

} // namespace vrrp
