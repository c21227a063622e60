#include "netsim/report/results.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vrrp::sim {
namespace {

// Control characters are none of XML 1.0, not even escaped: one in a title would make the file unreadable.
bool is_allowed_in_xml(char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += is_allowed_in_xml(c) ? c : '?';
        }
    }
    return out;
}

using Json = nlohmann::ordered_json;

// A file's name need not be UTF-8.
std::string in_one_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
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
        xml += one.trouble.empty() ? "/>\n"
                                   : fmt::format(">\n    <{0} message=\"{1}\">{2}</{0}>\n  </testcase>\n",
                                                 element, escaped(one.in_short), escaped(one.trouble));
    }
    return xml + "</testsuite>\n";
}

std::string json_lines(const Scenario& scenario, const RunResult& result, std::uint64_t seed) {
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
    const Json last = {{"kind", "result"},          {"file", scenario.file},
                       {"title", scenario.title},   {"seed", seed},
                       {"passed", result.passed()}, {"expectations", result.expectations},
                       {"events", result.events},   {"hash", fmt::format("{:016x}", result.journal.hash())},
                       {"failures", failures}};
    return lines + in_one_line(last);
}

std::string error_line(const std::string& file, std::uint64_t seed, const std::string& why) {
    return in_one_line({{"kind", "error"}, {"file", file}, {"seed", seed}, {"passed", false}, {"why", why}});
}

} // namespace vrrp::sim
