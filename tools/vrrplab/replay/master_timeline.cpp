#include "tools/vrrplab/replay/master_timeline.hpp"

namespace vrrplab {
namespace {

using vrrp::wire::Advertisement;
using Speaker = MasterTimeline::Speaker;
using VirtualRouter = MasterTimeline::VirtualRouter;

// One word of a lesser one is a farewell or crossed the better one's on the wire; two in a row are a second
// master.
constexpr unsigned kRivalWords = 2;

Speaker speaker(Duration time, const Advertisement& a) {
    return {a.source, a.priority, a.interval, time};
}

// Fielded routers cut their skew time and wake early: a little less than three intervals is silence enough.
bool is_silent(const Speaker& one, Duration time) {
    return time - one.last_heard >= one.interval * 27 / 10;
}

bool there_are_two(const VirtualRouter& vr) {
    return vr.rival && vr.rival_words >= kRivalWords;
}

void forget_rival(VirtualRouter& vr) {
    vr.rival.reset();
    vr.rival_words = 0;
}

MasterChange rival_gone(VirtualRouter& vr, Duration time, VisibleCause cause, MasterChange change) {
    change.cause = cause;
    change.from = vr.rival->address;
    change.to = vr.master->address;
    change.silence = time - vr.rival->last_heard;
    forget_rival(vr);
    return change;
}

std::optional<MasterChange> resignation(VirtualRouter& vr, Duration time, const Advertisement& a,
                                        MasterChange change) {
    if (there_are_two(vr) && vr.rival->address == a.source)
        return rival_gone(vr, time, VisibleCause::resigned, change);
    // Only a master can resign; a capture that begins with a resignation shows that much of what was before.
    const bool unseen_master = vr.changes == 0;
    if (!unseen_master && (!vr.master || vr.master->address != a.source)) return std::nullopt;
    change.cause = VisibleCause::resigned;
    change.from = a.source;
    if (vr.master) change.silence = time - vr.master->last_heard;
    vr.master.reset();
    vr.resigned_at = time;
    return change;
}

// The master speaks: what its words show is who was silent.
std::optional<MasterChange> masters_word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                         MasterChange change) {
    const Speaker before = *vr.master;
    vr.master = speaker(time, a);
    if (is_silent(before, time)) { // and nobody took over
        change.cause = VisibleCause::silence;
        change.to = a.source;
        change.silence = time - before.last_heard;
        forget_rival(vr);
        return change;
    }
    if (!vr.rival || !is_silent(*vr.rival, time)) return std::nullopt;
    if (there_are_two(vr)) return rival_gone(vr, time, VisibleCause::silence, change);
    forget_rival(vr);
    return std::nullopt;
}

// A lesser one speaks while the master lives.
std::optional<MasterChange> rivals_word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                        MasterChange change) {
    if (vr.rival && vr.rival->address != a.source) forget_rival(vr);
    vr.rival = speaker(time, a);
    if (++vr.rival_words != kRivalWords) return std::nullopt;
    change.cause = VisibleCause::two_masters;
    change.from = change.to = vr.master->address;
    change.rival = a.source;
    return change;
}

// Why somebody else than the master may be it now; nothing when it is a rival.
std::optional<VisibleCause> cause_to_follow(const VirtualRouter& vr, Duration time, const Advertisement& a) {
    if (!vr.master) return vr.changes == 0 ? VisibleCause::first_heard : VisibleCause::after_resigning;
    if (is_silent(*vr.master, time)) return VisibleCause::silence;
    if (a.priority > vr.master->priority) return VisibleCause::higher_priority;
    if (a.priority == vr.master->priority && a.source > vr.master->address)
        return VisibleCause::higher_address;
    return std::nullopt;
}

MasterChange follow(VirtualRouter& vr, Duration time, const Advertisement& a, VisibleCause cause,
                    MasterChange change) {
    change.cause = cause;
    change.to = a.source;
    if (vr.master) {
        change.from = vr.master->address;
        change.silence = time - vr.master->last_heard;
    } else if (cause == VisibleCause::after_resigning) {
        change.silence = time - vr.resigned_at;
    }
    vr.master = speaker(time, a);
    forget_rival(vr);
    return change;
}

std::optional<MasterChange> word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                 const MasterChange& change) {
    if (a.priority == vrrp::wire::kPriorityResign) return resignation(vr, time, a, change);
    if (vr.master && vr.master->address == a.source) return masters_word(vr, time, a, change);
    if (const auto cause = cause_to_follow(vr, time, a)) return follow(vr, time, a, *cause, change);
    return rivals_word(vr, time, a, change);
}

} // namespace

std::optional<MasterChange> MasterTimeline::heard(Duration time, const Advertisement& a) {
    const VirtualRouterKey key{a.vlan, a.source.family(), a.version, a.vrid};
    VirtualRouter& vr = virtual_routers_[key];
    ++vr.advertisements;
    MasterChange blank;
    blank.key = key;
    const auto change = word(vr, time, a, blank);
    if (change) ++vr.changes;
    return change;
}

std::vector<MasterChange> MasterTimeline::end(Duration time) {
    std::vector<MasterChange> changes;
    for (auto& [key, vr] : virtual_routers_) {
        if (!vr.master || !is_silent(*vr.master, time)) continue;
        changes.push_back({.key = key,
                           .from = vr.master->address,
                           .to = std::nullopt,
                           .cause = VisibleCause::silence,
                           .rival = std::nullopt,
                           .silence = time - vr.master->last_heard});
        vr.master.reset();
        ++vr.changes;
    }
    return changes;
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
