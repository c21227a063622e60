// What a host sees of a failover, ours beside keepalived's, in one run: build/bin/failover_bench --runs 10
// Root and an idle machine. Only ratios and lateness over theory mean something elsewhere.
#define CATCH_CONFIG_RUNNER // the harness uses Catch2's REQUIRE
#include "core/machine/timers.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/keepalived.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

struct Dialect {
    const char* name;
    wire::Version version;
    Duration interval;
    std::string vrrpd, keepalived;
};

const Dialect kDialects[] = {
    {"v2 1 s", wire::Version::v2, 1s, "", "version 2\n advert_int 1"},
    {"v3 100 ms", wire::Version::v3, 100ms, "--protocol 3 -d 0.1", "version 3\n advert_int 0.1"},
    {"v3 10 ms", wire::Version::v3, 10ms, "--protocol 3 -d 0.01", "version 3\n advert_int 0.01"},
};

enum class Implementation { vrrpd, vrrpd_without_virtual_mac, keepalived };
enum class Happening { stop, machine_dies, better_returns };

const char* name(Implementation i) {
    return i == Implementation::vrrpd ? "vrrpd" : i == Implementation::keepalived ? "keepalived" : "vrrpd -n";
}
const char* name(Happening h) {
    return h == Happening::stop           ? "orderly stop"
           : h == Happening::machine_dies ? "machine dies"
                                          : "better returns";
}

// One side of the pair, whoever makes it.
class Router {
  public:
    Router(RouterHost& host, Implementation implementation, const Dialect& dialect, int priority)
        : host_(host) {
        if (implementation == Implementation::keepalived) {
            theirs_ = std::make_unique<Keepalived>(
                host, priority, dialect.keepalived + "\n virtual_ipaddress {\n 10.99.0.254\n }");
            return;
        }
        const char* mac = implementation == Implementation::vrrpd ? "" : "-n";
        host.start(fmt::format("-i eth0 -v 5 -p {} {} {} 10.99.0.254", priority, mac, dialect.vrrpd));
    }
    void signal(int number) { (theirs_ ? theirs_->process() : host_.process()).signal(number); }

  private:
    RouterHost& host_;
    std::unique_ptr<Keepalived> theirs_;
};

struct Figures {
    std::vector<double> gap, lateness, announcement; // milliseconds
};

double milliseconds(Duration d) {
    return static_cast<double>(d.count()) / 1e6;
}

// The last and the first advertisement of a source, and what follows it.
Duration last_before_silence(WireTap& tap, const IpAddress& source) {
    Duration time{};
    for (const WireTap::Seen& seen : tap.advertisements())
        if (seen.advertisement.source == source) time = seen.time;
    return time;
}
Duration first_after(WireTap& tap, const IpAddress& source, Duration from) {
    for (const WireTap::Seen& seen : tap.advertisements())
        if (seen.advertisement.source == source && seen.time > from) return seen.time;
    return {};
}
Duration announcement_after(WireTap& tap, Duration from) {
    for (const WireTap::SeenAnnouncement& seen : tap.announcements())
        if (seen.time >= from) return seen.time;
    return {};
}

bool speaks(WireTap& tap, const IpAddress& source, Duration from) {
    return first_after(tap, source, from) != Duration{};
}

void measure(Implementation implementation, const Dialect& dialect, Happening happening, int run,
             Figures& figures) {
    GatewayPair pair;
    const auto patience = 10s;
    const bool returns = happening == Happening::better_returns;
    std::unique_ptr<Router> better;
    if (!returns) better = std::make_unique<Router>(pair.r1, implementation, dialect, 200);
    const Router other(pair.r2, implementation, dialect, 100);
    const RouterHost& first = returns ? pair.r2 : pair.r1;
    const RouterHost& second = returns ? pair.r1 : pair.r2;
    REQUIRE(await(patience, [&] { return speaks(pair.tap, first.address(), {}); }));
    const Prober prober(pair.host.space(), IpAddress::parse(kVirtualAddress).value(), 1ms);
    REQUIRE(await(patience, [&] { return prober.answered() > 300; }));
    // Another phase of the advertisements in each run.
    std::this_thread::sleep_for(dialect.interval * (run % 7) / 7);

    if (happening == Happening::machine_dies) pair.r1.unplug();
    if (happening == Happening::stop) better->signal(SIGTERM);
    if (returns) better = std::make_unique<Router>(pair.r1, implementation, dialect, 200);
    const auto took_over = [&] {
        const Duration last = last_before_silence(pair.tap, first.address());
        return returns ? speaks(pair.tap, second.address(), {}) : speaks(pair.tap, second.address(), last);
    };
    REQUIRE(await(patience, took_over));
    const std::size_t answered = prober.answered();
    (void)await(5s, [&] { return prober.answered() > answered + 300; });
    figures.gap.push_back(milliseconds(prober.longest_gap()));

    const Duration last = returns ? Duration{} : last_before_silence(pair.tap, first.address());
    const Duration taken = first_after(pair.tap, second.address(), last);
    figures.announcement.push_back(milliseconds(announcement_after(pair.tap, taken) - taken));
    if (returns) return;
    const Duration theory = happening == Happening::stop
                                ? skew_time(dialect.version, 100, dialect.interval)
                                : master_down_interval(dialect.version, 100, dialect.interval);
    figures.lateness.push_back(milliseconds(taken - last - theory));
}

std::string median(std::vector<double> values) {
    if (values.empty()) return "";
    std::ranges::sort(values);
    return fmt::format("{:.2f} [{:.2f} {:.2f}]", values[values.size() / 2], values.front(), values.back());
}

void row(Implementation implementation, const Dialect& dialect, Happening happening, int runs) {
    Figures figures;
    for (int run = 0; run < runs; ++run)
        measure(implementation, dialect, happening, run, figures);
    fmt::print("| {:<10} | {:<9} | {:<14} | {:>26} | {:>20} | {:>18} |\n", name(implementation), dialect.name,
               name(happening), median(figures.gap), median(figures.lateness), median(figures.announcement));
    std::fflush(stdout);
}

int runs = 10;

} // namespace

// The harness speaks Catch2, so the whole measurement is one test case.
TEST_CASE("failovers") {
    LIVE_OR_SKIP();
    fmt::print("Milliseconds, median of {} [min max]; the host asks every 1 ms.\n\n", runs);
    fmt::print("| {:<10} | {:<9} | {:<14} | {:>26} | {:>20} | {:>18} |\n", "", "", "", "host gap",
               "late over theory", "first announcement");
    fmt::print("| --- | --- | --- | ---: | ---: | ---: |\n");
    for (const Dialect& dialect : kDialects)
        for (const Happening happening :
             {Happening::stop, Happening::machine_dies, Happening::better_returns}) {
            row(Implementation::vrrpd, dialect, happening, runs);
            row(Implementation::vrrpd_without_virtual_mac, dialect, happening, runs);
            if (keepalived_is_installed()) row(Implementation::keepalived, dialect, happening, runs);
        }
}

int main(int argc, char** argv) {
    CLI::App app("What a host sees of a failover", "failover_bench");
    app.add_option("--runs", runs, "of each case")->check(CLI::Range(1, 100))->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return Catch::Session().run();
}
