// Authentication headers, as a virtual router takes and sends them.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

VirtualRouterConfig with_header(std::uint8_t key = 7) {
    VirtualRouterConfig config = gateway();
    config.authentication = {.type = wire::AuthenticationType::authentication_header, .password = {key}};
    return config;
}

} // namespace

TEST_CASE("an authentication header counts with the right key, and once", "[v2-10.3]") {
    TestBed bed(with_header());
    bed.start();
    const auto dropped = [&](wire::DropReason reason) {
        return bed.router.interface(InterfaceId{}).counters.dropped[static_cast<std::size_t>(reason)];
    };
    bed.hear(Peer{.config = with_header(), .sequence = 5}, 200);
    CHECK(bed.vr().master_priority() == 200);
    bed.hear(Peer{.config = with_header(), .sequence = 5}, 0);
    bed.hear(Peer{.config = with_header(), .sequence = 4}, 0);
    CHECK(dropped(wire::DropReason::replay) == 2);
    bed.hear(Peer{.config = with_header(8), .sequence = 6}, 0);
    bed.hear(Peer{}, 0);
    CHECK(dropped(wire::DropReason::authentication) == 2);
    bed.run_for(3s); // none of them was a resignation
    CHECK(bed.state() == State::backup);
    bed.hear(Peer{.config = with_header(), .sequence = 6}, 210); // the forged 6 did not use the number up
    CHECK(bed.vr().master_priority() == 210);
}

TEST_CASE("two masters of one key that count in step hear one another", "[v2-10.3]") {
    TestBed bed(with_header());
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    const std::uint32_t last = bed.sent.back().sequence;
    bed.hear(Peer{.address = ip("10.0.0.9"), .config = with_header(), .sequence = last}, 100);
    CHECK(bed.state() == State::backup); // to the higher address
    bed.hear(Peer{.address = ip("10.0.0.9"), .config = with_header(), .sequence = last}, 0).run_for(2s);
    CHECK(bed.state() == State::backup); // but the same packet counts once
}

TEST_CASE("an old recording of a router that was never heard is a replay", "[v2-10.3]") {
    TestBed bed(with_header());
    bed.start().hear(Peer{.config = with_header(), .sequence = 1000}, 200);
    bed.hear(Peer{.address = ip("10.0.0.9"), .config = with_header(), .sequence = 500}, 210);
    CHECK(bed.vr().master_priority() == 200);
    bed.hear(Peer{.address = ip("10.0.0.9"), .config = with_header(), .sequence = 999}, 210); // on its way
    CHECK(bed.vr().master_priority() == 210);
}

TEST_CASE("the record of sequence numbers keeps the latest sources and is bounded", "[v2-10.3]") {
    SequenceRecord record;
    const auto source = [](std::uint8_t i) { return IpAddress::v4({10, 0, 0, i}); };
    for (std::uint8_t i = 1; i <= 9; ++i)
        record.heard(source(i), 100u * i);
    CHECK(record.last_of(source(2)) == 200);
    CHECK(record.last_of(source(1)) == 900 - SequenceRecord::kLag); // the oldest made room
    record.heard(source(2), 950);
    record.heard(source(10), 960);
    CHECK(record.last_of(source(2)) == 950);
    CHECK(record.last_of(source(3)) == 960 - SequenceRecord::kLag);
    CHECK(record.next() == 961);
}

TEST_CASE("a new master's sequence numbers go on from what it heard", "[v2-10.3]") {
    TestBed bed(with_header());
    bed.start().hear(Peer{.config = with_header(), .sequence = 41}, 200).run_for(6s);
    REQUIRE(bed.state() == State::master);
    REQUIRE(bed.sent.size() >= 2);
    CHECK(bed.sent[0].sequence == 42);
    CHECK(bed.sent[1].sequence == 43);
    CHECK(bed.sent[0].source == ip("10.0.0.2"));
}
