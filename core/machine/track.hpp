// One health check as the router sees it: from single results to what counts.
#pragma once

#include "core/machine/event.hpp"
#include "core/machine/track_config.hpp"

#include <tuple>

namespace vrrp {

// What the checks that a virtual router uses make of it.
struct CheckVerdict {
    enum class Fitness : std::uint8_t {
        fit,
        unknown, // a check has had no result yet: who is not in the election waits for it
        failed   // a check without a weight fails
    };
    Fitness fitness = Fitness::fit;
    ShortText culprit; // the check that is unknown, or has failed
    int sum = 0;       // of the weights
};

// A pure value.
// 1. The first result counts at once: before it the check is unknown.
// 2. Then `fall` failures in a row count. A check that failed counts as passing again when it has passed `rise` times in
//    a row, and for `hold`: one that flaps fails.
// 3. One that is asked is asked every `interval`, from one start to the next, but not before it has answered. One that
//    tells by itself is started once.
// 4. The number in a file is what it adds. A smaller one counts at once; a greater one when it has stayed for `hold`.
class Track {
  public:
    explicit Track(TrackConfig config) : config_(std::move(config)) {}

    void start(TimePoint now);
    // A process before this one knew it so.
    void resume(TimePoint now, CheckState state, std::string_view reason, int number);
    bool ask(TimePoint now); // whether it is to be asked now

    // Both are true when its state has changed, or what it adds.
    bool told(TimePoint now, bool ok, std::string_view reason, int number = 0);
    bool deadline_reached(TimePoint now) { return settle(now); }
    TimePoint next_deadline() const;

    // Whether results of before still say something; then it may be told the rest of the configuration.
    bool looks_at_the_same(const TrackConfig& next) const;
    bool reconfigure(TimePoint now, const TrackConfig& next); // true when its state has changed

    const TrackConfig& config() const { return config_; }
    CheckState state() const { return state_; }
    TimePoint since() const { return since_; } // when it entered its state
    std::string_view reason() const { return reason_.view(); }
    int adds() const;                      // to the priority of who uses it
    int number() const { return number_; } // of a file: what counts
    bool rules_out() const { return state_ == CheckState::fails && !config_.weight && !config_.is_file(); }

    // The hash does without the configuration.
    auto fields() const {
        return std::tie(state_, since_, reason_, ok_, ok_since_, in_a_row_, asked_, next_ask_, number_, read_,
                        read_since_);
    }
    friend bool operator==(const Track& a, const Track& b) {
        return a.config_ == b.config_ && a.fields() == b.fields();
    }

  private:
    bool settle(TimePoint now);
    bool settle_number(TimePoint now);
    CheckState judge(TimePoint now) const;
    TimePoint held_until() const;
    TimePoint number_held_until() const;

    TrackConfig config_;
    CheckState state_ = CheckState::unknown;
    TimePoint since_{};
    ShortText reason_; // of the last result
    bool ok_ = false;  // the last result
    TimePoint ok_since_{};
    unsigned in_a_row_ = 0; // equal results, counted as far as they matter
    TimePoint asked_{}, next_ask_ = kNever;
    int number_ = 0, read_ = 0; // of a file: what counts, and what it says
    TimePoint read_since_{};
};

} // namespace vrrp
