#include "apps/check_here.hpp"

#include "backends/interfaces/netlink.hpp"
#include "backends/scripts/script_check.hpp"

#include <map>

namespace vrrp {
namespace {

using config::Misfit;

std::vector<Misfit> check_scripts(const VirtualRouterConfig& one) {
    std::vector<Misfit> misfits;
    for (const std::string& script : {one.master_script, one.backup_script}) {
        if (script.empty()) continue;
        const auto file = backend::check_script(script);
        const auto runs = file.and_then(backend::check_format);
        if (!runs) misfits.push_back({true, runs.error()});
    }
    return misfits;
}

void add(std::vector<Misfit>& all, const std::vector<Misfit>& more) {
    for (const Misfit& one : more)
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

} // namespace

std::vector<Misfit> check_here(const RouterConfig& router) {
    std::vector<Misfit> misfits;
    const auto netlink = backend::Netlink::open();
    if (!netlink) misfits.push_back({false, "cannot look at the interfaces: " + netlink.error().message});
    std::map<std::string, InterfaceFacts> seen; // thousands of virtual routers share a few interfaces
    const auto facts_of = [&](const std::string& interface) -> const InterfaceFacts& {
        const auto [place, is_new] = seen.try_emplace(interface);
        if (!is_new) return place->second;
        if (const auto link = netlink->link(interface)) place->second = link->facts;
        return place->second;
    };
    for (const VirtualRouterConfig& one : router.virtual_routers) {
        if (netlink) add(misfits, config::misfits(one, facts_of(one.interface)));
        add(misfits, check_scripts(one));
    }
    return misfits;
}

} // namespace vrrp
