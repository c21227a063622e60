#include "netsim/scenario/grammar.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/diff/journals.hpp"
#include "tools/vrrplab/output.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrplab {
namespace {

using vrrp::Duration;

constexpr std::size_t kBefore = 6; // lines of each journal that lead to the difference

tl::expected<Journal, std::string> read_file(const std::string& file) {
    const auto text = read_whole(file);
    if (!text) return tl::unexpected(text.error());
    return read_journal(*text).map_error([&](const std::string& why) { return file + ":" + why; });
}

std::string seconds(Duration time) {
    return fmt::format("{:.6f}", std::chrono::duration<double>(time).count());
}

std::string told(const JournalLine& line) {
    return fmt::format("{:>13}  {:<6} {}", seconds(line.time), line.machine, line.text);
}

void print_side(const std::string& file, const JournalLine* line) {
    fmt::print("{}\n{}\n", file,
               line != nullptr ? told(*line) : fmt::format("{:>13}  decides nothing more there", ""));
}

void print_before(const std::string& file, const Journal& journal, Duration time) {
    const auto end = std::ranges::lower_bound(journal.lines, time, {}, &JournalLine::time);
    const auto from = end - std::min<std::ptrdiff_t>(kBefore, end - journal.lines.begin());
    fmt::print("\nbefore, in {}\n", file);
    for (auto line = from; line != end; ++line)
        fmt::print("{}\n", told(*line));
}

tl::expected<void, std::string> begin_both(const DiffOptions& options, Journal& a, Journal& b) {
    if (options.from.empty()) return {};
    for (Journal* one : {&a, &b})
        if (!one->begin_with(options.from))
            return tl::unexpected(fmt::format("--from '{}': no decision in {} says so", options.from,
                                              one == &a ? options.a : options.b));
    return {};
}

// One that names no machine is of the one that is named.
tl::expected<void, std::string> match_machines(const DiffOptions& options, Journal& a, Journal& b) {
    for (Journal* one : {&a, &b}) {
        if (options.machine.empty() || !one->names_machines()) continue;
        one->keep_only(options.machine);
        if (one->lines.empty())
            return tl::unexpected(fmt::format("--machine {}: {} has no machine of that name", options.machine,
                                              one == &a ? options.a : options.b));
    }
    if (a.names_machines() == b.names_machines()) return {};
    return tl::unexpected(fmt::format("{} names no machine: say of which one it is: --machine NAME",
                                      a.names_machines() ? options.b : options.a));
}

} // namespace

int diff(const DiffOptions& options) {
    const auto tolerance = vrrp::sim::parse_duration(options.within);
    if (!tolerance || *tolerance < Duration{})
        return complain(fmt::format("--within '{}': write a time, such as 50ms", options.within));
    auto a = read_file(options.a), b = read_file(options.b);
    for (const auto* one : {&a, &b})
        if (!*one) {
            fmt::print(stderr, "{}\n", one->error());
            return 2;
        }
    const auto ready = match_machines(options, *a, *b).and_then([&] { return begin_both(options, *a, *b); });
    if (!ready) return complain(ready.error());
    const auto difference = first_difference(*a, *b, *tolerance);
    if (!difference) {
        fmt::print("alike: the same decisions in both\n");
        return 0;
    }
    fmt::print("{}: decision {} is the first that differs, after {} s\n\n", difference->place,
               difference->alike + 1, seconds(difference->time()));
    print_side(options.a, difference->a);
    print_side(options.b, difference->b);
    print_before(options.a, *a, difference->time());
    print_before(options.b, *b, difference->time());
    return 1;
}

} // namespace vrrplab
