// A replay in words and as JSON lines.
#pragma once

#include "tools/vrrplab/replay/findings.hpp"
#include "tools/vrrplab/replay/packet_verdict.hpp"

#include <map>
#include <string>

namespace vrrplab {

// What a replay found in all.
struct ReplaySummary {
    std::uint64_t frames = 0, packets = 0, accepted = 0;
    std::uint64_t unreadable = 0;                 // frames of links that cannot be read
    Duration begins{}, ends{};                    // by the capturing machine's clock, since 1970
    std::map<std::string, std::uint64_t> refused; // by the reason's code
};

// `time` is since the capture's first frame. JSON is one object, without a newline. Text keeps to
// kTextColumns: what is longer continues on a second line.
inline constexpr std::size_t kTextColumns = 100;

std::string packet_text(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded);
std::string packet_json(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded);

// The number of the frame that shows it; `begins` is the wall clock of time 0.
std::string change_text(std::uint64_t frame, const MasterChange& change);
std::string change_json(std::uint64_t frame, const MasterChange& change, Duration begins);

std::string finding_text(const Finding& finding);
std::string finding_json(const Finding& finding);

// Was the gateway lost, why, and what to change: a paragraph.
std::string verdict_text(const ReplaySummary& summary, const std::vector<Finding>& findings);
std::string verdict_json(const ReplaySummary& summary, const std::vector<Finding>& findings);

std::string summary_text(const ReplaySummary& summary, const MasterTimeline& timeline);
std::string summary_json(const ReplaySummary& summary, const MasterTimeline& timeline);

} // namespace vrrplab
