#include "tools/vrrplab/replay/master_timeline.hpp"

namespace vrrplab {
namespace {

using vrrp::wire::Advertisement;
using VirtualRouter = MasterTimeline::VirtualRouter;

// Fielded routers cut their skew time and wake early: a little less than three intervals is silence enough.
Duration silence_enough(const VirtualRouter& vr) {
    return vr.interval * 27 / 10;
}

// One word of a lesser one is a farewell or crossed the better one's on the wire; two in a row are a second
// master.
constexpr unsigned kRivalWords = 2;

MasterChange follow(VirtualRouter& vr, Duration time, const Advertisement& a, MasterChange change) {
    if (vr.advertisements > 1) change.silence = time - vr.last_heard;
    change.from = vr.master;
    change.to = a.source;
    vr.master = a.source;
    vr.rival.reset();
    vr.rival_words = 0;
    ++vr.changes;
    return change;
}

void remember(VirtualRouter& vr, Duration time, const Advertisement& a) {
    vr.priority = a.priority;
    vr.interval = a.interval;
    vr.last_heard = time;
}

std::optional<MasterChange> resignation(VirtualRouter& vr, Duration time, const Advertisement& a,
                                        MasterChange change) {
    // Only a master can resign; a capture that begins with a resignation shows that much of what was before.
    const bool unseen_master = vr.changes == 0;
    if (vr.master != a.source && !unseen_master) return std::nullopt;
    change.cause = VisibleCause::resigned;
    change.from = a.source;
    if (vr.master) change.silence = time - vr.last_heard;
    vr.master.reset();
    vr.last_heard = time;
    ++vr.changes;
    return change;
}

// A lesser one speaks while the master lives.
std::optional<MasterChange> rivalry(VirtualRouter& vr, const Advertisement& a, MasterChange change) {
    if (vr.rival != a.source) vr.rival_words = 0;
    vr.rival = a.source;
    if (++vr.rival_words != kRivalWords) return std::nullopt;
    change.cause = VisibleCause::two_masters;
    change.from = change.to = vr.master;
    change.rival = a.source;
    ++vr.changes;
    return change;
}

} // namespace

std::optional<MasterChange> MasterTimeline::heard(Duration time, const Advertisement& a) {
    const VirtualRouterKey key{a.vlan, a.source.family(), a.version, a.vrid};
    VirtualRouter& vr = virtual_routers_[key];
    ++vr.advertisements;
    MasterChange change;
    change.key = key;
    if (a.priority == vrrp::wire::kPriorityResign) return resignation(vr, time, a, change);
    if (vr.master == a.source) {
        remember(vr, time, a);
        return std::nullopt;
    }
    if (!vr.master) {
        change.cause = vr.changes == 0 ? VisibleCause::first_heard : VisibleCause::after_resigning;
    } else if (time - vr.last_heard >= silence_enough(vr)) {
        change.cause = VisibleCause::silence;
    } else if (a.priority > vr.priority) {
        change.cause = VisibleCause::higher_priority;
    } else if (a.priority == vr.priority && a.source > *vr.master) {
        change.cause = VisibleCause::higher_address;
    } else {
        return rivalry(vr, a, change);
    }
    change = follow(vr, time, a, change);
    remember(vr, time, a);
    return change;
}

const char* to_string(VisibleCause cause) {
    switch (cause) {
    case VisibleCause::first_heard: return "first_heard";
    case VisibleCause::resigned: return "resigned";
    case VisibleCause::after_resigning: return "after_resigning";
    case VisibleCause::silence: return "silence";
    case VisibleCause::higher_priority: return "higher_priority";
    case VisibleCause::higher_address: return "higher_address";
    case VisibleCause::two_masters: return "two_masters";
    }
    return "?";
}

} // namespace vrrplab
