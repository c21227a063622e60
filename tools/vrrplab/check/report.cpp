#include "tools/vrrplab/check/report.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>

namespace vrrplab {
namespace {

using namespace vrrp;
using config::Gravity;
using config::Objection;

struct Column {
    const char* name;
    std::size_t width;
    bool right = false;
};
constexpr std::array kColumns{Column{"fault", 36}, Column{"outage", 9, true}, Column{"bound", 9, true},
                              Column{"whole", 5},  Column{"led", 12},         Column{"", 4}};
constexpr const char* kLegend =
    "outage: the worst that a host saw. whole: what belongs together moved together. led: at the "
    "end of the fault, then afterwards.";
constexpr std::size_t kVerdict = kColumns.size() - 1;

constexpr std::size_t table_width() {
    std::size_t width = kColumns.size() - 1; // the blanks between
    for (const Column& one : kColumns)
        width += one.width;
    return width;
}
static_assert(table_width() == kCheckWidth);

// At blanks; a word that is too long is cut.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines{""};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        std::string word = text.substr(at, end - at);
        at = end + 1;
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
        while (word.size() > width) {
            lines.back() = word.substr(0, width);
            word.erase(0, width);
            lines.emplace_back();
        }
        lines.back() += (lines.back().empty() ? "" : " ") + word;
    }
    return lines;
}

using Row = std::array<std::string, kColumns.size()>;

std::string row_text(const Row& row, const char* paint) {
    std::array<std::vector<std::string>, kColumns.size()> cells;
    std::size_t height = 1;
    for (std::size_t c = 0; c < kColumns.size(); ++c) {
        cells[c] = wrapped(row[c], kColumns[c].width);
        height = std::max(height, cells[c].size());
    }
    std::string text;
    for (std::size_t i = 0; i < height; ++i) {
        std::string line;
        for (std::size_t c = 0; c < kColumns.size(); ++c) {
            const std::string cell = i < cells[c].size() ? cells[c][i] : "";
            const bool painted = c == kVerdict && *paint != '\0' && !cell.empty();
            if (c != 0) line += ' ';
            line += painted             ? paint + cell + "\033[0m"
                    : kColumns[c].right ? fmt::format("{:>{}}", cell, kColumns[c].width)
                                        : fmt::format("{:<{}}", cell, kColumns[c].width);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

// Letters for the reasons why there is no bound, in the order in which they come.
class Excuses {
  public:
    std::string letters(const std::vector<const char*>& excuses) {
        std::string text;
        for (const std::string excuse : excuses) {
            auto known = std::ranges::find(known_, excuse);
            if (known == known_.end()) known = known_.insert(known_.end(), excuse);
            text += static_cast<char>('a' + (known - known_.begin()));
        }
        return text;
    }
    const std::vector<std::string>& known() const { return known_; }

  private:
    std::vector<std::string> known_; // a handful: the catalogue's
};

std::string led_text(const sim::StoryOutcome& outcome) {
    const auto names = [](const std::vector<std::string>& all) {
        return all.empty() ? "nobody" : fmt::format("{}", fmt::join(all, "+"));
    };
    if (outcome.led == outcome.leads) return names(outcome.led);
    return fmt::format("{}, {}", names(outcome.led), names(outcome.leads));
}

Row row_of(const CheckedStory& story, Excuses& excuses) {
    return {story.title,
            story.outcome.outage == Duration{} ? "none" : to_string(story.outcome.outage),
            story.bound ? to_string(*story.bound) : fmt::format("({})", excuses.letters(story.excuses)),
            !story.outcome.whole   ? "-"
            : *story.outcome.whole ? "yes"
                                   : "no",
            led_text(story.outcome),
            story.passed() ? "ok" : "FAIL"};
}

std::size_t count(std::span<const Objection> objections, bool notes) {
    return static_cast<std::size_t>(std::ranges::count_if(
        objections, [&](const Objection& one) { return (one.gravity == Gravity::note) == notes; }));
}

// A router that was told by a command line has no file.
bool is_in_a_file(const config::Place& place) {
    return place.file.find_first_of("./") != std::string::npos;
}

std::string escaped_for_github(std::string_view text, bool property) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            out += fmt::format("%{:02X}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out;
}

std::string annotation(const char* level, const std::string& file, std::size_t line, std::size_t column,
                       const std::string& text) {
    std::string where;
    if (!file.empty()) where = fmt::format("file={},", escaped_for_github(file, true));
    if (!file.empty() && line != 0) where += fmt::format("line={},", line);
    if (!file.empty() && column != 0) where += fmt::format("col={},", column);
    return fmt::format("::{} {}title=vrrplab check::{}\n", level, where, escaped_for_github(text, false));
}

std::string in_a_cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '\\' || c == '`' || c == '<' || c == '*' || c == '_') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

using Json = nlohmann::ordered_json;

std::string in_one_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace

std::string site_legend(const sim::Site& site) {
    std::string text;
    for (std::size_t n = 0; n < site.networks.size(); ++n) {
        const sim::SiteNetwork& network = site.networks[n];
        std::vector<std::string> parts, asked;
        for (const sim::SitePort& port : network.ports)
            parts.push_back(fmt::format("{} {} {}", site.router(port.router), port.interface,
                                        port.own.empty() ? "" : to_string(port.own.front())));
        for (const sim::SiteHost& host : site.hosts)
            if (host.network == n)
                asked.push_back(host.gateway
                                    ? fmt::format("{} asks {}", host.name, to_string(*host.gateway))
                                    : fmt::format("{} {}", host.name, to_string(host.own.front().address)));
        std::string line = fmt::format("{}: {}", network.name, fmt::join(parts, ", "));
        if (!asked.empty()) line += fmt::format("; {}", fmt::join(asked, ", "));
        for (const std::string& piece : wrapped(line, kCheckWidth - 2))
            text += (piece.starts_with(network.name + ":") ? "" : "  ") + piece + '\n';
    }
    std::vector<std::string> flows;
    for (const auto& [from, to] : site.flows)
        flows.push_back(fmt::format("{} and {}", site.hosts[from].name, site.hosts[to].name));
    if (!flows.empty())
        for (const std::string& piece :
             wrapped(fmt::format("through the gateways: {}", fmt::join(flows, ", ")), kCheckWidth))
            text += piece + '\n';
    return text;
}

std::string story_table(std::span<const CheckedStory> stories, bool colour) {
    Row head;
    for (std::size_t c = 0; c < kColumns.size(); ++c)
        head[c] = kColumns[c].name;
    std::string text = row_text(head, "");
    Excuses excuses;
    for (const CheckedStory& story : stories)
        text += row_text(row_of(story, excuses), !colour ? "" : story.passed() ? "\033[32m" : "\033[1;31m");
    for (const std::string& piece : wrapped(kLegend, kCheckWidth))
        text += piece + '\n';
    for (std::size_t i = 0; i < excuses.known().size(); ++i) {
        std::string mark = fmt::format("({}) ", static_cast<char>('a' + i));
        for (const std::string& piece : wrapped(excuses.known()[i], kCheckWidth - mark.size())) {
            text += mark + piece + '\n';
            mark = "    ";
        }
    }
    return text;
}

std::string objection_lines(std::span<const Objection> objections) {
    std::string text;
    for (const Objection& one : objections)
        text += fmt::format("{}: {}: {}\n", to_text(one.place), to_string(one.gravity), one.text);
    return text;
}

std::string check_summary(std::span<const CheckedStory> stories, std::span<const Objection> objections) {
    const auto held = static_cast<std::size_t>(std::ranges::count_if(stories, &CheckedStory::passed));
    std::string text;
    if (stories.empty())
        text = "no fault was tried";
    else
        text = fmt::format("{} fault{}: {} held", stories.size(), stories.size() == 1 ? "" : "s", held);
    if (held != stories.size()) text += fmt::format(", {} did not", stories.size() - held);
    const std::size_t wrong = count(objections, false), notes = count(objections, true);
    if (wrong != 0) text += fmt::format("; {} thing{} wrong", wrong, wrong == 1 ? " is" : "s are");
    if (notes != 0) text += fmt::format("; {} to look at", notes);
    return text + '\n';
}

std::string github_annotations(std::span<const CheckedStory> stories, std::span<const Objection> objections) {
    std::string text;
    for (const Objection& one : objections) {
        const bool note = one.gravity == Gravity::note;
        const bool has_file = is_in_a_file(one.place);
        text += annotation(note ? "warning" : "error", has_file ? one.place.file : "", one.place.line,
                           one.place.column, has_file ? one.text : to_text(one.place) + ": " + one.text);
    }
    for (const CheckedStory& story : stories)
        if (!story.passed())
            text += annotation("error", story.kept, story.line, 0, story.title + ": " + story.in_short);
    return text;
}

std::string markdown_summary(std::span<const CheckedStory> stories, std::span<const Objection> objections) {
    std::string text = fmt::format("### vrrplab check: {}\n", check_summary(stories, objections));
    Excuses excuses;
    if (!stories.empty())
        text += "| fault | worst outage of a host | bound | both sides together | led, then leads | |\n"
                "| --- | ---: | ---: | --- | --- | --- |\n";
    for (const CheckedStory& story : stories) {
        const Row row = row_of(story, excuses);
        text += "|";
        for (const std::string& cell : row)
            text += fmt::format(" {} |", cell == "FAIL" ? "**FAIL**" : in_a_cell(cell));
        text += "\n";
    }
    if (!excuses.known().empty()) text += "\n";
    for (std::size_t i = 0; i < excuses.known().size(); ++i)
        text += fmt::format("({}) {}  \n", static_cast<char>('a' + i), in_a_cell(excuses.known()[i]));
    if (!objections.empty()) text += "\n";
    for (const Objection& one : objections)
        text += fmt::format("- {}: **{}**: {}\n", in_a_cell(to_text(one.place)), to_string(one.gravity),
                            in_a_cell(one.text));
    return text;
}

std::string objection_json(const Objection& one) {
    return in_one_line({{"kind", "objection"},
                        {"file", one.place.file},
                        {"line", one.place.line},
                        {"column", one.place.column},
                        {"gravity", to_string(one.gravity)},
                        {"what", one.kind},
                        {"text", one.text}});
}

std::string story_json(const CheckedStory& story) {
    Json json{{"kind", "check"},
              {"name", story.name},
              {"title", story.title},
              {"seed", story.seed},
              {"passed", story.passed()},
              {"outage_ns", story.outcome.outage.count()},
              {"seen_by", story.outcome.probe},
              {"bound_ns", nullptr},
              {"no_bound_because", story.excuses},
              {"whole", nullptr},
              {"led", story.outcome.led},
              {"leads", story.outcome.leads}};
    if (story.bound) json["bound_ns"] = story.bound->count();
    if (story.outcome.whole) json["whole"] = *story.outcome.whole;
    if (!story.passed()) json["why"] = story.in_short;
    return in_one_line(json);
}

} // namespace vrrplab
