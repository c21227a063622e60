#include "netsim/node/process.hpp"

#include "core/daemon/control.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

tl::unexpected<NicError> no_device() {
    return tl::unexpected(NicError{"No such device"});
}

} // namespace

Process::Process(RouterConfig config, std::string directory, HolderId id, const Surroundings& surroundings)
    : config_(std::move(config)), directory_(std::move(directory)), id_(id), kernel_(surroundings.kernel),
      siblings_(surroundings.siblings), queue_(surroundings.queue), observer_(surroundings.observer),
      clock_(surroundings.clock), place_(siblings_.add(*this, directory_)),
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
    daemon_ = std::make_unique<Daemon>(config_);
    if (!daemon_->start({*this, *this, *this, *this, *this})) forget();
}

void Process::stop() {
    if (!running() || frozen_) return; // a stopped process does not take SIGTERM before it is continued
    daemon_->give(Stop{});
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
    wake_at(kNever);
    watched_.clear();
    frozen_ = waits_ = deadline_missed_ = false;
    frozen_frames_.clear();
    frozen_losses_.clear();
}

void Process::freeze() {
    if (!running()) return;
    frozen_ = waits_ = true;
    siblings_.freeze(place_);
    scripts_.freeze();
}

void Process::thaw() {
    if (!frozen_) return;
    frozen_ = false;
    if (std::exchange(deadline_missed_, false)) daemon_->give(DeadlineReached{});
    scripts_.thaw();
    deliver_waiting();
}

void Process::deliver_waiting() {
    if (!std::exchange(waits_, false)) return;
    for (std::size_t i = 0; i < watched_.size(); ++i)
        look_at(static_cast<InterfaceId>(i));
    for (const auto& [interface, address] : std::exchange(frozen_losses_, {}))
        address_taken(interface, address);
    for (const FrozenFrame& frame : std::exchange(frozen_frames_, {}))
        vrrp_frame(frame.interface, frame.bytes);
    siblings_.thaw(place_);
}

void Process::set_priority(std::uint8_t vrid, std::uint8_t priority) {
    if (!running() || frozen_) return;
    for (std::size_t i = 0; i < config_.virtual_routers.size(); ++i)
        if (config_.virtual_routers[i].vrid == vrid)
            daemon_->give(SetPriority{static_cast<VirtualRouterIndex>(i), priority});
}

void Process::answer(const std::string& request) {
    if (running() && !frozen_)
        (void)answer_request(*daemon_, *daemon_, {}, request); // what came of it is in the journal
}

void Process::command(Command command) {
    if (!running() || frozen_) return;
    for (std::size_t i = 0; i < config_.virtual_routers.size(); ++i)
        daemon_->give(Commanding{static_cast<VirtualRouterIndex>(i), command}); // its journal tells
}

// --- Clock

void Process::wake_at(TimePoint deadline) {
    wake_at_ = deadline;
    timer_.arm(clock_.world(deadline));
}

void Process::clock_changed() {
    timer_.arm(clock_.world(wake_at_));
}

void Process::on_event(const QueueEvent& event) {
    if (!timer_.expired(event)) return;
    wake_at_ = kNever;
    if (frozen_)
        deadline_missed_ = true;
    else
        daemon_->give(DeadlineReached{});
}

// --- Nic

tl::expected<InterfaceFacts, NicError> Process::watch(InterfaceId, const std::string& name) {
    watched_.push_back(
        {.name = name, .interface = kernel_.find(name)}); // asked for in the order of InterfaceId
    const Watch& watch = watched_.back();
    return watch.interface ? kernel_.facts(*watch.interface) : absent(watch);
}

InterfaceFacts Process::absent(const Watch& watch) {
    InterfaceFacts facts;
    facts.name = watch.name;
    return facts;
}

NicResult Process::send(InterfaceId id, BytesView frame) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    if (!kernel_.carrier(*interface)) return tl::unexpected(NicError{"Network is down"});
    observer_.sent(*this, *interface, frame);
    kernel_.send(*interface, frame);
    return {};
}

NicResult Process::attach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.attach_virtual_mac(id_, *interface, mac);
    return {};
}

NicResult Process::detach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    if (const auto interface = kernel_interface(id)) kernel_.detach_virtual_mac(id_, *interface, mac);
    return {};
}

NicResult Process::add_address(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                               const IpPrefix& prefix) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.add_address(id_, *interface, virtual_mac, prefix);
    return {};
}

NicResult Process::remove_address(InterfaceId id, const std::optional<MacAddress>&, const IpPrefix& prefix) {
    if (const auto interface = kernel_interface(id)) kernel_.remove_address(id_, *interface, prefix);
    return {};
}

NicResult Process::send_magic_packet(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                                     const IpAddress& source, const IpAddress& gateway) {
    const auto interface = kernel_interface(id);
    if (!interface) return no_device();
    kernel_.send_magic_packet(*interface, virtual_mac, source, gateway, *this);
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
    daemon_->give(SiblingSaid{id, status});
}

void Process::sibling_gone(SiblingId id) {
    daemon_->give(SiblingGone{id});
}

void Process::script_began(const ScriptCall& call, unsigned life) {
    observer_.script_began(*this, call, life);
}

void Process::script_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    daemon_->give(ScriptExited{call.virtual_router, call.master, outcome});
}

void Process::orphan_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    observer_.orphan_ended(*this, call, outcome);
}

// --- From the kernel

std::optional<InterfaceId> Process::watching(std::uint16_t interface) const {
    const auto watch = std::ranges::find(watched_, interface, &Watch::interface);
    if (watch == watched_.end()) return std::nullopt;
    return static_cast<InterfaceId>(watch - watched_.begin());
}

void Process::vrrp_frame(std::uint16_t interface, BytesView frame) {
    const std::optional<InterfaceId> id = watching(interface);
    if (!id) return;
    if (!frozen_)
        daemon_->give(FrameReceived{*id, frame});
    else if (frozen_frames_.size() < kMaxFrozenFrames)
        frozen_frames_.push_back({interface, {frame.begin(), frame.end()}});
}

// As the capture's filter lets it through: only what concerns one of our addresses.
void Process::address_claimed(std::uint16_t interface, const IpAddress& address, BytesView frame) {
    for (const VirtualRouterConfig& one : config_.virtual_routers)
        for (const IpPrefix& prefix : one.addresses)
            if (prefix.address == address) return vrrp_frame(interface, frame);
}

void Process::address_taken(std::uint16_t interface, const IpAddress& address) {
    const std::optional<InterfaceId> id = watching(interface);
    if (!id) return;
    if (frozen_)
        frozen_losses_.emplace_back(interface, address);
    else
        daemon_->give(AddressLost{*id, address});
}

void Process::packet_left(std::uint16_t interface, BytesView frame) {
    observer_.sent(*this, interface, frame);
}

void Process::facts_changed(std::uint16_t interface) {
    for (std::size_t i = 0; i < watched_.size(); ++i) {
        Watch& watch = watched_[i];
        if (watch.interface.value_or(interface) != interface) continue;
        watch.deleted = watch.deleted || (watch.interface && !kernel_.interfaces()[interface].present);
        if (!frozen_) look_at(static_cast<InterfaceId>(i)); // else thaw() looks
    }
}

void Process::look_at(InterfaceId id) {
    Watch& watch = watched_[static_cast<std::size_t>(id)];
    if (std::exchange(watch.deleted, false)) {
        watch.interface.reset();
        daemon_->give(InterfaceChanged{id, absent(watch)});
    }
    if (!watch.interface) watch.interface = kernel_.find(watch.name);
    if (watch.interface) daemon_->give(InterfaceChanged{id, kernel_.facts(*watch.interface)});
}

} // namespace vrrp::sim
