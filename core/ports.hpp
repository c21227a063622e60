// The injectable world. The simulator and the real backends each implement these three; core knows nothing
// else.
#pragma once

#include "core/machine/effect.hpp"

#include <tl/expected.hpp>

namespace vrrp {

// One wake-up per daemon.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    // Daemon::deadline_reached() is to be called at `deadline`, once; a new call replaces the one before, and
    // kNever takes it back. A deadline that has passed means "as soon as you can", never from within this
    // call.
    virtual void wake_at(TimePoint deadline) = 0;
};

struct NicError {
    std::string message; // "Operation not permitted", as the world says it
};

using NicResult = tl::expected<void, NicError>;

// The machine's interfaces. Frames and changes of facts arrive as calls on Daemon, never from within a call
// on the Nic. Each method has been carried out when it returns.
class Nic {
  public:
    virtual ~Nic() = default;

    // From now on `id` means the interface of this name, whether it exists at the moment or not: its VRRP
    // frames and the changes of its facts are told to the daemon. An error means that it can never work (no
    // permission).
    virtual tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name) = 0;

    // A whole Ethernet frame, untagged.
    virtual NicResult send(InterfaceId interface, BytesView frame) = 0;

    // The virtual MAC's device comes up: frames to it are received and ARP is answered from it, with the
    // kernel set up so that hosts learn this MAC and no other. A backup has no such device up.
    virtual NicResult attach_virtual_mac(InterfaceId interface, const MacAddress& mac) = 0;
    virtual NicResult detach_virtual_mac(InterfaceId interface, const MacAddress& mac) = 0;

    // On the virtual MAC's device when one is named, else on the interface. Adding what is there and removing
    // what is not are no errors.
    virtual NicResult add_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                                  const IpPrefix& prefix) = 0;
    virtual NicResult remove_address(InterfaceId interface, const std::optional<MacAddress>& virtual_mac,
                                     const IpPrefix& prefix) = 0;
};

// One event with the names that its numbers stand for.
struct JournalEntry {
    TimePoint time;
    std::string_view interface;
    std::uint8_t vrid = 0; // 0: the event is the interface's
    IpFamily family = IpFamily::v4;
    const Event& event;
};

// Takes an entry at once and never blocks; core/daemon/journal.hpp has its text and its JSON.
class Journal {
  public:
    virtual ~Journal() = default;
    virtual void write(const JournalEntry& entry) = 0;
};

} // namespace vrrp
