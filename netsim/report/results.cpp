#include "netsim/report/results.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vrrp::sim {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

double seconds(std::chrono::nanoseconds duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

} // namespace

std::string junit(std::span<const Tested> tested) {
    std::chrono::nanoseconds total{};
    for (const Tested& one : tested)
        total += one.took;
    const auto errors = std::ranges::count(tested, true, &Tested::error);
    const auto troubled = std::ranges::count_if(tested, [](const Tested& t) { return !t.trouble.empty(); });
    std::string xml = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"vrrplab\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n",
        tested.size(), troubled - errors, errors, seconds(total));
    for (const Tested& one : tested) {
        xml += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", escaped(one.file),
                           escaped(one.title), seconds(one.took));
        const char* element = one.error ? "error" : "failure";
        xml += one.trouble.empty()
                   ? "/>\n"
                   : fmt::format(">\n    <{0}>{1}</{0}>\n  </testcase>\n", element, escaped(one.trouble));
    }
    return xml + "</testsuite>\n";
}

std::string json_lines(const Scenario& scenario, const RunResult& result, std::uint64_t seed) {
    using Json = nlohmann::ordered_json;
    std::string lines;
    for (const Record& record : result.journal.records())
        lines += to_json(record) + '\n';
    Json failures = Json::array();
    for (const Failure& failure : result.failures)
        failures.push_back({{"line", failure.place.line},
                            {"time", (failure.at - kStart).count()},
                            {"expected", failure.expected},
                            {"seen", failure.seen},
                            {"vacuous", failure.vacuous}});
    const Json last = {{"kind", "result"},
                       {"title", scenario.title},
                       {"seed", seed},
                       {"passed", result.passed()},
                       {"expectations", result.expectations},
                       {"events", result.events},
                       {"hash", fmt::format("{:016x}", result.journal.hash())},
                       {"failures", failures}};
    return lines + last.dump() + '\n';
}

} // namespace vrrp::sim
