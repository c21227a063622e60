// The text of a scenario with two routers, for tests to complete.
#pragma once

#include "netsim/scenario/run.hpp"

#include <fmt/format.h>

// Lines 1 to 13; r1 has priority 150. `steps` begins on line 14.
inline std::string gateway_pair(const std::string& steps, const std::string& more_of_r2 = "") {
    return fmt::format(R"(title = "A pair"
about = "for a test"
ends = "20s"
[network.lan]
subnet = "10.16.1.0/24"
[router.r1]
eth0 = "lan 10.16.1.1"
run = "vrrpd -i eth0 -v 51 -p 150 10.16.1.200"
[router.r2]
eth0 = "lan 10.16.1.2"
run = "vrrpd -i eth0 -v 51 {} 10.16.1.200"
[host.pc]
eth0 = "lan 10.16.1.50 via 10.16.1.200"
{})",
                       more_of_r2, steps);
}

inline vrrp::sim::RunResult run_text(const std::string& text, std::uint64_t seed = 1) {
    const auto scenario = vrrp::sim::parse_scenario("test.toml", text);
    if (!scenario) throw std::runtime_error(describe(scenario.error(), "test.toml"));
    return vrrp::sim::run_scenario(*scenario, seed);
}
