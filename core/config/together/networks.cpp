#include "core/config/together/networks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace vrrp::config {
namespace {

bool share_address(const VirtualRouterConfig& a, const VirtualRouterConfig& b) {
    return a.family == b.family && std::ranges::any_of(a.advertised(), [&](const IpPrefix& one) {
               return std::ranges::find(b.advertised(), one.address, &IpPrefix::address) !=
                      b.advertised().end();
           });
}

// Ports and which of them are one network.
class Unions {
  public:
    explicit Unions(std::vector<Port> ports) : ports_(std::move(ports)), first_(ports_.size()) {
        std::iota(first_.begin(), first_.end(), std::size_t{0});
    }

    void join(const Port& a, const Port& b) {
        const std::size_t one = network(a), other = network(b);
        std::ranges::replace(first_, std::max(one, other), std::min(one, other));
    }
    bool is_alone(const Port& port) const { return std::ranges::count(first_, network(port)) == 1; }
    // Whether a network would then have two ports of one router.
    bool would_double(const Port& a, const Port& b) const {
        const auto has = [&](const Port& of, std::size_t router) {
            for (std::size_t i = 0; i < ports_.size(); ++i)
                if (first_[i] == network(of) && ports_[i].router == router) return true;
            return false;
        };
        return has(a, b.router) || has(b, a.router);
    }

    std::vector<SharedNetwork> networks() const {
        std::vector<SharedNetwork> all;
        for (std::size_t first = 0; first < ports_.size(); ++first) {
            SharedNetwork network;
            for (std::size_t i = 0; i < ports_.size(); ++i)
                if (first_[i] == first) network.ports.push_back(ports_[i]);
            if (!network.ports.empty()) all.push_back(std::move(network));
        }
        return all;
    }

  private:
    std::size_t network(const Port& port) const {
        return first_[static_cast<std::size_t>(std::ranges::find(ports_, port) - ports_.begin())];
    }

    std::vector<Port> ports_;
    std::vector<std::size_t> first_; // of each, the first port of its network
};

Port port_of(std::span<const RouterTold> routers, const Seat& seat) {
    return {seat.router, seat.config(routers).interface};
}

// "gw1 eth0 (vrid 51, 10.16.1.200)"
std::string port_text(std::span<const RouterTold> routers, const Seat& seat) {
    const VirtualRouterConfig& config = seat.config(routers);
    return fmt::format("{} {} (vrid {}, {})", routers[seat.router].name, config.interface, config.vrid,
                       to_string(config.addresses.front().address));
}

} // namespace

std::string to_text(const Place& place) {
    if (place.line == 0) return place.file;
    return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::vector<Seat> seats_of(std::span<const RouterTold> routers) {
    std::vector<Seat> seats;
    for (std::size_t r = 0; r < routers.size(); ++r)
        for (std::size_t p = 0; p < routers[r].processes.size(); ++p)
            for (std::size_t i = 0; i < routers[r].processes[p].configuration.router.virtual_routers.size();
                 ++i)
                seats.push_back({r, p, i});
    return seats;
}

Parsed<std::vector<SharedNetwork>> networks_of(std::span<const RouterTold> routers,
                                               std::span<const std::pair<Port, Port>> joined) {
    const std::vector<Seat> seats = seats_of(routers);
    std::vector<Port> ports;
    for (const Seat& seat : seats)
        if (const Port port = port_of(routers, seat); std::ranges::find(ports, port) == ports.end())
            ports.push_back(port);
    Unions unions(ports);
    for (const auto& [a, b] : joined)
        unions.join(a, b);
    const auto join_where = [&](auto&& alike, auto&& may) {
        for (const Seat& a : seats)
            for (const Seat& b : seats) {
                if (a.router >= b.router || !alike(a.config(routers), b.config(routers))) continue;
                const Port one = port_of(routers, a), other = port_of(routers, b);
                if (may(one, other)) unions.join(one, other);
            }
    };
    const auto same_vrid = [](const auto& a, const auto& b) {
        return a.family == b.family && a.vrid == b.vrid;
    };
    const auto always = [](const Port&, const Port&) { return true; };
    const auto both_alone = [&](const Port& a, const Port& b) {
        return unions.is_alone(a) && unions.is_alone(b);
    };
    const auto one_alone = [&](const Port& a, const Port& b) {
        return (unions.is_alone(a) || unions.is_alone(b)) && !unions.would_double(a, b);
    };
    join_where([&](const auto& a, const auto& b) { return same_vrid(a, b) && share_address(a, b); }, always);
    join_where(share_address, both_alone);
    join_where(share_address, one_alone);
    join_where(same_vrid, both_alone);
    join_where(same_vrid, one_alone);

    std::vector<SharedNetwork> networks = unions.networks();
    for (const Seat& seat : seats) {
        const auto is_shared = [&](const SharedNetwork& network) {
            const auto is_its = [&](const Port& port) { return port.router == seat.router; };
            return std::ranges::any_of(network.ports, is_its) && !std::ranges::all_of(network.ports, is_its);
        };
        if (std::ranges::any_of(networks, is_shared)) continue;
        const auto other =
            std::ranges::find_if(seats, [&](const Seat& s) { return s.router != seat.router; });
        if (other == seats.end()) return error("one router alone fails over to nobody: name two or more");
        return error(
            fmt::format("{}: {} shares neither a VRID nor a virtual address with {}: which network is "
                        "it on? Say --network {}.{},{}.{}",
                        to_text(seat.place(routers, "vrid")), port_text(routers, seat),
                        port_text(routers, *other), routers[seat.router].name, seat.config(routers).interface,
                        routers[other->router].name, other->config(routers).interface));
    }
    return networks;
}

OwnAddresses own_addresses(std::span<const RouterTold> routers, std::span<const SharedNetwork> networks,
                           const OwnAddresses& given) {
    OwnAddresses known = given;
    const std::vector<Seat> seats = seats_of(routers);
    const auto has = [&](const Port& port, IpFamily family) {
        const auto found = known.find(port);
        return found != known.end() && std::ranges::any_of(found->second, [&](const IpPrefix& one) {
                   return one.address.family() == family;
               });
    };
    const auto full_length = [](const IpAddress& address) {
        return IpPrefix{address, static_cast<std::uint8_t>(address_bits(address.family()))};
    };
    for (const Seat& seat : seats)
        if (const auto& source = seat.config(routers).source;
            source && !has(port_of(routers, seat), source->family()))
            known[port_of(routers, seat)].push_back(full_length(*source));
    for (const Seat& seat : seats) {
        const VirtualRouterConfig& config = seat.config(routers);
        const Port port = port_of(routers, seat);
        if (!config.unicast() || has(port, config.family)) continue;
        const auto network = std::ranges::find_if(networks, [&](const SharedNetwork& one) {
            return std::ranges::find(one.ports, port) != one.ports.end();
        });
        std::vector<IpAddress> candidates;
        for (const Seat& other : seats) {
            const VirtualRouterConfig& theirs = other.config(routers);
            const bool is_rival =
                other.router != seat.router && theirs.vrid == config.vrid && theirs.family == config.family &&
                std::ranges::find(network->ports, port_of(routers, other)) != network->ports.end();
            if (!is_rival) continue;
            for (const IpAddress& peer : theirs.peers) {
                const bool is_anothers =
                    std::ranges::find(config.peers, peer) != config.peers.end() ||
                    std::ranges::any_of(known, [&](const auto& one) {
                        return std::ranges::find(one.second, peer, &IpPrefix::address) != one.second.end();
                    });
                if (!is_anothers && std::ranges::find(candidates, peer) == candidates.end())
                    candidates.push_back(peer);
            }
        }
        if (candidates.size() == 1) known[port].push_back(full_length(candidates.front()));
    }
    return known;
}

} // namespace vrrp::config
