#include "netsim/engine/choices.hpp"

#include "netsim/engine/event_queue.hpp"

#include <algorithm>
#include <cassert>

namespace vrrp::sim {

ChoiceStream Choices::stream(std::string_view name, ChoiceKind kind) {
    const auto known = std::ranges::find(streams_, name, &Stream::name);
    const auto id = static_cast<ChoiceStream>(known - streams_.begin());
    if (known == streams_.end()) {
        streams_.push_back({std::string(name)});
        opened(name, kind);
    }
    return id;
}

std::uint64_t Choices::pick(ChoiceStream stream, std::uint64_t n) {
    assert(n != 0);
    Stream& chosen = streams_[static_cast<std::size_t>(stream)];
    const std::uint64_t value = choose(stream, chosen.index, n);
    if (recording_) note(chosen, value, n);
    ++chosen.index;
    return value;
}

bool Choices::chance(ChoiceStream stream, std::uint64_t times, std::uint64_t n) {
    assert(times <= n && n != 0);
    Stream& chosen = streams_[static_cast<std::size_t>(stream)];
    const bool happened = happens(stream, chosen.index, times, n);
    if (recording_) note(chosen, happened ? 1 : 0, 2);
    ++chosen.index;
    return happened;
}

TimePoint Choices::now() const {
    return clock_ == nullptr ? TimePoint{} : clock_->now();
}

void Choices::note(const Stream& stream, std::uint64_t value, std::uint64_t of) {
    if (value != 0) picks_.push_back({stream.name, stream.index, value, of});
}

// --- By a seed

std::uint64_t SeededChoices::choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) {
    return StableHash(streams_[static_cast<std::size_t>(stream)]).add(index).value() % n;
}

bool SeededChoices::happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t n) {
    return choose(stream, index, n) >= n - times;
}

// --- From a list

RecordedChoices::RecordedChoices(const std::vector<Pick>& picks) {
    for (const Pick& pick : picks)
        values_[pick.stream][pick.index] = pick.value;
}

void RecordedChoices::opened(std::string_view name, ChoiceKind) {
    const auto found = values_.find(name);
    streams_.push_back(found == values_.end() ? nullptr : &found->second);
}

std::uint64_t RecordedChoices::choose(ChoiceStream stream, std::uint64_t index, std::uint64_t n) {
    const Values* values = streams_[static_cast<std::size_t>(stream)];
    if (values == nullptr) return 0;
    const auto found = values->find(index);
    return found == values->end() ? 0 : std::min(found->second, n - 1);
}

bool RecordedChoices::happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times, std::uint64_t) {
    return times != 0 && choose(stream, index, 2) != 0;
}

// --- All of them

EnumeratedChoices::EnumeratedChoices(const Budgets& budgets, Path path)
    : left_{0, budgets.losses, budgets.crashes, budgets.reorders}, path_(std::move(path)) {}

std::uint64_t EnumeratedChoices::choose(ChoiceStream stream, std::uint64_t, std::uint64_t n) {
    const ChoiceKind kind = kinds_[static_cast<std::size_t>(stream)];
    if (closed_ || n == 1 || kind == ChoiceKind::chance) return 0;
    const std::uint32_t at = choices_++;
    unsigned& left = left_[static_cast<std::size_t>(kind)];
    if (taken_ < path_.size()) {
        if (path_[taken_].at != at) return 0;
        --left;
        return path_[taken_++].value;
    }
    for (std::uint32_t value = 1; left != 0 && value < n; ++value)
        turns_.push_back({at, value});
    return 0;
}

bool EnumeratedChoices::happens(ChoiceStream stream, std::uint64_t index, std::uint64_t times,
                                std::uint64_t n) {
    if (times == 0 || times == n) return times == n;
    return choose(stream, index, 2) != 0;
}

} // namespace vrrp::sim
