// What can strike a network of routers, and how it is mended: one table, from which sweeps and random worlds draw.
#pragma once

#include "core/net/name_table.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace vrrp::sim {

enum class FaultKind : std::uint8_t {
    cable,     // it is pulled, or the interface set down
    interface, // it is deleted, gets another name, another MTU
    cut,       // frames are lost and nobody is told, each way or one
    partition, // one machine alone
    loss,      // some frames are lost
    address,   // one of the router's own, or a virtual one, is removed
    power,     // of the whole machine
    freeze,    // SIGSTOP
    kill,      // SIGKILL
    stop,      // SIGTERM
    restart,   // atropos --restart
    scripts,   // they hang, fail, or are refused
    clock,     // it runs fast or slow
    siblings,  // the processes of one machine hear one another late
    delay,     // of a cable
    check,     // a health check fails
    operation, // atropos, signals, priorities that are set
    stranger,  // a host claims an address, or speaks VRRP
    owner      // a router is given the virtual address as its own
};
inline constexpr auto kFaultKinds = names<FaultKind>({{FaultKind::cable, "cable"},
                                                      {FaultKind::interface, "interface"},
                                                      {FaultKind::cut, "cut"},
                                                      {FaultKind::partition, "partition"},
                                                      {FaultKind::loss, "loss"},
                                                      {FaultKind::address, "address"},
                                                      {FaultKind::power, "power"},
                                                      {FaultKind::freeze, "freeze"},
                                                      {FaultKind::kill, "kill"},
                                                      {FaultKind::stop, "stop"},
                                                      {FaultKind::restart, "restart"},
                                                      {FaultKind::scripts, "scripts"},
                                                      {FaultKind::clock, "clock"},
                                                      {FaultKind::siblings, "siblings"},
                                                      {FaultKind::delay, "delay"},
                                                      {FaultKind::check, "check"},
                                                      {FaultKind::operation, "operation"},
                                                      {FaultKind::stranger, "stranger"},
                                                      {FaultKind::owner, "owner"}});

// Where no router can make it good, or not in the time that is given.
enum class Hopeless : std::uint8_t {
    nowhere,
    without_virtual_mac, // what a master announces meanwhile is lost
    several_in_process,  // a signal is to all of them, and only one is set again
    owners,              // priority 255 cannot be set again
    fast_advertisements  // siblings would hear of one another later than of their rivals
};

// Sentences of a scenario with names in braces: {router}, its {interface} and {own} address there with its {length}, the
// {network}, the {rest} of the machines on it; {vrid}, its {virtual} address, its {priority} and {another} one; a {check};
// a {stranger}, and who is the {leader} in its eyes.
struct Blow {
    FaultKind kind;
    const char* what;
    const char* undo; // empty: it is over by itself, or stays
    Hopeless hopeless = Hopeless::nowhere;
};
std::span<const Blow> blows();

using Names = std::map<std::string, std::string>;
std::string filled(std::string text, const Names& names);
void replace_all(std::string& text, const std::string& what, const std::string& by);

// At the end all is mended at once, and the order counts: power first, for what has none cannot be mended; then who is
// frozen takes no orders. Smaller comes first.
int mending_rank(std::string_view sentence);

} // namespace vrrp::sim
