#include "backends/interfaces/link_removal.hpp"

#include "backends/interfaces/netlink.hpp"

namespace vrrp::backend {

void LinkRemoval::remove(std::vector<int> devices, std::function<void()> done) {
    threads_.emplace_back([devices = std::move(devices), done = std::move(done)] {
        if (const auto netlink = Netlink::open()) netlink->remove_links(devices);
        done();
    });
}

} // namespace vrrp::backend
