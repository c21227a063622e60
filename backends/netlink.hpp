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
};

struct SocketDeleter {
    void operator()(nl_sock* socket) const;
};
using NetlinkSocket = std::unique_ptr<nl_sock, SocketDeleter>;

// Requests. Each waits for the kernel's answer, which does not depend on anybody else.
class Netlink {
  public:
    static tl::expected<Netlink, NicError> open();

    // Nothing when there is no such interface.
    std::optional<Link> link(const std::string& name) const;
    int index(const std::string& name) const; // 0 when there is none

    // Adding what is there and removing what is not are no errors. IPv6 addresses skip duplicate address
    // detection: it would take a second, and the other router's address is the very one.
    NicResult add_address(int index, const IpPrefix& prefix) const;
    NicResult remove_address(int index, const IpPrefix& prefix) const;
    // Only where the address carries our mark.
    void remove_marked_address(int index, const IpPrefix& prefix) const;

    // A macvlan in private mode on `parent`, down. Replaces one of the same name.
    tl::expected<int, NicError> add_macvlan(const std::string& name, int parent, const MacAddress& mac) const;
    NicResult set_up(int index, bool up) const;
    void remove_link(const std::string& name) const;
    // The macvlan devices on `parent` whose names begin with `prefix`.
    struct Device {
        std::string name;
        bool up = false;
    };
    std::vector<Device> macvlans(int parent, std::string_view prefix) const;

  private:
    explicit Netlink(NetlinkSocket socket) : socket_(std::move(socket)) {}
    NetlinkSocket socket_;
};

// Events. It tells that something changed, not what: the facts are read anew, so a lost event costs nothing.
class NetlinkEvents {
  public:
    static tl::expected<NetlinkEvents, NicError> open();

    int descriptor() const;

    // Takes what is waiting; true when any of it concerns more than marked addresses, or when the kernel had
    // to drop some (ENOBUFS).
    bool take();

  private:
    explicit NetlinkEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}
    NetlinkSocket socket_;
};

} // namespace vrrp::backend
