#include "core/config/machine_check.hpp"

#include "core/machine/virtual_router.hpp"
#include "core/wire/encode.hpp"

#include <fmt/format.h>

namespace vrrp::config {
namespace {

// Why the interface is not ready for its part in the election.
std::optional<std::string> not_ready(const VirtualRouterConfig& config, const InterfaceFacts& facts) {
    const std::string& name = config.interface;
    if (!facts.admin_up) return fmt::format("{} is down: ip link set {} up", name, name);
    if (!facts.carrier) return fmt::format("{} has no carrier: look at its cable and the port", name);
    if (!facts.primary_address(config.family, [](const IpAddress&) { return false; }))
        return fmt::format("{} has no {} address to send advertisements from: give it one", name,
                           config.family == IpFamily::v6 ? "link-local IPv6" : "IPv4");
    return std::nullopt;
}

void check_address(const IpAddress& address, const VirtualRouterConfig& config, const InterfaceFacts& facts,
                   std::vector<Misfit>& misfits) {
    for (const IpPrefix& subnet : facts.addresses) {
        const char* what = subnet.is_network_address(address)     ? "the address of the network"
                           : subnet.is_broadcast_address(address) ? "the broadcast address of the network"
                                                                  : nullptr;
        if (what != nullptr)
            misfits.push_back(
                {true, fmt::format("{} is {} that {} is in by {}: no host can have it", to_string(address),
                                   what, config.interface, to_string(subnet))});
    }
}

} // namespace

std::size_t most_addresses(const VirtualRouterConfig& config, std::uint32_t mtu) {
    const std::size_t empty = wire::packet_size(config.version, config.family, config.authentication.type, 0);
    return mtu < empty ? 0 : (mtu - empty) / address_size(config.family);
}

std::vector<Misfit> misfits(const VirtualRouterConfig& config, const InterfaceFacts& facts) {
    if (!facts.present) return {{true, fmt::format("there is no interface {}", config.interface)}};
    std::vector<Misfit> misfits;
    if (const auto why = not_ready(config, facts)) misfits.push_back({false, *why});
    for (const IpPrefix& prefix : config.addresses)
        check_address(prefix.address, config, facts, misfits);
    if (const std::size_t size = advertisement_size(config); size > facts.mtu)
        misfits.push_back(
            {true,
             fmt::format("{} vrid {}: an advertisement of {} addresses has {} bytes, and {} carries {}: "
                         "use at most {} addresses for one VRID, or raise the MTU",
                         config.interface, config.vrid, config.addresses.size(), size, config.interface,
                         facts.mtu, most_addresses(config, facts.mtu))});
    return misfits;
}

} // namespace vrrp::config
