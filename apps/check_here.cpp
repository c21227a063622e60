#include "apps/check_here.hpp"

#include "backends/interfaces/netlink.hpp"
#include "backends/interfaces/suitability.hpp"
#include "backends/scripts/script_check.hpp"

#include <fmt/format.h>
#include <map>

namespace vrrp {
namespace {

using config::Misfit;

using Users = std::map<std::string, backend::ScriptUser>;

void add(std::vector<Misfit>& all, const std::vector<Misfit>& more) {
    for (const Misfit& one : more)
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

std::vector<Misfit> check_program(const std::string& path, const backend::ScriptUser* user = nullptr) {
    const auto file = backend::check_script(path, user);
    const auto runs = file.and_then(backend::check_format);
    if (runs) return {};
    return {{true, runs.error()}};
}

std::vector<Misfit> check_scripts(std::initializer_list<std::string> scripts, const std::string& user,
                                  Users& users) {
    if (!user.empty() && !users.contains(user)) {
        auto found = backend::find_user(user);
        if (!found) return {{true, found.error()}};
        users.emplace(user, *std::move(found));
    }
    std::vector<Misfit> misfits;
    for (const std::string& script : scripts)
        if (!script.empty()) add(misfits, check_program(script, user.empty() ? nullptr : &users.at(user)));
    return misfits;
}

} // namespace

std::vector<Misfit> check_here(const RouterConfig& router) {
    std::vector<Misfit> misfits;
    const auto netlink = backend::Netlink::open();
    if (!netlink) misfits.push_back({false, "cannot look at the interfaces: " + netlink.error().message});
    Users users;
    std::map<std::string, InterfaceFacts> seen; // thousands of virtual routers share a few interfaces
    const auto facts_of = [&](const std::string& interface) -> const InterfaceFacts& {
        const auto [place, is_new] = seen.try_emplace(interface);
        if (!is_new) return place->second;
        if (const auto link = netlink->link(interface)) place->second = link->facts;
        return place->second;
    };
    add(misfits, config::weight_misfits(router));
    for (const TrackConfig& one : router.tracks)
        if (const std::string* interface = one.interface();
            interface != nullptr && netlink && !facts_of(*interface).present)
            misfits.push_back(
                {false, fmt::format("track {}: there is no interface {}: it fails until there is one",
                                    one.name, *interface)});
    for (const TrackConfig& one : router.tracks)
        if (const auto* check = std::get_if<ScriptCheck>(&one.check))
            add(misfits, check_scripts({check->path}, check->user, users));
    for (const VirtualRouterConfig& one : router.virtual_routers) {
        if (const auto link = netlink ? netlink->link(one.interface) : std::nullopt)
            if (const auto suitable = backend::check_suitable(*netlink, *link, one.virtual_mac); !suitable)
                add(misfits, {{true, suitable.error().message}});
        if (netlink) add(misfits, config::misfits(one, facts_of(one.interface)));
        add(misfits, check_scripts({one.master_script, one.backup_script, one.fault_script, one.stop_script,
                                    one.notify_script},
                                   one.script_user, users));
    }
    for (const GroupConfig& group : router.groups)
        add(misfits, check_scripts({group.notify_script}, group.script_user, users));
    return misfits;
}

} // namespace vrrp
