#include "netsim/report/results.hpp"
#include "netsim/report/timeline.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/network_captures.hpp"
#include "tools/vrrplab/output.hpp"

#include <fmt/format.h>

namespace vrrplab {

int sim(const SimOptions& options) {
    const auto scenario = vrrp::sim::read_scenario(options.file);
    if (!scenario) {
        fmt::print(stderr, "{}\n", describe(scenario.error(), options.file));
        return 2;
    }
    std::optional<NetworkCaptures> captures;
    if (!options.pcap.empty()) {
        auto opened = NetworkCaptures::open(options.pcap, *scenario);
        if (!opened) return complain(opened.error());
        captures.emplace(*std::move(opened));
    }
    const vrrp::sim::RunResult result =
        vrrp::sim::run_scenario(*scenario, options.seed, captures ? &*captures : nullptr);
    if (captures)
        if (const auto written = captures->finish(); !written) return complain(written.error());
    // With --json - standard output belongs to the objects.
    if (!options.quiet && options.json != "-")
        fmt::print("{}", timeline(*scenario, result, stdout_is_terminal()));
    const std::string again = fmt::format("vrrplab sim --seed {} {}", options.seed, options.file);
    for (const vrrp::sim::Failure& failure : result.failures)
        fmt::print(stderr, "\n{}", explain(failure, result, options.file, again));
    if (!options.json.empty()) {
        const auto written =
            write_whole(options.json, json_lines(*scenario, result, scenario->seed.value_or(options.seed)));
        if (!written) return complain(written.error());
    }
    return result.passed() ? 0 : 1;
}

} // namespace vrrplab
