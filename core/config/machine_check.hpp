// What a machine says of a configuration that is right in itself.
#pragma once

#include "core/config/configuration.hpp"
#include "core/machine/interface_facts.hpp"

namespace vrrp::config {

struct Misfit {
    bool prevents = false; // it cannot work; otherwise it waits, and works once the cause is gone
    std::string sentence;  // what is wrong, and what to do about it
    std::string program{}; // that is wrong, by its path; empty where it is something else
    // Whose weight changes nothing.
    std::optional<TrackIndex> track{};
    std::optional<VirtualRouterIndex> virtual_router{};
    friend bool operator==(const Misfit&, const Misfit&) = default;
};

// The sentence, and before it the place in the file where that names the program.
std::string told(const Misfit& misfit, const ProcessConfig& process);

// Between a virtual router and its interface as it is now.
std::vector<Misfit> misfits(const VirtualRouterConfig& config, const InterfaceFacts& facts);

// Weights that change nothing: 0, and those of a virtual router of priority 255 or past the priorities' ends.
std::vector<Misfit> weight_misfits(const RouterConfig& config);

// How many addresses one may have on an interface of this MTU.
std::size_t most_addresses(const VirtualRouterConfig& config, std::uint32_t mtu);

} // namespace vrrp::config
