// Versions 2 and 3 at once, while a network moves from one to the other.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig dual(std::uint8_t priority = 100, Duration interval = 100ms) {
    VirtualRouterConfig config = gateway_v3(priority, interval);
    config.dual = true;
    return config;
}

Peer speaks_v2() {
    return {.config = gateway()};
}
Peer speaks_v3(Duration interval = 100ms) {
    return {.config = gateway_v3(100, interval)};
}

} // namespace

TEST_CASE("a dual master advertises in both versions at once, and in version 2 with whole seconds",
          "[v3-8.4.2]") {
    TestBed bed(dual());
    bed.start().run_for(1s);
    REQUIRE(bed.state() == State::master);
    REQUIRE(bed.sent.size() >= 4);
    REQUIRE(bed.sent.size() % 2 == 0);
    for (std::size_t i = 0; i < bed.sent.size(); i += 2) {
        CHECK(bed.sent[i].version == wire::Version::v3);
        CHECK(bed.sent[i].interval == 100ms);
        CHECK(bed.sent[i + 1].version == wire::Version::v2);
        CHECK(bed.sent[i + 1].interval == 1s);
        CHECK(bed.sent[i].time == bed.sent[i + 1].time);
    }
    CHECK(dual(100, 1500ms).interval_in_v2() == 2s);
    CHECK(dual(100, 1s).interval_in_v2() == 1s);
    CHECK(advertisement_size(dual()) == advertisement_size(gateway()));
}

TEST_CASE("a dual backup follows a master of version 2 by its seconds", "[v3-8.4.2]") {
    TestBed bed(dual());
    bed.start().hear_until(20s, speaks_v2(), 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().master_interval() == 1s);
    CHECK(bed.vr().findings().empty());
    bed.run_for(2500ms); // and a second since its last word
    CHECK(bed.state() == State::backup);
    bed.run_for(200ms);
    CHECK(bed.state() == State::master);
}

TEST_CASE("from who speaks both version 3 counts, and version 2 again when that has ended", "[v3-8.4.2]") {
    TestBed bed(dual());
    bed.start();
    for (int i = 0; i < 100; ++i) {
        bed.hear(speaks_v3(), 200).hear(speaks_v2(), 200).run_for(100ms);
        REQUIRE(bed.state() == State::backup);
        CHECK(bed.vr().master_interval() == 100ms);
    }
    CHECK(bed.vr().counters().advertisements_received == 100);
    bed.hear(speaks_v2(), 200).run_for(150ms).hear(speaks_v2(), 200).run_for(100ms).hear(speaks_v2(), 200);
    bed.run_for(200ms).hear(speaks_v2(), 200);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("a resignation in both versions is one") {
    TestBed bed(dual());
    bed.start();
    for (int i = 0; i < 10; ++i)
        bed.hear(speaks_v3(), 200).hear(speaks_v2(), 200).run_for(100ms);
    bed.hear(speaks_v3(), 0).hear(speaks_v2(), 0);
    CHECK(bed.vr().counters().resignations_received == 1);
    bed.run_for(100ms);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a password of version 2 is not known to a dual router, and one version alone is not heard by the "
          "other") {
    TestBed bed(dual());
    Peer with_password = speaks_v2();
    with_password.config.authentication = {.type = wire::AuthenticationType::simple_text, .password = {'x'}};
    bed.start().hear_until(10s, with_password, 200);
    CHECK(bed.state() == State::master);
    TestBed v3(gateway_v3());
    v3.start().hear_until(10s, speaks_v2(), 200);
    CHECK(v3.state() == State::master);
}

TEST_CASE("one router's version 3 does not silence another one's version 2") {
    TestBed bed(dual(100, 1s));
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    Peer lesser = speaks_v3(1s), better = speaks_v2();
    lesser.address = ip("10.0.0.9");
    bed.hear(lesser, 50).hear(better, 200);
    CHECK(bed.state() == State::backup);
    CHECK(bed.vr().master_address() == better.address);
}

TEST_CASE("however short its own interval is, a dual backup follows a whole second of version 2") {
    TestBed bed(dual(100, 10ms));
    bed.start().hear_until(20s, speaks_v2(), 200);
    CHECK(bed.vr().counters().became_master == 0);
    CHECK(bed.vr().master_interval() == 1s);
}

TEST_CASE("who speaks both versions is no finding for a router of one of them", "[v3-8.4.2]") {
    for (const VirtualRouterConfig& ours : {gateway(), gateway_v3(100, 1s)})
        for (const std::uint8_t priority : {200, 50}) {
            TestBed bed(ours);
            bed.start();
            for (int i = 0; i < 20; ++i) {
                bed.hear(speaks_v3(1s), priority).hear(speaks_v2(), priority);
                CHECK(bed.vr().findings().empty());
                bed.run_for(1s);
            }
            CHECK(bed.vr().counters().advertisements_received == 20);
            CHECK_THAT(bed.journal_text(), !Catch::Contains("finding"));
        }
}

TEST_CASE("a master that goes over to another version is told of when its silence has passed") {
    TestBed bed(gateway());
    bed.start().hear_until(10s, speaks_v2(), 200).hear_until(20s, speaks_v3(1s), 200);
    CHECK(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(), Catch::Contains("is not heard: the peer sends version 3"));
}
