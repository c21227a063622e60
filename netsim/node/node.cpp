#include "netsim/node/node.hpp"

namespace vrrp::sim {

std::uint16_t Node::add_interface(const std::string& name, Switch& network, std::vector<IpPrefix> own) {
    const MacAddress mac({0x02, 0, 0, static_cast<std::uint8_t>(number_ >> 8),
                          static_cast<std::uint8_t>(number_),
                          static_cast<std::uint8_t>(kernel_.interfaces().size())});
    return kernel_.add_interface(name, mac, network, std::move(own));
}

HolderId Node::next_holder() const {
    return static_cast<HolderId>(processes_.size() + plain_routers_.size());
}

Process& Node::add_process(RouterConfig config, std::string directory, ProcessObserver& observer) {
    processes_.push_back(std::make_unique<Process>(
        std::move(config), std::move(directory), next_holder(),
        Surroundings{kernel_, siblings_, script_habits_, check_habits_, clock_, queue_, observer}));
    return *processes_.back();
}

PlainRouter& Node::add_plain_router(VirtualRouterConfig config) {
    plain_routers_.push_back(
        std::make_unique<PlainRouter>(std::move(config), next_holder(), kernel_, queue_));
    return *plain_routers_.back();
}

void Node::set_clock_rate(std::int64_t ppm) {
    clock_.set_rate(queue_.now(), ppm);
    for (const auto& process : processes_)
        process->clock_changed();
}

void Node::set_clock(Duration by) {
    clock_.set(by);
    for (const auto& process : processes_)
        process->clock_set();
}

void Node::power_off() {
    for (const auto& process : processes_)
        process->power_lost();
    for (const auto& router : plain_routers_)
        router->kill();
    kernel_.set_powered(false);
}

void Node::power_on() {
    if (kernel_.powered()) return;
    kernel_.set_powered(true);
    boot();
}

void Node::boot() {
    for (const auto& process : processes_)
        process->start();
    for (const auto& router : plain_routers_)
        router->start();
}

} // namespace vrrp::sim
