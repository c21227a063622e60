// Results for machines.
#pragma once

#include "netsim/scenario/run.hpp"

namespace vrrp::sim {

struct Tested {
    std::string file;
    std::string title;
    std::chrono::nanoseconds took{}; // of real time
    std::string trouble;             // why it failed; empty when it passed
    bool error = false;              // it could not be run at all
};

// One <testsuite> with a <testcase> for each scenario.
std::string junit(std::span<const Tested> tested);

// The journal, one object per line; a last one of kind "result" has the hash, the seed and the failures.
std::string json_lines(const Scenario& scenario, const RunResult& result, std::uint64_t seed);

} // namespace vrrp::sim
