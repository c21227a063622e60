// Which MAC address a neighbour has, as a Linux host believes it.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"
#include "core/net/time.hpp"

#include <optional>
#include <vector>

namespace vrrp::sim {

// 1. An entry is made by a use, or by a request for one of our own addresses; a gratuitous ARP changes an
//    entry that is there and makes none (Linux: arp_accept=0).
// 2. An entry that nothing has confirmed for kReachable is still used while the neighbour is asked again,
//    kUnicastAsks times directly; then it is forgotten and everybody is asked.
// 3. A reply does not change an entry that was changed less than kLockTime ago; a gratuitous ARP does.
// 4. It has no timer: what is due is found at the next use.
class NeighbourCache {
  public:
    static constexpr Duration kReachable = std::chrono::seconds(30);
    static constexpr Duration kLockTime = std::chrono::seconds(1);
    static constexpr Duration kAskEvery = std::chrono::seconds(1);
    static constexpr unsigned kUnicastAsks = 3;
    static constexpr std::size_t kMaxEntries = 1024; // further neighbours are asked for at every use

    enum class Ask : std::uint8_t { nobody, neighbour, everybody };
    struct Use {
        std::optional<MacAddress> mac; // nothing: wait for the answer
        Ask ask = Ask::nobody;
    };
    Use use(TimePoint now, const IpAddress& neighbour);

    void heard_request_for_us(TimePoint now, const IpAddress& neighbour, const MacAddress& mac);
    void heard_reply(TimePoint now, const IpAddress& neighbour, const MacAddress& mac);
    void heard_gratuitous(TimePoint now, const IpAddress& neighbour, const MacAddress& mac);

    std::optional<MacAddress> lookup(const IpAddress& neighbour) const;
    void clear() { entries_.clear(); }

  private:
    struct Entry {
        std::optional<MacAddress> mac;
        TimePoint confirmed{};
        TimePoint changed{};
        TimePoint asked{};
        unsigned asks = 0; // since it was confirmed
    };
    Entry* find(const IpAddress& neighbour);
    const Entry* find(const IpAddress& neighbour) const;
    Entry& add(const IpAddress& neighbour) { return entries_.emplace_back(neighbour, Entry{}).second; }
    void confirm(TimePoint now, Entry& entry, const MacAddress& mac);

    std::vector<std::pair<IpAddress, Entry>> entries_;
};

} // namespace vrrp::sim
