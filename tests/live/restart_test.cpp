// vrrpd calls its program anew, and its masters stay masters.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOne = "-i eth0 10.16.1.200 -v 51 --protocol 3 -d 1";
constexpr const char* kFast = "-i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.1";

void start_pair(const TwoSidedBed& bed, const std::string& line) {
    bed.r1.vrrpd("-p 150 " + line);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    bed.r2.vrrpd(line);
    REQUIRE(await(kPatience, [&] { return bed.r2.is("backup", {51}); }));
}

std::string mac_device(const Gateway& router) {
    return router.must("ip -o link show type macvlan | cut -d: -f1,2");
}

// A program of the test's own in the place of a vrrpd that was started there.
std::string copied_vrrpd(const Gateway& router) {
    std::filesystem::copy_file(kVrrpdBinary, router.file("/etc/scripts/vrrpd"));
    return "/etc/scripts/vrrpd";
}

void replace(const Gateway& router, const std::string& script) {
    std::filesystem::remove(router.file("/etc/scripts/vrrpd")); // it runs: its file cannot be written
    router.write_script("/etc/scripts/vrrpd", script);
}

} // namespace

TEST_CASE("a master that is restarted stays master and loses no probe, ten times of ten", "[timed]") {
    LIVE_OR_SKIP();
    for (const char* how : {"", "-n"}) {
        INFO(how);
        const TwoSidedBed bed;
        start_pair(bed, fmt::format("{} {}", kFast, how));
        const Prober prober(bed.pc.space(), IpAddress::parse(kLanAddress).value(), 1ms);
        REQUIRE(served_again(prober));
        const std::string device = mac_device(bed.r1);
        const int pid = bed.r1.status()["processes"][0]["pid"];
        for (int round = 0; round < 10; ++round) {
            CHECK(bed.r1.must("atropos --restart") == "vrrpd_eth0_51: restarted\n");
            CHECK(served_again(prober));
        }
        CHECK(prober.lost() == 0);
        CHECK(bed.r1.is("master", {51}));
        CHECK(bed.r1.router(51)["reason"] == "resumed");
        CHECK(bed.r1.status()["processes"][0]["pid"] == pid);
        CHECK(mac_device(bed.r1) == device);
        CHECK(bed.r2.router(51)["counters"]["became_master"] == 0);
        CHECK(bed.r1.must("ls /run/vrrpd | grep -c handover || true") == "0\n");
    }
}

TEST_CASE("a daemon that is restarted is one daemon, and stops in order") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.must(fmt::format("vrrpd {}", kOne));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const int pid = bed.r1.status()["processes"][0]["pid"];
    bed.r1.must("atropos --restart");
    CHECK(bed.r1.status()["processes"][0]["pid"] == pid);
    CHECK(bed.r1.router(51)["reason"] == "resumed");
    bed.r1.must(fmt::format("kill {}", pid));
    CHECK(await(kPatience, [&] { return !bed.r1.holds(kLanAddress); }));
    CHECK(bed.r1.must("ls -A /run/vrrpd; ip -o link show type macvlan").empty());
}

TEST_CASE("a group whose processes are restarted one after the other never yields", "[timed]") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), IpAddress::parse("10.17.1.60").value(), 1ms);
    REQUIRE(served_again(prober));
    bed.r1.must("atropos --restart");
    CHECK(served_again(prober));
    CHECK(bed.r1.leads());
    CHECK(prober.lost() == 0);
    bed.r2.must("atropos --restart");
    CHECK(await(kPatience, [&] { return bed.r2.stands_by(); }));
    CHECK(bed.r1.leads());
    CHECK(prober.lost() == 0);
    // It still fails over as one.
    bed.groups[0].lan.signal(SIGKILL);
    CHECK(await(kPatience, [&] { return bed.r2.leads(); }));
}

TEST_CASE("what an operator has set and what scripts were told is known after a restart") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    for (const Gateway* router : {&bed.r1, &bed.r2})
        router->write_script("/etc/scripts/told.sh", "#!/bin/sh\necho $VRRP_STATE >> /run/told\n");
    start_pair(bed, fmt::format("{} -U /etc/scripts/told.sh -D /etc/scripts/told.sh", kOne));
    bed.r1.must("atropos --reduce");
    REQUIRE(await(kPatience, [&] { return bed.r1.read("/run/told") == "backup\nmaster\n"; }));
    bed.r1.must("atropos --restart");
    CHECK(bed.r1.router(51)["priority"] == 140);
    CHECK(bed.r1.read("/run/told") == "backup\nmaster\n");
    bed.r1.must("atropos --backup");
    CHECK(await(kPatience, [&] { return bed.r1.read("/run/told") == "backup\nmaster\nbackup\n"; }));
    bed.r1.must("atropos --restart");
    CHECK(bed.r1.router(51)["operator"] == "backup");
    CHECK(bed.r1.is("backup", {51}));
}

TEST_CASE("a program that refuses the configuration is not called, and the reason is told") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const Process& process = bed.r1.start(copied_vrrpd(bed.r1) + " --foreground " + kOne);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    replace(bed.r1, "#!/bin/sh\necho 'vrrpd: it does not like this' >&2\nexit 2\n");
    const CommandResult result = bed.r1.run("atropos --restart");
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("it does not like this"));
    CHECK_THAT(process.output(), Catch::Contains("it does not like this"));
    CHECK(bed.r1.is("master", {51}));
}

TEST_CASE("when the successor dies the other router takes over, and the next start cleans up") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.start(copied_vrrpd(bed.r1) + " --foreground -p 150 " + kOne);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    bed.r2.vrrpd(kOne);
    REQUIRE(await(kPatience, [&] { return bed.r2.is("backup", {51}); }));
    replace(bed.r1, "#!/bin/sh\ncase \"$*\" in *--check) exit 0;; esac\nexit 1\n");
    bed.r1.start("atropos --restart");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}); }));
    const Process& next =
        bed.r1.vrrpd(fmt::format("-p 50 {}", kOne)); // what was left is too old to go on from
    CHECK(await(kPatience, [&] { return bed.r1.is("backup", {51}); }));
    CHECK_FALSE(bed.r1.holds(kLanAddress));
    CHECK(bed.r2.is("master", {51}));
    (void)next;
}

TEST_CASE("a program of another version is the one that is called") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.start(copied_vrrpd(bed.r1) + " --foreground " + kOne);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    replace(bed.r1, fmt::format("#!/bin/sh\nexec {} \"$@\" --announce-repeats 3\n", kVrrpdBinary));
    bed.r1.must("atropos --restart");
    CHECK(bed.r1.is("master", {51}));
    const int pid = bed.r1.status()["processes"][0]["pid"];
    CHECK_THAT(bed.r1.must(fmt::format("cat /proc/{}/cmdline | tr '\\0' ' '", pid)),
               Catch::Contains("--announce-repeats"));
}
