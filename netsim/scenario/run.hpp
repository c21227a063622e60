// Runs a scenario and says how it went.
#pragma once

#include "netsim/scenario/scenario.hpp"

namespace vrrp::sim {

struct Failure {
    Place place;
    TimePoint at;         // when it was judged
    std::string expected; // the sentence, or the invariant
    std::string seen;
    // The invariant, or the kind of sentence; and whom or what it is about. What agrees in both is the same failure.
    std::string kind{}, subject{};
    bool vacuous = false;
    std::size_t first_record = 0; // the journal around it
    std::size_t end_record = 0;
};

// What a host's requests met with.
struct Seen {
    std::string probe; // "pc -> 10.16.1.200"
    std::uint64_t sent = 0;
    Duration outage{}; // the longest one, as `outage <` judges it
};

// A master, as its vrrpd believes.
struct Leader {
    std::string machine, network;
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;
};

// From a step until the next one, or the end: what hosts saw, and who led at last.
struct StepResult {
    TimePoint begun, closed;
    std::vector<Seen> seen;
    std::vector<Leader> leaders; // in the order of the scenario
};

struct RunResult {
    RunJournal journal;
    std::vector<StepResult> steps;
    TimePoint end;
    std::vector<Failure> failures; // all of them, in the order of time
    std::size_t expectations = 0;
    std::uint64_t events = 0;

    bool passed() const { return failures.empty(); }
};

// The same scenario and choices give the same result everywhere. A scenario that expects nothing fails as
// vacuous. `tap` sees every frame of every network.
RunResult run_scenario(const Scenario& scenario, Choices& choices, FrameTap* tap = nullptr);
// The same until an invariant is violated. From `until` on nothing out of the ordinary is chosen.
RunResult run_path(const Scenario& scenario, EnumeratedChoices& choices, Duration until);
// By the scenario's own seed or choices, where it has them; else by this seed.
RunResult run_scenario(const Scenario& scenario, std::uint64_t seed, FrameTap* tap = nullptr);

// The invariants' and expectations' failure in full, over several lines without colour; `reproduce` is the
// command that shows it again.
std::string explain(const Failure& failure, const RunResult& result, const std::string& file,
                    const std::string& reproduce);

} // namespace vrrp::sim
