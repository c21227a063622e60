// The packets of hosts and routers that are not VRRP, as real bytes: address resolution (ARP, RFC 826;
// neighbour discovery, RFC 4861), echo (ICMP, RFC 792; ICMPv6, RFC 4443) and the first packet of a TCP
// connection (RFC 9293).
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"

#include <array>
#include <vector>

namespace vrrp::sim {

// A frame by value. Up to a neighbour solicitation it allocates nothing.
class Packet {
  public:
    static constexpr std::size_t kSmall = 86;
    explicit Packet(std::size_t size) : size_(size), large_(size > kSmall ? size : 0) {}
    std::uint8_t* data() { return large_.empty() ? small_.data() : large_.data(); }
    std::size_t size() const { return size_; }
    operator BytesView() const { return {large_.empty() ? small_.data() : large_.data(), size_}; }
    operator MutableBytes() { return {data(), size_}; }

  private:
    std::size_t size_;
    std::array<std::uint8_t, kSmall> small_{};
    std::vector<std::uint8_t> large_; // instead
};

// "Who has `target`?" and "`sender` is at `sender_mac`", in the words of ARP; over IPv6 a neighbour
// solicitation and advertisement that say the same.
struct Resolution {
    bool request = true;
    MacAddress sender_mac;
    IpAddress sender;
    MacAddress target_mac; // a reply's receiver
    IpAddress target;

    bool gratuitous() const { return sender == target; }
    friend bool operator==(const Resolution&, const Resolution&) = default;
};

// `to` is the Ethernet destination: a neighbour's, or everybody's.
Packet encode(const Resolution& resolution, const MacAddress& to);
// A neighbour advertisement to a group is gratuitous.
std::optional<Resolution> decode_resolution(BytesView frame);

// `sequence` travels in the data, since ICMP's own field has but 16 bits.
struct Echo {
    bool request = true;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 64;
    std::uint16_t identifier = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const Echo&, const Echo&) = default;
};

// The Ethernet addresses are left zero: they are the next hop's business.
Packet encode(const Echo& echo);
std::optional<Echo> decode_echo(BytesView frame);

// An IP packet of any kind in a frame. Its Ethernet addresses are left zero too.
Packet frame_of(BytesView ip_packet);
// As a router hands it on: one hop less. Nothing when it has come to the last one.
std::optional<Packet> handed_on(BytesView frame);

// A TCP SYN over IPv4.
struct Syn {
    IpAddress source;
    IpAddress destination;
    std::uint16_t port = 0; // the destination's

    friend bool operator==(const Syn&, const Syn&) = default;
};
Packet encode(const Syn& syn);
std::optional<Syn> decode_syn(BytesView frame);

} // namespace vrrp::sim
