// Who speaks VRRP for virtual routers that are not ours.
#pragma once

#include "core/net/ip_address.hpp"

#include <algorithm>
#include <vector>

namespace vrrp {

struct ForeignSpeaker {
    IpAddress source;
    std::uint8_t vrid = 0;
    friend bool operator==(const ForeignSpeaker&, const ForeignSpeaker&) = default;
};

// Of one interface. One process for each virtual router is an ordinary way to run them, so another's
// advertisements are no fault: each speaker is told once. Who forges speakers fills the table, and then no
// further one is told; all are counted.
class ForeignSpeakers {
  public:
    static constexpr std::size_t kCapacity = 64;

    // True when it is to be told.
    bool is_new(const ForeignSpeaker& speaker) {
        if (list_.size() == kCapacity || std::ranges::find(list_, speaker) != list_.end()) return false;
        list_.push_back(speaker);
        return true;
    }

    const std::vector<ForeignSpeaker>& list() const { return list_; } // in the order of their first word

  private:
    std::vector<ForeignSpeaker> list_;
};

} // namespace vrrp
