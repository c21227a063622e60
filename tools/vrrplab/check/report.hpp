// What a check tells, for a person, for GitHub, and for programs.
#pragma once

#include "core/config/together/objections.hpp"
#include "netsim/check/outcome.hpp"

namespace vrrplab {

// A story that was run.
struct CheckedStory {
    std::string name, title;
    std::optional<vrrp::Duration> bound;
    std::vector<const char*> excuses;
    vrrp::sim::StoryOutcome outcome;
    std::uint64_t seed = 1; // that showed it
    std::string in_short{}; // what failed first; empty when all held
    std::string again{};    // the command that shows it
    std::string kept{};     // the file that it was written to
    std::uint32_t line = 0; // in that, of what failed
    bool passed() const { return in_short.empty(); }
};

inline constexpr std::size_t kCheckWidth = 80;

// Lines of at most kCheckWidth columns: which interfaces are on which network, and which hosts ask there.
std::string site_legend(const vrrp::sim::Site& site);

// A row for each story, at most kCheckWidth wide. Letters in it stand for the reasons below it why there is no bound.
std::string story_table(std::span<const CheckedStory> stories, bool colour);

// "gw2.toml:4:12: wrong: gw2 eth0 vrid 51: lacks 10.16.1.200": one line each.
std::string objection_lines(std::span<const vrrp::config::Objection> objections);

// "12 faults: 11 held, 1 did not. The configurations: 1 thing is wrong, 2 to look at."
std::string check_summary(std::span<const CheckedStory> stories,
                          std::span<const vrrp::config::Objection> objections);

// Workflow commands of GitHub Actions: one for each objection and each story that failed.
std::string github_annotations(std::span<const CheckedStory> stories,
                               std::span<const vrrp::config::Objection> objections);

// The same as Markdown, for its summary page.
std::string markdown_summary(std::span<const CheckedStory> stories,
                             std::span<const vrrp::config::Objection> objections);

// One object on a line each, of kind "objection" and "check".
std::string objection_json(const vrrp::config::Objection& objection);
std::string story_json(const CheckedStory& story);

} // namespace vrrplab
