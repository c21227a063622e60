#include "netsim/node/kernel.hpp"

#include "core/ports.hpp"
#include "core/wire/advertisement.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

// Where a VRRP packet goes; nothing for any other.
std::optional<IpAddress> vrrp_destination(const wire::EthernetView& frame) {
    if (frame.ether_type() == wire::kEtherTypeIpv4) {
        const auto ip = wire::Ipv4View::of(frame.payload());
        if (ip && (ip->protocol() == wire::kProtocolVrrp || ip->protocol() == wire::kProtocolAh))
            return ip->destination();
    } else if (frame.ether_type() == wire::kEtherTypeIpv6) {
        const auto ip = wire::Ipv6View::of(frame.payload());
        if (ip && ip->next_header() == wire::kProtocolVrrp) return ip->destination();
    }
    return std::nullopt;
}

} // namespace

// --- Receiving

void Kernel::receive(std::uint16_t index, BytesView frame) {
    const auto ethernet = wire::EthernetView::of(frame);
    if (!ethernet || ethernet->vlan() != 0) return; // another network's: there are no VLAN devices here
    if (!usable(index) || !accepts(interfaces_[index], ethernet->destination())) return;
    if (const std::optional<IpAddress> destination = vrrp_destination(*ethernet)) {
        receive_vrrp(index, frame, *destination);
    } else if (const std::optional<Resolution> heard = decode_resolution(frame)) {
        for (VrrpSocket* socket : vrrp_sockets_)
            socket->address_claimed(index, heard->sender, frame);
        receive_resolution(index, *heard);
    } else if (const std::optional<Echo> echo = decode_echo(frame)) {
        receive_echo(index, *echo);
    } else if (wire::is_router_solicitation(frame)) {
        for (VrrpSocket* socket : vrrp_sockets_)
            socket->router_solicited(index, frame);
    } else if (const auto router = wire::decode_router_advertisement(frame)) {
        receive_router_advertisement(index, *router);
    }
}

void Kernel::receive_vrrp(std::uint16_t index, BytesView frame, const IpAddress& destination) {
    if (forwards_ && !destination.is_multicast() && !is_ours(index, destination))
        return forward_packet(frame, destination);
    if (vrrp_sockets_.empty()) return;
    if (loss_judge_ != nullptr && loss_judge_->loses_advertisement(*this, index)) return;
    for (VrrpSocket* socket : vrrp_sockets_)
        socket->vrrp_frame(index, frame);
}

bool Kernel::accepts(const Interface& interface, const MacAddress& destination) const {
    return destination.is_group() || destination == interface.mac ||
           std::ranges::count(interface.virtual_macs, destination, &HeldMac::mac) != 0;
}

bool Kernel::is_ours(std::uint16_t interface, const IpAddress& address) const {
    if (address.is_link_local()) return answering_mac(interfaces_[interface], address).has_value();
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i)
        if (usable(i) && answering_mac(interfaces_[i], address)) return true;
    return false;
}

std::optional<MacAddress> Kernel::answering_mac(const Interface& interface, const IpAddress& address) const {
    for (const HeldAddress& held : interface.held)
        if (held.prefix.address == address) return held.virtual_mac.value_or(interface.mac);
    for (const IpPrefix& own : interface.own)
        if (own.address == address) return interface.mac;
    return std::nullopt;
}

void Kernel::receive_resolution(std::uint16_t index, const Resolution& heard) {
    Interface& interface = interfaces_[index];
    const TimePoint now = queue_.now();
    if (heard.gratuitous()) return interface.neighbours.heard_gratuitous(now, heard.sender, heard.sender_mac);
    const std::optional<MacAddress> mac = answering_mac(interface, heard.target);
    if (!mac) return;
    if (heard.request) {
        interface.neighbours.heard_request_for_us(now, heard.sender, heard.sender_mac);
        const Resolution reply{.request = false,
                               .sender_mac = *mac,
                               .sender = heard.target,
                               .target_mac = heard.sender_mac,
                               .target = heard.sender};
        send(index, encode(reply, heard.sender_mac));
    } else {
        interface.neighbours.heard_reply(now, heard.sender, heard.sender_mac);
        for (EchoSocket* socket : echo_sockets_)
            socket->neighbour_answered(index, heard.sender);
    }
    flush_waiting(index, heard.sender);
}

// RFC 4861 section 6.3.4. With a lifetime of zero it is none any more.
void Kernel::receive_router_advertisement(std::uint16_t index, const wire::AdvertisedRouter& heard) {
    if (!learns_gateway_) return;
    const TimePoint now = queue_.now();
    if (heard.lifetime != Duration{} || gateway_ == heard.address) {
        gateway_ = heard.address;
        gateway_until_ = now + heard.lifetime;
    }
    if (heard.mac) interfaces_[index].neighbours.heard_gratuitous(now, heard.address, *heard.mac);
}

void Kernel::receive_echo(std::uint16_t index, Echo echo) {
    if (!is_ours(index, echo.destination)) return forward(echo);
    if (std::ranges::count(dropped_, echo.destination, &DroppedTraffic::address) != 0) return;
    if (echo.request) {
        std::swap(echo.source, echo.destination);
        echo.request = false;
        echo.ttl = 64;
        send_echo(echo, index);
    } else if (echo.identifier < echo_sockets_.size()) {
        echo_sockets_[echo.identifier]->answered(echo.sequence);
    }
}

void Kernel::forward(const Echo& echo) {
    if (!forwards_ || echo.ttl <= 1) return;
    if (echo.source.is_link_local() || echo.destination.is_link_local()) return; // RFC 4291 section 2.5.6
    if (firewall_ && !flows_.pass(queue_.now(), echo)) return;
    Echo onwards = echo;
    --onwards.ttl;
    send_echo(onwards);
}

void Kernel::forward_packet(BytesView frame, const IpAddress& destination) {
    const std::optional<Packet> onwards = handed_on(frame);
    const std::optional<Route> way = route(destination);
    const std::optional<IpAddress> asker = way ? source_on(*way, way->next_hop) : std::nullopt;
    if (!onwards || !asker) return;
    send_when_resolved(way->interface, {.next_hop = way->next_hop,
                                        .asker = *asker,
                                        .source = interfaces_[way->interface].mac,
                                        .frame = *onwards});
}

// --- Sending

void Kernel::send(std::uint16_t interface, BytesView frame) {
    if (usable(interface)) interfaces_[interface].network->send(interfaces_[interface].port, frame);
}

std::optional<Kernel::Route> Kernel::route(const IpAddress& destination,
                                           std::optional<std::uint16_t> scope) const {
    if (destination.is_link_local() && scope) return Route{*scope, destination};
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i)
        for (const IpPrefix& own : interfaces_[i].own)
            if (usable(i) && own.contains(destination)) return Route{i, destination};
    const std::optional<IpAddress> gateway = this->gateway();
    if (!gateway || destination == *gateway) return std::nullopt;
    std::optional<Route> to_gateway = route(*gateway);
    if (to_gateway) to_gateway->next_hop = *gateway;
    return to_gateway;
}

void Kernel::solicit_routers() const {
    const Interface& interface = interfaces_.front();
    const auto link_local =
        std::ranges::find_if(interface.own, [](const IpPrefix& own) { return own.address.is_link_local(); });
    Packet frame(wire::kSolicitationSize);
    const IpAddress nobody = IpAddress::v6({});
    wire::encode_router_solicitation(link_local != interface.own.end() ? link_local->address : nobody,
                                     interface.mac, frame);
    interface.network->send(interface.port, frame);
}

// The asker is the interface's own address (arp_announce=2): hosts must not learn our MAC for a virtual one.
void Kernel::send_echo(const Echo& echo, std::optional<std::uint16_t> scope) {
    send_along(route(echo.destination, scope), echo);
}

bool Kernel::ping(Echo echo, std::string_view by) {
    const std::optional<std::uint16_t> interface = find(by);
    if (!by.empty() && !interface) return false;
    const std::optional<Route> way =
        interface ? route_by(*interface, echo.destination) : route(echo.destination);
    const std::optional<IpAddress> source = way ? source_on(*way, echo.destination) : std::nullopt;
    if (!source) return false;
    echo.source = *source;
    return send_along(way, echo);
}

bool Kernel::ask_neighbour(const IpAddress& address, std::string_view by) {
    const std::optional<std::uint16_t> interface = find(by);
    if (!interface || !usable(*interface)) return false;
    const std::optional<IpAddress> asker = source_on({*interface, address}, address);
    if (!asker) return false;
    ask(*interface, address, *asker, interfaces_[*interface].mac, kBroadcastMac);
    return true;
}

// As Linux has it for a socket that is bound to an interface: without a route by that the destination is on its link.
std::optional<Kernel::Route> Kernel::route_by(std::uint16_t index, const IpAddress& destination) const {
    if (!usable(index)) return std::nullopt;
    const auto on_link = [&](const IpAddress& address) {
        return std::ranges::any_of(interfaces_[index].own,
                                   [&](const IpPrefix& own) { return own.contains(address); });
    };
    const std::optional<IpAddress> gateway = this->gateway();
    const bool by_gateway =
        !on_link(destination) && !destination.is_link_local() && gateway && on_link(*gateway);
    return Route{index, by_gateway ? *gateway : destination};
}

void Kernel::send_packet(std::uint16_t index, BytesView packet, VrrpSocket& sender) {
    const Packet frame = frame_of(packet);
    const std::optional<IpAddress> destination = vrrp_destination(*wire::EthernetView::of(frame));
    const std::optional<Route> way = destination ? route_by(index, *destination) : std::nullopt;
    const std::optional<IpAddress> asker = way ? source_on(*way, way->next_hop) : std::nullopt;
    if (!asker) return;
    send_when_resolved(index, {.next_hop = way->next_hop,
                               .asker = *asker,
                               .source = interfaces_[index].mac,
                               .frame = frame,
                               .sender = &sender});
}

bool Kernel::send_along(const std::optional<Route>& way, const Echo& echo) {
    const std::optional<IpAddress> asker = way ? source_on(*way, way->next_hop) : std::nullopt;
    if (!asker || !powered_) return false;
    send_when_resolved(way->interface, {.next_hop = way->next_hop,
                                        .asker = *asker,
                                        .source = interfaces_[way->interface].mac,
                                        .frame = encode(echo)});
    return true;
}

// Here the asker is the virtual address: that the gateway learns where it is now is the whole point. So it is
// asked for even when it is known, as backends/ does: the SYN alone teaches it nothing.
void Kernel::send_magic_packet(std::uint16_t index, const std::optional<MacAddress>& virtual_mac,
                               const IpAddress& source, const IpAddress& gateway, VrrpSocket& sender) {
    const Waiting packet{.next_hop = gateway,
                         .asker = source,
                         .source = virtual_mac.value_or(interfaces_[index].mac),
                         .frame =
                             encode(Syn{.source = source, .destination = gateway, .port = Nic::kMagicPort}),
                         .sender = &sender};
    ask(index, packet.next_hop, packet.asker, packet.source, kBroadcastMac);
    send_when_resolved(index, packet);
}

void Kernel::ask(std::uint16_t index, const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
                 const MacAddress& whom) {
    const Resolution request{
        .request = true, .sender_mac = mac, .sender = asker, .target_mac = {}, .target = asked};
    send(index, encode(request, whom));
}

void Kernel::send_when_resolved(std::uint16_t index, const Waiting& packet) {
    Interface& interface = interfaces_[index];
    const NeighbourCache::Use use = interface.neighbours.use(queue_.now(), packet.next_hop);
    if (use.ask != NeighbourCache::Ask::nobody)
        ask(index, packet.next_hop, packet.asker, packet.source, use.mac.value_or(kBroadcastMac));
    if (use.mac)
        leave(index, packet, *use.mac);
    else if (interface.waiting.size() < kMaxWaiting)
        interface.waiting.push_back(packet);
}

void Kernel::leave(std::uint16_t index, const Waiting& packet, const MacAddress& to) {
    Packet frame = packet.frame;
    wire::EthernetView::write_addresses(frame.data(), to, packet.source);
    send(index, frame);
    if (packet.sender != nullptr) packet.sender->packet_left(index, frame);
}

void Kernel::flush_waiting(std::uint16_t index, const IpAddress& neighbour) {
    Interface& interface = interfaces_[index];
    const std::optional<MacAddress> mac = interface.neighbours.lookup(neighbour);
    if (!mac) return;
    for (const Waiting& waiting : interface.waiting)
        if (waiting.next_hop == neighbour) leave(index, waiting, *mac);
    std::erase_if(interface.waiting, [&](const auto& waiting) { return waiting.next_hop == neighbour; });
}

} // namespace vrrp::sim
