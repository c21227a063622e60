#include "netsim/world.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::sim {

Switch& World::add_network(std::string name) {
    return networks_.emplace_back(std::move(name), queue_, frames_, choices_);
}

Node& World::add_node(const std::string& name) {
    const auto number = static_cast<std::uint16_t>(nodes_.size() + 1);
    Node& node = nodes_.emplace_back(name, number, queue_, choices_);
    if (choices_.knows_mishaps()) node.kernel().set_loss_judge(this);
    return node;
}

Process& World::add_process(Node& node, RouterConfig config, std::string directory) {
    Process& process = node.add_process(std::move(config), std::move(directory), *this);
    invariants_.watch(process);
    return process;
}

PlainRouter& World::add_plain_router(Node& node, VirtualRouterConfig config) {
    PlainRouter& router = node.add_plain_router(std::move(config));
    invariants_.watch(router);
    return router;
}

Speaker& World::add_speaker(Node& node) {
    Speaker& speaker = speakers_.emplace_back(node.kernel(), queue_);
    invariants_.watch(speaker);
    return speaker;
}

Probe& World::add_probe(Node& node, std::string name, Probe::Plan plan) {
    Probe& probe = probes_.emplace_back(std::move(name), plan, node.kernel(), queue_, choices_, *this);
    invariants_.watch(probe);
    return probe;
}

void World::start() {
    for (Node& node : nodes_)
        node.boot();
}

void World::run_until(TimePoint end) {
    invariants_.settle();
    while (queue_.run_one(end))
        invariants_.settle();
}

bool World::holds_until(TimePoint end) {
    invariants_.settle();
    while (violations_ == 0 && queue_.run_one(end))
        invariants_.settle();
    return violations_ == 0;
}

void World::note_fault(const std::string& who, std::string text) {
    journal_.add({now(), who, Fault{std::move(text)}});
    invariants_.touch(true);
}

void World::stop(Process& process) {
    if (!process.running()) return;
    process.stop();
    invariants_.stopped(process);
}

void World::reconfigured() {
    invariants_.watch_anew();
}

void World::decided(const Process& process, const JournalEntry& entry) {
    journal_.add({now(), process.kernel().name(),
                  Decision{std::string(entry.interface), entry.vrid, entry.family, std::string(entry.group),
                           entry.event}});
    invariants_.touch(false);
}

void World::sent(const Process& process, std::uint16_t, BytesView frame) {
    if (wire_.note(now(), process.kernel().name(), frame) == WireLog::FrameKind::unreadable)
        invariants_.sent_unreadable(process, frame);
}

void World::script_began(const Process& process, const ScriptCall& call, unsigned life) {
    journal_.add({now(), process.kernel().name(), ScriptBegan{command_text(call)}});
    invariants_.script_began(process, call, life);
}

void World::line_written(const Process& process, std::string_view line) {
    journal_.add({now(), process.kernel().name(), FifoLine{std::string(line)}});
}

void World::orphan_ended(const Process& process, const ScriptCall& call, const ScriptOutcome& outcome) {
    journal_.add({now(), process.kernel().name(), OrphanEnded{command_text(call), outcome}});
}

Crash World::crashes(const Process& process) {
    if (!choices_.knows_mishaps()) return Crash::none;
    const std::string& machine = process.kernel().name();
    const ChoiceStream stream =
        choices_.stream(fmt::format("{}/vrrpd {}/crash", machine, static_cast<unsigned>(process.id()) + 1),
                        ChoiceKind::crash);
    const auto crash = static_cast<Crash>(choices_.pick(stream, 3));
    if (crash == Crash::none) return crash;
    std::vector<unsigned> vrids;
    for (const VirtualRouterConfig& one : process.config().virtual_routers)
        vrids.push_back(one.vrid);
    note_fault(machine, fmt::format("vrrpd of {} crashes{}", fmt::join(vrids, " and "),
                                    crash == Crash::started_again ? ", and is started again" : ""));
    return crash;
}

bool World::loses_advertisement(const Kernel& receiver, std::uint16_t interface) {
    const Kernel::Interface& at = receiver.interfaces()[interface];
    const Switch& network = *at.network;
    const ChoiceStream stream = choices_.stream(
        fmt::format("{}/{}/advertisement", network.name(), network.label(at.port)), ChoiceKind::loss);
    if (choices_.pick(stream, 2) == 0) return false;
    note_fault(receiver.name(), "loses an advertisement on " + network.name());
    return true;
}

void World::lost(const Probe& probe) {
    journal_.add({now(), probe.kernel().name(), AnswersLost{probe.name()}});
    invariants_.lost(probe);
}

void World::answered_again(const Probe& probe) {
    const Duration outage = probe.outages().empty() ? Duration{} : probe.outages().back().length();
    journal_.add({now(), probe.kernel().name(), AnswersBack{probe.name(), outage}});
    invariants_.answered_again(probe);
}

void World::violated(Invariant invariant, const std::string& who, const std::string& subject,
                     const std::string& text) {
    ++violations_;
    journal_.add({now(), who, Violation{name(invariant), text, subject}});
}

} // namespace vrrp::sim
