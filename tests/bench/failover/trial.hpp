// One pair of routers on one bed, elected and asked by its hosts, before anything happens to it.
#pragma once

#include "tests/bench/bed/bed.hpp"
#include "tests/bench/implementations/implementation.hpp"
#include "tests/live/harness/prober.hpp"

#include <stdexcept>

namespace vrrp::bench {

// The trial is abandoned, as a failed REQUIRE abandons a test; its what() is the note of the row.
struct GaveUp : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Side { better, other };

inline constexpr int kBetterPriority = 200, kOtherPriority = 100;

// Times are of the wall clock, since its epoch: the capture's.
class Trial {
  public:
    // The number of the run shifts what happens within the interval, so that the runs see all its phases.
    Trial(const Implementation&, const Dialect&, int segments, int run);

    const Bed& bed() const { return bed_; }
    const Dialect& dialect() const { return dialect_; }
    RunningRouter& router(Side side) { return *routers_[static_cast<std::size_t>(side)]; }
    void start(Side);

    // Until this one is the only master, every host is answered and the run's phase is reached.
    void await_master(Side);
    // Until a backup that was started has heard its master.
    void let_listen() const;

    static Duration now();
    // On one segment, as the other router's port saw it; GaveUp when it does not come.
    Duration await_advertisement(std::size_t segment, Side, Duration since);
    Duration last_advertisement(std::size_t segment, Side, Duration before);
    // Of the segment's gateway address, at or after `since`.
    std::optional<Duration> announcement(std::size_t segment, Duration since);

    // What the worst-off host saw since the event, to its end. One that stays dark counts with its patience.
    Duration gap(live::Prober::Clock::time_point since) const;

  private:
    bool is_only_master(std::size_t segment, Side);

    const Implementation& implementation_;
    Dialect dialect_;
    int run_;
    Bed bed_;
    // What the other router hears and says: the fate of the gateway as its heir sees it.
    std::vector<std::unique_ptr<live::WireTap>> taps_;
    Router routers_[2];
    std::vector<std::unique_ptr<live::Prober>> hosts_;
};

} // namespace vrrp::bench
