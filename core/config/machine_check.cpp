#include "core/config/machine_check.hpp"

#include "core/machine/tracks.hpp"
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
    if (config.source && !source_address(config, facts))
        return fmt::format(
            "{} has no address {}, which is to be the source of its advertisements: give it to it", name,
            to_string(*config.source));
    if (!source_address(config, facts))
        return fmt::format("{} has no {} address to send advertisements from: give it one", name,
                           config.family == IpFamily::v4 ? "IPv4"
                           : config.unicast()            ? "IPv6"
                                                         : "link-local IPv6");
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

// The least and the most that all of its weights can make of its priority, before that is cut to 1..254.
std::pair<int, int> reach(int priority, const Tracks& tracks, VirtualRouterIndex index) {
    std::pair reach(priority, priority);
    for (const TrackIndex used : tracks.used_by(index)) {
        const int weight = tracks.track(used).config().weight.value_or(0);
        (weight < 0 ? reach.first : reach.second) += weight;
    }
    return reach;
}

void check_reach(const VirtualRouterConfig& one, VirtualRouterIndex index, std::pair<int, int> reach,
                 std::vector<Misfit>& misfits) {
    const auto tell = [&](std::string what) {
        misfits.push_back({.sentence = fmt::format("{} vrid {}: {}", one.interface, one.vrid, what),
                           .virtual_router = index});
    };
    if (one.priority == wire::kPriorityOwner) {
        if (reach.first != reach.second)
            tell("priority 255 stays what it is: the weights of its checks change nothing");
        return;
    }
    if (reach.first < 1)
        tell(fmt::format("its checks can take {} from priority {}: below 1 the rest changes nothing; use "
                         "smaller weights, or none, then a failure keeps it out of the election",
                         one.priority - reach.first, one.priority));
    if (reach.second >= wire::kPriorityOwner)
        tell(fmt::format("its checks can add {} to priority {}: above 254 the rest changes nothing; use "
                         "smaller weights, or a lower priority",
                         reach.second - one.priority, one.priority));
}

} // namespace

std::string told(const Misfit& misfit, const ProcessConfig& process) {
    const auto place = process.programs.find(misfit.program);
    return place == process.programs.end() ? misfit.sentence : place->second + ": " + misfit.sentence;
}

std::vector<Misfit> weight_misfits(const RouterConfig& config) {
    std::vector<Misfit> misfits;
    for (std::size_t i = 0; i < config.tracks.size(); ++i)
        if (config.tracks[i].weight == 0)
            misfits.push_back({.sentence = fmt::format(
                                   "track {}: a weight of 0 changes nothing; use another, or none, then a "
                                   "failure keeps its users out of the election",
                                   config.tracks[i].name),
                               .track = static_cast<TrackIndex>(i)});
    const Tracks tracks(config);
    for (std::size_t i = 0; i < config.virtual_routers.size(); ++i) {
        const VirtualRouterConfig& one = config.virtual_routers[i];
        const auto index = static_cast<VirtualRouterIndex>(i);
        check_reach(one, index, reach(one.priority, tracks, index), misfits);
    }
    return misfits;
}

std::size_t most_addresses(const VirtualRouterConfig& config, std::uint32_t mtu) {
    const std::size_t empty =
        wire::packet_size(config.longest_version(), config.family, config.authentication.type,
                          config.authentication.hmac.signs(), 0);
    return mtu < empty ? 0 : (mtu - empty) / address_size(config.family);
}

std::vector<Misfit> misfits(const VirtualRouterConfig& config, const InterfaceFacts& facts) {
    if (!facts.present) return {{true, fmt::format("there is no interface {}", config.interface)}};
    std::vector<Misfit> misfits;
    if (const auto why = not_ready(config, facts)) misfits.push_back({false, *why});
    for (const IpPrefix& prefix : config.addresses)
        if (config.is_at_home(prefix.address)) check_address(prefix.address, config, facts, misfits);
    if (const std::size_t size = advertisement_size(config); size > facts.mtu)
        misfits.push_back(
            {true,
             fmt::format("{} vrid {}: an advertisement of {} addresses has {} bytes, and {} carries {}: "
                         "use at most {} addresses for one VRID, or raise the MTU",
                         config.interface, config.vrid, config.advertised().size(), size, config.interface,
                         facts.mtu, most_addresses(config, facts.mtu))});
    return misfits;
}

} // namespace vrrp::config
