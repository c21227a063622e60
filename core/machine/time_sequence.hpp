// The sequence numbers of HMAC trailers (draft-cassen-vrrp-auth-hmac-00): the time of day in 64 bits, so that who starts
// anew goes on from where it was without a memory. 32 bits are seconds since 1970, 16 fractions of one, 16 a counter.
// They wrap, and are compared as RFC 1982 has it.
#pragma once

#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/time.hpp"

#include <array>
#include <optional>

namespace vrrp {

constexpr std::uint64_t sequence_at(Duration since_1970) {
    using namespace std::chrono_literals;
    const auto seconds = static_cast<std::uint64_t>(since_1970 / 1s);
    const auto rest = static_cast<std::uint64_t>((since_1970 % 1s).count());
    return seconds << 32 | (rest << 16) / 1'000'000'000 << 16;
}

constexpr bool is_after(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a - b) > 0;
}

// How far the two are apart, in whole seconds.
constexpr Duration apart(std::uint64_t a, std::uint64_t b) {
    const auto difference =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(a >> 32) - static_cast<std::uint32_t>(b >> 32));
    return std::chrono::seconds(difference < 0 ? -std::int64_t{difference} : std::int64_t{difference});
}

// What one virtual router has sent, and has accepted of others. `clock` is the sequence number of now, and `window` how
// far a sender's may be from it; none: the clocks may show anything, and only order counts.
//
// A source counts by itself: two masters that speak at the same moment do not make one another deaf. What lies outside
// of the window says nothing any more, so that a clock that was wrong and has been set is forgiven at once.
class TimeSequence {
  public:
    static constexpr std::size_t kSources = 8;
    using Window = std::optional<Duration>;

    std::uint64_t next(std::uint64_t clock, Window window) {
        const bool goes_on = sent_ && !is_after(clock, *sent_) && is_fresh(*sent_, clock, window);
        sent_ = goes_on ? *sent_ + 1 : clock;
        return *sent_;
    }

    static bool is_fresh(std::uint64_t sequence, std::uint64_t clock, Window window) {
        return !window || apart(sequence, clock) <= *window;
    }

    bool is_replay(const IpAddress& source, std::uint64_t sequence, std::uint64_t clock,
                   Window window) const {
        const auto known = std::ranges::find(sources_, source, &Source::address);
        return known != sources_.end() && is_fresh(known->last, clock, window) &&
               !is_after(sequence, known->last);
    }

    // The oldest makes room.
    void heard(const IpAddress& source, std::uint64_t sequence) {
        auto place = std::ranges::find(sources_, source, &Source::address);
        if (place == sources_.end()) place = std::ranges::min_element(sources_, {}, &Source::last);
        *place = {source, sequence};
    }

    auto fields() const { return std::tie(sent_, sources_); }

  private:
    struct Source {
        IpAddress address;
        std::uint64_t last = 0;
        auto fields() const { return std::tie(address, last); }
        friend bool operator==(const Source&, const Source&) = default;
    };
    std::optional<std::uint64_t> sent_;
    std::array<Source, kSources> sources_{};
};

} // namespace vrrp
