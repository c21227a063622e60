#include "netsim/check/timing.hpp"

#include "core/machine/timers.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;
using config::Seat;

// One election: what is spoken in it.
struct Speech {
    wire::Version version = wire::Version::v3;
    Duration interval{};
};

Speech speech_of(const Site& site, const std::vector<Seat>& seats) {
    Speech speech;
    for (const Seat& seat : seats)
        if (site.config(seat).version == wire::Version::v2) speech.version = wire::Version::v2;
    for (const Seat& seat : seats) {
        const VirtualRouterConfig& one = site.config(seat);
        speech.interval =
            std::max(speech.interval,
                     speech.version == wire::Version::v2 ? one.interval_in_v2() : one.advertisement_interval);
    }
    return speech;
}

Duration first_verdict(const TrackConfig& track) {
    return track.is_asked() ? track.interval + track.timeout : Duration{};
}

} // namespace

Timing timing_of(const Site& site) {
    Timing t;
    Duration longest_wait{}, start_delay{}, preempt_delay{}, verdict{}, shortest = 1h;
    for (const auto& [key, seats] : site.elections) {
        const Speech speech = speech_of(site, seats);
        const auto leader = site.leaders.at(key);
        t.interval = std::max(t.interval, speech.interval);
        shortest = std::min(shortest, speech.interval);
        for (const Seat& seat : seats) {
            const VirtualRouterConfig& one = site.config(seat);
            const Duration wait = master_down_interval(speech.version, one.priority, speech.interval);
            longest_wait = std::max(longest_wait, wait);
            start_delay = std::max(start_delay, one.start_delay);
            preempt_delay = std::max(preempt_delay, one.preempt_delay);
            if (leader == seat && seats.size() > 1) continue;
            t.silent = std::max(t.silent, wait);
            t.skew = std::max(t.skew, skew_time(speech.version, one.priority, speech.interval));
        }
    }
    for (const config::RouterTold& router : site.told)
        for (const config::Told& told : router.processes)
            for (const TrackConfig& track : told.configuration.router.tracks) {
                verdict = std::max(verdict, first_verdict(track));
                t.detection = std::max(t.detection,
                                       std::max(track.rise, track.fall) * first_verdict(track) + track.hold);
            }
    t.startup = start_delay + verdict + longest_wait + preempt_delay + t.interval;
    // A finer one would only take longer where all takes long.
    t.probe = t.startup > 2min ? Duration(100ms) : shortest < 100ms ? Duration(1ms) : Duration(10ms);
    return t;
}

} // namespace vrrp::sim
