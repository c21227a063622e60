// The network that a check builds around routers of which it knows the configurations alone.
#pragma once

#include "core/config/together/elections.hpp"

namespace vrrp::sim {

// What a scenario says of a router: its command lines, and the files that they name.
struct WrittenRouter {
    std::vector<std::string> run;
    std::map<std::string, std::string> files; // by absolute path
};

struct SitePort {
    std::size_t router = 0;
    std::string interface;
    std::vector<IpPrefix> own{};
    bool elects = false; // it has virtual routers; else a check looks at it
};

struct SiteNetwork {
    std::string name; // "net1"
    std::vector<IpPrefix> subnets{};
    std::vector<SitePort> ports{}; // in the order of the routers
};

struct SiteHost {
    std::string name; // "pc1"
    std::size_t network = 0;
    std::vector<IpPrefix> own{};
    std::optional<IpAddress> gateway{}; // that it asks again and again; none: it only answers
};

// All that a scenario needs but its steps.
struct Site {
    std::vector<config::RouterTold> told;
    std::vector<WrittenRouter> written; // of each router
    config::Elections elections;        // by places in `networks`
    // Who leads each where nothing has failed; nothing where that is not settled by priorities.
    std::map<config::ElectionKey, std::optional<config::Seat>> leaders;
    config::OwnAddresses own;          // of ports that elect, chosen or given
    std::vector<SiteNetwork> networks; // those with elections come first
    std::vector<SiteHost> hosts;
    std::vector<std::pair<std::size_t, std::size_t>> flows; // between hosts, through the gateways
    std::vector<SiteHost> strangers; // one for each network with elections: there where a fault needs it

    const std::string& router(std::size_t index) const { return told[index].name; }
    const VirtualRouterConfig& config(const config::Seat& seat) const { return seat.config(told); }
};

// 1. `networks` become net1, net2, ...; their subnets are what given own addresses and virtual addresses say, else the /24,
//    or /64, around them.
// 2. Own addresses that nothing says are the first free ones of each subnet, in the order of the routers.
// 3. On each network a host asks each of its first virtual routers; between networks there are flows.
// 4. What health checks look at is there, and well.
// An error: a subnet has no room.
config::Parsed<Site> lay_out(std::vector<config::RouterTold> told, std::vector<WrittenRouter> written,
                             std::span<const config::SharedNetwork> networks,
                             const config::OwnAddresses& own);

} // namespace vrrp::sim
