#include "netsim/kernel.hpp"

#include "core/ports.hpp"
#include "core/wire/advertisement.hpp"
#include "core/wire/frame_layout.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

bool is_vrrp(BytesView frame) {
    constexpr std::size_t kIpv4Protocol = wire::kEthernetSize + 9, kIpv6NextHeader = wire::kEthernetSize + 6;
    switch (ether_type(frame)) {
    case wire::kEtherTypeIpv4:
        return frame.size() > kIpv4Protocol &&
               (frame[kIpv4Protocol] == wire::kProtocolVrrp || frame[kIpv4Protocol] == wire::kProtocolAh);
    case wire::kEtherTypeIpv6:
        return frame.size() > kIpv6NextHeader && frame[kIpv6NextHeader] == wire::kProtocolVrrp;
    default: return false;
    }
}

} // namespace

std::uint16_t Kernel::add_interface(std::string name, const MacAddress& mac, Switch& network,
                                    std::vector<IpPrefix> own) {
    const auto index = static_cast<std::uint16_t>(interfaces_.size());
    Interface interface;
    interface.port = network.attach(*this, index, name_ + "." + name);
    interface.name = std::move(name);
    interface.mac = mac;
    interface.network = &network;
    interface.own = std::move(own);
    interfaces_.push_back(std::move(interface));
    return index;
}

std::uint16_t Kernel::open(EchoSocket& socket) {
    echo_sockets_.push_back(&socket);
    return static_cast<std::uint16_t>(echo_sockets_.size() - 1);
}

// --- Interfaces

void Kernel::set_plugged(std::uint16_t index, bool plugged) {
    Interface& interface = interfaces_[index];
    if (interface.plugged == plugged) return;
    interface.plugged = plugged;
    interface.network->set_carrier(interface.port, carrier(index));
    tell_facts(index);
}

void Kernel::set_powered(bool powered) {
    powered_ = powered;
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i) {
        Interface& interface = interfaces_[i];
        interface.network->set_carrier(interface.port, carrier(i));
        interface.held.clear();
        interface.virtual_macs.clear();
        interface.neighbours.clear();
        interface.waiting.clear();
    }
}

void Kernel::tell_facts(std::uint16_t interface) {
    for (VrrpSocket* socket : vrrp_sockets_)
        socket->facts_changed(interface);
}

std::optional<std::uint16_t> Kernel::find(std::string_view name) const {
    const auto found = std::ranges::find(interfaces_, name, &Interface::name);
    if (found == interfaces_.end()) return std::nullopt;
    return static_cast<std::uint16_t>(found - interfaces_.begin());
}

InterfaceFacts Kernel::facts(std::uint16_t index) const {
    const Interface& interface = interfaces_[index];
    InterfaceFacts facts;
    facts.present = true;
    facts.admin_up = powered_;
    facts.carrier = carrier(index);
    facts.mac = interface.mac;
    facts.addresses = interface.own;
    return facts;
}

std::optional<IpAddress> Kernel::source_for(const IpAddress& destination) const {
    const std::optional<Route> way = route(destination);
    if (!way) return std::nullopt;
    std::optional<IpAddress> source;
    for (const IpPrefix& own : interfaces_[way->interface].own) {
        if (own.address.family() != destination.family()) continue;
        // A link-local source is for link-local destinations (RFC 6724 rule 2).
        if (own.address.is_link_local() == destination.is_link_local()) return own.address;
        if (!source) source = own.address;
    }
    return source;
}

// --- What vrrpd puts there

void Kernel::attach_virtual_mac(HolderId holder, std::uint16_t interface, const MacAddress& mac) {
    detach_virtual_mac(holder, interface, mac);
    interfaces_[interface].virtual_macs.push_back({holder, mac});
}

void Kernel::detach_virtual_mac(HolderId, std::uint16_t interface, const MacAddress& mac) {
    std::erase_if(interfaces_[interface].virtual_macs, [&](const HeldMac& held) { return held.mac == mac; });
}

void Kernel::add_address(HolderId holder, std::uint16_t interface,
                         const std::optional<MacAddress>& virtual_mac, const IpPrefix& prefix) {
    remove_address(holder, interface, prefix);
    interfaces_[interface].held.push_back({holder, prefix, virtual_mac});
}

void Kernel::remove_address(HolderId, std::uint16_t interface, const IpPrefix& prefix) {
    std::erase_if(interfaces_[interface].held,
                  [&](const HeldAddress& held) { return held.prefix == prefix; });
}

void Kernel::release_all(HolderId holder) {
    for (Interface& interface : interfaces_) {
        std::erase_if(interface.held, [&](const HeldAddress& held) { return held.holder == holder; });
        std::erase_if(interface.virtual_macs, [&](const HeldMac& held) { return held.holder == holder; });
    }
}

void Kernel::clean_up(const SiblingIdentity& dead) {
    const std::optional<std::uint16_t> index = find(dead.interface);
    if (!index) return;
    for (const IpPrefix& prefix : dead.addresses)
        remove_address({}, *index, prefix);
    if (dead.virtual_mac) detach_virtual_mac({}, *index, wire::virtual_mac(dead.family, dead.vrid));
}

bool Kernel::holds_anything(HolderId holder) const {
    return std::ranges::any_of(interfaces_, [&](const Interface& interface) {
        return std::ranges::count(interface.held, holder, &HeldAddress::holder) != 0 ||
               std::ranges::count(interface.virtual_macs, holder, &HeldMac::holder) != 0;
    });
}

// --- Receiving

void Kernel::receive(std::uint16_t index, BytesView frame) {
    if (!powered_ || !accepts(interfaces_[index], ethernet_destination(frame))) return;
    if (is_vrrp(frame)) {
        for (VrrpSocket* socket : vrrp_sockets_)
            socket->vrrp_frame(index, frame);
    } else if (const std::optional<Resolution> heard = decode_resolution(frame)) {
        receive_resolution(index, *heard);
    } else if (const std::optional<Echo> echo = decode_echo(frame)) {
        receive_echo(*echo);
    }
}

bool Kernel::accepts(const Interface& interface, const MacAddress& destination) const {
    return destination.is_group() || destination == interface.mac ||
           std::ranges::count(interface.virtual_macs, destination, &HeldMac::mac) != 0;
}

bool Kernel::is_ours(const IpAddress& address) const {
    return std::ranges::any_of(interfaces_, [&](const Interface& interface) {
        return answering_mac(interface, address).has_value();
    });
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
    }
    flush_waiting(index, heard.sender);
}

void Kernel::receive_echo(Echo echo) {
    if (!is_ours(echo.destination)) {
        if (!forwards_ || echo.ttl <= 1) return;
        --echo.ttl;
        return send_echo(echo);
    }
    if (echo.request) {
        std::swap(echo.source, echo.destination);
        echo.request = false;
        echo.ttl = 64;
        send_echo(echo);
    } else if (echo.identifier < echo_sockets_.size()) {
        echo_sockets_[echo.identifier]->answered(echo.sequence);
    }
}

// --- Sending

void Kernel::send(std::uint16_t interface, BytesView frame) {
    if (powered_) interfaces_[interface].network->send(interfaces_[interface].port, frame);
}

std::optional<Kernel::Route> Kernel::route(const IpAddress& destination) const {
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i)
        for (const IpPrefix& own : interfaces_[i].own)
            if (own.contains(destination)) return Route{i, destination};
    if (gateway_ && destination != *gateway_) {
        std::optional<Route> to_gateway = route(*gateway_);
        if (to_gateway) to_gateway->next_hop = *gateway_;
        return to_gateway;
    }
    return std::nullopt;
}

// The asker is the interface's own address (arp_announce=2): hosts must not learn our MAC for a virtual one.
void Kernel::send_echo(const Echo& echo) {
    const std::optional<Route> way = route(echo.destination);
    const std::optional<IpAddress> asker = way ? source_for(way->next_hop) : std::nullopt;
    if (!asker || !powered_) return;
    send_when_resolved(way->interface, {.next_hop = way->next_hop,
                                        .asker = *asker,
                                        .source = interfaces_[way->interface].mac,
                                        .frame = encode(echo)});
}

// Here the asker is the virtual address: that the gateway learns where it is now is the whole point.
void Kernel::send_magic_packet(std::uint16_t index, const std::optional<MacAddress>& virtual_mac,
                               const IpAddress& source, const IpAddress& gateway, VrrpSocket& sender) {
    send_when_resolved(
        index, {.next_hop = gateway,
                .asker = source,
                .source = virtual_mac.value_or(interfaces_[index].mac),
                .frame = encode(Syn{.source = source, .destination = gateway, .port = Nic::kMagicPort}),
                .sender = &sender});
}

void Kernel::send_when_resolved(std::uint16_t index, const Waiting& packet) {
    Interface& interface = interfaces_[index];
    const NeighbourCache::Use use = interface.neighbours.use(queue_.now(), packet.next_hop);
    if (use.ask != NeighbourCache::Ask::nobody) {
        const Resolution request{.request = true,
                                 .sender_mac = packet.source,
                                 .sender = packet.asker,
                                 .target_mac = {},
                                 .target = packet.next_hop};
        send(index, encode(request, use.mac.value_or(kBroadcastMac)));
    }
    if (use.mac)
        leave(index, packet, *use.mac);
    else if (interface.waiting.size() < kMaxWaiting)
        interface.waiting.push_back(packet);
}

void Kernel::leave(std::uint16_t index, const Waiting& packet, const MacAddress& to) {
    Packet frame = packet.frame;
    set_ethernet_addresses(frame, packet.source, to);
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
