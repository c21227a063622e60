// A replay in words and as JSON lines.
#pragma once

#include "tools/vrrplab/replay/master_timeline.hpp"
#include "tools/vrrplab/replay/packet_verdict.hpp"

#include <map>
#include <string>

namespace vrrplab {

// What a replay found in all.
struct ReplaySummary {
    std::uint64_t frames = 0, packets = 0, accepted = 0;
    std::map<std::string, std::uint64_t> refused; // by the reason's code
};

// `time` is since the capture's first frame. JSON is one object, without a newline. Text keeps to
// kTextColumns: what is longer continues on a second line.
inline constexpr std::size_t kTextColumns = 100;

std::string packet_text(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded);
std::string packet_json(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded);

std::string change_text(Duration time, const MasterChange& change);
std::string change_json(std::uint64_t frame, Duration time, const MasterChange& change);

std::string summary_text(const ReplaySummary& summary, const MasterTimeline& timeline);
std::string summary_json(const ReplaySummary& summary, const MasterTimeline& timeline);

} // namespace vrrplab
