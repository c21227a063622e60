// What one and many virtual routers cost on one interface, and how they take over together:
// build/bin/cost_bench --seconds 10. Root and an idle machine.
#define CATCH_CONFIG_RUNNER // the harness uses Catch2's REQUIRE
#include "core/machine/timers.hpp"
#include "tests/bench/bed/bed.hpp"
#include "tests/bench/cost/usage.hpp"
#include "tests/bench/selection.hpp"
#include "tests/live/harness/await.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <map>

using namespace vrrp;
using namespace vrrp::bench;

namespace {

constexpr auto kPatience = std::chrono::seconds(20);
// A backup says nothing; what its kernel says of its own (neighbour discovery) stays under this in a window.
constexpr std::uint64_t kSilence = 20;

double milliseconds(Duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

Plan plan_of(int virtual_routers, const Dialect& dialect, int priority) {
    Plan plan{.dialect = dialect, .priority = priority, .members = {}, .group = false};
    for (int vrid = 1; vrid <= virtual_routers; ++vrid)
        plan.members.push_back({"eth0", vrid, fmt::format("10.99.100.{}", vrid)});
    return plan;
}

using Times = std::map<int, Duration>; // by VRID

Times first_advertisements(live::WireTap& tap, const IpAddress& source, Duration since) {
    Times times;
    for (const auto& seen : tap.advertisements())
        if (seen.advertisement.source == source && seen.time >= since)
            times.emplace(seen.advertisement.vrid, seen.time);
    return times;
}

Times last_advertisements(live::WireTap& tap, const IpAddress& source) {
    Times times;
    for (const auto& seen : tap.advertisements())
        if (seen.advertisement.source == source) times[seen.advertisement.vrid] = seen.time;
    return times;
}

Duration earliest(const Times& times) {
    return std::ranges::min_element(times, {}, &Times::value_type::second)->second;
}
Duration latest(const Times& times) {
    return std::ranges::max_element(times, {}, &Times::value_type::second)->second;
}

// The CPU time of a while, for each advertisement that was sent in it.
struct Load {
    Duration cpu{};
    std::uint64_t advertisements = 0;
    Duration window{};

    std::string text() const {
        if (advertisements == 0) return "–";
        return fmt::format("{:.1f} ({:.2f} %)", milliseconds(cpu) * 1e3 / static_cast<double>(advertisements),
                           100 * milliseconds(cpu) / milliseconds(window));
    }
};

struct Row {
    Usage master{};
    std::optional<Duration> all_masters; // after the start
    Load solo, sending, receiving;
    bool converged = false;
    std::string takeover; // spread and lateness
    std::string note;
};

class Measurement {
  public:
    Measurement(const Implementation& implementation, int virtual_routers, const Dialect& dialect,
                std::chrono::seconds window)
        : implementation_(implementation), count_(static_cast<std::size_t>(virtual_routers)),
          dialect_(dialect), window_(window), better_(plan_of(virtual_routers, dialect, 200)),
          other_(plan_of(virtual_routers, dialect, 100)) {}

    Row run() {
        if (!start_better()) {
            row_.note = fmt::format("{} of {} masters after {} s", masters_, count_, kPatience.count());
            return row_;
        }
        observe(row_.solo, nullptr);
        r2_ = implementation_.start(bed_.r2, other_);
        // Time to hear a master and, for the slow ones, to make their devices.
        std::this_thread::sleep_for(4 * dialect_.interval + std::chrono::seconds(4));
        const std::uint64_t said = observe(row_.sending, &row_.receiving);
        row_.converged = said <= kSilence;
        if (!row_.converged) row_.note = fmt::format("does not converge: the backup sent {} frames", said);
        row_.master = usage_of(r1_->processes());
        if (row_.converged) take_over();
        return row_;
    }

  private:
    static Duration now() { return std::chrono::system_clock::now().time_since_epoch(); }
    const Segment& segment() const { return bed_.segment(0); }
    IpAddress address(int machine) const { return IpAddress::parse(segment().address(machine)).value(); }

    bool start_better() {
        live::WireTap tap = bed_.tap(0, "r1");
        r1_ = implementation_.start(bed_.r1, better_);
        Times first;
        const bool all = live::await(
            kPatience, [&] { return (first = first_advertisements(tap, address(1), {})).size() == count_; });
        masters_ = first.size();
        if (all) row_.all_masters = latest(first) - r1_->started_at();
        return all;
    }

    // A window of both routers' time; what r2 sent in it.
    std::uint64_t observe(Load& sender, Load* receiver) const {
        const auto cpu = [](const Router& router) {
            return router ? usage_of(router->processes()).cpu : Duration{};
        };
        const Duration start = now(), sender_before = cpu(r1_), receiver_before = cpu(r2_);
        const std::uint64_t sent_before = segment().frames_from("r1"), noise = segment().frames_from("r2");
        std::this_thread::sleep_for(window_);
        const std::uint64_t sent = segment().frames_from("r1") - sent_before;
        sender = {cpu(r1_) - sender_before, sent, now() - start};
        if (receiver != nullptr) *receiver = {cpu(r2_) - receiver_before, sent, now() - start};
        return segment().frames_from("r2") - noise;
    }

    void take_over() {
        live::WireTap tap = bed_.tap(0, "r2");
        if (!live::await(kPatience, [&] { return last_advertisements(tap, address(1)).size() == count_; })) {
            row_.note = "the master lost some";
            return;
        }
        const Duration start = now();
        segment().cut("r1");
        r1_->kill();
        Times first;
        if (!live::await(kPatience, [&] {
                return (first = first_advertisements(tap, address(2), start)).size() == count_;
            })) {
            row_.note =
                fmt::format("{} of {} took over within {} s", first.size(), count_, kPatience.count());
            return;
        }
        const Duration theory = master_down_interval(dialect_.version, 100, dialect_.interval);
        Times last = last_advertisements(tap, address(1)), lateness;
        for (const auto& [vrid, taken] : first)
            lateness[vrid] = taken - last[vrid] - theory;
        row_.takeover = fmt::format("{:.1f} | {:.2f} … {:.2f}", milliseconds(latest(first) - earliest(first)),
                                    milliseconds(earliest(lateness)), milliseconds(latest(lateness)));
    }

    const Implementation& implementation_;
    std::size_t count_;
    Dialect dialect_;
    std::chrono::seconds window_;
    Plan better_, other_;
    Bed bed_{1};
    Router r1_, r2_;
    std::size_t masters_ = 0;
    Row row_;
};

void print_row(int count, const Dialect& dialect, const Implementation& implementation, const Row& row) {
    constexpr double kMegabyte = 1e6;
    const auto megabytes = [](std::size_t bytes) { return static_cast<double>(bytes) / kMegabyte; };
    const bool ran = row.master.processes > 0;
    fmt::print(
        "| {} × {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", count, dialect.name,
        implementation.name, ran ? fmt::format("{}", row.master.processes) : "",
        ran ? fmt::format("{:.1f} / {:.1f}", megabytes(row.master.rss_bytes), megabytes(row.master.pss_bytes))
            : "",
        row.all_masters ? fmt::format("{:.2f}", milliseconds(*row.all_masters) / 1e3) : "",
        ran ? row.solo.text() : "", ran ? row.sending.text() : "", ran ? row.receiving.text() : "",
        row.takeover.empty() ? " | " : row.takeover, row.note);
    std::fflush(stdout);
}

std::chrono::seconds window(10);
std::vector<int> counts{1, 255};
Selection selection;

} // namespace

// The harness speaks Catch2, so the whole measurement is one test case.
TEST_CASE("costs") {
    LIVE_OR_SKIP();
    fmt::print(
        "CPU in µs for each advertisement on the wire (share of one core) over {} s; the sender's includes "
        "the kernel's delivery to its neighbours. Memory in MB of the master, start in s, take-over in "
        "ms.\n\n| virtual routers | | processes | RSS / PSS | all masters after | sends alone | sends to a "
        "backup | receives | take-over spread | late over theory | |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
        window.count());
    for (const int count : counts)
        for (const Dialect& dialect : kDialects)
            for (const Implementation& implementation : selection.implementations()) {
                if (!selection.wants_dialect(dialect.name)) continue;
                Row row;
                if (const auto why_not = implementation.why_not(plan_of(count, dialect, 100)))
                    row.note = "skipped: " + *why_not;
                else
                    row = Measurement(implementation, count, dialect, window).run();
                print_row(count, dialect, implementation, row);
            }
}

int main(int argc, char** argv) {
    CLI::App app("What virtual routers cost", "cost_bench");
    int seconds = static_cast<int>(window.count());
    app.add_option("--seconds", seconds, "of each window")->check(CLI::Range(1, 60))->capture_default_str();
    app.add_option("--count", counts, "of virtual routers")->check(CLI::Range(1, 255))->capture_default_str();
    selection.add_to(app);
    CLI11_PARSE(app, argc, argv);
    window = std::chrono::seconds(seconds);
    return Catch::Session().run();
}
