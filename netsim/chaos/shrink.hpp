// A scenario that fails, made as small as it can be while it fails in the same way.
#pragma once

#include "netsim/chaos/chaos.hpp"
#include "netsim/scenario/run.hpp"

#include <functional>

namespace vrrp::sim {

// A scenario taken apart, so that parts of it can be left out.
struct Case {
    Scenario world; // its steps have what stays in any case: what is expected
    std::vector<Strike> strikes;
};

// It runs as the case says.
Scenario whole(const Case& one);
Case case_of(Chaos& chaos, std::uint64_t seed);
// Of a scenario with its own steps. What is known to undo something goes with it; what a step does whose expectation
// failed stays.
Case case_of(const Scenario& scenario, const RunResult& result, const Failure& failure);

struct Shrunk {
    Scenario scenario;   // runs as it is, with its own choices
    Failure failure;     // the same as before, as it fails now
    std::string failing; // in full, as explain() has it
    std::size_t strikes = 0;
    unsigned tries = 0;
};

// Fewer strikes, machines, networks, processes, options, and choices; then plainer times and a shorter run: as long as
// the same invariant or kind of sentence fails about the same subject. What holds while nothing strikes and nothing
// is out of the ordinary goes on doing so: nothing is left out that made it hold. At most kMaxTries runs; `progress` is
// told the number of each. Nothing, where the case as it was given does not fail so.
inline constexpr unsigned kMaxTries = 3000;
using ShrinkProgress = std::function<void(unsigned tries, const Case& smallest)>;
std::optional<Shrunk> shrink(Case from, const Failure& failure, const ShrinkProgress& progress = {});

} // namespace vrrp::sim
