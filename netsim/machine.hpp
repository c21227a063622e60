// A router or a host: a kernel, and what runs on it.
#pragma once

#include "netsim/probe.hpp"
#include "netsim/process.hpp"

namespace vrrp::sim {

// Without power its processes are gone; power_on() starts them all anew, as a boot does.
class Machine {
  public:
    Machine(std::string name, std::uint16_t number, const EventQueue& queue)
        : number_(number), kernel_(std::move(name), queue) {}

    // Interfaces get the MAC addresses 02:00:00:machine:machine:interface.
    std::uint16_t add_interface(const std::string& name, Switch& network, std::vector<IpPrefix> own);
    Process& add_process(RouterConfig config, EventQueue& queue, ProcessObserver& observer);

    void boot(); // starts the processes
    void power_off();
    void power_on();

    const std::string& name() const { return kernel_.name(); }
    std::uint16_t number() const { return number_; }
    Kernel& kernel() { return kernel_; }
    const Kernel& kernel() const { return kernel_; }
    const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  private:
    std::uint16_t number_;
    Kernel kernel_;
    std::vector<std::unique_ptr<Process>> processes_;
};

} // namespace vrrp::sim
