// What monitoring is told of a machine: one table of metrics, and what each of them is now.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace vrrp {

enum class MetricType : std::uint8_t { gauge, counter };

// Names and units as OpenMetrics wants them: base units, the unit at the name's end, and then _total for what only
// grows. A name stays; what it means stays.
struct Metric {
    const char* name;
    MetricType type;
    const char* unit;   // "seconds"; empty: a number, or 0 and 1
    const char* labels; // "interface, vrid, family"
    const char* help;   // a sentence
};

struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

struct Measured {
    Metric metric;
    std::vector<Sample> samples;
};

// How the vrrpd of a control socket took the question.
struct AskedSocket {
    enum Outcome : std::uint8_t {
        answered,
        silent, // it lives, or nobody can tell, and it said nothing
        dead    // it left its socket behind
    };
    std::string path;
    Outcome outcome = answered;
};

// The whole table, in the order in which it is told.
std::vector<Metric> metric_table();

// Every metric of the table. `state` is what merged() makes of all that answered.
std::vector<Measured> measure(const nlohmann::ordered_json& state, std::span<const AskedSocket> sockets);

// In Prometheus' text format, which the node exporter's text file collector takes as well.
std::string metrics_text(const std::vector<Measured>& all);

constexpr const char* to_string(MetricType type) {
    return type == MetricType::gauge ? "gauge" : "counter";
}

} // namespace vrrp
