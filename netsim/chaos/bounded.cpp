#include "netsim/chaos/bounded.hpp"

#include "netsim/chaos/chaos.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

bool runs_vrrpd(const NodePlan& node) {
    return !node.run.empty();
}

class Sentences {
  public:
    explicit Sentences(const Scenario& scenario) : vocabulary_(vocabulary_of(scenario)) {}

    void add(const std::string& text, bool is_action, std::vector<Sentence>& into) const {
        if (auto parsed = parse_sentence(text, is_action, vocabulary_))
            into.push_back({{}, text, parsed->first, std::move(parsed->second)});
    }

  private:
    Vocabulary vocabulary_;
};

Step start_of_all(const Scenario& scenario, const Sentences& sentences, Duration at) {
    Step start{.at = at};
    for (const NodePlan& node : scenario.nodes)
        if (runs_vrrpd(node)) sentences.add("start " + node.name, true, start.actions);
    return start;
}

} // namespace

bool has_router(const Scenario& scenario) {
    return std::ranges::any_of(scenario.nodes, runs_vrrpd);
}

Scenario bounded_world(Scenario scenario, Duration until) {
    const Sentences sentences(scenario);
    const ChaosPlan plan = scenario.chaos.value_or(ChaosPlan{});
    std::vector<Step> steps;
    for (const Step& step : scenario.steps)
        if (!step.actions.empty() && step.at < until)
            steps.push_back({.at = step.at, .actions = step.actions});
    steps.push_back(start_of_all(scenario, sentences, until));
    Step end{.at = until + plan.quiet.value_or(settling_time(scenario))};
    if (plan.expect)
        end.expectations = *plan.expect;
    else
        for (const std::string& text : well_being(scenario))
            sentences.add(text, false, end.expectations);
    scenario.ends = end.at + std::chrono::seconds(2); // in which nobody changes state
    for (const Sentence& one : end.expectations)
        scenario.ends = std::max(scenario.ends, end.at + one.arguments.bound.value_or(Duration{}) +
                                                    std::chrono::milliseconds(1));
    steps.push_back(std::move(end));
    scenario.steps = std::move(steps);
    scenario.chaos.reset();
    scenario.seed.reset();
    scenario.choices.reset();
    return scenario;
}

} // namespace vrrp::sim
