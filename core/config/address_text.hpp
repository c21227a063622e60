// A virtual address as it is written: "10.0.0.1/24", "192.0.2.1/32 dev eth1 label eth1:gw scope link".
#pragma once

#include "core/machine/address_place.hpp"

#include <tl/expected.hpp>

namespace vrrp::config {

struct AddressText {
    IpPrefix prefix;
    AddressPlace place; // simply on the virtual router's interface where nothing is said
    bool says_place() const { return place != AddressPlace{.address = prefix.address}; }
};

// `home` is the virtual router's interface: "dev" with its name says nothing. The error is a sentence with the remedy.
tl::expected<AddressText, std::string> parse_address(std::string_view text, std::string_view home);

} // namespace vrrp::config
