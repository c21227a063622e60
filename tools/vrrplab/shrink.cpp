#include "netsim/chaos/shrink.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/kept.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace vrrplab {
namespace {

using namespace vrrp::sim;

// A line now and then; on a terminal one that changes.
class Line {
  public:
    void tell(unsigned tries, const Case& smallest) {
        const bool terminal = ::isatty(STDERR_FILENO) == 1;
        if (tries % (terminal ? 20 : 500) != 0) return;
        std::size_t routers = 0;
        for (const NodePlan& node : smallest.world.nodes)
            routers += node.router ? 1 : 0;
        fmt::print(stderr, "{}{} of at most {} tries: {} strikes, {} routers, {} networks{}",
                   terminal ? "\r" : "", tries, kMaxTries, smallest.strikes.size(), routers,
                   smallest.world.networks.size(), terminal ? "   " : "\n");
        shown_ = terminal;
    }
    void clear() {
        if (shown_) fmt::print(stderr, "\r{:<79}\r", "");
    }

  private:
    bool shown_ = false;
};

int report(const std::optional<Shrunk>& shrunk, const ShrinkOptions& options, const std::string& origin) {
    if (!shrunk) return complain(options.file + ": it does not fail in the same way when it is run again");
    const std::string text = kept_text(shrunk->scenario, shrunk->failure, origin);
    std::fflush(stdout);
    if (const auto written = write_whole(options.output, text); !written) return complain(written.error());
    if (options.output == "-") return 1;
    fmt::print("{}: {} tries; {}\nagain: vrrplab sim {}\n", options.output, shrunk->tries,
               shrunk->failure.seen, options.output);
    return 1;
}

int shrink_case(Case failing, const Failure& failure, const ShrinkOptions& options,
                const std::string& origin) {
    Line line;
    const auto shrunk = shrink(std::move(failing), failure,
                               [&](unsigned tries, const Case& smallest) { line.tell(tries, smallest); });
    line.clear();
    return report(shrunk, options, origin);
}

int shrink_swept(Scenario scenario, const ShrinkOptions& options) {
    Chaos chaos(std::move(scenario), options.shuffle);
    const std::uint64_t seed = *options.seed;
    const RunResult result = run_scenario(chaos.world(seed), seed);
    if (result.passed()) {
        fmt::print(stderr, "{}: all held with seed {}: there is nothing to shrink\n", options.file, seed);
        return 0;
    }
    return shrink_case(case_of(chaos, seed), result.failures.front(), options,
                       again_command(options.file, seed, options.shuffle));
}

int shrink_story(Scenario scenario, const ShrinkOptions& options) {
    if (!scenario.seed && !scenario.choices) scenario.seed = 1;
    const RunResult result = run_scenario(scenario, 1);
    if (result.passed()) {
        fmt::print(stderr, "{}: it passes: there is nothing to shrink\n", options.file);
        return 0;
    }
    const Failure& failure = result.failures.front();
    return shrink_case(case_of(scenario, result, failure), failure, options, "vrrplab sim " + options.file);
}

} // namespace

int shrink(const ShrinkOptions& options) {
    auto scenario = read_scenario(options.file);
    if (!scenario) {
        fmt::print(stderr, "{}\n", describe(scenario.error(), options.file));
        return 2;
    }
    return options.seed ? shrink_swept(*std::move(scenario), options)
                        : shrink_story(*std::move(scenario), options);
}

} // namespace vrrplab
