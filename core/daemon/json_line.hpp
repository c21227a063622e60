// JSON as the daemon says it: on one line, whatever its texts are made of.
#pragma once

#include "core/net/time.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace vrrp {

// The name of an interface can be any bytes, and what is cut to a size may end within a character: what is
// not UTF-8 is to be wrong rather than to end us, as the exception would.
inline std::string json_line(const nlohmann::ordered_json& json) {
    using Json = nlohmann::ordered_json;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline double seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

} // namespace vrrp
