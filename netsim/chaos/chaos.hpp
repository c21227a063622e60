// What may strike the network of a scenario, and one draw of it for each seed.
#pragma once

#include "netsim/scenario/scenario.hpp"

namespace vrrp::sim {

// Something that happens, and what takes it back.
struct Strike {
    Duration at{};
    Sentence what;
    std::optional<Sentence> undo{};
    Duration undone{}; // when
};

// The steps in which these strike and are undone, beside what `others` do and expect. What falls on one moment is one
// step: what is undone in the order of its rank, then what strikes.
std::vector<Step> steps_of(const std::vector<Strike>& strikes, std::vector<Step> others);

// How long after the last strike its routers may take until all is well, as far as their configurations say.
Duration settling_time(const Scenario& scenario);
// "each virtual router has one master" and "every group is whole", where there are any.
std::vector<std::string> well_being(const Scenario& scenario);

// 1. It follows the scenario's [chaos]; without one everything may strike that needs no stranger and no owner.
// 2. A seed first leaves out some kinds of fault altogether, so that the others meet more often; then it draws up to
//    `count` strikes between `from` and `until`. At `until` all is mended and every router started. After `quiet` it is
//    judged that all is well, and that it stays so. Invariants are watched all the time.
// 3. A scenario's own steps go on happening where it has [chaos], without their expectations; else they are left out.
class Chaos {
  public:
    explicit Chaos(Scenario scenario, bool shuffled = false);

    bool nothing_may_strike() const { return possible_.empty(); }
    std::vector<Strike> draw(std::uint64_t seed) const;
    // What happens in any case, and the end at which is judged.
    std::vector<Step> frame() const { return frame_; }
    // The whole: until the next call, or the end of this.
    const Scenario& world(std::uint64_t seed);
    // What undoes this sentence, where it is one of those that may strike.
    std::optional<std::string> undo_of(const std::string& sentence) const;

  private:
    struct Context;
    struct Possible {
        Sentence what;
        std::optional<Sentence> undo;
    };

    void plan_times();
    void plan_end();
    void plan_own_steps(const std::vector<Step>& own);
    void add_possible();
    void add_possible(const Blow& blow, const Context& context);
    std::vector<Context> contexts() const;
    void add_contexts(const NodePlan& router, std::vector<Context>& into) const;
    void add_strangers(const NetworkPlan& network, std::vector<Context>& into) const;
    bool is_hopeless(const Blow& blow, const Context& context) const;
    bool has_bare_router(const Context& context) const;
    bool may_strike(FaultKind kind) const;
    bool may_strike(const Context& context) const;

    Scenario world_; // its steps are those of the last seed
    ChaosPlan plan_;
    Vocabulary vocabulary_;
    std::vector<Step> frame_;
    std::map<FaultKind, std::vector<Possible>> possible_;
    Duration from_{}, until_{}, judged_{};
};

} // namespace vrrp::sim
