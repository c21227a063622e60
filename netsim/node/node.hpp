// A router or a host: a kernel, and what runs on it.
#pragma once

#include "netsim/node/plain_router.hpp"
#include "netsim/node/probe.hpp"
#include "netsim/node/process.hpp"

namespace vrrp::sim {

// Without power its processes are gone; power_on() starts them all anew, as a boot does.
class Node {
  public:
    Node(const std::string& name, std::uint16_t number, EventQueue& queue, Choices& choices)
        : number_(number), queue_(queue), kernel_(name, queue), siblings_(name, queue, choices) {}

    // Interfaces get the MAC addresses 02:00:00:machine:machine:interface.
    std::uint16_t add_interface(const std::string& name, Switch& network, std::vector<IpPrefix> own);
    Process& add_process(RouterConfig config, std::string directory, ProcessObserver& observer);
    PlainRouter& add_plain_router(VirtualRouterConfig config);

    void boot(); // starts the processes and plain routers
    void power_off();
    void power_on();

    const std::string& name() const { return kernel_.name(); }
    std::uint16_t number() const { return number_; }
    Kernel& kernel() { return kernel_; }
    const Kernel& kernel() const { return kernel_; }
    SiblingNetwork& siblings() { return siblings_; }
    ScriptHabits& script_habits() { return script_habits_; }
    CheckHabits& check_habits() { return check_habits_; }
    const DriftingClock& clock() const { return clock_; }
    void set_clock_rate(std::int64_t ppm);
    void set_clock(Duration by);
    const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }
    const std::vector<std::unique_ptr<PlainRouter>>& plain_routers() const { return plain_routers_; }

  private:
    HolderId next_holder() const;

    std::uint16_t number_;
    EventQueue& queue_;
    Kernel kernel_;
    SiblingNetwork siblings_;
    ScriptHabits script_habits_;
    CheckHabits check_habits_;
    DriftingClock clock_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::vector<std::unique_ptr<PlainRouter>> plain_routers_;
};

} // namespace vrrp::sim
