// The driver: feeds a Router from the ports and carries its effects out on them. The same object code in the
// simulator and on real interfaces.
#pragma once

#include "core/machine/router.hpp"
#include "core/ports.hpp"

namespace vrrp {

// 1. Straight through: a call in, effects out on the ports, the next deadline to the clock; no call back up.
// 2. Of one input's effects the advertisements go first, then what siblings are told, then the rest in order
//    and scripts last: no address operation of one virtual router delays another one's advertisement.
// 3. An effect that fails comes back to the router as EffectFailed before the call returns. A virtual router
//    whose address or MAC could not be put on announces nothing more.
class Daemon {
  public:
    struct Ports {
        Clock& clock;
        Nic& nic;
        Journal& journal;
        SiblingBus& siblings;
        ScriptRunner& scripts;
    };

    Daemon(const RouterConfig& config, Ports ports);

    // Watches the interfaces and enters the election. On an error nothing has been started.
    tl::expected<void, NicError> start();

    void frame_received(InterfaceId interface, BytesView frame);
    void interface_changed(InterfaceId interface, InterfaceFacts facts);
    void deadline_reached();
    void address_lost(InterfaceId interface, const IpAddress& address);
    void sibling_said(SiblingId id, SiblingStatus status);
    void sibling_gone(SiblingId id);
    void script_finished(VirtualRouterIndex virtual_router, bool master, const ScriptOutcome& outcome);
    void set_priority(VirtualRouterIndex virtual_router, std::uint8_t priority);
    // An error is the sentence that says why it was refused.
    tl::expected<void, std::string> command(VirtualRouterIndex virtual_router, Command command);
    void stop(); // in order: masters resign, addresses go

    const Router& router() const { return router_; }
    TimePoint now() const { return ports_.clock.now(); }

  private:
    void handle(const Input& input);
    void carry_out(TimePoint now);
    NicResult carry_out(TimePoint now, const Effect& effect);
    void write(TimePoint now, const Event& event);
    bool lacks_address(const std::optional<VirtualRouterIndex>& owner) const;
    void tell_clock();

    Router router_;
    Ports ports_;
    Effects effects_;
    std::vector<EffectFailed> failures_;
    TimePoint deadline_told_ = kNever;
    std::optional<Commanded> commanded_; // the outcome of the command being handled
};

} // namespace vrrp
