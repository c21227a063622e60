#include "apps/check_here.hpp"

#include "backends/interfaces/netlink.hpp"
#include "backends/interfaces/other_processes.hpp"
#include "backends/interfaces/suitability.hpp"
#include "backends/scripts/script_check.hpp"
#include "core/machine/router.hpp"

#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

namespace vrrp {
namespace {

using config::Misfit;

void add(std::vector<Misfit>& all, const std::vector<Misfit>& more) {
    for (const Misfit& one : more)
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

std::vector<Misfit> check_program(const std::string& path, const backend::ScriptUser* user = nullptr) {
    const auto file = backend::check_script(path, user);
    const auto runs = file.and_then(backend::check_format);
    if (runs) return {};
    return {{true, runs.error(), path}};
}

std::vector<Misfit> check_scripts(std::initializer_list<std::string> scripts, const std::string& user,
                                  backend::ScriptUsers& users) {
    const auto found = users.find(user);
    if (!found) return {{true, found.error()}};
    std::vector<Misfit> misfits;
    for (const std::string& script : scripts)
        if (!script.empty()) add(misfits, check_program(script, *found));
    return misfits;
}

// Thousands of virtual routers share a few interfaces: the kernel is asked once for each.
class Interfaces {
  public:
    explicit Interfaces(const backend::Netlink& netlink) : netlink_(netlink) {}

    InterfaceFacts facts(const std::string& name) {
        const auto& link = find(name);
        return link ? link->facts : InterfaceFacts{};
    }

    std::vector<Misfit> suit(const std::string& name, bool virtual_mac) {
        const auto& link = find(name);
        if (!link || !asked_.emplace(name, virtual_mac).second) return {};
        const auto suitable = backend::check_suitable(netlink_, *link, virtual_mac);
        if (suitable) return {};
        return {{true, suitable.error().message}};
    }

  private:
    const std::optional<backend::Link>& find(const std::string& name) {
        const auto [place, is_new] = links_.try_emplace(name);
        if (is_new) place->second = netlink_.link(name);
        return place->second;
    }

    const backend::Netlink& netlink_;
    std::map<std::string, std::optional<backend::Link>> links_;
    std::set<std::pair<std::string, bool>> asked_;
};

// What each interface's virtual routers have in common with those of another process.
std::vector<Misfit> check_addresses(const RouterConfig& config, const std::filesystem::path& directory) {
    const Router router(config);
    std::vector<Misfit> misfits;
    for (const RouterInterface& one : router.interfaces())
        if (const auto why = backend::address_of_another(directory, one.name, router.ours(one.id)))
            misfits.push_back({true, *why});
    return misfits;
}

} // namespace

std::vector<Misfit> check_here(const RouterConfig& router, const std::filesystem::path& directory) {
    std::vector<Misfit> misfits;
    const auto netlink = backend::Netlink::open();
    if (!netlink) misfits.push_back({false, "cannot look at the interfaces: " + netlink.error().message});
    backend::ScriptUsers users;
    std::optional<Interfaces> interfaces;
    if (netlink) interfaces.emplace(*netlink);
    add(misfits, config::weight_misfits(router));
    add(misfits, check_addresses(router, directory));
    for (const TrackConfig& one : router.tracks)
        if (const std::string* interface = one.interface();
            interface != nullptr && interfaces && !interfaces->facts(*interface).present)
            misfits.push_back(
                {false, fmt::format("track {}: there is no interface {}: it fails until there is one",
                                    one.name, *interface)});
    for (const TrackConfig& one : router.tracks)
        if (const auto* check = std::get_if<ScriptCheck>(&one.check))
            add(misfits, check_scripts({check->path}, check->user, users));
    for (const VirtualRouterConfig& one : router.virtual_routers) {
        if (interfaces) {
            add(misfits, interfaces->suit(one.interface, one.virtual_mac));
            add(misfits, config::misfits(one, interfaces->facts(one.interface)));
            for (const AddressPlace& place : one.places)
                if (!interfaces->facts(one.interface_of(place.address)).present)
                    misfits.push_back({true, fmt::format("there is no interface {}, where {} is to be",
                                                         place.interface, to_string(place.address))});
        }
        add(misfits, check_scripts({one.master_script.path, one.backup_script.path, one.fault_script.path,
                                    one.stop_script.path, one.notify_script.path},
                                   one.script_user, users));
    }
    for (const GroupConfig& group : router.groups)
        add(misfits, check_scripts({group.notify_script.path}, group.script_user, users));
    return misfits;
}

} // namespace vrrp
