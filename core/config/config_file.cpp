#include "core/config/config_file.hpp"

#include "core/config/file_error.hpp"
#include "core/config/settings.hpp"
#include "core/config/track_table.hpp"

#include <fmt/format.h>

namespace vrrp::config {
namespace {

constexpr std::size_t kMaxVirtualRouters = 4096; // sixteen interfaces full
constexpr std::size_t kMaxTracks = 256;

std::string to_text(const std::string& file, const toml::source_position& place) {
    return fmt::format("{}:{}:{}", file, place.line, place.column);
}

class Reader {
  public:
    Reader(const std::string& file, const toml::table& root, const Here& here, SourceMap* places)
        : file_(file), root_(root), here_(here), places_(places) {}

    Configuration parse() {
        static constexpr std::string_view kKeys[] = {"directory",     "foreground",  "realtime",
                                                     "control-group", "notify-fifo", "script-user",
                                                     "group",         "track",       "virtual_router"};
        for (const auto& [key, node] : root_)
            if (std::ranges::find(kKeys, key.str()) == std::end(kKeys))
                fail(key.source(), fmt::format("unknown key '{}': there are directory, foreground, realtime, "
                                               "control-group, notify-fifo, script-user, "
                                               "[group.NAME], [[track]] and [[virtual_router]]",
                                               key.str()));
        read_process();
        read_tracks();
        read_groups();
        const toml::node* routers = root_.get("virtual_router");
        if (routers == nullptr) fail(root_.source(), "there is no [[virtual_router]]");
        if (!routers->is_array_of_tables()) fail(routers->source(), "write it as [[virtual_router]]");
        const toml::array& list = *routers->as_array();
        if (list.size() > kMaxVirtualRouters)
            fail(routers->source(), fmt::format("more than {} virtual routers", kMaxVirtualRouters));
        for (const toml::node& one : list)
            read_virtual_router(*one.as_table());
        count_members();
        count_users();
        return std::move(line_);
    }

  private:
    void read_process() {
        if (const toml::node* node = root_.get("directory")) {
            line_.process.directory = node->value_exact<std::string>().value_or("");
            if (!line_.process.directory.starts_with('/'))
                fail(node->source(), "directory is an absolute path in quotes");
        }
        line_.process.foreground = flag("foreground");
        line_.process.realtime = flag("realtime");
        Setting fifo = notify_fifo_setting(), script_user = Settings().script_user,
                control_group = control_group_setting();
        read_text(root_, control_group);
        line_.process.control_group = good(root_, group(control_group, Spelling::keys, here_));
        read_text(root_, fifo);
        read_text(root_, script_user);
        line_.router.notify_fifo = good(root_, absolute_path(fifo, Spelling::keys, "the FIFO's"));
        line_.router.script_user = good(root_, user(script_user, Spelling::keys, here_));
    }

    bool flag(const char* key) const {
        const toml::node* node = root_.get(key);
        if (node == nullptr) return false;
        if (!node->is_boolean()) fail(node->source(), fmt::format("{} is true or false", key));
        return node->value_or(false);
    }

    static void read_text(const toml::table& table, Setting& setting) {
        if (const toml::node* node = table.get(setting.key)) fill(setting, *node);
    }

    template <typename T>
    static T good(const toml::table& table, Parsed<T> parsed) {
        if (!parsed) fail(place_of(table, parsed.error()), parsed.error().message);
        return *std::move(parsed);
    }

    void read_tracks() {
        const toml::node* tracks = root_.get("track");
        if (tracks == nullptr) return;
        if (!tracks->is_array_of_tables()) fail(tracks->source(), "write each track as [[track]]");
        const toml::array& list = *tracks->as_array();
        if (list.size() > kMaxTracks) fail(tracks->source(), fmt::format("more than {} tracks", kMaxTracks));
        auto& all = line_.router.tracks;
        for (const toml::node& node : list) {
            TrackConfig track = read_track(*node.as_table(), here_);
            if (auto* script = std::get_if<ScriptCheck>(&track.check);
                script != nullptr && script->user.empty())
                script->user = line_.router.script_user;
            if (const auto* script = std::get_if<ScriptCheck>(&track.check))
                note_program(script->path, *node.as_table()->get("script"));
            if (std::ranges::find(all, track.name, &TrackConfig::name) != all.end())
                fail(node.as_table()->get("name")->source(),
                     fmt::format("track '{}' stands twice: each has a name of its own", track.name));
            all.push_back(std::move(track));
            track_places_.push_back(node.source());
            note_places(&SourceMap::tracks, *node.as_table());
        }
    }

    void read_groups() {
        const toml::node* groups = root_.get("group");
        if (groups == nullptr) return;
        if (!groups->is_table()) fail(groups->source(), "write each group as [group.NAME]");
        for (const auto& [name, node] : *groups->as_table()) {
            if (!node.is_table()) fail(node.source(), "write each group as [group.NAME]");
            if (!is_name(name.str())) fail(name.source(), std::string("group: ") + kNameRule);
            const toml::table& table = *node.as_table();
            Setting notify = Settings().notify;
            for (const auto& [key, value] : table)
                if (key != notify.key && key != "track")
                    fail(
                        key.source(),
                        fmt::format("unknown key '{}': a group has notify and track, and its members name it",
                                    key.str()));
            read_text(table, notify);
            if (const toml::node* script = table.get(notify.key))
                note_program(notify.values.front(), *script);
            line_.router.groups.push_back({.name = std::string(name.str()),
                                           .notify_script = good(table, script_line(notify, Spelling::keys)),
                                           .script_user = line_.router.script_user,
                                           .tracks = tracks_of(table)});
            group_places_.push_back(node.source());
            note_places(&SourceMap::groups, table);
        }
    }

    void read_virtual_router(const toml::table& table) {
        Settings settings;
        const auto all = settings.all();
        for (const auto& [key, node] : table) {
            if (key == "group" || key == "track") continue;
            const auto setting = std::ranges::find(all, key.str(), [](const Setting* s) { return s->key; });
            if (setting == all.end())
                fail(key.source(),
                     fmt::format("unknown key '{}': keys are the long names of the options that "
                                 "'vrrpd --help' lists",
                                 key.str()));
            fill(**setting, node);
        }
        auto virtual_routers = interpret(settings, Spelling::keys, here_);
        if (!virtual_routers) fail(place_of(table, virtual_routers.error()), virtual_routers.error().message);
        for (const Setting* script : {&settings.master_script, &settings.backup_script,
                                      &settings.fault_script, &settings.stop_script, &settings.notify})
            if (!script->values.empty()) note_program(script->values.front(), *table.get(script->key));
        const std::optional<GroupIndex> group = group_of(table);
        for (VirtualRouterConfig& one : *virtual_routers) {
            if (one.script_user.empty()) one.script_user = line_.router.script_user;
            one.group = group;
            one.tracks = tracks_of(table);
        }
        if (virtual_routers->size() > 1 && !group) {
            if (const auto made = make_one_group(*virtual_routers, line_.router); !made)
                fail(table.source(), made.error().message);
            group_places_.push_back(table.source());
            note_places(&SourceMap::groups, table);
        }
        for (VirtualRouterConfig& one : *virtual_routers) {
            const auto& before = line_.router.virtual_routers;
            if (const auto distinct = check_distinct(before, one); !distinct)
                fail(place_of(table, distinct.error()), distinct.error().message);
            line_.router.virtual_routers.push_back(std::move(one));
            note_places(&SourceMap::virtual_routers, table);
        }
    }

    static void fill(Setting& setting, const toml::node& node) {
        const toml::array* array = node.as_array();
        if (array == nullptr) return take(setting, node);
        if (setting.kind != Kind::texts) fail(node.source(), fmt::format("{} has one value", setting.key));
        for (const toml::node& one : *array)
            take(setting, one);
    }

    // TOML's types are an operator's too: vrid = "51" is a mistake even where 51 can be read from it.
    static void take(Setting& setting, const toml::node& node) {
        const auto wrong = [&](const char* what) {
            fail(node.source(), fmt::format("{} is {}", setting.key, what));
        };
        switch (setting.kind) {
        case Kind::flag:
            if (!node.is_boolean()) wrong("true or false, without quotes");
            if (node.value_or(false)) setting.values.emplace_back();
            return;
        case Kind::number:
            if (!node.is_integer()) wrong("a whole number without quotes");
            return setting.values.push_back(std::to_string(node.value_or(std::int64_t{})));
        case Kind::seconds:
            if (node.is_integer())
                return setting.values.push_back(std::to_string(node.value_or(std::int64_t{})));
            if (!node.is_floating_point()) wrong("a number of seconds without quotes");
            return setting.values.push_back(fmt::format("{}", node.value_or(0.0)));
        case Kind::text:
            if (!node.is_string()) wrong("a text in quotes");
            return setting.values.push_back(node.value_or(std::string()));
        case Kind::texts:
            if (!node.is_string()) wrong("a text in quotes, or a list of such texts");
            return setting.values.push_back(node.value_or(std::string()));
        }
    }

    static toml::source_region place_of(const toml::table& table, const ConfigError& error) {
        const toml::node* node = error.setting.empty() ? nullptr : table.get(error.setting);
        if (node == nullptr) return table.source();
        const toml::array* array = node->as_array();
        return array != nullptr && error.value < array->size() ? array->get(error.value)->source()
                                                               : node->source();
    }

    std::optional<GroupIndex> group_of(const toml::table& table) const {
        const toml::node* node = table.get("group");
        if (node == nullptr) return std::nullopt;
        if (!node->is_string()) fail(node->source(), "group is a text in quotes");
        const std::string name = node->value_or(std::string());
        const auto& groups = line_.router.groups;
        const auto found = std::ranges::find(groups, name, &GroupConfig::name);
        if (found == groups.end())
            fail(node->source(), fmt::format("there is no group '{0}': write [group.{0}]", name));
        return static_cast<GroupIndex>(found - groups.begin());
    }

    std::vector<TrackIndex> tracks_of(const toml::table& table) const {
        const toml::node* node = table.get("track");
        std::vector<TrackIndex> tracks;
        if (node == nullptr) return tracks;
        if (const toml::array* array = node->as_array())
            for (const toml::node& one : *array)
                add_track(one, tracks);
        else
            add_track(*node, tracks);
        return tracks;
    }

    void add_track(const toml::node& node, std::vector<TrackIndex>& tracks) const {
        if (!node.is_string()) fail(node.source(), "track is a text in quotes, or a list of such texts");
        const std::string name = node.value_or(std::string());
        const auto& all = line_.router.tracks;
        const auto found = std::ranges::find(all, name, &TrackConfig::name);
        if (found == all.end())
            fail(node.source(),
                 fmt::format("there is no track '{0}': write [[track]] with name = \"{0}\"", name));
        const auto index = static_cast<TrackIndex>(found - all.begin());
        if (std::ranges::find(tracks, index) != tracks.end())
            fail(node.source(), fmt::format("track '{}' is named twice: once is enough", name));
        tracks.push_back(index);
    }

    // A check that nobody uses is a name that was mistyped, or was forgotten.
    void count_users() const {
        const auto& router = line_.router;
        for (std::size_t i = 0; i < router.tracks.size(); ++i) {
            const auto uses = [&](const auto& one) {
                return std::ranges::find(one.tracks, static_cast<TrackIndex>(i)) != one.tracks.end();
            };
            if (std::ranges::none_of(router.virtual_routers, uses) &&
                std::ranges::none_of(router.groups, uses))
                fail(track_places_[i],
                     fmt::format("track '{0}' is used by nobody: say track = \"{0}\" in a virtual router or "
                                 "a group",
                                 router.tracks[i].name));
        }
    }

    // A group is complete when all its members are there.
    void count_members() {
        auto& groups = line_.router.groups;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            groups[i].minimum = static_cast<unsigned>(std::ranges::count(
                line_.router.virtual_routers, static_cast<GroupIndex>(i), &VirtualRouterConfig::group));
            if (groups[i].minimum == 0)
                fail(group_places_[i],
                     fmt::format("group '{}' has no member: no virtual router names it", groups[i].name));
        }
    }

    // Whether one can be run is looked at later.
    void note_program(const std::string& path, const toml::node& node) {
        if (!path.empty()) line_.process.programs.try_emplace(path, to_text(file_, node.source().begin));
    }

    Place place(const toml::source_region& source) const {
        return {file_, source.begin.line, source.begin.column};
    }

    void note_places(std::vector<SourceMap::Table> SourceMap::*tables, const toml::table& table) {
        if (places_ == nullptr) return;
        SourceMap::Table& noted = (places_->*tables).emplace_back(SourceMap::Table{place(table.source())});
        for (const auto& [key, node] : table)
            noted.keys.emplace(key.str(), place(node.source()));
    }

    const std::string& file_;
    const toml::table& root_;
    const Here& here_;
    SourceMap* places_;
    Configuration line_;
    std::vector<toml::source_region> group_places_, track_places_;
};

tl::unexpected<ConfigError> error_at(const std::string& file, const toml::source_position& place,
                                     std::string_view message) {
    return tl::unexpected(ConfigError{.message = fmt::format("{}: {}", to_text(file, place), message)});
}

} // namespace

Parsed<Configuration> parse_config_file(const std::string& file, std::string_view text, const Here& here,
                                        SourceMap* places) {
    try {
        const toml::table root = toml::parse(text, file);
        return Reader(file, root, here, places).parse();
    } catch (const toml::parse_error& error) {
        return error_at(file, error.source().begin, error.description());
    } catch (const Wrong& wrong) {
        return error_at(file, wrong.place, wrong.message);
    }
}

} // namespace vrrp::config
