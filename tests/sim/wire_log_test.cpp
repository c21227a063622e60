#include "netsim/network/wire_log.hpp"

#include "core/wire/announcement.hpp"
#include "core/wire/encode.hpp"
#include "netsim/network/packet.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace vrrp;
using namespace vrrp::sim;

namespace {

constexpr TimePoint kNow{std::chrono::seconds(1)};

std::vector<std::uint8_t> advertisement(std::uint8_t priority) {
    const std::uint8_t address[] = {10, 16, 1, 200};
    wire::Advertisement value;
    value.vrid = 51;
    value.priority = priority;
    value.interval = std::chrono::seconds(1);
    value.addresses = wire::AddressList(IpFamily::v4, address);
    value.source = IpAddress::v4({10, 16, 1, 1});
    std::vector<std::uint8_t> frame(wire::encoded_size(value));
    wire::encode(value, frame);
    return frame;
}

} // namespace

TEST_CASE("advertisements are counted by sender and priority") {
    WireLog log;
    log.note(kNow, "r1", advertisement(150));
    log.note(kNow, "r1", advertisement(150));
    log.note(kNow, "r1", advertisement(0));
    CHECK(log.sent("r1", 51).advertisements == 3);
    CHECK(log.sent("r1", 51).by_priority == std::map<std::uint8_t, std::uint64_t>{{0, 1}, {150, 2}});
    CHECK(log.sent("r2", 51).advertisements == 0);
    CHECK(log.sent_by_all(51) == 3);
}

TEST_CASE("announcements are counted by sender and address") {
    const IpAddress address = IpAddress::v4({10, 16, 1, 200});
    std::array<std::uint8_t, wire::kGratuitousArpSize> frame{};
    wire::encode_announcement(address, MacAddress({0, 0, 0x5e, 0, 1, 51}), frame);
    WireLog log;
    CHECK(log.note(kNow, "r1", frame) == WireLog::FrameKind::announcement);
    CHECK(log.announced("r1", address) == 1);
    CHECK(log.announced("r2", address) == 0);
}

TEST_CASE("magic packets are counted by sender and gateway") {
    const IpAddress gateway = IpAddress::v4({10, 16, 1, 254});
    WireLog log;
    CHECK(log.note(kNow, "r1", encode(Syn{IpAddress::v4({10, 16, 1, 200}), gateway, 1100})) ==
          WireLog::FrameKind::magic_packet);
    CHECK(log.magic_packets("r1", gateway) == 1);
    CHECK(log.magic_packets("r2", gateway) == 0);
    CHECK(log.note(kNow, "r1", encode(Syn{IpAddress::v4({10, 16, 1, 200}), gateway, 80})) ==
          WireLog::FrameKind::unreadable);
}

TEST_CASE("a frame that no receiver would take is noticed") {
    std::vector<std::uint8_t> frame = advertisement(150);
    frame.back() ^= 1;
    WireLog log;
    CHECK(log.note(kNow, "r1", frame) == WireLog::FrameKind::unreadable);
}

TEST_CASE("the busiest millisecond of a sender's announcements is kept") {
    std::array<std::uint8_t, wire::kGratuitousArpSize> frame{};
    wire::encode_announcement(IpAddress::v4({10, 16, 1, 200}), MacAddress({0, 0, 0x5e, 0, 1, 51}), frame);
    WireLog log;
    CHECK(log.worst_burst("r1") == 0);
    for (const auto at : {0us, 0us, 999us, 1000us, 1500us})
        log.note(kNow + at, "r1", frame);
    CHECK(log.worst_burst("r1") == 3);
    CHECK(log.worst_burst("r2") == 0);
}
