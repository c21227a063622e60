#include "netsim/node/speaker.hpp"

#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

namespace vrrp::sim {
namespace {

constexpr std::uint8_t kSomeAddress[] = {192, 0, 2, 1}; // of RFC 5737

// Who has overheard nothing announces what it has claimed, or else some address.
wire::Advertisement unheard(BytesView claimed) {
    wire::Advertisement advertisement;
    advertisement.interval = std::chrono::seconds(1);
    advertisement.addresses =
        wire::AddressList(IpFamily::v4, claimed.empty() ? BytesView(kSomeAddress) : claimed);
    return advertisement;
}

std::vector<std::uint8_t> claimed_addresses(const Kernel& kernel) {
    std::vector<std::uint8_t> bytes;
    for (const IpPrefix& prefix : kernel.facts(0).addresses) {
        if (prefix.address.family() != IpFamily::v4 || prefix.length != 32) continue; // its own has a network
        const BytesView one = prefix.address.bytes();
        bytes.insert(bytes.end(), one.begin(), one.end());
    }
    return bytes;
}

std::optional<IpAddress> own_address(const Kernel& kernel, IpFamily family) {
    return kernel.facts(0).primary_address(family, [](const IpAddress&) { return false; });
}

// Each of these leaves everything else right.

void spoil_ttl(std::uint8_t* ip, IpFamily family) {
    constexpr std::uint8_t kThroughRouters = 64;
    if (family == IpFamily::v6) {
        ip[wire::Ipv6View::At::hop_limit] = kThroughRouters;
        return;
    }
    ip[wire::Ipv4View::At::ttl] = kThroughRouters;
    wire::Ipv4View::write_checksum(ip);
}

std::size_t message_offset(const wire::Advertisement& advertisement) {
    return wire::EthernetView::kSize + wire::ip_header_size(advertisement.addresses.family()) +
           (advertisement.authentication_header ? wire::AuthenticationHeaderView::kSize : 0);
}

void spoil_count(std::uint8_t* message) {
    using At = wire::VrrpView::At;
    ++message[At::count];
    const std::uint32_t sum = (~load_be16(message + At::checksum) & 0xffffu) + 1; // one's complement
    store_be16(message + At::checksum, static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16))));
}

void spoil_length(std::vector<std::uint8_t>& frame, IpFamily family, std::size_t message) {
    frame.resize(message + wire::VrrpView::kSize - 2);
    std::uint8_t* ip = frame.data() + wire::EthernetView::kSize;
    const auto size = static_cast<std::uint16_t>(frame.size() - wire::EthernetView::kSize);
    if (family == IpFamily::v6)
        return store_be16(ip + wire::Ipv6View::At::payload_size,
                          static_cast<std::uint16_t>(size - wire::Ipv6View::kSize));
    store_be16(ip + wire::Ipv4View::At::total_size, size);
    wire::Ipv4View::write_checksum(ip);
}

} // namespace

void Speaker::vrrp_frame(std::uint16_t, BytesView frame) {
    const auto advertisement = wire::decode(frame);
    if (!advertisement) return;
    heard_[advertisement->vrid].assign(frame.begin(), frame.end());
    last_heard_ = advertisement->vrid;
}

void Speaker::say(const Forgery& forgery, Duration every) {
    forgery_ = forgery;
    every_ = every;
    speak();
}

void Speaker::on_event(const QueueEvent& event) {
    if (timer_.expired(event)) speak();
}

bool Speaker::replay(std::uint8_t vrid) {
    const auto heard = heard_.find(vrid);
    if (heard == heard_.end()) return false;
    kernel_.send(0, heard->second);
    return true;
}

void Speaker::speak() {
    auto heard = heard_.find(forgery_.vrid);
    if (heard == heard_.end()) heard = heard_.find(last_heard_);
    const std::vector<std::uint8_t> claimed = claimed_addresses(kernel_);
    wire::Advertisement advertisement = unheard(claimed);
    if (heard != heard_.end()) advertisement = wire::decode(heard->second).value_or(advertisement);
    const IpFamily family = advertisement.addresses.family();
    advertisement.vrid = forgery_.vrid;
    advertisement.priority = forgery_.priority;
    advertisement.source_mac = kernel_.interfaces().front().mac;
    const auto source = forgery_.source ? forgery_.source : own_address(kernel_, family);
    timer_.arm(every_ == kOnce ? kNever : queue_.now() + every_);
    if (!source || source->family() != family) return; // nobody to speak as
    advertisement.source = *source;
    if (forgery_.flaw == Flaw::interval) advertisement.interval += std::chrono::seconds(1);
    if (forgery_.flaw == Flaw::password) {
        advertisement.authentication_header.reset();
        advertisement.authentication_type = wire::AuthenticationType::simple_text;
        advertisement.authentication_data = {'g', 'u', 'e', 's', 's'};
    }
    std::vector<std::uint8_t> frame(wire::encoded_size(advertisement));
    wire::encode(advertisement, frame);
    if (forgery_.flaw == Flaw::ttl) spoil_ttl(frame.data() + wire::EthernetView::kSize, family);
    if (forgery_.flaw == Flaw::checksum) frame.back() ^= 1;
    if (forgery_.flaw == Flaw::count) spoil_count(frame.data() + message_offset(advertisement));
    if (forgery_.flaw == Flaw::length) spoil_length(frame, family, message_offset(advertisement));
    kernel_.send(0, frame);
}

} // namespace vrrp::sim
