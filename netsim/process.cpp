#include "netsim/process.hpp"

#include <algorithm>

namespace vrrp::sim {

Process::Process(RouterConfig config, HolderId id, Kernel& kernel, EventQueue& queue,
                 ProcessObserver& observer)
    : config_(std::move(config)), id_(id), kernel_(kernel), queue_(queue), observer_(observer),
      timer_(queue, EventClass::timer, *this, 0) {
    kernel_.open(*this);
}

bool Process::has(std::uint8_t vrid) const {
    return std::ranges::any_of(config_.virtual_routers, [&](const auto& one) { return one.vrid == vrid; });
}

// --- Life and death

void Process::start() {
    if (running() || !kernel_.powered()) return;
    kernel_.release_all(id_);
    daemon_ = std::make_unique<Daemon>(config_, Daemon::Ports{*this, *this, *this});
    if (!daemon_->start()) forget();
}

void Process::stop() {
    if (!running() || frozen_) return; // a stopped process does not take SIGTERM before it is continued
    daemon_->stop();
    forget();
}

void Process::kill() {
    forget();
}

void Process::forget() {
    daemon_.reset();
    timer_.arm(kNever);
    watched_.clear();
    frozen_ = deadline_missed_ = false;
    frozen_frames_.clear();
}

void Process::freeze() {
    frozen_ = running();
}

void Process::thaw() {
    if (!frozen_) return;
    frozen_ = false;
    for (const std::uint16_t interface : watched_)
        facts_changed(interface);
    for (const FrozenFrame& frame : std::exchange(frozen_frames_, {}))
        vrrp_frame(frame.interface, frame.bytes);
    if (std::exchange(deadline_missed_, false)) daemon_->deadline_reached();
}

void Process::set_priority(std::uint8_t vrid, std::uint8_t priority) {
    if (!running() || frozen_) return;
    for (std::size_t i = 0; i < config_.virtual_routers.size(); ++i)
        if (config_.virtual_routers[i].vrid == vrid)
            daemon_->set_priority(static_cast<VirtualRouterIndex>(i), priority);
}

// --- Clock

void Process::on_event(const QueueEvent& event) {
    if (!timer_.expired(event)) return;
    if (frozen_)
        deadline_missed_ = true;
    else
        daemon_->deadline_reached();
}

// --- Nic

tl::expected<InterfaceFacts, NicError> Process::watch(InterfaceId, const std::string& name) {
    const std::optional<std::uint16_t> interface = kernel_.find(name);
    if (!interface) return tl::unexpected(NicError{"no such interface: " + name});
    watched_.push_back(*interface); // asked for in the order of InterfaceId
    return kernel_.facts(*interface);
}

NicResult Process::send(InterfaceId id, BytesView frame) {
    const std::uint16_t interface = kernel_interface(id);
    if (!kernel_.carrier(interface)) return tl::unexpected(NicError{"Network is down"});
    observer_.sent(*this, interface, frame);
    kernel_.send(interface, frame);
    return {};
}

NicResult Process::attach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    kernel_.attach_virtual_mac(id_, kernel_interface(id), mac);
    return {};
}

NicResult Process::detach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    kernel_.detach_virtual_mac(id_, kernel_interface(id), mac);
    return {};
}

NicResult Process::add_address(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                               const IpPrefix& prefix) {
    kernel_.add_address(id_, kernel_interface(id), virtual_mac, prefix);
    return {};
}

NicResult Process::remove_address(InterfaceId id, const std::optional<MacAddress>&, const IpPrefix& prefix) {
    kernel_.remove_address(id_, kernel_interface(id), prefix);
    return {};
}

// --- From the kernel

void Process::vrrp_frame(std::uint16_t interface, BytesView frame) {
    const auto watched = std::ranges::find(watched_, interface);
    if (watched == watched_.end()) return;
    if (!frozen_)
        daemon_->frame_received(static_cast<InterfaceId>(watched - watched_.begin()), frame);
    else if (frozen_frames_.size() < kMaxFrozenFrames)
        frozen_frames_.push_back({interface, {frame.begin(), frame.end()}});
}

void Process::facts_changed(std::uint16_t interface) {
    const auto watched = std::ranges::find(watched_, interface);
    if (watched == watched_.end() || frozen_) return; // thaw() asks
    daemon_->interface_changed(static_cast<InterfaceId>(watched - watched_.begin()),
                               kernel_.facts(interface));
}

} // namespace vrrp::sim
