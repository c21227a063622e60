#include "netsim/report/timeline.hpp"

#include <fmt/format.h>

namespace vrrp::sim {
namespace {

// A longer name shifts its own line only.
constexpr std::size_t kWidestName = 12;

enum class Tone : std::uint8_t { plain, quiet, bold, good, notice, bad };

class Painter {
  public:
    explicit Painter(bool colour) : colour_(colour) {}
    std::string operator()(Tone tone, std::string_view text) const {
        constexpr const char* kCodes[] = {"", "\033[2m", "\033[1m", "\033[32m", "\033[33m", "\033[1;31m"};
        if (!colour_ || tone == Tone::plain) return std::string(text);
        return fmt::format("{}{}\033[0m", kCodes[static_cast<std::size_t>(tone)], text);
    }

  private:
    bool colour_;
};

// The columns of one line.
struct Row {
    Tone tone = Tone::plain;
    std::string what;
    std::string why;
};

Tone tone_of(const Decision& decision) {
    if (const Transition* transition = std::get_if<Transition>(&decision.event.what))
        return transition->to == State::master     ? Tone::good
               : transition->from == State::master ? Tone::notice
                                                   : Tone::plain;
    return severity(decision.event) <= Severity::warning ? Tone::notice : Tone::plain;
}

struct ToRow {
    Row operator()(const Decision& decision) const {
        Words said = words(record);
        return {tone_of(decision), said.where + "  " + said.what, std::move(said.why)};
    }
    Row operator()(const Fault& fault) const { return {Tone::bold, "* " + fault.text, ""}; }
    Row operator()(const ScriptBegan&) const { return {Tone::quiet, to_text(record), ""}; }
    Row operator()(const FifoLine&) const { return {Tone::quiet, to_text(record), ""}; }
    Row operator()(const OrphanEnded&) const { return {Tone::quiet, to_text(record), ""}; }
    Row operator()(const AnswersLost& lost) const { return {Tone::bad, lost.probe, "no answer"}; }
    Row operator()(const AnswersBack& back) const {
        return {Tone::good, back.probe, "answered again after " + to_string(back.outage)};
    }
    Row operator()(const Violation& violation) const {
        return {Tone::bad, "! " + violation.invariant, violation.text};
    }
    const Record& record;
};

std::string wrap(std::string_view text, std::size_t width) {
    std::string wrapped;
    std::size_t column = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
        const std::size_t length = end - at;
        if (column != 0 && column + 1 + length > width) wrapped += '\n', column = 0;
        if (length != 0) {
            if (column != 0) wrapped += ' ', ++column;
            wrapped += text.substr(at, length);
            column += length;
        }
        at = end + 1;
    }
    return wrapped;
}

} // namespace

std::string timeline(const Scenario& scenario, const RunResult& result, bool colour) {
    const Painter paint(colour);
    std::string text = paint(Tone::bold, scenario.title) + "\n";
    if (!scenario.about.empty()) text += paint(Tone::quiet, wrap(scenario.about, kTimelineWidth - 10)) + "\n";
    text += "\n";
    std::size_t who = 3;
    for (const NodePlan& node : scenario.nodes)
        who = std::min(std::max(who, node.name.size()), kWidestName);
    text +=
        paint(Tone::quiet, fmt::format("{:>11}  {:<{}}  {:<40} {}\n", "seconds", "who", who, "what", "why"));
    for (const Record& record : result.journal.records()) {
        const Row row = std::visit(ToRow{record}, record.what);
        text += fmt::format("{:>11}  {:<{}}  {} {}", time_text(record.time), record.who, who,
                            paint(row.tone, fmt::format("{:<40}", row.what)), row.why);
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    const std::size_t failed = result.failures.size();
    text += fmt::format("\n{}  {} expectations, {} s simulated, {} events, journal {:016x}\n",
                        failed == 0 ? paint(Tone::good, "passed")
                                    : paint(Tone::bad, fmt::format("{} FAILED", failed)),
                        result.expectations, (result.end - kStart) / std::chrono::seconds(1), result.events,
                        result.journal.hash());
    return text;
}

std::string manual() {
    std::string text = R"(A scenario is a TOML file.

  title                 what it shows, for people
  about = """TEXT"""    optional; more of it
  ends = "30s"          optional; else 5 s after the last step
  [network.NAME]        subnet = "10.16.1.0/24", or an array of them
                        forward_delay = "15s": of a switch port that is plugged in, as with
                        a spanning tree
                        port_security = true: its ports refuse frames whose source is not the
                        MAC of the interface behind them, as hypervisors and clouds do
                        multicast = false: it takes no multicast of VRRP's, as clouds do
  [router.NAME]         eth0 = "NETWORK ADDRESS..." for each interface; one may end in
                        "via GATEWAY"
                        firewall = "stateful": it forwards an answer only where it saw the
                        request
                        run = ["vrrpd -i eth0 -v 51 10.16.1.200"]: the real command lines;
                        "plain-vrrp ..." is a router of another make that does what RFC 3768
                        says and nothing more; it knows -i, -v, -p, -d, -s, -n and addresses
  [router.NAME.files]   "/PATH" = """TEXT""": what they read, as --config /PATH does
  [host.NAME]           eth0 = "NETWORK ADDRESS via GATEWAY"; it asks its gateway every
                        probe = "10ms"
  [[flow]]              from, to: two hosts; every = "10ms"
  [[step]]              at = "10s"; jitter = "1s": up to so much later, by the seed
                        do, expect: a sentence or an array of them, as below
  [allow]               INVARIANT = "why it may be violated here"
)";
    const auto section = [&](const char* heading, VerbKind kind) {
        text += fmt::format("\n{}\n", heading);
        for (const Verb& verb : verbs())
            if (verb.kind == kind) text += fmt::format("  {}\n      {}\n", verb.grammar, verb.help);
    };
    section("What a step can do", VerbKind::action);
    section("What it can expect of a moment: the step's, or BOUND after it", VerbKind::at_once);
    section("What it can expect of all the time until the next step, or the end", VerbKind::until_next_step);
    text += "\nWhat is expected always, unless it is allowed\n";
    for (std::size_t i = 0; i < kInvariants; ++i)
        text += fmt::format("  {}\n      {}\n", name(static_cast<Invariant>(i)),
                            meaning(static_cast<Invariant>(i)));
    text += R"(
STATE is master, backup or initialize. A time is 20ms, 0.7s, 2min. VRIDS is 51, or 51 and 52.
COMPARISON is < or >=.
An expectation that had nothing to observe is VACUOUS, and fails.
)";
    return text;
}

} // namespace vrrp::sim
