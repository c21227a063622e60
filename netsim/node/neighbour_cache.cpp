#include "netsim/node/neighbour_cache.hpp"

namespace vrrp::sim {

NeighbourCache::Use NeighbourCache::use(TimePoint now, const IpAddress& neighbour) {
    if (entries_.size() >= kMaxEntries && !entries_.contains(neighbour)) return {{}, Ask::everybody};
    Entry& entry = entries_[neighbour];
    if (entry.mac && now < entry.confirmed + kReachable) return {entry.mac, Ask::nobody};
    if (now < entry.asked + kAskEvery) return {entry.mac, Ask::nobody};
    if (entry.mac && entry.asks == kUnicastAsks) entry.mac.reset();
    entry.asked = now;
    ++entry.asks;
    return {entry.mac, entry.mac ? Ask::neighbour : Ask::everybody};
}

void NeighbourCache::heard_request_for_us(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    if (entries_.size() < kMaxEntries || entries_.contains(neighbour)) confirm(now, entries_[neighbour], mac);
}

void NeighbourCache::heard_reply(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    const auto found = entries_.find(neighbour);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    const bool locked = entry.mac && *entry.mac != mac && now < entry.changed + kLockTime;
    if (!locked) confirm(now, entry, mac);
}

void NeighbourCache::heard_gratuitous(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    const auto found = entries_.find(neighbour);
    if (found != entries_.end()) confirm(now, found->second, mac);
}

std::optional<MacAddress> NeighbourCache::lookup(const IpAddress& neighbour) const {
    const auto found = entries_.find(neighbour);
    return found == entries_.end() ? std::nullopt : found->second.mac;
}

void NeighbourCache::confirm(TimePoint now, Entry& entry, const MacAddress& mac) {
    if (entry.mac != mac) entry.changed = now;
    entry.mac = mac;
    entry.confirmed = now;
    entry.asks = 0;
}

} // namespace vrrp::sim
