#include "netsim/report/record.hpp"

#include "core/daemon/journal_json.hpp"
#include "core/daemon/json_line.hpp"
#include "netsim/engine/event_queue.hpp"

#include <fmt/format.h>

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

struct ToWords {
    Words operator()(const Decision& d) const { return words(entry(record, d)); }
    Words operator()(const Fault& f) const { return {{}, f.text, {}}; }
    Words operator()(const ScriptBegan& s) const { return {{}, "runs " + s.command, {}}; }
    Words operator()(const FifoLine& f) const { return {{}, "tells " + f.line, {}}; }
    Words operator()(const OrphanEnded& o) const {
        return {o.command, outcome_text(o.outcome) + ", after its vrrpd", {}};
    }
    Words operator()(const AnswersLost& l) const { return {l.probe, "no answer", {}}; }
    Words operator()(const AnswersBack& b) const {
        return {b.probe, "answered again after " + to_string(b.outage), {}};
    }
    Words operator()(const Violation& v) const { return {v.invariant, v.text, {}}; }
    const Record& record;
};

struct ToJson {
    Json operator()(const Decision& d) const {
        Json json{{"kind", "decision"}, {"machine", record.who}};
        json.update(as_json(entry(record, d)));
        return json;
    }
    Json operator()(const Fault&) const { return head("fault"); }
    Json operator()(const ScriptBegan&) const { return head("script_began"); }
    Json operator()(const FifoLine&) const { return head("fifo_line"); }
    Json operator()(const OrphanEnded&) const { return head("orphan_ended"); }
    Json operator()(const AnswersLost&) const { return head("answers_lost"); }
    Json operator()(const AnswersBack& b) const {
        Json json = head("answers_back");
        json["outage_ns"] = b.outage.count();
        return json;
    }
    Json operator()(const Violation& v) const {
        Json json = head("violation");
        json["invariant"] = v.invariant;
        return json;
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

Words words(const Record& record) {
    return std::visit(ToWords{record}, record.what);
}

std::string to_text(const Record& record) {
    return to_text(words(record));
}

std::string to_json(const Record& record) {
    return json_line(std::visit(ToJson{record}, record.what));
}

std::string command_text(const ScriptCall& call) {
    std::string text = call.path;
    for (const std::string& argument : call.arguments)
        text += " " + argument;
    return call.user.empty() ? text : fmt::format("{} as {}", text, call.user);
}

std::string time_text(TimePoint time) {
    return to_string(TimePoint(time - kStart));
}

void RunJournal::add(Record record) {
    if (records_.size() == kMaxRecords) throw SimulationLimit{"the journal is full"};
    records_.push_back(std::move(record));
}

std::uint64_t RunJournal::hash() const {
    StableHash hash;
    for (const Record& record : records_)
        hash.add(static_cast<std::uint64_t>(record.time.time_since_epoch().count()))
            .add(std::string_view(record.who))
            .add(std::string_view(to_text(record)));
    return hash.value();
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
