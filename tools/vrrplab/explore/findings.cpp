#include "tools/vrrplab/explore/findings.hpp"

#include "netsim/report/record.hpp"
#include "netsim/scenario/grammar.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <numeric>

namespace vrrplab {
namespace {

using Json = nlohmann::ordered_json;
using namespace vrrp::sim;

std::string counted(std::uint64_t number, const char* one, const char* many) {
    return fmt::format("{} {}", with_commas(number), number == 1 ? one : many);
}

std::vector<std::string> texts(const std::vector<Pick>& picks) {
    std::vector<std::string> all;
    for (const Pick& pick : picks)
        all.push_back(pick_text(pick));
    return all;
}

std::string one_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string kind_text(const std::string& name, const Explored::Kind& kind) {
    const Broken& first = kind.first.front();
    std::vector<std::uint64_t> numbers;
    for (const Broken& one : kind.first)
        numbers.push_back(one.number);
    std::string text = fmt::format("  {:>9}  {}: path{} {}{}\n             {} s: {}\n",
                                   with_commas(kind.paths), name, kind.paths == 1 ? "" : "s",
                                   fmt::join(numbers, ", "), kind.paths > numbers.size() ? ", ..." : "",
                                   time_text(first.failure.at), first.failure.seen);
    return text +
           fmt::format("             choices: {}\n",
                       first.picks.empty() ? "none" : fmt::format("{}", fmt::join(texts(first.picks), "; ")));
}

} // namespace

std::string to_string(const Bounds& bounds) {
    return fmt::format("{}, {}, {}, until {}", counted(bounds.budgets.losses, "loss", "losses"),
                       counted(bounds.budgets.crashes, "crash", "crashes"),
                       counted(bounds.budgets.reorders, "reorder", "reorders"), exact_text(bounds.until));
}

std::uint64_t Explored::paths() const {
    return std::accumulate(by_turns.begin(), by_turns.end(), std::uint64_t{0});
}

std::string Explored::text() const {
    std::string text = fmt::format("{}: {}: {}\n", file, to_string(bounds),
                                   held()          ? "all held"
                                   : violated != 0 ? with_commas(violated) + " violated"
                                                   : with_commas(given_up) + " given up");
    for (const auto& [name, kind] : kinds)
        text += kind_text(name, kind);
    if (given_up != 0 && violated != 0) text += fmt::format("  {:>9}  given up\n", with_commas(given_up));
    for (std::size_t turns = 0; turns < by_turns.size(); ++turns)
        text += fmt::format("  {:>9}  path{} with {} out of the ordinary\n", with_commas(by_turns[turns]),
                            by_turns[turns] == 1 ? "" : "s", turns == 0 ? "nothing" : std::to_string(turns));
    if (!exhausted) text += "  NOT EXHAUSTED: there are more paths\n";
    return text;
}

std::string Explored::json() const {
    std::string lines;
    for (const auto& [name, kind] : kinds) {
        Json first = Json::array();
        for (const Broken& one : kind.first)
            first.push_back({{"path", one.number},
                             {"subject", one.failure.subject},
                             {"time", time_text(one.failure.at)},
                             {"seen", one.failure.seen},
                             {"choices", texts(one.picks)}});
        lines += one_line({{"kind", "violation"},
                           {"file", file},
                           {"violated", name},
                           {"paths", kind.paths},
                           {"first", first}});
    }
    return lines + one_line({{"kind", "explored"},
                             {"file", file},
                             {"losses", bounds.budgets.losses},
                             {"crashes", bounds.budgets.crashes},
                             {"reorders", bounds.budgets.reorders},
                             {"until", exact_text(bounds.until)},
                             {"paths", paths()},
                             {"by_turns", by_turns},
                             {"exhausted", exhausted},
                             {"violated", violated},
                             {"given_up", given_up}});
}

} // namespace vrrplab
