#include "tools/vrrplab/diff/journals.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

namespace vrrplab {
namespace {

using Json = nlohmann::ordered_json;
using vrrp::Duration;

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Nothing of a line that is no moment: a result, or what the state was at first.
tl::expected<std::optional<JournalLine>, std::string> read_line(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object())
        return tl::unexpected<std::string>("this is no JSON object");
    const auto time = json.find("time");
    if (time == json.end() || !time->is_number_integer()) return std::nullopt;
    JournalLine line{.time = Duration(time->get<std::int64_t>()),
                     .machine = text_at(json, "machine"),
                     .text = text_at(json, "text"),
                     .said = std::move(json)};
    line.is_decision = line.said.contains("event");
    return line;
}

bool is_close(double a, double b, Duration tolerance) {
    return std::abs(a - b) <= std::chrono::duration<double>(tolerance).count() + 1e-9;
}

// Times are compared apart, and sentences are made of the rest.
bool says_the_same(const Json& a, const Json& b, Duration tolerance) {
    static constexpr std::string_view kLeftOut[] = {"time", "text", "kind", "machine"};
    const auto counts = [](const std::string& key) { return std::ranges::count(kLeftOut, key) == 0; };
    const auto counted = [&](const Json& json) {
        return std::ranges::count_if(json.items(), [&](const auto& one) { return counts(one.key()); });
    };
    if (counted(a) != counted(b)) return false;
    return std::ranges::all_of(a.items(), [&](const auto& one) {
        if (!counts(one.key())) return true;
        const auto other = b.find(one.key());
        if (other == b.end()) return false;
        if (one.value().is_number_float() && other->is_number())
            return is_close(one.value().template get<double>(), other->template get<double>(), tolerance);
        return one.value() == *other;
    });
}

using Places = std::map<std::string, std::vector<const JournalLine*>>;

Places places_of(const Journal& journal) {
    Places places;
    for (const JournalLine& line : journal.lines)
        if (line.is_decision) places[line.place()].push_back(&line);
    return places;
}

} // namespace

std::string JournalLine::place() const {
    std::string place = machine;
    for (const char* key : {"interface", "vrid", "family"})
        if (const auto found = said.find(key); found != said.end())
            place +=
                (place.empty() ? "" : " ") + (found->is_string() ? found->get<std::string>() : found->dump());
    return place;
}

bool Journal::names_machines() const {
    return std::ranges::any_of(lines, [](const JournalLine& one) { return !one.machine.empty(); });
}

void Journal::keep_only(const std::string& machine) {
    std::erase_if(lines, [&](const JournalLine& one) { return one.machine != machine; });
    for (JournalLine& one : lines)
        one.machine.clear();
}

bool Journal::begin_with(std::string_view text) {
    const auto first = std::ranges::find_if(lines, [&](const JournalLine& one) {
        return one.is_decision && one.text.find(text) != std::string::npos;
    });
    if (first == lines.end()) return false;
    lines.erase(lines.begin(), first);
    const Duration start = lines.front().time;
    for (JournalLine& line : lines)
        line.time -= start;
    return true;
}

tl::expected<Journal, std::string> read_journal(std::string_view text) {
    Journal journal;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string one(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty()) continue;
        auto line = read_line(one);
        if (!line) return tl::unexpected(fmt::format("{}: {}", number, line.error()));
        if (*line) journal.lines.push_back(**std::move(line));
    }
    std::ranges::stable_sort(journal.lines, {}, &JournalLine::time);
    if (!journal.begin_with(""))
        return tl::unexpected<std::string>(
            "1: no decision: it is no journal of vrrplab sim --json or atropos --watch --json");
    return journal;
}

Duration Difference::time() const {
    if (a == nullptr || b == nullptr) return (a == nullptr ? b : a)->time;
    return std::min(a->time, b->time);
}

std::optional<Difference> first_difference(const Journal& a, const Journal& b, Duration tolerance) {
    Places ours = places_of(a), theirs = places_of(b);
    for (const auto& [place, lines] : theirs)
        ours.try_emplace(place);
    std::optional<Difference> first;
    for (const auto& [place, lines] : ours) {
        const auto& others = theirs[place];
        for (std::size_t i = 0; i < std::max(lines.size(), others.size()); ++i) {
            const Difference here{.place = place,
                                  .alike = i,
                                  .a = i < lines.size() ? lines[i] : nullptr,
                                  .b = i < others.size() ? others[i] : nullptr};
            if (here.a != nullptr && here.b != nullptr &&
                std::chrono::abs(here.a->time - here.b->time) <= tolerance &&
                says_the_same(here.a->said, here.b->said, tolerance))
                continue;
            if (!first || here.time() < first->time()) first = here;
            break;
        }
    }
    return first;
}

} // namespace vrrplab
