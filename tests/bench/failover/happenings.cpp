#include "tests/bench/failover/happenings.hpp"

#include "core/machine/timers.hpp"

#include <csignal>

namespace vrrp::bench {
namespace {

using Clock = live::Prober::Clock;

// The other one last: a first election that both win for a moment is another story, and leaves its traces.
void elect(Trial& trial) {
    trial.start(Side::better);
    trial.await_master(Side::better);
    trial.start(Side::other);
    trial.let_listen();
    trial.await_master(Side::better);
}

Duration skew(const Trial& trial) {
    return skew_time(trial.dialect().version, kOtherPriority, trial.dialect().interval);
}

Duration master_down(const Trial& trial) {
    return master_down_interval(trial.dialect().version, kOtherPriority, trial.dialect().interval);
}

// The other router inherits the one segment, `theory` after the last word of the better one.
template <typename Event>
Outcome inherits(Trial& trial, Duration theory, Event&& event) {
    const auto asked = Clock::now();
    const Duration start = Trial::now();
    event();
    Outcome outcome;
    const Duration taken = trial.await_advertisement(0, Side::other, start);
    outcome.lateness = taken - trial.last_advertisement(0, Side::better, taken) - theory;
    outcome.gap = trial.gap(asked);
    if (const auto announced = trial.announcement(0, taken)) outcome.announcement = *announced - taken;
    return outcome;
}

Outcome orderly_stop(Trial& trial) {
    elect(trial);
    return inherits(trial, skew(trial), [&] { trial.router(Side::better).stop(); });
}

Outcome machine_dies(Trial& trial) {
    elect(trial);
    return inherits(trial, master_down(trial), [&] {
        trial.bed().segment(0).cut("r1");
        trial.router(Side::better).kill();
    });
}

Outcome isolated(Trial& trial) {
    elect(trial);
    return inherits(trial, master_down(trial), [&] { trial.bed().segment(0).isolate("r1", true); });
}

// What the bed itself costs: the floor of all other gaps.
Outcome nothing(Trial& trial) {
    elect(trial);
    return {.gap = trial.gap(Clock::now()), .lateness = {}, .announcement = {}, .moved = {}};
}

// The better one comes (back): its host-seen price.
template <typename Event>
Outcome returns(Trial& trial, Event&& event) {
    const auto asked = Clock::now();
    const Duration start = Trial::now();
    event();
    trial.await_advertisement(0, Side::better, start);
    return {.gap = trial.gap(asked), .lateness = {}, .announcement = {}, .moved = {}};
}

Outcome isolation_heals(Trial& trial) {
    elect(trial);
    const Duration start = Trial::now();
    trial.bed().segment(0).isolate("r1", true);
    trial.await_advertisement(0, Side::other, start);
    trial.await_master(Side::other);
    return returns(trial, [&] { trial.bed().segment(0).isolate("r1", false); });
}

Outcome better_returns(Trial& trial) {
    trial.start(Side::other);
    trial.await_master(Side::other);
    return returns(trial, [&] { trial.start(Side::better); });
}

// The whole gateway is to move, though only a part of it failed.
template <typename Event>
Outcome moves(Trial& trial, Event&& event) {
    const auto asked = Clock::now();
    const Duration start = Trial::now();
    event();
    Outcome outcome;
    Duration moved{};
    for (std::size_t i = 0; i < trial.bed().segments(); ++i)
        moved = std::max(moved, trial.await_advertisement(i, Side::other, start) - start);
    outcome.moved = moved;
    outcome.gap = trial.gap(asked);
    return outcome;
}

Outcome one_process_killed(Trial& trial) {
    elect(trial);
    return moves(trial, [&] { trial.router(Side::better).kill_one(); });
}

Outcome one_link_lost(Trial& trial) {
    elect(trial);
    return moves(trial, [&] { trial.bed().segment(0).cut("r1"); });
}

constexpr Happening kHappenings[] = {
    {"nothing", 1, nothing},
    {"orderly stop", 1, orderly_stop},
    {"machine dies", 1, machine_dies},
    {"silent isolation", 1, isolated},
    {"isolation heals", 1, isolation_heals},
    {"better returns", 1, better_returns},
    {"one process of a group killed", 2, one_process_killed},
    {"one link of a group lost", 2, one_link_lost},
};

} // namespace

std::span<const Happening> happenings() {
    return kHappenings;
}

} // namespace vrrp::bench
