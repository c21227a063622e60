#include "tools/vrrplab/sweep/kept.hpp"

#include "netsim/scenario/write.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace vrrplab {

std::string kept_text(vrrp::sim::Scenario scenario, const vrrp::sim::Failure& failure,
                      const std::string& origin) {
    const std::string subject = failure.subject.empty() ? "" : fmt::format(", of {}", failure.subject);
    scenario.about = fmt::format("In '{}', {} s:\n{}.\nFound by {}\n", scenario.title,
                                 vrrp::sim::time_text(failure.at), failure.seen, origin);
    scenario.title = vrrp::sim::parse_invariant(failure.kind)
                         ? fmt::format("Violates {}{}", failure.kind, subject)
                         : fmt::format("Fails: {}", failure.expected);
    return scenario_text(scenario);
}

std::string again_command(const std::string& file, std::uint64_t seed, bool shuffle) {
    return fmt::format("vrrplab sweep --seeds {}{} {}", seed, shuffle ? " --shuffle" : "", file);
}

std::string kept_name(const std::string& file, const std::string& kind, const std::string& which) {
    std::string name = fmt::format("{}_{}_{}", std::filesystem::path(file).stem().string(), kind, which);
    for (char& c : name)
        if (c == ' ' || c == '/' || c == '<') c = '_';
    return name + ".toml";
}

} // namespace vrrplab
