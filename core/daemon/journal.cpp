#include "core/daemon/journal.hpp"

#include "core/daemon/json_line.hpp"

#include <fmt/format.h>

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
    case Cause::claimed_ownership: return "priority 255 by configuration";
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
    case Cause::mtu_too_small:
        return fmt::format("an advertisement needs {} bytes, the interface carries {}", t.needed, t.mtu);
    case Cause::address_refused: return "a virtual address could not be put on the interface";
    case Cause::ownership_changed: return "the interface's own addresses changed";
    case Cause::frozen: return fmt::format("this process slept for {}", to_string(t.silence));
    case Cause::group_leads: return "its group takes over";
    case Cause::group_unfit: return "its group cannot lead";
    case Cause::group_lost: return "another member of its group lost its election";
    case Cause::yielded: return "an operator asked it to yield";
    case Cause::held: return "an operator holds it back";
    case Cause::asked: return "an operator asked it to lead";
    case Cause::stopped: return "stopped";
    }
    return "?";
}

std::string outcome_text(const ScriptOutcome& o) {
    switch (o.kind) {
    case ScriptOutcome::Kind::exited:
        return o.status == 0 ? "done" : fmt::format("failed with exit status {}", o.status);
    case ScriptOutcome::Kind::signalled: return fmt::format("ended by signal {}", o.status);
    case ScriptOutcome::Kind::timed_out:
        return fmt::format("killed: it took longer than {}", to_string(ScriptRunner::kTimeLimit));
    case ScriptOutcome::Kind::refused: return fmt::format("not run: {}", o.error.view());
    case ScriptOutcome::Kind::dropped: return "not run: too many scripts wait";
    }
    return "?";
}

std::string address_text(const IpAddress& first, unsigned count) {
    return count == 1 ? to_string(first) : fmt::format("{} and {} more", to_string(first), count - 1);
}

std::string difference_text(const Finding& f) {
    std::string text;
    if (f.extra != 0) text = fmt::format("announces {} too", address_text(f.first_extra, f.extra));
    if (f.extra != 0 && f.lacking != 0) text += ", and ";
    if (f.lacking != 0)
        text += fmt::format("lacks {}: nobody answers for {}", address_text(f.first_lacking, f.lacking),
                            f.lacking == 1 ? "it" : "them");
    return text;
}

} // namespace

std::string finding_text(const Finding& f) {
    const std::string who = router_text(f.source, f.priority);
    switch (f.kind) {
    case FindingKind::other_virtual_router:
        return fmt::format("{} announces {} and none of our addresses: it is another virtual router that "
                           "shares our virtual MAC; give one of the two another VRID",
                           who, address_text(f.first_extra, f.extra));
    case FindingKind::addresses_differ: return who + " " + difference_text(f);
    case FindingKind::foreign_subnet: return who + " is in none of the interface's subnets";
    case FindingKind::interval_differs:
        return fmt::format("{} advertises every {}; following it", who, to_string(f.interval));
    case FindingKind::interval_capped:
        return fmt::format("{} advertises every {}: too long to follow", who, to_string(f.interval));
    case FindingKind::checksum_form:
        return who + " computes the checksum over IPv4 in the other form than ours";
    case FindingKind::foreign_resignation:
        return fmt::format("{} resigned, but it is not the master: ignored", to_string(f.source));
    case FindingKind::address_conflict:
        return fmt::format("another machine ({}) claims {}", to_string(f.mac), to_string(f.source));
    case FindingKind::rival_owner: return who + " claims to own the addresses, which are ours";
    case FindingKind::claimed_twice:
        return who + " has priority 255 by configuration as we have: the higher address leads; give one of "
                     "the two a lower priority";
    }
    return "?";
}

namespace {

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
        const std::string who = router_text(r.source, r.priority);
        return r.better ? "better master heard: " + who + "; the group decides which of the two yields"
                        : "lesser master heard: " + who;
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
    std::string operator()(const MtuChanged& m) const { return fmt::format("MTU {} -> {}", m.from, m.to); }
    std::string operator()(const Renamed& r) const {
        return fmt::format("the interface is called {} now", r.to.view());
    }
    std::string operator()(const AddressPutBack& a) const {
        return fmt::format("somebody took {} away: put back", to_string(a.address));
    }
    std::string operator()(const Commanded& c) const {
        if (c.refusal == Refusal::none) return fmt::format("operator: {}", to_string(c.command));
        return fmt::format("operator: {} refused: {}", to_string(c.command), refusal_text(c));
    }
    std::string operator()(const Unserved& u) const {
        return fmt::format("nobody answers for the virtual addresses: no master heard for {}, and {}",
                           to_string(u.silence), "this router may not lead");
    }
    std::string operator()(const GroupRemark& r) const {
        if (r.kind == GroupRemark::Kind::preempts_no_more)
            return "the group took the gateway over again and again and was beaten each time: it preempts no "
                   "more "
                   "until it has led in some other way";
        return fmt::format(
            "priorities are crossed: {} outranks the master that it hears, but {} does not; the "
            "group stays backup. Give all members of one machine the higher priority",
            r.better.view(), r.lesser.view());
    }
    std::string operator()(const GroupChanged& g) const {
        if (g.trouble == GroupTrouble::none && g.present > g.minimum)
            return fmt::format(
                "group is fit: {0} members, more than the {1} that it waits for: use -M {0}, or it "
                "leads before all are there",
                g.present, g.minimum);
        if (g.trouble == GroupTrouble::none) return fmt::format("group is fit: {} members", g.present);
        return "group cannot lead: " + trouble_text(g.trouble, g.present, g.minimum, g.member.view());
    }
    std::string operator()(const SiblingDied& s) const {
        return fmt::format("the process of {} died: removing what it left", s.member.view());
    }
    std::string operator()(const ScriptFinished& s) const {
        return fmt::format("{} script {}", s.master ? "master" : "backup", outcome_text(s.outcome));
    }
    std::string operator()(const ActionFailed& f) const {
        return fmt::format("{} failed: {}", to_string(f.action), f.error.view());
    }
    std::string operator()(const Suppressed& s) const {
        if (s.failed) return fmt::format("{} more failures of {}", s.lines, to_string(*s.failed));
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
        if (f.extra != 0) json["announces_too"] = to_string(f.first_extra);
        if (f.lacking != 0) json["lacks"] = to_string(f.first_lacking);
    }
    void operator()(const RivalHeard& r) const {
        json["event"] = "rival_heard";
        json["better"] = r.better;
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
        if (!g.member.view().empty()) json["member"] = std::string(g.member.view());
    }
    void operator()(const SiblingDied& s) const {
        json["event"] = "sibling_died";
        json["member"] = std::string(s.member.view());
    }
    void operator()(const ScriptFinished& s) const {
        json["event"] = "script_finished";
        json["script"] = s.master ? "master" : "backup";
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
    if (!entry.group.empty()) json["group"] = std::string(entry.group);
    std::visit(ToJson{json}, entry.event.what);
    json["text"] = to_text(entry);
    return json_line(json);
}

Severity severity(const Event& event) {
    const bool notice = std::holds_alternative<Transition>(event.what) ||
                        std::holds_alternative<PriorityChanged>(event.what) ||
                        std::holds_alternative<Reannounced>(event.what) ||
                        std::holds_alternative<Commanded>(event.what);
    if (const auto* group = std::get_if<GroupChanged>(&event.what))
        return group->trouble == GroupTrouble::none ? Severity::notice : Severity::warning;
    // Other virtual routers on the network are no fault.
    if (const auto* dropped = std::get_if<PacketDropped>(&event.what);
        dropped != nullptr && dropped->error.reason == wire::DropReason::unknown_vrid)
        return Severity::notice;
    if (const auto* script = std::get_if<ScriptFinished>(&event.what)) {
        const ScriptOutcome& outcome = script->outcome;
        const bool well = outcome.kind == ScriptOutcome::Kind::exited && outcome.status == 0;
        return well ? Severity::notice : Severity::warning;
    }
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
    case Cause::claimed_ownership: return "claimed_ownership";
    case Cause::master_silent: return "master_silent";
    case Cause::no_master: return "no_master";
    case Cause::master_resigned: return "master_resigned";
    case Cause::preempted_lesser: return "preempted_lesser";
    case Cause::higher_priority: return "higher_priority";
    case Cause::higher_address: return "higher_address";
    case Cause::link_down: return "link_down";
    case Cause::interface_gone: return "interface_gone";
    case Cause::no_address: return "no_address";
    case Cause::mtu_too_small: return "mtu_too_small";
    case Cause::address_refused: return "address_refused";
    case Cause::ownership_changed: return "ownership_changed";
    case Cause::frozen: return "frozen";
    case Cause::group_leads: return "group_leads";
    case Cause::group_unfit: return "group_unfit";
    case Cause::group_lost: return "group_lost";
    case Cause::yielded: return "yielded";
    case Cause::held: return "held";
    case Cause::asked: return "asked";
    case Cause::stopped: return "stopped";
    }
    return "?";
}

const char* to_string(FindingKind kind) {
    switch (kind) {
    case FindingKind::other_virtual_router: return "other_virtual_router";
    case FindingKind::addresses_differ: return "addresses_differ";
    case FindingKind::foreign_subnet: return "foreign_subnet";
    case FindingKind::interval_differs: return "interval_differs";
    case FindingKind::interval_capped: return "interval_capped";
    case FindingKind::checksum_form: return "checksum_form";
    case FindingKind::foreign_resignation: return "foreign_resignation";
    case FindingKind::address_conflict: return "address_conflict";
    case FindingKind::rival_owner: return "rival_owner";
    case FindingKind::claimed_twice: return "claimed_twice";
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
    case Action::magic_packet: return "magic_packet";
    case Action::clean_up: return "clean_up";
    }
    return "?";
}

const char* to_string(Command command) {
    switch (command) {
    case Command::back_up: return "backup";
    case Command::hold: return "hold";
    case Command::release: return "release";
    case Command::lead: return "master";
    case Command::reduce: return "reduce";
    case Command::increase: return "increase";
    }
    return "?";
}

const char* to_string(Stance stance) {
    switch (stance) {
    case Stance::unfit: return "unfit";
    case Stance::held: return "held";
    case Stance::waiting: return "waiting";
    case Stance::following: return "following";
    case Stance::outranking: return "outranking";
    case Stance::ready: return "ready";
    case Stance::master: return "master";
    case Stance::preempting: return "preempting";
    case Stance::beaten: return "beaten";
    }
    return "?";
}

const char* to_string(GroupTrouble trouble) {
    switch (trouble) {
    case GroupTrouble::none: return "none";
    case GroupTrouble::members_missing: return "members_missing";
    case GroupTrouble::member_unfit: return "member_unfit";
    case GroupTrouble::member_held: return "member_held";
    case GroupTrouble::member_silent: return "member_silent";
    case GroupTrouble::member_missed: return "member_missed";
    case GroupTrouble::minimum_differs: return "minimum_differs";
    }
    return "?";
}

std::string trouble_text(GroupTrouble trouble, std::size_t present, std::size_t minimum,
                         std::string_view member) {
    switch (trouble) {
    case GroupTrouble::none: return {};
    case GroupTrouble::members_missing: return fmt::format("{} of {} members present", present, minimum);
    case GroupTrouble::member_unfit: return fmt::format("{} is not fit", member);
    case GroupTrouble::member_held: return fmt::format("an operator holds {} back", member);
    case GroupTrouble::member_silent: return fmt::format("the process of {} has stopped speaking", member);
    case GroupTrouble::member_missed:
        return fmt::format("the process of {} died; start it again, or tell the others: atropos --forget",
                           member);
    case GroupTrouble::minimum_differs:
        return fmt::format("{} has another -M than this one, which says {}", member, minimum);
    }
    return "?";
}

std::string refusal_text(const Commanded& c) {
    switch (c.refusal) {
    case Refusal::none: return {};
    case Refusal::owner:
        return "the addresses are the interface's own: its owner stays master with priority 255";
    case Refusal::not_in_election: return "the interface is not usable";
    case Refusal::better_master:
        return fmt::format("{} is master and outranks this router", router_text(c.peer, c.peer_priority));
    case Refusal::listening:
        return fmt::format(
            "it has just begun to listen, and may hear a better master within {}: ask again then",
            to_string(c.wait));
    case Refusal::stopped: return "this virtual router has stopped";
    }
    return "?";
}

} // namespace vrrp
