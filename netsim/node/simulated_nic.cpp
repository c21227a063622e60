#include "netsim/node/simulated_nic.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

tl::unexpected<NicError> no_device() {
    return tl::unexpected(NicError{"No such device"});
}

std::optional<MacAddress> address_of(const std::optional<wire::VirtualMac>& mac) {
    if (!mac) return std::nullopt;
    return mac->address();
}

} // namespace

SimulatedNic::SimulatedNic(Inbox& inbox, Kernel& kernel, HolderId holder, const SiblingNetwork& siblings,
                           FrameObserver& observer)
    : inbox_(inbox), kernel_(kernel), holder_(holder), siblings_(siblings), observer_(observer) {
    kernel_.open(*this);
}

SimulatedNic::~SimulatedNic() {
    kernel_.close(*this);
    kernel_.process_ended(holder_);
}

// --- What the daemon asks for

tl::expected<InterfaceFacts, NicError> SimulatedNic::watch(InterfaceId id, const std::string& name,
                                                           const std::vector<Ours>& ours) {
    const auto [place, is_new] = watched_.try_emplace(id);
    Watched& watched = place->second;
    if (is_new) watched = {.name = name, .ours = {}, .interface = kernel_.find(name)};
    watched.ours = ours;
    return watched.interface ? kernel_.facts(*watched.interface) : absent(watched);
}

void SimulatedNic::forget(InterfaceId id) {
    const Watched watched = std::move(watched_.extract(id).mapped());
    if (!watched.interface) return;
    for (const Ours& one : watched.ours) {
        for (const IpPrefix& prefix : one.addresses)
            kernel_.remove_address(holder_, *watched.interface, prefix);
        kernel_.detach_virtual_mac(holder_, *watched.interface, wire::virtual_mac(one.family, one.vrid));
    }
}

void SimulatedNic::deliver_waiting() {
    if (!std::exchange(waits_, false)) return;
    for (auto& [id, watched] : watched_)
        look_at(id, watched);
    for (const auto& [interface, address] : std::exchange(waiting_losses_, {}))
        address_taken(interface, address);
    for (const WaitingFrame& frame : std::exchange(waiting_frames_, {}))
        hand_on(frame.interface, frame.bytes);
}

NicResult SimulatedNic::send(InterfaceId id, BytesView frame) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    if (!kernel_.carrier(*interface)) return tl::unexpected(NicError{"Network is down"});
    observer_.sent(*interface, frame);
    kernel_.send(*interface, frame);
    return {};
}

NicResult SimulatedNic::send_packet(InterfaceId id, BytesView packet) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    if (!kernel_.carrier(*interface)) return tl::unexpected(NicError{"Network is down"});
    kernel_.send_packet(*interface, packet, *this);
    return {};
}

NicResult SimulatedNic::attach_virtual_mac(InterfaceId id, const wire::VirtualMac& mac) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.attach_virtual_mac(holder_, *interface, mac.address());
    return {};
}

NicResult SimulatedNic::detach_virtual_mac(InterfaceId id, const wire::VirtualMac& mac) {
    if (const auto interface = kernel_interface(id))
        kernel_.detach_virtual_mac(holder_, *interface, mac.address());
    return {};
}

NicResult SimulatedNic::add_address(InterfaceId id, const std::optional<wire::VirtualMac>& virtual_mac,
                                    const IpPrefix& prefix, const AddressMarks&) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.add_address(holder_, *interface, address_of(virtual_mac), prefix);
    return {};
}

NicResult SimulatedNic::remove_address(InterfaceId id, const std::optional<wire::VirtualMac>&,
                                       const IpPrefix& prefix) {
    if (const auto interface = kernel_interface(id)) kernel_.remove_address(holder_, *interface, prefix);
    return {};
}

NicResult SimulatedNic::drop_traffic(InterfaceId, const IpAddress& address, bool drop) {
    kernel_.drop_traffic(holder_, address, drop);
    return {};
}

NicResult SimulatedNic::send_magic_packet(InterfaceId id, const std::optional<wire::VirtualMac>& virtual_mac,
                                          const IpAddress& source, const IpAddress& gateway) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.send_magic_packet(*interface, address_of(virtual_mac), source, gateway, *this);
    return {};
}

void SimulatedNic::clean_up_after(const SiblingIdentity& dead) {
    if (!siblings_.lives(dead)) kernel_.clean_up(dead);
}

// --- What the kernel says

std::optional<InterfaceId> SimulatedNic::watching(std::uint16_t interface) const {
    for (const auto& [id, watched] : watched_)
        if (watched.interface == interface) return id;
    return std::nullopt;
}

void SimulatedNic::vrrp_frame(std::uint16_t interface, BytesView frame) {
    if (!frozen_ && watching(interface) && observer_.dies_before_advertisement()) return;
    hand_on(interface, frame);
}

void SimulatedNic::hand_on(std::uint16_t interface, BytesView frame) {
    const std::optional<InterfaceId> id = watching(interface);
    if (!id) return;
    if (!frozen_)
        inbox_.give(FrameReceived{*id, frame});
    else if (waiting_frames_.size() < kMaxWaitingFrames)
        waiting_frames_.push_back({interface, {frame.begin(), frame.end()}});
}

// As the capture's filter lets it through: only what concerns one of our addresses there.
void SimulatedNic::address_claimed(std::uint16_t interface, const IpAddress& address, BytesView frame) {
    const std::optional<InterfaceId> id = watching(interface);
    if (!id) return;
    const auto concerns = [&](const Ours& one) {
        return std::ranges::find(one.addresses, address, &IpPrefix::address) != one.addresses.end();
    };
    if (std::ranges::any_of(watched_.at(*id).ours, concerns)) hand_on(interface, frame);
}

void SimulatedNic::router_solicited(std::uint16_t interface, BytesView frame) {
    const std::optional<InterfaceId> id = watching(interface);
    if (id && std::ranges::any_of(watched_.at(*id).ours, &Ours::answers_solicitations))
        hand_on(interface, frame);
}

void SimulatedNic::address_taken(std::uint16_t interface, const IpAddress& address) {
    const std::optional<InterfaceId> id = watching(interface);
    if (!id) return;
    if (frozen_)
        waiting_losses_.emplace_back(interface, address);
    else
        inbox_.give(AddressLost{*id, address});
}

void SimulatedNic::packet_left(std::uint16_t interface, BytesView frame) {
    observer_.sent(interface, frame);
}

void SimulatedNic::facts_changed(std::uint16_t interface) {
    for (auto& [id, watched] : watched_) {
        if (watched.interface.value_or(interface) != interface) continue;
        watched.deleted = watched.deleted || (watched.interface && !kernel_.interfaces()[interface].present);
        if (!frozen_) look_at(id, watched); // else deliver_waiting() looks
    }
}

InterfaceFacts SimulatedNic::absent(const Watched& watched) {
    InterfaceFacts facts;
    facts.name = watched.name;
    return facts;
}

void SimulatedNic::look_at(InterfaceId id, Watched& watched) {
    if (std::exchange(watched.deleted, false)) {
        watched.interface.reset();
        inbox_.give(InterfaceChanged{id, absent(watched)});
    }
    if (!watched.interface) watched.interface = kernel_.find(watched.name);
    if (watched.interface) inbox_.give(InterfaceChanged{id, kernel_.facts(*watched.interface)});
}

} // namespace vrrp::sim
