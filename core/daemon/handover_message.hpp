// A handover as one vrrpd writes it and its successor, maybe of another version, reads it.
#pragma once

#include "core/machine/handover.hpp"

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace vrrp {

// JSON on one line. Its times are those of one boot.
std::string encode(const Handover& handover);
// The error is the sentence that says what is wrong. What it does not know is ignored.
tl::expected<Handover, std::string> decode_handover(std::string_view text);

} // namespace vrrp
