// All that a scenario can do and expect: one table, from which the parser reads and the manual is printed.
#pragma once

#include "netsim/scenario/grammar.hpp"
#include "netsim/world.hpp"

namespace vrrp::sim {

enum class Outcome : std::uint8_t {
    met,
    failed,
    vacuous // nothing was there to be observed: it would be met whatever happens
};

struct Verdict {
    Outcome outcome = Outcome::met;
    std::string seen;
};

// What an expectation looks at, when its time has come.
struct Observation {
    World& world;
    TimePoint from;               // of its step, after what the step did
    std::size_t first_record = 0; // of the journal since then
    bool was_in_state = false;    // at `from`: the machine in the sentence's STATE of its VRIDS
};

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

bool in_state(World& world, const Arguments& arguments);

} // namespace vrrp::sim
