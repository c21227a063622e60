// What the log, atropos and a timeline say of an event, and how loud.
#include "core/daemon/journal.hpp"
#include "core/machine/names.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

Words said(const decltype(Event::what)& what) {
    const Event event{InterfaceId{}, VirtualRouterIndex{}, what};
    return words({TimePoint(1s), "eth0", 51, IpFamily::v4, {}, event});
}

Severity loudness(const decltype(Event::what)& what) {
    return severity({InterfaceId{}, VirtualRouterIndex{}, what});
}

constexpr auto became(State from, State to, Cause cause) {
    return Transition{.from = from, .to = to, .cause = cause};
}

} // namespace

TEST_CASE("an event's where, what and why are apart, and its text joins them") {
    const Words words = said(Transition{.from = State::backup,
                                        .to = State::master,
                                        .cause = Cause::master_silent,
                                        .peer = ip("10.16.1.2"),
                                        .peer_priority = 150,
                                        .silence = 3609ms});
    CHECK(words.where == "eth0 vrid 51");
    CHECK(words.what == "backup -> master");
    CHECK(words.why == "10.16.1.2 (priority 150) silent for 3.609 s");
    CHECK(to_text(words) == "eth0 vrid 51: backup -> master: 10.16.1.2 (priority 150) silent for 3.609 s");
    CHECK(said(Reannounced{}).why.empty());
    CHECK(to_text(said(Reannounced{})) == "eth0 vrid 51: addresses announced again");
    // What the world says may hold what parts the columns.
    CHECK(said(ActionFailed{Action::add_address, ShortText("a: b: c")}).why == "a: b: c");
}

TEST_CASE("an event is as loud as what an operator has to do about it") {
    using enum State;
    const std::pair<decltype(Event::what), Severity> rows[] = {
        {became(backup, master, Cause::master_silent), Severity::warning},
        {became(master, initialize, Cause::link_down), Severity::warning},
        {became(master, backup, Cause::group_unfit), Severity::warning},
        {became(initialize, backup, Cause::started), Severity::notice},
        {became(backup, master, Cause::preempted_lesser), Severity::notice},
        {became(backup, master, Cause::master_resigned), Severity::notice},
        {became(master, backup, Cause::higher_priority), Severity::notice},
        {became(master, backup, Cause::yielded), Severity::notice},
        {PacketDropped{{wire::DropReason::unknown_vrid, 7, 0}, {}, 7}, Severity::info},
        {PacketDropped{{wire::DropReason::checksum, 1, 2}, {}, 0}, Severity::info},
        {PacketDropped{{wire::DropReason::authentication, 1, 0}, {}, 51}, Severity::warning},
        {PacketDropped{{wire::DropReason::interval_mismatch, 2, 1}, {}, 51}, Severity::warning},
        {PacketDropped{{wire::DropReason::version, 3, 2}, {}, 51}, Severity::warning},
        {Finding{.kind = FindingKind::addresses_differ, .source = {}}, Severity::warning},
        {Finding{.kind = FindingKind::interval_differs, .source = {}}, Severity::notice},
        {RivalHeard{}, Severity::notice},
        {Reannounced{}, Severity::notice},
        {InterfaceChange{true, true, false}, Severity::warning},
        {InterfaceChange{true, true, true}, Severity::notice},
        {GroupChanged{.trouble = GroupTrouble::member_unfit, .member = {}}, Severity::warning},
        {GroupChanged{.trouble = GroupTrouble::member_held, .member = {}}, Severity::notice},
        {GroupChanged{.trouble = GroupTrouble::members_missing, .member = {}}, Severity::notice},
        {GroupChanged{}, Severity::notice},
        {ScriptFinished{ScriptKind::master, {}}, Severity::info},
        {ScriptFinished{ScriptKind::master, {.status = 1, .error = {}}}, Severity::error},
        {ActionFailed{}, Severity::error},
        {ActionFailed{Action::notify, {}}, Severity::warning},
        {Suppressed{3}, Severity::info},
    };
    for (const auto& [what, severity] : rows) {
        INFO(to_text(said(what)));
        CHECK(std::string(to_string(loudness(what))) == to_string(severity));
    }
}

TEST_CASE("a name finds its value again, and another name finds nothing") {
    for (const Named<Command>& command : kCommands)
        CHECK(kCommands.value(command.name) == command.value);
    CHECK_FALSE(kCommands.value("dance"));
    CHECK_FALSE(kCommands.value(""));
    CHECK(std::string(kStates.name(static_cast<State>(17))) == "?");
}
