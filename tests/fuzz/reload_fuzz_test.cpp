// Any configuration may follow any other at any moment: what a router holds is what its state says.
#include "tests/fuzz/frame_mutator.hpp"
#include "tests/unit/test_bed.hpp"

#include <fmt/format.h>
#include <map>

using namespace vrrp;
using namespace vrrp::fuzz;
using namespace vrrp::test;

namespace {

constexpr int kReloadInputs = 60'000;

void over_ipv6(Dice& dice, VirtualRouterConfig& config) {
    const std::string id = std::to_string(config.vrid);
    config.version = wire::Version::v3;
    config.family = IpFamily::v6;
    config.addresses = {prefix("fe80::" + id), prefix("fd00::" + id + "/64")};
    config.unadvertised = 0;
    config.peers.clear();
    if (!dice.one_in(2)) return;
    config.router_advertising = RouterAdvertising{.interval = (4 + dice.below(100)) * 1s, .said = {}};
    if (dice.one_in(2)) config.router_advertising->said.mtu = 1400;
}

// Few names, so that they go and return.
VirtualRouterConfig any_virtual_router(Dice& dice, std::size_t interface, std::uint8_t vrid) {
    VirtualRouterConfig config = dice.one_in(2) ? gateway_v3() : gateway();
    const std::string interface_name = fmt::format("eth{}", interface);
    config.interface = interface_name;
    config.vrid = vrid;
    config.addresses.clear();
    for (std::size_t i = 0; i < 3; ++i)
        if (dice.one_in(2) || (i == 2 && config.addresses.empty()))
            config.addresses.push_back(prefix(fmt::format("10.0.{}.{}/32", interface, 100 + 10 * vrid + i)));
    if (dice.one_in(15)) config.addresses.push_back(prefix("10.0.0.2/32")); // the interface's own
    if (config.addresses.size() > 1 && dice.one_in(4)) config.unadvertised = 1;
    config.accept = !dice.one_in(4);
    config.priority = dice.one_in(20) ? 255 : static_cast<std::uint8_t>(50 + 50 * dice.below(4));
    config.advertisement_interval = (1 + dice.below(2)) * 1s;
    config.preempt = !dice.one_in(4);
    if (dice.one_in(5)) config.peers = {ip("10.0.0.77")};
    config.virtual_mac = !dice.one_in(3) && !config.unicast();
    if (dice.one_in(4)) over_ipv6(dice, config);
    if (dice.one_in(4)) {
        const std::string elsewhere = fmt::format("eth{}", dice.below(5));
        if (elsewhere != interface_name)
            config.places = {{.address = config.addresses.back().address, .interface = elsewhere}};
    }
    return config;
}

RouterConfig any_config(Dice& dice) {
    RouterConfig config;
    if (dice.one_in(2))
        config.groups.push_back({.name = dice.one_in(2) ? "a" : "b", .minimum = 0, .tracks = {}});
    if (dice.one_in(2))
        config.tracks.push_back({.name = dice.one_in(2) ? "x" : "y",
                                 .check = InterfaceCheck{.interface = fmt::format("eth{}", dice.below(4))},
                                 .weight = dice.one_in(2) ? std::optional(-60) : std::nullopt});
    for (std::size_t interface = 0; interface < 3; ++interface)
        for (std::uint8_t vrid = 1; vrid <= 2; ++vrid) {
            if (dice.one_in(3)) continue;
            VirtualRouterConfig one = any_virtual_router(dice, interface, vrid);
            if (!config.groups.empty() && dice.one_in(2)) {
                one.group = GroupIndex{0};
                ++config.groups.front().minimum;
            }
            if (!config.tracks.empty() && dice.one_in(3)) one.tracks = {TrackIndex{0}};
            config.virtual_routers.push_back(std::move(one));
        }
    if (config.virtual_routers.empty()) config.virtual_routers.push_back(any_virtual_router(dice, 0, 1));
    if (!config.groups.empty() && config.groups.front().minimum == 0) config.groups.clear();
    return config;
}

// What a machine's interfaces have of the router.
class Machine {
  public:
    explicit Machine(const RouterConfig& config) : router(config) {
        for (const RouterInterface& one : router.interfaces()) {
            watched.insert(one.id);
            give(InterfaceChanged{one.id, working_interface()});
        }
        give(Started{});
    }

    void give(const Input& input) {
        Effects effects;
        router.handle(now, input, effects);
        std::vector<InterfaceId> told;
        for (const Effect& effect : effects) {
            if (const auto* add = std::get_if<AddAddress>(&effect)) {
                REQUIRE(watched.contains(add->interface));
                held.insert({add->virtual_router, add->interface, add->virtual_mac.has_value(), add->prefix});
            }
            if (const auto* remove = std::get_if<RemoveAddress>(&effect)) {
                REQUIRE(watched.contains(remove->interface));
                held.erase({remove->virtual_router, remove->interface, remove->virtual_mac.has_value(),
                            remove->prefix});
            }
            if (const auto* attach = std::get_if<AttachVirtualMac>(&effect))
                attached.insert(attach->virtual_router);
            if (const auto* detach = std::get_if<DetachVirtualMac>(&effect))
                attached.erase(detach->virtual_router);
            if (const auto* watch = std::get_if<Watch>(&effect)) {
                watched.insert(watch->interface);
                told.push_back(watch->interface);
            }
            if (const auto* forget = std::get_if<Forget>(&effect))
                REQUIRE(watched.erase(forget->interface) == 1);
            if (const auto* send = std::get_if<SendFrame>(&effect))
                REQUIRE(watched.contains(send->interface));
        }
        for (const InterfaceId id : told)
            give(InterfaceChanged{id, working_interface()});
    }

    // Of each virtual router what its state and its configuration say, and nothing else.
    void check() const {
        std::set<Holding> addresses;
        std::set<VirtualRouterIndex> macs;
        for (const VirtualRouter& one : router.virtual_routers()) {
            if (one.state() != State::master && !one.trying_addresses()) continue;
            if (one.uses_virtual_mac()) macs.insert(one.index());
            for (const IpPrefix& prefix : one.config().addresses) {
                const std::string& name = one.config().interface_of(prefix.address);
                const auto where = std::ranges::find(router.interfaces(), name, &RouterInterface::name);
                const bool at_home = where->id == one.interface();
                REQUIRE(where->facts.present);
                if (!where->facts.has(prefix.address))
                    addresses.insert({one.index(), where->id, at_home && one.uses_virtual_mac(), prefix});
            }
        }
        REQUIRE(held == addresses);
        REQUIRE(attached == macs);
    }

    Router router;
    TimePoint now{1s};

  private:
    using Holding = std::tuple<VirtualRouterIndex, InterfaceId, bool, IpPrefix>;
    std::set<Holding> held;
    std::set<VirtualRouterIndex> attached;
    std::set<InterfaceId> watched;
};

Peer any_peer(Dice& dice, const Router& router) {
    const auto all = router.virtual_routers();
    const VirtualRouterConfig& config = all[static_cast<std::ptrdiff_t>(dice.below(all.size()))].config();
    const bool v6 = config.family == IpFamily::v6;
    return Peer{.address = dice.one_in(2) ? ip(v6 ? "fe80::1" : "10.0.0.1") : ip(v6 ? "fe80::9" : "10.0.0.9"),
                .config = config};
}

} // namespace

TEST_CASE("through any sequence of configurations a router holds what its state says") {
    Dice dice(7);
    RouterConfig config = any_config(dice);
    Machine machine(config);
    std::size_t reloads = 0, masters = 0;
    for (int i = 0; i < kReloadInputs; ++i) {
        const TimePoint deadline = machine.router.next_deadline();
        machine.now += Duration(dice.below(400'000'000));
        if (deadline <= machine.now) machine.give(DeadlineReached{});
        const auto& interfaces = machine.router.interfaces();
        switch (dice.below(12)) {
        case 0:
            config = any_config(dice);
            machine.give(Reconfigured{config});
            ++reloads;
            break;
        case 1: {
            const Router before = machine.router;
            machine.give(Reconfigured{config});
            REQUIRE(machine.router.virtual_routers().size() == config.virtual_routers.size());
            if (before.next_deadline() > machine.now) REQUIRE(machine.router == before);
            break;
        }
        case 2: {
            const RouterInterface& one = interfaces[dice.below(interfaces.size())];
            if (!one.watched) break;
            InterfaceFacts facts = working_interface();
            facts.carrier = !dice.one_in(3);
            if (dice.one_in(5)) facts = InterfaceFacts{};
            machine.give(InterfaceChanged{one.id, facts});
            break;
        }
        case 3: {
            const auto all = machine.router.virtual_routers();
            const auto index = all[static_cast<std::ptrdiff_t>(dice.below(all.size()))].index();
            const Command commands[] = {Command::back_up, Command::hold, Command::release, Command::lead,
                                        Command::reduce};
            machine.give(Commanding{index, commands[dice.below(std::size(commands))]});
            break;
        }
        default: {
            const Peer peer = any_peer(dice, machine.router);
            const auto id = std::ranges::find(interfaces, peer.config.interface, &RouterInterface::name)->id;
            const std::uint8_t priorities[] = {0, 60, 120, 254};
            const Frame frame = peer.frame(priorities[dice.below(std::size(priorities))]);
            if (machine.router.interface(id).watched) machine.give(FrameReceived{id, frame});
        }
        }
        machine.check();
        for (const VirtualRouter& one : machine.router.virtual_routers())
            masters += one.state() == State::master;
    }
    CHECK(reloads > kReloadInputs / 20);
    CHECK(masters > kReloadInputs / 2);
    machine.give(Stop{});
    machine.check();
    CHECK(machine.router.next_deadline() == kNever);
}
