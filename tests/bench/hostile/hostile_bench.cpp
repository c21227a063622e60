// What a host that sends bad advertisements without end does to a master and its backup:
// build/bin/hostile_bench --rate 200000 --seconds 5. Root and an idle machine.
#define CATCH_CONFIG_RUNNER // the harness uses Catch2's REQUIRE
#include "tests/bench/bed/bed.hpp"
#include "tests/bench/cost/usage.hpp"
#include "tests/bench/hostile/blast.hpp"
#include "tests/bench/selection.hpp"
#include "tests/live/harness/await.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::bench;

namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr std::uint8_t kVrid = 5;

// One router before, and what a while did to it.
class Observed {
  public:
    explicit Observed(const RunningRouter& router)
        : router_(router), before_(usage_of(router.processes())), lines_(router.log_lines()) {}

    // CPU, RSS, log lines: three columns.
    std::string since(Duration window) const {
        const double seconds = std::chrono::duration<double>(window).count();
        const Usage after = usage_of(router_.processes());
        return fmt::format("{:.0f} % | {:.1f} → {:.1f} | {:.1f}",
                           100 * std::chrono::duration<double>(after.cpu - before_.cpu).count() / seconds,
                           static_cast<double>(before_.rss_bytes) / 1e6,
                           static_cast<double>(after.rss_bytes) / 1e6,
                           static_cast<double>(router_.log_lines() - lines_) / seconds);
    }

  private:
    const RunningRouter& router_;
    Usage before_;
    std::size_t lines_;
};

// The worst lateness of an advertisement after the one before it, from `since` on, in % of the interval.
std::string worst_lateness(live::WireTap& tap, Duration since, Duration interval) {
    Duration worst{}, last{};
    std::size_t count = 0;
    for (const auto& seen : tap.advertisements()) {
        if (seen.time >= since && last != Duration{}) {
            worst = std::max(worst, seen.time - last - interval);
            ++count;
        }
        last = seen.time;
    }
    if (count == 0) return "silent";
    return fmt::format("{:.1f} %",
                       100.0 * static_cast<double>(worst.count()) / static_cast<double>(interval.count()));
}

struct Attack {
    unsigned per_second = 200'000;
    int seconds = 5;
};

// At a router's own port of the switch: the switch's work is not the subject, and costs more than ours.
std::string attack_one(const Segment& segment, const std::string& machine, const RunningRouter& router,
                       const std::vector<Frame>& frames, const Attack& attack) {
    const Observed before(router);
    const Blast done = blast(segment.lan(), Segment::port(machine), frames, attack.per_second,
                             std::chrono::seconds(attack.seconds));
    return fmt::format("{:.0f} | {}", done.per_second(), before.since(done.took));
}

// The columns of one implementation.
std::string attack_both(const Implementation& implementation, const Dialect& dialect, const Attack& attack) {
    const Bed bed(1);
    const Segment& segment = bed.segment(0);
    const auto now = [] { return Duration(std::chrono::system_clock::now().time_since_epoch()); };
    live::WireTap tap = bed.tap(0, "r1", "ip proto 112 and src host " + segment.address(1));
    const auto speaks = [&](std::size_t more) {
        const std::size_t heard = tap.advertisements().size();
        return live::await(kPatience, [&] { return tap.advertisements().size() >= heard + more; });
    };
    Plan plan{
        .dialect = dialect, .priority = 200, .members = {{"eth0", kVrid, segment.gateway()}}, .group = false};
    const Router master = implementation.start(bed.r1, plan);
    if (!speaks(3)) return "no master";
    plan.priority = 100;
    const Router backup = implementation.start(bed.r2, plan);
    // The time that a backup needs to hear its master.
    std::this_thread::sleep_for(4 * dialect.interval + std::chrono::seconds(1));
    const std::vector<Frame> frames = bad_frames(dialect, IpAddress::parse(segment.address(100)).value(),
                                                 kVrid, IpAddress::parse(segment.gateway()).value());

    const Duration quiet = now();
    std::this_thread::sleep_for(std::chrono::seconds(attack.seconds));
    const std::string undisturbed = worst_lateness(tap, quiet, dialect.interval);
    const Duration attacked = now();
    const std::string of_master = attack_one(segment, "r1", *master, frames, attack);
    speaks(1); // a silence that reached the end of the attack counts too
    const std::string lateness = worst_lateness(tap, attacked, dialect.interval);
    const std::uint64_t said = segment.frames_from("r2");
    const std::string of_backup = attack_one(segment, "r2", *backup, frames, attack);
    return fmt::format("{} | {} | {} | {} | {}", undisturbed, lateness, of_master, of_backup,
                       segment.frames_from("r2") - said);
}

Attack wanted;
Selection selection;

} // namespace

// The harness speaks Catch2, so the whole measurement is one test case.
TEST_CASE("hostile frames") {
    LIVE_OR_SKIP();
    fmt::print("{} s of bad advertisements at the master, then as long at the backup. Lateness: of the "
               "master's worst "
               "advertisement, in % of the interval, before and during the attack. RSS in MB.\n\n"
               "| | | late undisturbed | late attacked | master: frames/s | CPU | RSS | log lines/s | "
               "backup: frames/s | CPU | RSS | log lines/s | advertisements |\n"
               "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
               wanted.seconds);
    for (const Dialect& dialect : kDialects)
        for (const Implementation& implementation : selection.implementations()) {
            if (!selection.wants_dialect(dialect.name)) continue;
            const auto why_not =
                implementation.why_not({.dialect = dialect, .priority = 100, .members = {}, .group = false});
            fmt::print("| {} | {} | {} |\n", dialect.name, implementation.name,
                       why_not ? "skipped: " + *why_not : attack_both(implementation, dialect, wanted));
            std::fflush(stdout);
        }
}

int main(int argc, char** argv) {
    CLI::App app("What hostile frames do", "hostile_bench");
    app.add_option("--rate", wanted.per_second, "frames per second")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    app.add_option("--seconds", wanted.seconds, "of each attack")
        ->check(CLI::Range(1, 60))
        ->capture_default_str();
    selection.add_to(app);
    CLI11_PARSE(app, argc, argv);
    return Catch::Session().run();
}
