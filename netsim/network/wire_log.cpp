#include "netsim/network/wire_log.hpp"

#include "core/ports.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"
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

WireLog::FrameKind WireLog::note(TimePoint now, const std::string& machine, BytesView frame) {
    if (const auto advertisement = wire::decode(frame)) {
        Advertised& count = advertised_[{machine, advertisement->vrid}];
        ++count.advertisements;
        ++count.by_priority[advertisement->priority];
        return FrameKind::advertisement;
    }
    if (const auto announcement = wire::decode_announcement(frame)) {
        ++announced_[{machine, announcement->address}];
        bursts_[machine].count(now);
        return FrameKind::announcement;
    }
    if (const auto syn = decode_syn(frame); syn && syn->port == Nic::kMagicPort) {
        ++magic_packets_[{machine, syn->destination}];
        return FrameKind::magic_packet;
    }
    return FrameKind::unreadable;
}

WireLog::Advertised WireLog::sent(const std::string& machine, std::uint8_t vrid) const {
    const auto found = advertised_.find({machine, vrid});
    return found == advertised_.end() ? Advertised{} : found->second;
}

std::uint64_t WireLog::sent_by_all(std::uint8_t vrid) const {
    std::uint64_t sum = 0;
    for (const auto& [key, count] : advertised_)
        if (key.second == vrid) sum += count.advertisements;
    return sum;
}

std::uint64_t WireLog::announced(const std::string& machine, const IpAddress& address) const {
    const auto found = announced_.find({machine, address});
    return found == announced_.end() ? 0 : found->second;
}

std::uint64_t WireLog::worst_burst(const std::string& machine) const {
    const auto found = bursts_.find(machine);
    return found == bursts_.end() ? 0 : found->second.worst;
}

std::uint64_t WireLog::magic_packets(const std::string& machine, const IpAddress& gateway) const {
    const auto found = magic_packets_.find({machine, gateway});
    return found == magic_packets_.end() ? 0 : found->second;
}

} // namespace vrrp::sim
