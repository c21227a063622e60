// Everything that can ever happen to a router: what is recorded, replayed, fuzzed and explored.
#pragma once

#include "core/machine/handover.hpp"
#include "core/machine/sibling.hpp"
#include "core/machine/virtual_router_config.hpp"

#include <string>

namespace vrrp {

// Facts have been told; virtual routers whose interface is usable enter the election, or go on where a process before
// this one has left them.
struct Started {
    Handover before{};
};

struct FrameReceived {
    InterfaceId interface {};
    BytesView bytes; // a whole Ethernet frame; viewed only during the call
};

// May come early or often; only the time counts.
struct DeadlineReached {};

struct InterfaceChanged {
    InterfaceId interface {};
    InterfaceFacts facts;
};

// What the router's time lacks to the time since 1970: at the start, and whenever somebody has set the clock.
struct ClockSet {
    Duration ahead{};
};

// An effect could not be carried out.
struct EffectFailed {
    std::optional<VirtualRouterIndex> virtual_router; // none: it was nobody's own
    Action action = Action::send;
    std::string error;
};

struct Commanding {
    VirtualRouterIndex virtual_router{};
    Command command = Command::back_up;
};

struct SiblingSaid {
    SiblingId id{};
    SiblingStatus status;
};

// Its process is gone, in whatever way.
struct SiblingGone {
    SiblingId id{};
};

struct ScriptExited {
    VirtualRouterIndex virtual_router{};
    ScriptKind kind = ScriptKind::master;
    ScriptOutcome outcome;
};

// What came of a check: once for each StartCheck; of one that tells by itself, whenever it has changed.
struct Checked {
    TrackIndex track{};
    bool ok = false;
    std::string reason; // "exit status 1"
    int number = 0;     // in a file, where it is ok: -253..253
};

// Somebody else took an address of ours off its interface, or the device that it was on.
struct AddressLost {
    InterfaceId interface {};
    IpAddress address;
};

// 1–254. An owner keeps its 255.
struct SetPriority {
    VirtualRouterIndex virtual_router{};
    std::uint8_t priority = 0;
};

// The whole configuration, after Started. What is the same as before is not touched.
struct Reconfigured {
    RouterConfig config;
};

// Another process goes on from here: Router::handover() says where that is. Nothing is given up. Final.
struct LeftToSuccessor {};

// Masters resign, addresses go, everybody ends in initialize. Final.
struct Stop {};

using Input = std::variant<Started, FrameReceived, DeadlineReached, InterfaceChanged, EffectFailed,
                           AddressLost, SetPriority, Commanding, SiblingSaid, SiblingGone, ScriptExited,
                           Checked, ClockSet, Reconfigured, LeftToSuccessor, Stop>;

} // namespace vrrp
