// Who was master when, and why it changed, from the packets alone.
#pragma once

#include "core/wire/advertisement.hpp"

#include <map>
#include <vector>

namespace vrrplab {

using vrrp::Duration;
using vrrp::IpAddress;

// Fielded routers cut their skew time and wake early: a little less than three intervals without a word is silence.
constexpr Duration silence_after(Duration interval) {
    return interval * 27 / 10;
}

// A virtual router as a capture shows it. Both versions may be heard of it: they claim one VRID, and most often one
// address.
struct VirtualRouterKey {
    std::uint32_t interface = 0; // of the capture
    std::uint16_t vlan = 0;
    vrrp::IpFamily family = vrrp::IpFamily::v4;
    std::uint8_t vrid = 0;
    friend auto operator<=>(const VirtualRouterKey&, const VirtualRouterKey&) = default;
};

// What the packets show; the routers may have had other reasons.
enum class VisibleCause : std::uint8_t {
    first_heard,     // nobody was heard before
    resigned,        // `from` sent priority 0
    after_resigning, // the next one, after the master had resigned
    silence,         // `from` was not heard for its down interval; nobody as `from`: it was `to` itself
    higher_priority, // a better one spoke while the master was alive
    higher_address,  // the same with equal priority and the higher address
    two_masters      // another one goes on speaking while the master is alive
};
const char* to_string(VisibleCause);

struct MasterChange {
    VirtualRouterKey key;
    vrrp::wire::Version version{}; // of who is told of
    // None: nobody is master. When one of several masters gives up, `from` is that one.
    std::optional<IpAddress> from, to;
    VisibleCause cause = VisibleCause::first_heard;
    std::optional<IpAddress> rival; // two_masters: the one that is told now
    Duration silence{};             // since the last word of `from`, or of who was master before nobody was
    Duration at{};                  // when it happened: a death is told later
    bool ends_split = false;        // one of several masters gave up, and one is left
};

// Fed with every accepted advertisement in the order of the capture. Pure: it reads and writes nothing.
class MasterTimeline {
  public:
    // `time` on any scale that does not go back. Nothing when the advertisement changes nothing.
    std::optional<MasterChange> heard(Duration time, const vrrp::wire::Advertisement& advertisement,
                                      std::uint32_t interface = 0);

    // The capture ends at `time`: the masters that had fallen silent before it.
    std::vector<MasterChange> end(Duration time);

    struct Speaker {
        IpAddress address;
        std::uint8_t priority = 0;
        Duration interval{};
        vrrp::wire::Version version{};
        Duration last_heard{};
        unsigned words = 0; // beside a living master
    };
    struct VirtualRouter {
        std::uint64_t advertisements = 0, changes = 0;
        std::optional<Speaker> master;
        Duration resigned_at{}; // by the last master, while there is none
        std::vector<Speaker> rivals;
        std::vector<IpAddress> addresses; // as the last one that spoke has them
        // The master's, and of those that go on speaking beside it.
        std::vector<IpAddress> masters() const;
    };
    const std::map<VirtualRouterKey, VirtualRouter>& virtual_routers() const { return virtual_routers_; }

  private:
    std::map<VirtualRouterKey, VirtualRouter> virtual_routers_;
};

} // namespace vrrplab
