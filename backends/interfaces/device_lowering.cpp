#include "backends/interfaces/device_lowering.hpp"

#include <csignal>

namespace vrrp::backend {

DeviceLowering::~DeviceLowering() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    news_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void DeviceLowering::lower(int device) {
    const std::lock_guard lock(mutex_);
    devices_.insert(device);
    not_before_ = std::chrono::steady_clock::now() + kQuiet;
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
    news_.notify_one();
}

void DeviceLowering::keep_up(int device) {
    const std::lock_guard lock(mutex_); // and so none is being lowered at this moment
    devices_.erase(device);
    not_before_ = std::chrono::steady_clock::now() + kQuiet;
}

void DeviceLowering::work() {
    sigset_t all; // they are the event loop's
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    const auto netlink = Netlink::open();
    if (!netlink) return; // deaf they are all the same
    std::unique_lock lock(mutex_);
    while (!stop_) {
        if (devices_.empty()) {
            news_.wait(lock);
        } else if (std::chrono::steady_clock::now() < not_before_) {
            const auto until = not_before_; // may be moved while we wait
            news_.wait_until(lock, until);
        } else {
            (void)netlink->set_down(*devices_.begin()); // it may be gone already
            devices_.erase(devices_.begin());
        }
    }
}

} // namespace vrrp::backend
