#include "netsim/scenario/named.hpp"

#include <algorithm>

namespace vrrp::sim {

Node& node_named(World& world, const std::string& name) {
    return *std::ranges::find(world.nodes(), name, [](const Node& m) { return m.name(); });
}

std::uint16_t interface_of(World& world, const Arguments& a) {
    return node_named(world, a.node).kernel().labelled(a.interface);
}

std::vector<Process*> processes_of(World& world, const Arguments& a) {
    std::vector<Process*> chosen;
    for (const auto& process : node_named(world, a.node).processes())
        if (a.vrids.empty() || std::ranges::any_of(a.vrids, [&](auto vrid) { return process->has(vrid); }))
            chosen.push_back(process.get());
    return chosen;
}

const Probe* probe_of(const World& world, const std::string& name) {
    const auto found = std::ranges::find(world.probes(), name, &Probe::name);
    return found == world.probes().end() ? nullptr : &*found;
}

Switch& network_named(World& world, const std::string& name) {
    return *std::ranges::find(world.networks(), name, [](const Switch& s) { return s.name(); });
}

Speaker& speaker_of(World& world, const Arguments& a) {
    return *std::ranges::find(world.speakers(), a.node, [](const Speaker& s) { return s.kernel().name(); });
}

} // namespace vrrp::sim
