// Views of bytes, and big-endian numbers in them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

namespace vrrp {

using BytesView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

constexpr std::uint16_t load_be16(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

constexpr std::uint32_t load_be32(const std::uint8_t* at) {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

constexpr void store_be16(std::uint8_t* at, std::uint16_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}

constexpr void store_be32(std::uint8_t* at, std::uint32_t value) {
    store_be16(at, static_cast<std::uint16_t>(value >> 16));
    store_be16(at + 2, static_cast<std::uint16_t>(value));
}

// Not memcpy: a list of addresses may be empty, and may lie at no address.
constexpr void store_bytes(std::uint8_t* at, BytesView bytes) {
    std::copy(bytes.begin(), bytes.end(), at);
}

} // namespace vrrp
