// The driver between a router and its ports.
#include "core/daemon/daemon.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

struct HandClock : Clock {
    TimePoint now() const override { return time; }
    void wake_at(TimePoint deadline) override {
        wake = deadline;
        ++calls;
    }
    TimePoint time{1s};
    TimePoint wake = kNever;
    int calls = 0;
};

// Records calls; fails those that are named in `broken`.
struct RecordingNic : Nic {
    tl::expected<InterfaceFacts, NicError> watch(InterfaceId, const std::string& name) override {
        if (broken.contains("watch")) return tl::unexpected(NicError{name + ": Operation not permitted"});
        return facts;
    }
    NicResult send(InterfaceId, BytesView frame) override {
        return call(wire::decode(frame) ? "advertisement" : "announcement");
    }
    NicResult attach_virtual_mac(InterfaceId, const MacAddress&) override { return call("attach"); }
    NicResult detach_virtual_mac(InterfaceId, const MacAddress&) override { return call("detach"); }
    NicResult add_address(InterfaceId, const std::optional<MacAddress>&, const IpPrefix&) override {
        return call("add");
    }
    NicResult remove_address(InterfaceId, const std::optional<MacAddress>&, const IpPrefix&) override {
        return call("remove");
    }
    NicResult send_magic_packet(InterfaceId, const std::optional<MacAddress>&, const IpAddress&,
                                const IpAddress&) override {
        return call("magic");
    }
    NicResult clean_up_after(const SiblingIdentity& dead) override {
        return call("clean up " + dead.interface);
    }
    NicResult call(const std::string& what) {
        calls.push_back(what);
        if (broken.contains(what)) return tl::unexpected(NicError{"Operation not permitted"});
        return {};
    }
    InterfaceFacts facts = working_interface();
    std::set<std::string> broken;
    std::vector<std::string> calls;
};

struct LineJournal : Journal {
    void write(const JournalEntry& entry) override { lines.push_back(to_text(entry)); }
    std::vector<std::string> lines;
};

struct RecordingBus : SiblingBus {
    void tell(VirtualRouterIndex, const SiblingStatus& status) override {
        nic.calls.push_back(std::string("tell ") + to_string(status.status.stance));
        told.push_back(status);
    }
    explicit RecordingBus(RecordingNic& nic) : nic(nic) {}
    RecordingNic& nic; // one order for all that happens
    std::vector<SiblingStatus> told;
};

struct RecordingScripts : ScriptRunner {
    void run(const ScriptCall& call) override {
        nic.calls.push_back("script " + call.path);
        calls.push_back(call);
    }
    explicit RecordingScripts(RecordingNic& nic) : nic(nic) {}
    RecordingNic& nic;
    std::vector<ScriptCall> calls;
};

struct World {
    explicit World(RouterConfig config) : daemon(config, {clock, nic, journal, bus, scripts}) {}
    World() : World(RouterConfig{{gateway()}}) {}

    void run_until(Duration since_epoch) {
        while (clock.wake <= TimePoint(since_epoch)) {
            clock.time = std::exchange(clock.wake, kNever);
            daemon.deadline_reached();
        }
        clock.time = TimePoint(since_epoch);
    }

    HandClock clock;
    RecordingNic nic;
    LineJournal journal;
    RecordingBus bus{nic};
    RecordingScripts scripts{nic};
    Daemon daemon;
};

RouterConfig two_virtual_routers() {
    VirtualRouterConfig six = gateway();
    six.vrid = 6;
    six.addresses = {prefix("10.0.0.253")};
    return {{gateway(), six}};
}

} // namespace

TEST_CASE("a daemon that may not watch its interface does not start") {
    World world;
    world.nic.broken = {"watch"};
    const auto started = world.daemon.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message == "eth0: Operation not permitted");
    CHECK(world.clock.wake == kNever);
}

TEST_CASE("a daemon tells its clock the next deadline, once") {
    World world;
    REQUIRE(world.daemon.start());
    CHECK(world.clock.wake == TimePoint(1s + 3609375us));
    const int calls = world.clock.calls;
    world.daemon.interface_changed(InterfaceId{}, working_interface());
    CHECK(world.clock.calls == calls);
}

TEST_CASE("a clock that wakes too early is asked again") {
    World world;
    REQUIRE(world.daemon.start());
    const TimePoint deadline = std::exchange(world.clock.wake, kNever);
    world.clock.time = deadline - 1ns;
    world.daemon.deadline_reached();
    CHECK(world.clock.wake == deadline);
}

TEST_CASE("a master keeps advertising through its clock") {
    World world;
    REQUIRE(world.daemon.start());
    world.run_until(20s);
    CHECK(std::ranges::count(world.nic.calls, "advertisement") == 16);
}

TEST_CASE("all advertisements of one moment leave before any address is moved") {
    World world(two_virtual_routers());
    REQUIRE(world.daemon.start());
    world.run_until(5s);
    const std::vector<std::string> first(world.nic.calls.begin(), world.nic.calls.begin() + 4);
    CHECK(first == std::vector<std::string>{"advertisement", "advertisement", "attach", "add"});
}

TEST_CASE("a refused address makes the daemon resign and announce nothing") {
    World world;
    world.nic.broken = {"add"};
    REQUIRE(world.daemon.start());
    world.run_until(5s);
    CHECK(world.nic.calls ==
          std::vector<std::string>{"advertisement", "attach", "add", "advertisement", "remove", "detach"});
    CHECK(world.daemon.router().virtual_routers().front().state() == State::initialize);
    CHECK_THAT(world.journal.lines, Catch::VectorContains(std::string(
                                        "eth0 vrid 5: add_address failed: Operation not permitted")));
}

TEST_CASE("one virtual router's failure does not touch another one") {
    World world(two_virtual_routers());
    world.nic.broken = {"add"};
    REQUIRE(world.daemon.start());
    world.run_until(4s);
    world.nic.broken.clear();
    world.run_until(30s);
    for (const VirtualRouter& one : world.daemon.router().virtual_routers())
        CHECK(one.state() == State::master);
}

TEST_CASE("a daemon whose every action fails still ends the call") {
    World world;
    world.nic.broken = {"advertisement", "announcement", "attach", "detach", "add", "remove"};
    REQUIRE(world.daemon.start());
    world.run_until(60s);
    world.daemon.stop();
    CHECK(world.daemon.router().stopped());
}

TEST_CASE("stopping resigns, releases and asks for no further wake-up") {
    World world;
    REQUIRE(world.daemon.start());
    world.run_until(10s);
    world.nic.calls.clear();
    world.daemon.stop();
    CHECK(world.nic.calls == std::vector<std::string>{"advertisement", "remove", "detach"});
    CHECK(world.clock.wake == kNever);
}
