#include "core/daemon/metrics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace vrrp {
namespace {

using nlohmann::ordered_json;
using Labels = decltype(Sample::labels);
using Samples = std::vector<Sample>;

struct MachineFacts {
    const ordered_json& state;
    std::span<const AskedSocket> sockets;
};

struct MetricRow {
    Metric metric;
    const char* key; // in what the state says of the thing; empty: `fill` knows
    void (*fill)(const MetricRow& row, const MachineFacts& facts, Samples& out);
};

double number_in(const ordered_json& value) {
    return value.is_boolean() ? static_cast<double>(value.get<bool>()) : value.get<double>();
}

std::string text_in(const ordered_json& value) {
    return value.get<std::string>();
}

// --- Processes

template <AskedSocket::Outcome Outcome>
void count_sockets(const MetricRow&, const MachineFacts& facts, Samples& out) {
    out.push_back(
        {{}, static_cast<double>(std::ranges::count(facts.sockets, Outcome, &AskedSocket::outcome))});
}

void tell_sockets(const MetricRow&, const MachineFacts& facts, Samples& out) {
    for (const AskedSocket& one : facts.sockets)
        out.push_back({{{"socket", one.path}}, one.outcome == AskedSocket::answered ? 1.0 : 0.0});
}

void count_versions(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<std::string, int> versions;
    for (const ordered_json& one : facts.state.at("processes"))
        ++versions[text_in(one.at("version"))];
    for (const auto& [version, count] : versions)
        out.push_back({{{"version", version}}, static_cast<double>(count)});
}

// The worst of the processes; nothing while none knows it.
void tell_lateness(const MetricRow& row, const MachineFacts& facts, Samples& out) {
    std::optional<double> worst;
    for (const ordered_json& one : facts.state.at("processes"))
        if (const auto known = one.find("lateness"); known != one.end() && !known->at(row.key).is_null())
            worst = std::max(worst.value_or(0), number_in(known->at(row.key)));
    if (worst) out.push_back({{}, *worst});
}

// --- Virtual routers

Labels labels_of(const ordered_json& one) {
    return {{"interface", text_in(one.at("interface"))},
            {"vrid", std::to_string(one.at("vrid").get<int>())},
            {"family", text_in(one.at("family"))}};
}

Labels labels_with(Labels labels, const char* name, std::string value) {
    labels.emplace_back(name, std::move(value));
    return labels;
}

void tell_masters(const MetricRow&, const MachineFacts& facts, Samples& out) {
    for (const ordered_json& one : facts.state.at("virtual_routers"))
        out.push_back({labels_of(one), one.at("state") == "master" ? 1.0 : 0.0});
}

void tell_states(const MetricRow&, const MachineFacts& facts, Samples& out) {
    for (const ordered_json& one : facts.state.at("virtual_routers"))
        for (const char* state : {"initialize", "backup", "master"})
            out.push_back(
                {labels_with(labels_of(one), "state", state), one.at("state") == state ? 1.0 : 0.0});
}

void tell_virtual_routers(const MetricRow& row, const MachineFacts& facts, Samples& out) {
    for (const ordered_json& one : facts.state.at("virtual_routers"))
        out.push_back({labels_of(one), number_in(one.at(row.key))});
}

void tell_counters(const MetricRow& row, const MachineFacts& facts, Samples& out) {
    for (const ordered_json& one : facts.state.at("virtual_routers"))
        out.push_back({labels_of(one), number_in(one.at("counters").at(row.key))});
}

void count_findings(const MetricRow&, const MachineFacts& facts, Samples& out) {
    for (const ordered_json& one : facts.state.at("virtual_routers")) {
        std::map<std::string, int> kinds;
        for (const ordered_json& finding : one.at("findings"))
            ++kinds[text_in(finding.at("kind"))];
        for (const auto& [kind, count] : kinds)
            out.push_back({labels_with(labels_of(one), "kind", kind), static_cast<double>(count)});
    }
}

// --- What several processes tell of

void put_samples(const std::map<Labels, double>& values, Samples& out) {
    for (const auto& [labels, value] : values)
        out.push_back({labels, value});
}

void keep_most(std::map<Labels, double>& values, Labels labels, double value) {
    const auto [place, is_new] = values.try_emplace(std::move(labels), value);
    if (!is_new) place->second = std::max(place->second, value);
}

// Each process tells of its group: the worst of them counts.
void tell_fit(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<Labels, double> fit;
    for (const ordered_json& one : facts.state.at("groups")) {
        const auto [place, is_new] =
            fit.try_emplace({{"group", text_in(one.at("name"))}}, number_in(one.at("fit")));
        if (!is_new) place->second = std::min(place->second, number_in(one.at("fit")));
    }
    put_samples(fit, out);
}

void tell_members(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<Labels, double> members;
    for (const ordered_json& one : facts.state.at("groups"))
        keep_most(members, {{"group", text_in(one.at("name"))}},
                  static_cast<double>(one.at("members").size()));
    put_samples(members, out);
}

// Processes may have a check of one name; the worst of them counts, as an operator would have it.
using CheckKey = std::pair<std::string, std::string>; // name, kind
std::map<CheckKey, const ordered_json*> worst_checks(const ordered_json& state) {
    std::map<CheckKey, const ordered_json*> worst;
    for (const ordered_json& one : state.at("checks")) {
        const auto [place, is_new] =
            worst.try_emplace({text_in(one.at("name")), text_in(one.at("kind"))}, &one);
        if (!is_new && place->second->at("state") == "passes" && one.at("state") != "passes")
            place->second = &one;
    }
    return worst;
}

template <typename Value> // of a check; nothing to tell where it is none
void tell_checks(const MachineFacts& facts, Samples& out, Value&& value) {
    for (const auto& [key, one] : worst_checks(facts.state))
        if (const std::optional<double> told = value(*one))
            out.push_back({{{"check", key.first}, {"kind", key.second}}, *told});
}

void tell_passing(const MetricRow&, const MachineFacts& facts, Samples& out) {
    tell_checks(facts, out, [](const ordered_json& one) -> std::optional<double> {
        return one.at("state") == "passes" ? 1.0 : 0.0;
    });
}

void tell_check_ages(const MetricRow&, const MachineFacts& facts, Samples& out) {
    tell_checks(facts, out, [](const ordered_json& one) -> std::optional<double> {
        if (one.at("state") == "unknown") return std::nullopt;
        return number_in(one.at("since"));
    });
}

void tell_added(const MetricRow&, const MachineFacts& facts, Samples& out) {
    tell_checks(facts, out,
                [](const ordered_json& one) -> std::optional<double> { return number_in(one.at("adds")); });
}

void tell_up(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<Labels, double> up;
    for (const ordered_json& one : facts.state.at("interfaces"))
        up[{{"interface", text_in(one.at("name"))}}] =
            one.at("present").get<bool>() && one.at("up").get<bool>() && one.at("carrier").get<bool>() ? 1.0
                                                                                                       : 0.0;
    put_samples(up, out);
}

// Processes on one interface hear the same frames: who heard most counts.
void tell_received(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<Labels, double> received;
    for (const ordered_json& one : facts.state.at("interfaces"))
        keep_most(received, {{"interface", text_in(one.at("name"))}}, number_in(one.at("frames_received")));
    put_samples(received, out);
}

void tell_dropped(const MetricRow&, const MachineFacts& facts, Samples& out) {
    std::map<Labels, double> dropped;
    for (const ordered_json& one : facts.state.at("interfaces"))
        for (const auto& [reason, count] : one.at("dropped").items())
            keep_most(dropped, {{"interface", text_in(one.at("name"))}, {"reason", reason}},
                      number_in(count));
    put_samples(dropped, out);
}

// --- The table

constexpr const char* kVirtualRouterLabels = "interface, vrid, family";
constexpr MetricType kGauge = MetricType::gauge;
constexpr MetricType kCounter = MetricType::counter;

constexpr MetricRow kMetrics[] = {
    {{"vrrp_processes", kGauge, "", "", "vrrpds of this machine that answer."},
     "",
     count_sockets<AskedSocket::answered>},
    {{"vrrp_processes_silent", kGauge, "", "", "vrrpds of this machine that do not answer."},
     "",
     count_sockets<AskedSocket::silent>},
    {{"vrrp_up", kGauge, "", "socket",
      "1 where the vrrpd of this control socket answers; 0 where it does not, or died and left the socket "
      "behind."},
     "",
     tell_sockets},
    {{"vrrp_version_processes", kGauge, "", "version", "vrrpds of each version."}, "", count_versions},

    {{"vrrp_wakes_within_seconds", kGauge, "seconds", "",
      "99.9 % of the wakes of the vrrpds are no later than this."},
     "wakes_within",
     tell_lateness},
    {{"vrrp_heard_within_seconds", kGauge, "seconds", "",
      "99.9 % of the advertisements of masters are heard no later than this."},
     "heard_within",
     tell_lateness},
    {{"vrrp_safe_interval_seconds", kGauge, "seconds", "",
      "The shortest advertisement interval that is safe on this machine and its networks."},
     "safe_interval",
     tell_lateness},

    {{"vrrp_master", kGauge, "", kVirtualRouterLabels,
      "1 while this machine is master of the virtual router."},
     "",
     tell_masters},
    {{"vrrp_state", kGauge, "", "interface, vrid, family, state",
      "1 for the state that the virtual router is in, 0 for the others."},
     "",
     tell_states},
    {{"vrrp_priority", kGauge, "", kVirtualRouterLabels, "Priority that it advertises; 255 for the owner."},
     "priority",
     tell_virtual_routers},
    {{"vrrp_state_age_seconds", kGauge, "seconds", kVirtualRouterLabels, "Time since it entered its state."},
     "since",
     tell_virtual_routers},
    {{"vrrp_advertisement_interval_seconds", kGauge, "seconds", kVirtualRouterLabels,
      "Configured advertisement interval."},
     "delay",
     tell_virtual_routers},
    {{"vrrp_worst_lateness_seconds", kGauge, "seconds", kVirtualRouterLabels,
      "Latest of its timers since the start."},
     "worst_lateness",
     tell_counters},
    {{"vrrp_advertisements_sent_total", kCounter, "", kVirtualRouterLabels, "Advertisements sent."},
     "advertisements_sent",
     tell_counters},
    {{"vrrp_advertisements_received_total", kCounter, "", kVirtualRouterLabels, "Advertisements accepted."},
     "advertisements_received",
     tell_counters},
    {{"vrrp_resignations_received_total", kCounter, "", kVirtualRouterLabels,
      "Advertisements of priority 0 accepted."},
     "resignations_received",
     tell_counters},
    {{"vrrp_became_master_total", kCounter, "", kVirtualRouterLabels, "Times that it became master."},
     "became_master",
     tell_counters},
    {{"vrrp_rivals_heard_total", kCounter, "", kVirtualRouterLabels,
      "Advertisements of a lesser master heard while master."},
     "rivals_heard",
     tell_counters},
    {{"vrrp_router_advertisements_sent_total", kCounter, "", kVirtualRouterLabels,
      "Router advertisements to hosts, over IPv6."},
     "router_advertisements_sent",
     tell_counters},
    {{"vrrp_send_failures_total", kCounter, "", kVirtualRouterLabels, "Frames that could not be sent."},
     "send_failures",
     tell_counters},
    {{"vrrp_findings", kGauge, "", "interface, vrid, family, kind",
      "What is odd about the network, by kind."},
     "",
     count_findings},

    {{"vrrp_group_fit", kGauge, "", "group", "1 where the group may lead."}, "", tell_fit},
    {{"vrrp_group_members", kGauge, "", "group", "Members of the group on this machine."}, "", tell_members},

    {{"vrrp_check_passes", kGauge, "", "check, kind",
      "1 while the health check passes; 0 while it fails or has no result."},
     "",
     tell_passing},
    {{"vrrp_check_state_age_seconds", kGauge, "seconds", "check, kind", "Time since it passes or fails."},
     "",
     tell_check_ages},
    {{"vrrp_check_priority_added", kGauge, "", "check, kind", "What it adds to the priority of who uses it."},
     "",
     tell_added},

    {{"vrrp_interface_up", kGauge, "", "interface", "1 where the interface is up and has a carrier."},
     "",
     tell_up},
    {{"vrrp_frames_received_total", kCounter, "", "interface", "VRRP frames that the interface received."},
     "",
     tell_received},
    {{"vrrp_frames_dropped_total", kCounter, "", "interface, reason",
      "VRRP frames that were dropped, by reason."},
     "",
     tell_dropped},
};

// --- Text

// Label values may hold any character but these as it is.
std::string label_quoted(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string sample_line(const Metric& metric, const Sample& sample) {
    std::string labels;
    for (const auto& [name, value] : sample.labels)
        labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", name, label_quoted(value));
    return labels.empty() ? fmt::format("{} {}\n", metric.name, sample.value)
                          : fmt::format("{}{{{}}} {}\n", metric.name, labels, sample.value);
}

} // namespace

std::vector<Metric> metric_table() {
    std::vector<Metric> table;
    std::ranges::transform(kMetrics, std::back_inserter(table), &MetricRow::metric);
    return table;
}

std::vector<Measured> measure(const ordered_json& state, std::span<const AskedSocket> sockets) {
    std::vector<Measured> all;
    for (const MetricRow& row : kMetrics)
        row.fill(row, {state, sockets}, all.emplace_back(Measured{row.metric, {}}).samples);
    return all;
}

std::string metrics_text(const std::vector<Measured>& all) {
    std::string out;
    for (const Measured& one : all) {
        out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", one.metric.name, one.metric.help,
                           to_string(one.metric.type));
        for (const Sample& sample : one.samples)
            out += sample_line(one.metric, sample);
    }
    return out;
}

} // namespace vrrp
