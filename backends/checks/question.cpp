#include "backends/checks/question.hpp"

#include "backends/runtime/socket_option.hpp"
#include "core/net/checksum.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/headers/arp.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/neighbour.hpp"

#include <array>
#include <boost/asio/ip/icmp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <cstring>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

using Failure = tl::unexpected<std::string>;

// What failed and why, by errno.
Failure failed(const std::string& what) {
    const int number = errno;
    return Failure((what.empty() ? what : what + ": ") + std::strerror(number));
}

bool bind_to(int descriptor, const std::string& interface) {
    return ::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                        static_cast<socklen_t>(interface.size())) == 0;
}

FileDescriptor open_socket(int family, int type, int protocol) {
    return FileDescriptor(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

// Of its own interface when one is named.
tl::expected<FileDescriptor, std::string> open_icmp(IpFamily family, const std::string& interface) {
    FileDescriptor raw = family == IpFamily::v4 ? open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)
                                                : open_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    if (!raw) return failed("raw socket");
    if (!interface.empty() && !bind_to(raw.get(), interface)) return failed(interface);
    return raw;
}

// A matter of saving work: what is heard is looked at all the same.
void hear_only(int descriptor, IpFamily family, std::uint8_t type) {
    if (family == IpFamily::v4) {
        constexpr int kIcmpFilter = 1; // ICMP_FILTER of <linux/icmp.h>, which does not go with <net/if.h>
        (void)set_option(descriptor, SOL_RAW, kIcmpFilter, ~(std::uint32_t{1} << type));
    } else {
        icmp6_filter filter;
        ICMP6_FILTER_SETBLOCKALL(&filter);
        ICMP6_FILTER_SETPASS(type, &filter);
        (void)set_option(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, filter);
    }
}

// --- Echo requests: type, code, checksum, identifier, sequence number, data (RFC 792, RFC 4443 section 4.1)

constexpr std::size_t kEchoSize = 16;
using EchoMessage = std::array<std::uint8_t, kEchoSize>;

struct EchoTypes {
    std::uint8_t request, reply;
};

constexpr EchoTypes echo_types(IpFamily family) {
    return family == IpFamily::v4 ? EchoTypes{ICMP_ECHO, ICMP_ECHOREPLY}
                                  : EchoTypes{ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY};
}

EchoMessage echo_message(std::uint8_t type, const EchoMark& mark) {
    EchoMessage bytes{type};
    store_be16(&bytes[4], mark.identifier);
    store_be16(&bytes[6], mark.sequence);
    std::memcpy(&bytes[8], &mark.data, sizeof mark.data);
    return bytes;
}

bool is_reply(IpFamily family, const EchoMark& mark, BytesView packet) {
    // Of IPv4 the header comes with it.
    const std::size_t header = family == IpFamily::v4 && !packet.empty() ? 4U * (packet[0] & 0x0f) : 0;
    if (packet.size() < header + kEchoSize) return false;
    EchoMessage expected = echo_message(echo_types(family).reply, mark);
    std::memcpy(&expected[2], &packet[header + 2], 2); // the kernel has looked at the checksum
    return std::memcmp(expected.data(), &packet[header], kEchoSize) == 0;
}

// --- Questions for a neighbour's MAC

tl::expected<MacAddress, std::string> mac_of(int descriptor, const std::string& interface) {
    ifreq request{};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    if (::ioctl(descriptor, SIOCGIFHWADDR, &request) != 0) return failed(interface);
    return MacAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data));
}

// As whom this machine would speak to it; nobody (RFC 5227's probe) where it has no address there.
IpAddress own_address_towards(const PingCheck& check) {
    using boost::asio::ip::udp;
    const udp::endpoint to(boost::asio::ip::make_address(to_string(check.address)), 9);
    const FileDescriptor socket = open_socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (!socket || !bind_to(socket.get(), check.interface) ||
        ::connect(socket.get(), to.data(), static_cast<socklen_t>(to.size())) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
        return {};
    return IpAddress::from_bytes(IpFamily::v4, reinterpret_cast<const std::uint8_t*>(&own.sin_addr));
}

tl::expected<Question, std::string> ask_by_arp(const PingCheck& check) {
    FileDescriptor packets = open_socket(AF_PACKET, SOCK_RAW, 0); // it hears nothing before it is bound
    if (!packets) return failed("raw socket");
    const auto mac = mac_of(packets.get(), check.interface);
    if (!mac) return Failure(mac.error());
    sockaddr_ll link{};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_ARP);
    link.sll_ifindex = static_cast<int>(::if_nametoindex(check.interface.c_str()));
    if (link.sll_ifindex == 0 ||
        ::bind(packets.get(), reinterpret_cast<const sockaddr*>(&link), sizeof link) != 0)
        return failed(check.interface);
    std::array<std::uint8_t, wire::kArpRequestSize> request{};
    wire::encode_arp_request(check.address, own_address_towards(check), *mac, request);
    if (::send(packets.get(), request.data(), request.size(), 0) < 0) return failed(check.interface);
    return Question{std::move(packets), [asked = check.address, mac = *mac](BytesView packet, int) {
                        const auto frame = wire::EthernetView::of(packet);
                        if (!frame || frame->ether_type() != ETH_P_ARP) return false;
                        const auto arp = wire::ArpView::of(frame->payload());
                        return arp && !arp->is_request() && arp->sender() == asked &&
                               arp->target_mac() == mac;
                    }};
}

// RFC 4291 section 2.7.1
sockaddr_in6 solicited_node(const IpAddress& address, const std::string& interface) {
    sockaddr_in6 group{};
    group.sin6_family = AF_INET6;
    group.sin6_scope_id = ::if_nametoindex(interface.c_str());
    constexpr std::array<std::uint8_t, 13> kPrefix{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff};
    std::memcpy(&group.sin6_addr, kPrefix.data(), kPrefix.size());
    std::memcpy(group.sin6_addr.s6_addr + kPrefix.size(), &address.bytes()[kPrefix.size()], 3);
    return group;
}

tl::expected<Question, std::string> ask_by_solicitation(const PingCheck& check) {
    auto raw = open_icmp(IpFamily::v6, check.interface);
    if (!raw) return Failure(raw.error());
    const auto mac = mac_of(raw->get(), check.interface);
    if (!mac) return Failure(mac.error());
    constexpr int kHops = wire::kTtl;
    hear_only(raw->get(), IpFamily::v6, ND_NEIGHBOR_ADVERT);
    if (!set_option(raw->get(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kHops) ||
        !set_option(raw->get(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1))
        return failed("raw socket");
    std::array<std::uint8_t, wire::NeighbourView::kSize> request{}; // the kernel writes its checksum
    wire::NeighbourView::write_solicitation(check.address, *mac, request.data());
    const sockaddr_in6 to = solicited_node(check.address, check.interface);
    if (::sendto(raw->get(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                 sizeof to) < 0)
        return failed(check.interface);
    return Question{std::move(*raw), [asked = check.address](BytesView packet, int hop_limit) {
                        constexpr std::size_t kTarget = wire::NeighbourView::At::target, kEnd = kTarget + 16;
                        return hop_limit == kHops && packet.size() >= kEnd &&
                               packet[0] == ND_NEIGHBOR_ADVERT &&
                               IpAddress::from_bytes(IpFamily::v6, &packet[kTarget]) == asked;
                    }};
}

} // namespace

tl::expected<Question, std::string> ask_by_echo(const PingCheck& check, const EchoMark& mark) {
    const IpFamily family = check.address.family();
    auto raw = open_icmp(family, check.interface);
    if (!raw) return Failure(raw.error());
    hear_only(raw->get(), family, echo_types(family).reply);
    // Connected it hears nobody else, and the errors that it causes.
    const boost::asio::ip::icmp::endpoint to(boost::asio::ip::make_address(to_string(check.address)), 0);
    if (::connect(raw->get(), to.data(), static_cast<socklen_t>(to.size())) != 0) return failed("");
    EchoMessage request = echo_message(echo_types(family).request, mark);
    if (family == IpFamily::v4) // the kernel writes that of ICMPv6
        store_be16(&request[2], InternetChecksum().add(request).value());
    if (::send(raw->get(), request.data(), request.size(), 0) < 0) return failed("");
    return Question{std::move(*raw),
                    [family, mark](BytesView packet, int) { return is_reply(family, mark, packet); }};
}

tl::expected<Question, std::string> ask_neighbour(const PingCheck& check) {
    return check.address.family() == IpFamily::v4 ? ask_by_arp(check) : ask_by_solicitation(check);
}

} // namespace vrrp::backend
