// A router that does what RFC 3768 says, and nothing more: how the peers of a vrrpd behave in the field.
#pragma once

#include "core/machine/virtual_router_config.hpp"
#include "netsim/node/kernel.hpp"

namespace vrrp::sim {

// 1. The state machine of RFC 3768 section 6.4, for one virtual router on one interface, without
//    authentication.
// 2. A master announces its addresses once, when it becomes it. It does not answer a lesser master, and one
//    that hears a better master steps down without a word.
// 3. It looks at nothing else: its interface's addresses are what they were at the start, and a link that is
//    lost is silence to it.
class PlainRouter final : public Actor, private VrrpSocket {
  public:
    // What a configuration says that a plain router knows nothing of is left out.
    static VirtualRouterConfig understood(const VirtualRouterConfig& config);

    // Precondition: the kernel has the interface.
    PlainRouter(VirtualRouterConfig config, HolderId id, Kernel& kernel, EventQueue& queue);

    void start();
    void stop(); // with priority 0
    void kill(); // its address stays

    const VirtualRouterConfig& config() const { return config_; }
    const Kernel& kernel() const { return kernel_; }
    std::uint16_t interface() const { return interface_; }
    bool running() const { return role_ != Role::stopped; }
    bool master() const { return role_ == Role::master; }

    void on_event(const QueueEvent& event) override;

  private:
    enum class Role : std::uint8_t { stopped, backup, master };

    void vrrp_frame(std::uint16_t interface, BytesView frame) override;
    void facts_changed(std::uint16_t) override {}
    void address_taken(std::uint16_t, const IpAddress&) override {}
    void address_claimed(std::uint16_t, const IpAddress&, BytesView) override {}
    void packet_left(std::uint16_t, BytesView) override {}

    void become_master();
    void become_backup();
    void advertise(std::uint8_t priority);
    void take_addresses();
    bool owner() const { return config_.priority == wire::kPriorityOwner; }
    std::optional<MacAddress> virtual_mac() const;
    Duration down_interval() const;

    VirtualRouterConfig config_;
    HolderId id_;
    Kernel& kernel_;
    EventQueue& queue_;
    std::uint16_t interface_;
    IpAddress primary_;
    Timer timer_; // Master_Down_Timer or Adver_Timer
    Role role_ = Role::stopped;
};

} // namespace vrrp::sim
