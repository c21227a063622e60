#include "core/config/import/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace vrrp::config::importer {

std::optional<long> whole_number(std::string_view text, long min, long max) {
    if (text.starts_with('+')) text.remove_prefix(1);
    long value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || value < min || value > max)
        return std::nullopt;
    return value;
}

std::string Hundredths::text() const {
    if (count % 100 == 0) return std::to_string(count / 100);
    return count % 10 == 0 ? fmt::format("{}.{}", count / 100, count / 10 % 10)
                           : fmt::format("{}.{:02}", count / 100, count % 100);
}

std::optional<Hundredths> hundredths(std::string_view text) {
    constexpr long kLongest = 10'000'000; // seconds: more than any setting takes
    const std::size_t point = std::min(text.size(), text.find('.'));
    const auto whole = whole_number(text.substr(0, point), 0, kLongest);
    if (!whole) return std::nullopt;
    Hundredths result{.count = static_cast<unsigned long>(*whole) * 100};
    const std::string_view places = point < text.size() ? text.substr(point + 1) : std::string_view();
    if (places.find_first_not_of("0123456789") != places.npos) return std::nullopt;
    const auto digit = [&](std::size_t at) {
        return at < places.size() ? static_cast<unsigned long>(places[at] - '0') : 0UL;
    };
    result.count += digit(0) * 10 + digit(1) + (digit(2) >= 5 ? 1 : 0);
    result.exact = places.size() <= 2 || places.find_first_not_of('0', 2) == places.npos;
    return result;
}

bool says_no(std::string_view text) {
    return text == "off" || text == "false" || text == "no";
}

} // namespace vrrp::config::importer
