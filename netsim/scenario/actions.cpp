#include "netsim/scenario/actions.hpp"

#include "core/daemon/control.hpp"
#include "core/wire/announcement.hpp"
#include "netsim/scenario/named.hpp"

#include <algorithm>
#include <array>

namespace vrrp::sim::action {
namespace {

template <typename What>
void for_ports(World& world, const std::string& network, What&& what) {
    for (Node& node : world.nodes())
        for (const Kernel::Interface& interface : node.kernel().interfaces())
            if (interface.network->name() == network) what(node, interface);
}

// A sentence with a VRID means a vrrpd; without one, what is of another make is meant too.
template <typename What>
void for_plain_routers(World& world, const Arguments& a, What&& what) {
    if (!a.vrids.empty()) return;
    for (const auto& router : node_named(world, a.node).plain_routers())
        what(*router);
}

void tell_check_changed(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->check_changed(a.check);
}

void set_cut(World& world, const Arguments& a, SilentCut cut) {
    const Kernel::Interface& interface =
        node_named(world, a.node).kernel().interfaces()[interface_of(world, a)];
    interface.network->set_cut(interface.port, cut);
}

std::uint8_t full_length(const IpAddress& address) {
    return static_cast<std::uint8_t>(8 * address.bytes().size());
}

Forgery forgery(const Arguments& a, Flaw flaw) {
    Forgery forgery{.vrid = a.vrids.front(), .priority = a.priority, .source = {}, .flaw = flaw};
    if (!a.address.is_unspecified()) forgery.source = a.address;
    return forgery;
}

} // namespace

// --- Cables and interfaces

void unplug(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().set_plugged(interface_of(world, a), false);
}

void plug(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().set_plugged(interface_of(world, a), true);
}

void down(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().set_admin_up(interface_of(world, a), false);
}

void up(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().set_admin_up(interface_of(world, a), true);
}

void remove_interface(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().remove_interface(interface_of(world, a));
}

void create_interface(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().restore_interface(interface_of(world, a));
}

void rename_interface(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().rename(interface_of(world, a), a.text);
}

void set_mtu(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().set_mtu(interface_of(world, a), static_cast<std::uint32_t>(a.count));
}

void add_address(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().add_own_address(interface_of(world, a), a.prefix);
}

void remove_address(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().remove_own_address(interface_of(world, a), a.address);
}

void take_address(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().take_address_away(a.address);
}

void cut(World& world, const Arguments& a) {
    set_cut(world, a, {.to_switch = a.choice != "in", .from_switch = a.choice != "out"});
}

void mend(World& world, const Arguments& a) {
    set_cut(world, a, {});
}

void delay(World& world, const Arguments& a) {
    const Kernel::Interface& interface =
        node_named(world, a.node).kernel().interfaces()[interface_of(world, a)];
    interface.network->set_latency(interface.port, a.limit);
}

// --- Processes and machines

void kill(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->kill();
    for_plain_routers(world, a, [](PlainRouter& router) { router.kill(); });
}

void stop(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        world.stop(*process);
    for_plain_routers(world, a, [](PlainRouter& router) { router.stop(); });
}

void start(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->start();
    for_plain_routers(world, a, [](PlainRouter& router) { router.start(); });
}

void freeze(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->freeze();
}

void thaw(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->thaw();
}

void power(World& world, const Arguments& a) {
    Node& node = node_named(world, a.node);
    if (a.choice == "on")
        node.power_on();
    else
        node.power_off();
}

void partition(World& world, const Arguments& a) {
    Switch& network = network_named(world, a.network);
    std::vector<std::uint8_t> side_by_port(network.ports());
    for_ports(world, a.network, [&](const Node& node, const Kernel::Interface& interface) {
        for (std::size_t side = 0; side < a.sides.size(); ++side)
            if (std::ranges::count(a.sides[side], node.name()) != 0)
                side_by_port[static_cast<std::size_t>(interface.port)] = static_cast<std::uint8_t>(side);
    });
    network.partition(side_by_port);
}

void heal(World& world, const Arguments& a) {
    network_named(world, a.network).heal();
}

void lose(World& world, const Arguments& a) {
    for_ports(world, a.network, [&](const Node&, const Kernel::Interface& interface) {
        interface.network->set_loss(interface.port, a.loss);
    });
}

void restart(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->restart();
}

void restarts_take(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->set_restart_time(a.limit);
}

void reload(World& world, const Arguments& a) {
    node_named(world, a.node).processes().front()->reload(*a.configuration);
}

void set_priority(World& world, const Arguments& a) {
    for (Process* process : processes_of(world, a))
        process->set_priority(a.vrids.front(), a.priority);
}

// --- Scripts, siblings, clocks, signals

void scripts_take(World& world, const Arguments& a) {
    node_named(world, a.node).script_habits().takes = a.limit;
}

void scripts_fail(World& world, const Arguments& a) {
    node_named(world, a.node).script_habits().status = static_cast<int>(a.count);
}

void scripts_are(World& world, const Arguments& a) {
    node_named(world, a.node).script_habits().unsafe = a.choice == "unsafe";
}

void fifo_is(World& world, const Arguments& a) {
    node_named(world, a.node).script_habits().fifo_read = a.choice == "read";
}

void set_check(World& world, const Arguments& a) {
    auto& failing = node_named(world, a.node).check_habits().failing;
    failing.erase(a.check);
    if (a.choice == "fails") failing[a.check] = a.text.empty() ? "the scenario says so" : a.text;
    tell_check_changed(world, a);
}

void set_number(World& world, const Arguments& a) {
    node_named(world, a.node).check_habits().numbers[a.check] = a.weight;
    tell_check_changed(world, a);
}

void slow_siblings(World& world, const Arguments& a) {
    node_named(world, a.node).siblings().set_jitter(a.limit);
}

void set_clock_rate(World& world, const Arguments& a) {
    const auto ppm = static_cast<std::int64_t>(a.count);
    node_named(world, a.node).set_clock_rate(a.choice == "fast" ? ppm : -ppm);
}

void set_clock(World& world, const Arguments& a) {
    node_named(world, a.node).set_clock(a.choice == "ahead" ? a.limit : -a.limit);
}

void send_signal(World& world, const Arguments& a) {
    const Command command = a.choice == "usr2"   ? Command::back_up
                            : a.choice == "ttin" ? Command::reduce
                                                 : Command::increase;
    for (Process* process : processes_of(world, a))
        process->command(command);
}

// To each vrrpd whose runtime directory it looks in.
void run_atropos(World& world, const Arguments& a) {
    const config::AtroposCommand& command = *a.atropos;
    const std::string request = to_json(ControlRequest{command.request, command.interface, command.vrid});
    for (Process* process : processes_of(world, a))
        if (process->directory() == command.directory) process->answer(request);
}

// --- Who is no router

void claim(World& world, const Arguments& a) {
    Kernel& kernel = node_named(world, a.node).kernel();
    kernel.add_own_address(0, {a.address, full_length(a.address)});
    std::array<std::uint8_t, wire::kUnsolicitedNaSize> room{};
    const std::size_t size = wire::encode_announcement(a.address, kernel.interfaces().front().mac, room);
    kernel.send(0, BytesView(room).first(size));
}

void solicit(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().solicit_routers();
}

void give_up(World& world, const Arguments& a) {
    node_named(world, a.node).kernel().remove_own_address(0, a.address);
}

void advertise(World& world, const Arguments& a) {
    speaker_of(world, a).say(forgery(a, Flaw::none), a.limit);
}

void forge(World& world, const Arguments& a) {
    const Flaw flaw = a.choice == "checksum"   ? Flaw::checksum
                      : a.choice == "password" ? Flaw::password
                      : a.choice == "ttl"      ? Flaw::ttl
                      : a.choice == "interval" ? Flaw::interval
                      : a.choice == "count"    ? Flaw::count
                                               : Flaw::length;
    speaker_of(world, a).say(forgery(a, flaw), a.limit);
}

void replay(World& world, const Arguments& a) {
    if (!speaker_of(world, a).replay(a.vrids.front())) world.note_fault(a.node, "it has heard nothing");
}

void fall_silent(World& world, const Arguments& a) {
    speaker_of(world, a).fall_silent();
}

} // namespace vrrp::sim::action
