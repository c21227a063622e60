#include "core/machine/track.hpp"

namespace vrrp {

void Track::start(TimePoint now) {
    if (!config_.is_interface()) next_ask_ = now;
}

void Track::resume(TimePoint now, CheckState state, std::string_view reason, int number) {
    if (state == CheckState::unknown) return;
    state_ = state;
    since_ = now;
    reason_ = ShortText(reason);
    ok_ = state == CheckState::passes;
    ok_since_ = now;
    number_ = read_ = std::clamp(number, -kMaxWeight, kMaxWeight);
    in_a_row_ = ok_ ? std::max(config_.rise, config_.fall) : 1;
}

bool Track::ask(TimePoint now) {
    if (now < next_ask_) return false;
    asked_ = now;
    next_ask_ = kNever;
    return true;
}

bool Track::told(TimePoint now, bool ok, std::string_view reason, int number) {
    const bool passes = ok != config_.invert;
    const bool again = in_a_row_ != 0 && passes == ok_;
    if (passes && !again) ok_since_ = now;
    in_a_row_ = again ? std::min(in_a_row_ + 1, std::max(config_.rise, config_.fall)) : 1;
    ok_ = passes;
    reason_ = ShortText(reason);
    if (read_ != number) read_since_ = now;
    read_ = number;
    if (config_.is_asked()) next_ask_ = std::max(now, asked_ + config_.interval);
    if (state_ != CheckState::unknown) return settle(now);
    state_ = passes ? CheckState::passes : CheckState::fails;
    since_ = now;
    number_ = number;
    return true;
}

bool Track::looks_at_the_same(const TrackConfig& next) const {
    return next.check == config_.check && next.invert == config_.invert &&
           next.is_asked() == config_.is_asked();
}

bool Track::reconfigure(TimePoint now, const TrackConfig& next) {
    config_ = next;
    in_a_row_ = std::min(in_a_row_, std::max(config_.rise, config_.fall));
    if (next_ask_ != kNever) next_ask_ = std::min(next_ask_, std::max(now, asked_ + config_.interval));
    return settle(now);
}

bool Track::settle(TimePoint now) {
    const bool other_number = settle_number(now);
    const CheckState next = judge(now);
    if (next == state_) return other_number;
    state_ = next;
    since_ = now;
    return true;
}

bool Track::settle_number(TimePoint now) {
    if (read_ == number_ || now < number_held_until()) return false;
    number_ = read_;
    return true;
}

CheckState Track::judge(TimePoint now) const {
    if (state_ == CheckState::passes && !ok_ && in_a_row_ >= config_.fall) return CheckState::fails;
    return held_until() <= now ? CheckState::passes : state_;
}

TimePoint Track::held_until() const {
    const bool rises = state_ == CheckState::fails && ok_ && in_a_row_ >= config_.rise;
    if (!rises) return kNever;
    return config_.is_file() ? ok_since_ : ok_since_ + config_.hold; // there its number is held
}

TimePoint Track::number_held_until() const {
    if (read_ == number_) return kNever;
    return read_ > number_ ? read_since_ + config_.hold : read_since_;
}

TimePoint Track::next_deadline() const {
    return std::min({held_until(), number_held_until(), next_ask_});
}

int Track::adds() const {
    if (config_.is_file()) return number_;
    const int weight = config_.weight.value_or(0);
    switch (state_) {
    case CheckState::unknown: return 0;
    case CheckState::passes: return std::max(weight, 0);
    case CheckState::fails: return std::min(weight, 0);
    }
    return 0;
}

} // namespace vrrp
