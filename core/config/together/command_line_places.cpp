#include "core/config/together/command_line_places.hpp"

#include "core/config/command_line.hpp"
#include "core/config/settings.hpp"

#include <algorithm>

namespace vrrp::config {
namespace {

// What a setting is called on a command line, and the key that it has in a file.
struct Option {
    std::string brief, whole; // "-v", "--vrid"
    std::string key;
    bool takes_value = true;

    // "-v", "-v51", "--vrid", "--vrid=51"
    bool is(std::string_view word) const {
        if (word.starts_with("--")) return word == whole || word.starts_with(whole + "=");
        return brief.size() == 2 && word.starts_with(brief);
    }
    bool expects_next(std::string_view word) const {
        return takes_value && (word == whole || (brief.size() == 2 && word == brief));
    }
};

std::vector<Option> options() {
    std::vector<Option> all{{"-M", "--members", "members"}, {"-f", "--directory", "directory"}};
    const std::string dashes = "--";
    Settings settings;
    for (const Setting* setting : settings.all())
        if (std::string_view(setting->option).starts_with('-'))
            all.push_back(
                {setting->option, dashes + setting->key, setting->key, setting->kind != Kind::flag});
    for (const Setting& setting : {notify_fifo_setting(), control_group_setting()})
        all.push_back({"", dashes + setting.key, setting.key});
    for (const char* flag : {"--foreground", "--check", "--realtime"})
        all.push_back({"", flag, "", false});
    return all;
}

} // namespace

SourceMap places_of_command_line(const Place& place, std::string_view line,
                                 const Configuration& configuration) {
    SourceMap::Table table{place};
    const std::vector<Option> known = options();
    bool is_value = false;
    for (const auto& [word, at] : words_of_command_line(line)) {
        const Place here{place.file, place.line, place.column + at};
        const auto option =
            std::ranges::find_if(known, [&](const Option& one) { return !is_value && one.is(word); });
        if (option != known.end())
            table.keys.try_emplace(option->key, here);
        else if (!is_value && at != 0)
            table.keys.try_emplace("address", here);
        is_value = option != known.end() && option->expects_next(word);
    }
    if (const auto members = table.keys.find("members"); members != table.keys.end())
        table.keys.try_emplace("group", members->second);
    SourceMap places;
    places.virtual_routers.assign(configuration.router.virtual_routers.size(), table);
    places.groups.assign(configuration.router.groups.size(), table);
    places.tracks.assign(configuration.router.tracks.size(), table);
    return places;
}

} // namespace vrrp::config
