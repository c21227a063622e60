// Several vrrpds of one machine, of which all are master, or none.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const IpAddress kServer = IpAddress::parse("10.17.1.60").value();

const std::string kFast = " --protocol 3 -d 0.2 ";

std::string stance(const Gateway& gateway, const std::string& member) {
    const nlohmann::json group = gateway.group();
    if (!group.is_null())
        for (const nlohmann::json& one : group["members"])
            if (one["name"] == member) return one["stance"];
    return {};
}

// Frames of the gateways reach the hosts and not one another.
void isolate_on_lan(const TwoSidedBed& bed, const char* on) {
    for (const char* port : {"p-r1-eth0", "p-r2-eth0"})
        bed.lan.must(std::string("bridge link set dev ") + port + " isolated " + on);
}

} // namespace

TEST_CASE("a group that lacks a process has no master, and atropos says why") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51 -M 3" + kFast);
    bed.r1.vrrpd("-i eth1 10.17.1.200 -v 52 -M 3" + kFast);
    CHECK(await(kPatience, [&] {
        return stance(bed.r1, "eth0 vrid 51") == "ready" && stance(bed.r1, "eth1 vrid 52") == "ready";
    }));
    CHECK(bed.r1.is("backup"));
    CHECK_THAT(bed.r1.run("atropos --state").output,
               Catch::StartsWith("2 virtual routers: 2 backup; group M cannot lead\n") &&
                   Catch::Contains("group M  cannot lead: 2 of 3 members present"));
    const CommandResult critical = bed.r1.run("atropos --check");
    CHECK(critical.status == 2);
    CHECK_THAT(critical.output,
               Catch::StartsWith("VRRP CRITICAL - group M cannot lead: 2 of 3 members present"));
    bed.r1.vrrpd("-i eth1 10.17.1.201 -v 53 -M 3" + kFast);
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51, 52, 53}); }));
    CHECK_THAT(bed.r1.must("atropos --state"), Catch::Contains("group M  fit\n"));
    CHECK_THAT(bed.r1.must("atropos --check"),
               Catch::StartsWith("VRRP OK - 3 master, 0 backup | masters=3 "));
    CHECK(bed.r1.run("atropos --check -f /run/none").status == 3);
}

TEST_CASE("a group may have more processes than it needs, and goes on when one leaves") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.start_group(bed.r1, "");
    REQUIRE(await(kPatience, [&] { return bed.r1.leads(); }));
    // One that arrives does not demote those who lead.
    Process& third = bed.r1.vrrpd("-i eth1 10.17.1.201 -v 53 -M 2" + kFast);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51, 52, 53}); }));
    third.signal(SIGTERM); // who dies without a word is missed
    CHECK(await(kPatience, [&] { return !bed.r1.holds("10.17.1.201"); }));
    CHECK(bed.r1.leads());
    for (const int vrid : {51, 52})
        CHECK(bed.r1.router(vrid)["counters"]["became_master"] == 1);
}

TEST_CASE("groups of different directories on one machine do not know one another") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const std::string other = kFast + "-M 2 -f /run/other ";
    Process& leaves = bed.r1.vrrpd("-i eth0 10.16.1.210 -v 61" + other);
    bed.r1.vrrpd("-i eth1 10.17.1.210 -v 62" + other);
    const auto others_are = [&](const char* state) {
        return bed.r1.run("atropos --state -f /run/other -v 62")
                   .output.find(std::string("vrid 62  ") + state) != std::string::npos;
    };
    REQUIRE(await(kPatience, [&] { return others_are("master"); }));
    leaves.signal(SIGTERM);
    CHECK(await(kPatience, [&] { return others_are("backup"); }));
    CHECK_THAT(bed.r1.run("atropos --state -f /run/other").output, Catch::Contains("1 of 2 members present"));
    CHECK(bed.r1.leads());
    CHECK(bed.r1.router(51)["counters"]["became_master"] == 1);
    CHECK(bed.r1.group()["members"].size() == 2);
}

TEST_CASE("a member that freezes takes the whole gateway back, and steps back itself when it thaws") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    REQUIRE(served_again(prober));
    bed.groups[0].lan.signal(SIGSTOP);
    CHECK(await(kPatience, [&] { return bed.r2.leads(); }));
    CHECK_THAT(bed.groups[0].wan.output(),
               Catch::Contains("the process of eth0 vrid 51 has stopped speaking"));
    CHECK(bed.r1.holds(kLanAddress)); // nobody but itself can know that it does not just take its time
    CHECK_FALSE(bed.r1.holds(kWanAddress));
    CHECK(served_again(prober));
    bed.groups[0].lan.signal(SIGCONT);
    CHECK(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    CHECK(bed.groups[0].lan.output().find("master -> backup") != std::string::npos); // not at once
    CHECK(served_again(prober));
}

TEST_CASE("a fault between the gateways on one side splits nothing: silence needs unanimity") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    REQUIRE(served_again(prober));
    const auto spoken = [&] { return bed.r2.router(51)["counters"]["advertisements_sent"].get<int>(); };
    const int before = spoken();
    isolate_on_lan(bed, "on");
    CHECK(await(kPatience, [&] { return stance(bed.r2, "eth0 vrid 51") == "ready"; }));
    const std::size_t now = bed.lan_tap.advertisements().size();
    REQUIRE(await(kPatience, [&] { return bed.lan_tap.advertisements().size() > now + 10; }));
    CHECK(bed.r2.stands_by());
    CHECK(stance(bed.r2, "eth1 vrid 52") == "following");
    CHECK(spoken() == before);
    isolate_on_lan(bed, "off");
    CHECK(await(kPatience, [&] { return stance(bed.r2, "eth0 vrid 51") == "following"; }));
    // And when the machine dies altogether, it takes over.
    isolate_on_lan(bed, "on");
    REQUIRE(await(kPatience, [&] { return stance(bed.r2, "eth0 vrid 51") == "ready"; }));
    for (const int vrid : {51, 52}) { // until here nothing has changed hands
        CHECK(bed.r1.router(vrid)["counters"]["became_master"] == 1);
        CHECK(bed.r2.router(vrid)["counters"]["became_master"] == 0);
    }
    bed.unplug(bed.r1, "eth1");
    CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.is("backup", {51}); }));
    CHECK(served_again(prober));
}

TEST_CASE(
    "whatever a member loses takes the whole gateway to the other machine, and its return brings it back") {
    LIVE_OR_SKIP();
    struct Loss {
        const char* what;
        const char* happens;
        const char* is_mended;
        const char* reason;
    };
    const Loss losses[] = {
        {"the interface is put down", "ip link set eth1 down", "ip link set eth1 up", "link_down"},
        {"its address goes", "ip addr del 10.17.1.1/24 dev eth1", "ip addr add 10.17.1.1/24 dev eth1",
         "no_address"},
    };
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    for (const Loss& loss : losses) {
        INFO(loss.what);
        REQUIRE(served_again(prober));
        bed.r1.space().must(loss.happens);
        CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.is("backup", {51}); }));
        CHECK(bed.r1.router(52)["reason"] == loss.reason);
        CHECK(bed.r1.run("atropos --state").status == 4);
        CHECK_THAT(bed.r1.run("atropos --state").output,
                   Catch::Contains("cannot lead: eth1 vrid 52 is not fit"));
        CHECK(served_again(prober));
        CHECK(bed.r2.heard_a_resignation());
        bed.r1.space().must(loss.is_mended);
        CHECK(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    }
}

TEST_CASE("a machine that dies whole is replaced on both sides at one moment", "[timed]") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const auto cut = [&](const Namespace& network, const char* port) {
        network.must(std::string("ip link set ") + port + " nomaster"); // silence, with carrier
    };
    cut(bed.lan, "p-r1-eth0");
    cut(bed.wan, "p-r1-eth1");
    CHECK(await(kPatience, [&] { return bed.r2.leads(); }));
    const auto first = [](WireTap& tap, const char* source) {
        for (const WireTap::Seen& seen : tap.advertisements())
            if (seen.advertisement.source == IpAddress::parse(source).value()) return seen.time;
        return Duration{};
    };
    const Duration apart = first(bed.lan_tap, "10.16.1.2") - first(bed.wan_tap, "10.17.1.2");
    CHECK(std::chrono::abs(apart) < 50ms);
    const Prober prober(bed.pc.space(), kServer, 5ms);
    CHECK(served_again(prober));
}
