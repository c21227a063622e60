// Results for machines.
#pragma once

#include "netsim/scenario/run.hpp"

namespace vrrp::sim {

struct Tested {
    std::string file;
    std::string title;
    std::chrono::nanoseconds took{}; // of real time
    std::string trouble;             // why it failed; empty when it passed
    std::string in_short;            // the same in a line, of the first failure
    bool error = false;              // it could not be run at all
};

// One <testsuite> with a <testcase> for each scenario.
std::string junit(std::span<const Tested> tested);

// The journal, one object per line; a last one of kind "result" has the hash, the seed and the failures.
std::string json_lines(const Scenario& scenario, const RunResult& result, std::uint64_t seed);

// The one line, of kind "error", of a scenario that could not be run.
std::string error_line(const std::string& file, std::uint64_t seed, const std::string& why);

} // namespace vrrp::sim
