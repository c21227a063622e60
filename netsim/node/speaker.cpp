#include "netsim/node/speaker.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/frame_layout.hpp"

namespace vrrp::sim {
namespace {

constexpr std::uint8_t kSomeAddress[] = {192, 0, 2, 1}; // of RFC 5737, when nothing was overheard

wire::Advertisement unheard() {
    wire::Advertisement advertisement;
    advertisement.interval = std::chrono::seconds(1);
    advertisement.addresses = wire::AddressList(IpFamily::v4, kSomeAddress);
    return advertisement;
}

std::optional<IpAddress> own_address(const Kernel& kernel, IpFamily family) {
    return kernel.facts(0).primary_address(family, [](const IpAddress&) { return false; });
}

// Each of these leaves everything else right.

void renew_ip_checksum(std::uint8_t* ip) {
    store_be16(ip + 10, 0);
    store_be16(ip + 10, InternetChecksum().add({ip, wire::kIpv4Size}).value());
}

void spoil_ttl(std::vector<std::uint8_t>& frame, IpFamily family) {
    constexpr std::uint8_t kThroughRouters = 64;
    std::uint8_t* ip = frame.data() + wire::kEthernetSize;
    if (family == IpFamily::v6) {
        ip[7] = kThroughRouters;
        return;
    }
    ip[8] = kThroughRouters;
    renew_ip_checksum(ip);
}

std::size_t message_offset(const wire::Advertisement& advertisement) {
    const bool v6 = advertisement.addresses.family() == IpFamily::v6;
    return wire::kEthernetSize + (v6 ? wire::kIpv6Size : wire::kIpv4Size) +
           (advertisement.authentication_header ? wire::kAuthenticationHeaderSize : 0);
}

void spoil_count(std::uint8_t* message) {
    ++message[3];
    const std::uint32_t sum = (~load_be16(message + 6) & 0xffffu) + 1; // one's complement
    store_be16(message + 6, static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16))));
}

void spoil_length(std::vector<std::uint8_t>& frame, IpFamily family, std::size_t message) {
    frame.resize(message + wire::kVrrpFixedSize - 2);
    std::uint8_t* ip = frame.data() + wire::kEthernetSize;
    const std::size_t ip_size = frame.size() - wire::kEthernetSize;
    if (family == IpFamily::v6)
        return store_be16(ip + 4, static_cast<std::uint16_t>(ip_size - wire::kIpv6Size));
    store_be16(ip + 2, static_cast<std::uint16_t>(ip_size));
    renew_ip_checksum(ip);
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
    const auto decoded = heard == heard_.end() ? unheard() : wire::decode(heard->second).value_or(unheard());
    wire::Advertisement advertisement = decoded;
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
    if (forgery_.flaw == Flaw::ttl) spoil_ttl(frame, family);
    if (forgery_.flaw == Flaw::checksum) frame.back() ^= 1;
    if (forgery_.flaw == Flaw::count) spoil_count(frame.data() + message_offset(advertisement));
    if (forgery_.flaw == Flaw::length) spoil_length(frame, family, message_offset(advertisement));
    kernel_.send(0, frame);
}

} // namespace vrrp::sim
