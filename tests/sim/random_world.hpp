// Random worlds: machines, networks, virtual routers and faults that nobody thought of, as scenarios.
#pragma once

#include "netsim/scenario/run.hpp"

#include <set>

namespace vrrp::sim {

// What a world may have beside plain virtual routers whose best machine is the best on every side.
enum class Dimension : std::uint8_t {
    groups,    // by -M and by file
    crossed,   // priorities, and preemption, that differ from side to side
    odd_sizes, // more members than -M says, and siblings that say different numbers
    ipv6,
    keys,      // the authentication header of version 2
    intervals, // that differ between the routers of one virtual router; version 3
    owners,    // priority 255, and virtual addresses that are a router's own
    slow,      // siblings, cables, spanning trees
    faults,
    operators, // atropos, signals, priorities that are set
    strangers  // a guest that claims an address, or speaks VRRP
};
inline constexpr std::size_t kDimensions = 11;
const char* name(Dimension dimension);
using Dimensions = std::set<Dimension>;
Dimensions all_dimensions();

// A virtual router, as all machines have it.
struct DrawnElection {
    unsigned vrid = 0;
    unsigned network = 0;
    bool ipv6 = false;
    unsigned version = 2;
    std::string authentication{}; // empty: none
    bool virtual_mac = true;
    bool grouped = false;
};

// A virtual router, as one machine has it.
struct DrawnMember {
    unsigned priority = 100;
    unsigned interval = 1000; // milliseconds
    bool preempt = true;
    unsigned minimum = 0; // of -M
};

struct DrawnRouter {
    unsigned number = 0; // r1 has 1
    bool by_file = false;
    bool scripts = false;
    std::vector<DrawnMember> members{}; // one for each election
};

// Something that strikes and, sooner or later, is undone: at the end all is.
struct DrawnStrike {
    unsigned at = 0; // milliseconds
    std::string what;
    std::string undo{};   // empty: it is over by itself, or stays
    unsigned undo_at = 0; // 0: at the end
    unsigned router = 0;  // whom it names; 0: nobody
    unsigned vrid = 0;    // which it names; 0: none
};

struct DrawnWorld {
    std::uint64_t seed = 0;
    unsigned networks = 1;
    std::vector<unsigned> forward_delay; // of each network, in milliseconds
    std::vector<DrawnElection> elections;
    std::vector<DrawnRouter> routers;
    std::vector<DrawnStrike> strikes; // in the order of time
    unsigned owner = 0;               // the router whose own address the first virtual address is; 0: none
};

DrawnWorld draw_world(std::uint64_t seed, const Dimensions& dimensions);

// As a scenario: the strikes, then all is undone, then a quiet time that follows from the intervals, and in
// the end each virtual router has one master, groups are whole, hosts are answered and nobody changes state.
// Where siblings say different numbers there may be no master: only that nothing oscillates is expected.
std::string scenario_text(const DrawnWorld& world);

// The first failure's sentence, or nothing. `explanation`, when given, gets it in full.
std::optional<std::string> failure_of(const DrawnWorld& world, std::string* explanation = nullptr);

// A smaller world that fails in the same way: without strikes, machines and virtual routers that do not
// matter.
DrawnWorld reduced(DrawnWorld world);

} // namespace vrrp::sim
