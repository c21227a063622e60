#include "netsim/chaos/futures.hpp"

#include "netsim/report/record.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::sim {

namespace {

bool is_mishap(ChoiceKind kind) {
    return kind == ChoiceKind::loss || kind == ChoiceKind::crash;
}

} // namespace

void ForkedChoices::opened(std::string_view name, ChoiceKind kind) {
    before_.opened(name, kind);
    static_cast<Choices&>(after_).opened(name, kind);
    streams_.push_back({std::string(name), kind});
}

// Nobody, where nothing out of the ordinary is to come of it.
Choices* ForkedChoices::source(ChoiceStream stream) {
    if (now() <= fork_) return &before_;
    return is_mishap(streams_[static_cast<std::size_t>(stream)].kind) ? nullptr : &after_;
}

std::uint64_t ForkedChoices::choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) {
    Choices* const source = this->source(stream);
    if (source == nullptr) return 0;
    const std::uint64_t value = source->choose(stream, index, n);
    note(stream, index, value, n);
    return value;
}

bool ForkedChoices::happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) {
    Choices* const source = this->source(stream);
    if (source == nullptr) return false;
    const bool happened = source->happens(stream, index, times, n);
    if (times != 0 && times != n) note(stream, index, happened ? 1 : 0, 2);
    return happened;
}

void ForkedChoices::note(ChoiceStream stream, std::uint64_t index, std::uint64_t value, std::uint64_t of) {
    if (log_ != nullptr && of > 1)
        log_->push_back({now(), {streams_[static_cast<std::size_t>(stream)].name, index, value, of}});
}

std::optional<Past> Past::of(Case failing, const Failure& failure) {
    Past past(std::move(failing), failure);
    auto result = past.run(past.case_, kNever, 0, &past.made_);
    const Failure* const same = result ? past.same_in(*result) : nullptr;
    if (same == nullptr) return std::nullopt;
    past.failed_at_ = same->at;
    past.journal_ = std::move(result->journal);
    past.turns_.push_back(kStart);
    for (const Strike& strike : past.case_.strikes)
        past.turns_.push_back(kStart + strike.at);
    for (const ForkedChoices::Made& made : past.made_)
        past.turns_.push_back(made.time);
    std::ranges::sort(past.turns_);
    const auto [repeated, end] = std::ranges::unique(past.turns_);
    past.turns_.erase(repeated, end);
    std::erase_if(past.turns_, [&](TimePoint one) { return one < kStart || one > past.failed_at_; });
    return past;
}

std::optional<RunResult> Past::run(const Case& one, TimePoint fork, std::uint64_t future,
                                   std::vector<ForkedChoices::Made>* made) const {
    const Scenario scenario = whole(one);
    SeededChoices seeded(scenario.seed.value_or(1));
    std::optional<RecordedChoices> recorded;
    if (scenario.choices) recorded.emplace(*scenario.choices);
    ForkedChoices choices(recorded ? static_cast<Choices&>(*recorded) : seeded, fork, future);
    if (made != nullptr) choices.log(*made);
    try {
        return run_scenario(scenario, choices);
    } catch (const SimulationLimit&) {
        return std::nullopt; // that is another failure
    }
}

const Failure* Past::same_in(const RunResult& result) const {
    const auto same = std::ranges::find_if(result.failures, [&](const Failure& failure) {
        return failure.kind == wanted_.kind && failure.subject == wanted_.subject;
    });
    return same == result.failures.end() ? nullptr : &*same;
}

bool Past::fails(TimePoint until, std::uint64_t future) const {
    Case other{.world = case_.world, .strikes = {}};
    std::uint64_t number = 0;
    for (const Strike& strike : case_.strikes) {
        const bool happens = StableHash().add(future).add("strike").add(number++).value() % 2 != 0;
        if (kStart + strike.at <= until || happens) other.strikes.push_back(strike);
    }
    const auto result = run(other, until, future, nullptr);
    return result && same_in(*result) != nullptr;
}

Moment Past::moment(TimePoint time) const {
    Moment moment{.time = time, .what = {}};
    for (const Strike& strike : case_.strikes)
        if (kStart + strike.at == time) moment.what.push_back(strike.what.text);
    for (const ForkedChoices::Made& made : made_)
        if (made.time == time)
            moment.what.push_back(fmt::format("{} {} = {} of {}", made.pick.stream, made.pick.index,
                                              made.pick.value, made.pick.of));
    for (const Record& record : journal_.records())
        if (record.time == time && !std::holds_alternative<Fault>(record.what))
            moment.what.push_back(record.who + " " + to_text(record));
    return moment;
}

} // namespace vrrp::sim
