// Removing network devices without waiting for it.
#pragma once

#include <functional>
#include <thread>
#include <vector>

namespace vrrp::backend {

// The kernel takes tens of milliseconds to remove a device, and an advertisement must not wait for that. So it is done
// in a thread, which exists once there is something to do; whoever goes away waits for what is under way.
class LinkRemoval {
  public:
    // `done` is called from that thread.
    void remove(
        std::vector<int> devices, std::function<void()> done = [] {});
    void wait() { threads_.clear(); }

  private:
    std::vector<std::jthread> threads_; // one for each call: they are as rare as reloads
};

} // namespace vrrp::backend
