// The health checks of one process, and what they make of its virtual routers.
#pragma once

#include "core/machine/deadlines.hpp"
#include "core/machine/effect.hpp"
#include "core/machine/handover.hpp"
#include "core/machine/index_set.hpp"
#include "core/machine/input.hpp"
#include "core/machine/placed_config.hpp"
#include "core/machine/track.hpp"
#include "core/net/fields.hpp"

#include <ranges>
#include <span>

namespace vrrp {

// 1. A virtual router uses the checks that it names, and those of its group; each once.
// 2. Who calls told() or deadline_reached() then looks at changed(): the checks whose state has changed, and tells
//    their users what verdict() says. A change is in the journal by then.
// 3. At most one check is started at a moment, since that takes time: an advertisement that is due comes first.
class Tracks {
  public:
    Tracks() = default;
    explicit Tracks(const RouterConfig& config) { reconfigure(in_order(config)); }

    std::vector<TrackIndex> places(const std::vector<TrackConfig>& configs) const {
        return places_of<TrackIndex>(configs, tracks_ | std::views::transform(&Track::config),
                                     &TrackConfig::name);
    }
    // Before start(). Who is asked is asked from then on.
    void reconfigure(const PlacedConfig& next);
    void start(TimePoint now);
    // After it, what a process before this one knew.
    void resume(TimePoint now, const std::vector<HandedOverCheck>& before);
    std::vector<HandedOverCheck> handover() const;
    // After it. A check that looks at the same thing as before keeps its state; any other begins anew.
    void reconfigure(TimePoint now, const PlacedConfig& next, Effects& out);
    void told(TimePoint now, const Checked& result, Effects& out);
    // The same for those that have heard nothing of it yet.
    void interface_known(TimePoint now, const std::string& interface, const InterfaceFacts& facts,
                         Effects& out);
    // What an interface says of the checks that watch it.
    void interface_changed(TimePoint now, const std::string& interface, const InterfaceFacts& facts,
                           Effects& out);
    void deadline_reached(TimePoint now, Effects& out);
    TimePoint next_deadline() const { return deadlines_.earliest(); }

    const std::vector<TrackIndex>& changed() const { return changed_; }
    void settled() { changed_.clear(); }

    const std::vector<TrackIndex>& configured() const { return configured_; }
    const Track& track(TrackIndex index) const { return tracks_[static_cast<std::size_t>(index)]; }
    std::span<const VirtualRouterIndex> users(TrackIndex index) const {
        return users_[static_cast<std::size_t>(index)];
    }
    std::span<const TrackIndex> used_by(VirtualRouterIndex index) const {
        return used_[static_cast<std::size_t>(index)];
    }
    CheckVerdict verdict(VirtualRouterIndex index) const;

    auto fields() const { return std::tie(tracks_, configured_); }

  private:
    void note(TrackIndex index, Effects& out);
    void start(TimePoint now, TrackIndex index);
    Track& at(TrackIndex index) { return tracks_[static_cast<std::size_t>(index)]; }

    std::vector<Track> tracks_;
    std::vector<TrackIndex> configured_;
    std::vector<std::vector<VirtualRouterIndex>> users_; // by track
    std::vector<std::vector<TrackIndex>> used_;          // by virtual router
    std::vector<TrackIndex> changed_;
    Deadlines deadlines_{0}; // by track
    IndexSet due_{0};
};

} // namespace vrrp
