#include "core/wire/headers/ethernet.hpp"
#include "netsim/network/switch.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

MacAddress mac(std::uint8_t last) {
    return MacAddress({2, 0, 0, 0, 0, last});
}

struct Station final : FrameReceiver {
    void receive(std::uint16_t, BytesView) override { ++received; }
    int received = 0;
};

// Three stations on ports 0, 1 and 2 of one switch.
struct Lan {
    Lan() {
        for (std::size_t i = 0; i < stations.size(); ++i)
            network.attach(stations[i], 0, std::to_string(i), mac(static_cast<std::uint8_t>(10 + i)));
    }
    void send(std::uint16_t from, const MacAddress& source, const MacAddress& destination) {
        std::array<std::uint8_t, 60> frame{};
        wire::EthernetView::write(frame.data(), destination, source, wire::kEtherTypeIpv4);
        network.send(static_cast<PortId>(from), frame);
    }
    void settle() {
        while (queue.run_one(queue.now() + 1s)) {
        }
    }
    std::array<int, 3> received() {
        settle();
        return {stations[0].received, stations[1].received, stations[2].received};
    }
    using Counts = std::array<int, 3>;

    EventQueue queue;
    FramePool frames;
    SeededChoices choices{1};
    Switch network{"lan", queue, frames, choices};
    std::array<Station, 3> stations;
};

constexpr PortId kPort0{0}, kPort1{1}, kPort2{2};

} // namespace

TEST_CASE("a frame to an unknown station reaches all but its sender") {
    Lan lan;
    lan.send(0, mac(10), mac(11));
    CHECK(lan.received() == Lan::Counts{0, 1, 1});
}

TEST_CASE("a frame to a station that has spoken reaches it alone") {
    Lan lan;
    lan.send(1, mac(11), kBroadcastMac);
    lan.send(0, mac(10), mac(11));
    CHECK(lan.received() == Lan::Counts{1, 1, 1});
}

TEST_CASE("a station that speaks from another port has moved there") {
    Lan lan;
    lan.send(1, mac(11), kBroadcastMac);
    lan.send(2, mac(11), kBroadcastMac);
    lan.send(0, mac(10), mac(11));
    CHECK(lan.received() == Lan::Counts{2, 1, 2});
}

TEST_CASE("an address that has been silent for long is forgotten") {
    Lan lan;
    lan.send(1, mac(11), kBroadcastMac);
    lan.settle();
    CHECK(lan.network.learned(0, mac(11)));
    lan.queue.run_one(lan.queue.now() + Switch::kMacAgeing);
    CHECK_FALSE(lan.network.learned(0, mac(11)));
}

TEST_CASE("the table has a limit, and what does not fit is flooded") {
    Lan lan;
    for (std::size_t i = 0; i < Switch::kMaxMacs; ++i)
        lan.send(1, MacAddress({2, 1, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}),
                 kBroadcastMac);
    lan.send(2, mac(12), kBroadcastMac);
    CHECK_FALSE(lan.network.learned(0, mac(12)));
}

TEST_CASE("a cable that is pulled while a frame is on its way loses it") {
    Lan lan;
    lan.send(0, mac(10), kBroadcastMac);
    lan.network.set_carrier(kPort1, false);
    CHECK(lan.received() == Lan::Counts{0, 0, 1});
}

TEST_CASE("what was learned from a port goes with its carrier") {
    Lan lan;
    lan.send(1, mac(11), kBroadcastMac);
    lan.network.set_carrier(kPort1, false);
    CHECK_FALSE(lan.network.learned(0, mac(11)));
}

TEST_CASE("a one-way cut loses that way only") {
    Lan lan;
    lan.network.set_cut(kPort1, {.to_switch = true, .from_switch = false});
    lan.send(1, mac(11), kBroadcastMac);
    lan.send(0, mac(10), kBroadcastMac);
    CHECK(lan.received() == Lan::Counts{0, 1, 1});
    CHECK_FALSE(lan.network.reaches(kPort1, kPort0));
    CHECK(lan.network.reaches(kPort0, kPort1));
}

TEST_CASE("a partition keeps the sides apart, and each side its own table") {
    Lan lan;
    lan.network.partition(std::array<std::uint8_t, 3>{0, 0, 1});
    lan.send(0, mac(10), kBroadcastMac);
    lan.send(2, mac(10), kBroadcastMac);
    CHECK(lan.received() == Lan::Counts{0, 1, 0});
    CHECK(lan.network.learned(0, mac(10)) == kPort0);
    CHECK(lan.network.learned(1, mac(10)) == kPort2);
}

TEST_CASE("a healed network carries frames to all, and each side learns from the other") {
    Lan lan;
    lan.network.partition(std::array<std::uint8_t, 3>{0, 0, 1});
    lan.network.heal();
    lan.send(0, mac(10), kBroadcastMac);
    CHECK(lan.received() == Lan::Counts{0, 1, 1});
    CHECK(lan.network.learned(1, mac(10)) == kPort0);
}

TEST_CASE("a slow cable delays its own frames, not the others'") {
    Lan lan;
    lan.network.set_latency(kPort2, 10ms);
    lan.send(0, mac(10), kBroadcastMac);
    while (lan.queue.run_one(kStart + 1ms)) {
    }
    CHECK(lan.stations[1].received == 1);
    CHECK(lan.stations[2].received == 0);
    CHECK(lan.received() == Lan::Counts{0, 1, 1});
}

TEST_CASE("loss of a half loses about a half, and of all everything") {
    Lan lan;
    lan.network.set_loss(kPort1, Switch::kLossWhole / 2);
    lan.network.set_loss(kPort2, Switch::kLossWhole);
    for (int i = 0; i < 1000; ++i)
        lan.send(0, mac(10), kBroadcastMac);
    const Lan::Counts received = lan.received();
    CHECK(received[1] > 400);
    CHECK(received[1] < 600);
    CHECK(received[2] == 0);
}

TEST_CASE("no frame stays in flight when all is delivered or lost") {
    Lan lan;
    lan.network.set_latency(kPort2, 10ms);
    lan.send(0, mac(10), kBroadcastMac);
    lan.send(1, mac(11), mac(10));
    CHECK(lan.frames.in_flight() != 0);
    lan.settle();
    CHECK(lan.frames.in_flight() == 0);
}

TEST_CASE("a port whose carrier has come back forwards nothing for the forward delay") {
    Lan lan;
    lan.network.set_forward_delay(15s);
    lan.send(0, mac(10), mac(11));
    CHECK(lan.received() == Lan::Counts{0, 1, 1}); // from the start it forwards
    lan.network.set_carrier(kPort0, false);
    lan.network.set_carrier(kPort0, true);
    CHECK_FALSE(lan.network.reaches(kPort1, kPort0));
    lan.send(0, mac(10), mac(11));
    lan.send(1, mac(11), mac(12));
    CHECK(lan.received() == Lan::Counts{0, 1, 2});
    while (lan.queue.run_one(lan.queue.now() + 15s)) {
    }
    lan.network.set_carrier(kPort0, true); // it is there already: nothing begins anew
    CHECK(lan.network.reaches(kPort1, kPort0));
    lan.send(0, mac(10), mac(11));
    CHECK(lan.received() == Lan::Counts{0, 2, 2});
}

TEST_CASE("port security refuses what comes in with another source than the port's own, and counts it") {
    Lan lan;
    lan.send(0, mac(99), mac(11));
    CHECK(lan.received() == Lan::Counts{0, 1, 1}); // without it anything passes
    lan.network.set_port_security(true);
    lan.send(0, mac(98), mac(11));
    CHECK(lan.received() == Lan::Counts{0, 1, 1});
    CHECK(lan.network.refused(kPort0) == 1);
    CHECK_FALSE(lan.network.learned(0, mac(98))); // refused frames teach nothing
    lan.send(0, mac(10), mac(11));
    lan.send(1, mac(11), mac(10)); // what goes out to a port is not its business
    CHECK(lan.received() == Lan::Counts{1, 2, 2});
    CHECK(lan.network.refused(kPort0) == 1);
    CHECK(lan.network.refused(kPort1) == 0);
}
