// A scenario as a world whose every path can be judged.
#pragma once

#include "netsim/scenario/scenario.hpp"

namespace vrrp::sim {

// 1. What the scenario's steps do before `until` happens in every path; what they expect is left out.
// 2. At `until` every vrrpd that does not run is started. Then it is quiet, as in Chaos, and it is judged that all is
//    well; or what [chaos] expects instead.
Scenario bounded_world(Scenario scenario, Duration until);

// Whether a vrrpd runs there at all.
bool has_router(const Scenario& scenario);

} // namespace vrrp::sim
