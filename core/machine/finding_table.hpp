// What is odd about the network as one virtual router sees it: a finding is a state and lasts until it is gone.
#pragma once

#include "core/machine/event.hpp"

#include <utility>

namespace vrrp {

struct StandingFinding {
    Finding what;
    TimePoint since{}, last_seen{};
    std::uint64_t count = 0; // how often it was seen
    bool told = false;       // it has its line in the journal

    auto fields() const { return std::tie(what, since, last_seen, count, told); }
    friend bool operator==(const StandingFinding&, const StandingFinding&) = default;
};

// 1. A finding is one kind about one source, in the order in which they began.
// 2. It is gone when its source shows the contrary, or has shown nothing for as long as forget_unseen() says.
// 3. It is to be told once, and again when its details change. Told is not journalled: whoever swallows the
//    line says so by not_told(), and it is told later.
// 4. The table is bounded, for sources can be forged: the finding that was seen longest ago makes room.
class FindingTable {
  public:
    static constexpr std::size_t kCapacity = 16;

    // True when it is to be told now.
    bool seen(TimePoint now, const Finding& finding);
    void gone(FindingKind kind, const IpAddress& source);
    void gone(FindingKind kind);
    void forget_unseen(TimePoint since);
    void clear() { list_.clear(); }

    void not_told(FindingKind kind, const IpAddress& source);
    bool all_told() const { return std::ranges::all_of(list_, &StandingFinding::told); }
    // Marks all as told, and hands each that was not to `tell`.
    template <typename Tell>
    void tell_rest(Tell&& tell) {
        for (StandingFinding& one : list_)
            if (!std::exchange(one.told, true)) tell(one.what);
    }

    bool empty() const { return list_.empty(); }
    const std::vector<StandingFinding>& list() const { return list_; }

    auto fields() const { return std::tie(list_); }
    friend bool operator==(const FindingTable&, const FindingTable&) = default;

  private:
    std::vector<StandingFinding>::iterator find(FindingKind kind, const IpAddress& source);

    std::vector<StandingFinding> list_;
};

} // namespace vrrp
