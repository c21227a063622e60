// Taking network devices down without waiting for it.
#pragma once

#include "backends/interfaces/netlink.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace vrrp::backend {

// The kernel takes some fifteen milliseconds to take a device down, and configures nothing else meanwhile:
// 255 of them would hold a daemon up for four seconds. So it is done in a thread, which exists once there is
// something to do.
// 1. Nothing is lowered before kQuiet has passed without a call: while virtual routers change their states
//    the kernel has more urgent things to do.
// 2. When keep_up() returns the device is not lowered any more; it may have been.
class DeviceLowering {
  public:
    static constexpr Duration kQuiet = std::chrono::milliseconds(500);

    DeviceLowering() = default;
    ~DeviceLowering(); // what is left is not lowered
    DeviceLowering(const DeviceLowering&) = delete;
    DeviceLowering& operator=(const DeviceLowering&) = delete;

    void lower(int device);
    void keep_up(int device);

  private:
    void work();

    std::mutex mutex_; // of everything below
    std::condition_variable news_;
    std::set<int> devices_;
    std::chrono::steady_clock::time_point not_before_;
    bool stop_ = false;
    std::thread thread_;
};

} // namespace vrrp::backend
