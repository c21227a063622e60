// An IPv4 or IPv6 address, and a prefix of one.
#pragma once

#include "core/net/bytes.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace vrrp {

enum class IpFamily : std::uint8_t { v4 = 4, v6 = 6 };

constexpr std::size_t address_size(IpFamily family) {
    return family == IpFamily::v4 ? 4 : 16;
}
constexpr unsigned address_bits(IpFamily family) {
    return family == IpFamily::v4 ? 32 : 128;
}

class IpAddress {
  public:
    constexpr IpAddress() = default; // 0.0.0.0

    // Takes exactly address_size(family) bytes in network order.
    static constexpr IpAddress from_bytes(IpFamily family, const std::uint8_t* bytes) {
        IpAddress address;
        address.family_ = family;
        // A constant size each, so that it becomes plain loads and stores.
        if (family == IpFamily::v4)
            std::copy_n(bytes, 4, address.bytes_.begin());
        else
            std::copy_n(bytes, 16, address.bytes_.begin());
        return address;
    }

    static constexpr IpAddress v4(std::array<std::uint8_t, 4> bytes) {
        return from_bytes(IpFamily::v4, bytes.data());
    }
    static constexpr IpAddress v6(std::array<std::uint8_t, 16> bytes) {
        return from_bytes(IpFamily::v6, bytes.data());
    }

    // Strict: "10.0.0.1" without leading zeros, or IPv6 as RFC 4291 section 2.2 writes it, without a zone.
    static std::optional<IpAddress> parse(std::string_view text);

    constexpr IpFamily family() const { return family_; }
    constexpr BytesView bytes() const { return {bytes_.data(), address_size(family_)}; }

    constexpr bool is_unspecified() const {
        return std::ranges::all_of(bytes(), [](std::uint8_t byte) { return byte == 0; });
    }
    constexpr bool is_multicast() const {
        return family_ == IpFamily::v4 ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
    }
    constexpr bool is_broadcast() const {
        return family_ == IpFamily::v4 && load_be32(bytes_.data()) == 0xffffffff;
    }
    // 127.0.0.0/8, ::1
    constexpr bool is_loopback() const {
        if (family_ == IpFamily::v4) return bytes_[0] == 127;
        return bytes_[15] == 1 &&
               std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; });
    }
    // fe80::/10
    constexpr bool is_link_local() const {
        return family_ == IpFamily::v6 && bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
    }

    // Within a family: as unsigned numbers in network order, which is how an election's tie is decided (RFC
    // 9568 section 6.4.3).
    friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

  private:
    IpFamily family_ = IpFamily::v4;
    std::array<std::uint8_t, 16> bytes_{}; // an IPv4 address leaves the last twelve zero
};

// IPv6 as RFC 5952 recommends.
std::string to_string(const IpAddress&);
const char* to_string(IpFamily); // "IPv4", "IPv6"

struct IpPrefix {
    IpAddress address; // the host's own address is kept: 10.0.0.1/24 is not 10.0.0.0/24
    std::uint8_t length = 32;

    // "10.0.0.1/24"; without a length, all bits. Lengths 0–32 and 0–128.
    static std::optional<IpPrefix> parse(std::string_view text);

    constexpr bool contains(const IpAddress& other) const {
        if (other.family() != address.family()) return false;
        const BytesView ours = address.bytes(), theirs = other.bytes();
        for (unsigned bit = 0; bit < length; bit += 8) {
            const unsigned left = length - bit;
            const unsigned mask = left >= 8 ? 0xff : 0xff & ~(0xff >> left);
            if (((ours[bit / 8] ^ theirs[bit / 8]) & mask) != 0) return false;
        }
        return true;
    }

    // The subnet's first address: all host bits zero.
    constexpr IpAddress first() const { return with_host_bits(0); }
    // The subnet's last address: all host bits one.
    constexpr IpAddress last() const { return with_host_bits(0xff); }

    // The two addresses of an IPv4 subnet that no host may have: they name the network itself, and everybody
    // in it. A /31 and a /32 have neither (RFC 3021), nor has IPv6.
    constexpr bool is_network_address(const IpAddress& other) const {
        return has_reserved_addresses() && other == first();
    }
    constexpr bool is_broadcast_address(const IpAddress& other) const {
        return has_reserved_addresses() && other == last();
    }

    auto fields() const { return std::tie(address, length); }
    friend constexpr auto operator<=>(const IpPrefix&, const IpPrefix&) = default;

  private:
    constexpr bool has_reserved_addresses() const { return address.family() == IpFamily::v4 && length <= 30; }
    constexpr IpAddress with_host_bits(std::uint8_t value) const {
        std::array<std::uint8_t, 16> bytes{};
        std::ranges::copy(address.bytes(), bytes.begin());
        for (unsigned i = 0; i < address_size(address.family()); ++i) {
            const unsigned network_bits = length > 8 * i ? std::min(length - 8 * i, 8u) : 0;
            const unsigned host_mask = 0xff >> network_bits;
            bytes[i] = static_cast<std::uint8_t>((bytes[i] & ~host_mask) | (value & host_mask));
        }
        return IpAddress::from_bytes(address.family(), bytes.data());
    }
};

std::string to_string(const IpPrefix&); // always with the length

} // namespace vrrp
