#include "netsim/process.hpp"

#include <algorithm>
#include <tuple>

namespace vrrp::sim {

Process::Process(RouterConfig config, std::string directory, HolderId id, const Surroundings& surroundings)
    : config_(std::move(config)), id_(id), kernel_(surroundings.kernel), siblings_(surroundings.siblings),
      queue_(surroundings.queue), observer_(surroundings.observer),
      place_(siblings_.add(*this, std::move(directory))),
      scripts_(surroundings.script_habits, surroundings.queue, *this),
      timer_(surroundings.queue, EventClass::timer, *this, 0) {
    kernel_.open(*this);
}

bool Process::has(std::uint8_t vrid) const {
    return std::ranges::any_of(config_.virtual_routers, [&](const auto& one) { return one.vrid == vrid; });
}

// --- Life and death

void Process::start() {
    if (running() || !kernel_.powered()) return;
    kernel_.release_all(id_);
    siblings_.join(place_);
    daemon_ = std::make_unique<Daemon>(config_, Daemon::Ports{*this, *this, *this, *this, *this});
    if (!daemon_->start()) forget();
}

void Process::stop() {
    if (!running() || frozen_) return; // a stopped process does not take SIGTERM before it is continued
    daemon_->stop();
    scripts_.stopped();
    forget();
}

void Process::kill() {
    scripts_.died();
    forget();
}

void Process::power_lost() {
    scripts_.power_lost();
    forget();
}

void Process::forget() {
    siblings_.leave(place_);
    daemon_.reset();
    timer_.arm(kNever);
    watched_.clear();
    frozen_ = deadline_missed_ = false;
    frozen_frames_.clear();
}

void Process::freeze() {
    frozen_ = running();
    if (!frozen_) return;
    siblings_.freeze(place_);
    scripts_.freeze();
}

void Process::thaw() {
    if (!frozen_) return;
    frozen_ = false;
    for (const std::uint16_t interface : watched_)
        facts_changed(interface);
    for (const FrozenFrame& frame : std::exchange(frozen_frames_, {}))
        vrrp_frame(frame.interface, frame.bytes);
    siblings_.thaw(place_);
    scripts_.thaw();
    if (std::exchange(deadline_missed_, false)) daemon_->deadline_reached();
}

void Process::set_priority(std::uint8_t vrid, std::uint8_t priority) {
    if (!running() || frozen_) return;
    for (std::size_t i = 0; i < config_.virtual_routers.size(); ++i)
        if (config_.virtual_routers[i].vrid == vrid)
            daemon_->set_priority(static_cast<VirtualRouterIndex>(i), priority);
}

void Process::command(Command command) {
    if (!running() || frozen_) return;
    for (std::size_t i = 0; i < config_.virtual_routers.size(); ++i)
        std::ignore = daemon_->command(static_cast<VirtualRouterIndex>(i), command); // its journal tells
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

NicResult Process::send_magic_packet(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                                     const IpAddress& source, const IpAddress& gateway) {
    kernel_.send_magic_packet(kernel_interface(id), virtual_mac, source, gateway, *this);
    return {};
}

NicResult Process::clean_up_after(const SiblingIdentity& dead) {
    if (!siblings_.lives(dead)) kernel_.clean_up(dead);
    return {};
}

// --- Siblings and scripts

void Process::tell(VirtualRouterIndex from, const SiblingStatus& status) {
    siblings_.tell(place_, from, status);
}

void Process::sibling_said(SiblingId id, const SiblingStatus& status) {
    daemon_->sibling_said(id, status);
}

void Process::sibling_gone(SiblingId id) {
    daemon_->sibling_gone(id);
}

void Process::script_began(const ScriptCall& call, unsigned life) {
    observer_.script_began(*this, call, life);
}

void Process::script_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    daemon_->script_finished(call.virtual_router, call.master, outcome);
}

void Process::orphan_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    observer_.orphan_ended(*this, call, outcome);
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

void Process::packet_left(std::uint16_t interface, BytesView frame) {
    observer_.sent(*this, interface, frame);
}

void Process::facts_changed(std::uint16_t interface) {
    const auto watched = std::ranges::find(watched_, interface);
    if (watched == watched_.end() || frozen_) return; // thaw() asks
    daemon_->interface_changed(static_cast<InterfaceId>(watched - watched_.begin()),
                               kernel_.facts(interface));
}

} // namespace vrrp::sim
