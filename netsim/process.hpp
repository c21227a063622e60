// One vrrpd, as the machine's scheduler sees it.
#pragma once

#include "core/config/command_line.hpp"
#include "core/daemon/daemon.hpp"
#include "netsim/kernel.hpp"

#include <memory>

namespace vrrp::sim {

class Process;

// Who watches what processes say and send.
class ProcessObserver {
  public:
    virtual ~ProcessObserver() = default;
    virtual void decided(const Process& process, const JournalEntry& entry) = 0;
    virtual void sent(const Process& process, std::uint16_t interface, BytesView frame) = 0;
};

// 1. Runs the real Daemon over the kernel's ports; between start() and its end router() is its router.
// 2. kill() runs none of its code: what it put on interfaces stays. A later start() of the same process
//    recognises that as its own and clears it away first.
// 3. Frozen, it is told nothing; frames wait, at most kMaxFrozenFrames. Thawed, it gets them, then its timer.
class Process final : public Actor, private Clock, private Nic, private Journal, private VrrpSocket {
  public:
    static constexpr std::size_t kMaxFrozenFrames = 256; // a socket buffer

    Process(RouterConfig config, HolderId id, Kernel& kernel, EventQueue& queue, ProcessObserver& observer);

    void start();
    void stop(); // in order
    void kill();
    void freeze();
    void thaw();
    void set_priority(std::uint8_t vrid, std::uint8_t priority);

    bool running() const { return daemon_ != nullptr; }
    bool frozen() const { return frozen_; }
    HolderId id() const { return id_; }
    const RouterConfig& config() const { return config_; }
    const Kernel& kernel() const { return kernel_; }
    const Router* router() const { return daemon_ ? &daemon_->router() : nullptr; }
    bool has(std::uint8_t vrid) const;

    void on_event(const QueueEvent& event) override;

  private:
    TimePoint now() const override { return queue_.now(); }
    void wake_at(TimePoint deadline) override { timer_.arm(deadline); }

    tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name) override;
    NicResult send(InterfaceId interface, BytesView frame) override;
    NicResult attach_virtual_mac(InterfaceId interface, const MacAddress& mac) override;
    NicResult detach_virtual_mac(InterfaceId interface, const MacAddress& mac) override;
    NicResult add_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                          const IpPrefix& prefix) override;
    NicResult remove_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                             const IpPrefix& prefix) override;

    void write(const JournalEntry& entry) override { observer_.decided(*this, entry); }

    void vrrp_frame(std::uint16_t interface, BytesView frame) override;
    void facts_changed(std::uint16_t interface) override;

    std::uint16_t kernel_interface(InterfaceId id) const { return watched_[static_cast<std::size_t>(id)]; }
    void forget();

    RouterConfig config_;
    HolderId id_;
    Kernel& kernel_;
    EventQueue& queue_;
    ProcessObserver& observer_;
    Timer timer_;
    std::unique_ptr<Daemon> daemon_;
    std::vector<std::uint16_t> watched_; // by InterfaceId
    bool frozen_ = false;
    bool deadline_missed_ = false; // while frozen
    struct FrozenFrame {
        std::uint16_t interface;
        std::vector<std::uint8_t> bytes;
    };
    std::vector<FrozenFrame> frozen_frames_;
};

} // namespace vrrp::sim
