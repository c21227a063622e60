// Hosts whose kernel makes its addresses and its default route of what the master tells.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"
#include "tests/live/harness/tshark.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kCalm =
    "-i eth0 -v 5 --protocol 3 --router-advertisements --ra-mtu 1400 fe80::5 2001:db8:99::1/64 ";
const std::string kOptions = "-d 0.1 " + kCalm;
const std::string kVirtualMac = "00:00:5e:00:02:05";

void listens_to_routers(const RouterHost& host) {
    host.space().must(
        "sysctl -qw net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.autoconf=1 && ip -6 route flush "
        "proto ra");
}

// "default via fe80::5 dev eth0 proto ra ... mtu 1400 ..."
std::string default_route(const RouterHost& host) {
    return host.space().must("ip -6 route show default proto ra");
}

bool has_made_an_address(const RouterHost& host) {
    return host.space().must("ip -6 addr show dev eth0").find("inet6 2001:db8:99:") != std::string::npos;
}

bool reaches_beyond(const GatewayPair& pair) {
    return pair.host.space().run("ping -6 -c 1 -W 1 2001:db8:77::1").status == 0;
}

} // namespace

TEST_CASE("a host makes its address and its default route of a master's router advertisements",
          "[v3-6.4.3-4]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    for (const RouterHost* router : {&pair.r1, &pair.r2})
        router->space().must(
            "sysctl -qw net.ipv6.conf.all.forwarding=1 && ip -6 addr add 2001:db8:77::1/128 dev lo");
    listens_to_routers(pair.host);
    pair.r1.start("-p 200 " + kOptions);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    REQUIRE(await(10s, [&] { return has_made_an_address(pair.host); }));
    CHECK_THAT(default_route(pair.host), Catch::Contains("via fe80::5 dev eth0"));
    CHECK(await(10s, [&] { return reaches_beyond(pair); }));
    CHECK(pair.host_knows("fe80::5") == kVirtualMac);

    pair.r2.start(kOptions);
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    pair.r1.process().signal(SIGKILL);
    REQUIRE(await(5s, [&] { return pair.r2.is("master"); }));
    CHECK(await(10s, [&] { return reaches_beyond(pair); }));
    CHECK_THAT(default_route(pair.host), Catch::Contains("via fe80::5 dev eth0"));

    const auto advertisements = [&](const std::string& more) {
        pair.tap.flush();
        return tshark(pair.files.path() / "wire.pcap", "icmpv6.type == 134" + more, "-e frame.number");
    };
    CHECK(advertisements(" && ipv6.src == fe80::5 && eth.src == " + kVirtualMac +
                         " && icmpv6.opt.linkaddr == " + kVirtualMac +
                         " && icmpv6.checksum.status == \"Good\" && !_ws.expert") == advertisements(""));
    CHECK_FALSE(advertisements("").empty());
}

TEST_CASE("a host that comes is answered at once by the master alone", "[v3-6.4.3-4][v3-6.4.2-1]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start("-p 200 " + kCalm);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    pair.r2.start(kCalm);
    REQUIRE(await(5s, [&] { return pair.r2.is("backup"); }));
    listens_to_routers(pair.host);
    const auto sent = [](const RouterHost& router) {
        return router.state()["counters"]["router_advertisements_sent"].get<int>();
    };
    const int before = sent(pair.r1);
    pair.host.unplug();
    pair.host.space().must("ip -6 route flush proto ra");
    pair.host.plug();
    CHECK(await(10s, [&] { return default_route(pair.host).find("via fe80::5") != std::string::npos; }));
    CHECK(sent(pair.r1) > before);
    CHECK(sent(pair.r2) == 0);
}

TEST_CASE("a reload begins to answer hosts, and ends it with a last word", "[v3-6.4.3-4]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    listens_to_routers(pair.host);
    const auto file = pair.r1.directory() / "vrrpd.toml";
    const auto write = [&](const std::string& more) {
        pair.r1.space().must(
            "printf '[[virtual_router]]\\ninterface = \"eth0\"\\nvrid = 5\\nprotocol = 3\\ninterval = 0.1\\n"
            "address = [\"fe80::5\", \"2001:db8:99::1/64\"]\\n" +
            more + "' > " + file.string());
    };
    write("");
    pair.r1.start("--config " + file.string());
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(default_route(pair.host).empty());
    write("router-advertisements = true\\n");
    pair.r1.process().signal(SIGHUP);
    CHECK(await(5s, [&] { return !default_route(pair.host).empty(); }));
    write("");
    pair.r1.process().signal(SIGHUP);
    CHECK(await(5s, [&] { return default_route(pair.host).empty(); }));
}
