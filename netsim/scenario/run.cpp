#include "netsim/scenario/run.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::sim {
namespace {

constexpr std::size_t kRecordsBefore = 6, kRecordsAfter = 3; // around a failure

void build(const Scenario& scenario, World& world) {
    for (const NetworkPlan& plan : scenario.networks) {
        Switch& network = world.add_network(plan.name);
        network.set_forward_delay(plan.forward_delay);
        network.set_port_security(plan.port_security);
        network.set_multicast(plan.multicast);
    }
    for (const NodePlan& plan : scenario.nodes) {
        Node& node = world.add_node(plan.name);
        node.kernel().set_forwarding(plan.router);
        node.kernel().set_firewall(plan.stateful_firewall);
        if (plan.learns_gateway)
            node.kernel().learn_gateway();
        else if (plan.gateway)
            node.kernel().set_gateway(*plan.gateway);
        for (const InterfacePlan& interface : plan.interfaces) {
            const auto network = std::ranges::find(world.networks(), interface.network, &Switch::name);
            node.add_interface(interface.name, *network, interface.addresses);
        }
        for (const config::Configuration& command : plan.run)
            world.add_process(node, command.router, command.process.directory);
        for (const VirtualRouterConfig& config : plan.plain)
            world.add_plain_router(node, config);
        if (!plan.router) world.add_speaker(node);
        if (plan.probe)
            world.add_probe(node, plan.name + " -> " + to_string(*plan.gateway),
                            {*plan.gateway, *plan.probe});
    }
    for (const FlowPlan& flow : scenario.flows) {
        const auto from = std::ranges::find(world.nodes(), flow.from, &Node::name);
        const auto to = std::ranges::find(world.nodes(), flow.to, &Node::name);
        world.add_probe(*from, flow.from + " -> " + flow.to,
                        {to->kernel().interfaces().front().own.front().address, flow.every});
    }
    for (const Allowance& allowed : scenario.allowed)
        world.switch_off(allowed.invariant);
}

std::vector<Leader> leaders(const World& world) {
    std::vector<Leader> all;
    for (const Node& node : world.nodes())
        for (const auto& process : node.processes()) {
            if (!process->running() || process->frozen()) continue;
            for (const VirtualRouter& one : process->router()->virtual_routers()) {
                const VirtualRouterConfig& config = one.config();
                const Kernel& kernel = node.kernel();
                if (one.state() != State::master) continue;
                const Switch& network = *kernel.interfaces()[kernel.labelled(config.interface)].network;
                all.push_back({node.name(), network.name(), config.vrid, config.family});
            }
        }
    return all;
}

StepResult closed_step(const World& world, TimePoint begun) {
    StepResult result{.begun = begun, .closed = world.now(), .seen = {}, .leaders = leaders(world)};
    for (const Probe& probe : world.probes())
        result.seen.push_back({probe.name(), probe.sent_since(begun), probe.worst_outage_since(begun)});
    return result;
}

// Drives the steps of one run as events of its world.
class Conductor final : public Actor {
  public:
    Conductor(const Scenario& scenario, World& world, RunResult& result)
        : scenario_(scenario), world_(world), result_(result), begun_(scenario.steps.size()) {
        const auto count = static_cast<std::uint16_t>(scenario.steps.size());
        for (std::uint16_t i = 0; i < count; ++i)
            begins_.push_back(kStart + scenario.steps[i].at + jitter(i));
        // Pushed in this order: at one instant, a step's window closes before the next step strikes.
        for (std::uint16_t i = 0; i < count; ++i) {
            const bool last = i + 1 == count;
            world.queue().push(begins_[i], EventClass::fault, *this, kAct, i);
            push_judgements(i);
            world.queue().push(last ? kStart + scenario.ends : begins_[i + 1u],
                               last ? EventClass::command : EventClass::fault, *this, kCloseWindow, i);
        }
    }

    void on_event(const QueueEvent& event) override {
        const Step& step = scenario_.steps[event.place];
        switch (event.what) {
        case kAct: return act(step, event.place);
        case kJudge: return judge(step.expectations[event.argument], event.place, event.argument);
        default:
            for (std::uint32_t i = 0; i < step.expectations.size(); ++i)
                if (step.expectations[i].verb->kind == VerbKind::until_next_step)
                    judge(step.expectations[i], event.place, i);
            result_.steps.push_back(closed_step(world_, begun_[event.place].at));
        }
    }

  private:
    enum What : std::uint16_t { kAct, kJudge, kCloseWindow };

    struct Begun {
        TimePoint at;
        std::size_t first_record = 0;
        std::vector<bool> was_in_state;
    };

    Duration jitter(std::uint16_t i) {
        const auto width = static_cast<std::uint64_t>(scenario_.steps[i].jitter.count());
        const ChoiceStream stream = world_.choices().stream(fmt::format("step {}/jitter", i + 1));
        return Duration(width == 0 ? 0 : world_.choices().pick(stream, width + 1));
    }

    void push_judgements(std::uint16_t i) {
        const Step& step = scenario_.steps[i];
        for (std::uint32_t e = 0; e < step.expectations.size(); ++e) {
            const Sentence& sentence = step.expectations[e];
            if (sentence.verb->kind != VerbKind::at_once) continue;
            world_.queue().push(begins_[i] + sentence.arguments.bound.value_or(Duration{}),
                                EventClass::command, *this, kJudge, i, e);
        }
    }

    void act(const Step& step, std::uint16_t i) {
        Begun& begun = begun_[i];
        begun.at = world_.now();
        begun.first_record = world_.journal().records().size();
        world_.wire().clear();
        for (const Sentence& sentence : step.actions) {
            world_.note_fault(sentence.arguments.node, sentence.text);
            sentence.verb->act(world_, sentence.arguments);
        }
        for (const Sentence& sentence : step.expectations)
            begun.was_in_state.push_back(!sentence.arguments.vrids.empty() &&
                                         in_state(world_, sentence.arguments));
    }

    void judge(const Sentence& sentence, std::uint16_t step, std::uint32_t index) {
        const Begun& begun = begun_[step];
        const Observation observation{world_, begun.at, begun.first_record, begun.was_in_state[index]};
        Verdict verdict = sentence.verb->judge(observation, sentence.arguments);
        if (verdict.outcome == Outcome::met) return;
        const std::string_view grammar = sentence.verb->grammar;
        result_.failures.push_back(
            {.place = sentence.place,
             .at = world_.now(),
             .expected = sentence.text,
             .seen = std::move(verdict.seen),
             .kind = std::string(grammar.substr(0, grammar.find(" ["))),
             .subject = verdict.subject.empty() ? sentence.arguments.node : std::move(verdict.subject),
             .vacuous = verdict.outcome == Outcome::vacuous});
    }

    const Scenario& scenario_;
    World& world_;
    RunResult& result_;
    std::vector<TimePoint> begins_;
    std::vector<Begun> begun_;
};

void add_violations(RunResult& result) {
    for (const Record& record : result.journal.records())
        if (const Violation* violation = std::get_if<Violation>(&record.what))
            result.failures.push_back({.place = {},
                                       .at = record.time,
                                       .expected = fmt::format("the invariant '{}'", violation->invariant),
                                       .seen = violation->text,
                                       .kind = violation->invariant,
                                       .subject = violation->subject});
}

// The journal may end soon after a failure or go on for long: what is near in time is what helps.
void find_surroundings(RunResult& result) {
    const auto& records = result.journal.records();
    for (Failure& failure : result.failures) {
        const auto after = std::ranges::upper_bound(records, failure.at, {}, &Record::time);
        const auto index = static_cast<std::size_t>(after - records.begin());
        failure.first_record = index - std::min(index, kRecordsBefore);
        failure.end_record = std::min(index + kRecordsAfter, records.size());
    }
}

} // namespace

RunResult run_scenario(const Scenario& scenario, std::uint64_t seed, FrameTap* tap) {
    if (scenario.choices) {
        RecordedChoices choices(*scenario.choices);
        return run_scenario(scenario, choices, tap);
    }
    SeededChoices choices(scenario.seed.value_or(seed));
    return run_scenario(scenario, choices, tap);
}

namespace {

template <typename Drive>
RunResult run(const Scenario& scenario, Choices& choices, FrameTap* tap, Drive&& drive) {
    RunResult result;
    World world(choices);
    if (scenario.shuffled) world.shuffle();
    build(scenario, world);
    for (Switch& network : world.networks())
        network.set_tap(tap);
    Conductor conductor(scenario, world, result);
    world.start();
    drive(world);
    result.journal = world.take_journal();
    result.end = world.now();
    result.events = world.queue().events_run();
    for (const Step& step : scenario.steps)
        result.expectations += step.expectations.size();
    if (result.expectations == 0)
        result.failures.push_back({.place = {},
                                   .at = world.now(),
                                   .expected = "at least one expectation",
                                   .seen = "the scenario has none",
                                   .kind = "at least one expectation",
                                   .vacuous = true});
    add_violations(result);
    std::ranges::stable_sort(result.failures, {}, &Failure::at);
    find_surroundings(result);
    return result;
}

} // namespace

RunResult run_scenario(const Scenario& scenario, Choices& choices, FrameTap* tap) {
    return run(scenario, choices, tap, [&](World& world) { world.run_until(kStart + scenario.ends); });
}

RunResult run_path(const Scenario& scenario, EnumeratedChoices& choices, Duration until) {
    return run(scenario, choices, nullptr, [&](World& world) {
        if (!world.holds_until(kStart + until)) return;
        choices.close();
        world.holds_until(kStart + scenario.ends);
    });
}

std::string explain(const Failure& failure, const RunResult& result, const std::string& file,
                    const std::string& reproduce) {
    const std::string place = failure.place.line == 0
                                  ? file
                                  : fmt::format("{}:{}:{}", file, failure.place.line, failure.place.column);
    std::string text = fmt::format("{}: {}\n  expected  {}\n  seen      {} (judged at {} s)\n", place,
                                   failure.vacuous ? "VACUOUS: nothing was observed" : "FAILED",
                                   failure.expected, failure.seen, time_text(failure.at));
    for (std::size_t i = failure.first_record; i < failure.end_record; ++i) {
        const Record& record = result.journal.records()[i];
        text += fmt::format("  {} {:>12}  {:<6} {}\n", record.time <= failure.at ? '|' : ':',
                            time_text(record.time), record.who, to_text(record));
    }
    return text + fmt::format("  reproduce {}\n", reproduce);
}

} // namespace vrrp::sim
