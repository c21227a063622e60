// vrrp::Nic on a simulated kernel.
#pragma once

#include "core/ports.hpp"
#include "netsim/node/kernel.hpp"
#include "netsim/node/sibling_network.hpp"

#include <map>

namespace vrrp::sim {

// Who watches what a process sends.
class FrameObserver {
  public:
    virtual ~FrameObserver() = default;
    virtual void sent(std::uint16_t interface, BytesView frame) = 0;
    // The process does not live to see the advertisement that has come, nor what follows.
    virtual bool dies_before_advertisement() { return false; }
};

// 1. An interface is known by its name while it does not exist; then it is that interface, however it is
//    called, until it is deleted.
// 2. Frozen, it gives nothing; frames wait, at most kMaxWaitingFrames of them. Thawed, it gives nothing
//    either before deliver_waiting().
// 3. What it has put on interfaces stays when it goes, but for forget().
class SimulatedNic final : public Nic, private VrrpSocket {
  public:
    static constexpr std::size_t kMaxWaitingFrames = 256; // a socket buffer

    SimulatedNic(Inbox& inbox, Kernel& kernel, HolderId holder, const SiblingNetwork& siblings,
                 FrameObserver& observer);
    ~SimulatedNic() override;
    SimulatedNic(const SimulatedNic&) = delete;
    SimulatedNic& operator=(const SimulatedNic&) = delete;

    void freeze() { frozen_ = waits_ = true; }
    void thaw() { frozen_ = false; }

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
    void clean_up_after(const SiblingIdentity& dead) override;

  private:
    struct Watched {
        std::string name;
        std::vector<Ours> ours;
        std::optional<std::uint16_t> interface; // the kernel's
        bool deleted = false; // while nobody looked: it may be there again, but is not the one that it was
    };
    struct WaitingFrame {
        std::uint16_t interface;
        std::vector<std::uint8_t> bytes;
    };

    void vrrp_frame(std::uint16_t interface, BytesView frame) override;
    void facts_changed(std::uint16_t interface) override;
    void address_taken(std::uint16_t interface, const IpAddress& address) override;
    void address_claimed(std::uint16_t interface, const IpAddress& address, BytesView frame) override;
    void router_solicited(std::uint16_t interface, BytesView frame) override;
    void packet_left(std::uint16_t interface, BytesView frame) override;

    void hand_on(std::uint16_t interface, BytesView frame);
    static InterfaceFacts absent(const Watched& watched);
    std::optional<std::uint16_t> kernel_interface(InterfaceId id) const { return watched_.at(id).interface; }
    std::optional<InterfaceId> watching(std::uint16_t interface) const;
    void look_at(InterfaceId id, Watched& watched);

    Inbox& inbox_;
    Kernel& kernel_;
    HolderId holder_;
    const SiblingNetwork& siblings_;
    FrameObserver& observer_;
    std::map<InterfaceId, Watched> watched_;
    bool frozen_ = false;
    bool waits_ = false; // something may, since it was frozen
    std::vector<WaitingFrame> waiting_frames_;
    std::vector<std::pair<std::uint16_t, IpAddress>> waiting_losses_;
};

} // namespace vrrp::sim
