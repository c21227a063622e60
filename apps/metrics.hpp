// atropos --metrics: the state as Prometheus reads it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vrrp {

// Prometheus' text format, which the node exporter's text file collector takes as well. Names and units follow its
// conventions: seconds, and _total for what only grows. A name stays; what it means stays.
// `state` is what merged() made of all that answered; `silent` is how many vrrpds did not.
std::string metrics(const nlohmann::ordered_json& state, std::size_t silent);

} // namespace vrrp
