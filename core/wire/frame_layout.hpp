// Offsets and numbers of the headers around a VRRP message, for encode and decode alike.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vrrp::wire {

inline constexpr std::size_t kMacSize = 6;
inline constexpr std::size_t kEthernetSize = 14;
inline constexpr std::size_t kVlanTagSize = 4;
inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeVlan = 0x8100;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

inline constexpr std::size_t kIpv4Size = 20;
inline constexpr std::size_t kIpv6Size = 40;
inline constexpr std::uint8_t kProtocolIcmpv6 = 58;
inline constexpr std::uint8_t kProtocolAh = 51;
inline constexpr std::uint8_t kProtocolVrrp = 112;
inline constexpr std::uint8_t kTtl = 255;
inline constexpr std::uint8_t kDscpNetworkControl = 0xc0; // CS6, as routing protocols and the peers use

inline constexpr std::size_t kVrrpFixedSize = 8;
inline constexpr std::size_t kAuthenticationDataSize = 8; // v2, after the addresses
inline constexpr std::size_t kAuthenticationHeaderSize = 24;
inline constexpr std::uint8_t kTypeAdvertisement = 1;

} // namespace vrrp::wire
