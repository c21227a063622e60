// A host that speaks VRRP and is no router: a misconfigured device, or somebody hostile.
#pragma once

#include "netsim/node/kernel.hpp"

#include <map>

namespace vrrp::sim {

// What is wrong with a forged advertisement; nothing is with `none`.
// interval: a second longer than what it overheard. count: one address more than there are. length: the
// message ends within its fixed part.
enum class Flaw : std::uint8_t { none, checksum, password, ttl, interval, count, length };

struct Forgery {
    std::uint8_t vrid = 0;
    std::uint8_t priority = 255;
    std::optional<IpAddress> source; // its own address, when it pretends to nobody else's
    Flaw flaw = Flaw::none;
};

// 1. It overhears: what it says looks like the last advertisement of that VRID that reached it, else like
//    the last of any, else like one of version 2. It comes from the host's own MAC: the virtual one would
//    turn the switch too.
// 2. It says a thing once, or again and again until it falls silent or says another.
class Speaker final : public Actor, private VrrpSocket {
  public:
    static constexpr Duration kOnce{};

    Speaker(Kernel& kernel, EventQueue& queue)
        : kernel_(kernel), queue_(queue), timer_(queue, EventClass::timer, *this, 0) {
        kernel_.open(*this);
    }

    void say(const Forgery& forgery, Duration every);
    // Sends the last frame of that VRID again, as it came. False: it has heard none.
    bool replay(std::uint8_t vrid);
    bool speaking() const { return timer_.deadline() != kNever; } // again and again
    bool poses_as_master(std::uint8_t vrid) const {
        return speaking() && forgery_.vrid == vrid && forgery_.flaw == Flaw::none;
    }
    void fall_silent() { timer_.arm(kNever); }

    const Kernel& kernel() const { return kernel_; }
    void on_event(const QueueEvent& event) override;

  private:
    void vrrp_frame(std::uint16_t interface, BytesView frame) override;
    void facts_changed(std::uint16_t) override {}
    void address_taken(std::uint16_t, const IpAddress&) override {}
    void address_claimed(std::uint16_t, const IpAddress&, BytesView) override {}
    void packet_left(std::uint16_t, BytesView) override {}

    void speak();

    Kernel& kernel_;
    EventQueue& queue_;
    Timer timer_;
    Forgery forgery_;
    Duration every_{};
    std::map<std::uint8_t, std::vector<std::uint8_t>> heard_; // the last frame, by VRID
    std::uint8_t last_heard_ = 0;
};

} // namespace vrrp::sim
