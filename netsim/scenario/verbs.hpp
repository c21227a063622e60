// All that a scenario can do and expect: one table, from which the parser reads and the manual is printed.
#pragma once

#include "netsim/scenario/expectations.hpp"

namespace vrrp::sim {

enum class VerbKind : std::uint8_t {
    action,
    at_once,        // an expectation about the moment: at the step, or at its bound when it has one
    until_next_step // an expectation about all that happens until the next step, or the end
};

struct Verb {
    VerbKind kind;
    const char* grammar;
    const char* help;
    void (*act)(World& world, const Arguments& arguments);                        // an action's
    Verdict (*judge)(const Observation& observation, const Arguments& arguments); // an expectation's
};

std::span<const Verb> verbs();

// The rows of a kind: actions for `do`, the others for `expect`.
tl::expected<std::pair<const Verb*, Arguments>, Mismatch>
parse_sentence(std::string_view sentence, bool action, const Vocabulary& vocabulary);

} // namespace vrrp::sim
