#include "apps/metrics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

// Label values may hold any character but these as it is.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// A family of samples, whose lines have to stand together.
class Family {
  public:
    Family(std::string& out, const char* name, const char* type, const char* help) : out_(out), name_(name) {
        out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    void add(const std::string& labels, double value) {
        out_ += labels.empty() ? fmt::format("{} {}\n", name_, value)
                               : fmt::format("{}{{{}}} {}\n", name_, labels, value);
    }

  private:
    std::string& out_;
    const char* name_;
};

template <typename Value>
void tell(std::string& out, const char* name, const char* type, const char* help,
          const std::map<std::string, Value>& by_labels) {
    Family family(out, name, type, help);
    for (const auto& [labels, value] : by_labels)
        family.add(labels, static_cast<double>(value));
}

std::string who(const ordered_json& one) {
    return fmt::format("interface={},vrid=\"{}\",family={}", quoted(one["interface"].get<std::string>()),
                       one["vrid"].get<int>(), quoted(one["family"].get<std::string>()));
}

struct Metric {
    const char* name;
    const char* type;
    const char* help;
    double (*value)(const ordered_json&);
};

double is_master(const ordered_json& one) {
    return one["state"] == "master";
}

constexpr Metric kOfVirtualRouters[] = {
    {"vrrp_master", "gauge", "1 while this machine is master of the virtual router.", is_master},
    {"vrrp_priority", "gauge", "Priority that it advertises; 255 for the owner.",
     [](const ordered_json& one) { return one["priority"].get<double>(); }},
    {"vrrp_state_age_seconds", "gauge", "Time since it entered its state.",
     [](const ordered_json& one) { return one["since"].get<double>(); }},
    {"vrrp_advertisement_interval_seconds", "gauge", "Configured advertisement interval.",
     [](const ordered_json& one) { return one["delay"].get<double>(); }},
    {"vrrp_worst_lateness_seconds", "gauge", "Latest of its timers since the start.",
     [](const ordered_json& one) { return one["counters"]["worst_lateness"].get<double>(); }},
};

struct Counter {
    const char* name;
    const char* help;
    const char* key; // in the state's counters
};

constexpr Counter kCounters[] = {
    {"vrrp_advertisements_sent_total", "Advertisements sent.", "advertisements_sent"},
    {"vrrp_advertisements_received_total", "Advertisements accepted.", "advertisements_received"},
    {"vrrp_resignations_received_total", "Advertisements of priority 0 accepted.", "resignations_received"},
    {"vrrp_became_master_total", "Times that it became master.", "became_master"},
    {"vrrp_rivals_heard_total", "Advertisements of a lesser master heard while master.", "rivals_heard"},
    {"vrrp_send_failures_total", "Frames that could not be sent.", "send_failures"},
};

void tell_virtual_routers(const ordered_json& all, std::string& out) {
    for (const Metric& metric : kOfVirtualRouters) {
        Family family(out, metric.name, metric.type, metric.help);
        for (const ordered_json& one : all)
            family.add(who(one), metric.value(one));
    }
    Family states(out, "vrrp_state", "gauge",
                  "1 for the state that the virtual router is in, 0 for the others.");
    for (const ordered_json& one : all)
        for (const char* state : {"initialize", "backup", "master"})
            states.add(fmt::format("{},state=\"{}\"", who(one), state), one["state"] == state);
    for (const Counter& counter : kCounters) {
        Family family(out, counter.name, "counter", counter.help);
        for (const ordered_json& one : all)
            family.add(who(one), one["counters"][counter.key].get<double>());
    }
    Family findings(out, "vrrp_findings", "gauge", "What is odd about the network, by kind.");
    for (const ordered_json& one : all) {
        std::map<std::string, int> kinds;
        for (const ordered_json& finding : one["findings"])
            ++kinds[finding["kind"].get<std::string>()];
        for (const auto& [kind, count] : kinds)
            findings.add(fmt::format("{},kind={}", who(one), quoted(kind)), count);
    }
}

// Each process tells of its group: the worst of them counts.
void tell_groups(const ordered_json& all, std::string& out) {
    std::map<std::string, bool> fit;
    std::map<std::string, std::size_t> members;
    for (const ordered_json& one : all) {
        const std::string name = "group=" + quoted(one["name"].get<std::string>());
        bool& worst = fit.try_emplace(name, true).first->second;
        worst = worst && one["fit"].get<bool>();
        members[name] = std::max(members[name], one["members"].size());
    }
    tell(out, "vrrp_group_fit", "gauge", "1 where the group may lead.", fit);
    tell(out, "vrrp_group_members", "gauge", "Members of the group on this machine.", members);
}

// Processes on one interface hear the same frames: who heard most counts.
void tell_interfaces(const ordered_json& all, std::string& out) {
    std::map<std::string, double> received;
    std::map<std::string, bool> up;
    std::map<std::string, double> dropped; // by labels
    for (const ordered_json& one : all) {
        const std::string name = "interface=" + quoted(one["name"].get<std::string>());
        received[name] = std::max(received[name], one["frames_received"].get<double>());
        up[name] = one["present"].get<bool>() && one["up"].get<bool>() && one["carrier"].get<bool>();
        for (const auto& [reason, count] : one["dropped"].items()) {
            double& most = dropped[name + ",reason=" + quoted(reason)];
            most = std::max(most, count.get<double>());
        }
    }
    tell(out, "vrrp_interface_up", "gauge", "1 where the interface is up and has a carrier.", up);
    tell(out, "vrrp_frames_received_total", "counter", "VRRP frames that the interface received.", received);
    tell(out, "vrrp_frames_dropped_total", "counter", "VRRP frames that were dropped, by reason.", dropped);
}

// Processes may have a check of one name; the worst of them counts, as an operator would have it.
void tell_checks(const ordered_json& all, std::string& out) {
    std::map<std::string, int> passing;
    std::map<std::string, double> ages, added;
    for (const ordered_json& one : all) {
        const bool known = one["state"] != "unknown";
        const std::string who = fmt::format("check={},kind={}", quoted(one["name"].get<std::string>()),
                                            quoted(one["kind"].get<std::string>()));
        const int passes = one["state"] == "passes" ? 1 : 0;
        const auto [place, is_new] = passing.try_emplace(who, passes);
        if (!is_new && passes >= place->second) continue;
        place->second = passes;
        if (known) ages[who] = one["since"].get<double>();
        added[who] = one["adds"].get<double>();
    }
    tell(out, "vrrp_check_passes", "gauge",
         "1 while the health check passes; 0 while it fails or has no result.", passing);
    tell(out, "vrrp_check_state_age_seconds", "gauge", "Time since it passes or fails.", ages);
    tell(out, "vrrp_check_priority_added", "gauge", "What it adds to the priority of who uses it.", added);
}

void tell_processes(const ordered_json& all, std::size_t silent, std::string& out) {
    Family(out, "vrrp_processes", "gauge", "vrrpds of this machine that answer.")
        .add("", static_cast<double>(all.size()));
    Family(out, "vrrp_processes_silent", "gauge", "vrrpds of this machine that do not answer.")
        .add("", static_cast<double>(silent));
    std::map<std::string, int> versions;
    for (const ordered_json& one : all)
        ++versions["version=" + quoted(one["version"].get<std::string>())];
    tell(out, "vrrp_version_processes", "gauge", "vrrpds of each version.", versions);
}

} // namespace

std::string metrics(const ordered_json& state, std::size_t silent) {
    std::string out;
    tell_processes(state["processes"], silent, out);
    tell_virtual_routers(state["virtual_routers"], out);
    tell_groups(state["groups"], out);
    tell_checks(state["checks"], out);
    tell_interfaces(state["interfaces"], out);
    return out;
}

} // namespace vrrp
