// Neighbour solicitations and advertisements (RFC 4861 sections 4.3 and 4.4) that carry the sender's
// link-layer address.
#pragma once

#include "core/net/mac_address.hpp"
#include "core/wire/headers/ip.hpp"

namespace vrrp::wire {

class NeighbourView {
  public:
    struct At {
        static constexpr std::size_t type = 0, code = 1, checksum = 2, flags = 4, target = 8, options = 24;
    };
    static constexpr std::size_t kSize = 32; // with the option of the link-layer address
    static constexpr std::uint8_t kRouter = 0x80, kSolicited = 0x40, kOverride = 0x20; // flags

    // Nothing when it is another message, came through a router, or lacks the link-layer address.
    static constexpr std::optional<NeighbourView> of(const Ipv6View& ip) {
        if (ip.next_header() != kProtocolIcmpv6 || ip.hop_limit() != kTtl || !ip.is_whole())
            return std::nullopt;
        const BytesView message = ip.payload();
        if (message.size() < kSize) return std::nullopt;
        const std::uint8_t type = message[At::type];
        if (type != kSolicitation && type != kAdvertisement) return std::nullopt;
        if (message[At::options] != link_option(type) || message[At::options + 1] != 1) return std::nullopt;
        return NeighbourView(message);
    }

    constexpr bool is_solicitation() const { return message_[At::type] == kSolicitation; }
    constexpr IpAddress target() const { return IpAddress::from_bytes(IpFamily::v6, &message_[At::target]); }
    constexpr MacAddress link_address() const { return MacAddress::from_bytes(&message_[At::options + 2]); }

    // These write kSize bytes, without the checksum.
    static void write_solicitation(const IpAddress& target, const MacAddress& mac, std::uint8_t* out) {
        write(kSolicitation, 0, target, mac, out);
    }
    static void write_advertisement(std::uint8_t flags, const IpAddress& target, const MacAddress& mac,
                                    std::uint8_t* out) {
        write(kAdvertisement, flags, target, mac, out);
    }

    // To be done last. Precondition: `ip` is the header before the message.
    static void write_checksum(const IpHeader& ip, std::uint8_t* out) {
        InternetChecksum sum = pseudo_header_checksum(ip.source, ip.destination, kProtocolIcmpv6, kSize);
        store_be16(out + At::checksum, sum.add({out, kSize}).value());
    }

  private:
    static constexpr std::uint8_t kSolicitation = 135, kAdvertisement = 136;

    constexpr explicit NeighbourView(BytesView message) : message_(message) {}

    // Source link-layer address, or target link-layer address.
    static constexpr std::uint8_t link_option(std::uint8_t type) { return type == kSolicitation ? 1 : 2; }

    static void write(std::uint8_t type, std::uint8_t flags, const IpAddress& target, const MacAddress& mac,
                      std::uint8_t* out) {
        out[At::type] = type;
        out[At::code] = 0;
        store_be16(out + At::checksum, 0);
        store_be32(out + At::flags, std::uint32_t{flags} << 24);
        store_bytes(out + At::target, target.bytes());
        out[At::options] = link_option(type);
        out[At::options + 1] = 1; // eight bytes
        store_bytes(out + At::options + 2, mac.bytes());
    }

    BytesView message_;
};

} // namespace vrrp::wire
