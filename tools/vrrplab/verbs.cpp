#include "netsim/report/timeline.hpp"
#include "tools/vrrplab/commands.hpp"

#include <fmt/format.h>

namespace vrrplab {

int verbs() {
    fmt::print("{}", vrrp::sim::manual());
    return 0;
}

} // namespace vrrplab
