#include "backends/interfaces/netlink.hpp"

#include "backends/interfaces/netlink_address.hpp"
#include "backends/interfaces/others_stay.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

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

// Devices that are to be removed are put into one group of links, which the kernel removes at once. Its
// number comes from one of them, so that no two processes mean the same, and is far from what people choose.
constexpr std::uint32_t kDoomedGroup = 0x56520000;

// Of the routes that the kernel makes itself for IPv6 addresses.
constexpr std::uint32_t kKernelsMetric = 256;

NicResult result(int code) {
    if (code < 0) return tl::unexpected(NicError{nl_geterror(code)});
    return {};
}

std::uint8_t kernels(AddressScope scope) {
    switch (scope) {
    case AddressScope::global: return RT_SCOPE_UNIVERSE;
    case AddressScope::site: return RT_SCOPE_SITE;
    case AddressScope::link: return RT_SCOPE_LINK;
    case AddressScope::host: return RT_SCOPE_HOST;
    }
    return RT_SCOPE_UNIVERSE;
}

Message address_message(int type, int flags, int index, const IpPrefix& prefix,
                        AddressScope scope = AddressScope::global) {
    Message message(nlmsg_alloc_simple(type, flags));
    ifaddrmsg fixed{};
    fixed.ifa_family = prefix.address.family() == IpFamily::v4 ? AF_INET : AF_INET6;
    fixed.ifa_prefixlen = prefix.length;
    fixed.ifa_scope = kernels(scope);
    fixed.ifa_index = static_cast<unsigned>(index);
    const BytesView bytes = prefix.address.bytes();
    nlmsg_append(message.get(), &fixed, sizeof fixed, NLMSG_ALIGNTO);
    nla_put(message.get(), IFA_LOCAL, static_cast<int>(bytes.size()), bytes.data());
    nla_put(message.get(), IFA_ADDRESS, static_cast<int>(bytes.size()), bytes.data());
    return message;
}

Message link_message(int type, int index, unsigned flags = 0, unsigned flags_to_change = 0) {
    Message message(nlmsg_alloc_simple(type, 0));
    ifinfomsg fixed{};
    fixed.ifi_index = index;
    fixed.ifi_flags = flags;
    fixed.ifi_change = flags_to_change;
    nlmsg_append(message.get(), &fixed, sizeof fixed, NLMSG_ALIGNTO);
    return message;
}

void put_macvlan_mode(const Message& message, std::uint32_t mode) {
    nlattr* info = nla_nest_start(message.get(), IFLA_LINKINFO);
    nla_put_string(message.get(), IFLA_INFO_KIND, "macvlan");
    nlattr* data = nla_nest_start(message.get(), IFLA_INFO_DATA);
    nla_put_u32(message.get(), IFLA_MACVLAN_MODE, mode);
    nla_nest_end(message.get(), data);
    nla_nest_end(message.get(), info);
}

int send_and_wait(nl_sock* socket, const Message& message) {
    const int code = nl_send_auto(socket, message.get());
    return code < 0 ? code : nl_wait_for_ack(socket);
}

LinkObject find_link(nl_sock* socket, int index, const char* name) {
    rtnl_link* link = nullptr;
    if (rtnl_link_get_kernel(socket, index, name, &link) < 0) return nullptr;
    return LinkObject(link);
}

std::optional<MacAddress> mac_of(rtnl_link* link) {
    const nl_addr* mac = rtnl_link_get_addr(link);
    if (mac == nullptr || nl_addr_get_len(mac) != 6) return std::nullopt;
    std::array<std::uint8_t, 6> bytes{};
    std::memcpy(bytes.data(), nl_addr_get_binary_addr(mac), bytes.size());
    return MacAddress(bytes);
}

// All links, each a call.
template <typename What>
void for_links(nl_sock* socket, What&& what) {
    nl_cache* cache = nullptr;
    if (rtnl_link_alloc_cache(socket, AF_UNSPEC, &cache) < 0) return;
    for (nl_object* object = nl_cache_get_first(cache); object != nullptr; object = nl_cache_get_next(object))
        what(reinterpret_cast<rtnl_link*>(object)); // a link is an object: that is how libnl derives
    nl_cache_free(cache);
}

bool is_up(rtnl_link* link) {
    return (rtnl_link_get_flags(link) & IFF_UP) != 0;
}

} // namespace

void SocketDeleter::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

tl::expected<NetlinkSocket, NicError> connect_netlink() {
    NetlinkSocket socket(nl_socket_alloc());
    if (!socket) return tl::unexpected(NicError{"out of memory"});
    if (const int code = nl_connect(socket.get(), NETLINK_ROUTE); code < 0)
        return tl::unexpected(NicError{fmt::format("no rtnetlink socket: {}", nl_geterror(code))});
    return socket;
}

std::optional<AddressMessage> read_address(nlmsghdr* header) {
    if (header->nlmsg_type != RTM_NEWADDR && header->nlmsg_type != RTM_DELADDR) return std::nullopt;
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
    const std::uint32_t flags =
        attributes[IFA_FLAGS] != nullptr ? nla_get_u32(attributes[IFA_FLAGS]) : fixed->ifa_flags;
    const auto* bytes = static_cast<const std::uint8_t*>(nla_data(address));
    AddressMessage told;
    told.index = static_cast<int>(fixed->ifa_index);
    told.address.prefix = {IpAddress::from_bytes(family, bytes), fixed->ifa_prefixlen};
    told.address.usable = (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
    told.address.marked =
        attributes[IFA_PROTO] != nullptr && nla_get_u8(attributes[IFA_PROTO]) == kAddressMark;
    return told;
}

tl::expected<Netlink, NicError> Netlink::open() {
    auto socket = connect_netlink();
    if (!socket) return tl::unexpected(socket.error());
    // A dump of one interface's addresses then holds only these; kernels before 4.20 send everybody's.
    const int strict = 1;
    (void)::setsockopt(nl_socket_get_fd(socket->get()), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict,
                       sizeof strict);
    return Netlink(std::move(*socket));
}

// --- Looking

std::optional<Link> Netlink::link(const std::string& name) const {
    const LinkObject found = find_link(socket_.get(), 0, name.c_str());
    return found ? link(rtnl_link_get_ifindex(found.get())) : std::nullopt;
}

std::optional<Link> Netlink::link(int index) const {
    const LinkObject found = find_link(socket_.get(), index, nullptr);
    if (!found) return std::nullopt;
    Link link;
    link.index = index;
    link.facts.present = true;
    link.facts.admin_up = backend::is_up(found.get());
    link.facts.carrier = (rtnl_link_get_flags(found.get()) & IFF_LOWER_UP) != 0;
    link.facts.name = rtnl_link_get_name(found.get());
    link.facts.mtu = rtnl_link_get_mtu(found.get());
    link.facts.mac = mac_of(found.get()).value_or(MacAddress());
    const char* kind = rtnl_link_get_type(found.get());
    link.kind = kind != nullptr ? kind : "";
    link.master = rtnl_link_get_master(found.get());
    for (const KernelAddress& address : addresses(index))
        if (!address.marked && address.usable) link.facts.addresses.push_back(address.prefix);
    return link;
}

bool Netlink::is_up(int index) const {
    const LinkObject found = find_link(socket_.get(), index, nullptr);
    return found && backend::is_up(found.get());
}

std::vector<KernelAddress> Netlink::addresses(int index) const {
    struct Dump {
        int index;
        std::vector<KernelAddress> addresses;
    } dump{index, {}};
    ifaddrmsg request{};
    request.ifa_index = static_cast<unsigned>(index);
    if (nl_send_simple(socket_.get(), RTM_GETADDR, NLM_F_DUMP, &request, sizeof request) < 0) return {};
    const auto take = [](nl_msg* message, void* argument) -> int {
        auto& into = *static_cast<Dump*>(argument);
        const auto told = read_address(nlmsg_hdr(message));
        if (told && told->index == into.index) into.addresses.push_back(told->address);
        return NL_OK;
    };
    nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, take, &dump);
    nl_recvmsgs_default(socket_.get());
    return std::move(dump.addresses);
}

std::vector<Macvlan> Netlink::macvlans(int parent, std::string_view prefix) const {
    std::vector<Macvlan> devices;
    for_links(socket_.get(), [&](rtnl_link* link) {
        const std::string_view name = rtnl_link_get_name(link);
        if (rtnl_link_get_link(link) != parent || rtnl_link_is_macvlan(link) == 0 ||
            !name.starts_with(prefix))
            return;
        const bool hears = backend::is_up(link) && rtnl_link_macvlan_get_mode(link) == MACVLAN_MODE_PRIVATE;
        devices.push_back({rtnl_link_get_ifindex(link), std::string(name), !hears});
    });
    return devices;
}

std::vector<std::string> Netlink::links_with(const MacAddress& mac) const {
    std::vector<std::string> names;
    for_links(socket_.get(), [&](rtnl_link* link) {
        if (mac_of(link) == mac) names.emplace_back(rtnl_link_get_name(link));
    });
    return names;
}

std::vector<std::string> Netlink::links_with(const IpAddress& address) const {
    std::vector<std::pair<int, std::string>> links;
    for_links(socket_.get(), [&](rtnl_link* link) {
        links.emplace_back(rtnl_link_get_ifindex(link), rtnl_link_get_name(link));
    });
    std::vector<std::string> names;
    for (const auto& [index, name] : links)
        if (std::ranges::any_of(addresses(index), [&](const auto& a) { return a.prefix.address == address; }))
            names.push_back(name);
    return names;
}

// --- Addresses

NicResult Netlink::add_address(int index, const IpPrefix& prefix, PrefixRoute route,
                               const AddressMarks& marks) const {
    const Message message =
        address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, prefix, marks.scope);
    if (!marks.label.empty())
        nla_put_string(message.get(), IFA_LABEL, std::string(marks.label.view()).c_str());
    const std::uint32_t flags = (prefix.address.family() == IpFamily::v6 ? IFA_F_NODAD : 0) |
                                (route == PrefixRoute::no ? IFA_F_NOPREFIXROUTE : 0);
    nla_put_u32(message.get(), IFA_FLAGS, flags);
    nla_put_u8(message.get(), IFA_PROTO, kAddressMark);
    const int code = send_and_wait(socket_.get(), message);
    if (code == -NLE_INVAL && prefix.address.family() == IpFamily::v4)
        return tl::unexpected(
            NicError{fmt::format("scope {}: this network's other addresses on the interface have another",
                                 kAddressScopes.name(marks.scope))});
    return code == -NLE_EXIST ? NicResult{} : result(code);
}

NicResult Netlink::remove_address(int index, const IpPrefix& prefix) const {
    const OthersStay others(index, prefix);
    const int code = send_and_wait(socket_.get(), address_message(RTM_DELADDR, 0, index, prefix));
    return code == -NLE_NOADDR || code == -NLE_NODEV ? NicResult{} : result(code);
}

NicResult Netlink::add_link_local_route(int index) const {
    constexpr std::array<std::uint8_t, 16> kNetwork{0xfe, 0x80};
    // Appended: the interface below has a route to the same network.
    const Message message(nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND));
    rtmsg fixed{};
    fixed.rtm_family = AF_INET6;
    fixed.rtm_dst_len = 64;
    fixed.rtm_table = RT_TABLE_MAIN;
    fixed.rtm_protocol = kAddressMark;
    fixed.rtm_scope = RT_SCOPE_LINK;
    fixed.rtm_type = RTN_UNICAST;
    nlmsg_append(message.get(), &fixed, sizeof fixed, NLMSG_ALIGNTO);
    nla_put(message.get(), RTA_DST, static_cast<int>(kNetwork.size()), kNetwork.data());
    nla_put_u32(message.get(), RTA_OIF, static_cast<std::uint32_t>(index));
    nla_put_u32(message.get(), RTA_PRIORITY, kKernelsMetric);
    const int code = send_and_wait(socket_.get(), message);
    return code == -NLE_EXIST ? NicResult{} : result(code);
}

// --- Devices

tl::expected<int, NicError> Netlink::add_macvlan(const std::string& name, int parent, const MacAddress& mac,
                                                 std::optional<int> vrf) const {
    const LinkObject device(rtnl_link_macvlan_alloc());
    const LinkLayerAddress address(nl_addr_build(AF_LLC, mac.bytes().data(), mac.bytes().size()));
    if (!device || !address) return tl::unexpected(NicError{"out of memory"});
    rtnl_link_set_name(device.get(), name.c_str());
    rtnl_link_set_link(device.get(), parent);
    rtnl_link_set_addr(device.get(), address.get());
    if (vrf) rtnl_link_set_master(device.get(), *vrf);
    rtnl_link_macvlan_set_mode(device.get(), MACVLAN_MODE_SOURCE);
    const int code = rtnl_link_add(socket_.get(), device.get(), NLM_F_CREATE | NLM_F_EXCL);
    const LinkObject made = code < 0 ? nullptr : find_link(socket_.get(), 0, name.c_str());
    if (!made) return tl::unexpected(NicError{fmt::format("macvlan {}: {}", name, nl_geterror(code))});
    return rtnl_link_get_ifindex(made.get());
}

NicResult Netlink::make_hear(int index) const {
    const Message message = link_message(RTM_NEWLINK, index, IFF_UP, IFF_UP);
    put_macvlan_mode(message, MACVLAN_MODE_PRIVATE);
    return result(send_and_wait(socket_.get(), message));
}

NicResult Netlink::make_deaf(int index) const {
    const Message message = link_message(RTM_NEWLINK, index);
    put_macvlan_mode(message, MACVLAN_MODE_SOURCE);
    const int code = send_and_wait(socket_.get(), message);
    return code == -NLE_NODEV ? NicResult{} : result(code);
}

NicResult Netlink::set_down(int index) const {
    return result(send_and_wait(socket_.get(), link_message(RTM_NEWLINK, index, 0, IFF_UP)));
}

void Netlink::remove_links(const std::vector<int>& indexes) const {
    if (indexes.empty()) return;
    const std::uint32_t group = kDoomedGroup + static_cast<std::uint32_t>(indexes.front());
    for (const int index : indexes) {
        const Message message = link_message(RTM_NEWLINK, index);
        nla_put_u32(message.get(), IFLA_GROUP, group);
        (void)send_and_wait(socket_.get(), message); // it may be gone already
    }
    const Message message = link_message(RTM_DELLINK, 0);
    nla_put_u32(message.get(), IFLA_GROUP, group);
    (void)send_and_wait(socket_.get(), message); // none of them may be left
}

} // namespace vrrp::backend
