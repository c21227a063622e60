#include "core/daemon/journal.hpp"

#include "core/machine/names.hpp"

#include <fmt/format.h>

namespace vrrp {
namespace {

std::string router_text(const IpAddress& address, unsigned priority) {
    return fmt::format("{} (priority {})", to_string(address), priority);
}

// Where the last change of a check's weight decided an election.
std::string by_check(const Transition& t, const char* what_it_did) {
    return t.named.empty() ? std::string() : fmt::format(", since check {} {}", t.named.view(), what_it_did);
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
    case Cause::preempted_lesser:
        return fmt::format("preempting {}{}", router_text(t.peer, t.peer_priority),
                           by_check(t, "raised our priority"));
    case Cause::higher_priority:
        return fmt::format("{} has the higher priority{}", router_text(t.peer, t.peer_priority),
                           by_check(t, "lowered ours"));
    case Cause::higher_address:
        return fmt::format("{} has the higher address{}", router_text(t.peer, t.peer_priority),
                           by_check(t, "lowered our priority"));
    case Cause::link_down: return "the link is down";
    case Cause::interface_gone: return "the interface does not exist";
    case Cause::place_gone:
        return fmt::format("{}, where some of its addresses are to be, does not exist", t.named.view());
    case Cause::unusable: return "nobody would hear us on the interface";
    case Cause::no_address: return "the interface has no address to speak from";
    case Cause::no_source:
        return "the source address is not on the interface: add it there, or change --source";
    case Cause::mtu_too_small:
        return fmt::format("an advertisement needs {} bytes, the interface carries {}", t.needed, t.mtu);
    case Cause::check_failed: return fmt::format("check {} fails", t.named.view());
    case Cause::check_awaited: return fmt::format("waiting for the first result of check {}", t.named.view());
    case Cause::address_refused: return "a virtual address could not be put on the interface";
    case Cause::ownership_changed: return "the interface's own addresses changed";
    case Cause::start_delayed: return "waiting for its start delay to pass";
    case Cause::resumed: return "going on for the process before this one";
    case Cause::reconfigured: return "its configuration changed";
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
    case FindingKind::not_heard: return fmt::format("{} is not heard: {}", who, f.refused.message());
    case FindingKind::other_virtual_router:
        return fmt::format("{} announces {} and none of our addresses: it is another virtual router that "
                           "shares our virtual MAC; give one of the two another VRID",
                           who, address_text(f.first_extra, f.extra));
    case FindingKind::addresses_differ: return who + " " + difference_text(f);
    case FindingKind::foreign_subnet: return who + " is in none of the interface's subnets";
    case FindingKind::interval_differs:
        return fmt::format("{} advertises every {}; following it", who, to_string(f.interval));
    case FindingKind::interval_capped:
        return fmt::format("{} advertises every {}, too long to follow before it has kept to it", who,
                           to_string(f.interval));
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
    case FindingKind::not_signed:
        return who + " does not sign its advertisements: followed, because unsigned ones are accepted here";
    case FindingKind::clocks_differ:
        return who + " has another time of day: set both clocks (NTP) before its advertisements are refused";
    }
    return "?";
}

namespace {

// What happened, and its reason where it has one.
struct WhatAndWhy {
    std::string what;
    std::string why = {};
};

WhatAndWhy outcome_words(const ScriptOutcome& o) {
    switch (o.kind) {
    case ScriptOutcome::Kind::exited:
        if (o.status == 0) return {"done"};
        return {fmt::format("failed with exit status {}", o.status)};
    case ScriptOutcome::Kind::signalled: return {fmt::format("ended by signal {}", o.status)};
    case ScriptOutcome::Kind::timed_out:
        return {"killed", fmt::format("it took longer than {}", to_string(ScriptRunner::kTimeLimit))};
    case ScriptOutcome::Kind::refused: return {"not run", std::string(o.error.view())};
    case ScriptOutcome::Kind::dropped: return {"not run", "too many scripts wait"};
    }
    return {"?"};
}

struct ToWhatAndWhy {
    WhatAndWhy operator()(const Transition& t) const {
        if (t.from == t.to) return {to_string(t.to), reason_text(t)};
        return {fmt::format("{} -> {}", to_string(t.from), to_string(t.to)), reason_text(t)};
    }
    WhatAndWhy operator()(const PacketDropped& d) const {
        if (d.vrid == 0) return {"packet dropped", d.error.message()};
        return {fmt::format("packet from {} for vrid {} dropped", to_string(d.source), d.vrid),
                d.error.message()};
    }
    WhatAndWhy operator()(const Finding& f) const { return {"finding", finding_text(f)}; }
    WhatAndWhy operator()(const RivalHeard& r) const {
        const std::string who = router_text(r.source, r.priority);
        if (r.better) return {"better master heard", who + "; the group decides which of the two yields"};
        return {"lesser master heard", who};
    }
    WhatAndWhy operator()(const Reannounced&) const { return {"addresses announced again"}; }
    WhatAndWhy operator()(const IntervalTooShort& i) const {
        const bool is_slow = i.wakes >= i.heard;
        return {fmt::format("an interval of {} is not safe here: use {}{}", to_string(i.interval),
                            to_string(i.safe), is_slow ? ", or --realtime" : ""),
                fmt::format("99.9 % of {} are up to {} late",
                            is_slow ? "the wakes of this machine" : "what it hears",
                            to_string(std::max(i.wakes, i.heard)))};
    }
    WhatAndWhy operator()(const Overslept& o) const {
        return {fmt::format("this process woke {} late", to_string(o.late)), "listening anew"};
    }
    WhatAndWhy operator()(const PriorityChanged& p) const {
        return {fmt::format("priority {} -> {}", p.from, p.to),
                p.check.empty() ? std::string() : fmt::format("check {}", p.check.view())};
    }
    WhatAndWhy operator()(const ConfigurationChanged& c) const {
        switch (c.kind) {
        case ConfigurationChanged::Kind::added: return {"added to the configuration"};
        case ConfigurationChanged::Kind::removed: return {"removed from the configuration"};
        case ConfigurationChanged::Kind::changed: break;
        }
        return {"configuration changed", std::string(c.settings.view())};
    }
    WhatAndWhy operator()(const CheckChanged& c) const {
        return {to_string(c.state), std::string(c.reason.view())};
    }
    WhatAndWhy operator()(const InterfaceChange& c) const {
        if (!c.present) return {"interface gone"};
        if (!c.admin_up) return {"interface down"};
        if (!c.carrier) return {"link down"};
        if (!c.obstacle.empty()) return {"cannot be used", std::string(c.obstacle.view())};
        return {"link up"};
    }
    WhatAndWhy operator()(const MtuChanged& m) const { return {fmt::format("MTU {} -> {}", m.from, m.to)}; }
    WhatAndWhy operator()(const Renamed& r) const {
        return {fmt::format("the interface is called {} now", r.to.view())};
    }
    WhatAndWhy operator()(const AddressPutBack& a) const {
        return {fmt::format("somebody took {} away", to_string(a.address)), "put back"};
    }
    WhatAndWhy operator()(const Commanded& c) const {
        const std::string asked = fmt::format("operator: {}", to_string(c.command));
        if (c.refusal == Refusal::none) return {asked};
        return {asked + " refused", refusal_text(c)};
    }
    WhatAndWhy operator()(const Unserved& u) const {
        return {"nobody answers for the virtual addresses",
                fmt::format("no master heard for {}, and this router may not lead", to_string(u.silence))};
    }
    WhatAndWhy operator()(const GroupRemark& r) const {
        if (r.kind == GroupRemark::Kind::preempts_no_more)
            return {"the group took the gateway over again and again and was beaten each time",
                    "it preempts no more until it has led in some other way"};
        return {"priorities are crossed",
                fmt::format("{} outranks the master that it hears, but {} does not; the group stays backup. "
                            "Give all members of one machine the higher priority",
                            r.better.view(), r.lesser.view())};
    }
    WhatAndWhy operator()(const GroupChanged& g) const {
        if (g.trouble == GroupTrouble::none && g.present > g.minimum)
            return {"group is fit",
                    fmt::format("{0} members, more than the {1} that it waits for: use -M {0}, or it leads "
                                "before all are there",
                                g.present, g.minimum)};
        if (g.trouble == GroupTrouble::none)
            return {"group is fit", g.present == 1 ? "1 member" : fmt::format("{} members", g.present)};
        return {"group cannot lead",
                trouble_text(g.trouble, g.present, g.minimum, g.member.view(), g.check.view())};
    }
    WhatAndWhy operator()(const SiblingDied& s) const {
        return {fmt::format("the process of {} died", s.member.view()), "removing what it left"};
    }
    WhatAndWhy operator()(const ScriptFinished& s) const {
        auto [outcome, why] = outcome_words(s.outcome);
        return {fmt::format("{} script {}", to_string(s.kind), outcome), why};
    }
    WhatAndWhy operator()(const ActionFailed& f) const {
        return {fmt::format("{} failed", to_string(f.action)), std::string(f.error.view())};
    }
    WhatAndWhy operator()(const Suppressed& s) const {
        if (s.failed) return {fmt::format("{} more failures of {}", s.lines, to_string(*s.failed))};
        return {fmt::format("{} lines about the wire suppressed", s.lines)};
    }
};

std::string where(const JournalEntry& entry) {
    if (const auto* changed = std::get_if<CheckChanged>(&entry.event.what))
        return fmt::format("check {}", changed->check.view());
    if (is_of_process(entry.event)) return {};
    if (entry.vrid == 0) return std::string(entry.interface);
    return fmt::format("{} vrid {}{}", entry.interface, entry.vrid,
                       entry.family == IpFamily::v6 ? " IPv6" : "");
}

// A change that something broken has caused, here or at the other router. An orderly one is a notice.
bool is_fault(Cause cause) {
    switch (cause) {
    case Cause::master_silent:
    case Cause::link_down:
    case Cause::interface_gone:
    case Cause::place_gone:
    case Cause::unusable:
    case Cause::no_address:
    case Cause::no_source:
    case Cause::mtu_too_small:
    case Cause::check_failed:
    case Cause::address_refused:
    case Cause::frozen:
    case Cause::group_unfit: return true;
    default: return false;
    }
}

// What a peer with another configuration, a loop or a forger sends. Any other packet concerns who sent it.
bool is_about_us(wire::DropReason reason) {
    using enum wire::DropReason;
    switch (reason) {
    case version:
    case authentication_header:
    case authentication:
    case key_id:
    case stale:
    case trailer:
    case interval_mismatch:
    case replay:
    case own_packet:
    case destination:
    case peer: return true;
    default: return false;
    }
}

struct ToSeverity {
    Severity operator()(const Transition& t) const {
        return t.from != t.to && is_fault(t.cause) ? Severity::warning : Severity::notice;
    }
    Severity operator()(const PacketDropped& d) const {
        return is_about_us(d.error.reason) ? Severity::warning : Severity::info;
    }
    Severity operator()(const Finding& f) const {
        const bool harmless = f.kind == FindingKind::interval_differs || f.kind == FindingKind::checksum_form;
        return harmless ? Severity::notice : Severity::warning;
    }
    // A lesser master is heard whenever a better one preempts it.
    Severity operator()(const RivalHeard&) const { return Severity::notice; }
    Severity operator()(const Reannounced&) const { return Severity::notice; }
    Severity operator()(const IntervalTooShort&) const { return Severity::warning; }
    Severity operator()(const Overslept&) const { return Severity::warning; }
    Severity operator()(const PriorityChanged&) const { return Severity::notice; }
    Severity operator()(const ConfigurationChanged&) const { return Severity::notice; }
    Severity operator()(const CheckChanged& c) const {
        return c.state == CheckState::fails ? Severity::warning : Severity::notice;
    }
    Severity operator()(const InterfaceChange& c) const {
        return c.present && c.admin_up && c.carrier && c.obstacle.empty() ? Severity::notice
                                                                          : Severity::warning;
    }
    Severity operator()(const MtuChanged&) const { return Severity::notice; }
    Severity operator()(const Renamed&) const { return Severity::notice; }
    Severity operator()(const AddressPutBack&) const { return Severity::warning; }
    Severity operator()(const Commanded&) const { return Severity::notice; } // it was answered
    Severity operator()(const GroupChanged& g) const {
        // Who is missing has not been started yet, or was stopped in order: who dies is told by SiblingDied.
        const bool meant = g.trouble == GroupTrouble::none || g.trouble == GroupTrouble::members_missing ||
                           g.trouble == GroupTrouble::member_held;
        return meant ? Severity::notice : Severity::warning;
    }
    Severity operator()(const Unserved&) const { return Severity::warning; }
    Severity operator()(const GroupRemark&) const { return Severity::warning; }
    Severity operator()(const SiblingDied&) const { return Severity::warning; }
    Severity operator()(const ScriptFinished& s) const {
        const bool well = s.outcome.kind == ScriptOutcome::Kind::exited && s.outcome.status == 0;
        return well ? Severity::info : Severity::error;
    }
    // Its reader is another program; the gateway does its work.
    Severity operator()(const ActionFailed& f) const {
        return f.action == Action::notify ? Severity::warning : Severity::error;
    }
    Severity operator()(const Suppressed&) const { return Severity::info; }
};

} // namespace

Words words(const JournalEntry& entry) {
    auto [what, why] = std::visit(ToWhatAndWhy{}, entry.event.what);
    return {.where = where(entry), .what = std::move(what), .why = std::move(why)};
}

std::string to_text(const Words& words) {
    std::string text = words.where.empty() ? words.what : words.where + ": " + words.what;
    return words.why.empty() ? text : text + ": " + words.why;
}

std::string to_text(const JournalEntry& entry) {
    return to_text(words(entry));
}

std::string outcome_text(const ScriptOutcome& outcome) {
    const auto [what, why] = outcome_words(outcome);
    return why.empty() ? what : fmt::format("{}: {}", what, why);
}

Severity severity(const Event& event) {
    return std::visit(ToSeverity{}, event.what);
}

bool is_of_process(const Event& event) {
    if (event.virtual_router) return false;
    return std::holds_alternative<CheckChanged>(event.what) ||
           std::holds_alternative<ActionFailed>(event.what) ||
           std::holds_alternative<Suppressed>(event.what) ||
           std::holds_alternative<IntervalTooShort>(event.what);
}

const char* to_string(Severity severity) {
    switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::notice: return "notice";
    case Severity::info: return "info";
    }
    return "?";
}

std::string trouble_text(GroupTrouble trouble, std::size_t present, std::size_t minimum,
                         std::string_view member, std::string_view check) {
    switch (trouble) {
    case GroupTrouble::none: return {};
    case GroupTrouble::members_missing: return fmt::format("{} of {} members present", present, minimum);
    case GroupTrouble::member_unfit:
        return check.empty() ? fmt::format("{} is not fit", member)
                             : fmt::format("{} is not fit: check {} fails", member, check);
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
    case Refusal::not_in_election: return "its interface is not usable, or a check fails";
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
