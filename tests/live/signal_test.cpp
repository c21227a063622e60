// Signals, pid files and the places that only one process can have.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLan = "-i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.1 ";

} // namespace

TEST_CASE("USR1 writes the state, whole at any moment, and it goes with the process") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    Process& vrrpd = bed.r1.vrrpd(kLan);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const auto file = bed.r1.file("/run/vrrpd/.vrrpstate" + std::to_string(vrrpd.pid()));
    vrrpd.signal(SIGUSR1);
    REQUIRE(await(kPatience, [&] { return std::filesystem::exists(file); }));
    for (int i = 0; i < 200; ++i) {
        vrrpd.signal(SIGUSR1);
        std::ifstream in(file);
        const nlohmann::json state = nlohmann::json::parse(in, nullptr, false);
        REQUIRE(state.is_object());
        REQUIRE(state["virtual_routers"][0]["state"] == "master");
        REQUIRE(state["process"]["pid"] == vrrpd.pid());
    }
    vrrpd.signal(SIGTERM);
    CHECK(vrrpd.wait(kPatience) == 0);
    CHECK(bed.r1.must("ls -A /run/vrrpd").empty());
}

TEST_CASE("USR2 to one member backs up the whole gateway") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    bed.groups[0].wan.signal(SIGUSR2);
    CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.stands_by(); }));
    CHECK(bed.r1.router(52)["operator"] == "backup");
    CHECK(bed.r1.router(51)["reason"] == "group_lost");
}

TEST_CASE("TTIN and TTOU change the priority: by ten, or to what -z and -x say") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    struct Row {
        const char* options;
        int reduced, then_increased;
    };
    for (const Row& row : {Row{"", 90, 100}, Row{"-z 30", 30, 40}, Row{"-z 30 -x 170", 30, 170},
                           Row{"-p 5", 1, 11}, Row{"-x 254", 90, 254}}) {
        INFO(row.options);
        Process& vrrpd = bed.r1.vrrpd(kLan + row.options);
        REQUIRE(await(kPatience, [&] { return bed.r1.is("backup", {51}) || bed.r1.is("master", {51}); }));
        vrrpd.signal(SIGTTIN);
        CHECK(await(kPatience, [&] { return bed.r1.router(51)["priority"] == row.reduced; }));
        vrrpd.signal(SIGTTOU);
        CHECK(await(kPatience, [&] { return bed.r1.router(51)["priority"] == row.then_increased; }));
        vrrpd.signal(SIGTERM);
        CHECK(vrrpd.wait(kPatience) == 0);
    }
}

TEST_CASE("signals that mean nothing here do not end it") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    Process& vrrpd = bed.r1.vrrpd(kLan);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    for (const int number : {SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGCHLD, SIGWINCH, SIGURG})
        vrrpd.signal(number);
    vrrpd.signal(SIGTTIN); // after them
    CHECK(await(kPatience, [&] { return bed.r1.router(51)["priority"] == 90; }));
    CHECK(bed.r1.is("master", {51}));
    vrrpd.signal(SIGHUP); // the terminal is gone
    CHECK(vrrpd.wait(kPatience) == 0);
}

TEST_CASE("a pid file names its daemon, and one that is stale blocks nobody") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    // Its number lives: this test's own.
    bed.r1.must("mkdir -m 700 /run/vrrpd && echo " + std::to_string(::getpid()) +
                " > /run/vrrpd/vrrpd_eth0_51.pid && touch /run/vrrpd/vrrpd_eth0_51.sock");
    bed.r1.must("vrrpd " + kLan);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const std::string pid = bed.r1.read("/run/vrrpd/vrrpd_eth0_51.pid");
    CHECK(bed.r1.status()["processes"][0]["pid"] == std::stoi(pid));
    CHECK_THAT(bed.r1.must("readlink /proc/" + pid.substr(0, pid.size() - 1) + "/exe"),
               Catch::EndsWith("/vrrpd\n"));
    bed.r1.must("kill -KILL " + pid);
    REQUIRE(await(kPatience, [&] { return bed.r1.status().is_null(); }));
    bed.r1.must("vrrpd " + kLan); // and again at once
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
}

TEST_CASE("the same virtual router is refused on one interface, also with another directory") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    Process& first = bed.r1.vrrpd(kLan);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const CommandResult second = bed.r1.run("vrrpd -f /run/other " + kLan);
    CHECK(second.status == 2);
    CHECK(second.output == "vrrpd: vrid 51 runs on eth0 already, with another runtime directory (pid " +
                               std::to_string(first.pid()) + ")\n");
    CHECK(bed.r1.must("ls -A /run/other").empty());
    CHECK(bed.r1.is("master", {51}));
    // The same VRID elsewhere, and another one here, are other virtual routers.
    bed.r1.must("vrrpd -f /run/other -i eth1 10.17.1.200 -v 51");
    bed.r1.must("vrrpd -f /run/other -i eth0 10.16.1.201 -v 52");
}

TEST_CASE("a daemon's parent waits for it, and says what went wrong with its own exit status") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.must("vrrpd " + kLan + " && atropos --state"); // no waiting between
    const CommandResult bad = bed.r1.run("vrrpd -i eth7 10.16.1.200 -v 9");
    CHECK(bad.status == 2);
    CHECK(bad.output == "vrrpd: there is no interface eth7\n");
    CHECK(bed.r1.must("ls -A /run/vrrpd").find("eth7") == std::string::npos);
    // It has let go of everything of its caller's: a pipe of it ends.
    CHECK(bed.r1.must("timeout 5 sh -c 'vrrpd -i eth1 10.17.1.200 -v 52 | cat'").empty());
    bed.r1.must("kill $(cat /run/vrrpd/*.pid)");
    CHECK(await(kPatience, [&] { return bed.r1.must("ls -A /run/vrrpd").empty(); }));
}

TEST_CASE("a daemon that is started without stdin, stdout and stderr works and ends like any other") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    for (const char* closed : {" <&- >&- 2>&-", " <&-", " >&-", " 2>&-"}) {
        INFO(closed);
        bed.r1.must("vrrpd " + kLan + closed);
        REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
        bed.r1.must("kill $(cat /run/vrrpd/*.pid)");
        CHECK(await(kPatience, [&] { return bed.r1.must("ls -A /run/vrrpd").empty(); }));
        CHECK_FALSE(bed.r1.holds(kLanAddress));
    }
}

TEST_CASE("more signals while it ends do not cut the clean-up short") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const auto links = [&] { return bed.r1.must("ls /sys/class/net; cat /proc/sys/net/ipv4/conf/*/arp_*"); };
    const std::string before = links();
    Process& vrrpd = bed.r1.vrrpd(kLan);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!vrrpd.wait(0ms) && std::chrono::steady_clock::now() < end)
        vrrpd.signal(SIGTERM);
    REQUIRE(vrrpd.wait(0ms)); // its status is a signal's when one comes in its last microseconds
    CHECK(links() == before);
    CHECK(bed.r1.must("ls -A /run/vrrpd").empty());
    CHECK_FALSE(bed.r1.holds(kLanAddress));
}

TEST_CASE(
    "a runtime directory that somebody removes is made again, with all that atropos and siblings need") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    const auto files = [&] { return bed.r1.run("ls -A /run/vrrpd").output; };
    bed.start_groups();
    const std::string before = files();
    for (const char* removal : {"rm -rf /run/vrrpd", "mv /run/vrrpd /run/old; rm -rf /run/old",
                                "rm /run/vrrpd/*.pid", "rm /run/vrrpd/*.sock", "rm -rf /run/vrrpd"}) {
        INFO(removal);
        bed.r1.must(removal);
        CHECK(await(kPatience, [&] { return files() == before && bed.r1.leads(); }));
    }
    const std::string log = bed.groups[0].lan.output() + bed.groups[0].wan.output();
    CHECK(log.find("somebody removed /run/vrrpd: made again") != std::string::npos);
    // The pid file locks its place as before, and a sibling that is started again finds the other.
    CHECK(bed.r1.run("vrrpd " + kLan).status == 2);
    bed.groups[0].wan.signal(SIGTERM);
    REQUIRE(bed.groups[0].wan.wait(kPatience) == 0);
    bed.r1.vrrpd("-i eth1 10.17.1.200 -v 52 --protocol 3 -d 0.2 -M 2 -p 150");
    CHECK(await(kPatience, [&] { return bed.r1.leads(); }));
    const nlohmann::json status = bed.r1.status();
    for (const auto& one : status["processes"])
        bed.r1.must("kill " + std::to_string(one["pid"].get<int>()));
    CHECK(await(kPatience, [&] { return files().empty(); }));
}
