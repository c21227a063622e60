#include "netsim/world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

// r1 (priority 150) is master from the fourth second on.
struct Pair {
    Pair() {
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
    Machine &r1 = world.add_machine("r1"), &r2 = world.add_machine("r2");
    Process *first = nullptr, *second = nullptr;
};

} // namespace

TEST_CASE("a frozen process says nothing and changes nothing") {
    Pair pair;
    pair.first->freeze();
    pair.world.wire().clear();
    pair.world.run_until(kStart + 15s);
    CHECK(pair.world.wire().sent("r1", 51).advertisements == 0);
    CHECK(Pair::state(*pair.first) == State::master);
    CHECK(Pair::state(*pair.second) == State::master);
}

TEST_CASE("a thawed process is told what waited for it, up to a limit") {
    Pair pair;
    const auto heard = [&] { return pair.second->router()->interfaces()[0].counters.frames_received; };
    pair.world.run_until(kStart + 10s); // the announcements of the new master are over: they take room too
    const std::uint64_t before = heard();
    pair.second->freeze();
    pair.world.run_until(kStart + 1000s);
    CHECK(heard() == before);
    pair.second->thaw();
    CHECK(heard() == before + Process::kMaxFrozenFrames);
}

TEST_CASE("a process that is frozen takes no orderly stop, and dies of a kill") {
    Pair pair;
    pair.first->freeze();
    pair.world.stop(*pair.first);
    CHECK(pair.first->running());
    pair.first->kill();
    CHECK_FALSE(pair.first->running());
}

TEST_CASE("a kill leaves the address; the next start of the process clears it away") {
    Pair pair;
    pair.first->kill();
    CHECK(pair.r1.kernel().holds_anything(pair.first->id()));
    pair.first->start();
    CHECK_FALSE(pair.r1.kernel().holds_anything(pair.first->id()));
    CHECK(Pair::state(*pair.first) == State::backup);
}

TEST_CASE("a machine that has power is not harmed by being switched on") {
    Pair pair;
    pair.r1.power_on();
    CHECK(pair.r1.kernel().holds_anything(pair.first->id()));
}

TEST_CASE("a process on an interface that its machine lacks waits for it") {
    Pair pair;
    pair.r1.kernel().remove_interface(0);
    Process& process = pair.world.add_process(pair.r1, Pair::config(100));
    process.start();
    CHECK(Pair::state(process) == State::initialize);
    pair.r1.kernel().restore_interface(0);
    CHECK(Pair::state(process) == State::backup);
}
