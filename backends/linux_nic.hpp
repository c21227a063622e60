// vrrp::Nic on Linux: libpcap, rtnetlink and macvlan.
#pragma once

#include "backends/arp_rules.hpp"
#include "backends/capture.hpp"
#include "backends/netlink.hpp"
#include "core/daemon/daemon.hpp"

#include <set>
#include <spdlog/logger.h>

namespace vrrp::backend {

// 1. One capture an interface, shared by its virtual routers.
// 2. Facts come from rtnetlink events; when the kernel drops some they are all read anew.
// 3. A virtual MAC is a macvlan device in private mode. It is made, down, when its interface is watched,
// since that takes
//    milliseconds, and it is up only while it is attached: a backup neither receives for it nor answers.
// 4. What a killed predecessor left on the interfaces is removed before the first frame; what we put there
// goes with us.
class LinuxNic final : public Nic {
  public:
    // `config` says which addresses and virtual MACs are ours. Call deliver_to before anything happens. What
    // fails when nobody waits for an answer goes to `logger`.
    static tl::expected<std::unique_ptr<LinuxNic>, NicError> open(boost::asio::io_context& io,
                                                                  const RouterConfig& config,
                                                                  ArpRules arp_rules,
                                                                  std::shared_ptr<spdlog::logger> logger);
    ~LinuxNic() override;
    LinuxNic(const LinuxNic&) = delete;
    LinuxNic& operator=(const LinuxNic&) = delete;

    void deliver_to(Daemon& daemon) { daemon_ = &daemon; }

    // Frames that are waiting go to the daemon first. For a process that was starved or frozen: what the
    // network said meanwhile counts more than a timer that ran out.
    void drain_captures();

    tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name) override;
    NicResult send(InterfaceId interface, BytesView frame) override;
    NicResult attach_virtual_mac(InterfaceId interface, const MacAddress& mac) override;
    NicResult detach_virtual_mac(InterfaceId interface, const MacAddress& mac) override;
    NicResult add_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                          const IpPrefix& prefix) override;
    NicResult remove_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                             const IpPrefix& prefix) override;

  private:
    struct Watched {
        std::string name;
        int index = 0; // of the kernel; 0 while it does not exist
        InterfaceFacts facts;
        std::unique_ptr<Capture> capture;
        std::map<MacAddress, int> devices; // macvlan: its index
        std::set<MacAddress> attached;
    };

    LinuxNic(boost::asio::io_context& io, const RouterConfig& config, ArpRules arp_rules,
             std::shared_ptr<spdlog::logger> logger, Netlink netlink, NetlinkEvents events);
    Watched& watched(InterfaceId id) { return watched_[static_cast<std::size_t>(id)]; }
    void wait_for_events();
    void facts_may_have_changed();
    void adopt(InterfaceId id, std::optional<Link> link);
    NicResult open_capture(InterfaceId id);
    NicResult take_up(InterfaceId id);
    void remove_leftovers(const Watched& interface) const;
    NicResult make_devices(Watched& interface);
    bool rules_needed(const Watched& interface) const;
    tl::expected<int, NicError> device(const Watched& interface,
                                       const std::optional<MacAddress>& virtual_mac) const;

    boost::asio::io_context& io_;
    RouterConfig config_;
    ArpRules arp_rules_;
    std::shared_ptr<spdlog::logger> logger_;
    Netlink netlink_;
    NetlinkEvents events_;
    boost::asio::posix::stream_descriptor events_readable_;
    std::vector<Watched> watched_;
    Daemon* daemon_ = nullptr;
};

} // namespace vrrp::backend
