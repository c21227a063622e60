#include "tools/vrrplab/replay/master_timeline.hpp"

#include "core/machine/timers.hpp"

#include <algorithm>

namespace vrrplab {
namespace {

using vrrp::wire::Advertisement;
using vrrp::wire::kPriorityOwner;
using Speaker = MasterTimeline::Speaker;
using VirtualRouter = MasterTimeline::VirtualRouter;

// One word of a lesser one is a farewell or crossed the better one's on the wire; two in a row are a second
// master.
constexpr unsigned kRivalWords = 2;

Speaker speaker(Duration time, const Advertisement& a) {
    return {a.source, a.priority, a.interval, a.version, time};
}

bool is_silent(const Speaker& one, Duration time) {
    return time - one.last_heard >= silence_after(one.interval);
}

bool is_master_too(const Speaker& rival) {
    return rival.words >= kRivalWords;
}

bool are_several(const VirtualRouter& vr) {
    return std::ranges::any_of(vr.rivals, is_master_too);
}

// Who is left is master when the one before has gone: the best of those that have gone on speaking.
std::optional<Speaker> take_best(VirtualRouter& vr, Duration time) {
    auto best = vr.rivals.end();
    for (auto one = vr.rivals.begin(); one != vr.rivals.end(); ++one) {
        if (!is_master_too(*one) || is_silent(*one, time)) continue;
        if (best == vr.rivals.end() ||
            std::pair(one->priority, one->address) > std::pair(best->priority, best->address))
            best = one;
    }
    if (best == vr.rivals.end()) return std::nullopt;
    const Speaker taken = *best;
    vr.rivals.erase(best);
    return taken;
}

MasterChange rival_gone(const VirtualRouter& vr, const Speaker& gone, Duration time, VisibleCause cause,
                        MasterChange change) {
    change.cause = cause;
    change.from = gone.address;
    change.to = vr.master->address;
    change.silence = time - gone.last_heard;
    change.ends_split = !are_several(vr);
    return change;
}

std::optional<MasterChange> resignation(VirtualRouter& vr, Duration time, const Advertisement& a,
                                        MasterChange change) {
    const auto rival = std::ranges::find(vr.rivals, a.source, &Speaker::address);
    if (vr.master && rival != vr.rivals.end()) {
        const Speaker gone = *rival;
        vr.rivals.erase(rival);
        if (!is_master_too(gone)) return std::nullopt;
        return rival_gone(vr, gone, time, VisibleCause::resigned, change);
    }
    // Only a master can resign; a capture that begins with a resignation shows that much of what was before.
    const bool unseen_master = vr.changes == 0;
    if (!unseen_master && (!vr.master || vr.master->address != a.source)) return std::nullopt;
    change.cause = VisibleCause::resigned;
    change.from = a.source;
    if (vr.master) change.silence = time - vr.master->last_heard;
    vr.master = take_best(vr, time);
    vr.resigned_at = time;
    if (!vr.master) return change;
    change.to = vr.master->address;
    change.ends_split = !are_several(vr);
    return change;
}

// The first rival that has fallen silent is told, if it was master too; the others at the master's next words.
std::optional<MasterChange> silent_rival(VirtualRouter& vr, Duration time, const MasterChange& change) {
    std::erase_if(vr.rivals, [&](const Speaker& one) { return !is_master_too(one) && is_silent(one, time); });
    const auto silent =
        std::ranges::find_if(vr.rivals, [&](const Speaker& one) { return is_silent(one, time); });
    if (silent == vr.rivals.end()) return std::nullopt;
    const Speaker gone = *silent;
    vr.rivals.erase(silent);
    return rival_gone(vr, gone, time, VisibleCause::silence, change);
}

// The master speaks: what its words show is who was silent.
std::optional<MasterChange> masters_word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                         MasterChange change) {
    const Speaker before = *vr.master;
    vr.master = speaker(time, a);
    if (!is_silent(before, time)) return silent_rival(vr, time, change);
    // And nobody took over.
    change.cause = VisibleCause::silence;
    change.to = a.source;
    change.silence = time - before.last_heard;
    vr.rivals.clear();
    return change;
}

// Another one speaks while the master lives, and that one does not have to yield to it.
std::optional<MasterChange> rivals_word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                        MasterChange change) {
    auto rival = std::ranges::find(vr.rivals, a.source, &Speaker::address);
    if (rival == vr.rivals.end()) rival = vr.rivals.insert(rival, Speaker{.address = a.source});
    const unsigned words = is_silent(*rival, time) ? 0 : rival->words;
    *rival = speaker(time, a);
    rival->words = words + 1;
    if (rival->words != kRivalWords) return std::nullopt;
    change.cause = VisibleCause::two_masters;
    change.from = change.to = vr.master->address;
    change.rival = a.source;
    return change;
}

// Why somebody else than the master may be it now; nothing when it is a rival. An owner never yields.
std::optional<VisibleCause> cause_to_follow(const VirtualRouter& vr, Duration time, const Advertisement& a) {
    if (!vr.master) return vr.changes == 0 ? VisibleCause::first_heard : VisibleCause::after_resigning;
    if (is_silent(*vr.master, time)) return VisibleCause::silence;
    if (a.priority > vr.master->priority) return VisibleCause::higher_priority;
    if (a.priority == vr.master->priority && a.priority != kPriorityOwner && a.source > vr.master->address)
        return VisibleCause::higher_address;
    return std::nullopt;
}

MasterChange follow(VirtualRouter& vr, Duration time, const Advertisement& a, VisibleCause cause,
                    MasterChange change) {
    change.cause = cause;
    change.to = a.source;
    const auto rival = std::ranges::find(vr.rivals, a.source, &Speaker::address);
    const bool was_master_too = rival != vr.rivals.end() && is_master_too(*rival);
    if (rival != vr.rivals.end()) vr.rivals.erase(rival);
    std::erase_if(vr.rivals, [&](const Speaker& one) { return is_silent(one, time); });
    if (vr.master) {
        change.from = vr.master->address;
        change.silence = time - vr.master->last_heard;
        if (!is_silent(*vr.master, time)) vr.rivals.push_back(*vr.master); // it has to fall silent now
    } else if (cause == VisibleCause::after_resigning) {
        change.silence = time - vr.resigned_at;
    }
    change.ends_split = was_master_too && cause == VisibleCause::silence && !are_several(vr);
    vr.master = speaker(time, a);
    return change;
}

std::optional<MasterChange> word(VirtualRouter& vr, Duration time, const Advertisement& a,
                                 const MasterChange& change) {
    if (a.priority == vrrp::wire::kPriorityResign) return resignation(vr, time, a, change);
    if (vr.master && vr.master->address == a.source) return masters_word(vr, time, a, change);
    if (const auto cause = cause_to_follow(vr, time, a)) return follow(vr, time, a, *cause, change);
    return rivals_word(vr, time, a, change);
}

// Somebody would have taken over by then.
Duration death(const Speaker& one) {
    return one.last_heard + vrrp::master_down_interval(one.version, one.priority, one.interval);
}

} // namespace

std::vector<IpAddress> MasterTimeline::VirtualRouter::masters() const {
    std::vector<IpAddress> all;
    if (master) all.push_back(master->address);
    for (const Speaker& one : rivals)
        if (is_master_too(one)) all.push_back(one.address);
    return all;
}

std::optional<MasterChange> MasterTimeline::heard(Duration time, const Advertisement& a,
                                                  std::uint32_t interface) {
    const VirtualRouterKey key{interface, a.vlan, a.source.family(), a.vrid};
    VirtualRouter& vr = virtual_routers_[key];
    ++vr.advertisements;
    vr.addresses.resize(a.addresses.size());
    for (std::size_t i = 0; i < a.addresses.size(); ++i)
        vr.addresses[i] = a.addresses[i];
    MasterChange blank;
    blank.key = key;
    blank.version = a.version;
    blank.at = time;
    const auto change = word(vr, time, a, blank);
    if (change) ++vr.changes;
    return change;
}

std::vector<MasterChange> MasterTimeline::end(Duration time) {
    std::vector<MasterChange> changes;
    for (auto& [key, vr] : virtual_routers_) {
        std::erase_if(vr.rivals, [&](const Speaker& one) { return is_silent(one, time); });
        if (!vr.master || !is_silent(*vr.master, time)) continue;
        MasterChange change;
        change.key = key;
        change.version = vr.master->version;
        change.from = vr.master->address;
        change.cause = VisibleCause::silence;
        change.silence = time - vr.master->last_heard;
        change.at = std::min(death(*vr.master), time);
        vr.master = take_best(vr, time);
        if (vr.master) change.to = vr.master->address;
        changes.push_back(change);
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
