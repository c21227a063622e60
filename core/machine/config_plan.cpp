#include "core/machine/config_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp {
namespace {

std::string text(const std::string& value) {
    return value.empty() ? "none" : value;
}
std::string text(bool value) {
    return value ? "true" : "false";
}
std::string text(Duration value) {
    return to_string(value);
}
std::string text(std::uint8_t value) {
    return std::to_string(value);
}
std::string text(std::size_t value) {
    return fmt::format("{} addresses", value);
}
std::string text(unsigned value) {
    return std::to_string(value);
}
std::string text(const std::optional<std::uint8_t>& value) {
    return value ? std::to_string(*value) : "none";
}
std::string text(wire::Version value) {
    return std::to_string(static_cast<int>(value));
}
std::string text(wire::ChecksumForm value) {
    return value == wire::ChecksumForm::with_pseudo_header ? "pseudo-header" : "message";
}
template <typename Address>
std::string addresses_text(const std::vector<Address>& value) {
    std::string all;
    for (const Address& one : value)
        all += (all.empty() ? "" : " ") + to_string(one);
    return text(all);
}
std::string text(const std::vector<IpPrefix>& value) {
    return addresses_text(value);
}
std::string text(const std::vector<IpAddress>& value) {
    return addresses_text(value);
}
std::string text(const std::vector<AddressPlace>& value) {
    std::string all;
    for (const AddressPlace& one : value)
        all += (all.empty() ? "" : ", ") + to_string(one.address) + to_string(one);
    return text(all);
}
std::string text(const std::optional<IpAddress>& value) {
    return value ? to_string(*value) : "none";
}
std::string text(const AnnouncePolicy& value) {
    return fmt::format("{} repeats after {}, refresh {}", value.repeats, to_string(value.delay),
                       value.refresh == Duration{} ? "none" : to_string(value.refresh));
}
std::string text(const std::optional<MagicPacket>& value) {
    return value ? to_string(value->source) + " to " + to_string(value->gateway) : "none";
}
std::string text(const std::optional<RouterAdvertising>& value) {
    return value ? fmt::format("every {}, lifetime {}", to_string(value->interval),
                               to_string(value->said.lifetime))
                 : "none";
}
// A secret is none in a log; and a place is no name.
std::string text(const Authentication&) {
    return {};
}
std::string text(const ScriptLine& value) {
    return text(to_string(value));
}
std::string text(const std::optional<GroupIndex>&) {
    return {};
}
std::string text(const std::vector<TrackIndex>&) {
    return {};
}

struct Row {
    const char* setting;
    bool (*differs)(const VirtualRouterConfig&, const VirtualRouterConfig&);
    std::string (*text)(const VirtualRouterConfig&);
};

template <auto Member>
constexpr Row row(const char* setting) {
    return {setting,
            [](const VirtualRouterConfig& a, const VirtualRouterConfig& b) { return a.*Member != b.*Member; },
            [](const VirtualRouterConfig& one) { return vrrp::text(one.*Member); }};
}

using Config = VirtualRouterConfig;
constexpr Row kRows[] = {
    row<&Config::name>("name"),
    row<&Config::version>("protocol"),
    row<&Config::dual>("dual"),
    row<&Config::addresses>("address"),
    row<&Config::unadvertised>("held-address"),
    row<&Config::places>("addresses' places"),
    {"no-accept", [](const Config& a, const Config& b) { return a.accept != b.accept; },
     [](const Config& one) { return vrrp::text(!one.accept); }},
    row<&Config::priority>("priority"),
    row<&Config::advertisement_interval>("interval"),
    {"no-preempt", [](const Config& a, const Config& b) { return a.preempt != b.preempt; },
     [](const Config& one) { return vrrp::text(!one.preempt); }},
    row<&Config::preempt_delay>("preempt-delay"),
    row<&Config::start_delay>("start-delay"),
    row<&Config::peers>("peer"),
    row<&Config::peer_ttl>("peer-ttl"),
    row<&Config::source>("source"),
    {"no-virtual-mac", [](const Config& a, const Config& b) { return a.virtual_mac != b.virtual_mac; },
     [](const Config& one) { return vrrp::text(!one.virtual_mac); }},
    row<&Config::authentication>("authentication"),
    row<&Config::checksum_form>("checksum"),
    row<&Config::learned_interval_cap>("learned interval"),
    row<&Config::announce>("announcements"),
    row<&Config::magic_packet>("magic packet"),
    row<&Config::router_advertising>("router advertisements"),
    row<&Config::group>("group"),
    row<&Config::master_script>("master-script"),
    row<&Config::backup_script>("backup-script"),
    row<&Config::fault_script>("fault-script"),
    row<&Config::stop_script>("stop-script"),
    row<&Config::notify_script>("notify"),
    row<&Config::script_user>("script-user"),
    row<&Config::reduced_priority>("reduced-priority"),
    row<&Config::increased_priority>("increased-priority"),
    row<&Config::tracks>("track"),
};
constexpr std::size_t kKeys = 3; // interface, VRID and family say which virtual router it is
static_assert(std::size(kRows) + kKeys == std::tuple_size_v<decltype(Config().fields())>);

std::string line(const VirtualRouterConfig& config, const std::vector<SettingChange>& changes) {
    std::vector<std::string> parts;
    bool deafens = false; // RFC 3768 section 7.1: a packet with another interval or password is dropped
    for (const SettingChange& one : changes) {
        parts.push_back(one.before == one.after
                            ? std::string(one.setting)
                            : fmt::format("{} {} -> {}", one.setting, one.before, one.after));
        deafens = deafens || one.setting == std::string_view("interval") ||
                  one.setting == std::string_view("authentication");
    }
    return fmt::format("{}: {}{}", to_string(config), fmt::join(parts, ", "),
                       deafens && config.version == wire::Version::v2
                           ? "; routers that have not been changed too do not hear this one"
                           : "");
}

template <typename Index>
bool has(const std::vector<Index>& all, Index one) {
    return std::ranges::find(all, one) != all.end();
}

std::string group_name(const Router& router, const PlacedConfig& next, std::optional<GroupIndex> group) {
    if (!group) return "none";
    const auto place = std::ranges::find(next.groups, *group);
    return place == next.groups.end()
               ? router.group_config(*group).name
               : next.config.groups[static_cast<std::size_t>(place - next.groups.begin())].name;
}

std::vector<SettingChange> with_group_names(const Router& router, const PlacedConfig& next,
                                            std::vector<SettingChange> changes,
                                            std::optional<GroupIndex> before,
                                            std::optional<GroupIndex> after) {
    for (SettingChange& one : changes)
        if (one.setting == std::string_view("group"))
            one = {one.setting, group_name(router, next, before), group_name(router, next, after)};
    return changes;
}

void plan_virtual_routers(const Router& router, const PlacedConfig& next, std::vector<std::string>& lines) {
    for (const VirtualRouter& one : router.virtual_routers())
        if (!has(next.virtual_routers, one.index())) lines.push_back(to_string(one.config()) + ": removed");
    for (std::size_t i = 0; i < next.virtual_routers.size(); ++i) {
        const VirtualRouterConfig& after = next.config.virtual_routers[i];
        const VirtualRouter* before = router.find(next.virtual_routers[i]);
        if (before == nullptr)
            lines.push_back(to_string(after) + ": added");
        else if (before->config() != after)
            lines.push_back(line(after, with_group_names(router, next, changes(before->config(), after),
                                                         before->config().group, after.group)));
    }
}

// Groups, or checks: `known` are the router's, `config_of` says how one of them is configured.
template <typename Index, typename Config, typename ConfigOf>
void plan_named(const char* what, const std::vector<Index>& known, const std::vector<Index>& places,
                const std::vector<Config>& configs, ConfigOf&& config_of, std::vector<std::string>& lines) {
    const auto tell = [&](const std::string& name, const char* happens) {
        lines.push_back(fmt::format("{} {}: {}", what, name, happens));
    };
    for (const Index index : known)
        if (!has(places, index)) tell(config_of(index).name, "removed");
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (!has(known, places[i]))
            tell(configs[i].name, "added");
        else if (config_of(places[i]) != configs[i])
            tell(configs[i].name, "changed");
    }
}

} // namespace

std::vector<SettingChange> changes(const VirtualRouterConfig& before, const VirtualRouterConfig& after) {
    std::vector<SettingChange> all;
    for (const Row& row : kRows)
        if (row.differs(before, after)) all.push_back({row.setting, row.text(before), row.text(after)});
    return all;
}

std::string names_of(const std::vector<SettingChange>& changes) {
    std::string names;
    for (const SettingChange& one : changes)
        names += (names.empty() ? "" : ", ") + std::string(one.setting);
    return names;
}

std::vector<std::string> plan(const Router& router, const RouterConfig& next) {
    const PlacedConfig placed = router.placed(next);
    std::vector<std::string> lines;
    plan_virtual_routers(router, placed, lines);
    plan_named(
        "group", router.groups(), placed.groups, placed.config.groups,
        [&](GroupIndex index) -> const GroupConfig& { return router.group_config(index); }, lines);
    plan_named(
        "check", router.tracks().configured(), placed.tracks, placed.config.tracks,
        [&](TrackIndex index) -> const TrackConfig& { return router.tracks().track(index).config(); }, lines);
    return lines;
}

} // namespace vrrp
