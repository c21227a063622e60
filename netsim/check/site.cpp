#include "netsim/check/site.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace vrrp::sim {
namespace {

using config::OwnAddresses;
using config::Parsed;
using config::Port;
using config::RouterTold;
using config::Seat;
using config::SharedNetwork;

constexpr std::size_t kMostHosts = 4; // that ask, on one network
constexpr std::size_t kMostFlows = 6;

std::uint8_t full_length_of(const IpAddress& address) {
    return static_cast<std::uint8_t>(address_bits(address.family()));
}

// The network that an address without a length is most likely in, where it is neither its first nor its last one.
IpPrefix likely_subnet(const IpAddress& address) {
    if (address.family() == IpFamily::v6) return {IpPrefix{address, 64}.first(), 64};
    for (std::uint8_t length = 24; length > 8; --length) {
        const IpPrefix subnet{address, length};
        if (subnet.first() != address && subnet.last() != address) return {subnet.first(), length};
    }
    return {IpPrefix{address, 8}.first(), 8};
}

IpAddress following(const IpAddress& address) {
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::copy(address.bytes(), bytes.begin());
    for (std::size_t i = address_size(address.family()); i-- > 0;)
        if (++bytes[i] != 0) break;
    return IpAddress::from_bytes(address.family(), bytes.data());
}

class Surveyor {
  public:
    Surveyor(std::vector<RouterTold> told, std::vector<WrittenRouter> written,
             std::span<const SharedNetwork> networks, const OwnAddresses& own)
        : networks_(networks) {
        site_.told = std::move(told);
        site_.written = std::move(written);
        site_.own = own;
        site_.elections = config::elections_of(site_.told, networks);
        for (const SharedNetwork& network : networks) {
            SiteNetwork made{.name = fmt::format("net{}", site_.networks.size() + 1)};
            for (const Port& port : network.ports)
                made.ports.push_back({.router = port.router, .interface = port.interface, .elects = true});
            site_.networks.push_back(std::move(made));
        }
        taken_.resize(networks.size());
        for (const auto& [key, seats] : site_.elections)
            for (const Seat& seat : seats)
                for (const IpPrefix& one : site_.config(seat).addresses)
                    taken_[key.network].insert(one.address);
        for (const auto& [port, addresses] : site_.own)
            for (const IpPrefix& one : addresses)
                for (std::size_t n = 0; n < networks.size(); ++n)
                    if (std::ranges::find(networks[n].ports, port) != networks[n].ports.end())
                        taken_[n].insert(one.address);
    }

    Parsed<Site> make() {
        for (std::size_t n = 0; n < networks_.size(); ++n) {
            choose_subnets(n);
            for (SitePort& port : site_.networks[n].ports)
                choose_addresses(n, port);
        }
        const std::size_t electing = site_.networks.size();
        for (const auto& [key, seats] : site_.elections)
            for (const Seat& seat : seats)
                for (const AddressPlace& place : site_.config(seat).places)
                    if (!place.interface.empty()) network_of_place(seat.router, place);
        for (std::size_t n = 0; n < electing; ++n)
            add_hosts(n);
        add_flows();
        for (std::size_t r = 0; r < site_.told.size(); ++r)
            for (const config::Told& told : site_.told[r].processes)
                for (const TrackConfig& track : told.configuration.router.tracks)
                    add_what_is_looked_at(r, track);
        for (std::size_t n = 0; n < electing; ++n)
            add_stranger(n);
        if (error_) return tl::unexpected(*error_);
        find_leaders();
        return std::move(site_);
    }

  private:
    void find_leaders() {
        const auto priorities = config::usual_priorities(site_.told, site_.own);
        for (const auto& [key, seats] : site_.elections) {
            std::optional<Seat>& leader = site_.leaders[key];
            int best = 0;
            for (const Seat& seat : seats) {
                const int priority = priorities.at(seat);
                if (priority == best) leader.reset();
                if (priority > best) leader = seat, best = priority;
            }
        }
    }

    // --- Addresses

    void choose_subnets(std::size_t n) {
        std::vector<IpPrefix> wanted; // what has a length says more
        for (const SitePort& port : site_.networks[n].ports)
            for (const IpPrefix& one : own_of(port))
                wanted.push_back(one);
        bool v4 = false, v6 = false;
        for (const auto& [key, seats] : site_.elections)
            for (const Seat& seat : seats) {
                if (key.network != n) continue;
                (key.family == IpFamily::v4 ? v4 : v6) = true;
                const VirtualRouterConfig& config = site_.config(seat);
                for (const IpPrefix& one : config.addresses)
                    if (config.is_at_home(one.address)) wanted.push_back(one);
            }
        std::ranges::stable_partition(
            wanted, [](const IpPrefix& one) { return one.length != full_length_of(one.address); });
        for (const IpPrefix& one : wanted)
            add_subnet(n, one);
        const auto lacks = [&](IpFamily family) {
            return std::ranges::none_of(site_.networks[n].subnets,
                                        [&](const IpPrefix& one) { return one.address.family() == family; });
        };
        if (v4 && lacks(IpFamily::v4)) add_subnet(n, nobodys_subnet(n)); // its addresses are elsewhere
        if (v6 && lacks(IpFamily::v6))
            add_subnet(n, *IpPrefix::parse(fmt::format("fd00:0:0:{:x}::/64", n + 1)));
    }

    // Of the documentation's network (RFC 5737).
    static IpPrefix nobodys_subnet(std::size_t n) {
        return *IpPrefix::parse(fmt::format("192.0.2.{}/28", 16 * (n % 16)));
    }

    void add_subnet(std::size_t n, const IpPrefix& around) {
        if (around.address.is_link_local()) return; // every network has those
        if (subnet_of(n, around.address) != nullptr) return;
        site_.networks[n].subnets.push_back(around.length == full_length_of(around.address)
                                                ? likely_subnet(around.address)
                                                : IpPrefix{around.first(), around.length});
    }

    const IpPrefix* subnet_of(std::size_t n, const IpAddress& address) const {
        for (const IpPrefix& subnet : site_.networks[n].subnets)
            if (subnet.contains(address)) return &subnet;
        return nullptr;
    }

    std::vector<IpPrefix> own_of(const SitePort& port) const {
        const auto known = site_.own.find(Port{port.router, port.interface});
        return known == site_.own.end() ? std::vector<IpPrefix>{} : known->second;
    }

    // A scenario's addresses have the lengths of its subnets.
    IpPrefix placed(std::size_t n, const IpAddress& address) const {
        const IpPrefix* subnet = subnet_of(n, address);
        return {address, subnet == nullptr ? std::uint8_t{64} : subnet->length};
    }

    void choose_addresses(std::size_t n, SitePort& port) {
        bool v4 = false, v6 = false;
        for (const auto& [key, seats] : site_.elections)
            for (const Seat& seat : seats)
                if (key.network == n && seat.router == port.router &&
                    site_.config(seat).interface == port.interface)
                    (key.family == IpFamily::v4 ? v4 : v6) = true;
        for (const IpPrefix& one : own_of(port))
            port.own.push_back(placed(n, one.address));
        const auto is_link_local = [](const IpPrefix& one) { return one.address.is_link_local(); };
        const std::string who = site_.router(port.router) + " " + port.interface;
        if (v6 && std::ranges::none_of(port.own, is_link_local)) port.own.push_back({free_link_local(n), 64});
        for (const IpPrefix& subnet : site_.networks[n].subnets) {
            const bool wanted = subnet.address.family() == IpFamily::v4 ? v4 : v6;
            const auto is_in = [&](const IpPrefix& one) { return subnet.contains(one.address); };
            if (wanted && std::ranges::none_of(port.own, is_in))
                take(n, subnet.address.family(), who, port.own, &subnet.address);
        }
        site_.own[Port{port.router, port.interface}] = port.own;
    }

    // It must have one.
    void take(std::size_t n, IpFamily family, const std::string& who, std::vector<IpPrefix>& into,
              const IpAddress* near = nullptr) {
        if (take_free(n, family, into, near) || error_) return;
        error_ = config::ConfigError{
            .message =
                fmt::format("{} has no free address for {} in {}: give the routers' own addresses with "
                            "shorter lengths by --address ROUTER.INTERFACE=IP/LEN",
                            site_.networks[n].name, who, subnets_text(n))};
    }

    // The first free one of the network's first subnet of this family, or the one that holds `near`.
    bool take_free(std::size_t n, IpFamily family, std::vector<IpPrefix>& into,
                   const IpAddress* near = nullptr) {
        for (const IpPrefix& subnet : site_.networks[n].subnets) {
            if (subnet.address.family() != family || (near != nullptr && !subnet.contains(*near))) continue;
            IpAddress address = subnet.first();
            for (std::size_t tries = 0; tries < 65536; ++tries, address = following(address)) {
                if (!subnet.contains(address)) break;
                const bool reserved = address == subnet.first() || subnet.is_broadcast_address(address);
                if ((reserved && subnet.length < 31) || !taken_[n].insert(address).second) continue;
                into.push_back({address, subnet.length});
                return true;
            }
        }
        return false;
    }

    std::string subnets_text(std::size_t n) const {
        std::string text;
        for (const IpPrefix& one : site_.networks[n].subnets)
            text += (text.empty() ? "" : ", ") + to_string(one);
        return text;
    }

    IpAddress free_link_local(std::size_t n) {
        IpAddress address = *IpAddress::parse("fe80::1");
        while (!taken_[n].insert(address).second)
            address = following(address);
        return address;
    }

    // --- Hosts

    void add_hosts(std::size_t n) {
        std::size_t count = 0;
        for (const auto& [key, seats] : site_.elections) {
            if (key.network != n || count == kMostHosts) continue;
            ++count;
            const VirtualRouterConfig& config = site_.config(seats.front());
            const IpAddress gateway = config.addresses.front().address;
            const std::size_t there = config.is_at_home(gateway)
                                          ? n
                                          : network_of_place(seats.front().router, *config.place_of(gateway));
            SiteHost host{.name = fmt::format("pc{}", site_.hosts.size() + 1), .network = there};
            take(there, key.family, host.name, host.own, gateway.is_link_local() ? nullptr : &gateway);
            if (gateway.is_link_local()) host.own.push_back({free_link_local(there), 64});
            host.gateway = gateway;
            site_.hosts.push_back(std::move(host));
        }
    }

    // Of each family one for each two networks.
    void add_flows() {
        for (std::size_t a = 0; a < site_.hosts.size(); ++a)
            for (std::size_t b = a + 1; b < site_.hosts.size(); ++b) {
                const SiteHost &from = site_.hosts[a], &to = site_.hosts[b];
                const auto joins = [&](const auto& flow) {
                    const SiteHost &one = site_.hosts[flow.first], &other = site_.hosts[flow.second];
                    return one.network == from.network && other.network == to.network &&
                           family_of(one) == family_of(from);
                };
                if (from.network == to.network || family_of(from) != family_of(to) ||
                    std::ranges::any_of(site_.flows, joins) || site_.flows.size() == kMostFlows)
                    continue;
                site_.flows.emplace_back(a, b);
            }
    }

    static IpFamily family_of(const SiteHost& host) { return host.gateway->family(); }

    void add_stranger(std::size_t n) {
        SiteHost stranger{.name = fmt::format("stranger{}", n + 1), .network = n};
        for (const auto& [key, seats] : site_.elections) {
            if (key.network != n) continue;
            const auto has = [&](const IpPrefix& one) { return one.address.family() == key.family; };
            if (std::ranges::any_of(stranger.own, has)) continue;
            if (key.family == IpFamily::v6)
                stranger.own.push_back({free_link_local(n), 64}); // what IPv6 is spoken from
            else
                take_free(n, key.family, stranger.own);
        }
        site_.strangers.push_back(std::move(stranger)); // without an address: there was no room for it
    }

    // --- Health checks

    void add_what_is_looked_at(std::size_t router, const TrackConfig& track) {
        if (const auto* check = std::get_if<InterfaceCheck>(&track.check)) {
            const std::size_t n = network_by(router, check->interface, check->address);
            if (check->address) give(n, router, check->interface, *check->address);
        } else if (const auto* ping = std::get_if<PingCheck>(&track.check)) {
            add_target(router, *ping);
        }
    }

    // Where an address stands that is not on its virtual router's interface: a network that has it already, as far as
    // the router is nowhere on it, else as the interface is called.
    std::size_t network_of_place(std::size_t router, const AddressPlace& place) {
        const auto is_its = [&](const SitePort& port) { return port.router == router; };
        for (std::size_t n = 0; n < site_.networks.size(); ++n) {
            const auto& ports = site_.networks[n].ports;
            if (subnet_of(n, place.address) == nullptr || std::ranges::any_of(ports, is_its)) continue;
            taken_[n].insert(place.address);
            SitePort port{.router = router, .interface = place.interface};
            take(n, place.address.family(), site_.router(router) + " " + place.interface, port.own,
                 &place.address);
            site_.networks[n].ports.push_back(std::move(port));
            return n;
        }
        return network_by(router, place.interface, place.address);
    }

    // Where the router's interface is; a network is made where it is nowhere, the same for all that call theirs so.
    std::size_t network_by(std::size_t router, const std::string& interface,
                           const std::optional<IpAddress>& around) {
        const auto has = [&](const SitePort& port) {
            return port.router == router && port.interface == interface;
        };
        for (std::size_t n = 0; n < site_.networks.size(); ++n)
            if (std::ranges::any_of(site_.networks[n].ports, has)) return n;
        const auto is_called_so = [&](const SiteNetwork& one) {
            return std::ranges::any_of(
                one.ports, [&](const SitePort& port) { return !port.elects && port.interface == interface; });
        };
        auto found = std::ranges::find_if(site_.networks, is_called_so);
        const auto n = static_cast<std::size_t>(found - site_.networks.begin());
        if (found == site_.networks.end()) {
            site_.networks.push_back({.name = fmt::format("net{}", n + 1)});
            taken_.emplace_back();
            add_subnet(n, around ? IpPrefix{*around, full_length_of(*around)} : nobodys_subnet(n));
        }
        if (around) taken_[n].insert(*around);
        SitePort port{.router = router, .interface = interface};
        const IpFamily family = around ? around->family() : IpFamily::v4;
        take(n, family, site_.router(router) + " " + interface, port.own);
        site_.networks[n].ports.push_back(std::move(port));
        return n;
    }

    void give(std::size_t n, std::size_t router, const std::string& interface, const IpAddress& address) {
        for (SitePort& port : site_.networks[n].ports) {
            if (port.router != router || port.interface != interface) continue;
            if (std::ranges::find(port.own, address, &IpPrefix::address) != port.own.end()) continue;
            add_subnet(n, {address, full_length_of(address)});
            taken_[n].insert(address);
            port.own.push_back(placed(n, address));
        }
    }

    // A machine that answers, on the network that has its address, or behind an interface of its own.
    void add_target(std::size_t router, const PingCheck& check) {
        static constexpr const char* kOutside = "outside";
        std::size_t n = 0;
        while (n < site_.networks.size() &&
               (subnet_of(n, check.address) == nullptr || !has_port(n, router, check.interface)))
            ++n;
        if (n == site_.networks.size())
            n = network_by(router, check.interface.empty() ? kOutside : check.interface, check.address);
        const auto is_it = [&](const IpPrefix& one) { return one.address == check.address; };
        const auto has_it = [&](const auto& one) { return std::ranges::any_of(one.own, is_it); };
        const auto is_virtual = [&](const auto& election) {
            return std::ranges::any_of(election.second, [&](const Seat& seat) {
                return election.first.network == n && site_.config(seat).has(check.address);
            });
        };
        if (std::ranges::any_of(site_.networks[n].ports, has_it) ||
            std::ranges::any_of(site_.elections, is_virtual) || std::ranges::any_of(site_.hosts, has_it))
            return;
        add_subnet(n, {check.address, full_length_of(check.address)});
        taken_[n].insert(check.address);
        SiteHost target{.name = fmt::format("target{}", ++targets_), .network = n};
        target.own.push_back(placed(n, check.address));
        // It must be able to answer those who ask from another subnet of this network.
        if (site_.networks[n].subnets.size() > 1 &&
            !site_.networks[n].subnets.front().contains(check.address))
            take(n, check.address.family(), target.name, target.own);
        site_.hosts.push_back(std::move(target));
    }

    bool has_port(std::size_t n, std::size_t router, const std::string& interface) const {
        return std::ranges::any_of(site_.networks[n].ports, [&](const SitePort& port) {
            return port.router == router && (interface.empty() || port.interface == interface);
        });
    }

    std::span<const SharedNetwork> networks_;
    Site site_;
    std::vector<std::set<IpAddress>> taken_; // of each network
    std::size_t targets_ = 0;
    std::optional<config::ConfigError> error_;
};

} // namespace

config::Parsed<Site> lay_out(std::vector<RouterTold> told, std::vector<WrittenRouter> written,
                             std::span<const SharedNetwork> networks, const OwnAddresses& own) {
    return Surveyor(std::move(told), std::move(written), networks, own).make();
}

} // namespace vrrp::sim
