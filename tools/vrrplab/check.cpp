// vrrplab check NAME=FILE...: whether routers with these configurations survive whatever fails.
#include "backends/runtime/import_here.hpp"
#include "backends/runtime/read_file.hpp"
#include "netsim/engine/event_queue.hpp"
#include "netsim/report/results.hpp"
#include "tools/vrrplab/check/read_routers.hpp"
#include "tools/vrrplab/check/report.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace vrrplab {
namespace {

namespace fs = std::filesystem;
using namespace vrrp;

constexpr unsigned kMoments = 4; // at which each fault strikes
using config::Gravity;
using config::Objection;
using sim::Story;
using sim::Tested;
using sim::Trial;

CheckSources sources_here() {
    const auto sources = backend::sources_here(".");
    return {.read_file = [](const std::string& path) { return backend::read_file(path, false); },
            .files = sources.files};
}

std::string quoted_for_shell(const std::string& text) {
    const bool bare =
        !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789=./:,_-+@%") == text.npos;
    if (bare) return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

// What the operator said, as it has to be said again.
std::string said_again(const CheckOptions& options) {
    std::string text = "vrrplab check";
    for (const std::string& one : options.routers)
        text += " " + quoted_for_shell(one);
    for (const std::string& one : options.addresses)
        text += " --address " + quoted_for_shell(one);
    for (const std::string& one : options.networks)
        text += " --network " + quoted_for_shell(one);
    if (options.faults != "single") text += " --faults " + options.faults;
    if (!options.max_outage.empty()) text += " --max-outage " + options.max_outage;
    if (options.seed != 1) text += fmt::format(" --seed {}", options.seed);
    return text;
}

// What a process is run with is no fault of the others: the simulation was given up, or a story could not be read.
struct CannotRun {
    std::string why;
};

class Checker {
  public:
    explicit Checker(const CheckOptions& options) : options_(options) {}

    // What is wrong with what was said, before anything is run.
    tl::expected<void, std::string> read() {
        if (!options_.max_outage.empty()) {
            const auto outage = sim::parse_duration(options_.max_outage);
            if (!outage || *outage == Duration{})
                return tl::unexpected(
                    fmt::format("--max-outage '{}' is no time such as 0.7s or 20ms", options_.max_outage));
            limit_ = sim::Limit{*outage, options_.strict};
        }
        if (const auto outputs = check_outputs(options_.json, options_.junit); !outputs) return outputs;
        auto routers = read_routers(options_.routers, sources_here());
        if (!routers) return tl::unexpected(routers.error());
        const auto addresses = read_addresses(options_.addresses, routers->told);
        if (!addresses) return tl::unexpected(addresses.error());
        const auto joined = read_joined(options_.networks, routers->told);
        if (!joined) return tl::unexpected(joined.error());
        const auto networks = config::networks_of(routers->told, *joined);
        if (!networks) return tl::unexpected(networks.error().message);
        const auto own = config::own_addresses(routers->told, *networks, *addresses);
        objections_ = config::objections(routers->told, *networks, own);
        objections_.insert(objections_.end(), routers->remarks.begin(), routers->remarks.end());
        auto site = sim::lay_out(std::move(routers->told), std::move(routers->written), *networks, own);
        if (!site) return tl::unexpected(site.error().message);
        site_ = *std::move(site);
        return make_room();
    }

    int run() {
        if (shows_text()) fmt::print("{}\n", site_legend(site_));
        const bool deaf = std::ranges::count(objections_, Gravity::deaf, &Objection::gravity) != 0;
        if (!deaf || options_.run_anyway) run_all();
        tell(deaf && !options_.run_anyway);
        const auto written = write_results();
        if (!written) return complain(written.error());
        const bool wrong = std::ranges::any_of(objections_, [&](const Objection& one) {
            return options_.strict || one.gravity != Gravity::note;
        });
        return wrong || !std::ranges::all_of(stories_, &CheckedStory::passed) ? 1 : 0;
    }

  private:
    bool shows_text() const { return options_.junit != "-" && options_.json != "-"; }

    tl::expected<void, std::string> make_room() const {
        if (options_.keep.empty()) return {};
        std::error_code error;
        fs::create_directories(options_.keep, error);
        if (error || !fs::is_directory(options_.keep, error))
            return tl::unexpected(fmt::format("{} cannot be made a directory{}{}", options_.keep,
                                              error ? ": " : "", error ? error.message() : ""));
        return {};
    }

    void run_all() {
        const sim::Timing timing = sim::timing_of(site_);
        const std::vector<Trial> trials = sim::trials_of(site_, timing);
        for (const Trial& one : trials) {
            const Trial* const alone[] = {&one};
            run(sim::tell_story(site_, timing, alone, limit_), kMoments, true);
        }
        singles_ = stories_.size();
        if (options_.faults != "pairs") return;
        for (std::size_t a = 0; a < trials.size(); ++a)
            for (std::size_t b = a + 1; b < trials.size(); ++b) {
                const Trial* const both[] = {&trials[a], &trials[b]};
                if (goes_in_pairs(trials[a]) && goes_in_pairs(trials[b]))
                    run(sim::tell_story(site_, timing, both, limit_), 1, false);
            }
    }

    static bool goes_in_pairs(const Trial& trial) {
        return trial.row->strikes != sim::Strikes::nothing && trial.row->strikes != sim::Strikes::starts &&
               !trial.mend.empty();
    }

    // At several moments between two advertisements, of which the one that failed is told, or the worst one. Of pairs only
    // those that fail are kept: there are thousands.
    void run(const Story& story, unsigned moments, bool always_kept) {
        const auto begin = std::chrono::steady_clock::now();
        const std::string name = story.name + ".toml";
        const std::string file = options_.keep.empty() ? name : (fs::path(options_.keep) / name).string();
        auto scenario = sim::parse_scenario(file, story.text);
        if (!scenario) throw CannotRun{describe(scenario.error(), name)};
        std::uint64_t seed = options_.seed;
        sim::RunResult result = sim::run_scenario(*scenario, seed);
        sim::StoryOutcome outcome = outcome_of(site_, story, result);
        for (unsigned i = 1; i < moments; ++i) {
            sim::RunResult other = sim::run_scenario(*scenario, options_.seed + i);
            sim::StoryOutcome theirs = outcome_of(site_, story, other);
            const auto rank = [](const sim::RunResult& run, const sim::StoryOutcome& seen) {
                return std::pair(!run.passed(), seen.outage);
            };
            if (rank(other, theirs) <= rank(result, outcome)) continue;
            seed = options_.seed + i;
            result = std::move(other);
            outcome = std::move(theirs);
        }
        note(story, outcome, result, file, seed, always_kept || !result.passed());
        tested_.back().took = std::chrono::steady_clock::now() - begin;
        if (!options_.json.empty())
            json_ += json_lines(*scenario, result, seed) + story_json(stories_.back());
    }

    void note(const Story& story, const sim::StoryOutcome& outcome, const sim::RunResult& result,
              const std::string& file, std::uint64_t seed, bool kept) {
        CheckedStory checked{.name = story.name,
                             .title = story.title,
                             .bound = story.bound,
                             .excuses = story.excuses,
                             .outcome = outcome,
                             .seed = seed};
        if (!result.passed()) {
            const sim::Failure& first = result.failures.front();
            checked.in_short = fmt::format("{}; seen: {}", first.expected, first.seen);
            checked.line = first.place.line;
        }
        if (!options_.keep.empty() && kept) {
            checked.kept = file;
            if (const auto written = write_whole(file, story.text); !written)
                throw CannotRun{written.error()};
        }
        checked.again = checked.kept.empty()
                            ? fmt::format("{} --keep faults; vrrplab sim --seed {} faults/{}",
                                          said_again(options_), seed, file)
                            : fmt::format("vrrplab sim --seed {} {}", seed, quoted_for_shell(file));
        Tested tested{.file = file, .title = story.title, .trouble = "", .in_short = checked.in_short};
        for (const sim::Failure& failure : result.failures)
            tested.trouble += explain(failure, result, file, checked.again);
        tested_.push_back(std::move(tested));
        stories_.push_back(std::move(checked));
    }

    // The rows: all single faults, or those that failed; of pairs those that failed.
    std::vector<CheckedStory> rows() const {
        std::vector<CheckedStory> rows;
        for (std::size_t i = 0; i < stories_.size(); ++i)
            if (!stories_[i].passed() || (i < singles_ && !options_.quiet)) rows.push_back(stories_[i]);
        return rows;
    }

    void tell(bool nothing_was_run) {
        const auto rows = this->rows();
        if (shows_text()) {
            if (!rows.empty()) fmt::print("{}\n", story_table(rows, stdout_is_terminal()));
            if (!objections_.empty()) fmt::print("{}\n", objection_lines(objections_));
            if (nothing_was_run)
                fmt::print(
                    "Routers that do not hear one another are both master: mend that first, or look at it "
                    "with --run-anyway.\n");
            fmt::print("{}", check_summary(stories_, objections_));
        }
        std::fflush(stdout);
        for (std::size_t i = 0; i < stories_.size(); ++i)
            if (!stories_[i].passed()) tell_failure(i);
        if (std::getenv("GITHUB_ACTIONS") != nullptr)
            fmt::print(shows_text() ? stdout : stderr, "{}", github_annotations(stories_, objections_));
    }

    // The first of each: what follows mostly follows from it.
    void tell_failure(std::size_t i) const {
        const std::string& all = tested_[i].trouble;
        const std::size_t end = all.find("  reproduce ");
        fmt::print(stderr, "\n{}\n{}  reproduce {}\n", stories_[i].title, all.substr(0, end),
                   stories_[i].again);
    }

    tl::expected<void, std::string> write_results() {
        if (!options_.junit.empty()) {
            Tested configurations{.file = "configurations",
                                  .title = "the configurations go together",
                                  .trouble = "",
                                  .in_short = ""};
            for (const Objection& one : objections_)
                if (options_.strict || one.gravity != Gravity::note) {
                    if (configurations.in_short.empty()) configurations.in_short = one.text;
                    configurations.trouble += objection_lines(std::span(&one, 1));
                }
            tested_.insert(tested_.begin(), configurations);
            if (const auto written = write_whole(options_.junit, sim::junit(tested_)); !written)
                return written;
        }
        if (!options_.json.empty()) {
            std::string lines;
            for (const Objection& one : objections_)
                lines += objection_json(one);
            if (const auto written = write_whole(options_.json, lines + json_); !written) return written;
        }
        return add_to_github_summary();
    }

    tl::expected<void, std::string> add_to_github_summary() const {
        const char* file = std::getenv("GITHUB_STEP_SUMMARY");
        if (std::getenv("GITHUB_ACTIONS") == nullptr || file == nullptr || *file == '\0') return {};
        std::ofstream out(file, std::ios::app | std::ios::binary);
        out << markdown_summary(rows(), objections_);
        if (out.flush()) return {};
        return tl::unexpected(fmt::format("{} cannot be written", file));
    }

    const CheckOptions& options_;
    std::optional<sim::Limit> limit_;
    sim::Site site_;
    std::vector<Objection> objections_;
    std::vector<CheckedStory> stories_;
    std::vector<Tested> tested_; // the same
    std::size_t singles_ = 0;    // of them; pairs come after
    std::string json_;
};

} // namespace

int check(const CheckOptions& options) {
    Checker checker(options);
    if (const auto read = checker.read(); !read) return complain(read.error());
    try {
        return checker.run();
    } catch (const CannotRun& cannot) {
        return complain(cannot.why);
    }
}

} // namespace vrrplab
