// vrrpd reads its configuration file again while it runs.
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

constexpr const char* kFile = "/etc/gw.toml";

std::string virtual_router(const std::string& interface, int vrid, const std::string& addresses,
                           const std::string& more) {
    return fmt::format(
        "[[virtual_router]]\ninterface = \"{}\"\nvrid = {}\naddress = [{}]\nprotocol = 3\n{}\n\n", interface,
        vrid, addresses, more);
}

std::string gateway(int priority, const std::string& more = "interval = 0.2") {
    return virtual_router("eth0", 51, "\"10.16.1.200\"", fmt::format("priority = {}\n{}", priority, more));
}

std::string with_second_address(int priority, const std::string& more) {
    return virtual_router("eth0", 51, "\"10.16.1.200\", \"10.16.1.201\"",
                          fmt::format("priority = {}\n{}", priority, more));
}

void configure(const Gateway& router, const std::string& text) {
    std::ofstream(router.file(kFile)) << text;
}

Process& start(const Gateway& router, const std::string& text) {
    configure(router, text);
    return router.vrrpd(std::string("--config ") + kFile);
}

void start_pair(const TwoSidedBed& bed, const std::string& first, const std::string& second) {
    start(bed.r1, first);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    start(bed.r2, second);
    REQUIRE(await(kPatience, [&] { return bed.r2.is("backup", {51}); }));
}

std::string reload(const Gateway& router, const std::string& text) {
    configure(router, text);
    return router.must("atropos --reload");
}

} // namespace

TEST_CASE("a rolling change of a pair, the backup first, loses no probe, ten times of ten", "[timed]") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    start_pair(bed, gateway(150), gateway(100));
    const Prober prober(bed.pc.space(), IpAddress::parse(kLanAddress).value(), 1ms);
    REQUIRE(served_again(prober));
    const int began = bed.r1.router(51)["counters"]["became_master"];
    for (int round = 0; round < 10; ++round) {
        const bool even = round % 2 == 0;
        const auto text = [&](int priority) {
            return even ? with_second_address(priority + 10, "interval = 0.1\nno-preempt = true")
                        : gateway(priority);
        };
        reload(bed.r2, text(100));
        reload(bed.r1, text(150));
        REQUIRE(await(kPatience, [&] { return bed.r1.holds("10.16.1.201") == even; }));
        CHECK(served_again(prober));
    }
    CHECK(prober.lost() == 0);
    CHECK(bed.r1.router(51)["counters"]["became_master"] == began);
    CHECK(bed.r2.router(51)["counters"]["became_master"] == 0);
}

TEST_CASE("a gateway moves by the priority in the file and loses no probe, ten times of ten", "[timed]") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    start_pair(bed, gateway(150), gateway(100));
    const Prober prober(bed.pc.space(), IpAddress::parse(kLanAddress).value(), 1ms);
    REQUIRE(served_again(prober));
    for (int round = 0; round < 10; ++round) {
        const bool away = round % 2 == 0;
        reload(bed.r2, gateway(away ? 200 : 100));
        REQUIRE(await(kPatience, [&] { return (away ? bed.r2 : bed.r1).is("master", {51}); }));
        REQUIRE(await(kPatience, [&] { return (away ? bed.r1 : bed.r2).is("backup", {51}); }));
        CHECK(served_again(prober));
    }
    CHECK(prober.lost() == 0);
}

TEST_CASE("a wrong file changes nothing, and both the operator and the log are told why") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    Process& process = start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const auto refused = [&](const std::string& text, const std::string& why) {
        configure(bed.r1, text);
        const CommandResult result = bed.r1.run("atropos --reload");
        CHECK(result.status == 1);
        CHECK_THAT(result.output, Catch::Contains(why));
        CHECK_THAT(bed.r1.run("atropos --reload --dry-run").output, Catch::Contains(why));
        CHECK(await(kPatience, [&] { return process.output().find(why) != std::string::npos; }));
    };
    refused("[[virtual_router]]\ninterface = \"eth0\"\nvrid = 300\n", "/etc/gw.toml:3:8: ");
    refused(gateway(150) + virtual_router("eth9", 52, "\"10.17.1.200\"", ""), "there is no interface eth9");
    refused(gateway(150, "master-script = \"/etc/none\""), "/etc/none");
    refused("directory = \"/tmp/other\"\n" + gateway(150), "directory cannot change");
    CHECK(bed.r1.is("master", {51}));
    CHECK(bed.r1.must("atropos --state") != "");
    configure(bed.r1, gateway(150));
    CHECK(bed.r1.must("atropos --reload") == "/etc/gw.toml: nothing changes\n");
}

TEST_CASE("a dry run tells what would change and changes nothing") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    configure(bed.r1, gateway(120) + virtual_router("eth1", 52, "\"10.17.1.200\"", ""));
    const std::string changes = "eth0 vrid 51: priority 150 -> 120\nwould change: eth1 vrid 52: added\n";
    CHECK(bed.r1.must("atropos --reload --dry-run") == "would change: " + changes);
    CHECK(bed.r1.router(51)["priority"] == 150);
    CHECK(bed.r1.must("atropos --reload") == "eth0 vrid 51: priority 150 -> 120\neth1 vrid 52: added\n");
    CHECK(bed.r1.router(51)["priority"] == 120);
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {52}); }));
}

TEST_CASE("SIGHUP reads the file again") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const Process& process = start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    configure(bed.r1, gateway(120));
    process.signal(SIGHUP);
    CHECK(await(kPatience, [&] { return bed.r1.router(51)["priority"] == 120; }));
    CHECK(bed.r1.is("master", {51}));
}

TEST_CASE("a virtual router that is removed leaves nothing behind, and another process may have it") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const std::string second = virtual_router("eth1", 52, "\"10.17.1.200\"", "interval = 0.2");
    start(bed.r1, gateway(150) + second);
    REQUIRE(await(kPatience, [&] { return bed.r1.leads(); }));
    reload(bed.r1, second); // its control socket was called after the other one
    CHECK_FALSE(bed.r1.holds(kLanAddress));
    CHECK(bed.r1.holds(kWanAddress));
    CHECK(await(kPatience, [&] { return bed.r1.must("ip -o link show type macvlan | wc -l") == "1\n"; }));
    CHECK(bed.r1.must("ls /run/vrrpd | grep -c eth0_51 || true") == "0\n");
    CHECK(bed.r1.is("master", {52}));
    const Process& other = bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.2");
    CHECK(await(kPatience, [&] { return bed.r1.leads(); }));
    other.signal(SIGTERM);
    CHECK(await(kPatience, [&] { return !bed.r1.holds(kLanAddress); }));
    reload(bed.r1, gateway(150) + second);
    CHECK(await(kPatience, [&] { return bed.r1.leads(); }));
}

TEST_CASE("a virtual router that another process has is refused, and nothing else is taken") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.vrrpd("-i eth1 10.17.1.200 -v 52 --protocol 3 -d 0.2");
    start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.leads(); }));
    configure(bed.r1, gateway(120) + virtual_router("eth1", 52, "\"10.17.1.200\"", ""));
    const CommandResult result = bed.r1.run("atropos --reload");
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("52"));
    CHECK(bed.r1.router(51)["priority"] == 150);
}

TEST_CASE("addresses with a subnet are exchanged on a master, and those that stay are never missing",
          "[timed]") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const auto text = [](const std::string& addresses) {
        return virtual_router("eth0", 51, addresses, "interval = 0.2");
    };
    Process& process = start(bed.r1, text("\"10.16.1.200/24\", \"10.16.1.201/24\", \"10.16.1.202/24\""));
    REQUIRE(await(kPatience, [&] { return bed.r1.holds("10.16.1.202"); }));
    const Prober prober(bed.pc.space(), IpAddress::parse("10.16.1.201").value(), 1ms);
    REQUIRE(served_again(prober));
    reload(bed.r1, text("\"10.16.1.201/24\", \"10.16.1.202/24\"")); // the kernel's first of the subnet goes
    CHECK(served_again(prober));
    CHECK_FALSE(bed.r1.holds("10.16.1.200"));
    CHECK(bed.r1.holds("10.16.1.202"));
    CHECK(prober.lost() == 0);
    CHECK(process.output().find("put back") == std::string::npos);
}

TEST_CASE("an operator's address in the subnet of a virtual one stays when that goes") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const Process& process = start(
        bed.r1, virtual_router("eth0", 51, "\"10.99.1.200/24\"", "interval = 0.2\nno-virtual-mac = true"));
    REQUIRE(await(kPatience, [&] { return bed.r1.holds("10.99.1.200"); }));
    bed.r1.must("ip addr add 10.99.1.5/24 dev eth0"); // the kernel's second one
    process.signal(SIGTERM);
    CHECK(await(kPatience, [&] { return !bed.r1.holds("10.99.1.200"); }));
    CHECK(bed.r1.holds("10.99.1.5"));
    CHECK(bed.r1.must("cat /proc/sys/net/ipv4/conf/eth0/promote_secondaries") == "0\n");
}

TEST_CASE("a FIFO that is named by a reload gets the lines from then on") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    reload(bed.r1, "notify-fifo = \"/run/lines\"\n" + gateway(150));
    const Process& lines = bed.r1.start("cat /run/lines");
    bed.r1.must("atropos --backup");
    CHECK(await(kPatience, [&] { return lines.output().find("BACKUP") != std::string::npos; }));
}

TEST_CASE("a process that was started without a file has nothing to read again") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.2");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    const CommandResult result = bed.r1.run("atropos --reload");
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("no vrrpd here was started with --config"));
}

TEST_CASE("thirty virtual routers come and go, and a master beside them is never late", "[timed]") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const std::string fast = gateway(150, "interval = 0.1");
    std::string many = fast;
    for (int i = 0; i < 30; ++i)
        many += virtual_router("eth0", 101 + i, fmt::format("\"10.16.1.{}\"", 101 + i), "interval = 0.1");
    start_pair(bed, fast, gateway(100, "interval = 0.1"));
    for (int round = 0; round < 3; ++round) {
        CHECK(reload(bed.r1, many).find("eth0 vrid 130: added") != std::string::npos);
        REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51, 101, 130}); }));
        CHECK(reload(bed.r1, fast).find("eth0 vrid 130: removed") != std::string::npos);
        REQUIRE(
            await(kPatience, [&] { return bed.r1.must("ip -o link show type macvlan | wc -l") == "1\n"; }));
    }
    CHECK(bed.r1.router(51)["counters"]["became_master"] == 1);
    CHECK(bed.r2.router(51)["counters"]["became_master"] == 0);
}

TEST_CASE("a FIFO in the place of the file is refused at once") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    start(bed.r1, gateway(150));
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    bed.r1.must(fmt::format("rm {0} && mkfifo {0}", kFile));
    const CommandResult result = bed.r1.run("atropos --reload");
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("not a regular file"));
}
