#include "netsim/report/record.hpp"

#include "netsim/engine/event_queue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace vrrp::sim {
namespace {

using Json = nlohmann::ordered_json;

JournalEntry entry(const Record& record, const Decision& decision) {
    return {.time = TimePoint(record.time - kStart),
            .interface = decision.interface,
            .vrid = decision.vrid,
            .family = decision.family,
            .group = decision.group,
            .event = decision.event};
}

struct Text {
    std::string operator()(const Decision& d) const { return to_text(entry(record, d)); }
    std::string operator()(const Fault& f) const { return f.text; }
    std::string operator()(const ScriptBegan& s) const { return "runs " + s.command; }
    std::string operator()(const OrphanEnded& o) const {
        const ScriptOutcome::Kind kind = o.outcome.kind;
        return fmt::format("{}: {}, after its vrrpd", o.command,
                           kind == ScriptOutcome::Kind::timed_out ? "killed"
                           : kind == ScriptOutcome::Kind::refused
                               ? "not run"
                               : fmt::format("exit status {}", o.outcome.status));
    }
    std::string operator()(const AnswersLost& l) const { return l.probe + ": no answer"; }
    std::string operator()(const AnswersBack& b) const {
        return fmt::format("{}: answered again after {}", b.probe, to_string(b.outage));
    }
    std::string operator()(const Violation& v) const { return v.invariant + ": " + v.text; }
    const Record& record;
};

struct ToJson {
    std::string operator()(const Decision& d) const {
        const std::string who = Json(record.who).dump();
        // Core's object, with the machine in front.
        return fmt::format(R"({{"kind":"decision","machine":{},{})", who,
                           to_json(entry(record, d)).substr(1));
    }
    std::string operator()(const Fault&) const { return head("fault").dump(); }
    std::string operator()(const ScriptBegan&) const { return head("script_began").dump(); }
    std::string operator()(const OrphanEnded&) const { return head("orphan_ended").dump(); }
    std::string operator()(const AnswersLost&) const { return head("answers_lost").dump(); }
    std::string operator()(const AnswersBack& b) const {
        Json json = head("answers_back");
        json["outage_ns"] = b.outage.count();
        return json.dump();
    }
    std::string operator()(const Violation& v) const {
        Json json = head("violation");
        json["invariant"] = v.invariant;
        return json.dump();
    }
    Json head(const char* kind) const {
        return {{"kind", kind},
                {"machine", record.who},
                {"time", (record.time - kStart).count()},
                {"text", to_text(record)}};
    }
    const Record& record;
};

std::string line(const Record& record) {
    return fmt::format("{} {} {}", time_text(record.time), record.who, to_text(record));
}

} // namespace

std::string to_text(const Record& record) {
    return std::visit(Text{record}, record.what);
}

std::string to_json(const Record& record) {
    return std::visit(ToJson{record}, record.what);
}

std::string command_text(const ScriptCall& call) {
    return call.arguments.empty() ? call.path
                                  : fmt::format("{} {}", call.path, fmt::join(call.arguments, " "));
}

std::string time_text(TimePoint time) {
    return to_string(TimePoint(time - kStart));
}

void RunJournal::add(Record record) {
    if (records_.size() == kMaxRecords) throw SimulationLimit{"the journal is full"};
    hash_.add(static_cast<std::uint64_t>(record.time.time_since_epoch().count()));
    hash_.add(std::string_view(record.who)).add(std::string_view(to_text(record)));
    records_.push_back(std::move(record));
}

std::optional<Difference> first_difference(const RunJournal& a, const RunJournal& b) {
    const std::size_t end = std::max(a.records().size(), b.records().size());
    const auto at = [](const RunJournal& journal, std::size_t i) {
        return i < journal.records().size() ? line(journal.records()[i]) : std::string();
    };
    for (std::size_t i = 0; i < end; ++i)
        if (at(a, i) != at(b, i)) return Difference{i, at(a, i), at(b, i)};
    return std::nullopt;
}

} // namespace vrrp::sim
