// What the machine's values are called in the log, in JSON, in scripts and on command lines.
#pragma once

#include "core/machine/event.hpp"
#include "core/machine/group.hpp"
#include "core/net/name_table.hpp"

namespace vrrp {

inline constexpr auto kStates =
    names<State>({{State::initialize, "initialize"}, {State::backup, "backup"}, {State::master, "master"}});

inline constexpr auto kCauses = names<Cause>({{Cause::started, "started"},
                                              {Cause::owner_started, "owner_started"},
                                              {Cause::claimed_ownership, "claimed_ownership"},
                                              {Cause::master_silent, "master_silent"},
                                              {Cause::no_master, "no_master"},
                                              {Cause::master_resigned, "master_resigned"},
                                              {Cause::preempted_lesser, "preempted_lesser"},
                                              {Cause::higher_priority, "higher_priority"},
                                              {Cause::higher_address, "higher_address"},
                                              {Cause::link_down, "link_down"},
                                              {Cause::interface_gone, "interface_gone"},
                                              {Cause::place_gone, "place_gone"},
                                              {Cause::unusable, "unusable"},
                                              {Cause::no_address, "no_address"},
                                              {Cause::no_source, "no_source"},
                                              {Cause::mtu_too_small, "mtu_too_small"},
                                              {Cause::check_failed, "check_failed"},
                                              {Cause::check_awaited, "check_awaited"},
                                              {Cause::address_refused, "address_refused"},
                                              {Cause::ownership_changed, "ownership_changed"},
                                              {Cause::start_delayed, "start_delayed"},
                                              {Cause::resumed, "resumed"},
                                              {Cause::reconfigured, "reconfigured"},
                                              {Cause::frozen, "frozen"},
                                              {Cause::group_leads, "group_leads"},
                                              {Cause::group_unfit, "group_unfit"},
                                              {Cause::group_lost, "group_lost"},
                                              {Cause::yielded, "yielded"},
                                              {Cause::held, "held"},
                                              {Cause::asked, "asked"},
                                              {Cause::stopped, "stopped"}});

inline constexpr auto kCheckStates = names<CheckState>(
    {{CheckState::unknown, "unknown"}, {CheckState::passes, "passes"}, {CheckState::fails, "fails"}});

inline constexpr auto kConfigurationChanges =
    names<ConfigurationChanged::Kind>({{ConfigurationChanged::Kind::added, "added"},
                                       {ConfigurationChanged::Kind::changed, "changed"},
                                       {ConfigurationChanged::Kind::removed, "removed"}});

inline constexpr auto kFindingKinds =
    names<FindingKind>({{FindingKind::not_heard, "not_heard"},
                        {FindingKind::other_virtual_router, "other_virtual_router"},
                        {FindingKind::addresses_differ, "addresses_differ"},
                        {FindingKind::foreign_subnet, "foreign_subnet"},
                        {FindingKind::interval_differs, "interval_differs"},
                        {FindingKind::interval_capped, "interval_capped"},
                        {FindingKind::checksum_form, "checksum_form"},
                        {FindingKind::foreign_resignation, "foreign_resignation"},
                        {FindingKind::address_conflict, "address_conflict"},
                        {FindingKind::rival_owner, "rival_owner"},
                        {FindingKind::claimed_twice, "claimed_twice"},
                        {FindingKind::not_signed, "not_signed"},
                        {FindingKind::clocks_differ, "clocks_differ"}});

inline constexpr auto kActions = names<Action>({{Action::send, "send"},
                                                {Action::attach_virtual_mac, "attach_virtual_mac"},
                                                {Action::detach_virtual_mac, "detach_virtual_mac"},
                                                {Action::add_address, "add_address"},
                                                {Action::drop_traffic, "drop_traffic"},
                                                {Action::remove_address, "remove_address"},
                                                {Action::magic_packet, "magic_packet"},
                                                {Action::clean_up, "clean_up"},
                                                {Action::notify, "notify"},
                                                {Action::watch, "watch"}});
static_assert(kActions.size() == kActionCount);

inline constexpr auto kScriptKinds = names<ScriptKind>({{ScriptKind::master, "master"},
                                                        {ScriptKind::backup, "backup"},
                                                        {ScriptKind::fault, "fault"},
                                                        {ScriptKind::stop, "stop"},
                                                        {ScriptKind::notify, "notify"}});

inline constexpr auto kNotices = names<Notice>({{Notice::master, "MASTER"},
                                                {Notice::backup, "BACKUP"},
                                                {Notice::fault, "FAULT"},
                                                {Notice::stop, "STOP"}});

// The requests of the control socket, and the verbs of atropos.
inline constexpr auto kCommands = names<Command>(
    {{Command::back_up, "backup",
      "let another router be master, and do not preempt it; take over only when there is none"},
     {Command::hold, "hold", "with --backup: stay backup whatever happens"},
     {Command::release, "release", "end --backup and --hold"},
     {Command::lead, "master", "end them, and become master now where the election allows it"},
     {Command::forget, "forget", "miss a member of the group no longer that died without a word"},
     {Command::reduce, "reduce", "reduce the priority: by 10, or to what vrrpd's -z says"},
     {Command::increase, "increase", "increase it: by 10, or to what vrrpd's -x says"}});

inline constexpr auto kStances = names<Stance>({{Stance::unfit, "unfit"},
                                                {Stance::held, "held"},
                                                {Stance::waiting, "waiting"},
                                                {Stance::following, "following"},
                                                {Stance::outranking, "outranking"},
                                                {Stance::ready, "ready"},
                                                {Stance::preempting, "preempting"},
                                                {Stance::master, "master"},
                                                {Stance::beaten, "beaten"}});

inline constexpr auto kGroupTroubles =
    names<GroupTrouble>({{GroupTrouble::none, "none"},
                         {GroupTrouble::members_missing, "members_missing"},
                         {GroupTrouble::member_unfit, "member_unfit"},
                         {GroupTrouble::member_held, "member_held"},
                         {GroupTrouble::member_silent, "member_silent"},
                         {GroupTrouble::member_missed, "member_missed"},
                         {GroupTrouble::minimum_differs, "minimum_differs"}});

constexpr const char* to_string(State value) {
    return kStates.name(value);
}
constexpr const char* to_string(Cause value) {
    return kCauses.name(value);
}
constexpr const char* to_string(ConfigurationChanged::Kind value) {
    return kConfigurationChanges.name(value);
}
constexpr const char* to_string(CheckState value) {
    return kCheckStates.name(value);
}
constexpr const char* to_string(FindingKind value) {
    return kFindingKinds.name(value);
}
constexpr const char* to_string(Action value) {
    return kActions.name(value);
}
constexpr const char* to_string(ScriptKind value) {
    return kScriptKinds.name(value);
}
constexpr const char* to_string(Notice value) {
    return kNotices.name(value);
}
constexpr const char* to_string(Command value) {
    return kCommands.name(value);
}
constexpr const char* to_string(Stance value) {
    return kStances.name(value);
}
constexpr const char* to_string(GroupTrouble value) {
    return kGroupTroubles.name(value);
}

} // namespace vrrp
