#include "core/daemon/journal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

std::string router_text(const IpAddress& address, unsigned priority) {
    return fmt::format("{} (priority {})", to_string(address), priority);
}

std::string reason_text(const Transition& t) {
    switch (t.cause) {
    case Cause::started: return "taking part in the election";
    case Cause::owner_started: return "priority 255, the owner";
    case Cause::master_silent:
        return fmt::format("{} silent for {}", router_text(t.peer, t.peer_priority), to_string(t.silence));
    case Cause::no_master: return fmt::format("no master heard for {}", to_string(t.silence));
    case Cause::master_resigned: return fmt::format("{} resigned", to_string(t.peer));
    case Cause::preempted_lesser: return fmt::format("preempting {}", router_text(t.peer, t.peer_priority));
    case Cause::higher_priority:
        return fmt::format("{} has the higher priority", router_text(t.peer, t.peer_priority));
    case Cause::higher_address:
        return fmt::format("{} has the higher address", router_text(t.peer, t.peer_priority));
    case Cause::link_down: return "the link is down";
    case Cause::interface_gone: return "the interface does not exist";
    case Cause::no_address: return "the interface has no address to speak from";
    case Cause::address_refused: return "a virtual address could not be put on the interface";
    case Cause::ownership_changed: return "the interface's own addresses changed";
    case Cause::frozen: return fmt::format("this process slept for {}", to_string(t.silence));
    case Cause::stopped: return "stopped";
    }
    return "?";
}

std::string finding_text(const Finding& f) {
    const std::string who = router_text(f.source, f.priority);
    switch (f.kind) {
    case FindingKind::addresses_differ: return who + " announces other virtual addresses than ours";
    case FindingKind::foreign_subnet: return who + " is in none of the interface's subnets";
    case FindingKind::source_mac: return who + " does not send from the virtual MAC";
    case FindingKind::interval_differs:
        return fmt::format("{} advertises every {}; following it", who, to_string(f.interval));
    case FindingKind::interval_capped:
        return fmt::format("{} advertises every {}: too long to follow", who, to_string(f.interval));
    case FindingKind::checksum_form:
        return who + " computes the checksum over IPv4 in the other form than ours";
    case FindingKind::foreign_resignation:
        return fmt::format("{} resigned, but it is not the master: ignored", to_string(f.source));
    case FindingKind::rival_owner: return who + " claims to own the addresses as we do";
    }
    return "?";
}

struct Text {
    std::string operator()(const Transition& t) const {
        const std::string reason = reason_text(t);
        if (t.from == t.to) return fmt::format("{}: {}", to_string(t.to), reason);
        return fmt::format("{} -> {}: {}", to_string(t.from), to_string(t.to), reason);
    }
    std::string operator()(const PacketDropped& d) const {
        if (d.vrid == 0) return "packet dropped: " + d.error.message();
        return fmt::format("packet from {} for vrid {} dropped: {}", to_string(d.source), d.vrid,
                           d.error.message());
    }
    std::string operator()(const Finding& f) const { return "finding: " + finding_text(f); }
    std::string operator()(const RivalHeard& r) const {
        return "lesser master heard: " + router_text(r.source, r.priority);
    }
    std::string operator()(const Reannounced&) const { return "addresses announced again"; }
    std::string operator()(const Overslept& o) const {
        return fmt::format("this process woke {} late: listening anew", to_string(o.late));
    }
    std::string operator()(const PriorityChanged& p) const {
        return fmt::format("priority {} -> {}", p.from, p.to);
    }
    std::string operator()(const InterfaceChange& c) const {
        if (!c.present) return "interface gone";
        if (!c.admin_up) return "interface down";
        return c.carrier ? "link up" : "link down";
    }
    std::string operator()(const ActionFailed& f) const {
        return fmt::format("{} failed: {}", to_string(f.action), f.error.view());
    }
    std::string operator()(const Suppressed& s) const {
        return fmt::format("{} lines about the wire suppressed", s.lines);
    }
};

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
        if (f.interval != Duration{}) json["interval"] = seconds(f.interval);
    }
    void operator()(const RivalHeard& r) const {
        json["event"] = "rival_heard";
        add_peer(json, r.source, r.priority);
    }
    void operator()(const Reannounced&) const { json["event"] = "reannounced"; }
    void operator()(const Overslept& o) const {
        json["event"] = "overslept";
        json["late"] = seconds(o.late);
    }
    void operator()(const PriorityChanged& p) const {
        json["event"] = "priority_changed";
        json["from"] = p.from;
        json["to"] = p.to;
    }
    void operator()(const InterfaceChange& c) const {
        json["event"] = "interface_changed";
        json["present"] = c.present;
        json["up"] = c.admin_up;
        json["carrier"] = c.carrier;
    }
    void operator()(const ActionFailed& f) const {
        json["event"] = "action_failed";
        json["action"] = to_string(f.action);
        json["error"] = std::string(f.error.view());
    }
    void operator()(const Suppressed& s) const {
        json["event"] = "suppressed";
        json["lines"] = s.lines;
    }
    Json& json;
};

} // namespace

std::string to_text(const JournalEntry& entry) {
    const std::string what = std::visit(Text{}, entry.event.what);
    if (entry.vrid == 0) return fmt::format("{}: {}", entry.interface, what);
    return fmt::format("{} vrid {}{}: {}", entry.interface, entry.vrid,
                       entry.family == IpFamily::v6 ? " IPv6" : "", what);
}

std::string to_json(const JournalEntry& entry) {
    Json json;
    json["time"] = entry.time.time_since_epoch().count();
    json["interface"] = std::string(entry.interface);
    if (entry.vrid != 0) {
        json["vrid"] = entry.vrid;
        json["family"] = to_string(entry.family);
    }
    std::visit(ToJson{json}, entry.event.what);
    json["text"] = to_text(entry);
    return json.dump();
}

Severity severity(const Event& event) {
    const bool notice = std::holds_alternative<Transition>(event.what) ||
                        std::holds_alternative<PriorityChanged>(event.what) ||
                        std::holds_alternative<Reannounced>(event.what);
    return notice ? Severity::notice : Severity::warning;
}

const char* to_string(State state) {
    switch (state) {
    case State::initialize: return "initialize";
    case State::backup: return "backup";
    case State::master: return "master";
    }
    return "?";
}

const char* to_string(Cause cause) {
    switch (cause) {
    case Cause::started: return "started";
    case Cause::owner_started: return "owner_started";
    case Cause::master_silent: return "master_silent";
    case Cause::no_master: return "no_master";
    case Cause::master_resigned: return "master_resigned";
    case Cause::preempted_lesser: return "preempted_lesser";
    case Cause::higher_priority: return "higher_priority";
    case Cause::higher_address: return "higher_address";
    case Cause::link_down: return "link_down";
    case Cause::interface_gone: return "interface_gone";
    case Cause::no_address: return "no_address";
    case Cause::address_refused: return "address_refused";
    case Cause::ownership_changed: return "ownership_changed";
    case Cause::frozen: return "frozen";
    case Cause::stopped: return "stopped";
    }
    return "?";
}

const char* to_string(FindingKind kind) {
    switch (kind) {
    case FindingKind::addresses_differ: return "addresses_differ";
    case FindingKind::foreign_subnet: return "foreign_subnet";
    case FindingKind::source_mac: return "source_mac";
    case FindingKind::interval_differs: return "interval_differs";
    case FindingKind::interval_capped: return "interval_capped";
    case FindingKind::checksum_form: return "checksum_form";
    case FindingKind::foreign_resignation: return "foreign_resignation";
    case FindingKind::rival_owner: return "rival_owner";
    }
    return "?";
}

const char* to_string(Action action) {
    switch (action) {
    case Action::send: return "send";
    case Action::attach_virtual_mac: return "attach_virtual_mac";
    case Action::detach_virtual_mac: return "detach_virtual_mac";
    case Action::add_address: return "add_address";
    case Action::remove_address: return "remove_address";
    }
    return "?";
}

} // namespace vrrp
