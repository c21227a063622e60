#include "tests/sim/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

std::string plain_pair(const std::string& option) {
    std::string text = gateway_pair("");
    const std::string before = "vrrpd -i eth0 -v 51 -p 150";
    return text.replace(text.find(before), before.size(), "plain-vrrp -i eth0 -v 51 " + option);
}

// Two of another make; the first has priority 150.
struct Pair {
    explicit Pair(bool preempt = true) {
        for (Node* node : {&a, &b, &pc})
            node->add_interface("eth0", lan, {{IpAddress::v4({10, 16, 1, last++}), 24}});
        first = &world.add_plain_router(a, config(150, "10.16.1.200", preempt));
        second = &world.add_plain_router(b, config(100));
        world.start();
        world.run_until(kStart + 5s);
    }
    static VirtualRouterConfig config(std::uint8_t priority, const char* address = "10.16.1.200",
                                      bool preempt = true) {
        VirtualRouterConfig one;
        one.interface = "eth0";
        one.vrid = 51;
        one.priority = priority;
        one.preempt = preempt;
        one.addresses = {{IpAddress::parse(address).value(), 32}};
        return one;
    }
    static bool holds(const Node& node) { return !node.kernel().interfaces()[0].held.empty(); }

    World world{1};
    Switch& lan = world.add_network("lan");
    Node &a = world.add_node("a"), &b = world.add_node("b"), &pc = world.add_node("pc");
    std::uint8_t last = 1;
    PlainRouter *first = nullptr, *second = nullptr;
};

} // namespace

TEST_CASE("plain routers elect the higher priority, and the other one follows its resignation") {
    Pair pair;
    CHECK(Pair::holds(pair.a));
    CHECK_FALSE(Pair::holds(pair.b));
    pair.first->stop();
    CHECK_FALSE(Pair::holds(pair.a));
    pair.world.run_until(kStart + 5s + 609ms);
    CHECK_FALSE(Pair::holds(pair.b));
    pair.world.run_until(kStart + 5s + 610ms);
    CHECK(Pair::holds(pair.b));
}

TEST_CASE("a plain router that is killed leaves its address, and preempts when it is started again") {
    Pair pair;
    pair.first->kill();
    pair.first->stop(); // nobody is left to stop
    pair.world.run_until(kStart + 9s);
    CHECK(Pair::holds(pair.a));
    CHECK(Pair::holds(pair.b));
    pair.first->start();
    CHECK_FALSE(Pair::holds(pair.a));
    pair.world.run_until(kStart + 15s);
    CHECK(Pair::holds(pair.a));
    CHECK_FALSE(Pair::holds(pair.b));
}

TEST_CASE("a vrrpd and a plain router are one pair") {
    Pair pair;
    pair.second->kill();
    Process& process = pair.world.add_process(pair.b, RouterConfig{{Pair::config(200)}});
    process.start();
    pair.world.run_until(kStart + 10s);
    CHECK(process.router()->virtual_routers()[0].state() == State::master);
    CHECK_FALSE(Pair::holds(pair.a));
    pair.world.stop(process);
    pair.world.run_until(kStart + 11s);
    CHECK(Pair::holds(pair.a));
}

TEST_CASE("a vrrpd that is the lesser one has a plain router for its master, and violates nothing") {
    Pair pair;
    pair.second->stop();
    Process& process = pair.world.add_process(pair.b, RouterConfig{{Pair::config(100)}});
    process.start();
    pair.world.run_until(kStart + 15s);
    CHECK(process.router()->virtual_routers()[0].state() == State::backup);
    CHECK(pair.world.violations() == 0);
}

TEST_CASE("a plain router without preemption follows a lesser master") {
    Pair pair(/*preempt=*/false);
    pair.first->stop();
    pair.world.run_until(kStart + 9s);
    pair.first->start();
    pair.world.run_until(kStart + 15s);
    CHECK_FALSE(Pair::holds(pair.a));
    CHECK(Pair::holds(pair.b));
}

TEST_CASE("of two plain masters with one priority the higher address stays") {
    Pair pair;
    PlainRouter& third = pair.world.add_plain_router(pair.pc, Pair::config(150));
    pair.pc.kernel().set_plugged(0, false);
    third.start();
    pair.world.run_until(kStart + 10s);
    REQUIRE(third.master());
    pair.pc.kernel().set_plugged(0, true);
    pair.world.run_until(kStart + 15s);
    CHECK(third.master());
    CHECK_FALSE(pair.first->master());
}

TEST_CASE("a plain master answers a resignation at once") {
    Pair pair;
    Process& listener = pair.world.add_process(pair.pc, RouterConfig{{Pair::config(1)}});
    listener.start();
    const auto received = [&] { return listener.router()->interfaces()[0].counters.frames_received; };
    pair.world.run_until(kStart + 7s);
    const auto before = received();
    pair.world.add_speaker(pair.b).say({.vrid = 51, .priority = 0, .source = {}, .flaw = Flaw::none},
                                       Speaker::kOnce);
    pair.world.run_until(kStart + 7s + 1ms);
    CHECK(received() == before + 2); // the resignation, and the answer to it
}

TEST_CASE("the owner of the address is master at once, and listens to nobody") {
    Pair pair;
    PlainRouter& owner = pair.world.add_plain_router(pair.b, Pair::config(1, "10.16.1.2"));
    owner.start();
    CHECK(owner.master());
    // It takes itself for the owner too, and has the higher address.
    PlainRouter& rival = pair.world.add_plain_router(pair.pc, Pair::config(255, "10.16.1.2"));
    rival.start();
    pair.world.run_until(kStart + 15s);
    CHECK(owner.master());
    CHECK_FALSE(pair.first->master());
}

TEST_CASE("a plain router drops what has another interval or a password, as RFC 3768 says") {
    Pair pair;
    VirtualRouterConfig better = Pair::config(200);
    SECTION("another interval") {
        better.advertisement_interval = 2s;
    }
    SECTION("a password") {
        better.authentication.type = wire::AuthenticationType::simple_text;
    }
    pair.world.add_process(pair.pc, RouterConfig{{better}}).start();
    pair.world.run_until(kStart + 15s);
    CHECK(pair.first->master());
}

TEST_CASE("what a plain router knows nothing of is refused") {
    const auto error = [](const std::string& option) {
        const auto scenario = parse_scenario("s.toml", plain_pair(option));
        return scenario ? "no error" : describe(scenario.error(), "s.toml");
    };
    CHECK(error("-s -d 2 -n") == "no error");
    const char* refusal =
        "s.toml:8:7: plain-vrrp knows -i, -v, -p, -d, -s, -n and IPv4 addresses, and no more";
    CHECK(error("-M 1") == refusal);
    CHECK(error("--protocol 3") == refusal);
    CHECK(error("-a pw/secret") == refusal);
}

TEST_CASE("power makes a plain router forget, and start anew") {
    Pair pair;
    pair.a.power_off();
    pair.world.run_until(kStart + 9s);
    CHECK_FALSE(Pair::holds(pair.a));
    CHECK(Pair::holds(pair.b));
    pair.a.power_on();
    pair.world.run_until(kStart + 20s);
    CHECK(Pair::holds(pair.a));
}
