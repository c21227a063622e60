#include "apps/state_table.hpp"

#include "apps/health.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabel = 14;

// How many bytes of at most `room` end with a whole UTF-8 character.
std::size_t whole_characters(const std::string& text, std::size_t room) {
    while (room > 1 && room < text.size() && (text[room] & 0xc0) == 0x80)
        --room;
    return room;
}

// The words after `head`, wrapped under one another. What is longer than a line, as a path may be, is cut.
std::string wrapped(std::string line, std::vector<std::string> words) {
    const std::string margin(kLabel + 2, ' ');
    std::string text;
    bool empty = true; // nothing but the head or the margin
    for (std::string& word : words) {
        if (!empty && line.size() + 1 + word.size() > kColumns) {
            text += line + "\n";
            line = margin;
            empty = true;
        }
        if (!empty) line += " ";
        for (; line.size() + word.size() > kColumns; line = margin) {
            const std::size_t room = whole_characters(word, kColumns - line.size());
            text += line + word.substr(0, room) + "\n";
            word.erase(0, room);
        }
        line += word;
        empty = false;
    }
    return text + line + "\n";
}

// "  label     word word ..."
std::string row(const std::string& label, std::vector<std::string> words) {
    return wrapped(fmt::format("  {:<{}}", label, kLabel), std::move(words));
}

std::vector<std::string> words_of(const std::string& sentence) {
    std::istringstream in(sentence);
    return {std::istream_iterator<std::string>(in), {}};
}

std::string priority_text(const ordered_json& vr) {
    const int priority = vr["priority"].get<int>(), sum = vr.value("checks_sum", 0);
    if (vr["owner"].get<bool>()) return fmt::format("priority {} (owner)", priority);
    if (sum == 0) return fmt::format("priority {}", priority);
    return fmt::format("priority {} ({} and {:+} by its checks)", priority,
                       vr["priority_without_checks"].get<int>(), sum);
}

// "10.0.0.1/24 dev eth1", where it is not simply on the virtual router's interface.
std::vector<std::string> addresses_of(const ordered_json& vr) {
    std::vector<std::string> addresses = vr["addresses"];
    if (!vr.contains("places")) return addresses;
    for (std::string& one : addresses)
        if (const auto place = vr["places"].find(one.substr(0, one.find('/'))); place != vr["places"].end())
            one += " " + place->get<std::string>();
    return addresses;
}

std::string router_block(const ordered_json& vr) {
    const ordered_json& counters = vr["counters"];
    std::string text = fmt::format("{}  {}  for {}\n", name_of(vr), vr["state"].get<std::string>(),
                                   since_text(vr["since"].get<double>()));
    text += row("reason", {spaces_for_underscores(vr["reason"].get<std::string>())});
    const bool has_master = vr["master"].is_object();
    text += row("master",
                {has_master ? fmt::format("{} (priority {})", vr["master"]["address"].get<std::string>(),
                                          vr["master"]["priority"].get<int>())
                            : "none known"});
    text += row("addresses", addresses_of(vr));
    text += row("settings", {fmt::format("version {},", vr["version"].get<int>()), priority_text(vr) + ",",
                             fmt::format("every {} s,", vr["delay"].get<double>()),
                             vr["preempt"].get<bool>() ? "preempt," : "no preempt,",
                             fmt::format("authentication {}", vr["authentication"].get<std::string>())});
    if (!vr["peers"].empty()) text += row("peers", vr["peers"].get<std::vector<std::string>>());
    if (!vr["operator"].is_null())
        text += row("operator", {vr["operator"] == "hold" ? "keeps it backup whatever happens"
                                                          : "asked it to yield to any other master"});
    if (!vr["group"].is_null()) text += row("group", {vr["group"].get<std::string>()});
    if (vr.contains("checks") && !vr["checks"].empty())
        text += row("checks", vr["checks"].get<std::vector<std::string>>());
    for (const char* script : {"master", "backup", "fault", "stop", "notify"})
        if (const auto path = vr["scripts"].find(script); path != vr["scripts"].end() && !path->is_null())
            text += row(fmt::format("{} script", script), {path->get<std::string>()});
    text += row("process", {std::to_string(vr["pid"].get<int>())});
    text +=
        row("MAC", {vr["virtual_mac"].is_null() ? "the interface's" : vr["virtual_mac"].get<std::string>()});
    text += row("counted",
                {fmt::format("{} sent,", counters["advertisements_sent"].get<std::uint64_t>()),
                 fmt::format("{} received,", counters["advertisements_received"].get<std::uint64_t>()),
                 fmt::format("{} times master,", counters["became_master"].get<std::uint64_t>()),
                 fmt::format("{} rivals,", counters["rivals_heard"].get<std::uint64_t>()),
                 fmt::format("{} not sent,", counters["send_failures"].get<std::uint64_t>()),
                 fmt::format("at most {:.1f} ms late", counters["worst_lateness"].get<double>() * 1e3)});
    return text;
}

std::string cut(std::string text, std::size_t width) {
    if (text.size() <= width) return text;
    return text.substr(0, whole_characters(text, width - 1)) + "~";
}

std::string line(const std::string& interface, const std::string& vrid, const std::string& state,
                 const std::string& since, const std::string& priority, const std::string& master) {
    return fmt::format("{:<15} {:<5} {:<10} {:<12} {:>4}  {}\n", cut(interface, 15), vrid, state, since,
                       priority, cut(master, kColumns - 53));
}

// One line each. "51/6" is VRID 51 over IPv6.
std::string lines(const ordered_json& virtual_routers) {
    std::string text = line("interface", "vrid", "state", "for", "prio", "master");
    for (const ordered_json& one : virtual_routers)
        text += line(one["interface"],
                     fmt::format("{}{}", one["vrid"].get<int>(), one["family"] == "IPv6" ? "/6" : ""),
                     one["state"], since_text(one["since"].get<double>()),
                     std::to_string(one["priority"].get<int>()),
                     one["master"].is_object() ? one["master"]["address"].get<std::string>() : "none known");
    return text;
}

// As one process sees it. Its number is told where another one sees it otherwise.
std::string group_block(const ordered_json& group, bool disputed) {
    std::vector<std::string> members;
    for (const ordered_json& one : group["members"])
        members.push_back(
            fmt::format("{} {},", one["name"].get<std::string>(), one["stance"].get<std::string>()));
    if (!members.empty()) members.back().pop_back();
    std::string verdict =
        group["fit"].get<bool>() ? "fit" : "cannot lead: " + group["trouble"].get<std::string>();
    if (group.value("crossed_priorities", false))
        verdict += ", and its priorities are crossed with another machine's";
    if (disputed)
        verdict += fmt::format(" (process {}, -M {})", group.value("pid", 0), group["minimum"].get<int>());
    std::vector<std::string> words = words_of(verdict);
    words.insert(words.begin(), group["name"].get<std::string>() + " ");
    return wrapped("group ", std::move(words)) + row("members", members);
}

// What must be the same whichever of the group's processes tells it.
bool agree(const ordered_json& a, const ordered_json& b) {
    return a["minimum"] == b["minimum"] && a["fit"] == b["fit"] && a["trouble"] == b["trouble"];
}

// Each group once, or once for each opinion that its processes have of it.
std::string group_blocks(const ordered_json& groups) {
    std::map<std::string, std::vector<const ordered_json*>> opinions;
    std::vector<std::string> names; // in the order in which they are told
    for (const ordered_json& one : groups) {
        const std::string name = one["name"];
        auto& of_group = opinions[name];
        if (of_group.empty()) names.push_back(name);
        const auto same = [&](const ordered_json* other) { return agree(one, *other); };
        if (std::ranges::none_of(of_group, same)) of_group.push_back(&one);
    }
    std::string text;
    for (const std::string& name : names)
        for (const ordered_json* one : opinions[name])
            text += group_block(*one, opinions[name].size() > 1);
    return text;
}

// "check uplink  fails  for 3.0 s"
std::string check_block(const ordered_json& check) {
    std::string text = fmt::format("check {}  {}", check["name"].get<std::string>(),
                                   spaces_for_underscores(check["state"].get<std::string>()));
    if (check["state"] == "unknown") return text + "\n";
    text += fmt::format("  for {}\n", since_text(check["since"].get<double>()));
    text += row("reason", words_of(check["reason"].get<std::string>()));
    if (check["kind"] == "file") return text + row("adds", {fmt::format("{:+}", check["adds"].get<int>())});
    if (check["weight"].is_null()) return text;
    return text + row("weight", {fmt::format("{:+},", check["weight"].get<int>()),
                                 fmt::format("adds {:+}", check["adds"].get<int>())});
}

// Several processes may have one interface, and each sees all of its frames: what the one that dropped most has
// dropped is what there was.
std::string interface_blocks(const ordered_json& interfaces) {
    struct Interface {
        std::string name, obstacle{};
        std::map<std::string, std::uint64_t> dropped{}; // by reason
    };
    std::vector<Interface> all; // in the order in which they are told
    for (const ordered_json& one : interfaces) {
        const std::string name = one["name"];
        auto known = std::ranges::find(all, name, &Interface::name);
        if (known == all.end()) known = all.insert(known, {.name = name});
        if (const ordered_json obstacle = one.value("obstacle", ordered_json()); obstacle.is_string())
            known->obstacle = obstacle;
        for (const auto& [reason, count] : one["dropped"].items()) {
            std::uint64_t& most = known->dropped[reason];
            most = std::max(most, count.get<std::uint64_t>());
        }
    }
    std::string text;
    for (const Interface& one : all) {
        std::vector<std::string> dropped;
        for (const auto& [reason, count] : one.dropped)
            dropped.push_back(fmt::format("{} {}", count, reason));
        if (!dropped.empty() || !one.obstacle.empty()) text += one.name + "\n";
        if (!one.obstacle.empty()) text += row("obstacle", words_of(one.obstacle));
        if (!dropped.empty()) text += row("dropped", dropped);
    }
    return text;
}

} // namespace

std::string state_table(const ordered_json& status) {
    std::string text = wrapped("", words_of(summary(status)));
    for (const std::string& finding : finding_texts(status))
        text += wrapped("finding ", words_of(finding));
    const ordered_json& virtual_routers = status["virtual_routers"];
    if (virtual_routers.size() > kMostBlocks)
        text += lines(virtual_routers);
    else
        for (const ordered_json& one : virtual_routers)
            text += router_block(one);
    text += group_blocks(status["groups"]);
    if (status.contains("checks"))
        for (const ordered_json& one : status["checks"])
            text += check_block(one);
    return text + interface_blocks(status["interfaces"]);
}

} // namespace vrrp
