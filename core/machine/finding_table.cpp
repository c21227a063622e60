#include "core/machine/finding_table.hpp"

namespace vrrp {
namespace {

// The priority of who shows it says nothing about what is wrong.
bool same_details(Finding a, const Finding& b) {
    a.priority = b.priority;
    return a == b;
}

} // namespace

bool FindingTable::seen(TimePoint now, const Finding& finding) {
    auto place = find(finding.kind, finding.source);
    if (place == list_.end()) {
        if (list_.size() == kCapacity)
            list_.erase(std::ranges::min_element(list_, {}, &StandingFinding::last_seen));
        list_.push_back({.what = finding, .since = now});
        place = list_.end() - 1;
    }
    // A line that was swallowed has its turn with tell_rest(), not with each advertisement.
    const bool news = place->count == 0 || !same_details(place->what, finding);
    place->told = place->told || news;
    place->what = finding;
    place->last_seen = now;
    ++place->count;
    return news;
}

void FindingTable::gone(FindingKind kind, const IpAddress& source) {
    if (const auto place = find(kind, source); place != list_.end()) list_.erase(place);
}

void FindingTable::gone(FindingKind kind) {
    std::erase_if(list_, [&](const StandingFinding& one) { return one.what.kind == kind; });
}

void FindingTable::forget_unseen(TimePoint since) {
    std::erase_if(list_, [&](const StandingFinding& one) { return one.last_seen <= since; });
}

void FindingTable::not_told(FindingKind kind, const IpAddress& source) {
    if (const auto place = find(kind, source); place != list_.end()) place->told = false;
}

std::vector<StandingFinding>::iterator FindingTable::find(FindingKind kind, const IpAddress& source) {
    return std::ranges::find_if(list_, [&](const StandingFinding& one) {
        return one.what.kind == kind && one.what.source == source;
    });
}

} // namespace vrrp
