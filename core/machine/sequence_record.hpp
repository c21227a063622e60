// The sequence numbers of authentication headers (RFC 2402 section 3.4.3), as one virtual router keeps them.
#pragma once

#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"

#include <array>

namespace vrrp {

// Routers that share a key share the counter, as keepalived has it: who becomes master goes on from the highest
// number that it heard. Replays are told by the number of each source alone, for two masters that speak at the
// same moments use the same numbers, and would be deaf to one another for ever.
//
// A source that is not in the table may lag behind the shared counter only by what can be on its way: an older
// recording of a router that was never heard is a replay. The table holds the latest sources: the one with the
// lowest number makes room.
class SequenceRecord {
  public:
    static constexpr std::size_t kSources = 8;
    static constexpr std::uint32_t kLag = 16; // more than a router sends in one interval

    std::uint32_t next() { return ++highest_; }
    // What a process before this one has used up.
    void go_on_from(std::uint32_t highest) { highest_ = std::max(highest_, highest); }
    std::uint32_t highest() const { return highest_; } // sent or heard

    // What this source must exceed.
    std::uint32_t last_of(const IpAddress& source) const {
        const auto known = std::ranges::find(sources_, source, &Source::address);
        if (known != sources_.end()) return known->last;
        return highest_ - std::min(highest_, kLag);
    }

    void heard(const IpAddress& source, std::uint32_t sequence) {
        highest_ = std::max(highest_, sequence);
        auto place = std::ranges::find(sources_, source, &Source::address);
        if (place == sources_.end()) place = std::ranges::min_element(sources_, {}, &Source::last);
        *place = {source, sequence};
    }

    auto fields() const { return std::tie(highest_, sources_); }

  private:
    struct Source {
        IpAddress address;
        std::uint32_t last = 0; // 0: an empty place
        auto fields() const { return std::tie(address, last); }
        friend bool operator==(const Source&, const Source&) = default;
    };
    std::uint32_t highest_ = 0;
    std::array<Source, kSources> sources_{};
};

} // namespace vrrp
