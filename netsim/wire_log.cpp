#include "netsim/wire_log.hpp"

#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"

namespace vrrp::sim {

WireLog::FrameKind WireLog::note(const std::string& machine, BytesView frame) {
    if (const auto advertisement = wire::decode(frame)) {
        Advertised& count = advertised_[{machine, advertisement->vrid}];
        ++count.advertisements;
        ++count.by_priority[advertisement->priority];
        return FrameKind::advertisement;
    }
    if (const auto announcement = wire::decode_announcement(frame)) {
        ++announced_[{machine, announcement->address}];
        return FrameKind::announcement;
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

} // namespace vrrp::sim
