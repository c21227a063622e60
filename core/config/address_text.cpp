#include "core/config/address_text.hpp"

#include "core/config/settings.hpp"

#include <fmt/format.h>
#include <sstream>

namespace vrrp::config {
namespace {

using Complaint = tl::unexpected<std::string>;

constexpr const char* kOptions =
    "after an address come dev INTERFACE, label NAME, scope global|site|link|host";

tl::expected<void, std::string> read_option(const std::string& option, const std::string& value,
                                            AddressText& one) {
    const bool v6 = one.prefix.address.family() == IpFamily::v6;
    if (option == "dev") {
        if (!is_interface_name(value)) return Complaint(fmt::format("dev '{}': {}", value, kInterfaceNames));
        one.place.interface = value;
        return {};
    }
    if (option != "label" && option != "scope") return Complaint(fmt::format("'{}': {}", option, kOptions));
    if (value.empty()) return Complaint(fmt::format("{} says nothing: {}", option, kOptions));
    if (v6) return Complaint(fmt::format("{} {}: an IPv6 address has none; leave it out", option, value));
    if (option == "label") {
        if (value.size() > AddressMarks::kLabelSize)
            return Complaint(fmt::format("label {}: at most {} characters", value, AddressMarks::kLabelSize));
        one.place.marks.label = BoundedText<AddressMarks::kLabelSize>(value);
        return {};
    }
    const auto scope = kAddressScopes.value(value);
    if (!scope) return Complaint(fmt::format("scope {}: {}", value, kOptions));
    one.place.marks.scope = *scope;
    return {};
}

} // namespace

tl::expected<AddressText, std::string> parse_address(std::string_view text, std::string_view home) {
    std::istringstream words{std::string(text)};
    std::string word;
    words >> word;
    const auto prefix = IpPrefix::parse(word);
    if (!prefix)
        return Complaint(
            fmt::format("'{}' is no virtual address: write 10.0.0.1, 10.0.0.1/24 or fe80::1/64", text));
    AddressText one{.prefix = *prefix, .place = {.address = prefix->address}};
    while (words >> word) {
        std::string value;
        words >> value;
        if (const auto read = read_option(word, value, one); !read)
            return Complaint(fmt::format("{}: {}", text, read.error()));
    }
    if (one.place.interface == home) one.place.interface.clear();
    return one;
}

} // namespace vrrp::config
