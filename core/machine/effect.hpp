// Everything that a router can do to the world.
#pragma once

#include "core/machine/address_place.hpp"
#include "core/machine/event.hpp"

#include <type_traits>

namespace vrrp {

// An advertisement to a peer is an IP packet, since its next hop is the world's business; the others are Ethernet frames.
enum class FrameKind : std::uint8_t { advertisement, announcement, advertisement_to_peer };

struct SendFrame {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    FrameKind kind = FrameKind::advertisement;
    std::uint32_t offset = 0; // the frame's place in the bytes of its Effects
    std::uint32_t size = 0;
};

// Frames to it are received and ARP for the addresses with it is answered from it, until it is detached.
struct AttachVirtualMac {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    wire::VirtualMac mac;
};

struct DetachVirtualMac {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    wire::VirtualMac mac;
};

// On the virtual MAC's device where there is one, else on the interface itself, which need not be the virtual router's:
// AddressPlace.
struct AddAddress {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    std::optional<wire::VirtualMac> virtual_mac;
    IpPrefix prefix;
    AddressMarks marks{};
};

struct RemoveAddress {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    std::optional<wire::VirtualMac> virtual_mac;
    IpPrefix prefix;
};

// What is addressed to it is dropped, or is not any more: VirtualRouterConfig::accept.
struct DropTraffic {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    IpAddress address;
    bool drop = true;
};

// MagicPacket, from the virtual MAC's device where there is one.
struct SendMagicPacket {
    InterfaceId interface {};
    VirtualRouterIndex virtual_router{};
    std::optional<wire::VirtualMac> virtual_mac;
    IpAddress source;
    IpAddress gateway;
};

// Any but the one for ScriptKind::notify; `why` goes to it.
struct RunScript {
    VirtualRouterIndex virtual_router{};
    ScriptKind kind = ScriptKind::master;
    Transition why;
};

// To the notify script and the FIFO, as far as there are such: what a virtual router is now, or its group.
struct Notify {
    VirtualRouterIndex virtual_router{}; // of a group: the member that tells it
    std::optional<GroupIndex> group;
    Notice notice = Notice::backup;
    Transition why; // of a group: the member's last one
};

// What Router::sibling_status() says of this virtual router is told to the other processes of its group.
struct TellSiblings {
    VirtualRouterIndex virtual_router{};
};

// What a dead process left on its interface goes: Router::dead_sibling(place) says what.
struct CleanUpAfter {
    std::uint16_t place = 0;
};

// Answered by a Checked; of a check that tells by itself, by many.
struct StartCheck {
    TrackIndex track{};
};

// No result of it is wanted any more, not even of one that is being made.
struct StopCheck {
    TrackIndex track{};
};

// What Router::ours(interface) says is on this interface from now on. Answered by an InterfaceChanged.
struct Watch {
    InterfaceId interface {};
};

// Nothing of ours is on it any more.
struct Forget {
    InterfaceId interface {};
};

using Effect = std::variant<SendFrame, AttachVirtualMac, DetachVirtualMac, AddAddress, RemoveAddress,
                            DropTraffic, SendMagicPacket, RunScript, Notify, TellSiblings, CleanUpAfter,
                            StartCheck, StopCheck, Watch, Forget, Event>;

static_assert(std::is_trivially_copyable_v<Effect>); // so that a list of them is cheap to fill and to clear

// Effects in the order in which they are to be carried out, with the bytes of their frames. Meant to be
// cleared and used again: then it allocates nothing once it has grown to its usual size.
class Effects {
  public:
    void clear() {
        list_.clear();
        bytes_.clear();
    }

    void add(const Effect& effect) { list_.push_back(effect); }

    // Appends a SendFrame and returns the room to write its frame into, valid until the next call.
    MutableBytes add_frame(InterfaceId interface, VirtualRouterIndex virtual_router, FrameKind kind,
                           std::size_t size) {
        const std::size_t offset = bytes_.size();
        bytes_.resize(offset + size);
        list_.emplace_back(SendFrame{interface, virtual_router, kind, static_cast<std::uint32_t>(offset),
                                     static_cast<std::uint32_t>(size)});
        return {bytes_.data() + offset, size};
    }

    // Takes events back, from the effect `first` on.
    template <typename Predicate>
    void erase_events(std::size_t first, Predicate&& unwanted) {
        const auto is_unwanted = [&](const Effect& effect) {
            const Event* event = std::get_if<Event>(&effect);
            return event != nullptr && unwanted(*event);
        };
        const auto begin = list_.begin() + static_cast<std::ptrdiff_t>(first);
        list_.erase(std::remove_if(begin, list_.end(), is_unwanted), list_.end());
    }

    BytesView frame(const SendFrame& send) const { return {bytes_.data() + send.offset, send.size}; }

    bool empty() const { return list_.empty(); }
    std::size_t size() const { return list_.size(); }
    auto begin() const { return list_.begin(); }
    auto end() const { return list_.end(); }

  private:
    std::vector<Effect> list_;
    std::vector<std::uint8_t> bytes_;
};

} // namespace vrrp
