// A host that keeps asking its gateway: the outage that it sees is the measure that counts.
#pragma once

#include "core/net/ip_address.hpp"
#include "tests/live/harness/namespace.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace vrrp::live {

// Sends an ICMP echo to an IPv4 address from inside the namespace every `interval` until it is destroyed.
class Prober {
  public:
    using Clock = std::chrono::steady_clock;

    Prober(const Namespace& space, const IpAddress& target, std::chrono::milliseconds interval);
    ~Prober();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;

    std::size_t answered() const;
    // Probes without an answer that were sent before one that has its answer.
    std::size_t lost() const;
    // From the sending of the last answered probe to the sending of the first answered one after it: the
    // longest such gap since the start, or since `since`. Undisturbed it is about the interval. Needs two
    // answers to be one.
    std::chrono::milliseconds longest_gap(Clock::time_point since = {}) const;

  private:
    void run();

    const Namespace& space_;
    IpAddress target_;
    std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::vector<Clock::time_point> answered_;            // when the answered probes were sent
    std::map<std::uint16_t, Clock::time_point> pending_; // by their number, which comes again after 65,536
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

} // namespace vrrp::live
