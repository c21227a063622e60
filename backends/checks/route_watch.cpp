#include "backends/checks/route_watch.hpp"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPiece = 32 * 1024;  // the kernel makes none that are larger
constexpr int kRouteEventBuffer = 1 << 20; // past it the kernel drops, and the table is read anew

int family_of(const IpPrefix& prefix) {
    return prefix.address.family() == IpFamily::v4 ? AF_INET : AF_INET6;
}

std::optional<IpAddress> address_in(IpFamily family, const void* bytes, std::size_t size) {
    if (size != address_size(family)) return std::nullopt;
    return IpAddress::from_bytes(family, static_cast<const std::uint8_t*>(bytes));
}

// RTA_GATEWAY is of the route's own family; RTA_VIA says of which.
std::optional<IpAddress> gateway_in(IpFamily family, nlattr* const* attributes) {
    if (const nlattr* gateway = attributes[RTA_GATEWAY])
        return address_in(family, nla_data(gateway), static_cast<std::size_t>(nla_len(gateway)));
    const nlattr* via = attributes[RTA_VIA];
    if (via == nullptr || nla_len(via) < static_cast<int>(sizeof(rtvia))) return std::nullopt;
    const auto* fixed = static_cast<const rtvia*>(nla_data(via));
    return address_in(fixed->rtvia_family == AF_INET ? IpFamily::v4 : IpFamily::v6, fixed->rtvia_addr,
                      static_cast<std::size_t>(nla_len(via)) - sizeof(rtvia));
}

bool is_usable(unsigned flags) {
    return (flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) == 0;
}

// A route as far as it may be the one that is looked for.
struct Route {
    const rtmsg* fixed = nullptr;
    nlattr* attributes[RTA_MAX + 1] = {};

    IpFamily family() const { return fixed->rtm_family == AF_INET ? IpFamily::v4 : IpFamily::v6; }

    bool leads_by(const std::optional<IpAddress>& via) const {
        const auto fits = [&](unsigned flags, nlattr* const* of) {
            return is_usable(flags) && (!via || gateway_in(family(), of) == via);
        };
        const nlattr* several = attributes[RTA_MULTIPATH];
        if (several == nullptr) return fits(fixed->rtm_flags, attributes);
        int left = nla_len(several);
        for (auto* hop = static_cast<rtnexthop*>(nla_data(several)); RTNH_OK(hop, left);
             left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
            nlattr* of[RTA_MAX + 1] = {};
            nla_parse(of, RTA_MAX, reinterpret_cast<nlattr*>(RTNH_DATA(hop)),
                      hop->rtnh_len - static_cast<int>(RTNH_LENGTH(0)), nullptr);
            if (fits(hop->rtnh_flags, of)) return true;
        }
        return false;
    }
};

std::optional<Route> parse_route(const nlmsghdr* header) {
    Route route;
    auto* message = const_cast<nlmsghdr*>(header); // libnl only reads it
    if (nlmsg_parse(message, sizeof(rtmsg), route.attributes, RTA_MAX, nullptr) < 0) return std::nullopt;
    route.fixed = static_cast<const rtmsg*>(nlmsg_data(header));
    return route;
}

bool is_in(const Route& route, const RouteCheck& check) {
    const rtmsg& fixed = *route.fixed;
    if (fixed.rtm_family != family_of(check.prefix) || fixed.rtm_dst_len != check.prefix.length) return false;
    const std::uint32_t table =
        route.attributes[RTA_TABLE] != nullptr ? nla_get_u32(route.attributes[RTA_TABLE]) : fixed.rtm_table;
    if (table != check.table) return false;
    const nlattr* to = route.attributes[RTA_DST];
    if (to == nullptr) return check.prefix.length == 0;
    return address_in(route.family(), nla_data(to), static_cast<std::size_t>(nla_len(to))) ==
           check.prefix.address;
}

std::string text_of(const RouteCheck& check) {
    std::string text = to_string(check.prefix);
    if (check.table != RouteCheck::kMainTable) text += fmt::format(" in table {}", check.table);
    if (check.protocol) text += fmt::format(" of protocol {}", *check.protocol);
    if (check.via) text += " via " + to_string(*check.via);
    return text;
}

// Asio closes its own, libnl the other.
int copy_of(int descriptor) {
    return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

// For each message of what was read: true goes on.
template <typename What>
void for_messages(std::vector<std::uint8_t>& bytes, std::size_t size, What&& what) {
    int left = static_cast<int>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(bytes.data()); nlmsg_ok(header, left);
         header = nlmsg_next(header, &left))
        if (!what(header)) return;
}

} // namespace

RouteWatch::RouteWatch(asio::io_context& io, const RouteCheck& check, Tell tell)
    : io_(io), check_(check), tell_(std::move(tell)), events_(io), table_(io), buffer_(kPiece) {
    asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
        if (alive.expired()) return;
        if (!open()) return finish(std::string("the kernel cannot be asked: ") + std::strerror(errno));
        wait_for_events();
        ask();
    });
}

bool RouteWatch::open() {
    auto events = connect_netlink(), table = connect_netlink();
    if (!events || !table) return false;
    events_socket_ = *std::move(events);
    table_socket_ = *std::move(table);
    nl_socket_set_buffer_size(events_socket_.get(), kRouteEventBuffer, 0);
    const int routes =
        check_.prefix.address.family() == IpFamily::v4 ? RTNLGRP_IPV4_ROUTE : RTNLGRP_IPV6_ROUTE;
    if (nl_socket_add_memberships(events_socket_.get(), routes, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                  RTNLGRP_IPV6_IFADDR, RTNLGRP_NEXTHOP, 0) < 0)
        return false;
    // It sends the table that is asked for and no other. A kernel before 4.20 sends all.
    const int strictly = 1;
    (void)::setsockopt(nl_socket_get_fd(table_socket_.get()), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strictly,
                       sizeof strictly);
    events_.assign(copy_of(nl_socket_get_fd(events_socket_.get())));
    table_.assign(copy_of(nl_socket_get_fd(table_socket_.get())));
    return true;
}

// --- Events

void RouteWatch::wait_for_events() {
    events_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
                           if (error || alive.expired()) return;
                           wait_for_events();
                           take_events();
                       });
}

// Bounded: a table that is being filled must not keep us from everything else.
void RouteWatch::take_events() {
    constexpr int kAtOnce = 64;
    bool changed = false;
    for (int i = 0; i < kAtOnce; ++i) {
        const ssize_t size = ::recv(events_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        changed = changed || (size < 0 && errno == ENOBUFS); // some were dropped
        if (size <= 0) break;
        for_messages(buffer_, static_cast<std::size_t>(size), [&](const nlmsghdr* header) {
            changed = changed || concerns_us(header);
            return !changed;
        });
    }
    if (changed) ask();
}

bool RouteWatch::concerns_us(const nlmsghdr* header) const {
    switch (header->nlmsg_type) {
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
        const auto route = parse_route(header);
        return route && is_in(*route, check_);
    }
    case RTM_NEWADDR: return false; // it brings its route, and that is told
    default: return true;
    }
}

// --- The table

void RouteWatch::ask() {
    again_ = asking_;
    if (asking_) return;
    struct {
        alignas(NLMSG_ALIGNTO) nlmsghdr header{};
        rtmsg fixed{};
        rtattr table_header{};
        std::uint32_t table = 0;
    } request;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETROUTE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.fixed.rtm_family = static_cast<unsigned char>(family_of(check_.prefix));
    request.fixed.rtm_protocol = check_.protocol.value_or(RTPROT_UNSPEC);
    request.table_header = {.rta_len = RTA_LENGTH(sizeof request.table), .rta_type = RTA_TABLE};
    request.table = check_.table;
    asking_ = true;
    found_ = false;
    if (::send(table_.native_handle(), &request, sizeof request, 0) != sizeof request)
        return finish(std::string("the kernel cannot be asked: ") + std::strerror(errno));
    wait_for_answer();
}

void RouteWatch::wait_for_answer() {
    table_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
                          if (!error && !alive.expired()) take_answer();
                      });
}

void RouteWatch::take_answer() {
    const ssize_t size = ::recv(table_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_for_answer();
    if (size <= 0) return finish(std::string("the kernel's answer: ") + std::strerror(errno));
    std::string trouble;
    if (!read_answer(static_cast<std::size_t>(size), trouble)) return wait_for_answer();
    finish(trouble);
}

bool RouteWatch::read_answer(std::size_t size, std::string& trouble) {
    bool complete = false;
    for_messages(buffer_, size, [&](const nlmsghdr* header) {
        again_ = again_ || (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0; // it has changed meanwhile
        if (header->nlmsg_type == RTM_NEWROUTE) {
            found_ = found_ || is_it(header);
        } else if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
            int error = 0; // both begin with it
            std::memcpy(&error, nlmsg_data(header), sizeof error);
            complete = true;
            if (error != 0 && error != -ENOENT) // that is: no such table
                trouble = std::string("the kernel's answer: ") + std::strerror(-error);
        }
        return !complete;
    });
    return complete;
}

bool RouteWatch::is_it(const nlmsghdr* header) const {
    const auto route = parse_route(header);
    return route && is_in(*route, check_) && route->fixed->rtm_type == RTN_UNICAST &&
           (!check_.protocol || route->fixed->rtm_protocol == *check_.protocol) &&
           route->leads_by(check_.via);
}

// The last thing that a handler does: it may be our end.
void RouteWatch::finish(const std::string& trouble) {
    asking_ = false;
    if (std::exchange(again_, false)) ask();
    if (asking_) return; // that answer counts
    const Tell tell = tell_;
    if (!trouble.empty()) return tell(false, trouble);
    tell(found_,
         found_ ? "there is a route to " + text_of(check_) : "there is no route to " + text_of(check_));
}

} // namespace vrrp::backend
