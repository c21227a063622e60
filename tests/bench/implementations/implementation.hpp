// Who is measured side by side.
#pragma once

#include "tests/bench/implementations/plan.hpp"
#include "tests/bench/implementations/running_router.hpp"

#include <optional>

namespace vrrp::bench {

using Router = std::unique_ptr<RunningRouter>;

struct Implementation {
    const char* name;
    // Why it cannot carry out the plan here, in a few words; nothing when it can.
    std::optional<std::string> (*why_not)(const Plan&);
    // In the machine's namespace, on interfaces that are there.
    Router (*start)(const Namespace&, const Plan&);
};

Implementation vrrpd();
Implementation vrrpd_without_virtual_mac();
Implementation keepalived();
Implementation keepalived_with_virtual_mac();
Implementation frr();

// With real-time scheduling, which no other measurement needs.
Implementation vrrpd_realtime();
Implementation keepalived_realtime();

std::vector<Implementation> implementations();

} // namespace vrrp::bench
