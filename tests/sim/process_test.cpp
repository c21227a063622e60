#include "core/wire/headers/ethernet.hpp"
#include "netsim/network/packet.hpp"
#include "netsim/world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

// r1 (priority 150) is master from the fourth second on.
struct ProcessPair {
    ProcessPair() {
        Switch& lan = world.add_network("lan");
        r1.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.1/24")});
        r2.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.2/24")});
        first = &world.add_process(r1, config(150));
        second = &world.add_process(r2, config(100));
        world.start();
        world.run_until(kStart + 5s);
    }
    static RouterConfig config(std::uint8_t priority) {
        VirtualRouterConfig one;
        one.interface = "eth0";
        one.vrid = 51;
        one.priority = priority;
        one.addresses = {*IpPrefix::parse("10.16.1.200/32")};
        return {{one}};
    }
    static State state(const Process& process) { return process.router()->virtual_routers()[0].state(); }

    World world{1};
    Node &r1 = world.add_node("r1"), &r2 = world.add_node("r2");
    Process *first = nullptr, *second = nullptr;
};

// A host that asks for an address over IPv6 and keeps what is answered to it.
class Asker final : public FrameReceiver {
  public:
    explicit Asker(Switch& lan) : lan_(lan), port_(lan.attach(*this, 0, "asker", kMac)) {}

    void ask(const IpAddress& target) {
        const Resolution question{.request = true,
                                  .sender_mac = kMac,
                                  .sender = *IpAddress::parse("fd00::50"),
                                  .target_mac = {},
                                  .target = target};
        lan_.send(port_, encode(question, kBroadcastMac));
    }

    void receive(std::uint16_t, BytesView frame) override {
        const auto heard = decode_resolution(frame);
        if (heard && !heard->request && wire::EthernetView::of(frame)->destination() == kMac)
            answers.push_back(heard->sender_mac);
    }

    std::vector<MacAddress> answers;

  private:
    static inline const MacAddress kMac{{2, 0, 0, 0, 0, 0x50}};
    Switch& lan_;
    PortId port_;
};

} // namespace

TEST_CASE(
    "a neighbour solicitation for the virtual address is answered by the master alone, from the virtual MAC",
    "[v3-6.4.2-1][v3-6.4.3-1]") {
    VirtualRouterConfig one = ProcessPair::config(150).virtual_routers[0];
    one.version = wire::Version::v3;
    one.family = IpFamily::v6;
    one.addresses = {*IpPrefix::parse("fe80::51"), *IpPrefix::parse("fd00::200")};
    World world{1};
    Switch& lan = world.add_network("lan");
    Node &r1 = world.add_node("r1"), &r2 = world.add_node("r2");
    r1.add_interface("eth0", lan, {*IpPrefix::parse("fe80::1/64"), *IpPrefix::parse("fd00::1/64")});
    r2.add_interface("eth0", lan, {*IpPrefix::parse("fe80::2/64"), *IpPrefix::parse("fd00::2/64")});
    Process& first = world.add_process(r1, {{one}});
    one.priority = 100;
    const Process& second = world.add_process(r2, {{one}});
    Asker asker(lan);
    world.start();
    world.run_until(kStart + 5s);
    REQUIRE(ProcessPair::state(first) == State::master);
    REQUIRE(ProcessPair::state(second) == State::backup);
    const MacAddress virtual_mac = wire::virtual_mac(IpFamily::v6, 51);
    for (const IpPrefix& address : one.addresses)
        asker.ask(address.address);
    world.run_until(kStart + 6s);
    CHECK(asker.answers == std::vector<MacAddress>{virtual_mac, virtual_mac});
}

TEST_CASE("a frozen process says nothing and changes nothing") {
    ProcessPair pair;
    pair.first->freeze();
    pair.world.wire().clear();
    pair.world.run_until(kStart + 15s);
    CHECK(pair.world.wire().sent("r1", 51).advertisements == 0);
    CHECK(ProcessPair::state(*pair.first) == State::master);
    CHECK(ProcessPair::state(*pair.second) == State::master);
}

TEST_CASE("a thawed process is told what waited for it, up to a limit") {
    ProcessPair pair;
    const auto heard = [&] { return pair.second->router()->interfaces()[0].counters.frames_received; };
    pair.world.run_until(kStart + 10s); // the announcements of the new master are over: they take room too
    const std::uint64_t before = heard();
    pair.second->freeze();
    pair.world.run_until(kStart + 1000s);
    CHECK(heard() == before);
    pair.second->thaw();
    CHECK(heard() == before + SimulatedNic::kMaxWaitingFrames);
}

TEST_CASE("a thawed process hears the advertisements that wait before its timer counts") {
    ProcessPair pair;
    pair.world.run_until(kStart + 10s);
    pair.second->freeze();
    pair.world.run_until(kStart + 10s +
                         3'650ms); // its timer ran out a moment ago, though r1 was never silent
    pair.second->thaw();
    CHECK(ProcessPair::state(*pair.second) == State::backup);
}

TEST_CASE("a process that is frozen takes no orderly stop, and dies of a kill") {
    ProcessPair pair;
    pair.first->freeze();
    pair.world.stop(*pair.first);
    CHECK(pair.first->running());
    pair.first->kill();
    CHECK_FALSE(pair.first->running());
}

TEST_CASE("a kill leaves the address, and the next start of the process clears it away") {
    ProcessPair pair;
    pair.first->kill();
    CHECK(pair.r1.kernel().holds_anything(pair.first->id()));
    pair.first->start();
    CHECK_FALSE(pair.r1.kernel().holds_anything(pair.first->id()));
    CHECK(ProcessPair::state(*pair.first) == State::backup);
}

TEST_CASE("a machine that has power is not harmed by being switched on") {
    ProcessPair pair;
    pair.r1.power_on();
    CHECK(pair.r1.kernel().holds_anything(pair.first->id()));
}

TEST_CASE("a process on an interface that its machine lacks waits for it") {
    ProcessPair pair;
    pair.r1.kernel().remove_interface(0);
    Process& process = pair.world.add_process(pair.r1, ProcessPair::config(100));
    process.start();
    CHECK(ProcessPair::state(process) == State::initialize);
    pair.r1.kernel().restore_interface(0);
    CHECK(ProcessPair::state(process) == State::backup);
}

TEST_CASE("a process follows its interface through a rename, and finds a new one by the old name") {
    ProcessPair pair;
    Kernel& kernel = pair.r1.kernel();
    kernel.rename(0, "wan0");
    CHECK(ProcessPair::state(*pair.first) == State::master);
    CHECK(pair.first->router()->interfaces()[0].facts.name == "wan0");
    kernel.remove_interface(0);
    CHECK(ProcessPair::state(*pair.first) == State::initialize);
    kernel.restore_interface(0);
    CHECK(ProcessPair::state(*pair.first) == State::backup);
}

TEST_CASE("a process that was frozen while its interface was deleted and made again starts anew on it") {
    ProcessPair pair;
    pair.first->freeze();
    pair.r1.kernel().remove_interface(0);
    pair.r1.kernel().restore_interface(0);
    pair.first->thaw();
    CHECK(ProcessPair::state(*pair.first) == State::backup);
}

TEST_CASE("an address that somebody takes away is put back, and announced again") {
    ProcessPair pair;
    pair.world.run_until(kStart + 10s);
    pair.world.wire().clear();
    const bool frozen = GENERATE(false, true);
    if (frozen) pair.first->freeze();
    const IpAddress address = IpAddress::v4({10, 16, 1, 200});
    pair.r1.kernel().take_address_away(address);
    if (frozen) pair.first->thaw();
    CHECK(pair.r1.kernel().holds_anything(pair.first->id()));
    CHECK(pair.r1.kernel().interfaces()[0].held.size() == 1);
    CHECK(pair.world.wire().announced("r1", address) == 1);
}

TEST_CASE("a process hears who claims one of its addresses, and of no other") {
    ProcessPair pair;
    const auto findings = [&] {
        return std::ranges::count_if(pair.world.journal().records(), [](const Record& record) {
            return to_text(record).find("claims 10.16.1.200") != std::string::npos;
        });
    };
    Node& rogue = pair.world.add_node("rogue");
    rogue.add_interface("eth0", pair.world.networks().front(), {*IpPrefix::parse("10.16.1.66/24")});
    const MacAddress mac = rogue.kernel().interfaces()[0].mac;
    const auto claim = [&](std::uint8_t last) {
        const IpAddress address = IpAddress::v4({10, 16, 1, last});
        rogue.kernel().send(0, encode({true, mac, address, {}, address}, kBroadcastMac));
        pair.world.run_until(pair.world.now() + 1ms);
    };
    claim(201);
    CHECK(findings() == 0);
    claim(200);
    CHECK(findings() == 1);
}

TEST_CASE("a clock that runs fast makes a process early, by as much") {
    World world(1);
    Switch& lan = world.add_network("lan");
    Node& r1 = world.add_node("r1");
    r1.add_interface("eth0", lan, {*IpPrefix::parse("10.16.1.1/24")});
    const Process& process =
        world.add_process(r1, ProcessPair::config(156)); // Master_Down_Interval 3.390625 s
    world.start();
    r1.set_clock_rate(1000);
    world.run_until(kStart + 3'387'237'761ns);
    CHECK(ProcessPair::state(process) == State::backup);
    world.run_until(kStart + 3'387'237'763ns);
    CHECK(ProcessPair::state(process) == State::master);
    CHECK(world.journal().records().back().time <= world.now());
}
