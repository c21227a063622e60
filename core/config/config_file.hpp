// vrrpd's configuration file: many virtual routers in one process.
#pragma once

#include "core/config/configuration.hpp"

namespace vrrp::config {

// TOML. At the top "directory", "foreground", "control-group" and others of the process; [group.NAME] for each group of virtual routers that move as
// one; one [[virtual_router]] each, its keys the long names of the command line's options, and "group".
// Whatever it does not know is refused, with its place. `places`, where one is given, learns where the file says what.
Parsed<Configuration> parse_config_file(const std::string& file, std::string_view text, const Here& here,
                                        SourceMap* places = nullptr);

} // namespace vrrp::config
