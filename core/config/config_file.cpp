#include "core/config/config_file.hpp"

#include "core/config/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace vrrp::config {
namespace {

constexpr std::size_t kMaxVirtualRouters = 4096; // sixteen interfaces full

// Internal: becomes a ConfigError at the border.
struct Wrong {
    toml::source_position place;
    std::string message;
};

[[noreturn]] void fail(const toml::source_region& at, std::string message) {
    throw Wrong{at.begin, std::move(message)};
}

class Reader {
  public:
    Reader(const toml::table& root, const ReadFile& read) : root_(root), read_(read) {}

    Configuration parse() {
        for (const auto& [key, node] : root_)
            if (key != "directory" && key != "foreground" && key != "group" && key != "virtual_router")
                fail(key.source(),
                     fmt::format("unknown key '{}': there are directory, foreground, [group.NAME] and "
                                 "[[virtual_router]]",
                                 key.str()));
        read_process();
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
        return std::move(line_);
    }

  private:
    void read_process() {
        if (const toml::node* node = root_.get("directory")) {
            line_.process.directory = node->value_exact<std::string>().value_or("");
            if (!line_.process.directory.starts_with('/'))
                fail(node->source(), "directory is an absolute path in quotes");
        }
        if (const toml::node* node = root_.get("foreground")) {
            if (!node->is_boolean()) fail(node->source(), "foreground is true or false");
            line_.process.foreground = node->value_or(false);
        }
    }

    void read_groups() {
        const toml::node* groups = root_.get("group");
        if (groups == nullptr) return;
        if (!groups->is_table()) fail(groups->source(), "write each group as [group.NAME]");
        for (const auto& [name, node] : *groups->as_table()) {
            if (!node.is_table()) fail(node.source(), "write each group as [group.NAME]");
            for (const auto& [key, value] : *node.as_table())
                fail(key.source(),
                     fmt::format("unknown key '{}': a group has none; its members name it", key.str()));
            line_.router.groups.push_back({.name = std::string(name.str())});
            group_places_.push_back(node.source());
        }
    }

    static bool is_flag(const Setting& setting) {
        return std::string_view(setting.key) == "no-preempt" ||
               std::string_view(setting.key) == "no-virtual-mac";
    }

    void read_virtual_router(const toml::table& table) {
        Settings settings;
        Setting* const all[] = {&settings.interface,          &settings.vrid,
                                &settings.priority,           &settings.interval,
                                &settings.authentication,     &settings.protocol,
                                &settings.checksum,           &settings.no_preempt,
                                &settings.no_virtual_mac,     &settings.reduced_priority,
                                &settings.increased_priority, &settings.master_script,
                                &settings.backup_script,      &settings.magic_address,
                                &settings.magic_gateway,      &settings.announce_repeats,
                                &settings.announce_delay,     &settings.announce_refresh,
                                &settings.addresses};
        for (const auto& [key, node] : table) {
            if (key == "group") continue;
            const auto setting = std::ranges::find(all, key.str(), [](const Setting* s) { return s->key; });
            if (setting == std::end(all))
                fail(key.source(),
                     fmt::format("unknown key '{}': keys are the long names of the options that "
                                 "'vrrpd --help' lists",
                                 key.str()));
            fill(**setting, node);
        }
        auto one = interpret(settings, Spelling::keys, read_);
        if (!one) fail(place_of(table, one.error()), one.error().message);
        one->group = group_of(table);
        const auto& before = line_.router.virtual_routers;
        if (const auto distinct = check_distinct(before, *one); !distinct)
            fail(place_of(table, distinct.error()), distinct.error().message);
        line_.router.virtual_routers.push_back(*std::move(one));
    }

    static void fill(Setting& setting, const toml::node& node) {
        if (is_flag(setting)) {
            if (!node.is_boolean()) fail(node.source(), fmt::format("{} is true or false", setting.key));
            if (node.value_or(false)) setting.values.emplace_back();
        } else if (const toml::array* array = node.as_array(); array != nullptr) {
            if (std::string_view(setting.key) != "address")
                fail(node.source(), fmt::format("{} has one value", setting.key));
            for (const toml::node& one : *array)
                setting.values.push_back(text_of(setting, one));
        } else {
            setting.values.push_back(text_of(setting, node));
        }
    }

    static std::string text_of(const Setting& setting, const toml::node& node) {
        if (const auto text = node.value_exact<std::string>()) return *text;
        if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
        if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
        fail(node.source(), fmt::format("{} is a text in quotes, or a number", setting.key));
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
        const std::string name = node->value_exact<std::string>().value_or("");
        const auto& groups = line_.router.groups;
        const auto found = std::ranges::find(groups, name, &GroupConfig::name);
        if (found == groups.end())
            fail(node->source(), fmt::format("there is no group '{0}': write [group.{0}]", name));
        return static_cast<GroupIndex>(found - groups.begin());
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

    const toml::table& root_;
    const ReadFile& read_;
    Configuration line_;
    std::vector<toml::source_region> group_places_;
};

tl::unexpected<ConfigError> error_at(const std::string& file, const toml::source_position& place,
                                     std::string_view message) {
    return tl::unexpected(
        ConfigError{.message = fmt::format("{}:{}:{}: {}", file, place.line, place.column, message)});
}

} // namespace

Parsed<Configuration> parse_config_file(const std::string& file, std::string_view text,
                                        const ReadFile& read) {
    try {
        const toml::table root = toml::parse(text, file);
        return Reader(root, read).parse();
    } catch (const toml::parse_error& error) {
        return error_at(file, error.source().begin, error.description());
    } catch (const Wrong& wrong) {
        return error_at(file, wrong.place, wrong.message);
    }
}

} // namespace vrrp::config
