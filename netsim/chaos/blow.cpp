#include "netsim/chaos/blow.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

// clang-format off
constexpr Blow kBlows[] = {
    {FaultKind::cable, "unplug {router} {interface}", "plug {router} {interface}"},
    {FaultKind::cable, "down {router} {interface}", "up {router} {interface}"},
    {FaultKind::interface, "delete {router} {interface}", "create {router} {interface}"},
    {FaultKind::interface, "rename {router} {interface} to other{interface}", "rename {router} {interface} to {interface}"},
    {FaultKind::cut, "cut {router} {interface}", "mend {router} {interface}"},
    {FaultKind::cut, "cut {router} {interface} in", "mend {router} {interface}"},
    {FaultKind::cut, "cut {router} {interface} out", "mend {router} {interface}", Hopeless::without_virtual_mac},
    {FaultKind::partition, "partition {network} into {router} | {rest}", "heal {network}"},
    {FaultKind::loss, "lose 20% on {network}", "lose 0% on {network}"},
    {FaultKind::address, "remove {own} from {router} {interface}", "add {own}/{length} to {router} {interface}"},
    {FaultKind::interface, "set mtu of {router} {interface} to 600", "set mtu of {router} {interface} to 1500"},
    {FaultKind::power, "power off {router}", "power on {router}"},
    {FaultKind::freeze, "freeze {router} {vrid}", "thaw {router} {vrid}"},
    {FaultKind::freeze, "freeze {router}", "thaw {router}"},
    {FaultKind::kill, "kill {router} {vrid}", "start {router} {vrid}"},
    {FaultKind::kill, "kill {router}", "start {router}"},
    {FaultKind::stop, "stop {router} {vrid}", "start {router} {vrid}"},
    {FaultKind::stop, "stop {router}", "start {router}"},
    {FaultKind::address, "take {virtual} from {router}", ""},
    {FaultKind::scripts, "scripts of {router} take 2s", ""},
    {FaultKind::scripts, "scripts of {router} fail with 3", ""},
    {FaultKind::scripts, "scripts of {router} are unsafe", ""},
    {FaultKind::clock, "clock of {router} runs 1000 ppm fast", ""},
    {FaultKind::clock, "clock of {router} runs 1000 ppm slow", ""},
    {FaultKind::siblings, "siblings of {router} take up to 20ms longer", ""},
    {FaultKind::siblings, "siblings of {router} take up to 300ms longer", "", Hopeless::fast_advertisements},
    {FaultKind::delay, "delay {router} {interface} by 100us", ""},
    {FaultKind::delay, "delay {router} {interface} by 5ms", ""},
    {FaultKind::delay, "delay {router} {interface} by 30ms", ""},
    {FaultKind::operation, "set priority of {router} {vrid} to {another}", "set priority of {router} {vrid} to {priority}", Hopeless::owners},
    {FaultKind::operation, "signal usr2 to {router}", "{router} runs atropos --release"},
    {FaultKind::operation, "signal ttin to {router} {vrid}", "set priority of {router} {vrid} to {priority}", Hopeless::several_in_process},
    {FaultKind::operation, "signal ttou to {router} {vrid}", "set priority of {router} {vrid} to {priority}", Hopeless::several_in_process},
    {FaultKind::operation, "{router} runs atropos --backup", "{router} runs atropos --release"},
    {FaultKind::operation, "{router} runs atropos --backup --hold -v {vrid}", "{router} runs atropos --release"},
    {FaultKind::operation, "{router} runs atropos --master", ""},
    {FaultKind::operation, "{router} runs atropos --master -v {vrid}", ""},
    {FaultKind::stranger, "{stranger} claims {virtual}", "{stranger} gives {virtual} up"},
    {FaultKind::stranger, "{stranger} advertises {vrid} at 255 every 1s", "{stranger} falls silent"},
    {FaultKind::stranger, "{stranger} advertises {vrid} at 10 every 1s", "{stranger} falls silent"},
    {FaultKind::stranger, "{stranger} forges checksum for {vrid} at 255 every 100ms", "{stranger} falls silent"},
    {FaultKind::stranger, "{stranger} advertises {vrid} at 0 as {leader}", ""},
    {FaultKind::stranger, "{stranger} replays {vrid}", ""},
    {FaultKind::owner, "add {virtual}/{length} to {router} {interface}", "remove {virtual} from {router} {interface}"},
    {FaultKind::restart, "restart {router}", ""},
    {FaultKind::check, "check {check} of {router} fails", "check {check} of {router} passes"},
};
// clang-format on

} // namespace

std::span<const Blow> blows() {
    return kBlows;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
}

std::string filled(std::string text, const Names& names) {
    for (const auto& [name, value] : names)
        replace_all(text, "{" + name + "}", value);
    return text;
}

int mending_rank(std::string_view sentence) {
    return sentence.starts_with("power") ? 0 : sentence.starts_with("thaw") ? 1 : 2;
}

} // namespace vrrp::sim
