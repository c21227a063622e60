// A 64-bit hash that is the same on every machine, compiler and run: journals are compared by it, and visited
// states kept by it. Not for hostile input.
#pragma once

#include "core/net/bytes.hpp"
#include "core/net/fields.hpp"

#include <optional>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace vrrp {

class StableHash {
  public:
    StableHash& add(std::uint64_t value) {
        state_ = mix(state_ ^ mix(value + 0x9e3779b97f4a7c15));
        return *this;
    }

    StableHash& add(BytesView bytes) {
        for (const std::uint8_t byte : bytes)
            state_ = (state_ ^ byte) * 0x100000001b3; // FNV-1a
        return add(bytes.size());
    }

    StableHash& add(std::string_view text) {
        return add(BytesView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    }

    std::uint64_t value() const { return state_; }

  private:
    // The finaliser of splitmix64: every input bit reaches every output bit.
    static constexpr std::uint64_t mix(std::uint64_t x) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    std::uint64_t state_ = 0xcbf29ce484222325;
};

// What a type's `fields()` lists, field by field: the same list makes its equality, so that what differs also
// hashes differently.
template <typename T>
void add_to(StableHash& hash, const T& value) {
    if constexpr (Listed<T>) {
        std::apply([&](const auto&... field) { (add_to(hash, field), ...); }, value.fields());
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        hash.add(static_cast<std::uint64_t>(value));
    } else if constexpr (requires { value.time_since_epoch(); }) {
        hash.add(static_cast<std::uint64_t>(value.time_since_epoch().count()));
    } else if constexpr (requires { value.count(); }) {
        hash.add(static_cast<std::uint64_t>(value.count()));
    } else if constexpr (requires { value.bytes(); }) {
        hash.add(BytesView(value.bytes()));
    } else if constexpr (requires { value.has_value(); }) {
        hash.add(std::uint64_t{value.has_value()});
        if (value) add_to(hash, *value);
    } else {
        hash.add(std::uint64_t{std::ranges::size(value)});
        for (const auto& one : value)
            add_to(hash, one);
    }
}

template <typename T>
std::uint64_t hash_of(const T& value) {
    StableHash hash;
    add_to(hash, value);
    return hash.value();
}

} // namespace vrrp
