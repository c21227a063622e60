// JSON as the daemon says it: on one line, whatever its texts are made of.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vrrp {

// The name of an interface can be any bytes, and what is cut to a size may end within a character: what is
// not UTF-8 is to be wrong rather than to end us, as the exception would.
inline std::string json_line(const nlohmann::ordered_json& json) {
    using Json = nlohmann::ordered_json;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace vrrp
