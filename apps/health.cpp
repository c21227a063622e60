#include "apps/health.hpp"

#include "core/daemon/status.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kToldGroups = 3;   // more are counted
constexpr std::size_t kToldProblems = 3; // of a plugin's line: it is shown in a table

const ordered_json kNone = ordered_json::array();

// Reading never adds: a vrrpd of another version may leave a list out.
const ordered_json& list(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : kNone;
}

std::string finding_text(const ordered_json& finding, const std::string& where) {
    std::string text = fmt::format("{}: {}", where, finding.value("text", finding.value("finding", "?")));
    if (finding.contains("since")) text += ", since " + since_text(finding["since"].get<double>());
    if (const auto count = finding.value("count", 0); count > 1) text += fmt::format(", {} times", count);
    return text;
}

// "leads", "cannot lead", "is backup"
const char* standing(const ordered_json& group) {
    if (!group["fit"].get<bool>()) return "cannot lead";
    const ordered_json& members = list(group, "members");
    const bool leads = !members.empty() && std::ranges::all_of(members, [](const ordered_json& one) {
        return one["stance"] == "master";
    });
    return leads ? "leads" : "is backup";
}

// Each group once, with the worst that one of its processes says.
std::map<std::string, std::string> standings(const ordered_json& state) {
    std::map<std::string, std::string> standings;
    for (const ordered_json& group : list(state, "groups")) {
        std::string& told = standings[group["name"].get<std::string>()];
        const std::string now = standing(group);
        if (told.empty() || now == "cannot lead") told = now;
    }
    return standings;
}

std::string groups_text(const ordered_json& state) {
    const auto groups = standings(state);
    std::vector<std::string> texts;
    if (groups.size() <= kToldGroups) {
        for (const auto& [name, standing] : groups)
            texts.push_back(fmt::format("group {} {}", name, standing));
        return fmt::format("{}", fmt::join(texts, ", "));
    }
    const auto count = [&](const char* what) {
        return std::ranges::count_if(groups, [&](const auto& group) { return group.second == what; });
    };
    return fmt::format("{} groups: {} lead, {} are backup, {} cannot lead", groups.size(), count("leads"),
                       count("is backup"), count("cannot lead"));
}

std::size_t count_of(const ordered_json& state, const char* name) {
    return static_cast<std::size_t>(std::ranges::count_if(
        list(state, "virtual_routers"), [&](const ordered_json& one) { return one["state"] == name; }));
}

// Several processes of a machine tell of one group or interface, and may agree.
void tell_once(std::vector<std::string>& problems, const std::string& text) {
    if (std::ranges::find(problems, text) == problems.end()) problems.push_back(text);
}

void judge_group(const ordered_json& group, Health& health) {
    const std::string name = group["name"];
    if (group.value("crossed_priorities", false))
        tell_once(health.warning,
                  fmt::format("the priorities of group {} are crossed with another machine's", name));
    if (group["fit"].get<bool>()) return;
    const bool meant = group.value("reason", "") == "member_held";
    tell_once(meant ? health.warning : health.critical,
              fmt::format("group {} cannot lead: {}", name, group["trouble"].get<std::string>()));
}

void judge_virtual_router(const ordered_json& one, Health& health) {
    const std::string name = name_of(one);
    if (one["reason"] == "address_refused")
        health.critical.push_back(name + ": its address cannot be put on the interface");
    else if (one["reason"] == "start_delayed")
        health.warning.push_back(name + " waits for its start delay to pass");
    else if (one["state"] == "initialize" && one["reason"] != "link_down" &&
             one["reason"] != "interface_gone" && one["reason"] != "unusable")
        health.critical.push_back(fmt::format("{} takes no part in the election: {}", name,
                                              spaces_for_underscores(one["reason"].get<std::string>())));
    if (one["operator"].is_string())
        health.warning.push_back(fmt::format(
            "an operator {} {}", one["operator"] == "hold" ? "holds back" : "has asked to yield", name));
    if (one["state"] == "backup" && one["master"].is_null())
        health.warning.push_back(name + " is backup and hears no master");
}

// What that does to who uses it is told of them.
void judge_check(const ordered_json& one, Health& health) {
    if (one["state"] == "fails")
        health.warning.push_back(fmt::format("check {} fails: {}", one["name"].get<std::string>(),
                                             one["reason"].get<std::string>()));
}

void judge_interface(const ordered_json& one, Health& health) {
    const std::string name = one["name"];
    if (!one["present"].get<bool>())
        tell_once(health.critical, "there is no interface " + name);
    else if (!one["up"].get<bool>() || !one["carrier"].get<bool>())
        tell_once(health.critical, name + (one["up"].get<bool>() ? " has no carrier" : " is down"));
    else if (one.value("obstacle", ordered_json()).is_string()) // an older vrrpd does not say it
        tell_once(health.critical, one["obstacle"]);
}

} // namespace

ordered_json merged(std::vector<ordered_json> states) {
    ordered_json processes = kNone;
    std::map<std::string, ordered_json> lists;
    for (ordered_json& state : states) {
        for (const char* key : {"virtual_routers", "groups", "checks", "interfaces", "findings"}) {
            ordered_json& all = lists.try_emplace(key, kNone).first->second;
            for (ordered_json& one : state[key]) {
                one["pid"] = state["process"]["pid"];
                all.push_back(std::move(one));
            }
        }
        processes.push_back(std::move(state["process"]));
    }
    ordered_json all{{"schema", kStatusSchema}};
    all["processes"] = std::move(processes); // a braced list would copy them
    for (const char* key : {"virtual_routers", "groups", "checks", "interfaces", "findings"})
        all[key] = std::move(lists.try_emplace(key, kNone).first->second);
    return all;
}

std::string spaces_for_underscores(std::string text) {
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string since_text(double seconds) {
    const auto whole = static_cast<long>(seconds);
    if (whole < 60) return fmt::format("{:.1f} s", seconds);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
    return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string name_of(const ordered_json& one) {
    std::string name = one.value("interface", "?");
    if (one.contains("vrid")) name += fmt::format(" vrid {}", one["vrid"].get<int>());
    return one.value("family", "") == "IPv6" ? name + " IPv6" : name;
}

std::vector<std::string> finding_texts(const ordered_json& state) {
    std::vector<std::string> texts;
    for (const ordered_json& one : list(state, "findings"))
        texts.push_back(finding_text(one, name_of(one)));
    for (const ordered_json& one : list(state, "virtual_routers"))
        for (const ordered_json& finding : list(one, "findings"))
            texts.push_back(finding_text(finding, name_of(one)));
    for (const ordered_json& one : list(state, "interfaces"))
        for (const ordered_json& finding : list(one, "findings"))
            texts.push_back(finding_text(finding, one["name"].get<std::string>()));
    return texts;
}

Health health(const ordered_json& state) {
    Health health;
    std::map<std::string, ordered_json> minimums;
    for (const ordered_json& group : list(state, "groups")) {
        judge_group(group, health);
        const auto [first, is_first] = minimums.emplace(group["name"].get<std::string>(), group["minimum"]);
        if (!is_first && first->second != group["minimum"])
            tell_once(health.critical,
                      fmt::format("the processes of group {} disagree: -M {} and -M {}", first->first,
                                  first->second.get<int>(), group["minimum"].get<int>()));
    }
    for (const ordered_json& one : list(state, "checks"))
        judge_check(one, health);
    for (const ordered_json& one : list(state, "interfaces"))
        judge_interface(one, health);
    for (const ordered_json& one : list(state, "virtual_routers"))
        judge_virtual_router(one, health);
    for (const std::string& finding : finding_texts(state))
        health.warning.push_back(finding);
    return health;
}

std::string summary(const ordered_json& state) {
    const std::size_t all = list(state, "virtual_routers").size();
    std::vector<std::string> states;
    for (const char* name : {"master", "backup", "initialize"})
        if (const std::size_t count = count_of(state, name); count != 0)
            states.push_back(fmt::format("{} {}", count, name));
    std::string text = fmt::format("{} virtual router{}", all, all == 1 ? "" : "s");
    if (!states.empty()) text += fmt::format(": {}", fmt::join(states, ", "));
    if (const std::string groups = groups_text(state); !list(state, "groups").empty()) text += "; " + groups;
    if (const std::size_t findings = finding_texts(state).size(); findings != 0)
        text += fmt::format("; {} finding{}", findings, findings == 1 ? "" : "s");
    return text;
}

CheckResult check_result(const ordered_json& state, const std::vector<std::string>& silent) {
    const Health found = health(state);
    std::vector<std::string> problems = found.critical;
    problems.insert(problems.end(), silent.begin(), silent.end());
    problems.insert(problems.end(), found.warning.begin(), found.warning.end());
    const auto status = !found.critical.empty() ? CheckResult::critical
                        : !problems.empty()     ? CheckResult::warning
                                                : CheckResult::ok;
    static constexpr const char* kNames[] = {"OK", "WARNING", "CRITICAL"};
    const std::size_t masters = count_of(state, "master"), backups = count_of(state, "backup");
    std::string text = fmt::format("{} master, {} backup", masters, backups);
    if (!problems.empty()) {
        const std::size_t more = problems.size() > kToldProblems ? problems.size() - kToldProblems : 0;
        problems.resize(problems.size() - more);
        text = fmt::format("{}", fmt::join(problems, "; "));
        if (more != 0) text += fmt::format("; and {} more", more);
    }
    std::ranges::replace(text, '|', '/'); // what follows it is performance data
    return {status,
            fmt::format("VRRP {} - {} | masters={} backups={} initialize={} findings={}", kNames[status],
                        text, masters, backups, count_of(state, "initialize"), finding_texts(state).size())};
}

CheckResult nobody_answers(const std::string& why) {
    return {CheckResult::unknown, "VRRP UNKNOWN - " + why};
}

} // namespace vrrp
