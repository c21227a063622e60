// What a sweep found, as a scenario that a team can keep.
#pragma once

#include "netsim/scenario/run.hpp"

namespace vrrplab {

// With a title and an about that say what goes wrong in it, and where it is from; `origin` is the command that found it.
std::string kept_text(vrrp::sim::Scenario scenario, const vrrp::sim::Failure& failure,
                      const std::string& origin);

// The command that shows one world again.
std::string again_command(const std::string& file, std::uint64_t seed, bool shuffle);

// "site_two_masters_seed_17.toml"; `which` is "seed_17".
std::string kept_name(const std::string& file, const std::string& kind, const std::string& which);

} // namespace vrrplab
