// The driver: feeds a Router from the ports and carries its effects out on them. The same object code in the
// simulator and on real interfaces.
#pragma once

#include "core/machine/router.hpp"
#include "core/ports.hpp"

namespace vrrp {

// 1. Straight through: an input in, effects out on the ports, the next deadline to the clock; no call back
//    up.
// 2. Of one input's effects the advertisements go first, then what siblings are told, then the rest in order
//    and scripts last: no address operation of one virtual router delays another one's advertisement.
// 3. An effect that fails comes back to the router as EffectFailed before the call returns. A virtual router
//    whose address or MAC could not be put on announces nothing more.
// 4. Of what waits at one moment, what the interfaces say counts first, then the siblings' words, then the
//    deadline, and what an operator asks for last, in whatever order it is given: a process that was starved
//    or frozen hears who has spoken before it believes that nobody has.
class Daemon final : public Inbox {
  public:
    struct Ports {
        Clock& clock;
        Nic& nic;
        Journal& journal;
        SiblingBus& siblings;
        ScriptRunner& scripts;
        Checks& checks;
        Fifo* fifo = nullptr; // where there is one
    };

    explicit Daemon(const RouterConfig& config) : router_(config) {}

    // Watches the interfaces and enters the election; before that nothing is given. On an error nothing has
    // been started, and nothing is watched. The ports have this daemon as their inbox, or one in front of it,
    // and outlive its last input.
    // `before` is what a process before this one has left.
    tl::expected<void, NicError> start(const Ports& ports, const Handover& before = {});

    void give(const Input& input) override;

    // What came of the command that was given last, once; nothing while the router is stopped.
    std::optional<Commanded> take_outcome() { return std::exchange(outcome_, std::nullopt); }

    // Another one from now on, or none.
    void set_fifo(Fifo* fifo) { ports_->fifo = fifo; }

    const Router& router() const { return router_; }
    TimePoint now() const { return ports_->clock.now(); }

  private:
    NicResult watch(InterfaceId id, const Handover& before);
    void tell_facts();
    void handle(const Input& input);
    void carry_out(TimePoint now);
    NicResult carry_out(TimePoint now, const Effect& effect);
    NicResult notify(const Notify& effect);
    void write(TimePoint now, const Event& event);
    bool lacks_address(const std::optional<VirtualRouterIndex>& owner) const;
    void tell_clock();

    Router router_;
    std::optional<Ports> ports_; // once it has started
    Effects effects_;
    std::vector<EffectFailed> failures_;
    std::vector<InterfaceChanged> facts_; // of what was watched, until they are told
    TimePoint deadline_told_ = kNever;
    std::optional<Commanded> outcome_;
};

} // namespace vrrp
