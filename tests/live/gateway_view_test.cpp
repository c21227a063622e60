// What the hosts on both sides of a group learn and get, at all times.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <sstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const IpAddress kServer = IpAddress::parse("10.17.1.60").value();

// Each MAC that a host learns for its gateway's address, from now on.
class NeighbourWatch {
  public:
    NeighbourWatch(const Machine& host, std::string address)
        : address_(std::move(address)), host_(host), monitor_(host.start("ip monitor neigh")) {
        // It hears from the moment that it shows something.
        REQUIRE(await(kPatience, [&] {
            host_.space().must(
                "ip neigh replace 192.0.2.1 lladdr 02:00:00:00:00:99 dev eth0; ip neigh del 192.0.2.1 "
                "dev eth0");
            return monitor_.output().find("192.0.2.1") != std::string::npos;
        }));
    }

    std::set<std::string> learned() const {
        std::set<std::string> macs;
        std::istringstream lines(monitor_.output());
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string word, mac;
            bool meant = false;
            while (words >> word) {
                meant = meant || word == address_;
                if (word == "lladdr") words >> mac;
            }
            if (meant && !mac.empty()) macs.insert(mac);
        }
        if (const std::string now = host_.neighbour(address_); !now.empty()) macs.insert(now);
        return macs;
    }

  private:
    std::string address_;
    const Machine& host_;
    const Process& monitor_;
};

long received(const Gateway& gateway) {
    return std::stol(
        gateway.space().must("cat /sys/class/net/vrrp4.*/statistics/rx_packets | awk '{ n += $1 } END { "
                             "print n + 0 }'"));
}

// Hosts and the master forget all that they know: everything is asked for anew.
void forget_neighbours(const TwoSidedBed& bed) {
    for (const Machine* one : std::initializer_list<const Machine*>{&bed.pc, &bed.server, &bed.r1, &bed.r2})
        one->space().must("ip neigh flush all");
}

} // namespace

TEST_CASE("through every change of master the hosts of both sides know the virtual MAC and no other") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    const NeighbourWatch lan(bed.pc, kLanAddress), wan(bed.server, kWanAddress);
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    const auto check = [&](const char* what) {
        INFO(what);
        CHECK(served_again(prober));
        forget_neighbours(bed);
        CHECK(served_again(prober));
        CHECK(lan.learned() == std::set<std::string>{kLanMac});
        CHECK(wan.learned() == std::set<std::string>{kWanMac});
    };
    check("r1 leads");
    bed.unplug(bed.r1, "eth1");
    REQUIRE(await(kPatience, [&] { return bed.r2.leads(); }));
    check("its cable was pulled");
    bed.plug(bed.r1, "eth1");
    REQUIRE(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    check("it has returned");
    bed.r1.must("atropos --backup");
    REQUIRE(await(kPatience, [&] { return bed.r2.leads() && bed.r1.stands_by(); }));
    check("it was asked to yield");
    bed.r1.must("atropos --master");
    REQUIRE(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    check("and to lead");
    bed.groups[0].lan.signal(SIGKILL);
    REQUIRE(await(kPatience, [&] { return bed.r2.leads(); }));
    check("one of its processes was killed");
    bed.groups[0].wan.signal(SIGTERM);
    REQUIRE(bed.groups[0].wan.wait(kPatience) == 0);
    check("the other one has stopped");
}

TEST_CASE("the backup gateway receives nothing for the virtual MACs, on neither side") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    // Switches that learn nothing: everything reaches everybody.
    for (const auto& [network, side] : {std::pair(&bed.lan, "eth0"), std::pair(&bed.wan, "eth1")})
        for (const char* router : {"r1", "r2"})
            network->must(std::string("bridge link set dev p-") + router + "-" + side + " learning off");
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    REQUIRE(served_again(prober));
    forget_neighbours(bed);
    REQUIRE(served_again(prober));
    CHECK(received(bed.r1) > 10);
    CHECK(received(bed.r2) == 0);
    // When it has been master, too.
    bed.unplug(bed.r1, "eth0");
    REQUIRE(await(kPatience, [&] { return bed.r2.leads() && served_again(prober); }));
    CHECK(received(bed.r2) > 0);
    bed.plug(bed.r1, "eth0");
    REQUIRE(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    const auto is_down = [&] {
        return bed.r2.space().must("ip -o link show type macvlan | grep 'state DOWN' | wc -l") == "2\n";
    };
    REQUIRE(await(kPatience, is_down));
    const long before = received(bed.r2);
    forget_neighbours(bed);
    REQUIRE(served_again(prober));
    CHECK(received(bed.r2) == before);
}

TEST_CASE("a gateway that lost one side answers for neither address") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_group(bed.r1, ""); // alone: nobody else could answer
    REQUIRE(await(kPatience, [&] { return bed.r1.leads(); }));
    const auto pings = [&](const Machine& host, const char* address) {
        return host.space().run(std::string("ping -c 1 -W 0.2 ") + address).status == 0;
    };
    REQUIRE(await(kPatience, [&] { return pings(bed.pc, kLanAddress) && pings(bed.server, kWanAddress); }));
    bed.unplug(bed.r1, "eth1");
    CHECK(await(kPatience, [&] { return bed.r1.is("backup", {51}); }));
    bed.pc.space().must(std::string("ip neigh replace ") + kLanAddress + " lladdr " + kLanMac + " dev eth0");
    CHECK_FALSE(pings(bed.pc, kLanAddress));
    bed.pc.space().must("ip neigh flush all");
    CHECK_FALSE(pings(bed.pc, kLanAddress));
    CHECK(pings(bed.pc, "10.16.1.1")); // it lives
    bed.plug(bed.r1, "eth1");
    CHECK(await(kPatience, [&] { return pings(bed.pc, kLanAddress) && pings(bed.server, kWanAddress); }));
}
