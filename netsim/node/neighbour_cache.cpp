#include "netsim/node/neighbour_cache.hpp"

#include <utility>

namespace vrrp::sim {

const NeighbourCache::Entry* NeighbourCache::find(const IpAddress& neighbour) const {
    for (const auto& [address, entry] : entries_) // few: a host talks to its gateway
        if (address == neighbour) return &entry;
    return nullptr;
}

NeighbourCache::Entry* NeighbourCache::find(const IpAddress& neighbour) {
    return const_cast<Entry*>(std::as_const(*this).find(neighbour));
}

NeighbourCache::Use NeighbourCache::use(TimePoint now, const IpAddress& neighbour) {
    Entry* found = find(neighbour);
    if (found == nullptr && entries_.size() >= kMaxEntries) return {{}, Ask::everybody};
    Entry& entry = found != nullptr ? *found : add(neighbour);
    if (entry.mac && now < entry.confirmed + kReachable) return {entry.mac, Ask::nobody};
    if (now < entry.asked + kAskEvery) return {entry.mac, Ask::nobody};
    if (entry.mac && entry.asks == kUnicastAsks) entry.mac.reset();
    entry.asked = now;
    ++entry.asks;
    return {entry.mac, entry.mac ? Ask::neighbour : Ask::everybody};
}

void NeighbourCache::heard_request_for_us(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    if (Entry* entry = find(neighbour))
        confirm(now, *entry, mac);
    else if (entries_.size() < kMaxEntries)
        confirm(now, add(neighbour), mac);
}

void NeighbourCache::heard_reply(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    Entry* entry = find(neighbour);
    if (entry == nullptr) return;
    const bool locked = entry->mac && *entry->mac != mac && now < entry->changed + kLockTime;
    if (!locked) confirm(now, *entry, mac);
}

void NeighbourCache::heard_gratuitous(TimePoint now, const IpAddress& neighbour, const MacAddress& mac) {
    if (Entry* entry = find(neighbour)) confirm(now, *entry, mac);
}

std::optional<MacAddress> NeighbourCache::lookup(const IpAddress& neighbour) const {
    const Entry* entry = find(neighbour);
    return entry == nullptr ? std::nullopt : entry->mac;
}

void NeighbourCache::confirm(TimePoint now, Entry& entry, const MacAddress& mac) {
    if (entry.mac != mac) entry.changed = now;
    entry.mac = mac;
    entry.confirmed = now;
    entry.asks = 0;
}

} // namespace vrrp::sim
