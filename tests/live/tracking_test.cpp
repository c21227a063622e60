// Health checks on real interfaces.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// One virtual router on the lan, with these checks.
void configure(const Gateway& gateway, int priority, const std::string& tracks, const std::string& use) {
    std::ofstream(gateway.file("/etc/gw.toml"))
        << tracks
        << fmt::format("[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\naddress = \"{}\"\n"
                       "priority = {}\nprotocol = 3\ninterval = 0.2\ntrack = {}\n",
                       kLanAddress, priority, use);
}

constexpr const char* kUplink = "[[track]]\nname = \"uplink\"\ninterface = \"eth1\"\nweight = -60\n";

void start_pair(const TwoSidedBed& bed) {
    bed.r1.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    bed.r2.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return bed.r2.is("backup", {51}); }));
}

nlohmann::json check(const Gateway& gateway, const std::string& name) {
    const nlohmann::json status = gateway.status();
    if (!status.is_null())
        for (const nlohmann::json& one : status["checks"])
            if (one["name"] == name) return one;
    return {};
}

} // namespace

TEST_CASE("a lost uplink takes its weight from the priority, and the gateway moves and comes back") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    configure(bed.r1, 150, kUplink, "\"uplink\"");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    start_pair(bed);
    CHECK(check(bed.r1, "uplink")["state"] == "passes");
    CHECK(bed.r1.router(51)["priority"] == 150);

    bed.unplug(bed.r1, "eth1");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
    CHECK(check(bed.r1, "uplink")["state"] == "fails");
    CHECK(check(bed.r1, "uplink")["reason"] == "eth1 has no carrier");
    CHECK(bed.r1.router(51)["priority"] == 90);
    const std::string table = bed.r1.must("atropos --state");
    CHECK_THAT(table, Catch::Contains("priority 90 (150 and -60 by its checks)"));
    CHECK_THAT(table, Catch::Contains("check uplink  fails  for "));
    CHECK_FALSE(bed.r1.holds(kLanAddress));

    bed.plug(bed.r1, "eth1");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
    CHECK(bed.r1.router(51)["priority"] == 150);
}

namespace {

// With carrier: its other end is up.
constexpr const char* kMakeUplink =
    "ip link add d0 type veth peer name d1 && ip link set d1 up && ip link set d0 up";

} // namespace

TEST_CASE("a check's interface may be deleted and made again") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.must(kMakeUplink);
    bed.r1.must("ip addr add 10.9.0.1/24 dev d0");
    configure(bed.r1, 150, "[[track]]\nname = \"d\"\ninterface = \"d0\"\naddress = \"10.9.0.1\"\n",
              "[\"d\"]");
    bed.r1.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    bed.r1.must("ip link del d0");
    CHECK(await(kPatience, [&] { return bed.r1.is("initialize", {51}); }));
    CHECK(bed.r1.router(51)["reason"] == "check_failed");
    CHECK(check(bed.r1, "d")["reason"] == "there is no interface d0");
    bed.r1.must(kMakeUplink);
    CHECK(await(kPatience, [&] { return check(bed.r1, "d")["reason"] == "d0 has no address 10.9.0.1"; }));
    bed.r1.must("ip addr add 10.9.0.1/24 dev d0");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
}

TEST_CASE("vrrpd --check tells weights that change nothing") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    configure(bed.r1, 50, kUplink, "\"uplink\"");
    const CommandResult result = bed.r1.run("vrrpd --config /etc/gw.toml --check");
    CHECK(result.status == 0);
    CHECK_THAT(result.output, Catch::Contains("eth0 vrid 51: its checks can take 60 from priority 50"));
    CHECK_THAT(result.output, Catch::Contains("good: 1 virtual router, 0 groups, 1 check\n"));
}

TEST_CASE("a program's check that fails moves the gateway, and one that hangs is killed") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.write_script("/etc/scripts/check.sh",
                        "#!/bin/sh\n[ -e /etc/scripts/hang ] && sleep 98765\n[ ! -e /etc/scripts/bad ]\n");
    configure(bed.r1, 150,
              "[[track]]\nname = \"web\"\nscript = \"/etc/scripts/check.sh\"\ninterval = 0.1\ntimeout = 0.5\n"
              "fall = 2\nrise = 2\nweight = -60\n",
              "\"web\"");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    start_pair(bed);
    CHECK(check(bed.r1, "web")["state"] == "passes");
    CHECK(check(bed.r1, "web")["kind"] == "script");

    bed.r1.must("touch /etc/scripts/bad");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
    CHECK(check(bed.r1, "web")["reason"] == "exit status 1");
    CHECK(bed.r1.router(51)["priority"] == 90);

    bed.r1.must("touch /etc/scripts/hang && rm /etc/scripts/bad");
    CHECK(await(kPatience, [&] { return check(bed.r1, "web")["reason"] == "it took longer than 500 ms"; }));
    bed.r1.must("rm /etc/scripts/hang");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
    CHECK(await(kPatience, [&] { return bed.r1.run("pgrep -f '[s]leep 98765'").status != 0; }));
}

TEST_CASE("a port that no longer accepts, and a number in a file, move the gateway") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    configure(bed.r1, 150,
              "[[track]]\nname = \"port\"\ntcp = \"10.17.1.60:7777\"\ninterval = 0.1\nweight = -60\n"
              "[[track]]\nname = \"by-hand\"\nfile = \"/etc/scripts/weight\"\n",
              "[\"port\", \"by-hand\"]");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    Process& listener = bed.server.start("python3 -m http.server 7777 --bind 10.17.1.60");
    REQUIRE(await(kPatience, [&] { return bed.server.must("ss -ltn").find(":7777") != std::string::npos; }));
    start_pair(bed);
    CHECK(check(bed.r1, "port")["state"] == "passes");
    CHECK(check(bed.r1, "by-hand")["state"] == "fails");
    CHECK(check(bed.r1, "by-hand")["adds"] == 0);

    listener.signal(SIGKILL);
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}); }));
    CHECK(check(bed.r1, "port")["reason"] == "Connection refused");
    bed.r1.must("echo 100 > /etc/scripts/weight");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    CHECK(bed.r1.router(51)["priority"] == 190);
    bed.r1.must("rm /etc/scripts/weight");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}); }));
}

TEST_CASE("a gateway that answers no more moves the virtual one") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    configure(bed.r1, 150,
              "[[track]]\nname = \"provider\"\nping = \"10.17.1.60\"\nfrom = \"eth1\"\ninterval = 0.1\n"
              "timeout = 0.2\nfall = 3\nrise = 3\nweight = -60\n",
              "\"provider\"");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    start_pair(bed);
    CHECK(check(bed.r1, "provider")["state"] == "passes");
    CHECK(check(bed.r1, "provider")["kind"] == "ping");
    CHECK(check(bed.r1, "provider")["reason"] == "it answers");

    bed.server.must("sysctl -qw net.ipv4.icmp_echo_ignore_all=1");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
    CHECK(check(bed.r1, "provider")["reason"] == "no answer within 200 ms");
    CHECK(bed.r1.router(51)["priority"] == 90);
    CHECK_THAT(bed.r1.must("atropos --metrics"),
               Catch::Contains(R"(vrrp_check_passes{check="provider",kind="ping"} 0)"));
    bed.server.must("sysctl -qw net.ipv4.icmp_echo_ignore_all=0");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
    bed.r1.must("ip link set eth1 down");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
}

TEST_CASE("a gateway that answers no echo requests is asked for its MAC, in both families") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const std::string asking =
        "from = \"eth1\"\ninterval = 0.1\ntimeout = 0.2\nfall = 3\nrise = 3\nweight = -60\n";
    bed.server.must("sysctl -qw net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1 "
                    "net.ipv6.conf.eth0.disable_ipv6=0; ip addr add fd17::60/64 dev eth0 nodad");
    bed.r1.must("sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0");
    configure(bed.r1, 150,
              "[[track]]\nname = \"provider\"\nneighbour = \"10.17.1.60\"\n" + asking +
                  "[[track]]\nname = \"six\"\nneighbour = \"fd17::60\"\n" + asking,
              "[\"provider\", \"six\"]");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    start_pair(bed);
    CHECK(await(kPatience, [&] { return check(bed.r1, "six")["state"] == "passes"; }));
    CHECK(check(bed.r1, "provider")["state"] == "passes");
    CHECK(check(bed.r1, "provider")["kind"] == "neighbour");
    CHECK(bed.r1.router(51)["priority"] == 150);

    bed.server.must("sysctl -qw net.ipv4.conf.eth0.arp_ignore=8"); // it answers no ARP request
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
    CHECK(check(bed.r1, "provider")["reason"] == "no answer within 200 ms");
    CHECK(check(bed.r1, "six")["state"] == "passes");
    bed.server.must("sysctl -qw net.ipv4.conf.eth0.arp_ignore=0");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
    bed.server.must("ip addr del fd17::60/64 dev eth0");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
}

TEST_CASE("a program that ends takes its router out of the election until it runs again") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    const std::string name =
        fmt::format("vrrp-bird{}", ::getpid() % 100000); // all machines see all processes
    bed.r1.must("cp /bin/sleep /etc/scripts/" + name);
    configure(bed.r1, 150, "[[track]]\nname = \"bird\"\nprocess = \"" + name + "\"\nhold = 0.5\n",
              "\"bird\"");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    Process& bird = bed.r1.start("/etc/scripts/" + name + " 1000");
    start_pair(bed);
    CHECK(check(bed.r1, "bird")["state"] == "passes");

    bird.signal(SIGKILL);
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}); }));
    CHECK(bed.r1.router(51)["reason"] == "check_failed");
    CHECK(check(bed.r1, "bird")["reason"] == "no process is called " + name);
    bed.r1.start("/etc/scripts/" + name + " 1000");
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
}

TEST_CASE("a default route that is gone moves the gateway, and counts only when it is settled") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.must("ip route add default via 10.17.1.60 proto bgp");
    configure(
        bed.r1, 150,
        "[[track]]\nname = \"upstream\"\nroute = \"default\"\nprotocol = \"bgp\"\nvia = \"10.17.1.60\"\n"
        "hold = 1\nweight = -60\n",
        "\"upstream\"");
    configure(bed.r2, 100, kUplink, "\"uplink\"");
    start_pair(bed);
    CHECK(check(bed.r1, "upstream")["state"] == "passes");

    bed.r1.must("ip route replace default via 10.17.1.60 proto static");
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
    CHECK(check(bed.r1, "upstream")["reason"] ==
          "there is no route to 0.0.0.0/0 of protocol 186 via 10.17.1.60");
    bed.r1.must("ip route replace default via 10.17.1.60 proto bgp");
    CHECK(await(kPatience, [&] {
        return check(bed.r1, "upstream")["reason"] ==
               "there is a route to 0.0.0.0/0 of protocol 186 via 10.17.1.60";
    }));
    CHECK(await(kPatience, [&] { return bed.r1.is("master", {51}) && bed.r2.is("backup", {51}); }));
    bed.unplug(bed.r1, "eth1"); // the kernel keeps the route, and no packet goes by it
    CHECK(await(kPatience, [&] { return bed.r2.is("master", {51}) && bed.r1.is("backup", {51}); }));
}

TEST_CASE("a check's program runs as the user that the file names") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.must(
        "printf 'root:x:0:0::/root:/bin/sh\\nalice:x:4711:4712::/home/alice:/bin/sh\\n' > /etc/passwd");
    bed.r1.write_script("/etc/scripts/check.sh", "[ \"$(id -u)\" = 4711 ]\n");
    configure(
        bed.r1, 150,
        "script-user = \"alice\"\n[[track]]\nname = \"web\"\nscript = \"/etc/scripts/check.sh\"\n"
        "[[track]]\nname = \"root\"\nscript = \"/etc/scripts/check.sh\"\nuser = \"root\"\nweight = -1\n",
        "[\"web\", \"root\"]");
    bed.r1.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    CHECK(check(bed.r1, "web")["reason"] == "exit status 0");
    CHECK(check(bed.r1, "root")["reason"] == "exit status 1");
}
