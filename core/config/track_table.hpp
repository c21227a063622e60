// The [[track]] tables of a file: its health checks.
#pragma once

#include "core/config/configuration.hpp"

#include <toml++/toml.h>

namespace vrrp::config {

// Throws Wrong (file_error.hpp). That names differ is the caller's business, and as whom a program runs that names
// nobody.
TrackConfig read_track(const toml::table& table, const Here& here);

} // namespace vrrp::config
