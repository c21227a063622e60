// What a host sees of a failover, ours beside the peers', in one run: build/bin/failover_bench --runs 10
// Root and an idle machine. Only ratios and lateness over theory mean something elsewhere.
#define CATCH_CONFIG_RUNNER // the harness uses Catch2's REQUIRE
#include "tests/bench/failover/happenings.hpp"
#include "tests/bench/selection.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <map>

using namespace vrrp;
using namespace vrrp::bench;

namespace {

struct Figures {
    std::vector<Duration> gap, lateness, announcement, moved;
    std::map<std::string, int> failures;

    void add(const Outcome& outcome) {
        gap.push_back(outcome.gap);
        if (outcome.lateness) lateness.push_back(*outcome.lateness);
        if (outcome.announcement) announcement.push_back(*outcome.announcement);
        if (outcome.moved) moved.push_back(*outcome.moved);
    }
};

std::string median(std::vector<Duration> values, int places) {
    if (values.empty()) return "";
    std::ranges::sort(values);
    const auto text = [&](Duration d) {
        return fmt::format("{:.{}f}", std::chrono::duration<double, std::milli>(d).count(), places);
    };
    return fmt::format("{} [{} {}]", text(values[values.size() / 2]), text(values.front()),
                       text(values.back()));
}

std::string notes(const Figures& figures) {
    std::string text;
    for (const auto& [what, times] : figures.failures)
        text += fmt::format("{}{} × {}", text.empty() ? "" : ", ", times, what);
    return text;
}

void print_header(int runs) {
    fmt::print("Milliseconds, median of {} [min max]; the host asks every 1 ms.\n\n", runs);
    fmt::print("| | | | host gap | late over theory | first announcement | whole gateway moved | |\n"
               "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |\n");
}

void print_row(const Happening& happening, const Dialect& dialect, const char* implementation,
               const Figures& figures, const std::string& note) {
    fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} |\n", happening.name, dialect.name, implementation,
               median(figures.gap, 0), median(figures.lateness, 2), median(figures.announcement, 2),
               median(figures.moved, 1), note);
    std::fflush(stdout);
}

// The implementations take turns, so that a busy minute of the machine hurts all of them alike.
void measure(const Happening& happening, const Dialect& dialect, const std::vector<Implementation>& all,
             int runs) {
    const Plan asked{.dialect = dialect, .priority = 0, .members = {}, .group = happening.segments > 1};
    std::vector<Figures> figures(all.size());
    for (int run = 0; run < runs; ++run)
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].why_not(asked)) continue;
            try {
                Trial trial(all[i], dialect, happening.segments, run);
                figures[i].add(happening.measure(trial));
            } catch (const GaveUp& why) {
                ++figures[i].failures[why.what()];
            }
        }
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto why_not = all[i].why_not(asked);
        print_row(happening, dialect, all[i].name, figures[i],
                  why_not ? "skipped: " + *why_not : notes(figures[i]));
    }
}

int runs = 10;
Selection selection;

} // namespace

// The harness speaks Catch2, so the whole measurement is one test case.
TEST_CASE("failovers") {
    LIVE_OR_SKIP();
    print_header(runs);
    for (const Happening& happening : happenings())
        for (const Dialect& dialect : kDialects)
            if (selection.wants_happening(happening.name) && selection.wants_dialect(dialect.name))
                measure(happening, dialect, selection.implementations(), runs);
}

int main(int argc, char** argv) {
    CLI::App app("What a host sees of a failover", "failover_bench");
    app.add_option("--runs", runs, "of each case")->check(CLI::Range(1, 100))->capture_default_str();
    std::vector<std::string> names;
    for (const Happening& happening : happenings())
        names.emplace_back(happening.name);
    selection.add_to(app);
    selection.add_happenings_to(app, names);
    CLI11_PARSE(app, argc, argv);
    return Catch::Session().run();
}
