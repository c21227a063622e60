// rtnetlink, as far as virtual routers need it, through libnl.
#pragma once

#include "core/machine/interface_facts.hpp"
#include "core/ports.hpp"

#include <memory>
#include <optional>
#include <string>

struct nl_sock;

namespace vrrp::backend {

// The mark (IFA_PROTO, since Linux 5.18) of addresses that virtual routers put on interfaces: VRRP's protocol
// number. By it a restart knows what a killed predecessor left behind, and facts leave our own addresses out.
inline constexpr std::uint8_t kAddressMark = 112;

struct Link {
    int index = 0;
    InterfaceFacts facts; // addresses without marked ones, and without IPv6 ones that are not valid yet
    std::string kind;     // "macvlan", "bridge", "bond"; empty for a plain device
    int master = 0;       // the index of the bridge, bond or VRF that it is a member of
};

struct KernelAddress {
    IpPrefix prefix;
    bool marked = false;
    bool usable = true; // an IPv6 address is not while duplicates of it are looked for, or were found
};

// A macvlan device. It hears in private mode, and is deaf when it is down or in "source" mode with an empty
// list of sources, to which it can be switched within microseconds. Only down is it quite deaf: in source
// mode it still gets broadcasts that come from its own MAC, the next master's, and its interface misses them.
struct Macvlan {
    int index = 0;
    std::string name;
    bool deaf = true;
};

struct SocketDeleter {
    void operator()(nl_sock* socket) const;
};
using NetlinkSocket = std::unique_ptr<nl_sock, SocketDeleter>;

tl::expected<NetlinkSocket, NicError> connect_netlink();

// Requests. Each waits for the kernel's answer, which does not depend on anybody else.
class Netlink {
  public:
    static tl::expected<Netlink, NicError> open();

    // Nothing when there is no such interface.
    std::optional<Link> link(const std::string& name) const;
    std::optional<Link> link(int index) const;
    bool is_up(int index) const; // false when there is none
    // In the kernel's order.
    std::vector<KernelAddress> addresses(int index) const;
    // Of all links, by name: who has this MAC; and who has this address.
    std::vector<std::string> links_with(const MacAddress& mac) const;
    std::vector<std::string> links_with(const IpAddress& address) const;

    // Whether the address brings a route to its whole prefix with it.
    enum class PrefixRoute : std::uint8_t { yes, no };
    // Adding what is there and removing what is not are no errors. IPv6 addresses skip duplicate address
    // detection: it would take a second, and the other router's address is the very one.
    NicResult add_address(int index, const IpPrefix& prefix, PrefixRoute route,
                          const AddressMarks& marks = {}) const;
    NicResult remove_address(int index, const IpPrefix& prefix) const;

    // fe80::/64 by a device that is up: without it nothing link-local is answered from there. It goes when the
    // device goes down or its IPv6 is switched off. No error when it is there.
    NicResult add_link_local_route(int index) const;

    // On `parent`, down; in the same VRF, if that is in one.
    tl::expected<int, NicError> add_macvlan(const std::string& name, int parent, const MacAddress& mac,
                                            std::optional<int> vrf) const;
    NicResult make_hear(int index) const; // up, too
    NicResult make_deaf(int index) const; // no error when it is gone
    NicResult set_down(int index) const;
    // Those on `parent` whose names begin with `prefix`.
    std::vector<Macvlan> macvlans(int parent, std::string_view prefix) const;
    // All at once: one by one each costs the kernel some twenty milliseconds.
    void remove_links(const std::vector<int>& indexes) const;

  private:
    explicit Netlink(NetlinkSocket socket) : socket_(std::move(socket)) {}
    NetlinkSocket socket_;
};

} // namespace vrrp::backend
