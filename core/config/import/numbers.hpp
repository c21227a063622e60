// Numbers as other programs write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vrrp::config::importer {

std::optional<long> whole_number(std::string_view text, long min, long max);

// Decimal seconds, in steps of 0.01.
struct Hundredths {
    unsigned long count = 0;
    bool exact = true; // else rounded
    std::string text() const;
};
std::optional<Hundredths> hundredths(std::string_view text);

bool says_no(std::string_view text); // off, false, no

} // namespace vrrp::config::importer
