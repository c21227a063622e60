#include "core/config/import/draft.hpp"

#include "core/config/config_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::config::importer {
namespace {

// Files and users are the machine's on which vrrpd is to run: vrrpd --check looks at them there.
const Here kAnywhere{[](const std::string& path, bool) -> tl::expected<std::string, std::string> {
                         return tl::unexpected(path + ": not read by an import");
                     },
                     [](const std::string&) { return true; }, [](const std::string&) { return true; }};

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : plain(text)) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

std::string literal(const Entry& entry) {
    if (entry.kind == Kind::number || entry.kind == Kind::seconds) return entry.values.front();
    if (entry.kind == Kind::flag) return "true";
    if (entry.values.size() == 1) return quoted(entry.values.front());
    std::vector<std::string> all;
    for (const std::string& value : entry.values)
        all.push_back(quoted(value));
    return fmt::format("[{}]", fmt::join(all, ", "));
}

const char* weight_text(Weight weight) {
    switch (weight) {
    case Weight::note: return "note";
    case Weight::beside: return "not carried over, beside VRRP";
    case Weight::vrrp: return "not carried over";
    }
    return "?";
}

// What the settings of a virtual router would be taken for.
Parsed<std::vector<VirtualRouterConfig>> meaning(const Section& section) {
    Settings settings;
    for (const Entry& entry : section.entries)
        for (Setting* setting : settings.all())
            if (entry.key == setting->key) setting->values = entry.values;
    return interpret(settings, Spelling::keys, kAnywhere);
}

void leave_out_what_is_refused(std::vector<Section>& sections) {
    std::vector<VirtualRouterConfig> before;
    for (Section& section : sections) {
        if (!section.left_out.empty()) continue;
        auto all = meaning(section); // one, for an instance has addresses of one family
        const auto distinct = all ? check_distinct(before, all->front()) : Parsed<void>();
        if (all && distinct)
            before.push_back(std::move(all->front()));
        else
            section.left_out = all ? distinct.error().message : all.error().message;
    }
}

bool names(const Section& section, const char* key, const std::string& name) {
    const Entry* entry = section.find(key);
    return section.left_out.empty() && entry != nullptr &&
           std::ranges::find(entry->values, name) != entry->values.end();
}

// vrrpd refuses a group without members and a check that nobody uses.
void leave_out_what_nobody_uses(Draft& draft) {
    for (Section& group : draft.groups) {
        const std::string& name = group.find("")->values.front();
        if (std::ranges::none_of(draft.virtual_routers,
                                 [&](const auto& one) { return names(one, "group", name); }))
            group.left_out = "no virtual router is in it";
    }
    for (Section& track : draft.tracks) {
        const std::string& name = track.find("name")->values.front();
        const auto uses = [&](const Section& one) { return names(one, "track", name); };
        if (track.left_out.empty() && std::ranges::none_of(draft.virtual_routers, uses) &&
            std::ranges::none_of(draft.groups, uses))
            track.left_out = "nobody uses it";
    }
}

class Writer {
  public:
    Imported write(const Draft& draft) {
        section(draft.top);
        for (const auto* sections : {&draft.tracks, &draft.groups, &draft.virtual_routers})
            for (const Section& one : *sections)
                section(one);
        return std::move(imported_);
    }

  private:
    void section(const Section& section) {
        const bool is_out = !section.left_out.empty();
        if (!section.title.empty()) line("# ", section.title, section.place);
        for (const Remark& one : section.remarks)
            remark(one);
        if (is_out) line("# ", "left out: " + section.left_out, section.place);
        if (!section.heading.empty()) line(is_out ? "# " : "", section.heading, section.place);
        for (const Entry& entry : section.entries)
            if (!entry.key.empty())
                line(is_out ? "# " : "", fmt::format("{} = {}", entry.key, literal(entry)),
                     entry.place.line == 0 ? section.place : entry.place);
        if (!section.heading.empty() || !section.entries.empty() || !section.remarks.empty() ||
            !section.title.empty())
            line("", "", {});
    }

    void remark(const Remark& one) {
        if (one.weight != Weight::note) ++imported_.lost;
        if (one.weight == Weight::vrrp) ++imported_.lost_vrrp;
        line("# ",
             fmt::format("{}: {}: {}: {}", importer::to_string(one.place), one.said, weight_text(one.weight),
                         one.advice),
             one.place);
    }

    // plain() leaves no line break in it.
    void line(const char* before, const std::string& text, const Place& place) {
        imported_.text += fmt::format("{}{}\n", before, plain(text));
        imported_.origins.push_back(place);
    }

    Imported imported_;
};

// What a reader looks for first.
void order_entries(Section& section) {
    static constexpr std::string_view kFirst[] = {"name",     "interface", "vrid",  "address", "priority",
                                                  "protocol", "interval",  "group", "track"};
    std::ranges::stable_sort(section.entries, {}, [](const Entry& one) {
        return std::ranges::find(kFirst, one.key) - std::begin(kFirst);
    });
}

std::string counted(std::size_t lost) {
    if (lost == 0) return "All of it has been carried over.";
    return fmt::format("{} line{} could not be carried over: look for \"not carried over\".", lost,
                       lost == 1 ? "" : "s");
}

} // namespace

void Section::put(const Key& key, std::vector<std::string> values) {
    const auto known = std::ranges::find(entries, key.name, &Entry::key);
    if (known != entries.end())
        *known = {key.name, key.kind, std::move(values), here}; // the last one counts
    else
        entries.push_back({key.name, key.kind, std::move(values), here});
}

const Entry* Section::find(const char* key) const {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
}

void Section::remark(Weight weight, const Statement& statement, std::string advice) {
    remarks.push_back({weight, statement.place, statement.said(), std::move(advice)});
}

Imported write(Draft draft, const std::string& file) {
    for (Section& one : draft.virtual_routers)
        order_entries(one);
    leave_out_what_is_refused(draft.virtual_routers);
    leave_out_what_nobody_uses(draft);
    Imported imported = Writer().write(draft);
    for (const Section& one : draft.virtual_routers)
        if (!one.left_out.empty()) {
            ++imported.lost;
            ++imported.lost_vrrp;
        }
    std::string note;
    if (const auto parsed = parse_config_file("vrrpd.toml", imported.text, kAnywhere); !parsed) {
        note = fmt::format("# vrrpd does not take it as it is: {}\n", plain(parsed.error().message));
        if (imported.lost == 0) imported.lost = imported.lost_vrrp = 1;
    }
    const std::string head =
        fmt::format("# Made from {} by vrrpd --import. {}\n{}\n", plain(file), counted(imported.lost), note);
    imported.text = head + imported.text;
    imported.origins.insert(imported.origins.begin(),
                            static_cast<std::size_t>(std::ranges::count(head, '\n')), Place{});
    return imported;
}

} // namespace vrrp::config::importer
