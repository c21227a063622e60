// What processes take from the machine.
#pragma once

#include "core/net/time.hpp"

#include <vector>

namespace vrrp::bench {

struct Usage {
    std::size_t processes = 0;
    Duration cpu{};                           // of all threads since their start, to the nanosecond
    std::size_t rss_bytes = 0, pss_bytes = 0; // PSS: a page that n processes share counts 1/n
};

// Processes that are gone count nothing.
Usage usage_of(const std::vector<int>& processes);

} // namespace vrrp::bench
