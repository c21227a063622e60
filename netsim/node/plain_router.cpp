#include "netsim/node/plain_router.hpp"

#include "core/machine/timers.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"

namespace vrrp::sim {

VirtualRouterConfig PlainRouter::understood(const VirtualRouterConfig& config) {
    VirtualRouterConfig plain;
    plain.interface = config.interface;
    plain.vrid = config.vrid;
    plain.addresses = config.addresses;
    plain.priority = config.priority;
    plain.advertisement_interval = config.advertisement_interval;
    plain.preempt = config.preempt;
    plain.virtual_mac = config.virtual_mac;
    return plain;
}

PlainRouter::PlainRouter(VirtualRouterConfig config, HolderId id, Kernel& kernel, EventQueue& queue)
    : config_(understood(config)), id_(id), kernel_(kernel), queue_(queue),
      interface_(kernel.find(config_.interface).value()), timer_(queue, EventClass::timer, *this, 0) {
    const InterfaceFacts facts = kernel.facts(interface_);
    primary_ =
        facts.primary_address(IpFamily::v4, [](const IpAddress&) { return false; }).value_or(IpAddress{});
    if (facts.has(config_.addresses.front().address)) config_.priority = wire::kPriorityOwner;
    kernel_.open(*this);
}

void PlainRouter::start() {
    if (role_ != Role::stopped || !kernel_.powered()) return;
    if (owner())
        become_master();
    else
        become_backup();
}

void PlainRouter::stop() {
    if (role_ == Role::stopped) return;
    if (role_ == Role::master) advertise(wire::kPriorityResign);
    kill();
    kernel_.release_all(id_);
}

void PlainRouter::kill() {
    role_ = Role::stopped;
    timer_.arm(kNever);
}

void PlainRouter::become_backup() {
    role_ = Role::backup;
    kernel_.release_all(id_);
    timer_.arm(queue_.now() + down_interval());
}

void PlainRouter::become_master() {
    role_ = Role::master;
    advertise(config_.priority);
    take_addresses();
    timer_.arm(queue_.now() + config_.advertisement_interval);
}

void PlainRouter::on_event(const QueueEvent& event) {
    if (!timer_.expired(event)) return;
    if (role_ == Role::backup) return become_master();
    advertise(config_.priority);
    timer_.arm(queue_.now() + config_.advertisement_interval);
}

void PlainRouter::vrrp_frame(std::uint16_t interface, BytesView frame) {
    const auto heard = wire::decode(frame);
    // RFC 3768 section 7.1.
    const bool accepted = interface == interface_ && heard && heard->version == wire::Version::v2 &&
                          heard->vrid == config_.vrid && !owner() &&
                          heard->authentication_type == wire::AuthenticationType::none &&
                          heard->interval == config_.advertisement_interval;
    if (!accepted || role_ == Role::stopped) return;
    const bool resigns = heard->priority == wire::kPriorityResign;
    if (role_ == Role::backup) {
        if (resigns)
            timer_.arm(queue_.now() +
                       skew_time(wire::Version::v2, config_.priority, config_.advertisement_interval));
        else if (!config_.preempt || heard->priority >= config_.priority)
            timer_.arm(queue_.now() + down_interval());
        return;
    }
    if (resigns) {
        advertise(config_.priority);
        timer_.arm(queue_.now() + config_.advertisement_interval);
    } else if (heard->priority > config_.priority ||
               (heard->priority == config_.priority && heard->source > primary_)) {
        become_backup();
    }
}

void PlainRouter::advertise(std::uint8_t priority) {
    std::vector<std::uint8_t> addresses;
    for (const IpPrefix& prefix : config_.addresses)
        addresses.insert(addresses.end(), prefix.address.bytes().begin(), prefix.address.bytes().end());
    wire::Advertisement advertisement;
    advertisement.vrid = config_.vrid;
    advertisement.priority = priority;
    advertisement.interval = config_.advertisement_interval;
    advertisement.addresses = wire::AddressList(IpFamily::v4, addresses);
    advertisement.source = primary_;
    advertisement.source_mac = virtual_mac().value_or(kernel_.interfaces()[interface_].mac);
    std::vector<std::uint8_t> frame(wire::encoded_size(advertisement));
    wire::encode(advertisement, frame);
    kernel_.send(interface_, frame);
}

void PlainRouter::take_addresses() {
    const std::optional<MacAddress> mac = virtual_mac();
    if (mac) kernel_.attach_virtual_mac(id_, interface_, *mac);
    for (const IpPrefix& prefix : config_.addresses) {
        kernel_.add_address(id_, interface_, mac, prefix);
        std::vector<std::uint8_t> frame(wire::announcement_size(IpFamily::v4));
        wire::encode_announcement(prefix.address, mac.value_or(kernel_.interfaces()[interface_].mac), frame);
        kernel_.send(interface_, frame);
    }
}

std::optional<MacAddress> PlainRouter::virtual_mac() const {
    if (!config_.virtual_mac) return std::nullopt;
    return wire::virtual_mac(IpFamily::v4, config_.vrid);
}

Duration PlainRouter::down_interval() const {
    return master_down_interval(wire::Version::v2, config_.priority, config_.advertisement_interval);
}

} // namespace vrrp::sim
