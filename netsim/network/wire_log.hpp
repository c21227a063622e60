// What vrrpds have put on the wire, counted.
#pragma once

#include "core/net/bytes.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/time.hpp"

#include <map>
#include <string>

namespace vrrp::sim {

// 1. Counts by sender since the last clear(); its size does not grow with time.
// 2. note() reads a frame as any receiver would, with the real decoder.
class WireLog {
  public:
    enum class FrameKind : std::uint8_t {
        advertisement,
        announcement,
        magic_packet,
        router_advertisement,
        unreadable
    };
    FrameKind note(TimePoint now, const std::string& node, BytesView frame);
    void clear() { *this = {}; }

    struct Advertised {
        std::uint64_t advertisements = 0; // resignations included
        std::map<std::uint8_t, std::uint64_t> by_priority;
    };
    Advertised sent(const std::string& node, std::uint8_t vrid) const;
    std::uint64_t sent_by_all(std::uint8_t vrid) const;
    std::uint64_t announced(const std::string& node, const IpAddress& address) const;
    // In its busiest millisecond.
    std::uint64_t worst_burst(const std::string& node) const;
    std::uint64_t router_advertisements(const std::string& node) const;
    std::uint64_t router_advertisements_of_all() const;
    std::uint64_t magic_packets(const std::string& node, const IpAddress& gateway) const;

  private:
    // Of announcements; a millisecond begins with the first one after the last has passed.
    struct Burst {
        TimePoint begun{};
        std::uint64_t now = 0, worst = 0;
        void count(TimePoint time);
    };
    std::map<std::pair<std::string, std::uint8_t>, Advertised> advertised_;
    std::map<std::pair<std::string, IpAddress>, std::uint64_t> announced_, magic_packets_;
    std::map<std::string, Burst> bursts_;
    std::map<std::string, std::uint64_t> router_advertisements_;
};

} // namespace vrrp::sim
