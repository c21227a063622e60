// What the vrrpd processes of one machine say to one another, as text.
#pragma once

#include "core/machine/sibling.hpp"

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace vrrp {

struct SiblingMessage {
    std::string process;      // who speaks: a name that it alone has among those that live
    std::uint64_t number = 0; // grows with all that this name says, over restarts too: the greater is later
    SiblingStatus status;
    friend bool operator==(const SiblingMessage&, const SiblingMessage&) = default;
};

// 255 IPv6 addresses fit, and the rest.
inline constexpr std::size_t kMaxSiblingMessage = 16384;

// One JSON object: {"version": 1, "process", "number", "group", "interface", "vrid", "family", "addresses",
// "virtual_mac", "stance", "carrying", "joined", "takeover", "heartbeat", "leaving"}, the heartbeat in
// nanoseconds.
std::string encode(const SiblingMessage& message);

// Strict, since addresses are removed from interfaces by what it says: a key that is missing or out of its
// range is refused with a sentence. Keys that are not known are a later version's additions and do not
// matter.
tl::expected<SiblingMessage, std::string> decode_sibling_message(std::string_view text);

} // namespace vrrp
