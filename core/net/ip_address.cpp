#include "core/net/ip_address.hpp"

#include <charconv>
#include <fmt/format.h>

namespace vrrp {
namespace {

// A whole decimal number without sign or leading zero.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
    return value;
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
    std::array<std::uint8_t, 4> bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t dot = i < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const auto byte = parse_decimal(text.substr(0, dot), 255);
        if (!byte) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(*byte);
        text.remove_prefix(i < 3 ? dot + 1 : dot);
    }
    return bytes;
}

// The groups of one side of "::", appended to out. The last group may be a dotted IPv4 address.
bool parse_groups(std::string_view text, std::array<std::uint8_t, 16>& out, std::size_t& size) {
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(group);
            if (!v4 || size > 12) return false;
            for (const std::uint8_t byte : *v4)
                out[size++] = byte;
            return true;
        }
        std::uint16_t value = 0;
        if (group.empty() || group.size() > 4 || size > 14) return false;
        const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (error != std::errc{} || end != group.data() + group.size()) return false;
        store_be16(&out[size], value);
        size += 2;
        if (colon == std::string_view::npos) return true;
        text.remove_prefix(colon + 1);
        if (text.empty()) return false; // a single colon at the end
    }
    return true;
}

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
    std::array<std::uint8_t, 16> head{}, tail{};
    std::size_t head_size = 0, tail_size = 0;
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!parse_groups(text, head, head_size) || head_size != 16) return std::nullopt;
        return head;
    }
    const std::string_view after = text.substr(gap + 2);
    if (!parse_groups(text.substr(0, gap), head, head_size) || after.starts_with(':') ||
        !parse_groups(after, tail, tail_size) || head_size + tail_size > 14)
        return std::nullopt;
    for (std::size_t i = 0; i < tail_size; ++i)
        head[16 - tail_size + i] = tail[i];
    return head;
}

std::string format_v6(BytesView bytes) {
    // RFC 5952 section 4.2: the longest run of two or more zero groups becomes "::", the first of equals.
    std::size_t best = 8, best_length = 1;
    for (std::size_t i = 0; i < 8;) {
        std::size_t length = 0;
        while (i + length < 8 && load_be16(&bytes[2 * (i + length)]) == 0)
            ++length;
        if (length > best_length) best = i, best_length = length;
        i += length + 1;
    }
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += fmt::format("{:x}", load_be16(&bytes[2 * i]));
    }
    return text;
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.find(':') == std::string_view::npos) {
        const auto bytes = parse_v4(text);
        return bytes ? std::optional(v4(*bytes)) : std::nullopt;
    }
    const auto bytes = parse_v6(text);
    return bytes ? std::optional(v6(*bytes)) : std::nullopt;
}

std::string to_string(const IpAddress& address) {
    const BytesView b = address.bytes();
    if (address.family() == IpFamily::v6) return format_v6(b);
    return fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]);
}

const char* to_string(IpFamily family) {
    return family == IpFamily::v4 ? "IPv4" : "IPv6";
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    unsigned length = address_bits(address->family());
    if (slash != std::string_view::npos) {
        const auto given = parse_decimal(text.substr(slash + 1), length);
        if (!given) return std::nullopt;
        length = *given;
    }
    return IpPrefix{*address, static_cast<std::uint8_t>(length)};
}

std::string to_string(const IpPrefix& prefix) {
    return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

} // namespace vrrp
