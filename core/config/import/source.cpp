#include "core/config/import/source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::config::importer {
namespace {

// How many bytes the character at the beginning has; 0 when it is none that a comment may have.
std::size_t character_size(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto follows = [&](std::size_t at) { return at < text.size() && (byte(at) & 0xc0) == 0x80; };
    const unsigned char first = byte(0);
    if (first < 0x80) return first >= ' ' && first != 0x7f ? 1 : 0;
    if (first >= 0xc2 && first < 0xe0 && follows(1))
        return first == 0xc2 && byte(1) < 0xa0 ? 0 : 2; // U+0080 to U+009F are control characters
    if (first >= 0xe0 && first < 0xf0 && follows(1) && follows(2)) {
        const bool too_long = first == 0xe0 && byte(1) < 0xa0, surrogate = first == 0xed && byte(1) >= 0xa0;
        return too_long || surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first < 0xf5 && follows(1) && follows(2) && follows(3)) {
        const bool too_long = first == 0xf0 && byte(1) < 0x90, too_large = first == 0xf4 && byte(1) >= 0x90;
        return too_long || too_large ? 0 : 4;
    }
    return 0;
}

} // namespace

std::string to_string(const Place& place) {
    return fmt::format("{}:{}", place.file, place.line);
}

tl::unexpected<ConfigError> error_at(const Place& place, const std::string& message) {
    return error(fmt::format("{}:{}:{}: {}", place.file, place.line, place.column, message));
}

const std::string& Statement::word(std::size_t at) const {
    static const std::string kNone;
    return at < words.size() ? words[at] : kNone;
}

std::string Statement::said() const {
    constexpr std::size_t kLongest = 100; // a line of a comment
    std::string text = plain(written.empty() ? fmt::format("{}", fmt::join(words, " ")) : written);
    if (text.size() <= kLongest) return text;
    std::size_t end = kLongest;
    while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end; // a character is cut off whole
    return text.substr(0, end) + "...";
}

bool is_plain(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string plain(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        result += size == 0 ? std::string_view("?") : text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return result;
}

} // namespace vrrp::config::importer
