// A new configuration for a router that runs.
#include "core/machine/config_plan.hpp"
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig second(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway(priority);
    config.interface = "eth1";
    config.vrid = 6;
    config.addresses = {prefix("10.0.1.254/32")};
    return config;
}

TestBed running(const RouterConfig& config) {
    TestBed bed(config);
    bed.start().run_until(10s);
    bed.forget();
    bed.order.clear();
    return bed;
}

TestBed& reload(TestBed& bed, const RouterConfig& config) {
    return bed.give(Reconfigured{config});
}

TestBed& reload(TestBed& bed, const VirtualRouterConfig& one) {
    return reload(bed, RouterConfig{{one}});
}

bool has_line(const TestBed& bed, const std::string& line) {
    return std::ranges::find(bed.journal, line) != bed.journal.end();
}

} // namespace

TEST_CASE("the same configuration once more changes nothing at all") {
    RouterConfig config = group_of({gateway(150), second(150)});
    config.tracks = {{.name = "up", .check = InterfaceCheck{.interface = "eth2"}, .weight = -10}};
    config.groups.front().tracks = {TrackIndex{0}};
    TestBed bed = running(config);
    const Router before = bed.router;
    reload(bed, config);
    CHECK(bed.router == before);
    CHECK(bed.router.next_deadline() == before.next_deadline());
    CHECK(bed.journal.empty());
    CHECK(bed.sent.empty());
    CHECK(bed.order.empty());
    CHECK(plan(bed.router, config).empty());
}

TEST_CASE("a master's new priority is advertised at once, and it stays master") {
    TestBed bed = running(RouterConfig{{gateway(150)}});
    reload(bed, gateway(120));
    CHECK(bed.state() == State::master);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{120});
    CHECK(bed.journal == std::vector<std::string>{"eth0 vrid 5: configuration changed: priority",
                                                  "eth0 vrid 5: priority 150 -> 120"});
}

TEST_CASE("a backup's new priority counts for its Master_Down_Timer at once") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 200);
    const TimePoint before = bed.router.next_deadline();
    reload(bed, gateway(50));
    CHECK(bed.router.next_deadline() > before);
}

TEST_CASE("what an operator has set counts until the file has another priority") {
    TestBed bed = running(RouterConfig{{gateway(150)}});
    bed.give(SetPriority{VirtualRouterIndex{}, 80});
    VirtualRouterConfig next = gateway(150);
    next.preempt = false;
    reload(bed, next);
    CHECK(bed.vr().priority() == 80);
    next.priority = 160;
    reload(bed, next);
    CHECK(bed.vr().priority() == 160);
}

TEST_CASE("an address that is added to a master is taken, announced and advertised") {
    TestBed bed = running(RouterConfig{{gateway()}});
    VirtualRouterConfig next = gateway();
    next.addresses.push_back(prefix("10.0.0.253/32"));
    reload(bed, next);
    CHECK(bed.state() == State::master);
    CHECK(bed.addresses == std::set{prefix("10.0.0.253/32"), prefix("10.0.0.254/32")});
    CHECK(bed.sent.size() == 1);
    REQUIRE_FALSE(bed.announced.empty());
    CHECK(std::ranges::any_of(bed.announced,
                              [](const auto& one) { return one.announcement.address == ip("10.0.0.253"); }));
}

TEST_CASE("an address that goes is released, and the others stay untouched") {
    VirtualRouterConfig config = gateway();
    config.addresses.push_back(prefix("10.0.0.253/32"));
    TestBed bed = running(RouterConfig{{config}});
    reload(bed, gateway());
    CHECK(bed.addresses == std::set{prefix("10.0.0.254/32")});
    CHECK(std::ranges::count(bed.order, "remove") == 1);
    CHECK(std::ranges::count(bed.order, "add") == 0);
}

TEST_CASE("a backup takes no address that is added to it") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200);
    VirtualRouterConfig next = gateway();
    next.addresses.push_back(prefix("10.0.0.253/32"));
    reload(bed, next);
    CHECK(bed.addresses.empty());
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a master advertises at its new interval from now on") {
    TestBed bed = running(RouterConfig{{gateway_v3(100, 1s)}});
    reload(bed, gateway_v3(100, 200ms)).run_for(1s);
    CHECK(bed.state() == State::master);
    REQUIRE(bed.sent.size() == 6);
    CHECK(bed.sent[1].time - bed.sent[0].time == 200ms);
    CHECK(bed.sent[0].interval == 200ms);
}

TEST_CASE("a backup of version 2 waits by its new interval, one of version 3 by its master's") {
    for (const auto& [config, waits] : {std::pair{gateway(100), 6s}, std::pair{gateway_v3(100), 3s}}) {
        TestBed bed(config);
        bed.start().hear(Peer{.config = config}, 200);
        VirtualRouterConfig next = config;
        next.advertisement_interval = 2s;
        reload(bed, next);
        CHECK(bed.router.next_deadline() - bed.now >= waits);
        CHECK(bed.router.next_deadline() - bed.now < waits + 2s);
    }
}

TEST_CASE("a new password counts for the next packet in both directions") {
    VirtualRouterConfig config = gateway();
    config.authentication = {wire::AuthenticationType::simple_text, {'o', 'l', 'd'}};
    TestBed bed(config);
    bed.start();
    VirtualRouterConfig next = config;
    next.authentication.password = {'n', 'e', 'w'};
    reload(bed, next);
    CHECK(has_line(bed, "eth0 vrid 5: configuration changed: authentication"));
    bed.hear(Peer{.config = config}, 200);
    CHECK(bed.vr().master_address().is_unspecified());
    bed.hear(Peer{.config = next}, 200);
    CHECK(bed.vr().master_address() == Peer{}.address);
}

TEST_CASE("another version begins an election of its own") {
    TestBed bed = running(RouterConfig{{gateway()}});
    reload(bed, gateway_v3());
    CHECK(bed.state() == State::backup);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    CHECK(bed.addresses.empty());
    CHECK(has_line(bed, "eth0 vrid 5: master -> initialize: its configuration changed"));
}

TEST_CASE("without its virtual MAC a master leaves it whole before it returns") {
    TestBed bed = running(RouterConfig{{gateway()}});
    REQUIRE_FALSE(bed.virtual_macs.empty());
    VirtualRouterConfig next = gateway();
    next.virtual_mac = false;
    reload(bed, next);
    CHECK(bed.virtual_macs.empty());
    CHECK(bed.addresses.empty());
    bed.run_for(10s);
    CHECK(bed.state() == State::master);
    CHECK(bed.virtual_macs.empty());
}

TEST_CASE("a list of addresses that its interface cannot carry makes a master give back those that it had") {
    InterfaceFacts small = working_interface();
    small.mtu = 60; // an advertisement of six addresses
    TestBed bed(gateway());
    bed.change(small).start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    VirtualRouterConfig next = gateway();
    next.addresses.clear();
    for (int i = 0; i < 10; ++i)
        next.addresses.push_back(prefix("10.0.0." + std::to_string(100 + i) + "/32"));
    reload(bed, next);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::mtu_too_small);
    CHECK(bed.addresses.empty());
    CHECK(bed.virtual_macs.empty());
}

TEST_CASE("who has become the owner by its new addresses takes over at once") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200);
    VirtualRouterConfig next = gateway();
    next.addresses = {prefix("10.0.0.2/32")};
    reload(bed, next);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().owner());
    CHECK(bed.addresses.empty()); // it is the interface's own
}

TEST_CASE("a virtual router that is removed resigns, and the others go on under their handles") {
    TestBed bed = running(RouterConfig{{gateway(150), second(150)}});
    reload(bed, RouterConfig{{second(150)}});
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    CHECK(bed.addresses == std::set{prefix("10.0.1.254/32")});
    REQUIRE(bed.router.virtual_routers().size() == 1);
    CHECK(bed.vr().index() == VirtualRouterIndex{1});
    CHECK(bed.vr().config().vrid == 6);
    CHECK(bed.state() == State::master);
    bed.forget();
    bed.hear(Peer{}, 200); // nobody listens for it
    CHECK(bed.router.interface(InterfaceId{}).counters.frames_received == 0);
    bed.run_for(3s);
    CHECK(bed.sent.size() == 3);
    CHECK(bed.journal.empty());
}

TEST_CASE("one that returns has its old handle and begins as a new one") {
    TestBed bed = running(RouterConfig{{gateway(150), second(150)}});
    reload(bed, RouterConfig{{second(150)}});
    reload(bed, RouterConfig{{second(150), gateway(150)}});
    REQUIRE(bed.router.virtual_routers().size() == 2);
    CHECK(bed.router.virtual_routers()[1].index() == VirtualRouterIndex{0});
    bed.give(InterfaceChanged{InterfaceId{}, working_interface()});
    CHECK(bed.router.virtual_routers()[1].state() == State::backup);
    bed.run_for(10s);
    CHECK(bed.router.virtual_routers()[1].state() == State::master);
    CHECK(bed.router.virtual_routers()[1].counters().became_master == 1);
}

TEST_CASE("the stop script of a virtual router that is removed runs") {
    VirtualRouterConfig config = gateway();
    config.stop_script = "/stop";
    World world(RouterConfig{{config, second()}});
    REQUIRE(world.start());
    world.daemon.give(Reconfigured{RouterConfig{{second()}}});
    REQUIRE(world.scripts.calls.size() == 1);
    CHECK(world.scripts.calls.front().path == "/stop");
}

TEST_CASE("a new interface is watched, and its virtual router joins once that has told its facts") {
    World world;
    REQUIRE(world.start());
    world.daemon.give(Reconfigured{RouterConfig{{gateway(), second()}}});
    REQUIRE(world.nic.watched.size() == 2);
    CHECK(world.nic.watched.at(InterfaceId{1}).front().vrid == 6);
    CHECK(world.daemon.router().virtual_routers()[1].state() == State::backup);
    CHECK(world.journal.lines.back() == "eth1 vrid 6: initialize -> backup: taking part in the election");
}

TEST_CASE("an interface that cannot be watched is told, and tried again by the next reload") {
    World world;
    REQUIRE(world.start());
    world.nic.broken.insert("watch eth1");
    world.daemon.give(Reconfigured{RouterConfig{{gateway(), second()}}});
    CHECK(std::ranges::count(world.journal.lines, "watch failed: eth1: Operation not permitted") == 1);
    CHECK(world.daemon.router().virtual_routers()[0].state() == State::backup);
    CHECK_FALSE(world.daemon.router().virtual_routers()[1].running());
    world.nic.broken.clear();
    world.daemon.give(Reconfigured{RouterConfig{{gateway(), second()}}});
    CHECK(world.daemon.router().virtual_routers()[1].state() == State::backup);
}

TEST_CASE("an interface that nobody uses any more is forgotten, and found anew") {
    World world(RouterConfig{{gateway(), second()}});
    REQUIRE(world.start());
    world.daemon.give(Reconfigured{RouterConfig{{gateway()}}});
    CHECK(world.nic.watched.size() == 1);
    world.daemon.give(Reconfigured{RouterConfig{{gateway(), second()}}});
    CHECK(world.nic.watched.size() == 2);
    CHECK(world.daemon.router().virtual_routers()[1].state() == State::backup);
}

TEST_CASE("a second virtual router on an interface is told to the NIC before it can hold anything") {
    World world;
    REQUIRE(world.start());
    VirtualRouterConfig owner = gateway();
    owner.vrid = 7;
    owner.priority = 255;
    owner.addresses = {prefix("10.0.0.77/32")};
    world.nic.calls.clear();
    std::size_t known = 0;
    world.nic.on_call = [&](const std::string& what) {
        if (what == "attach") known = world.nic.watched.at(InterfaceId{}).size();
    };
    world.daemon.give(Reconfigured{RouterConfig{{gateway(), owner}}});
    CHECK(world.daemon.router().virtual_routers()[1].state() == State::master);
    CHECK(known == 2);
}

TEST_CASE("an address that the interface refuses makes a reloaded master leave the election") {
    World world;
    REQUIRE(world.start());
    world.run_until(10s);
    REQUIRE(world.daemon.router().virtual_routers()[0].state() == State::master);
    VirtualRouterConfig next = gateway();
    next.addresses.push_back(prefix("10.0.0.253/32"));
    world.nic.broken.insert("add");
    world.daemon.give(Reconfigured{RouterConfig{{next}}});
    CHECK(world.daemon.router().virtual_routers()[0].state() == State::initialize);
    CHECK(world.daemon.router().virtual_routers()[0].cause() == Cause::address_refused);
}

// --- Groups

TEST_CASE("a group goes on leading while a member leaves it and another one comes") {
    TestBed bed = running(group_of({gateway(150), second(150)}));
    REQUIRE(bed.state() == State::master);
    reload(bed, group_of({gateway(150)}));
    CHECK(bed.state() == State::master);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0}); // the one that left
    bed.forget();
    reload(bed, group_of({gateway(150), second(150)}));
    bed.give(InterfaceChanged{InterfaceId{1}, working_interface()});
    CHECK(bed.router.virtual_routers().back().state() == State::backup); // it listens first
    bed.run_for(10s);
    for (const VirtualRouter& one : bed.router.virtual_routers())
        CHECK(one.state() == State::master);
    CHECK_FALSE(std::ranges::any_of(bed.sent, [](const auto& one) { return one.priority == 0; }));
}

TEST_CASE("who leaves its group while it waits for it leads alone") {
    RouterConfig config = group_of({gateway(150), second(150)});
    TestBed bed(config);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down});
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::backup);
    reload(bed, RouterConfig{{gateway(150), second(150)}});
    CHECK(bed.state() == State::master);
}

TEST_CASE("a master that joins a group whose other member is unfit yields with it") {
    TestBed bed(RouterConfig{{gateway(150), second(150)}});
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down});
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    reload(bed, group_of({gateway(150), second(150)}));
    CHECK(bed.state() == State::backup);
    CHECK(bed.addresses.empty());
}

TEST_CASE("a member that kept its group back and is removed from it keeps it back no more") {
    TestBed bed(group_of({gateway(150), second(150)}));
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down});
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::backup);
    reload(bed, group_of({gateway(150)}));
    CHECK(bed.state() == State::master);
}

TEST_CASE("a group that goes on does not say that it stops") {
    TestBed bed = running(group_of({gateway(150), second(150)}));
    bed.group_notices.clear();
    reload(bed, group_of({gateway(160), second(150)})).run_for(10s);
    CHECK(bed.group_notices.empty());
}

TEST_CASE("a group that is removed has nothing more to say") {
    TestBed bed(group_of({gateway(), second()}));
    bed.start();
    const Peer peer{.address = ip("10.0.0.1"), .config = second()};
    const auto crossed = [&](int seconds) {
        for (int i = 0; i < seconds; ++i)
            bed.hear(Peer{}, 50).hear_on(1, peer, 200).run_for(1s);
    };
    crossed(8); // of ten that crossed priorities are given
    reload(bed, RouterConfig{{gateway(), second()}});
    bed.forget();
    crossed(10);
    CHECK(bed.journal_text().find("group") == std::string::npos);
}

TEST_CASE("a group that returns under its name begins as a new one") {
    TestBed bed(group_of({gateway(150), second(150)}));
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down});
    bed.start().run_until(10s);
    REQUIRE_THAT(bed.journal_text(), Catch::Contains("eth1 vrid 6 is not fit"));
    reload(bed, RouterConfig{{gateway(150), second(150)}});
    bed.forget();
    reload(bed, group_of({gateway(150), second(150)}));
    CHECK_THAT(bed.journal_text(), Catch::Contains("eth1 vrid 6 is not fit"));
}

TEST_CASE("a group that is removed says that it stops") {
    RouterConfig config = group_of({gateway(150), second(150)});
    config.groups.front().notify_script = "/notify";
    World world(config);
    REQUIRE(world.start());
    world.scripts.calls.clear();
    world.daemon.give(Reconfigured{RouterConfig{{gateway(150), second(150)}}});
    REQUIRE(world.scripts.calls.size() == 1);
    CHECK(world.scripts.calls.front().arguments == std::vector<std::string>{"GROUP", "lan", "STOP", "0"});
}

// --- Checks

TEST_CASE("a check keeps its state when only its weight changes") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "up", .check = InterfaceCheck{.interface = "eth1"}, .weight = -10}};
    config.virtual_routers.front().tracks = {TrackIndex{0}};
    TestBed bed(config);
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down}).start();
    CHECK(bed.vr().priority() == 140);
    bed.forget();
    config.tracks.front().weight = -50;
    reload(bed, config);
    CHECK(bed.vr().priority() == 100);
    CHECK(bed.journal == std::vector<std::string>{"eth0 vrid 5: priority 140 -> 100"});
}

TEST_CASE("a reload is no further result of a check of an interface") {
    RouterConfig config{{gateway(150)}};
    config.tracks = {{.name = "up", .check = InterfaceCheck{.interface = "eth1"}, .weight = -10, .fall = 2}};
    config.virtual_routers.front().tracks = {TrackIndex{0}};
    TestBed bed(config);
    bed.start();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.give(InterfaceChanged{InterfaceId{1}, down});
    for (int i = 0; i < 3; ++i)
        reload(bed, config);
    CHECK(bed.vr().priority() == 150); // it has failed once
}

TEST_CASE("a check that is removed runs no more, a new one starts, one that looks elsewhere begins anew") {
    RouterConfig config{{gateway(150)}};
    const auto script = [](std::string name, std::string path) {
        return TrackConfig{.name = std::move(name),
                           .check = ScriptCheck{.path = std::move(path)},
                           .weight = -10,
                           .interval = 1s,
                           .timeout = 1s};
    };
    config.tracks = {script("a", "/a"), script("b", "/b")};
    config.virtual_routers.front().tracks = {TrackIndex{0}, TrackIndex{1}};
    World world(config);
    REQUIRE(world.start());
    world.run_until(5s);
    world.nic.calls.clear();
    config.tracks = {script("c", "/c"), script("b", "/other")};
    world.daemon.give(Reconfigured{config});
    CHECK(std::ranges::count(world.nic.calls, "stop a check") == 2);
    CHECK(world.daemon.router().tracks().configured() ==
          std::vector<TrackIndex>{TrackIndex{2}, TrackIndex{1}});
    CHECK(world.daemon.router().tracks().track(TrackIndex{1}).state() == CheckState::unknown);
    world.checks.started.clear();
    world.run_until(6s);
    std::ranges::sort(world.checks.started);
    CHECK(world.checks.started == std::vector<TrackIndex>{TrackIndex{1}, TrackIndex{2}});
}

TEST_CASE("a master that gets a check without a weight stays master until that has failed") {
    RouterConfig config{{gateway(150)}};
    World world(config);
    REQUIRE(world.start());
    world.run_until(10s);
    config.tracks = {{.name = "a", .check = ScriptCheck{.path = "/a"}, .interval = 1s, .timeout = 1s}};
    config.virtual_routers.front().tracks = {TrackIndex{0}};
    world.daemon.give(Reconfigured{config});
    CHECK(world.daemon.router().virtual_routers()[0].state() == State::master);
    world.daemon.give(Checked{TrackIndex{0}, false, "exit status 1"});
    CHECK(world.daemon.router().virtual_routers()[0].state() == State::initialize);
}

// --- In words

TEST_CASE("a plan names what would change, and no secret") {
    VirtualRouterConfig config = gateway(150);
    config.authentication = {wire::AuthenticationType::simple_text, {'o', 'l', 'd'}};
    const Router router(RouterConfig{{config, second()}});
    VirtualRouterConfig next = config;
    next.priority = 160;
    next.authentication.password = {'n', 'e', 'w'};
    next.addresses.push_back(prefix("10.0.0.253/32"));
    VirtualRouterConfig third = second();
    third.vrid = 9;
    CHECK(plan(router, RouterConfig{{next, third}}) ==
          std::vector<std::string>{
              "eth1 vrid 6: removed",
              "eth0 vrid 5: address 10.0.0.254/32 -> 10.0.0.254/32 10.0.0.253/32, priority 150 -> 160, "
              "authentication; routers that have not been changed too do not hear this one",
              "eth1 vrid 9: added"});
}

TEST_CASE("a plan has the words of the file for a checksum's form") {
    VirtualRouterConfig config = gateway_v3(150);
    const Router router(RouterConfig{{config}});
    config.checksum_form = wire::ChecksumForm::message_only;
    CHECK(plan(router, RouterConfig{{config}}) ==
          std::vector<std::string>{"eth0 vrid 5: checksum pseudo-header -> message"});
}

TEST_CASE("a plan names groups and checks by their names") {
    RouterConfig config = group_of({gateway(), second()});
    config.tracks = {{.name = "up", .check = InterfaceCheck{.interface = "eth2"}}};
    config.groups.front().tracks = {TrackIndex{0}};
    const Router router(config);
    RouterConfig next = group_of({gateway(), second()});
    next.groups.front().name = "wan";
    next.tracks = {{.name = "up", .check = InterfaceCheck{.interface = "eth3"}}};
    next.groups.front().tracks = {TrackIndex{0}};
    CHECK(plan(router, next) ==
          std::vector<std::string>{"eth0 vrid 5: group lan -> wan", "eth1 vrid 6: group lan -> wan",
                                   "group lan: removed", "group wan: added", "check up: changed"});
}

TEST_CASE("what the interface is to hear for a virtual router is told to it when it changes") {
    VirtualRouterConfig plain = gateway_v6();
    plain.virtual_mac = false;
    VirtualRouterConfig to_peers = plain, to_hosts = plain, quicker = plain;
    to_peers.peers = {ip("fe80::77")};
    to_hosts.router_advertising = RouterAdvertising{};
    quicker.priority = 101;
    const auto watches = [&](const VirtualRouterConfig& next) {
        TestBed bed = running(RouterConfig{{plain}});
        Effects effects;
        bed.router.handle(bed.now, Reconfigured{RouterConfig{{next}}}, effects);
        return std::ranges::any_of(effects,
                                   [](const Effect& one) { return std::holds_alternative<Watch>(one); });
    };
    CHECK(watches(to_peers));
    CHECK(watches(to_hosts));
    CHECK_FALSE(watches(quicker));
}

TEST_CASE("an owner's own address is not taken anew because its length changes in the file") {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(gateway());
    bed.change(facts).start().run_until(10s);
    REQUIRE(bed.vr().owner());
    VirtualRouterConfig next = gateway();
    next.addresses = {prefix("10.0.0.254/24"), prefix("10.0.0.253/32")};
    reload(bed, next);
    CHECK(bed.addresses == std::set{prefix("10.0.0.253/32")});
}
