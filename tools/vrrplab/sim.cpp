#include "netsim/report/results.hpp"
#include "netsim/report/timeline.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"

#include <fmt/format.h>

namespace vrrplab {
namespace {

struct Options {
    std::string file;
    std::uint64_t seed = 1;
    std::string json;
    bool quiet = false;
};

int complain(const std::string& message) {
    fmt::print(stderr, "vrrplab: {}\n", message);
    return 2;
}

int run(const Options& options) {
    const auto scenario = vrrp::sim::read_scenario(options.file);
    if (!scenario) {
        fmt::print(stderr, "{}\n", describe(scenario.error(), options.file));
        return 2;
    }
    const vrrp::sim::RunResult result = vrrp::sim::run_scenario(*scenario, options.seed);
    // With --json - standard output belongs to the objects.
    if (!options.quiet && options.json != "-")
        fmt::print("{}", timeline(*scenario, result, stdout_is_terminal()));
    const std::string again = fmt::format("vrrplab sim --seed {} {}", options.seed, options.file);
    for (const vrrp::sim::Failure& failure : result.failures)
        fmt::print(stderr, "\n{}", explain(failure, result, options.file, again));
    if (!options.json.empty()) {
        const auto written = write_whole(options.json, json_lines(*scenario, result, options.seed));
        if (!written) return complain(written.error());
    }
    return result.passed() ? 0 : 1;
}

} // namespace

void add_sim_command(CLI::App& app, int& status) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("sim", "Run one scenario and show what happened");
    command->add_option("FILE", options->file, "The scenario")->type_name("")->required();
    add_seed_option(*command, options->seed);
    command
        ->add_option(
            "--json", options->json,
            "Write the journal there, one object per line; - is stdout, and then there is no timeline")
        ->type_name("FILE");
    command->add_flag("-q,--quiet", options->quiet, "No timeline, only failures");
    command->callback([options, &status] { status = run(*options); });
}

} // namespace vrrplab
