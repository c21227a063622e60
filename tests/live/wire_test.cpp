// tshark judges our frames.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/live/harness/tshark.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// An election, a few advertisements, a resignation, another master.
void tshark_accepts(const std::string& line) {
    GatewayPair pair;
    pair.r1.start("-p 200 " + line);
    pair.r2.start("-p 100 " + line);
    REQUIRE(await(6s, [&] { return pair.r1.is("master"); }));
    const std::size_t before = pair.tap.advertisements().size();
    REQUIRE(await(5s, [&] { return pair.tap.advertisements().size() >= before + 2; }));
    pair.r1.process().signal(SIGTERM);
    REQUIRE(pair.r1.process().wait(10s) == 0);
    REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
    pair.tap.flush();

    const auto file = pair.files.path() / "wire.pcap";
    const std::string ours = "vrrp or arp.opcode == 1 or icmpv6.type == 136";
    const std::size_t count = pair.tap.advertisements().size();
    CHECK(std::ranges::count(tshark(file, "vrrp", "-e frame.number"), '\n') ==
          static_cast<std::ptrdiff_t>(count));
    CHECK(tshark(file, "(" + ours + ") and (_ws.malformed or _ws.expert.severity >= warning)",
                 "-e frame.number -e _ws.expert.message") == "");
    CHECK(tshark(file, "vrrp and not vrrp.checksum.status == \"Good\"", "-e frame.number") == "");
    CHECK(tshark(file, "vrrp.prio == 0", "-e vrrp.prio") == "0\n");
}

} // namespace

TEST_CASE("tshark finds no fault with version 2", "[v2-5.3.8][v2-5.3.10]") {
    LIVE_OR_SKIP();
    tshark_accepts("-i eth0 -v 5 10.99.0.254 10.99.0.253");
}

TEST_CASE("tshark finds no fault with version 2 and a password", "[v2-5.3.6-1]") {
    LIVE_OR_SKIP();
    tshark_accepts("-i eth0 -v 5 -a pw/secret 10.99.0.254");
}

TEST_CASE("tshark finds no fault with version 3 over IPv4", "[v3-5.2.8]") {
    LIVE_OR_SKIP();
    tshark_accepts("-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254");
}

TEST_CASE("tshark finds no fault with version 3 over IPv6", "[v3-5.2.8]") {
    LIVE_OR_SKIP();
    tshark_accepts("-i eth0 -v 5 --protocol 3 -d 0.1 fe80::5 fd99::254");
}
