#include "netsim/node/kernel.hpp"

#include "core/wire/advertisement.hpp"

#include <algorithm>
#include <cassert>

namespace vrrp::sim {

std::uint16_t Kernel::add_interface(std::string name, const MacAddress& mac, Switch& network,
                                    std::vector<IpPrefix> own) {
    const auto index = static_cast<std::uint16_t>(interfaces_.size());
    Interface interface;
    interface.port = network.attach(*this, index, name_ + "." + name, mac);
    interface.label = std::move(name);
    interface.mac = mac;
    interface.network = &network;
    interface.configured = std::move(own);
    configure(interface);
    interfaces_.push_back(std::move(interface));
    return index;
}

void Kernel::configure(Interface& interface) {
    interface.name = interface.label;
    interface.present = interface.admin_up = true;
    interface.mtu = kMtu;
    interface.own = interface.configured;
}

std::uint16_t Kernel::open(EchoSocket& socket) {
    echo_sockets_.push_back(&socket);
    return static_cast<std::uint16_t>(echo_sockets_.size() - 1);
}

// Packets of its that wait go all the same.
void Kernel::close(const VrrpSocket& socket) {
    std::erase(vrrp_sockets_, &socket);
    for (Interface& interface : interfaces_)
        for (Waiting& packet : interface.waiting)
            if (packet.sender == &socket) packet.sender = nullptr;
}

// --- Interfaces

void Kernel::set_plugged(std::uint16_t index, bool plugged) {
    interfaces_[index].plugged = plugged;
    changed(index);
}

void Kernel::set_admin_up(std::uint16_t index, bool up) {
    Interface& interface = interfaces_[index];
    interface.admin_up = up;
    if (!up) {
        interface.neighbours.clear();
        interface.waiting.clear();
    }
    changed(index);
}

void Kernel::remove_interface(std::uint16_t index) {
    Interface& interface = interfaces_[index];
    interface.present = interface.admin_up = false;
    interface.own.clear();
    interface.held.clear();
    interface.virtual_macs.clear();
    interface.neighbours.clear();
    interface.waiting.clear();
    changed(index);
}

void Kernel::restore_interface(std::uint16_t index) {
    configure(interfaces_[index]);
    changed(index);
}

void Kernel::rename(std::uint16_t index, std::string name) {
    interfaces_[index].name = std::move(name);
    changed(index);
}

void Kernel::set_mtu(std::uint16_t index, std::uint32_t mtu) {
    interfaces_[index].mtu = mtu;
    changed(index);
}

void Kernel::add_own_address(std::uint16_t index, const IpPrefix& prefix) {
    remove_own_address(index, prefix.address);
    interfaces_[index].own.push_back(prefix);
    changed(index);
}

void Kernel::remove_own_address(std::uint16_t index, const IpAddress& address) {
    const auto is_it = [&](const IpPrefix& own) { return own.address == address; };
    if (std::erase_if(interfaces_[index].own, is_it) != 0) changed(index);
}

void Kernel::take_address_away(const IpAddress& address) {
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i) {
        const auto is_it = [&](const HeldAddress& held) { return held.prefix.address == address; };
        if (std::erase_if(interfaces_[i].held, is_it) == 0) continue;
        for (VrrpSocket* socket : vrrp_sockets_)
            socket->address_taken(i, address);
    }
}

void Kernel::set_powered(bool powered) {
    powered_ = powered;
    dropped_.clear();
    flows_.clear();
    for (std::uint16_t i = 0; i < interfaces_.size(); ++i) {
        Interface& interface = interfaces_[i];
        configure(interface);
        interface.network->set_carrier(interface.port, carrier(i));
        interface.held.clear();
        interface.virtual_macs.clear();
        interface.neighbours.clear();
        interface.waiting.clear();
    }
}

void Kernel::changed(std::uint16_t index) {
    interfaces_[index].network->set_carrier(interfaces_[index].port, carrier(index));
    for (VrrpSocket* socket : vrrp_sockets_)
        socket->facts_changed(index);
}

std::optional<std::uint16_t> Kernel::find(std::string_view name) const {
    const auto found =
        std::ranges::find_if(interfaces_, [&](const Interface& i) { return i.present && i.name == name; });
    if (found == interfaces_.end()) return std::nullopt;
    return static_cast<std::uint16_t>(found - interfaces_.begin());
}

std::uint16_t Kernel::labelled(std::string_view label) const {
    const auto found = std::ranges::find(interfaces_, label, &Interface::label);
    assert(found != interfaces_.end());
    return static_cast<std::uint16_t>(found - interfaces_.begin());
}

InterfaceFacts Kernel::facts(std::uint16_t index) const {
    const Interface& interface = interfaces_[index];
    InterfaceFacts facts;
    facts.present = interface.present;
    facts.admin_up = usable(index);
    facts.carrier = carrier(index);
    facts.name = interface.name;
    facts.mac = interface.mac;
    facts.mtu = interface.mtu;
    facts.addresses = interface.own;
    return facts;
}

std::optional<IpAddress> Kernel::source_for(const IpAddress& destination) const {
    const std::optional<Route> way = route(destination);
    return way ? source_on(*way, destination) : std::nullopt;
}

std::optional<IpAddress> Kernel::source_on(const Route& way, const IpAddress& destination) const {
    std::optional<IpAddress> source;
    for (const IpPrefix& own : interfaces_[way.interface].own) {
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

void Kernel::drop_traffic(HolderId holder, const IpAddress& address, bool drop) {
    std::erase_if(dropped_,
                  [&](const DroppedTraffic& one) { return one.holder == holder && one.address == address; });
    if (drop) dropped_.push_back({holder, address});
}

void Kernel::process_ended(HolderId holder) {
    std::erase_if(dropped_, [&](const DroppedTraffic& one) { return one.holder == holder; });
}

void Kernel::release_all(HolderId holder) {
    process_ended(holder);
    for (Interface& interface : interfaces_) {
        std::erase_if(interface.held, [&](const HeldAddress& held) { return held.holder == holder; });
        std::erase_if(interface.virtual_macs, [&](const HeldMac& held) { return held.holder == holder; });
    }
}

void Kernel::clean_up(const SiblingIdentity& dead) {
    const std::optional<std::uint16_t> index = find(dead.interface);
    if (!index) return;
    const auto is_its = [&](const HeldAddress& held) {
        return std::ranges::find(dead.addresses, held.prefix) != dead.addresses.end();
    };
    std::optional<HolderId> its_holder; // some may be elsewhere, and some there another's
    for (const Interface& interface : interfaces_)
        for (const HeldAddress& held : interface.held)
            if (is_its(held) && (!its_holder || &interface == &interfaces_[*index])) its_holder = held.holder;
    for (Interface& interface : interfaces_)
        std::erase_if(interface.held,
                      [&](const HeldAddress& held) { return held.holder == its_holder && is_its(held); });
    if (dead.virtual_mac) detach_virtual_mac({}, *index, wire::virtual_mac(dead.family, dead.vrid));
}

bool Kernel::holds_anything(HolderId holder) const {
    return std::ranges::any_of(interfaces_, [&](const Interface& interface) {
        return std::ranges::count(interface.held, holder, &HeldAddress::holder) != 0 ||
               std::ranges::count(interface.virtual_macs, holder, &HeldMac::holder) != 0;
    });
}

} // namespace vrrp::sim
