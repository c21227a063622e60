#include "netsim/network/switch.hpp"

#include "core/wire/advertisement.hpp"
#include "core/wire/headers/ethernet.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

// Event::what is the port that the frame came from; Event::place the one that it goes to, or this.
constexpr std::uint16_t kEverywhere = 0xffff;

bool is_vrrp_group(const MacAddress& mac) {
    return mac == wire::group_mac(IpFamily::v4) || mac == wire::group_mac(IpFamily::v6);
}

} // namespace

PortId Switch::attach(FrameReceiver& receiver, std::uint16_t interface, const std::string& label,
                      const MacAddress& mac) {
    if (ports_.size() == kEverywhere) throw SimulationLimit{"too many ports on one network"};
    Port port;
    port.receiver = &receiver;
    port.interface = interface;
    port.label = label;
    port.mac = mac;
    port.loss_stream = choices_.stream(name_ + "/" + label + "/loss");
    ports_.push_back(port);
    set_latency(static_cast<PortId>(ports_.size() - 1), kDefaultLatency);
    return static_cast<PortId>(ports_.size() - 1);
}

void Switch::set_carrier(PortId port, bool carrier) {
    if (at(port).carrier == carrier) return;
    at(port).carrier = carrier;
    at(port).forwards_from = queue_.now() + forward_delay_;
    if (!carrier) std::erase_if(macs_, [&](const auto& entry) { return entry.second.port == port; });
}

void Switch::set_latency(PortId port, Duration latency) {
    at(port).latency = latency;
    equal_latency_ = std::ranges::all_of(ports_, [&](const Port& p) { return p.latency == latency; });
}

Duration Switch::longest_latency() const {
    return ports_.empty() ? Duration{} : std::ranges::max_element(ports_, {}, &Port::latency)->latency;
}

void Switch::partition(std::span<const std::uint8_t> side_by_port) {
    sides_ = 1;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        ports_[i].side = side_by_port[i];
        sides_ = std::max(sides_, static_cast<std::uint8_t>(side_by_port[i] + 1));
    }
    trunk_ = false;
    // A switch forgets what it learned through a port whose carrier is gone: here, the trunk.
    std::erase_if(macs_,
                  [&](const auto& entry) { return at(entry.second.port).side != side_of(entry.first); });
}

bool Switch::reaches(PortId from, PortId to) const {
    const Port &a = at(from), &b = at(to);
    return forwards(a) && forwards(b) && joined(a, b) && !a.cut.to_switch && !b.cut.from_switch;
}

std::optional<PortId> Switch::learned(std::uint8_t side, const MacAddress& mac) const {
    const auto found = macs_.find(key_of(side, mac));
    if (found == macs_.end() || found->second.seen + kMacAgeing < queue_.now()) return std::nullopt;
    return found->second.port;
}

void Switch::learn(std::uint8_t side, const MacAddress& mac, PortId port) {
    if (mac.is_group()) return;
    const std::uint64_t key = key_of(side, mac);
    if (const auto known = macs_.find(key); known != macs_.end()) {
        known->second = {port, queue_.now()};
        return;
    }
    if (macs_.size() >= kMaxMacs) {
        std::erase_if(macs_, [&](const auto& e) { return e.second.seen + kMacAgeing < queue_.now(); });
        if (macs_.size() >= kMaxMacs) return;
    }
    macs_[key] = {port, queue_.now()};
}

bool Switch::lost(Port& port) {
    if (port.loss == 0) return false;
    return choices_.chance(port.loss_stream, port.loss, kLossWhole);
}

void Switch::send(PortId from, BytesView bytes) {
    Port& port = at(from);
    const auto ethernet = wire::EthernetView::of(bytes);
    if (!ethernet || !forwards(port) || port.cut.to_switch || lost(port)) return;
    if (port_security_ && ethernet->source() != port.mac) {
        ++port.refused;
        return;
    }
    if (!multicast_ && is_vrrp_group(ethernet->destination())) return;
    if (tap_ != nullptr) tap_->frame(queue_.now(), *this, from, bytes);
    const FrameId frame = frames_.put(bytes);
    forward(from, ethernet->source(), ethernet->destination(), frame);
    frames_.release(frame);
}

void Switch::forward(PortId from, const MacAddress& source, const MacAddress& destination, FrameId frame) {
    const std::uint8_t side = at(from).side;
    learn(side, source, from);
    std::optional<PortId> to = learned(side, destination);
    if (to && at(*to).side != side) { // through the trunk to a switch that may know better
        learn(at(*to).side, source, from);
        to = learned(at(*to).side, destination);
    }
    if (to) {
        if (*to != from) send_to(from, *to, frame);
        return;
    }
    for (std::uint8_t other = 0; trunk_ && other < sides_; ++other)
        learn(other, source, from);
    flood(from, frame);
}

void Switch::send_to(PortId from, PortId to, FrameId frame) {
    frames_.retain(frame);
    queue_.push(queue_.now() + at(from).latency + at(to).latency, EventClass::delivery, *this,
                static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to),
                static_cast<std::uint32_t>(frame));
}

void Switch::flood(PortId from, FrameId frame) {
    if (equal_latency_) {
        frames_.retain(frame);
        queue_.push(queue_.now() + 2 * at(from).latency, EventClass::delivery, *this,
                    static_cast<std::uint16_t>(from), kEverywhere, static_cast<std::uint32_t>(frame));
        return;
    }
    for (std::size_t to = 0; to < ports_.size(); ++to)
        if (static_cast<PortId>(to) != from) send_to(from, static_cast<PortId>(to), frame);
}

void Switch::on_event(const QueueEvent& event) {
    const auto from = static_cast<PortId>(event.what);
    const auto frame = static_cast<FrameId>(event.argument);
    if (event.place != kEverywhere) {
        deliver(from, static_cast<PortId>(event.place), frame);
    } else {
        for (std::size_t to = 0; to < ports_.size(); ++to)
            if (static_cast<PortId>(to) != from) deliver(from, static_cast<PortId>(to), frame);
    }
    frames_.release(frame);
}

void Switch::deliver(PortId from, PortId to, FrameId frame) {
    Port& port = at(to);
    // The sender's own cable was looked at when it sent: what is past it arrives.
    const bool connected = forwards(port) && !port.cut.from_switch && joined(port, at(from));
    if (connected && !lost(port)) port.receiver->receive(port.interface, frames_.bytes(frame));
}

} // namespace vrrp::sim
