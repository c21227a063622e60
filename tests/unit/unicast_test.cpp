// Advertisements to peers alone: where no multicast passes, and over routers.
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig gateway_with_peers(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway(priority);
    config.peers = {ip("10.0.0.1"), ip("10.0.0.3")};
    config.virtual_mac = false;
    return config;
}

VirtualRouterConfig v6_with_peers(std::vector<IpAddress> peers) {
    VirtualRouterConfig config = gateway_v6();
    config.peers = std::move(peers);
    config.virtual_mac = false;
    return config;
}

// From a peer to our address alone.
Peer speaks_to_us(const VirtualRouterConfig& config = gateway_with_peers()) {
    return {.address = ip("10.0.0.1"), .config = config, .destination = ip("10.0.0.2")};
}

std::string finding(const TestBed& bed) {
    REQUIRE(bed.vr().findings().size() == 1);
    return bed.journal_text();
}

} // namespace

TEST_CASE("a master with peers advertises to each of them, and to nobody else") {
    TestBed bed(gateway_with_peers());
    bed.start().run_until(6s);
    REQUIRE(bed.state() == State::master);
    REQUIRE(bed.sent.size() == 4);
    for (std::size_t i = 0; i < bed.sent.size(); ++i) {
        CHECK(bed.sent[i].destination == (i % 2 == 0 ? ip("10.0.0.1") : ip("10.0.0.3")));
        CHECK(bed.sent[i].source == ip("10.0.0.2"));
        CHECK(bed.sent[i].time == bed.sent[i / 2 * 2].time);
    }
    CHECK(bed.vr().counters().advertisements_sent == 2);
    bed.forget();
    bed.give(Stop{});
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("a peer's advertisement is followed") {
    TestBed bed(gateway_with_peers());
    bed.start().hear_until(20s, speaks_to_us(), 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().master_address() == ip("10.0.0.1"));
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("who is no peer is not followed, and the log says what to do") {
    TestBed bed(gateway_with_peers());
    Peer stranger = speaks_to_us();
    stranger.address = ip("10.0.0.9");
    bed.start().hear_until(20s, stranger, 200);
    CHECK(bed.state() == State::master);
    CHECK_THAT(finding(bed), Catch::Contains("10.0.0.9") && Catch::Contains("--peer"));
}

TEST_CASE("one side with unicast and the other with multicast do not hear one another, and each says why") {
    TestBed unicast(gateway_with_peers());
    unicast.start().hear_until(10s, Peer{}, 200);
    CHECK(unicast.state() == State::master);
    CHECK_THAT(finding(unicast), Catch::Contains("the peer uses multicast, this vrrpd unicast"));
    TestBed multicast(gateway());
    multicast.start().hear_until(10s, speaks_to_us(), 200);
    CHECK(multicast.state() == State::master);
    CHECK_THAT(finding(multicast), Catch::Contains("the peer uses unicast (keepalived: unicast_peer)"));
}

TEST_CASE("what is sent to another router is not for us") {
    TestBed bed(gateway_with_peers());
    Peer other = speaks_to_us();
    other.destination = ip("10.0.0.3");
    bed.start().hear_until(10s, other, 200);
    CHECK(bed.state() == State::master);
    CHECK(bed.vr().findings().empty());
}

TEST_CASE("a peer's packet may come over as many routers as peer-ttl allows") {
    Peer far = speaks_to_us();
    far.ttl = 254;
    TestBed strict(gateway_with_peers());
    strict.start().hear_until(10s, far, 200);
    CHECK(strict.state() == State::master);
    CHECK_THAT(finding(strict), Catch::Contains("TTL 254, not 255"));
    VirtualRouterConfig config = gateway_with_peers();
    config.peer_ttl = 254;
    TestBed bed(config);
    bed.start().hear_until(10s, far, 200);
    CHECK(bed.state() == State::backup);
    far.ttl = 253;
    bed.hear_until(20s, far, 200);
    CHECK(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(), Catch::Contains("TTL 253, below 254 (--peer-ttl)"));
}

TEST_CASE("a packet to the group with another TTL than 255 stays refused", "[v3-5.1.1.3]") {
    TestBed bed(gateway());
    Peer far;
    far.ttl = 254;
    bed.start().hear_until(10s, far, 200);
    CHECK(bed.state() == State::master);
    CHECK(bed.router.interfaces()[0].counters.dropped[static_cast<std::size_t>(wire::DropReason::ttl)] != 0);
}

TEST_CASE("advertisements come from the source that is configured, and without it the router stays out") {
    VirtualRouterConfig config = gateway_with_peers();
    config.source = ip("10.0.0.7");
    InterfaceFacts facts = working_interface();
    TestBed bed(config);
    bed.start().run_until(5s);
    CHECK(bed.state() == State::initialize);
    CHECK(bed.vr().cause() == Cause::no_source);
    facts.addresses.push_back(prefix("10.0.0.7/24"));
    bed.change(facts).run_until(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.sent.front().source == ip("10.0.0.7"));
}

TEST_CASE("over IPv6 the source suits the peers: link-local for those on the link, global for others") {
    TestBed on_link(v6_with_peers({ip("fe80::1")}));
    on_link.start().run_until(10s);
    REQUIRE(on_link.state() == State::master);
    CHECK(on_link.sent.front().source == ip("fe80::2"));
    TestBed routed(v6_with_peers({ip("fe80::1"), ip("fd00::1")}));
    routed.start().run_until(10s);
    REQUIRE(routed.state() == State::master);
    CHECK(routed.sent.front().source == ip("fd00::2"));
}

TEST_CASE("an authentication header is good for each peer") {
    VirtualRouterConfig config = gateway_with_peers();
    config.authentication = {.type = wire::AuthenticationType::authentication_header, .password = {'k'}};
    TestBed bed(config);
    Peer peer = speaks_to_us(config);
    bed.start();
    for (int i = 0; i < 10; ++i) {
        ++peer.sequence;
        bed.hear(peer, 200).run_for(1s);
    }
    CHECK(bed.state() == State::backup);
    bed.run_for(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.sent.size() % 2 == 0);
}

TEST_CASE("a daemon hands packets to peers over as packets, before all else") {
    World world(RouterConfig{{gateway_with_peers()}});
    REQUIRE(world.start());
    world.run_until(10s);
    REQUIRE(world.nic.calls.size() > 2);
    CHECK(world.nic.calls[0] == "packet to 10.0.0.1");
    CHECK(world.nic.calls[1] == "packet to 10.0.0.3");
    CHECK(std::ranges::count(world.nic.calls, "advertisement") == 0);
}

TEST_CASE("a peer that is added while a master runs is told at once") {
    TestBed bed(gateway_with_peers());
    bed.start().run_until(10s).forget();
    VirtualRouterConfig next = gateway_with_peers();
    next.peers.push_back(ip("10.0.0.4"));
    bed.give(Reconfigured{{{next}}});
    CHECK(bed.state() == State::master);
    REQUIRE(bed.sent.size() == 3);
    CHECK(bed.sent.back().destination == ip("10.0.0.4"));
}

TEST_CASE("who is heard through the group is no finding by what it says to this router alone") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 150);
    for (int i = 0; i < 3; ++i)
        bed.run_for(500ms).hear(Peer{.destination = ip("10.0.0.2")}, 150).run_for(500ms).hear(Peer{}, 150);
    CHECK(bed.vr().findings().empty());
    CHECK_THAT(bed.journal_text(), !Catch::Contains("is not heard"));
    TestBed deaf(gateway());
    deaf.start().hear(Peer{.destination = ip("10.0.0.2")}, 150);
    CHECK(deaf.vr().findings().size() == 1);
}
