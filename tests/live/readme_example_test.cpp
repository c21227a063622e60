// The two-server example of the original's README, word for word, and what it promises.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLan =
    "vrrpd -i eth0 10.16.1.200 -v 51 -M 2 -U /etc/scripts/MASTER.sh -D /etc/scripts/DOWN.sh";
const std::string kWan = "vrrpd -i eth1 10.17.1.200 -v 52 -M 2";

// Priority 100 and one second: (256 - 100) / 256 s.
constexpr auto kSkew = 610ms;
// For a machine that does other things too.
constexpr auto kRoom = 250ms;

const IpAddress kServer = IpAddress::parse("10.17.1.60").value();

// Each has what an operator would have put there.
void write_scripts(const Gateway& gateway) {
    for (const char* name : {"MASTER", "DOWN"})
        gateway.write_script(std::string("/etc/scripts/") + name + ".sh",
                             std::string("echo ") + name + " $* >> /run/scripts\n");
}

void kill_of_vrid(const Gateway& gateway, int vrid, const char* signal) {
    gateway.must(std::string("kill -") + signal + " $(cat /run/vrrpd/vrrpd_eth*_" + std::to_string(vrid) +
                 ".pid)");
}

// Both servers as in the README; r1 leads, since it was there first.
struct Example {
    Example() {
        for (const Gateway* gateway : {&bed.r1, &bed.r2})
            write_scripts(*gateway);
        bed.r1.must(kLan + " && " + kWan);
        REQUIRE(await(8s, [&] { return bed.r1.leads(); }));
        bed.r2.must(kWan + " && " + kLan); // in the other order
        REQUIRE(await(kPatience, [&] { return bed.r2.stands_by(); }));
        prober = std::make_unique<Prober>(bed.pc.space(), kServer, 5ms);
        REQUIRE(served_again(*prober));
    }

    TwoSidedBed bed;
    std::unique_ptr<Prober> prober;
};

} // namespace

TEST_CASE("README: nobody leads before both vrrpds are there, whichever comes first") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    for (const Gateway* gateway : {&bed.r1, &bed.r2})
        write_scripts(*gateway);
    bed.r1.must(kLan);
    bed.r2.must(kWan);
    const auto waits = [](const Gateway& gateway, int vrid) {
        return gateway.router(vrid)["state"] == "backup" &&
               gateway.group()["members"][0]["stance"] == "ready";
    };
    // Alone, either would be master by now.
    CHECK(await(8s, [&] { return waits(bed.r1, 51) && waits(bed.r2, 52); }));
    CHECK_FALSE(bed.r1.holds(kLanAddress));
    CHECK_FALSE(bed.r2.holds(kWanAddress));
    bed.r1.must(kWan);
    CHECK(await(8s, [&] { return bed.r1.leads(); }));
    CHECK(bed.r2.read("/run/scripts").find("MASTER") == std::string::npos);
    bed.r2.must(kLan);
    CHECK(await(kPatience, [&] { return bed.r2.stands_by(); }));
    CHECK(bed.r1.leads());
    const std::string down = "DOWN BACKUP eth0 51 10.16.1.200/32\n",
                      up = "MASTER MASTER eth0 51 10.16.1.200/32\n";
    CHECK(await(kPatience, [&] { return bed.r2.read("/run/scripts") == down; }));
    CHECK(bed.r1.read("/run/scripts") == down + up);
}

TEST_CASE("README: a pulled cable moves both sides within the skew time, and its return disturbs nobody",
          "[timed]") {
    LIVE_OR_SKIP();
    Example e;
    e.bed.unplug(e.bed.r1, "eth0");
    CHECK(await(kPatience, [&] { return e.bed.r2.leads() && e.bed.r1.is("backup", {52}); }));
    CHECK(e.bed.r1.router(51)["reason"] == "link_down");
    CHECK(e.bed.r1.router(52)["reason"] == "group_unfit");
    CHECK(served_again(*e.prober));
    CHECK(e.prober->longest_gap() < kSkew + kRoom);
    const auto plugged = Prober::Clock::now();
    e.bed.plug(e.bed.r1, "eth0");
    CHECK(await(kPatience, [&] { return e.bed.r1.stands_by(); })); // equals do not preempt
    CHECK(served_again(*e.prober));
    CHECK(e.bed.r2.leads());
    CHECK(e.prober->longest_gap(plugged) < kRoom);
    CHECK(await(kPatience, [&] {
        return e.bed.r1.read("/run/scripts")
            .ends_with("MASTER MASTER eth0 51 10.16.1.200/32\n"
                       "DOWN STOPPED eth0 51 10.16.1.200/32\n");
    }));
}

TEST_CASE("README: a killed process takes the whole gateway with it, and its sibling cleans up", "[timed]") {
    LIVE_OR_SKIP();
    Example e;
    kill_of_vrid(e.bed.r1, 51, "KILL");
    CHECK(await(1s, [&] { return !e.bed.r1.holds(kLanAddress) && !e.bed.r1.holds(kWanAddress); }));
    CHECK(await(1s, [&] { // not the dead one's macvlan either, only the survivor's
        return e.bed.r1.space().must("ip -o link show type macvlan").find(kLanMac) == std::string::npos;
    }));
    CHECK(e.bed.r1.space().must("ip -o link show type macvlan").find(kWanMac) != std::string::npos);
    CHECK(await(kPatience, [&] { return e.bed.r2.leads(); }));
    CHECK(served_again(*e.prober));
    CHECK(e.prober->longest_gap() < kSkew + kRoom);
    CHECK(e.bed.r1.must("ls -A /run/vrrpd | grep -c eth0_51 || true") == "0\n");
    CHECK_THAT(e.bed.r1.group()["trouble"].get<std::string>(),
               Catch::StartsWith("the process of eth0 vrid 51 died; start it again"));
    e.bed.r1.must(kLan); // and it is welcome again
    CHECK(await(kPatience, [&] { return e.bed.r1.stands_by() && e.bed.r1.group()["fit"] == true; }));
    CHECK(e.bed.r2.leads());
}

TEST_CASE("README: a process that stops in order hands over both sides and leaves nothing", "[timed]") {
    LIVE_OR_SKIP();
    Example e;
    kill_of_vrid(e.bed.r1, 52, "TERM");
    CHECK(await(kPatience, [&] { return e.bed.r2.leads() && e.bed.r1.is("backup", {51}); }));
    CHECK(served_again(*e.prober));
    CHECK(e.prober->longest_gap() < kSkew + kRoom);
    CHECK(e.bed.lan_tap.saw(IpAddress::parse("10.16.1.1").value(), 0));
    CHECK(e.bed.wan_tap.saw(IpAddress::parse("10.17.1.1").value(), 0));
    kill_of_vrid(e.bed.r1, 51, "TERM");
    CHECK(await(kPatience, [&] { return e.bed.r1.must("ls -A /run/vrrpd").empty(); }));
    CHECK(e.bed.r1.space().must("ip -o link show type macvlan").empty());
    CHECK(e.bed.r2.leads());
}

TEST_CASE("README: the better machine takes the whole gateway back when it returns", "[timed]") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    for (const Gateway* gateway : {&bed.r1, &bed.r2})
        write_scripts(*gateway);
    bed.r2.must(kLan + " && " + kWan);
    REQUIRE(await(8s, [&] { return bed.r2.leads(); }));
    const Prober prober(bed.pc.space(), kServer, 5ms);
    REQUIRE(served_again(prober));
    bed.r1.must(kWan + " -p 150 && " + kLan + " -p 150");
    CHECK(await(8s, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    CHECK(served_again(prober));
    CHECK(prober.longest_gap() < kRoom);
    // Whichever member heard the better router first lost its election; the other went with it, or had heard
    // it too.
    CHECK((bed.r2.router(51)["reason"] == "higher_priority" ||
           bed.r2.router(52)["reason"] == "higher_priority"));
}
