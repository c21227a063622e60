#include "core/net/mac_address.hpp"

#include <charconv>
#include <fmt/format.h>

namespace vrrp {

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    if (text.size() != 17) return std::nullopt;
    std::array<std::uint8_t, 6> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char* first = text.data() + i * 3;
        if (i != 0 && first[-1] != ':') return std::nullopt;
        const auto [end, error] = std::from_chars(first, first + 2, bytes[i], 16);
        if (error != std::errc{} || end != first + 2) return std::nullopt;
    }
    return MacAddress(bytes);
}

std::string to_string(const MacAddress& mac) {
    const auto& b = mac.bytes();
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", b[0], b[1], b[2], b[3], b[4], b[5]);
}

} // namespace vrrp
