// The VRRP advertisement as a value: RFC 3768 section 5 (v2) and RFC 9568 section 5 (v3).
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"
#include "core/net/time.hpp"

#include <algorithm>
#include <optional>

namespace vrrp::wire {

enum class Version : std::uint8_t { v2 = 2, v3 = 3 };

inline constexpr std::uint8_t kPriorityResign = 0;  // "I stop being master"
inline constexpr std::uint8_t kPriorityOwner = 255; // the router that owns the addresses

inline constexpr IpAddress kGroupV4 = IpAddress::v4({224, 0, 0, 18});
inline constexpr IpAddress kGroupV6 =
    IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});

constexpr IpAddress group_address(IpFamily family) {
    return family == IpFamily::v4 ? kGroupV4 : kGroupV6;
}

// The Ethernet address that carries group_address(family).
constexpr MacAddress group_mac(IpFamily family) {
    return family == IpFamily::v4 ? MacAddress({0x01, 0x00, 0x5e, 0x00, 0x00, 0x12})
                                  : MacAddress({0x33, 0x33, 0x00, 0x00, 0x00, 0x12});
}

// RFC 9568 section 7.3.
constexpr MacAddress virtual_mac(IpFamily family, std::uint8_t vrid) {
    return MacAddress(
        {0x00, 0x00, 0x5e, 0x00, static_cast<std::uint8_t>(family == IpFamily::v4 ? 1 : 2), vrid});
}

// That address, and whose it is.
struct VirtualMac {
    IpFamily family = IpFamily::v4;
    std::uint8_t vrid = 0;
    constexpr MacAddress address() const { return virtual_mac(family, vrid); }
    friend auto operator<=>(const VirtualMac&, const VirtualMac&) = default;
};

// The field "Auth Type" of v2 (RFC 2338 section 5.3.6).
enum class AuthenticationType : std::uint8_t { none = 0, simple_text = 1, authentication_header = 2 };

// v2's field "Authentication Data": a password, zero-padded.
using AuthenticationData = std::array<std::uint8_t, 8>;

// What precedes the VRRP message in authentication type 2 (RFC 2402 section 2).
struct AuthenticationHeader {
    std::uint32_t spi = 0;
    std::uint32_t sequence = 0;
    std::array<std::uint8_t, 12> icv{}; // HMAC-MD5-96
    friend bool operator==(const AuthenticationHeader&, const AuthenticationHeader&) = default;
};

// What follows the VRRP message in draft-cassen-vrrp-auth-hmac, in both versions.
struct HmacTrailer {
    std::uint8_t key_id = 0;
    std::uint64_t sequence = 0;
    std::array<std::uint8_t, 16> code{};
    friend bool operator==(const HmacTrailer&, const HmacTrailer&) = default;
};

// What the sender's checksum of a v3 message covers. RFC 9568 leaves the pseudo-header out over IPv4; the
// routers in the field (keepalived, FRR, MikroTik) put it in. Over IPv6 and in v2 there is no choice.
enum class ChecksumForm : std::uint8_t { message_only, with_pseudo_header };

// Addresses as they stand in a message: a view of foreign bytes, which must outlive it.
class AddressList {
  public:
    constexpr AddressList() = default;
    // Precondition: the size is a multiple of address_size(family) and at most 255 addresses.
    constexpr AddressList(IpFamily family, BytesView bytes) : family_(family), bytes_(bytes) {}

    constexpr std::size_t size() const { return bytes_.size() / address_size(family_); }
    constexpr bool empty() const { return bytes_.empty(); }
    constexpr BytesView bytes() const { return bytes_; }
    constexpr IpFamily family() const { return family_; }
    constexpr IpAddress operator[](std::size_t i) const {
        return IpAddress::from_bytes(family_, bytes_.data() + i * address_size(family_));
    }

    friend constexpr bool operator==(const AddressList& a, const AddressList& b) {
        return a.family_ == b.family_ && std::ranges::equal(a.bytes_, b.bytes_);
    }

  private:
    IpFamily family_ = IpFamily::v4;
    BytesView bytes_;
};

struct Advertisement {
    Version version = Version::v2;
    std::uint8_t vrid = 0;     // 1–255
    std::uint8_t priority = 0; // 0 resigns, 255 owns
    // v2: whole seconds, 1–255. v3: whole centiseconds, 1–4095 (10 ms – 40.95 s).
    Duration interval{};
    AddressList addresses; // the virtual addresses, 1–255 of one family

    IpAddress source;
    IpAddress destination;
    MacAddress source_mac;
    std::uint8_t ttl = 255; // or hop limit; less only from a peer behind a router
    std::uint16_t vlan = 0; // the 802.1Q tag's VLAN identifier; 0 when the frame has none

    AuthenticationType authentication_type = AuthenticationType::none; // v2 only
    AuthenticationData authentication_data{};                          // v2 only
    std::optional<AuthenticationHeader> authentication_header;         // v2 only
    std::optional<HmacTrailer> hmac;
    ChecksumForm checksum_form = ChecksumForm::message_only;

    friend bool operator==(const Advertisement&, const Advertisement&) = default;
};

} // namespace vrrp::wire
