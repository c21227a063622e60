// Where a command line says what.
#pragma once

#include "core/config/configuration.hpp"

namespace vrrp::config {

// Of a line of words with blanks between, which became `configuration`: by the keys that a file would have. `place` is that
// of its beginning; columns are counted from there.
SourceMap places_of_command_line(const Place& place, std::string_view line,
                                 const Configuration& configuration);

} // namespace vrrp::config
