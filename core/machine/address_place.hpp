// Where a virtual address stands, and how the kernel is to show it.
#pragma once

#include "core/net/bounded_text.hpp"
#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/name_table.hpp"

#include <string>

namespace vrrp {

enum class AddressScope : std::uint8_t { global, site, link, host };

inline constexpr auto kAddressScopes = names<AddressScope>({{AddressScope::global, "global"},
                                                            {AddressScope::site, "site"},
                                                            {AddressScope::link, "link"},
                                                            {AddressScope::host, "host"}});

// IPv4 only: an IPv6 address has no label, and says its scope itself.
struct AddressMarks {
    static constexpr std::size_t kLabelSize = 15; // the kernel's
    BoundedText<kLabelSize> label;                // empty: the device's name
    AddressScope scope = AddressScope::global;
    auto fields() const { return std::tie(label, scope); }
    friend bool operator==(const AddressMarks&, const AddressMarks&) = default;
};

// Of a virtual address that is not simply on its virtual router's interface.
struct AddressPlace {
    IpAddress address;
    // Another one than the virtual router's: there is no virtual MAC. Empty: the same.
    std::string interface {};
    AddressMarks marks{};
    auto fields() const { return std::tie(address, interface, marks); }
    friend bool operator==(const AddressPlace&, const AddressPlace&) = default;
};

// " dev eth1 label eth1:gw scope link"
inline std::string to_string(const AddressPlace& place) {
    std::string text;
    if (!place.interface.empty()) text += " dev " + place.interface;
    if (!place.marks.label.empty()) text += " label " + std::string(place.marks.label.view());
    if (place.marks.scope != AddressScope::global)
        text += std::string(" scope ") + kAddressScopes.name(place.marks.scope);
    return text;
}

} // namespace vrrp
