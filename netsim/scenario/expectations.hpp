// What a step can expect: each function judges one row of the table of verbs.
#pragma once

#include "netsim/scenario/grammar.hpp"
#include "netsim/world.hpp"

namespace vrrp::sim {

enum class Outcome : std::uint8_t {
    met,
    failed,
    vacuous // nothing was there to be observed: it would be met whatever happens
};

struct Verdict {
    Outcome outcome = Outcome::met;
    std::string seen;
    std::string subject{}; // of a sentence that names nobody: what failed
};

// What an expectation looks at, when its time has come.
struct Observation {
    World& world;
    TimePoint from;               // of its step, after what the step did
    std::size_t first_record = 0; // of the journal since then
    bool was_in_state = false;    // at `from`: the machine in the sentence's STATE of its VRIDS
};

bool in_state(World& world, const Arguments& arguments);

namespace expectation {

Verdict is_state(const Observation& observation, const Arguments& arguments);
Verdict is_never_state(const Observation& observation, const Arguments& arguments);
Verdict sent_priority(const Observation& observation, const Arguments& arguments);
Verdict never_sent_priority(const Observation& observation, const Arguments& arguments);
Verdict sent_count(const Observation& observation, const Arguments& arguments);
Verdict sent_none(const Observation& observation, const Arguments& arguments);
Verdict announced(const Observation& observation, const Arguments& arguments);
Verdict announced_at_most(const Observation& o, const Arguments& a);
Verdict refused_frames(const Observation& o, const Arguments& a);
Verdict refused_nothing(const Observation& o, const Arguments& a);
Verdict sent_router_advertisements(const Observation& observation, const Arguments& arguments);
Verdict sent_no_router_advertisements(const Observation& observation, const Arguments& arguments);
Verdict learned_gateway(const Observation& observation, const Arguments& arguments);
Verdict has_no_gateway(const Observation& observation, const Arguments& arguments);
Verdict sent_magic_packet(const Observation& observation, const Arguments& arguments);
Verdict holds(const Observation& observation, const Arguments& arguments);
Verdict lacks(const Observation& observation, const Arguments& arguments);
Verdict has_neighbour(const Observation& observation, const Arguments& arguments);
Verdict host_outage(const Observation& observation, const Arguments& arguments);
Verdict flow_outage(const Observation& observation, const Arguments& arguments);
Verdict journal_contains(const Observation& observation, const Arguments& arguments);
Verdict journal_lacks(const Observation& observation, const Arguments& arguments);
Verdict told(const Observation& o, const Arguments& a);
Verdict never_told(const Observation& o, const Arguments& a);
Verdict ran(const Observation& observation, const Arguments& arguments);
Verdict never_ran(const Observation& observation, const Arguments& arguments);
Verdict ran_count(const Observation& observation, const Arguments& arguments);
Verdict is_group(const Observation& observation, const Arguments& arguments);
// In settled.cpp.
Verdict each_has_one_master(const Observation& observation, const Arguments& arguments);
Verdict groups_are_whole(const Observation& observation, const Arguments& arguments);
Verdict nobody_changes(const Observation& observation, const Arguments& arguments);

} // namespace expectation
} // namespace vrrp::sim
