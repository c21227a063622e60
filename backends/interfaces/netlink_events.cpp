#include "backends/interfaces/netlink_events.hpp"

#include "backends/interfaces/netlink_address.hpp"

#include <linux/if.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>

namespace vrrp::backend {
namespace {

// Room for the burst of a few thousand changes; past it the kernel drops and we read everything anew.
constexpr int kEventBufferSize = 1 << 20;

void read_link(nlmsghdr* header, NetlinkNews& news) {
    nlattr* attributes[IFLA_MAX + 1] = {};
    if (nlmsg_parse(header, sizeof(ifinfomsg), attributes, IFLA_MAX, nullptr) < 0) return;
    const auto* fixed = static_cast<const ifinfomsg*>(nlmsg_data(header));
    news.facts.insert(fixed->ifi_index);
    if (header->nlmsg_type == RTM_DELLINK || (fixed->ifi_flags & IFF_UP) == 0)
        news.losses.insert(fixed->ifi_index);
    if (header->nlmsg_type == RTM_NEWLINK && attributes[IFLA_IFNAME] != nullptr)
        news.names.insert(nla_get_string(attributes[IFLA_IFNAME]));
}

void read_settings(nlmsghdr* header, NetlinkNews& news) {
    nlattr* attributes[NETCONFA_MAX + 1] = {};
    if (nlmsg_parse(header, sizeof(netconfmsg), attributes, NETCONFA_MAX, nullptr) < 0) return;
    if (attributes[NETCONFA_IFINDEX] != nullptr && attributes[NETCONFA_FORWARDING] != nullptr)
        news.forwarding.insert(static_cast<int>(nla_get_u32(attributes[NETCONFA_IFINDEX])));
}

int read(nl_msg* message, void* argument) {
    NetlinkNews& news = *static_cast<NetlinkNews*>(argument);
    nlmsghdr* header = nlmsg_hdr(message);
    switch (header->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: read_link(header, news); break;
    case RTM_NEWNETCONF: read_settings(header, news); break;
    default:
        if (const auto told = read_address(header)) {
            if (!told->address.marked) news.facts.insert(told->index);
            if (header->nlmsg_type == RTM_DELADDR) news.losses.insert(told->index);
        }
    }
    return NL_OK;
}

} // namespace

tl::expected<NetlinkEvents, NicError> NetlinkEvents::open() {
    auto socket = connect_netlink();
    if (!socket) return tl::unexpected(socket.error());
    nl_sock* raw = socket->get();
    nl_socket_disable_seq_check(raw); // events answer no request
    nl_socket_set_nonblocking(raw);
    nl_socket_set_buffer_size(raw, kEventBufferSize, 0);
    const int code = nl_socket_add_memberships(raw, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                               RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, 0);
    if (code < 0) return tl::unexpected(NicError{nl_geterror(code)});
    return NetlinkEvents(std::move(*socket));
}

int NetlinkEvents::descriptor() const {
    return nl_socket_get_fd(socket_.get());
}

bool NetlinkEvents::any() const {
    pollfd waiting{.fd = descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

NetlinkNews NetlinkEvents::take() {
    NetlinkNews news;
    nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, read, &news);
    for (;;) {
        const int code = nl_recvmsgs_default(socket_.get());
        if (code == -NLE_AGAIN) return news;
        if (code < 0) news.anything = true; // ENOBUFS comes as NLE_NOMEM: some were dropped
        if (code < 0 && code != -NLE_NOMEM) return news;
    }
}

} // namespace vrrp::backend
