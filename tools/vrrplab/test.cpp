#include "netsim/engine/event_queue.hpp"
#include "netsim/report/results.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <set>

namespace vrrplab {
namespace {

namespace fs = std::filesystem;
using vrrp::sim::Tested;

// Of a directory all *.toml below it; the order is that of the names, each file once.
tl::expected<std::set<std::string>, std::string> find_scenarios(const std::vector<std::string>& paths) {
    std::set<std::string> files;
    std::error_code error;
    for (const std::string& path : paths) {
        if (!fs::is_directory(path, error)) {
            files.insert(path);
            continue;
        }
        for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error))
            if (at->is_regular_file() && at->path().extension() == ".toml")
                files.insert(at->path().lexically_normal().string());
        if (error) return tl::unexpected(fmt::format("{}: {}", path, error.message()));
    }
    if (files.empty()) return tl::unexpected(std::string("there is no scenario (*.toml) to test"));
    return files;
}

Tested test_one(const std::string& file, const TestOptions& options, std::string& json) {
    const auto begin = std::chrono::steady_clock::now();
    Tested tested{.file = file, .title = file, .trouble = "", .in_short = "", .error = false};
    const auto could_not_be_run = [&](const std::string& why) {
        tested.error = true;
        tested.trouble = why + "\n";
        tested.in_short = why;
        json += vrrp::sim::error_line(file, options.seed, why);
    };
    try {
        if (const auto scenario = vrrp::sim::read_scenario(file)) {
            tested.title = scenario->title;
            const vrrp::sim::RunResult result = vrrp::sim::run_scenario(*scenario, options.seed);
            const std::string again = fmt::format("vrrplab sim --seed {} {}", options.seed, file);
            for (const vrrp::sim::Failure& failure : result.failures)
                tested.trouble += explain(failure, result, file, again);
            if (!result.passed())
                tested.in_short = fmt::format("{}; seen: {}", result.failures.front().expected,
                                              result.failures.front().seen);
            if (!options.json.empty())
                json += json_lines(*scenario, result, scenario->seed.value_or(options.seed));
        } else {
            could_not_be_run(describe(scenario.error(), file));
        }
    } catch (const vrrp::sim::SimulationLimit& limit) { // the others can still be run
        could_not_be_run(fmt::format("{}: the simulation was given up: {}", file, limit.message));
    }
    tested.took = std::chrono::steady_clock::now() - begin;
    return tested;
}

void print(const Tested& tested, bool colour) {
    const char* mark = tested.error ? "ERROR" : tested.trouble.empty() ? "ok" : "FAIL";
    const char* paint = !colour ? "" : tested.trouble.empty() ? "\033[32m" : "\033[1;31m";
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(tested.took).count();
    fmt::print("{}{:<5}{} {:>8.1f} ms  {:<58} {}\n", paint, mark, colour ? "\033[0m" : "",
               static_cast<double>(microseconds) / 1e3, tested.title, tested.file);
}

} // namespace

int test(const TestOptions& options) {
    if (const auto outputs = check_outputs(options.json, options.junit); !outputs)
        return complain(outputs.error());
    const bool text = options.junit != "-" && options.json != "-"; // else it belongs to them
    const auto files = find_scenarios(options.paths);
    if (!files) return complain(files.error());
    std::vector<Tested> all;
    std::string json;
    std::chrono::nanoseconds took{};
    std::size_t failed = 0, errors = 0;
    for (const std::string& file : *files) {
        all.push_back(test_one(file, options, json));
        const Tested& tested = all.back();
        if (!options.quiet && text) print(tested, stdout_is_terminal());
        std::fflush(stdout);
        if (!tested.trouble.empty()) fmt::print(stderr, "{}\n", tested.trouble);
        took += tested.took;
        errors += tested.error ? 1 : 0;
        failed += tested.trouble.empty() || tested.error ? 0 : 1;
    }
    if (text)
        fmt::print("{} scenarios: {} passed, {} failed, {} could not be run; {} ms, seed {}\n", all.size(),
                   all.size() - failed - errors, failed, errors, took / std::chrono::milliseconds(1),
                   options.seed);
    std::fflush(stdout);
    for (const auto& [path, content] :
         {std::pair(options.junit, junit(all)), std::pair(options.json, json)}) {
        if (path.empty()) continue;
        if (const auto written = write_whole(path, content); !written) return complain(written.error());
    }
    return errors != 0 ? 2 : failed != 0 ? 1 : 0;
}

} // namespace vrrplab
