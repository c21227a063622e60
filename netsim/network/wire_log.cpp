#include "netsim/network/wire_log.hpp"

#include "core/ports.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/router_advertisement.hpp"
#include "netsim/network/packet.hpp"

#include <algorithm>

namespace vrrp::sim {

void WireLog::Burst::count(TimePoint time) {
    if (now == 0 || time >= begun + std::chrono::milliseconds(1)) {
        begun = time;
        now = 0;
    }
    worst = std::max(worst, ++now);
}

WireLog::FrameKind WireLog::note(TimePoint now, const std::string& node, BytesView frame) {
    if (const auto advertisement = wire::decode(frame)) {
        Advertised& count = advertised_[{node, advertisement->vrid}];
        ++count.advertisements;
        ++count.by_priority[advertisement->priority];
        return FrameKind::advertisement;
    }
    if (const auto announcement = wire::decode_announcement(frame)) {
        ++announced_[{node, announcement->address}];
        bursts_[node].count(now);
        return FrameKind::announcement;
    }
    if (const auto syn = decode_syn(frame); syn && syn->port == Nic::kMagicPort) {
        ++magic_packets_[{node, syn->destination}];
        return FrameKind::magic_packet;
    }
    if (wire::decode_router_advertisement(frame)) {
        ++router_advertisements_[node];
        return FrameKind::router_advertisement;
    }
    return FrameKind::unreadable;
}

std::uint64_t WireLog::router_advertisements(const std::string& node) const {
    const auto found = router_advertisements_.find(node);
    return found == router_advertisements_.end() ? 0 : found->second;
}

std::uint64_t WireLog::router_advertisements_of_all() const {
    std::uint64_t sum = 0;
    for (const auto& [node, count] : router_advertisements_)
        sum += count;
    return sum;
}

WireLog::Advertised WireLog::sent(const std::string& node, std::uint8_t vrid) const {
    const auto found = advertised_.find({node, vrid});
    return found == advertised_.end() ? Advertised{} : found->second;
}

std::uint64_t WireLog::sent_by_all(std::uint8_t vrid) const {
    std::uint64_t sum = 0;
    for (const auto& [key, count] : advertised_)
        if (key.second == vrid) sum += count.advertisements;
    return sum;
}

std::uint64_t WireLog::announced(const std::string& node, const IpAddress& address) const {
    const auto found = announced_.find({node, address});
    return found == announced_.end() ? 0 : found->second;
}

std::uint64_t WireLog::worst_burst(const std::string& node) const {
    const auto found = bursts_.find(node);
    return found == bursts_.end() ? 0 : found->second.worst;
}

std::uint64_t WireLog::magic_packets(const std::string& node, const IpAddress& gateway) const {
    const auto found = magic_packets_.find({node, gateway});
    return found == magic_packets_.end() ? 0 : found->second;
}

} // namespace vrrp::sim
