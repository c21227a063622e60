// What a machine says of a configuration that is right in itself.
#pragma once

#include "core/machine/interface_facts.hpp"
#include "core/machine/virtual_router_config.hpp"

namespace vrrp::config {

struct Misfit {
    bool prevents = false; // it cannot work; otherwise it waits, and works once the cause is gone
    std::string sentence;  // what is wrong, and what to do about it
    friend bool operator==(const Misfit&, const Misfit&) = default;
};

// Between a virtual router and its interface as it is now.
std::vector<Misfit> misfits(const VirtualRouterConfig& config, const InterfaceFacts& facts);

// Weights that change nothing: 0, and those of a virtual router of priority 255 or past the priorities' ends.
std::vector<Misfit> weight_misfits(const RouterConfig& config);

// How many addresses one may have on an interface of this MTU.
std::size_t most_addresses(const VirtualRouterConfig& config, std::uint32_t mtu);

} // namespace vrrp::config
