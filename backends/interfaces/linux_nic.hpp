// vrrp::Nic on Linux: libpcap, rtnetlink and macvlan.
#pragma once

#include "backends/interfaces/arp_rules.hpp"
#include "backends/interfaces/capture.hpp"
#include "backends/interfaces/device_lowering.hpp"
#include "backends/interfaces/held_record.hpp"
#include "backends/interfaces/leftovers.hpp"
#include "backends/interfaces/link_removal.hpp"
#include "backends/interfaces/magic_packets.hpp"
#include "backends/interfaces/netlink_events.hpp"
#include "backends/interfaces/traffic_filter.hpp"
#include "backends/interfaces/unicast_socket.hpp"
#include "core/ports.hpp"

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <set>
#include <span>
#include <spdlog/logger.h>

namespace vrrp::backend {

// 1. One capture an interface, shared by its virtual routers.
// 2. Facts come from rtnetlink events; when the kernel drops some they are all read anew.
// 3. An interface is followed by its kernel index, whatever it is called; when that is gone, the next one
//    that bears the configured name is it.
// 4. A virtual MAC is a macvlan device. It is made when its interface is watched, since that takes
//    milliseconds, and it is deaf unless it is attached, and soon down: a backup neither receives for it nor
//    answers.
// 5. What somebody else takes away is told once it is known to be missing.
// 6. What a killed predecessor left on the interfaces is removed before the first frame; what we put there
//    goes with us.
class LinuxNic final : public Nic {
  public:
    // `directory` is the runtime directory. Gives to the inbox from the event loop, or from deliver_waiting().
    // What fails when nobody waits for an answer goes to `logger`.
    static tl::expected<std::unique_ptr<LinuxNic>, NicError> open(boost::asio::io_context& io, Inbox& inbox,
                                                                  std::filesystem::path directory,
                                                                  std::shared_ptr<spdlog::logger> logger);
    ~LinuxNic() override;
    LinuxNic(const LinuxNic&) = delete;
    LinuxNic& operator=(const LinuxNic&) = delete;

    // The records for who comes after a kill, where somebody has removed them.
    void put_back_records();

    tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name,
                                                 const std::vector<Ours>& ours) override;
    void forget(InterfaceId id) override;
    void deliver_waiting() override;
    NicResult send(InterfaceId interface, BytesView frame) override;
    NicResult send_packet(InterfaceId interface, BytesView packet) override;
    NicResult attach_virtual_mac(InterfaceId interface, const wire::VirtualMac& mac) override;
    NicResult detach_virtual_mac(InterfaceId interface, const wire::VirtualMac& mac) override;
    NicResult add_address(InterfaceId interface, const std::optional<wire::VirtualMac>& virtual_mac,
                          const IpPrefix& prefix, const AddressMarks& marks) override;
    NicResult remove_address(InterfaceId interface, const std::optional<wire::VirtualMac>& virtual_mac,
                             const IpPrefix& prefix) override;
    NicResult drop_traffic(InterfaceId interface, const IpAddress& address, bool drop) override;
    NicResult send_magic_packet(InterfaceId interface, const std::optional<wire::VirtualMac>& virtual_mac,
                                const IpAddress& source, const IpAddress& gateway) override;
    // Done a moment later, since to remove a device takes the kernel a while and nothing of ours may wait for
    // it. The dead process's lock may outlive its sockets: then it is tried again.
    void clean_up_after(const SiblingIdentity& dead) override;

  private:
    struct Held { // an address that we have put somewhere
        int device = 0;
        IpPrefix prefix;
        friend bool operator==(const Held&, const Held&) = default;
    };
    struct Watched {
        std::string configured; // the name that the configuration knows; facts.name is today's
        std::vector<Ours> ours;
        int index = 0; // of the kernel; 0 while it does not exist
        InterfaceFacts facts;
        std::unique_ptr<Capture> capture;
        std::optional<UnicastSocket> unicast;    // where it is spoken by
        std::map<wire::VirtualMac, int> devices; // macvlan: its index
        std::set<wire::VirtualMac> attached;
        std::vector<Held> held;
        std::map<std::string, HeldRecord> records; // by instance
    };
    struct Cleanup {
        SiblingIdentity dead;
        boost::asio::steady_timer timer;
        std::chrono::milliseconds pause; // before the next try
    };

    LinuxNic(boost::asio::io_context& io, Inbox& inbox, std::filesystem::path directory,
             std::shared_ptr<spdlog::logger> logger, Netlink netlink, NetlinkEvents events);
    using Watches = std::map<InterfaceId, Watched>;
    Watched& watched(InterfaceId id) { return watched_.at(id); }
    void leave(const Watches& interfaces);
    tl::expected<InterfaceFacts, NicError> watch_others(InterfaceId id, const std::vector<Ours>& ours);
    std::vector<Remains> remains(const std::string& interface, std::span<const Ours> ours) const;
    void adopt_what_is_left(Watched& interface, const Ours& ours) const;
    void give_back(Watched& interface, const Ours& ours, std::vector<int>& unneeded);
    void make_devices_later(InterfaceId id);
    static bool uses_virtual_mac(const std::vector<Ours>& ours);

    // linux_nic_events.cpp: what the interfaces tell
    void wait_for_events();
    void look(const NetlinkNews& news);
    std::optional<Link> find(const Watched& interface) const;
    void adopt(InterfaceId id, std::optional<Link> link);
    NicResult take_up(InterfaceId id);
    NicResult open_capture(InterfaceId id);
    static NicResult open_unicast(Watched& interface);
    void remove_devices(Watched& interface);
    void follow_forwarding(const Watched& interface) const;
    void tell_losses(InterfaceId id, const NetlinkNews& news);
    std::vector<Held> missing(const Watched& interface, const NetlinkNews& news) const;

    // What we put on the interfaces
    void leave_out_held(Watched& interface) const;
    void record(Watched& interface) const;
    NicResult make_devices(Watched& interface);
    NicResult make(Watched& interface, const wire::VirtualMac& mac);
    tl::expected<int, NicError> device(const Watched& interface,
                                       const std::optional<wire::VirtualMac>& virtual_mac) const;

    // What others left
    void schedule(std::list<Cleanup>::iterator cleanup);

    boost::asio::io_context& io_;
    Inbox& inbox_;
    std::filesystem::path directory_;
    std::shared_ptr<spdlog::logger> logger_;
    Netlink netlink_;
    ArpRules arp_rules_;
    Cleaner cleaner_;
    NetlinkEvents events_;
    boost::asio::posix::stream_descriptor events_readable_;
    MagicPackets magic_packets_;
    DeviceLowering lowering_;
    LinkRemoval removal_;
    TrafficFilter traffic_;
    std::map<int, std::string> forgotten_; // interfaces, by the kernel's index, while their devices go
    Watches watched_;
    std::list<Cleanup> cleanups_;
    // Handlers that are on their way when this goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace vrrp::backend
