#include "netsim/machine.hpp"

namespace vrrp::sim {

std::uint16_t Machine::add_interface(const std::string& name, Switch& network, std::vector<IpPrefix> own) {
    const MacAddress mac({0x02, 0, 0, static_cast<std::uint8_t>(number_ >> 8),
                          static_cast<std::uint8_t>(number_),
                          static_cast<std::uint8_t>(kernel_.interfaces().size())});
    return kernel_.add_interface(name, mac, network, std::move(own));
}

Process& Machine::add_process(RouterConfig config, std::string directory, ProcessObserver& observer) {
    const auto id = static_cast<HolderId>(processes_.size());
    processes_.push_back(std::make_unique<Process>(
        std::move(config), std::move(directory), id,
        Surroundings{kernel_, siblings_, script_habits_, clock_, queue_, observer}));
    return *processes_.back();
}

void Machine::set_clock_rate(std::int64_t ppm) {
    clock_.set_rate(queue_.now(), ppm);
    for (const auto& process : processes_)
        process->clock_changed();
}

void Machine::power_off() {
    for (const auto& process : processes_)
        process->power_lost();
    kernel_.set_powered(false);
}

void Machine::power_on() {
    if (kernel_.powered()) return;
    kernel_.set_powered(true);
    boot();
}

void Machine::boot() {
    for (const auto& process : processes_)
        process->start();
}

} // namespace vrrp::sim
