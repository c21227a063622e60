// The injectable world: the one way in, and the six ways out. The simulator and the real backends each
// implement the six; core knows nothing else.
#pragma once

#include "core/machine/effect.hpp"
#include "core/machine/input.hpp"

#include <tl/expected.hpp>

namespace vrrp {

// The way in: whatever happens in the world is given here, by every port, in any order. Daemon is one; a
// recorder, a filter and a test are others, in front of it or in its place.
class Inbox {
  public:
    virtual ~Inbox() = default;
    virtual void give(const Input& input) = 0;
};

// One wake-up per daemon.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    // What now() lacks to the time since 1970. A change of it is given as ClockSet.
    virtual Duration ahead() const = 0;
    // DeadlineReached is to be given at `deadline`, once; a new call replaces the one before, and kNever
    // takes it back. A deadline that has passed means "as soon as you can", never from within this call. An exact one
    // is worth some CPU time: it must not be late by what it takes to wake up.
    virtual void wake_at(TimePoint deadline, bool exact) = 0;
};

struct NicError {
    std::string message; // "Operation not permitted", as the world says it
};

using NicResult = tl::expected<void, NicError>;

// The machine's interfaces. Frames, changes of facts and losses are given to the inbox, never from within a
// call on the Nic but deliver_waiting(). Each method has been carried out when it returns.
class Nic {
  public:
    virtual ~Nic() = default;

    // From now on `id` means the interface of this name, whether it exists at the moment or not: its VRRP
    // frames and the changes of its facts are given to the inbox. An error means that it can never work (no
    // permission). Of one that is watched already, `ours` are others now: what is ours no more is gone from it.
    virtual tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name,
                                                         const std::vector<Ours>& ours) = 0;

    // The opposite: nothing more is heard or told of it, and nothing of ours stays there; what answers nobody any more
    // may go a little later. `id` means nothing any longer before it is watched again.
    virtual void forget(InterfaceId id) = 0;

    // What the interfaces have said and nobody has handed on yet is given now: the facts first, then the
    // frames. A bound on it is allowed: who speaks without end must not stop everything else.
    virtual void deliver_waiting() = 0;

    // A whole Ethernet frame, untagged.
    virtual NicResult send(InterfaceId interface, BytesView frame) = 0;

    // A whole IP packet to one host, by this interface whatever the other routes. Resolving the next hop may take longer
    // than the call; then an error that comes of it is lost.
    virtual NicResult send_packet(InterfaceId interface, BytesView packet) = 0;

    // The virtual MAC's device comes up: frames to it are received and ARP is answered from it, with the
    // kernel set up so that hosts learn this MAC and no other. A backup has no such device up.
    virtual NicResult attach_virtual_mac(InterfaceId interface, const wire::VirtualMac& mac) = 0;
    virtual NicResult detach_virtual_mac(InterfaceId interface, const wire::VirtualMac& mac) = 0;

    // On the virtual MAC's device when one is named, else on the interface. Adding what is there and removing
    // what is not are no errors.
    virtual NicResult add_address(InterfaceId interface, const std::optional<wire::VirtualMac>& virtual_mac,
                                  const IpPrefix& prefix, const AddressMarks& marks) = 0;
    virtual NicResult remove_address(InterfaceId interface,
                                     const std::optional<wire::VirtualMac>& virtual_mac,
                                     const IpPrefix& prefix) = 0;

    // Packets to an address of this machine are dropped, or are not any more, but for ARP, neighbour discovery and ICMP
    // errors. It ends with the process in whatever way that ends.
    virtual NicResult drop_traffic(InterfaceId interface, const IpAddress& address, bool drop) = 0;

    // An ARP request for the gateway in the name of `source`, which is on the virtual MAC's device or the
    // interface; then a TCP SYN from `source` to the gateway's port kMagicPort. Resolving the gateway's MAC,
    // where it is not known, is the world's business and may take longer than the call.
    static constexpr std::uint16_t kMagicPort = 1100;
    virtual NicResult send_magic_packet(InterfaceId interface,
                                        const std::optional<wire::VirtualMac>& virtual_mac,
                                        const IpAddress& source, const IpAddress& gateway) = 0;

    // Removes what a dead process left on one of this machine's interfaces, which need not be one that is
    // watched: its marked addresses, its virtual MAC. Nothing when it has been started again meanwhile.
    virtual void clean_up_after(const SiblingIdentity& dead) = 0;
};

// A program to run. Everything is rendered; the runner looks at nothing but this.
struct ScriptCall {
    VirtualRouterIndex virtual_router{};
    ScriptKind kind = ScriptKind::master; // for ScriptExited
    std::string path;                     // absolute
    std::vector<std::string> arguments;   // without the program's name
    std::vector<std::string>
        environment;    // "VRRP_STATE=master", ...: all that it gets, but for the runner's own
    std::string user{}; // as whom it runs; empty: as this process does
};

// 1. run() never blocks; ScriptExited is given when the script has ended, never from within run().
// 2. Calls for one virtual router run in order, one at a time.
// 3. At most kMaxWaiting wait for one virtual router; beyond, those go that core/daemon/script_queue.hpp
//    names, and are told as dropped.
// 4. A script that takes longer than kTimeLimit is killed with all that it started.
class ScriptRunner {
  public:
    static constexpr std::size_t kMaxWaiting = 16;
    static constexpr Duration kTimeLimit = std::chrono::seconds(60);
    virtual ~ScriptRunner() = default;
    virtual void run(const ScriptCall& call) = 0;
};

// Where lines about states go, in order, to whoever reads them.
class Fifo {
  public:
    virtual ~Fifo() = default;
    // `line` ends with a newline. Never blocks; on an error the whole line is lost.
    virtual NicResult write_line(std::string_view line) = 0;
};

// The checks, but those of interfaces, which are Router's own affair.
// 1. start() never blocks; Checked is given when there is a result, once, and never from within start(). What takes
//    longer than its timeout fails.
// 2. A check that is asked again and again is started again only after its result. One that tells by itself is started
//    once: Checked is given for what it finds then, and again whenever that has changed.
class Checks {
  public:
    virtual ~Checks() = default;
    virtual void start(TrackIndex track, const TrackConfig& config) = 0;
    // No result of it is given any more, until it is started again. Nothing where it does not run.
    virtual void stop(TrackIndex track) = 0;
};

// The other vrrpd processes of this machine that use the same runtime directory.
// 1. tell() reaches every one of them, at once and without blocking; who is slow gets the latest status of
//    each virtual router when it reads again. Who arrives later is told the latest of each too.
// 2. What they say is given as SiblingSaid and SiblingGone, never from within tell().
class SiblingBus {
  public:
    virtual ~SiblingBus() = default;

    // What they have said and nobody has handed on yet is given now.
    virtual void deliver_waiting() = 0;

    virtual void tell(VirtualRouterIndex from, const SiblingStatus& status) = 0;
};

// One event with the names that its numbers stand for.
struct JournalEntry {
    TimePoint time;
    std::string_view interface;
    std::uint8_t vrid = 0; // 0: the event is the interface's
    IpFamily family = IpFamily::v4;
    std::string_view group = {}; // whose judgement the event is, told by one of its members; mostly nobody's
    const Event& event;
};

// Takes an entry at once and never blocks; core/daemon/journal.hpp has its text and its JSON.
class Journal {
  public:
    virtual ~Journal() = default;
    virtual void write(const JournalEntry& entry) = 0;
};

} // namespace vrrp
