// The IPv4 header (RFC 791) and the IPv6 header with its extensions (RFC 8200).
#pragma once

#include "core/net/checksum.hpp"
#include "core/net/ip_address.hpp"

namespace vrrp::wire {

inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolAh = 51;
inline constexpr std::uint8_t kProtocolIcmpv6 = 58;
inline constexpr std::uint8_t kProtocolVrrp = 112;
inline constexpr std::uint8_t kTtl = 255; // what VRRP and neighbour discovery demand

// RFC 4291 section 2.7.1: every host of the link, and every router of it.
inline constexpr IpAddress kAllNodes = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
inline constexpr IpAddress kAllRouters =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});

class Ipv4View {
  public:
    struct At {
        static constexpr std::size_t version_and_size = 0, tos = 1, total_size = 2, identification = 4,
                                     fragment = 6, ttl = 8, protocol = 9, checksum = 10, source = 12,
                                     destination = 16;
    };
    static constexpr std::size_t kSize = 20, kMaxSize = 60; // without options, and with all that fit

    // Nothing when the packet ends within the fixed part. What the fields say may still be wrong.
    static constexpr std::optional<Ipv4View> of(BytesView packet) {
        if (packet.size() < kSize) return std::nullopt;
        return Ipv4View(packet);
    }

    constexpr std::uint8_t ttl() const { return packet_[At::ttl]; }
    constexpr std::uint8_t protocol() const { return packet_[At::protocol]; }
    constexpr IpAddress source() const { return IpAddress::from_bytes(IpFamily::v4, &packet_[At::source]); }
    constexpr IpAddress destination() const {
        return IpAddress::from_bytes(IpFamily::v4, &packet_[At::destination]);
    }
    constexpr std::size_t header_size() const {
        return std::size_t{packet_[At::version_and_size] & 0x0fu} * 4;
    }
    constexpr std::size_t total_size() const { return load_be16(&packet_[At::total_size]); }
    constexpr bool is_fragment() const { // its offset, or "more fragments"
        return (load_be16(&packet_[At::fragment]) & 0x3fff) != 0;
    }

    constexpr bool is_well_formed() const {
        return packet_[At::version_and_size] >> 4 == 4 && header_size() >= kSize &&
               total_size() >= header_size();
    }
    constexpr bool is_whole() const { return packet_.size() >= total_size(); }

    // Preconditions of the rest: well formed and whole.
    bool has_right_checksum() const {
        return InternetChecksum().add(packet_.first(header_size())).value() == 0;
    }
    constexpr BytesView datagram() const { return packet_.first(total_size()); } // without the link's padding
    constexpr BytesView payload() const { return datagram().subspan(header_size()); }

    // After a change to a header without options.
    static void write_checksum(std::uint8_t* header) {
        store_be16(header + At::checksum, 0);
        store_be16(header + At::checksum, InternetChecksum().add({header, kSize}).value());
    }

  private:
    constexpr explicit Ipv4View(BytesView packet) : packet_(packet) {}
    BytesView packet_;
};

class Ipv6View {
  public:
    struct At {
        static constexpr std::size_t version_and_class = 0, payload_size = 4, next_header = 6, hop_limit = 7,
                                     source = 8, destination = 24;
    };
    static constexpr std::size_t kSize = 40;

    // Nothing when the packet ends within the header, or is of another version.
    static constexpr std::optional<Ipv6View> of(BytesView packet) {
        if (packet.size() < kSize || packet[At::version_and_class] >> 4 != 6) return std::nullopt;
        return Ipv6View(packet);
    }

    constexpr std::uint8_t next_header() const { return packet_[At::next_header]; }
    constexpr std::uint8_t hop_limit() const { return packet_[At::hop_limit]; }
    constexpr IpAddress source() const { return IpAddress::from_bytes(IpFamily::v6, &packet_[At::source]); }
    constexpr IpAddress destination() const {
        return IpAddress::from_bytes(IpFamily::v6, &packet_[At::destination]);
    }
    constexpr std::size_t total_size() const { return kSize + load_be16(&packet_[At::payload_size]); }
    constexpr bool is_whole() const { return packet_.size() >= total_size(); }

    // Without the link's padding; shorter than it should be when the packet is not whole.
    constexpr BytesView payload() const {
        return packet_.first(std::min(packet_.size(), total_size())).subspan(kSize);
    }

    // What follows the extension headers that say nothing to VRRP: hop-by-hop options, routing, destination
    // options.
    struct Upper {
        std::uint8_t protocol = 0;
        BytesView bytes;

        // The first fragment of a datagram of `protocol`.
        constexpr bool is_fragment_of(std::uint8_t other) const {
            constexpr std::uint8_t kFragment = 44;
            return protocol == kFragment && bytes.size() >= 8 && bytes[0] == other;
        }
    };
    // Nothing when the packet ends within an extension header.
    constexpr std::optional<Upper> upper() const {
        Upper upper{next_header(), payload()};
        while (is_passed_over(upper.protocol)) {
            if (upper.bytes.size() < 2) return std::nullopt;
            const std::size_t size = (std::size_t{upper.bytes[1]} + 1) * 8;
            if (upper.bytes.size() < size) return std::nullopt;
            upper = {upper.bytes[0], upper.bytes.subspan(size)};
        }
        return upper;
    }

  private:
    constexpr explicit Ipv6View(BytesView packet) : packet_(packet) {}

    static constexpr bool is_passed_over(std::uint8_t protocol) {
        return protocol == 0 || protocol == 43 || protocol == 60;
    }

    BytesView packet_;
};

constexpr std::size_t ip_header_size(IpFamily family) {
    return family == IpFamily::v4 ? Ipv4View::kSize : Ipv6View::kSize;
}

// A header of either version, without options, as it is written.
struct IpHeader {
    IpAddress source;
    IpAddress destination;
    std::uint8_t protocol = 0;
    std::uint8_t ttl = kTtl;
    std::uint8_t traffic_class = 0; // or type of service
    std::size_t payload_size = 0;
};

// Writes ip_header_size() bytes.
inline void write_ipv4_header(const IpHeader& header, std::uint8_t* out) {
    using At = Ipv4View::At;
    out[At::version_and_size] = 0x45;
    out[At::tos] = header.traffic_class;
    store_be16(out + At::total_size, static_cast<std::uint16_t>(Ipv4View::kSize + header.payload_size));
    // RFC 6864: a datagram that is never fragmented needs no identification, and says so by "don't fragment".
    store_be16(out + At::identification, 0);
    store_be16(out + At::fragment, 0x4000);
    out[At::ttl] = header.ttl;
    out[At::protocol] = header.protocol;
    store_bytes(out + At::source, header.source.bytes());
    store_bytes(out + At::destination, header.destination.bytes());
    Ipv4View::write_checksum(out);
}

inline void write_ipv6_header(const IpHeader& header, std::uint8_t* out) {
    using At = Ipv6View::At;
    store_be32(out + At::version_and_class, 6u << 28 | std::uint32_t{header.traffic_class} << 20);
    store_be16(out + At::payload_size, static_cast<std::uint16_t>(header.payload_size));
    out[At::next_header] = header.protocol;
    out[At::hop_limit] = header.ttl;
    store_bytes(out + At::source, header.source.bytes());
    store_bytes(out + At::destination, header.destination.bytes());
}

inline void write_ip_header(const IpHeader& header, std::uint8_t* out) {
    if (header.source.family() == IpFamily::v4)
        write_ipv4_header(header, out);
    else
        write_ipv6_header(header, out);
}

// RFC 8200 section 8.1, and the same over IPv4.
inline InternetChecksum pseudo_header_checksum(const IpAddress& source, const IpAddress& destination,
                                               std::uint8_t protocol, std::size_t payload_size) {
    InternetChecksum sum;
    sum.add(source.bytes()).add(destination.bytes());
    sum.add16(static_cast<std::uint16_t>(payload_size)).add16(protocol);
    return sum;
}

} // namespace vrrp::wire
