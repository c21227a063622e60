// Whether a backup takes over from a master that lives while all cores are busy: build/bin/busy_bench --minutes 10. All
// pairs run at the same time, all masters on one core and all backups on another, so that what stops a core for a while
// befalls all of them. Root.
#define CATCH_CONFIG_RUNNER // the harness uses Catch2's REQUIRE
#include "tests/bench/bed/bed.hpp"
#include "tests/bench/implementations/implementation.hpp"
#include "tests/live/harness/await.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::bench;

namespace {

constexpr auto kPatience = std::chrono::seconds(20);

double milliseconds(Duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

// A program for each core that never rests, as long as this lives.
class Burners {
  public:
    Burners() {
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            const pid_t pid = ::fork();
            REQUIRE(pid >= 0);
            if (pid == 0) burn();
            pids_.push_back(pid);
        }
    }
    ~Burners() {
        for (const pid_t pid : pids_) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
    }
    Burners(const Burners&) = delete;
    Burners& operator=(const Burners&) = delete;

  private:
    [[noreturn]] static void burn() {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile unsigned work = 0;;)
            work = work + 1;
    }
    std::vector<pid_t> pids_;
};

// r1 leads all the time; whatever r2 advertises it should not.
class Pair {
  public:
    Pair(const Implementation& implementation, const Dialect& dialect)
        : implementation_(implementation), dialect_(dialect), tap_(bed_.tap(0, "r2")) {
        r1_ = implementation_.start(bed_.r1, plan(200));
        pin(*r1_, 0);
        leads_ = live::await(kPatience, [&] { return tap_.saw(address(1), 200); });
        r2_ = implementation_.start(bed_.r2, plan(100));
        pin(*r2_, 1);
    }

    // Everything until now was the start.
    void begin() { first_ = tap_.advertisements().size(); }
    void look() { (void)tap_.advertisements(); }

    std::string row() {
        const auto& seen = tap_.advertisements();
        std::vector<Duration> late;
        std::optional<Duration> before;
        std::size_t takeovers = 0;
        bool r2_leads = false;
        for (std::size_t i = first_; i < seen.size(); ++i) {
            const auto& advertisement = seen[i].advertisement;
            if (advertisement.priority == 0) continue;
            const bool is_r2 = advertisement.source == address(2);
            // Not the farewell of one that steps back, which follows the master's word.
            const bool silent = before && seen[i].time - *before > 2 * dialect_.interval;
            takeovers += is_r2 && !r2_leads && silent;
            r2_leads = is_r2 && (r2_leads || silent);
            if (is_r2) continue;
            if (before) late.push_back(seen[i].time - *before - dialect_.interval);
            before = seen[i].time;
        }
        std::ranges::sort(late);
        if (!leads_ || late.size() < 1000)
            return fmt::format("| {} | {} | {} advertisements: no measurement | | | |", dialect_.name,
                               implementation_.name, late.size());
        const auto within = [&](std::size_t of_thousand) {
            return milliseconds(late[late.size() * of_thousand / 1000]);
        };
        return fmt::format("| {} | {} | {} | {:.2f} | {:.2f} | {:.1f} |", dialect_.name, implementation_.name,
                           takeovers, within(500), within(999), milliseconds(late.back()));
    }

  private:
    static void pin(const RunningRouter& router, unsigned core) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(core % std::thread::hardware_concurrency(), &one);
        for (const int pid : router.processes())
            REQUIRE(::sched_setaffinity(pid, sizeof one, &one) == 0);
    }

    Plan plan(int priority) const {
        return {.dialect = dialect_,
                .priority = priority,
                .members = {{bed_.segment(0).interface(), 1, bed_.segment(0).gateway()}},
                .group = false};
    }
    IpAddress address(int machine) const {
        return IpAddress::parse(bed_.segment(0).address(machine)).value();
    }

    const Implementation implementation_;
    Dialect dialect_;
    Bed bed_{1};
    live::WireTap tap_;
    Router r1_, r2_;
    bool leads_ = false;
    std::size_t first_ = 0;
};

std::chrono::seconds duration(600);

} // namespace

// The harness speaks Catch2, so the whole measurement is one test case.
TEST_CASE("busy") {
    LIVE_OR_SKIP();
    std::vector<std::unique_ptr<Pair>> pairs;
    for (const Dialect& dialect : kDialects) {
        if (dialect.version == wire::Version::v2) continue;
        for (const Implementation& one : {vrrpd(), vrrpd_realtime(), keepalived(), keepalived_realtime()})
            if (!one.why_not({dialect, 100, {}})) pairs.push_back(std::make_unique<Pair>(one, dialect));
    }
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const Burners burners;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    for (auto& pair : pairs)
        pair->begin();
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        for (auto& pair : pairs)
            pair->look();
    }
    fmt::print(
        "A pair of each, all at once, {} s with a busy program on each of {} cores. How late the master's "
        "advertisements reached the backup, in ms.\n\n"
        "| | | false take-overs | median | 99.9 % | worst |\n| --- | --- | ---: | ---: | ---: | ---: |\n",
        duration.count(), std::thread::hardware_concurrency());
    for (auto& pair : pairs)
        fmt::print("{}\n", pair->row());
}

int main(int argc, char** argv) {
    CLI::App app("False take-overs while all cores are busy", "busy_bench");
    double minutes = 10;
    app.add_option("--minutes", minutes, "of measuring")
        ->check(CLI::Range(0.1, 600.0))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    duration = std::chrono::seconds(static_cast<int>(minutes * 60));
    return Catch::Session().run();
}
