#include "core/daemon/journal_json.hpp"

#include "core/daemon/journal.hpp"
#include "core/daemon/json_line.hpp"
#include "core/machine/names.hpp"

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

void add_peer(Json& json, const IpAddress& address, std::uint8_t priority) {
    if (address.is_unspecified()) return;
    json["peer"] = to_string(address);
    json["peer_priority"] = priority;
}

struct ToJson {
    void operator()(const Transition& t) const {
        json["event"] = "transition";
        json["from"] = to_string(t.from);
        json["to"] = to_string(t.to);
        json["cause"] = to_string(t.cause);
        add_peer(json, t.peer, t.peer_priority);
        if (t.silence != Duration{}) json["silence"] = seconds(t.silence);
        if (!t.named.empty() && t.cause != Cause::place_gone) json["check"] = std::string(t.named.view());
    }
    void operator()(const PacketDropped& d) const {
        json["event"] = "packet_dropped";
        json["reason"] = wire::to_string(d.error.reason);
        if (d.vrid == 0) return;
        json["source"] = to_string(d.source);
        json["packet_vrid"] = d.vrid;
    }
    void operator()(const Finding& f) const {
        json["event"] = "finding";
        json["finding"] = to_string(f.kind);
        add_peer(json, f.source, f.priority);
        if (f.kind == FindingKind::not_heard) json["reason"] = wire::to_string(f.refused.reason);
        if (f.interval != Duration{}) json["interval"] = seconds(f.interval);
        if (f.extra != 0) json["announces_too"] = to_string(f.first_extra);
        if (f.lacking != 0) json["lacks"] = to_string(f.first_lacking);
    }
    void operator()(const RivalHeard& r) const {
        json["event"] = "rival_heard";
        json["better"] = r.better;
        add_peer(json, r.source, r.priority);
    }
    void operator()(const Reannounced&) const { json["event"] = "reannounced"; }
    void operator()(const IntervalTooShort& i) const {
        json["event"] = "interval_too_short";
        json["interval"] = seconds(i.interval);
        json["wakes_within"] = seconds(i.wakes);
        json["heard_within"] = seconds(i.heard);
        json["safe_interval"] = seconds(i.safe);
    }
    void operator()(const Overslept& o) const {
        json["event"] = "overslept";
        json["late"] = seconds(o.late);
    }
    void operator()(const PriorityChanged& p) const {
        json["event"] = "priority_changed";
        json["from"] = p.from;
        json["to"] = p.to;
        if (!p.check.empty()) json["check"] = std::string(p.check.view());
    }
    void operator()(const ConfigurationChanged& c) const {
        json["event"] = "configuration_changed";
        json["change"] = to_string(c.kind);
        if (!c.settings.empty()) json["settings"] = std::string(c.settings.view());
    }
    void operator()(const CheckChanged& c) const {
        json["event"] = "check_changed";
        json["check"] = std::string(c.check.view());
        json["state"] = to_string(c.state);
        json["reason"] = std::string(c.reason.view());
    }
    void operator()(const InterfaceChange& c) const {
        json["event"] = "interface_changed";
        json["present"] = c.present;
        json["up"] = c.admin_up;
        json["carrier"] = c.carrier;
        if (!c.obstacle.empty()) json["obstacle"] = std::string(c.obstacle.view());
    }
    void operator()(const MtuChanged& m) const {
        json["event"] = "mtu_changed";
        json["from"] = m.from;
        json["to"] = m.to;
    }
    void operator()(const Renamed& r) const {
        json["event"] = "renamed";
        json["to"] = std::string(r.to.view());
    }
    void operator()(const AddressPutBack& a) const {
        json["event"] = "address_put_back";
        json["address"] = to_string(a.address);
    }
    void operator()(const Commanded& c) const {
        json["event"] = "commanded";
        json["command"] = to_string(c.command);
        if (c.refusal != Refusal::none) json["refused"] = refusal_text(c);
    }
    void operator()(const Unserved& u) const {
        json["event"] = "unserved";
        json["silence"] = seconds(u.silence);
    }
    void operator()(const GroupRemark& r) const {
        const bool crossed = r.kind == GroupRemark::Kind::crossed_priorities;
        json["event"] = crossed ? "crossed_priorities" : "preempts_no_more";
        if (!crossed) return;
        json["better_member"] = std::string(r.better.view());
        json["lesser_member"] = std::string(r.lesser.view());
    }
    void operator()(const GroupChanged& g) const {
        json["event"] = "group_changed";
        json["trouble"] = to_string(g.trouble);
        json["present"] = g.present;
        json["minimum"] = g.minimum;
        if (!g.member.empty()) json["member"] = std::string(g.member.view());
        if (!g.check.empty()) json["check"] = std::string(g.check.view());
    }
    void operator()(const SiblingDied& s) const {
        json["event"] = "sibling_died";
        json["member"] = std::string(s.member.view());
    }
    void operator()(const ScriptFinished& s) const {
        json["event"] = "script_finished";
        json["script"] = to_string(s.kind);
        json["outcome"] = outcome_text(s.outcome);
        if (s.outcome.kind == ScriptOutcome::Kind::exited) json["status"] = s.outcome.status;
    }
    void operator()(const ActionFailed& f) const {
        json["event"] = "action_failed";
        json["action"] = to_string(f.action);
        json["error"] = std::string(f.error.view());
    }
    void operator()(const Suppressed& s) const {
        json["event"] = "suppressed";
        json["lines"] = s.lines;
        if (s.failed) json["action"] = to_string(*s.failed);
    }
    Json& json;
};

} // namespace

Json as_json(const JournalEntry& entry) {
    Json json;
    json["time"] = entry.time.time_since_epoch().count();
    if (!entry.interface.empty()) json["interface"] = std::string(entry.interface);
    if (entry.vrid != 0) {
        json["vrid"] = entry.vrid;
        json["family"] = to_string(entry.family);
    }
    if (!entry.group.empty()) json["group"] = std::string(entry.group);
    std::visit(ToJson{json}, entry.event.what);
    json["severity"] = to_string(severity(entry.event));
    json["text"] = to_text(entry);
    return json;
}

std::string to_json(const JournalEntry& entry) {
    return json_line(as_json(entry));
}

} // namespace vrrp
