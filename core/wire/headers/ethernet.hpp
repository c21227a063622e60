// The Ethernet II header with its stack of VLAN tags (IEEE 802.1Q, 802.1ad).
#pragma once

#include "core/net/mac_address.hpp"
#include "core/wire/headers/link_packet.hpp"

namespace vrrp::wire {

class EthernetView {
  public:
    // Where the fields are in a frame without tags.
    struct At {
        static constexpr std::size_t destination = 0, source = 6, ether_type = 12;
    };
    static constexpr std::size_t kSize = 14, kTagSize = 4;

    // Nothing when the frame ends within its header or within a tag.
    static constexpr std::optional<EthernetView> of(BytesView frame) {
        if (frame.size() < kSize) return std::nullopt;
        EthernetView view(frame);
        while (is_tag(view.ether_type())) {
            if (frame.size() < view.header_size_ + kTagSize) return std::nullopt;
            // A tag with the identifier 0 gives a priority and no VLAN.
            if (view.vlan_ == 0) view.vlan_ = load_be16(&frame[view.header_size_]) & 0x0fff;
            view.header_size_ += kTagSize;
        }
        return view;
    }

    static constexpr void write(std::uint8_t* out, const MacAddress& destination, const MacAddress& source,
                                std::uint16_t ether_type) {
        write_addresses(out, destination, source);
        store_be16(out + At::ether_type, ether_type);
    }
    static constexpr void write_addresses(std::uint8_t* out, const MacAddress& destination,
                                          const MacAddress& source) {
        store_bytes(out + At::destination, destination.bytes());
        store_bytes(out + At::source, source.bytes());
    }

    constexpr MacAddress destination() const { return MacAddress::from_bytes(&frame_[At::destination]); }
    constexpr MacAddress source() const { return MacAddress::from_bytes(&frame_[At::source]); }
    // Behind the tags.
    constexpr std::uint16_t ether_type() const { return load_be16(&frame_[header_size_ - 2]); }
    // The outermost tag's identifier that is not 0; 0 without one.
    constexpr std::uint16_t vlan() const { return vlan_; }
    constexpr BytesView payload() const { return frame_.subspan(header_size_); }
    constexpr LinkPacket packet() const { return {ether_type(), payload(), source(), vlan()}; }

  private:
    constexpr explicit EthernetView(BytesView frame) : frame_(frame) {}

    static constexpr bool is_tag(std::uint16_t ether_type) {
        return ether_type == kEtherTypeVlan || ether_type == kEtherTypeServiceVlan ||
               ether_type == kEtherTypeOldServiceVlan;
    }

    BytesView frame_;
    std::size_t header_size_ = kSize;
    std::uint16_t vlan_ = 0;
};

} // namespace vrrp::wire
