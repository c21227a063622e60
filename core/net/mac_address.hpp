// A 48-bit Ethernet address.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vrrp {

class MacAddress {
  public:
    constexpr MacAddress() = default;
    constexpr explicit MacAddress(std::array<std::uint8_t, 6> bytes) : bytes_(bytes) {}

    // Takes exactly six bytes.
    static constexpr MacAddress from_bytes(const std::uint8_t* at) {
        return MacAddress({at[0], at[1], at[2], at[3], at[4], at[5]});
    }

    // Six pairs of hexadecimal digits with colons between them; nothing else.
    static std::optional<MacAddress> parse(std::string_view text);

    constexpr const std::array<std::uint8_t, 6>& bytes() const { return bytes_; }
    constexpr bool is_group() const { return (bytes_[0] & 1) != 0; }

    friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

  private:
    std::array<std::uint8_t, 6> bytes_{};
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

// "00:00:5e:00:01:05"
std::string to_string(const MacAddress&);

} // namespace vrrp
