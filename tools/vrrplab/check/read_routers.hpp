// What stands on the command line of vrrplab check, read: routers, with their files, and what is known of them.
#pragma once

#include "core/config/import/import.hpp"
#include "core/config/together/objections.hpp"
#include "netsim/check/site.hpp"

namespace vrrplab {

// What is read while routers are. A test gives its own.
struct CheckSources {
    std::function<tl::expected<std::string, std::string>(const std::string& path)> read_file;
    std::function<std::vector<std::string>(const std::string& pattern)>
        files; // that keepalived.conf includes
};

struct ReadRouters {
    std::vector<vrrp::config::RouterTold> told;
    std::vector<vrrp::sim::WrittenRouter> written;
    std::vector<vrrp::config::Objection> remarks; // about what an import has lost
};

// Each argument is NAME=FILE or NAME=COMMAND LINE ("vrrpd -i eth0 ..."); a name that comes again is another process of that
// router. A file is one of `vrrpd --config`, or what `vrrpd --import` takes; keepalived's lines for @NAME are the router's. In
// what is written a secret that a file holds is another one, which is the same wherever the secret is. The error is a line.
tl::expected<ReadRouters, std::string> read_routers(std::span<const std::string> arguments,
                                                    const CheckSources& sources);

// NAME.INTERFACE=IP/LEN
tl::expected<vrrp::config::OwnAddresses, std::string>
read_addresses(std::span<const std::string> arguments, std::span<const vrrp::config::RouterTold> routers);

// NAME.INTERFACE,NAME.INTERFACE: they are on one network.
tl::expected<std::vector<std::pair<vrrp::config::Port, vrrp::config::Port>>, std::string>
read_joined(std::span<const std::string> arguments, std::span<const vrrp::config::RouterTold> routers);

} // namespace vrrplab
