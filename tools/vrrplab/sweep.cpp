#include "netsim/chaos/shrink.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/kept.hpp"
#include "tools/vrrplab/sweep/progress.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <thread>

namespace vrrplab {
namespace {

using namespace vrrp::sim;

constexpr std::uint64_t kBatch = 16; // worlds that a thread takes at once

struct Swept {
    std::string file;
    Scenario scenario;
};

// Runs the worlds of all files in threads that share nothing but the number of the next world.
class Sweep {
  public:
    Sweep(const std::vector<Swept>& swept, const SweepOptions& options, Seeds seeds, Shard shard)
        : swept_(swept), options_(options), seeds_(seeds), shard_(shard) {
        const std::uint64_t count = seeds.to - seeds.from + 1;
        of_each_ = count / shard.of + (shard.number <= count % shard.of ? 1 : 0);
    }

    std::uint64_t worlds() const { return of_each_ * swept_.size(); }

    Tally run(unsigned jobs) {
        for (const Swept& one : swept_)
            tally_.begin(one.file, seeds_, shard_);
        Progress progress(worlds());
        running_ = jobs;
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < jobs; ++i)
            threads.emplace_back([this] { work(); });
        std::unique_lock lock(mutex_);
        while (running_ != 0) {
            const auto rest = options_.quiet ? std::chrono::hours(1) : progress.tell(done_, violated_);
            ended_.wait_for(lock, rest, [this] { return running_ == 0; });
        }
        progress.clear();
        took_ = progress.took();
        return std::move(tally_);
    }

    std::chrono::duration<double> took() const { return took_; }

  private:
    void work() {
        Tally tally;
        std::vector<std::unique_ptr<Chaos>> worlds(swept_.size());
        for (std::uint64_t from; (from = next_.fetch_add(kBatch)) < this->worlds();)
            for (std::uint64_t i = from; i < std::min(from + kBatch, this->worlds()); ++i) {
                const std::size_t file = i / of_each_;
                if (!worlds[file]) {
                    worlds = std::vector<std::unique_ptr<Chaos>>(swept_.size()); // of one file at a time
                    worlds[file] = std::make_unique<Chaos>(swept_[file].scenario, options_.shuffle);
                }
                const std::uint64_t seed = seeds_.from + shard_.number - 1 + i % of_each_ * shard_.of;
                run_one(*worlds[file], swept_[file].file, seed, tally);
            }
        const std::lock_guard lock(mutex_);
        tally_.add(tally);
        --running_;
        ended_.notify_one();
    }

    void run_one(Chaos& chaos, const std::string& file, std::uint64_t seed, Tally& tally) {
        const std::string again = again_command(file, seed, options_.shuffle);
        bool violated = false;
        try {
            const RunResult result = run_scenario(chaos.world(seed), seed);
            std::vector<std::string> told;
            for (const Failure& failure : result.failures) {
                if (std::ranges::find(told, failure.kind) != told.end()) continue;
                told.push_back(failure.kind);
                tally.add(file, failure.kind,
                          {seed, failure.subject, time_text(failure.at), failure.seen, again});
            }
            violated = !result.passed();
        } catch (const SimulationLimit& limit) { // the others can still be run
            tally.add(file, Tally::kGivenUp, {seed, "", "0", limit.message, again});
            violated = true;
        }
        tally.count(file, violated);
        ++done_;
        if (violated) ++violated_;
    }

    const std::vector<Swept>& swept_;
    const SweepOptions& options_;
    Seeds seeds_;
    Shard shard_;
    std::uint64_t of_each_ = 0;
    std::atomic<std::uint64_t> next_ = 0, done_ = 0, violated_ = 0;
    std::mutex mutex_; // of what follows
    std::condition_variable ended_;
    unsigned running_ = 0;
    Tally tally_;
    std::chrono::duration<double> took_{};
};

// Every file is read before a world is run.
tl::expected<std::vector<Swept>, std::string> read_all(const std::vector<std::string>& files) {
    std::vector<Swept> all;
    for (const std::string& file : files) {
        if (std::ranges::find(all, file, &Swept::file) != all.end()) continue;
        auto scenario = read_scenario(file);
        if (!scenario) return tl::unexpected(describe(scenario.error(), file));
        if (Chaos(*scenario).nothing_may_strike())
            return tl::unexpected(
                fmt::format("{}: there is nothing that may be struck: a router that runs vrrpd, and what "
                            "[chaos] names",
                            file));
        all.push_back({file, *std::move(scenario)});
    }
    return all;
}

// The failure of this kind in the world of this seed, run once more.
struct Again {
    RunResult result;
    const Failure* failure = nullptr;
};

Again once_more(Chaos& chaos, const std::string& kind, std::uint64_t seed) {
    Again again{run_scenario(chaos.world(seed), seed)};
    const auto found = std::ranges::find(again.result.failures, kind, &Failure::kind);
    if (found != again.result.failures.end()) again.failure = &*found;
    return again;
}

tl::expected<void, std::string> keep(const Swept& swept, Chaos& chaos, const std::string& kind,
                                     const Found& found, const SweepOptions& options) {
    const Again again = once_more(chaos, kind, found.seed);
    if (again.failure == nullptr) return {};
    Scenario scenario = chaos.world(found.seed);
    Failure failure = *again.failure;
    if (options.shrink) {
        if (const auto smaller = shrink(case_of(chaos, found.seed), failure))
            scenario = smaller->scenario, failure = smaller->failure;
    }
    const std::filesystem::path path =
        std::filesystem::path(options.keep) / kept_name(swept.file, kind, fmt::format("seed_{}", found.seed));
    return write_whole(path.string(), kept_text(std::move(scenario), failure, found.again));
}

// The first of each kind in full, and all that is to be kept.
tl::expected<void, std::string> show(const std::vector<Swept>& swept, const Tally& tally,
                                     const SweepOptions& options) {
    for (const Swept& one : swept) {
        Chaos chaos(one.scenario, options.shuffle);
        for (const auto& [kind, group] : tally.files().at(one.file).kinds) {
            if (kind == Tally::kGivenUp) continue;
            const Found& first = group.first.front();
            if (const Again again = once_more(chaos, kind, first.seed);
                again.failure != nullptr && !options.quiet)
                fmt::print(stderr, "{}\n", explain(*again.failure, again.result, one.file, first.again));
            if (options.keep.empty()) continue;
            for (const Found& found : group.first)
                if (const auto kept = keep(one, chaos, kind, found, options); !kept) return kept;
        }
    }
    return {};
}

} // namespace

int sweep(const SweepOptions& options) {
    if (const auto outputs = check_outputs(options.json, options.junit); !outputs)
        return complain(outputs.error());
    if (options.shrink && options.keep.empty())
        return complain("--shrink says how --keep DIR writes: say where");
    const auto seeds = parse_seeds(options.seeds);
    if (!seeds) return complain(seeds.error());
    const auto shard = parse_shard(options.shard);
    if (!shard) return complain(shard.error());
    const auto swept = read_all(options.files);
    if (!swept) {
        fmt::print(stderr, "{}\n", swept.error());
        return 2;
    }
    std::error_code error;
    if (!options.keep.empty()) std::filesystem::create_directories(options.keep, error);
    if (error) return complain(fmt::format("{}: {}", options.keep, error.message()));

    Sweep sweep(*swept, options, *seeds, *shard);
    const Tally tally =
        sweep.run(options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency()));
    if (const auto shown = show(*swept, tally, options); !shown) return complain(shown.error());
    const double seconds = std::max(sweep.took().count(), 1e-9);
    const auto a_second = static_cast<std::uint64_t>(static_cast<double>(tally.worlds()) / seconds);
    return conclude(tally, options.json, options.junit,
                    fmt::format(" in {:.1f} s ({} a second)", seconds, with_commas(a_second)));
}

} // namespace vrrplab
