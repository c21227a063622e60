#include "core/config/together/elections.hpp"

#include "core/machine/tracks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::config {

Elections elections_of(std::span<const RouterTold> routers, std::span<const SharedNetwork> networks) {
    Elections elections;
    for (const Seat& seat : seats_of(routers)) {
        const VirtualRouterConfig& config = seat.config(routers);
        const Port port{seat.router, config.interface};
        const auto network = std::ranges::find_if(networks, [&](const SharedNetwork& one) {
            return std::ranges::find(one.ports, port) != one.ports.end();
        });
        const ElectionKey key{static_cast<std::size_t>(network - networks.begin()), config.family,
                              config.vrid};
        elections[key].push_back(seat);
    }
    return elections;
}

bool is_owner(std::span<const RouterTold> routers, const Seat& seat, const OwnAddresses& own) {
    const auto known = own.find(Port{seat.router, seat.config(routers).interface});
    return known != own.end() && std::ranges::any_of(known->second, [&](const IpPrefix& one) {
               return seat.config(routers).has(one.address);
           });
}

std::map<Seat, int> usual_priorities(std::span<const RouterTold> routers, const OwnAddresses& own) {
    std::map<Seat, int> priorities;
    for (std::size_t r = 0; r < routers.size(); ++r)
        for (std::size_t p = 0; p < routers[r].processes.size(); ++p) {
            const RouterConfig& process = routers[r].processes[p].configuration.router;
            const Tracks tracks(process);
            for (std::size_t i = 0; i < process.virtual_routers.size(); ++i) {
                const Seat seat{r, p, i};
                int priority = process.virtual_routers[i].priority;
                for (const TrackIndex used : tracks.used_by(static_cast<VirtualRouterIndex>(i)))
                    priority += std::max(0, tracks.track(used).config().weight.value_or(0));
                const bool is_255 = process.virtual_routers[i].priority == wire::kPriorityOwner ||
                                    is_owner(routers, seat, own);
                priorities[seat] =
                    is_255 ? wire::kPriorityOwner : std::min(priority, wire::kPriorityOwner - 1);
            }
        }
    return priorities;
}

std::optional<std::string> group_of(std::span<const RouterTold> routers, const Seat& seat) {
    const Configuration& process = routers[seat.router].processes[seat.process].configuration;
    const auto& index = seat.config(routers).group;
    if (!index) return std::nullopt;
    const GroupConfig& group = process.router.groups[static_cast<std::size_t>(*index)];
    return group.shared ? fmt::format("{} {}", process.process.directory, group.name)
                        : fmt::format("process {} {}", seat.process, group.name);
}

} // namespace vrrp::config
