#include "netsim/chaos/futures.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace vrrplab {
namespace {

using namespace vrrp;
using namespace vrrp::sim;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLines = 20; // of the plot
constexpr unsigned kBar = 40;      // columns

struct Point {
    TimePoint time;
    Odds odds;
};

std::string seconds(TimePoint time) {
    return fmt::format("{:.6f}", std::chrono::duration<double>(time - kStart).count());
}

class Search {
  public:
    Search(const Past& past, const WhyOptions& options)
        : past_(past), futures_(options.futures),
          jobs_(options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency())) {}

    // Some of the turns, evenly in their number, the first and the last ones included.
    std::vector<TimePoint> some_turns() const {
        const std::vector<TimePoint>& turns = past_.turns();
        std::vector<TimePoint> some;
        const std::size_t count = std::min(kLines, turns.size());
        for (std::size_t i = 0; i < count; ++i)
            some.push_back(turns[count == 1 ? 0 : i * (turns.size() - 1) / (count - 1)]);
        return some;
    }

    Odds odds(TimePoint until) const {
        std::atomic<unsigned> next = 0, failed = 0;
        {
            std::vector<std::jthread> threads;
            for (unsigned i = 0; i < jobs_; ++i)
                threads.emplace_back([&] {
                    for (unsigned future; (future = next++) < futures_;)
                        failed += past_.fails(until, future) ? 1 : 0;
                });
        }
        return {failed, futures_};
    }

    // The first turn from which on all futures fail, and the one before it. Precondition: some turn of the plot is
    // inevitable.
    std::pair<std::optional<Point>, Point> knee(const std::vector<Point>& plot) const {
        const auto last_open = std::ranges::find_if(plot.rbegin(), plot.rend(),
                                                    [](const Point& one) { return !one.odds.inevitable(); });
        if (last_open == plot.rend()) return {std::nullopt, plot.front()};
        Point open = *last_open, closed = *last_open.base();
        const std::vector<TimePoint>& turns = past_.turns();
        auto from = std::ranges::lower_bound(turns, open.time),
             to = std::ranges::lower_bound(turns, closed.time);
        while (to - from > 1) {
            const auto middle = from + (to - from) / 2;
            const Point here{*middle, odds(*middle)};
            (here.odds.inevitable() ? closed : open) = here;
            (here.odds.inevitable() ? to : from) = middle;
        }
        return {open, closed};
    }

  private:
    const Past& past_;
    unsigned futures_, jobs_;
};

std::string line(const Point& point) {
    const unsigned bar = point.odds.failed * kBar / point.odds.futures;
    return fmt::format("{:>13} {:>5.1f} %  {}", seconds(point.time),
                       100.0 * point.odds.failed / point.odds.futures, std::string(bar, '#'));
}

Json as_json(const char* kind, const Point& point) {
    return {{"kind", kind},
            {"time", (point.time - kStart).count()},
            {"failed", point.odds.failed},
            {"futures", point.odds.futures}};
}

// Lines appear as they are known: a moment may take a while.
class Report {
  public:
    explicit Report(const WhyOptions& options) : options_(options), speaks_(options.json != "-") {}

    void say(const std::string& text) const {
        if (!speaks_) return;
        fmt::print("{}\n", text);
        std::fflush(stdout);
    }
    void add(const Json& json) { json_ += json.dump() + '\n'; }
    void knee(const Past& past, const std::optional<Point>& open, const Point& closed) {
        const Moment moment = past.moment(closed.time);
        Json json = as_json("knee", closed);
        json["failed_before"] = open ? Json(open->odds.failed) : Json(nullptr);
        json["what"] = moment.what;
        add(json);
        if (!open) return say("\nInevitable from the beginning: no chance and no step could change it.");
        say(fmt::format("\nInevitable from {} s on: {} of {} before.", seconds(closed.time),
                        open->odds.failed, open->odds.futures));
        for (const std::string& one : moment.what)
            say("  " + one);
    }
    int finish() const {
        if (options_.json.empty()) return 1;
        const auto written = write_whole(options_.json, json_);
        return written ? 1 : complain(written.error());
    }

  private:
    const WhyOptions& options_;
    bool speaks_;
    std::string json_;
};

int report(const Past& past, const Failure& failure, const WhyOptions& options) {
    const Search search(past, options);
    Report report(options);
    report.say(fmt::format("{}\n\nHow many of {} futures fail so, from", failure.seen, options.futures));
    std::vector<Point> plot;
    for (const TimePoint turn : search.some_turns()) {
        plot.push_back({turn, search.odds(turn)});
        report.say(line(plot.back()));
        report.add(as_json("moment", plot.back()));
    }
    if (plot.back().odds.inevitable()) {
        const auto [open, closed] = search.knee(plot);
        report.knee(past, open, closed);
    } else {
        report.say("\nIt was not inevitable before it happened.");
    }
    return report.finish();
}

int explain(Case failing, const RunResult& result, const WhyOptions& options) {
    if (result.passed()) {
        fmt::print(stderr, "{}: nothing fails: there is nothing to explain\n", options.file);
        return 0;
    }
    const auto past = Past::of(std::move(failing), result.failures.front());
    if (!past) return complain(options.file + ": it does not fail in the same way when it is run again");
    return report(*past, result.failures.front(), options);
}

} // namespace

int why(const WhyOptions& options) {
    auto scenario = read_scenario(options.file);
    if (!scenario) {
        fmt::print(stderr, "{}\n", describe(scenario.error(), options.file));
        return 2;
    }
    if (options.seed) {
        Chaos chaos(*std::move(scenario), options.shuffle);
        const RunResult result = run_scenario(chaos.world(*options.seed), *options.seed);
        return explain(case_of(chaos, *options.seed), result, options);
    }
    if (!scenario->seed && !scenario->choices) scenario->seed = 1;
    const RunResult result = run_scenario(*scenario, 1);
    const Failure none;
    return explain(case_of(*scenario, result, result.passed() ? none : result.failures.front()), result,
                   options);
}

} // namespace vrrplab
