// vrrplab explore FILE: every order of losses, crashes and simultaneous events within budgets.
#include "netsim/chaos/bounded.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/explore/findings.hpp"
#include "tools/vrrplab/explore/frontier.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/kept.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

namespace vrrplab {
namespace {

using namespace vrrp::sim;
using Clock = std::chrono::steady_clock;
using Path = EnumeratedChoices::Path;

constexpr std::size_t kPathsAtOnce = 512; // paths that are run before their results are looked at
constexpr unsigned kMaxBudget = 16;       // more is never exhausted
constexpr vrrp::Duration kMaxUntil = std::chrono::hours(24);
constexpr std::chrono::seconds kTold(10); // a line now and then

// What was said on the command line, understood.
struct Asked {
    Bounds bounds;
    std::uint64_t limit = UINT64_MAX;
    std::optional<vrrp::Duration> time;
    std::string again; // the command
};

struct Outcome {
    bool run = false;
    bool given_up = false;
    std::vector<EnumeratedChoices::Turn> turns;
    std::optional<Failure> failure; // the first
};

// Runs the paths in threads, batch by batch. What is found depends on the paths alone, not on who was faster.
class Exploration {
  public:
    Exploration(const Scenario& scenario, const Asked& asked, const ExploreOptions& options)
        : scenario_(scenario), asked_(asked), quiet_(options.quiet),
          jobs_(options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency())) {
        explored_.file = options.file;
        explored_.bounds = asked.bounds;
    }

    Explored run() {
        explored_.by_turns.push_back(0);
        while (!frontier_.empty() && !is_over()) {
            if (frontier_.waiting() == 0) {
                frontier_.next_level();
                explored_.by_turns.push_back(0);
            }
            run_batch();
            tell();
        }
        explored_.exhausted = frontier_.empty() && !frontier_.overflowed() && explored_.given_up == 0;
        return std::move(explored_);
    }
    std::chrono::duration<double> took() const { return Clock::now() - begun_; }

  private:
    bool time_is_over() const { return asked_.time && Clock::now() - begun_ >= *asked_.time; }
    bool is_over() const { return done_ == asked_.limit || time_is_over(); }

    void run_batch() {
        const std::size_t size = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::min(kPathsAtOnce, frontier_.waiting()), asked_.limit - done_));
        std::vector<Outcome> outcomes(size);
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t i; (i = next++) < size && !time_is_over();)
                outcomes[i] = run_one(frontier_.path(i));
        };
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 1; i < std::min<std::size_t>(jobs_, size); ++i)
                threads.emplace_back(work);
            work();
        }
        std::size_t run = 0; // where time was over, some behind these may have been for nothing
        while (run < size && outcomes[run].run)
            take(frontier_.path(run), outcomes[run]), ++run;
        frontier_.take(run);
    }

    Outcome run_one(const Path& path) const {
        Outcome outcome;
        outcome.run = true;
        EnumeratedChoices choices(asked_.bounds.budgets, path);
        try {
            RunResult result = run_path(scenario_, choices, asked_.bounds.until);
            if (!result.passed()) outcome.failure = std::move(result.failures.front());
            outcome.turns = choices.turns();
        } catch (const SimulationLimit&) { // the others can still be run
            outcome.given_up = true;
        }
        return outcome;
    }

    void take(const Path& path, const Outcome& outcome) {
        ++done_;
        ++explored_.by_turns.back();
        frontier_.add(path, outcome.turns);
        if (outcome.given_up) ++explored_.given_up;
        if (!outcome.failure) return;
        ++explored_.violated;
        Explored::Kind& kind = explored_.kinds[outcome.failure->kind];
        ++kind.paths;
        if (kind.first.size() < Explored::kFirst) kind.first.push_back({done_, path, {}, *outcome.failure});
    }

    void tell() {
        if (quiet_ || Clock::now() - told_ < kTold) return;
        told_ = Clock::now();
        fmt::print(stderr, "{} paths, {}/s, {} violated, {} out of the ordinary, {} of these wait\n",
                   with_commas(done_),
                   with_commas(static_cast<std::uint64_t>(static_cast<double>(done_) / took().count())),
                   with_commas(explored_.violated), frontier_.turns(), with_commas(frontier_.waiting()));
    }

    const Scenario& scenario_;
    const Asked& asked_;
    bool quiet_;
    unsigned jobs_;
    Frontier frontier_;
    Explored explored_;
    std::uint64_t done_ = 0;
    Clock::time_point begun_ = Clock::now(), told_ = begun_;
};

// --- What was asked for

tl::expected<std::uint64_t, std::string> number_of(const char* option, const std::string& text,
                                                   std::uint64_t from, std::uint64_t to) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < from || number > to)
        return tl::unexpected(
            fmt::format("{}: '{}' is no whole number from {} to {}", option, text, from, to));
    return number;
}

tl::expected<vrrp::Duration, std::string> time_of(const char* option, const std::string& text) {
    const auto time = parse_duration(text);
    if (!time || *time <= vrrp::Duration{} || *time > kMaxUntil)
        return tl::unexpected(
            fmt::format("{}: '{}' is no time such as 20s or 500ms, of a day at most", option, text));
    return *time;
}

tl::expected<Asked, std::string> understand(const ExploreOptions& options) {
    Asked asked;
    asked.again = fmt::format("vrrplab explore --losses {} --crashes {} --reorders {}", options.losses,
                              options.crashes, options.reorders);
    const auto budget = [](const char* option, const std::string& text, unsigned& into) {
        return number_of(option, text, 0, kMaxBudget).map([&](std::uint64_t n) {
            into = static_cast<unsigned>(n);
        });
    };
    Budgets& budgets = asked.bounds.budgets;
    if (auto read = budget("--losses", options.losses, budgets.losses); !read)
        return tl::unexpected(read.error());
    if (auto read = budget("--crashes", options.crashes, budgets.crashes); !read)
        return tl::unexpected(read.error());
    if (auto read = budget("--reorders", options.reorders, budgets.reorders); !read)
        return tl::unexpected(read.error());
    if (!options.limit.empty()) {
        const auto limit = number_of("--limit", options.limit, 1, UINT64_MAX);
        if (!limit) return tl::unexpected(limit.error());
        asked.limit = *limit;
    }
    if (!options.until.empty()) {
        const auto until = time_of("--until", options.until);
        if (!until) return tl::unexpected(until.error());
        asked.bounds.until = *until;
        asked.again += " --until " + options.until;
    }
    if (!options.time.empty()) {
        const auto time = time_of("--for", options.time);
        if (!time) return tl::unexpected(time.error());
        asked.time = *time;
    }
    asked.again += " " + options.file;
    return asked;
}

// --- What was violated, once more

// The path, run once more, and what was not ordinary in it.
RunResult once_more(const Scenario& scenario, const Bounds& bounds, Broken& broken) {
    EnumeratedChoices choices(bounds.budgets, broken.path);
    choices.record();
    RunResult result = run_path(scenario, choices, bounds.until);
    broken.picks = choices.picks();
    broken.failure = result.failures.front();
    return result;
}

// As a scenario that fails by itself. It has its choices, and needs no budgets.
std::string alone(Scenario scenario, const Broken& broken, const Asked& asked) {
    scenario.choices = broken.picks;
    return kept_text(std::move(scenario), broken.failure,
                     fmt::format("{}, path {}", asked.again, broken.number));
}

tl::expected<void, std::string> show(const Scenario& scenario, const Asked& asked,
                                     const ExploreOptions& options, Explored& explored) {
    for (auto& [name, kind] : explored.kinds)
        for (Broken& broken : kind.first) {
            const RunResult result = once_more(scenario, asked.bounds, broken);
            std::string again = asked.again;
            if (!options.keep.empty()) {
                const auto path = std::filesystem::path(options.keep) /
                                  kept_name(options.file, name, fmt::format("path_{}", broken.number));
                if (const auto kept = write_whole(path.string(), alone(scenario, broken, asked)); !kept)
                    return kept;
                again = "vrrplab sim " + path.string();
            }
            if (!options.quiet && &broken == &kind.first.front())
                fmt::print(stderr, "{}\n", explain(broken.failure, result, options.file, again));
        }
    return {};
}

int conclude(const Explored& explored, const ExploreOptions& options, double seconds) {
    const std::uint64_t paths = explored.paths();
    const auto a_second = static_cast<std::uint64_t>(static_cast<double>(paths) / std::max(seconds, 1e-9));
    if (options.json != "-")
        fmt::print("{}{} path{} in {:.1f} s ({} a second), which {} {}: {}\n", explored.text(),
                   with_commas(paths), paths == 1 ? "" : "s", seconds, with_commas(a_second),
                   paths == 1 ? "is" : "are", explored.exhausted ? "all" : "not all",
                   explored.held() ? "all held" : "violated");
    std::fflush(stdout);
    if (!options.json.empty())
        if (const auto written = write_whole(options.json, explored.json()); !written)
            return complain(written.error());
    return explored.held() ? 0 : 1;
}

} // namespace

int explore(const ExploreOptions& options) {
    auto asked = understand(options);
    if (!asked) return complain(asked.error());
    auto read = read_scenario(options.file);
    if (!read) {
        fmt::print(stderr, "{}\n", describe(read.error(), options.file));
        return 2;
    }
    if (!has_router(*read)) {
        fmt::print(stderr, "{}: no router runs vrrpd there\n", options.file);
        return 2;
    }
    if (asked->bounds.until == vrrp::Duration{}) asked->bounds.until = read->ends;
    Scenario scenario = bounded_world(*std::move(read), asked->bounds.until);
    scenario.shuffled = asked->bounds.budgets.reorders != 0;
    std::error_code error;
    if (!options.keep.empty()) std::filesystem::create_directories(options.keep, error);
    if (error) return complain(fmt::format("{}: {}", options.keep, error.message()));

    Exploration exploration(scenario, *asked, options);
    Explored explored = exploration.run();
    const double seconds = exploration.took().count();
    if (const auto shown = show(scenario, *asked, options, explored); !shown) return complain(shown.error());
    return conclude(explored, options, seconds);
}

} // namespace vrrplab
