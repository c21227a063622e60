// The [[track]] tables of a file: its health checks.
#pragma once

#include "core/machine/track_config.hpp"

#include <toml++/toml.h>

namespace vrrp::config {

// Throws Wrong (file_error.hpp). That names differ is the caller's business.
TrackConfig read_track(const toml::table& table);

} // namespace vrrp::config
