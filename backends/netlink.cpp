#include "backends/netlink.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

// Room for the burst of a few thousand changes; past it the kernel drops and we read everything anew.
constexpr int kEventBufferSize = 1 << 20;

struct MessageDeleter {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using Message = std::unique_ptr<nl_msg, MessageDeleter>;

struct LinkDeleter {
    void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using LinkObject = std::unique_ptr<rtnl_link, LinkDeleter>;

struct AddressDeleter {
    void operator()(nl_addr* address) const { nl_addr_put(address); }
};
using LinkLayerAddress = std::unique_ptr<nl_addr, AddressDeleter>;

NicError error(int code) {
    return {nl_geterror(code)};
}

NicResult result(int code) {
    if (code < 0) return tl::unexpected(error(code));
    return {};
}

tl::expected<NetlinkSocket, NicError> connect() {
    NetlinkSocket socket(nl_socket_alloc());
    if (!socket) return tl::unexpected(NicError{"out of memory"});
    if (const int code = nl_connect(socket.get(), NETLINK_ROUTE); code < 0)
        return tl::unexpected(NicError{fmt::format("no rtnetlink socket: {}", nl_geterror(code))});
    return socket;
}

int family_number(IpFamily family) {
    return family == IpFamily::v4 ? AF_INET : AF_INET6;
}

// One address as RTM_NEWADDR tells it.
struct AddressRecord {
    int index = 0;
    IpPrefix prefix;
    std::uint32_t flags = 0;
    std::uint8_t mark = 0;
};

std::optional<AddressRecord> read_address(nlmsghdr* header) {
    nlattr* attributes[IFA_MAX + 1] = {};
    if (nlmsg_parse(header, sizeof(ifaddrmsg), attributes, IFA_MAX, nullptr) < 0) return std::nullopt;
    const auto* fixed = static_cast<const ifaddrmsg*>(nlmsg_data(header));
    // IFA_LOCAL is the address itself, where the two differ (point-to-point); IPv6 has only IFA_ADDRESS.
    const nlattr* address =
        attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    if (address == nullptr || (fixed->ifa_family != AF_INET && fixed->ifa_family != AF_INET6))
        return std::nullopt;
    const IpFamily family = fixed->ifa_family == AF_INET ? IpFamily::v4 : IpFamily::v6;
    if (static_cast<std::size_t>(nla_len(address)) != address_size(family)) return std::nullopt;
    AddressRecord record;
    record.index = static_cast<int>(fixed->ifa_index);
    record.prefix = {IpAddress::from_bytes(family, static_cast<const std::uint8_t*>(nla_data(address))),
                     fixed->ifa_prefixlen};
    record.flags = attributes[IFA_FLAGS] != nullptr ? nla_get_u32(attributes[IFA_FLAGS]) : fixed->ifa_flags;
    if (attributes[IFA_PROTO] != nullptr) record.mark = nla_get_u8(attributes[IFA_PROTO]);
    return record;
}

// Every address of one interface, in the kernel's order.
std::vector<AddressRecord> dump_addresses(nl_sock* socket, int index) {
    struct Dump {
        int index;
        std::vector<AddressRecord> records;
    } dump{index, {}};
    ifaddrmsg request{};
    request.ifa_index = static_cast<unsigned>(index); // a hint: without strict checking the kernel sends all
    if (nl_send_simple(socket, RTM_GETADDR, NLM_F_DUMP, &request, sizeof request) < 0) return {};
    const auto take = [](nl_msg* message, void* argument) -> int {
        auto& into = *static_cast<Dump*>(argument);
        const auto record = read_address(nlmsg_hdr(message));
        if (record && record->index == into.index) into.records.push_back(*record);
        return NL_OK;
    };
    nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, &dump);
    nl_recvmsgs_default(socket);
    return std::move(dump.records);
}

Message address_message(int type, int flags, int index, const IpPrefix& prefix) {
    Message message(nlmsg_alloc_simple(type, flags));
    const IpFamily family = prefix.address.family();
    ifaddrmsg fixed{};
    fixed.ifa_family = static_cast<std::uint8_t>(family_number(family));
    fixed.ifa_prefixlen = prefix.length;
    fixed.ifa_index = static_cast<unsigned>(index);
    const BytesView bytes = prefix.address.bytes();
    nlmsg_append(message.get(), &fixed, sizeof fixed, NLMSG_ALIGNTO);
    nla_put(message.get(), IFA_LOCAL, static_cast<int>(bytes.size()), bytes.data());
    nla_put(message.get(), IFA_ADDRESS, static_cast<int>(bytes.size()), bytes.data());
    return message;
}

int send_and_wait(nl_sock* socket, const Message& message) {
    const int code = nl_send_auto(socket, message.get());
    return code < 0 ? code : nl_wait_for_ack(socket);
}

LinkObject find_link(nl_sock* socket, const std::string& name) {
    rtnl_link* link = nullptr;
    if (rtnl_link_get_kernel(socket, 0, name.c_str(), &link) < 0) return nullptr;
    return LinkObject(link);
}

} // namespace

void SocketDeleter::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

tl::expected<Netlink, NicError> Netlink::open() {
    return connect().map([](NetlinkSocket&& socket) { return Netlink(std::move(socket)); });
}

std::optional<Link> Netlink::link(const std::string& name) const {
    const LinkObject object = find_link(socket_.get(), name);
    if (!object) return std::nullopt;
    Link link;
    link.index = rtnl_link_get_ifindex(object.get());
    link.facts.present = true;
    const unsigned flags = rtnl_link_get_flags(object.get());
    link.facts.admin_up = (flags & IFF_UP) != 0;
    link.facts.carrier = (flags & IFF_LOWER_UP) != 0;
    link.facts.mtu = rtnl_link_get_mtu(object.get());
    const nl_addr* mac = rtnl_link_get_addr(object.get());
    if (mac != nullptr && nl_addr_get_len(mac) == 6) {
        std::array<std::uint8_t, 6> bytes{};
        std::memcpy(bytes.data(), nl_addr_get_binary_addr(mac), bytes.size());
        link.facts.mac = MacAddress(bytes);
    }
    for (const AddressRecord& record : dump_addresses(socket_.get(), link.index)) {
        const bool not_valid_yet = (record.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0;
        if (record.mark != kAddressMark && !not_valid_yet) link.facts.addresses.push_back(record.prefix);
    }
    return link;
}

int Netlink::index(const std::string& name) const {
    const LinkObject object = find_link(socket_.get(), name);
    return object ? rtnl_link_get_ifindex(object.get()) : 0;
}

NicResult Netlink::add_address(int index, const IpPrefix& prefix) const {
    const Message message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, prefix);
    if (prefix.address.family() == IpFamily::v6) nla_put_u32(message.get(), IFA_FLAGS, IFA_F_NODAD);
    nla_put_u8(message.get(), IFA_PROTO, kAddressMark);
    const int code = send_and_wait(socket_.get(), message);
    return code == -NLE_EXIST ? NicResult{} : result(code);
}

NicResult Netlink::remove_address(int index, const IpPrefix& prefix) const {
    const int code = send_and_wait(socket_.get(), address_message(RTM_DELADDR, 0, index, prefix));
    return code == -NLE_NOADDR || code == -NLE_NODEV ? NicResult{} : result(code);
}

void Netlink::remove_marked_address(int index, const IpPrefix& prefix) const {
    for (const AddressRecord& record : dump_addresses(socket_.get(), index))
        if (record.mark == kAddressMark && record.prefix.address == prefix.address)
            (void)remove_address(index, record.prefix); // it may go by itself meanwhile
}

tl::expected<int, NicError> Netlink::add_macvlan(const std::string& name, int parent,
                                                 const MacAddress& mac) const {
    remove_link(name);
    const LinkObject device(rtnl_link_macvlan_alloc());
    const LinkLayerAddress address(nl_addr_build(AF_LLC, mac.bytes().data(), mac.bytes().size()));
    if (!device || !address) return tl::unexpected(NicError{"out of memory"});
    rtnl_link_set_name(device.get(), name.c_str());
    rtnl_link_set_link(device.get(), parent);
    rtnl_link_set_addr(device.get(), address.get());
    rtnl_link_macvlan_set_mode(device.get(), rtnl_link_macvlan_str2mode("private"));
    if (const int code = rtnl_link_add(socket_.get(), device.get(), NLM_F_CREATE | NLM_F_EXCL); code < 0)
        return tl::unexpected(NicError{fmt::format("macvlan {}: {}", name, nl_geterror(code))});
    return index(name);
}

NicResult Netlink::set_up(int index, bool up) const {
    Message message(nlmsg_alloc_simple(RTM_NEWLINK, 0));
    ifinfomsg fixed{};
    fixed.ifi_index = index;
    fixed.ifi_change = IFF_UP;
    fixed.ifi_flags = up ? IFF_UP : 0;
    nlmsg_append(message.get(), &fixed, sizeof fixed, NLMSG_ALIGNTO);
    const int code = send_and_wait(socket_.get(), message);
    return !up && code == -NLE_NODEV ? NicResult{} : result(code);
}

void Netlink::remove_link(const std::string& name) const {
    if (const LinkObject object = find_link(socket_.get(), name))
        rtnl_link_delete(socket_.get(), object.get());
}

std::vector<Netlink::Device> Netlink::macvlans(int parent, std::string_view prefix) const {
    nl_cache* cache = nullptr;
    if (rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &cache) < 0) return {};
    std::vector<Device> devices;
    for (nl_object* object = nl_cache_get_first(cache); object != nullptr;
         object = nl_cache_get_next(object)) {
        auto* link = reinterpret_cast<rtnl_link*>(object); // a link is an object: that is how libnl derives
        const std::string_view name = rtnl_link_get_name(link);
        if (rtnl_link_get_link(link) == parent && rtnl_link_is_macvlan(link) != 0 && name.starts_with(prefix))
            devices.push_back({std::string(name), (rtnl_link_get_flags(link) & IFF_UP) != 0});
    }
    nl_cache_free(cache);
    return devices;
}

tl::expected<NetlinkEvents, NicError> NetlinkEvents::open() {
    auto socket = connect();
    if (!socket) return tl::unexpected(socket.error());
    nl_sock* raw = socket->get();
    nl_socket_disable_seq_check(raw); // events answer no request
    nl_socket_set_nonblocking(raw);
    nl_socket_set_buffer_size(raw, kEventBufferSize, 0);
    const int code =
        nl_socket_add_memberships(raw, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
    if (code < 0) return tl::unexpected(error(code));
    return NetlinkEvents(std::move(*socket));
}

int NetlinkEvents::descriptor() const {
    return nl_socket_get_fd(socket_.get());
}

bool NetlinkEvents::take() {
    bool news = false;
    const auto look = [](nl_msg* message, void* argument) -> int {
        nlmsghdr* header = nlmsg_hdr(message);
        const bool address = header->nlmsg_type == RTM_NEWADDR || header->nlmsg_type == RTM_DELADDR;
        const auto record = address ? read_address(header) : std::nullopt;
        if (!record || record->mark != kAddressMark) *static_cast<bool*>(argument) = true;
        return NL_OK;
    };
    nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, look, &news);
    for (;;) {
        const int code = nl_recvmsgs_default(socket_.get());
        if (code == -NLE_AGAIN) return news;
        if (code < 0) news = true; // ENOBUFS comes as NLE_NOMEM: some were dropped
        if (code < 0 && code != -NLE_NOMEM) return news;
    }
}

} // namespace vrrp::backend
