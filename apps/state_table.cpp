#include "apps/state_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vrrp {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabel = 14;

std::string since_text(double seconds) {
    const auto whole = static_cast<long>(seconds);
    if (whole < 60) return fmt::format("{:.1f} s", seconds);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
    return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

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

std::string spaces_for_underscores(std::string text) {
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string router_block(const ordered_json& vr) {
    const ordered_json& counters = vr["counters"];
    std::string text = fmt::format("{} vrid {}{}  {}  for {}\n", vr["interface"].get<std::string>(),
                                   vr["vrid"].get<int>(), vr["family"] == "IPv6" ? " IPv6" : "",
                                   vr["state"].get<std::string>(), since_text(vr["since"].get<double>()));
    text += row("reason", {spaces_for_underscores(vr["reason"].get<std::string>())});
    const bool has_master = vr["master"].is_object();
    text += row("master",
                {has_master ? fmt::format("{} (priority {})", vr["master"]["address"].get<std::string>(),
                                          vr["master"]["priority"].get<int>())
                            : "none known"});
    text += row("addresses", vr["addresses"].get<std::vector<std::string>>());
    text += row("settings", {fmt::format("version {},", vr["version"].get<int>()),
                             fmt::format("priority {}{},", vr["priority"].get<int>(),
                                         vr["owner"].get<bool>() ? " (owner)" : ""),
                             fmt::format("every {} s,", vr["delay"].get<double>()),
                             vr["preempt"].get<bool>() ? "preempt," : "no preempt,",
                             fmt::format("authentication {}", vr["authentication"].get<std::string>())});
    if (!vr["operator"].is_null())
        text += row("operator", {vr["operator"] == "hold" ? "keeps it backup whatever happens"
                                                          : "asked it to yield to any other master"});
    if (!vr["group"].is_null()) text += row("group", {vr["group"].get<std::string>()});
    for (const char* script : {"master", "backup"})
        if (const auto& path = vr["scripts"][script]; !path.is_null())
            text += row(fmt::format("{} script", script), {path.get<std::string>()});
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

// The members as the process sees them that tells it; those of one group tell the same.
std::string group_block(const ordered_json& group) {
    std::vector<std::string> members;
    for (const ordered_json& one : group["members"])
        members.push_back(
            fmt::format("{} {},", one["name"].get<std::string>(), one["stance"].get<std::string>()));
    if (!members.empty()) members.back().pop_back();
    std::vector<std::string> verdict =
        words_of(group["fit"].get<bool>() ? "fit" : "cannot lead: " + group["trouble"].get<std::string>());
    verdict.insert(verdict.begin(), group["name"].get<std::string>() + " ");
    return wrapped("group ", std::move(verdict)) + row("members", members);
}

std::string interface_block(const ordered_json& interface) {
    std::vector<std::string> dropped;
    for (const auto& [reason, count] : interface["dropped"].items())
        dropped.push_back(fmt::format("{} {}", count.get<std::uint64_t>(), reason));
    if (dropped.empty()) return {};
    return fmt::format("{}\n", interface["name"].get<std::string>()) + row("dropped", dropped);
}

} // namespace

std::string state_table(const ordered_json& status) {
    std::string text;
    for (const ordered_json& one : status["virtual_routers"])
        text += router_block(one);
    std::vector<std::string> told; // each process of a shared group tells of it
    for (const ordered_json& one : status["groups"]) {
        const std::string block = group_block(one);
        const std::string name = one["name"];
        if (std::ranges::find(told, name) != told.end()) continue;
        told.push_back(name);
        text += block;
    }
    for (const ordered_json& one : status["interfaces"])
        text += interface_block(one);
    return text;
}

} // namespace vrrp
