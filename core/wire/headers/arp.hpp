// ARP over Ethernet for IPv4 (RFC 826): requests and replies.
#pragma once

#include "core/wire/headers/link_packet.hpp"

namespace vrrp::wire {

struct ArpPacket {
    bool request = true;
    MacAddress sender_mac;
    IpAddress sender;
    MacAddress target_mac; // a request leaves it zero
    IpAddress target;
};

class ArpView {
  public:
    struct At {
        static constexpr std::size_t hardware_type = 0, protocol_type = 2, hardware_size = 4,
                                     protocol_size = 5, operation = 6, sender_mac = 8, sender = 14,
                                     target_mac = 18, target = 24;
    };
    static constexpr std::size_t kSize = 28;

    // Nothing when it is cut short, speaks of other addresses, or is neither request nor reply.
    static constexpr std::optional<ArpView> of(BytesView packet) {
        if (packet.size() < kSize || load_be16(&packet[At::hardware_type]) != kEthernet ||
            load_be16(&packet[At::protocol_type]) != kEtherTypeIpv4 || packet[At::hardware_size] != 6 ||
            packet[At::protocol_size] != 4)
            return std::nullopt;
        const std::uint16_t operation = load_be16(&packet[At::operation]);
        if (operation != kRequest && operation != kReply) return std::nullopt;
        return ArpView(packet);
    }

    constexpr bool is_request() const { return load_be16(&packet_[At::operation]) == kRequest; }
    constexpr MacAddress sender_mac() const { return MacAddress::from_bytes(&packet_[At::sender_mac]); }
    constexpr IpAddress sender() const { return IpAddress::from_bytes(IpFamily::v4, &packet_[At::sender]); }
    constexpr MacAddress target_mac() const { return MacAddress::from_bytes(&packet_[At::target_mac]); }
    constexpr IpAddress target() const { return IpAddress::from_bytes(IpFamily::v4, &packet_[At::target]); }

    // Writes kSize bytes. Precondition: both addresses are IPv4.
    static constexpr void write(const ArpPacket& packet, std::uint8_t* out) {
        store_be16(out + At::hardware_type, kEthernet);
        store_be16(out + At::protocol_type, kEtherTypeIpv4);
        out[At::hardware_size] = 6;
        out[At::protocol_size] = 4;
        store_be16(out + At::operation, packet.request ? kRequest : kReply);
        store_bytes(out + At::sender_mac, packet.sender_mac.bytes());
        store_bytes(out + At::sender, packet.sender.bytes());
        store_bytes(out + At::target_mac, packet.target_mac.bytes());
        store_bytes(out + At::target, packet.target.bytes());
    }

  private:
    static constexpr std::uint16_t kEthernet = 1, kRequest = 1, kReply = 2;

    constexpr explicit ArpView(BytesView packet) : packet_(packet) {}
    BytesView packet_;
};

} // namespace vrrp::wire
