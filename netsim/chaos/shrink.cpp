#include "netsim/chaos/shrink.hpp"

#include "netsim/scenario/write.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFile = "shrunk.toml";

bool is_invariant(const Failure& failure) {
    return parse_invariant(failure.kind).has_value();
}

std::vector<std::string> words_in(std::string_view text) {
    std::istringstream in{std::string(text)};
    return {std::istream_iterator<std::string>(in), {}};
}

std::vector<std::string> lines_in(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

Duration rounded(Duration time, Duration to) {
    return std::max<Duration>((time + to / 2) / to * to, Duration(1ms));
}

class Shrinker {
  public:
    Shrinker(Case from, const Failure& failure, const ShrinkProgress& progress)
        : best_(std::move(from)), wanted_(failure), progress_(progress) {}

    std::optional<Shrunk> shrink() {
        if (!try_it(best_)) return std::nullopt;
        needs_cause_ = !happens_without_cause(best_);
        cut_what_follows();
        for (std::size_t before = 0; before != size();) {
            before = size();
            drop_strikes();
            drop_choices();
            drop_expectations();
            drop_machines();
            drop_networks();
            drop_flows();
            drop_processes();
            drop_options();
        }
        shorten_list_of_choices();
        plainer_times();
        expect_what_holds();
        return result();
    }

  private:
    // --- Trying

    // The wanted failure of a run.
    std::optional<Failure> failure_of(const Case& candidate) {
        if (tries_ == kMaxTries) return std::nullopt;
        ++tries_;
        if (progress_) progress_(tries_, best_);
        const auto parsed = parse_scenario(kFile, scenario_text(whole(candidate)));
        if (!parsed) return std::nullopt;
        try {
            last_ = run_scenario(*parsed, 1);
        } catch (const SimulationLimit&) {
            return std::nullopt;
        }
        const auto same = std::ranges::find_if(last_.failures, [&](const Failure& failure) {
            return failure.kind == wanted_.kind && failure.subject == wanted_.subject;
        });
        if (same == last_.failures.end()) return std::nullopt;
        return *same;
    }

    bool happens_without_cause(const Case& candidate) {
        Case quiet = candidate;
        quiet.strikes.clear();
        quiet.world.seed.reset();
        quiet.world.choices.emplace();
        return failure_of(quiet).has_value();
    }

    // What is left out may be what made it hold: where a strike or a choice was the cause, one has to stay it.
    bool fails(const Case& candidate) {
        const std::optional<Failure> failure = failure_of(candidate);
        if (!failure) return false;
        if (needs_cause_) {
            RunResult result = std::move(last_);
            if (happens_without_cause(candidate)) return false;
            last_ = std::move(result);
        }
        found_ = *failure;
        return true;
    }

    bool try_it(Case candidate) {
        if (!fails(candidate)) return false;
        best_ = std::move(candidate);
        return true;
    }

    // After something is gone that sentences name: they go, too.
    bool try_without_what_it_names(Case candidate) {
        Scenario bare = candidate.world;
        bare.steps.clear();
        const auto parsed = parse_scenario(kFile, scenario_text(bare));
        if (!parsed) return false;
        const Vocabulary vocabulary = vocabulary_of(*parsed);
        const auto is_nonsense = [&](bool action) {
            return [&, action](const Sentence& one) { return !parse_sentence(one.text, action, vocabulary); };
        };
        for (Step& step : candidate.world.steps) {
            std::erase_if(step.actions, is_nonsense(true));
            std::erase_if(step.expectations, is_nonsense(false));
        }
        std::erase_if(candidate.strikes, [&](const Strike& strike) {
            return is_nonsense(true)(strike.what) || (strike.undo && is_nonsense(true)(*strike.undo));
        });
        return try_it(std::move(candidate));
    }

    // As few of the items as it takes: in halves, quarters, and so on one by one.
    template <typename Items, typename With>
    void fewest(Items items, With&& with) {
        for (std::size_t chunk = items.size(); chunk != 0 && !items.empty();) {
            bool fewer = false;
            for (std::size_t at = 0; at < items.size();) {
                Items without = items;
                const std::size_t end = std::min(at + chunk, items.size());
                without.erase(without.begin() + static_cast<std::ptrdiff_t>(at),
                              without.begin() + static_cast<std::ptrdiff_t>(end));
                if (with(without))
                    items = std::move(without), fewer = true;
                else
                    at = end;
            }
            if (chunk != 1 || !fewer) chunk /= 2;
        }
    }

    std::size_t size() const {
        std::size_t size = best_.strikes.size() + best_.world.networks.size() + best_.world.nodes.size();
        for (const NodePlan& node : best_.world.nodes)
            for (const std::string& command : node.commands)
                size += command.size();
        return size;
    }

    // --- What can be left out

    // What comes after a violation has no part in it.
    void cut_what_follows() {
        if (!is_invariant(wanted_)) return;
        const Duration at = found_.at - kStart;
        Case candidate = best_;
        std::erase_if(candidate.strikes, [&](const Strike& strike) { return strike.at > at; });
        for (Strike& strike : candidate.strikes)
            if (strike.undone > at) strike.undo.reset(), strike.undone = {};
        std::vector<Sentence> expected;
        for (const Step& step : candidate.world.steps)
            for (const Sentence& one : step.expectations)
                expected.push_back(one);
        std::erase_if(candidate.world.steps, [&](const Step& step) { return step.at > at; });
        const Duration end = (at + 1s) / 1s * Duration(1s);
        for (Step& step : candidate.world.steps)
            step.expectations.clear();
        // One has to be expected, or a scenario is none.
        if (expected.empty()) return;
        candidate.world.steps.push_back({.at = end, .actions = {}, .expectations = {expected.front()}});
        candidate.world.steps.back().expectations.front().place = {};
        candidate.world.ends = end + expected.front().arguments.bound.value_or(Duration{}) + 1s;
        try_it(std::move(candidate));
    }

    void drop_strikes() {
        fewest(best_.strikes, [&](const std::vector<Strike>& fewer) {
            Case candidate = best_;
            candidate.strikes = fewer;
            return try_it(std::move(candidate));
        });
    }

    void drop_choices() {
        if (best_.world.choices && best_.world.choices->empty()) return;
        Case candidate = best_;
        candidate.world.seed.reset();
        candidate.world.choices.emplace();
        candidate.world.shuffled = false;
        if (try_it(candidate)) return;
        candidate = best_;
        candidate.world.shuffled = false;
        if (best_.world.shuffled) try_it(std::move(candidate));
    }

    void drop_expectations() {
        for (std::size_t s = best_.world.steps.size(); s-- > 0;)
            for (std::size_t e = best_.world.steps[s].expectations.size(); e-- > 0;) {
                Case candidate = best_;
                auto& all = candidate.world.steps[s].expectations;
                all.erase(all.begin() + static_cast<std::ptrdiff_t>(e));
                std::size_t left = 0;
                for (const Step& step : candidate.world.steps)
                    left += step.expectations.size();
                if (left != 0) try_it(std::move(candidate));
            }
        Case candidate = best_;
        std::erase_if(candidate.world.steps,
                      [](const Step& step) { return step.actions.empty() && step.expectations.empty(); });
        try_it(std::move(candidate));
    }

    void drop_machines() {
        for (std::size_t i = best_.world.nodes.size(); i-- > 0;) {
            Case candidate = best_;
            const std::string name = candidate.world.nodes[i].name;
            candidate.world.nodes.erase(candidate.world.nodes.begin() + static_cast<std::ptrdiff_t>(i));
            std::erase_if(candidate.world.flows,
                          [&](const FlowPlan& f) { return f.from == name || f.to == name; });
            for (Strike& strike : candidate.strikes)
                if (strike.what.text.starts_with("partition "))
                    strike.what.text = without_word(strike.what.text, name);
            try_without_what_it_names(std::move(candidate));
        }
    }

    static std::string without_word(const std::string& text, const std::string& word) {
        std::vector<std::string> words = words_in(text);
        std::erase(words, word);
        return fmt::format("{}", fmt::join(words, " "));
    }

    void drop_networks() {
        for (std::size_t i = best_.world.networks.size(); i-- > 0;) {
            Case candidate = best_;
            const std::string name = candidate.world.networks[i].name;
            candidate.world.networks.erase(candidate.world.networks.begin() + static_cast<std::ptrdiff_t>(i));
            for (NodePlan& node : candidate.world.nodes) {
                for (const InterfacePlan& interface : node.interfaces)
                    if (interface.network == name)
                        std::erase_if(node.commands, [&](const std::string& command) {
                            return runs_on(command, interface.name);
                        });
                std::erase_if(node.interfaces, [&](const InterfacePlan& one) { return one.network == name; });
            }
            const auto is_gone = [](const NodePlan& node) { return node.interfaces.empty(); };
            std::erase_if(candidate.world.flows, [&](const FlowPlan& flow) {
                return std::ranges::any_of(candidate.world.nodes, [&](const NodePlan& node) {
                    return is_gone(node) && (node.name == flow.from || node.name == flow.to);
                });
            });
            std::erase_if(candidate.world.nodes, is_gone);
            if (try_without_what_it_names(std::move(candidate))) continue;
            plainer_network(i);
        }
    }

    static bool runs_on(const std::string& command, const std::string& interface) {
        const std::vector<std::string> words = words_in(command);
        for (std::size_t i = 0; i + 1 < words.size(); ++i)
            if (words[i] == "-i" && words[i + 1] == interface) return true;
        return false;
    }

    void plainer_network(std::size_t i) {
        const NetworkPlan& network = best_.world.networks[i];
        const NetworkPlan plain{.name = network.name, .subnets = network.subnets};
        if (network.forward_delay == plain.forward_delay && network.port_security == plain.port_security &&
            network.multicast == plain.multicast)
            return;
        Case candidate = best_;
        candidate.world.networks[i] = plain;
        try_it(std::move(candidate));
    }

    void drop_flows() {
        fewest(best_.world.flows, [&](const std::vector<FlowPlan>& fewer) {
            Case candidate = best_;
            candidate.world.flows = fewer;
            return try_without_what_it_names(std::move(candidate));
        });
    }

    void drop_processes() {
        for (std::size_t n = 0; n < best_.world.nodes.size(); ++n) {
            fewest(best_.world.nodes[n].commands, [&](const std::vector<std::string>& fewer) {
                Case candidate = best_;
                candidate.world.nodes[n].commands = fewer;
                return try_without_what_it_names(std::move(candidate));
            });
            if (!best_.world.nodes[n].stateful_firewall) continue;
            Case candidate = best_;
            candidate.world.nodes[n].stateful_firewall = false;
            try_it(std::move(candidate));
        }
    }

    void drop_options() {
        for (std::size_t n = 0; n < best_.world.nodes.size(); ++n) {
            for (std::size_t c = 0; c < best_.world.nodes[n].commands.size(); ++c)
                drop_options(n, c);
            const std::map<std::string, std::string> files = best_.world.nodes[n].files;
            for (const auto& [path, text] : files)
                drop_lines(n, path);
        }
    }

    // An option alone, or with its value. The program's name stays.
    void drop_options(std::size_t node, std::size_t command) {
        for (std::size_t at = 1; at < words_in(best_.world.nodes[node].commands[command]).size();) {
            bool dropped = false;
            for (const std::size_t many : {std::size_t{2}, std::size_t{1}}) {
                std::vector<std::string> words = words_in(best_.world.nodes[node].commands[command]);
                if (at + many > words.size() || !words[at].starts_with('-')) continue;
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(at),
                            words.begin() + static_cast<std::ptrdiff_t>(at + many));
                Case candidate = best_;
                candidate.world.nodes[node].commands[command] = fmt::format("{}", fmt::join(words, " "));
                dropped = try_without_what_it_names(std::move(candidate));
                if (dropped) break;
            }
            if (!dropped) ++at;
        }
    }

    void drop_lines(std::size_t node, const std::string& path) {
        Case candidate = best_;
        candidate.world.nodes[node].files.erase(path);
        if (try_without_what_it_names(std::move(candidate))) return;
        fewest(lines_in(best_.world.nodes[node].files[path]), [&](const std::vector<std::string>& fewer) {
            Case shorter = best_;
            shorter.world.nodes[node].files[path] = fmt::format("{}\n", fmt::join(fewer, "\n"));
            return try_without_what_it_names(std::move(shorter));
        });
    }

    // Where some choices matter: which.
    void shorten_list_of_choices() {
        if (best_.world.choices) return;
        const auto parsed = parse_scenario(kFile, scenario_text(whole(best_)));
        SeededChoices choices(best_.world.seed.value_or(1));
        choices.record();
        run_scenario(*parsed, choices);
        Case candidate = best_;
        candidate.world.seed.reset();
        candidate.world.choices = choices.picks();
        if (!try_it(candidate)) return;
        fewest(*best_.world.choices, [&](const std::vector<Pick>& fewer) {
            Case shorter = best_;
            shorter.world.choices = fewer;
            return try_it(std::move(shorter));
        });
    }

    // --- Times

    void plainer_times() {
        for (std::size_t i = 0; i < best_.strikes.size(); ++i)
            for (const auto time : {&Strike::at, &Strike::undone})
                for (const Duration to : {Duration(5s), Duration(1s), Duration(100ms), Duration(10ms)}) {
                    Case candidate = best_;
                    Duration& at = candidate.strikes[i].*time;
                    if (at == Duration{} || at % to == Duration{}) break;
                    at = rounded(at, to);
                    if (candidate.strikes[i].undo && candidate.strikes[i].undone <= candidate.strikes[i].at)
                        continue;
                    if (try_it(std::move(candidate))) break;
                }
        closer_together();
        cut_what_follows();
    }

    // The gaps between what happens; not the one before the end is judged, for what needs its time.
    void closer_together() {
        std::vector<Duration> times{Duration{}};
        for (const Strike& strike : best_.strikes) {
            times.push_back(strike.at);
            if (strike.undo) times.push_back(strike.undone);
        }
        std::ranges::sort(times);
        const auto repeated = std::ranges::unique(times);
        times.erase(repeated.begin(), repeated.end());
        for (std::size_t i = times.size(); i-- > 1;)
            for (const Duration gap : {Duration(1s), Duration(2s), Duration(5s), Duration(10s)}) {
                const Duration kept = i == 1 ? std::max<Duration>(gap, 5s) : gap;
                if (times[i] - times[i - 1] <= kept) break;
                if (try_it(moved(times[i], times[i] - times[i - 1] - kept))) break;
            }
    }

    // All from then on comes so much earlier.
    Case moved(Duration from, Duration by) const {
        Case candidate = best_;
        const auto move = [&](Duration& time) {
            if (time >= from) time -= by;
        };
        for (Strike& strike : candidate.strikes)
            move(strike.at), move(strike.undone);
        for (Step& step : candidate.world.steps)
            move(step.at);
        move(candidate.world.ends);
        return candidate;
    }

    // What is expected beside an invariant holds, where it can: so the scenario passes when the violation is mended.
    void expect_what_holds() {
        if (!is_invariant(wanted_) || best_.world.steps.empty()) return;
        const auto alone = [&](Case candidate) {
            if (!fails(candidate) || last_.failures.size() != 1) return false;
            best_ = std::move(candidate);
            return true;
        };
        if (alone(best_)) return;
        for (const char* text :
             {"each virtual router has one master", "every group is whole", "nobody changes state"}) {
            Case candidate = best_;
            Sentence sentence;
            sentence.text = text;
            candidate.world.steps.back().expectations = {sentence};
            if (alone(std::move(candidate))) return;
        }
    }

    std::optional<Shrunk> result() {
        const unsigned tries = tries_;
        tries_ = 0; // once more, whatever was tried
        if (!fails(best_)) return std::nullopt;
        return Shrunk{.scenario = whole(best_),
                      .failure = found_,
                      .failing = explain(found_, last_, kFile, "vrrplab sim shrunk.toml"),
                      .strikes = best_.strikes.size(),
                      .tries = tries};
    }

    Case best_;
    Failure wanted_;
    const ShrinkProgress& progress_;
    unsigned tries_ = 0;
    bool needs_cause_ = false; // it holds as long as nothing strikes and nothing is out of the ordinary
    RunResult last_;           // of the last try that ran
    Failure found_;            // in the last one that failed as wanted
};

} // namespace

Scenario whole(const Case& one) {
    Scenario scenario = one.world;
    scenario.steps = steps_of(one.strikes, one.world.steps);
    return scenario;
}

Case case_of(Chaos& chaos, std::uint64_t seed) {
    Case one{.world = chaos.world(seed), .strikes = chaos.draw(seed)};
    one.world.steps = chaos.frame();
    return one;
}

Case case_of(const Scenario& scenario, const RunResult& result, const Failure& failure) {
    const Chaos chaos(scenario); // knows what undoes what
    Case one{.world = scenario, .strikes = {}};
    one.world.steps.clear();
    const auto owns_failure = [&](const Step& step) {
        return std::ranges::any_of(step.expectations, [&](const Sentence& sentence) {
            return !is_invariant(failure) && sentence.place.line == failure.place.line &&
                   sentence.place.column == failure.place.column;
        });
    };
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
        Step step = scenario.steps[i];
        if (i < result.steps.size()) step.at = result.steps[i].begun - kStart;
        step.jitter = {};
        if (!owns_failure(step)) {
            for (Sentence& action : step.actions) {
                const auto undone = std::ranges::find_if(one.strikes, [&](const Strike& strike) {
                    return !strike.undo && chaos.undo_of(strike.what.text) == action.text;
                });
                if (undone != one.strikes.end())
                    undone->undo = std::move(action), undone->undone = step.at;
                else
                    one.strikes.push_back({step.at, std::move(action)});
            }
            step.actions.clear();
        }
        one.world.steps.push_back(std::move(step));
    }
    return one;
}

std::optional<Shrunk> shrink(Case from, const Failure& failure, const ShrinkProgress& progress) {
    return Shrinker(std::move(from), failure, progress).shrink();
}

} // namespace vrrp::sim
