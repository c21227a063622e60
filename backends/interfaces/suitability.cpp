#include "backends/interfaces/suitability.hpp"

#include "backends/interfaces/kernel_setting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::backend {
namespace {

bool shares_its_parent(const Link& link) {
    return link.kind == "macvlan" || link.kind == "macvtap";
}

std::vector<std::string> without(std::vector<std::string> names, const std::string& own) {
    std::erase(names, own);
    return names;
}

} // namespace

NicResult check_suitable(const Netlink& netlink, const Link& link, bool virtual_mac) {
    const std::string& name = link.facts.name;
    const auto master = link.master != 0 ? netlink.link(link.master) : std::nullopt;
    if (master && master->kind != "vrf")
        return tl::unexpected(NicError{
            fmt::format("{0} is a member of the {1} {2}, which takes what comes in: run it on {2} (-i {2})",
                        name, master->kind, master->facts.name)});
    if (virtual_mac && shares_its_parent(link))
        return tl::unexpected(
            NicError{fmt::format("{} is a {}, which cannot carry a virtual MAC: use -n", name, link.kind)});
    return {};
}

NicError explain_attach(const Netlink& netlink, const NicError& error, const MacAddress& mac,
                        const std::string& device) {
    const auto others = without(netlink.links_with(mac), device);
    if (others.empty()) return error;
    // The remedy has to fit into a line of the journal.
    return {fmt::format("{} has {}: remove it, or use another VRID or -n", fmt::join(others, " and "),
                        to_string(mac))};
}

NicError explain_add(const Netlink& netlink, const NicError& error, const IpAddress& address,
                     const std::string& device) {
    if (address.family() == IpFamily::v6 && read_setting("ipv6", device, "disable_ipv6").value_or("1") != "0")
        return {fmt::format("{0}: IPv6 is off on {1}: sysctl net.ipv6.conf.{1}.disable_ipv6=0 and an MTU of "
                            "1280 or more switch it on",
                            error.message, device)};
    const auto others = without(netlink.links_with(address), device);
    if (others.empty()) return error;
    return {
        fmt::format("{} has {} already: remove it there", fmt::join(others, " and "), to_string(address))};
}

} // namespace vrrp::backend
