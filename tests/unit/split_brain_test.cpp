// Two masters that hear one another again: nobody may be left in the dark.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

TestBed master(std::uint8_t priority = 100) {
    TestBed bed(gateway(priority));
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.order.clear();
    return bed;
}

} // namespace

TEST_CASE("a false master says farewell before it releases the addresses", "[x-heal]") {
    TestBed bed = master(100);
    bed.hear(Peer{}, 200);
    REQUIRE(bed.state() == State::backup);
    CHECK(bed.order == std::vector<std::string>{"advertisement", "remove", "detach"});
    CHECK(bed.sent.front().priority == 100); // not 0: it does not resign, it yields
}

TEST_CASE("a farewell does not turn the switches back to who leaves", "[x-heal]") {
    TestBed bed = master(100);
    bed.hear(Peer{}, 200);
    REQUIRE(bed.sent.size() == 1);
    CHECK(bed.sent.front().source_mac == working_interface().mac);
}

TEST_CASE("the true master announces its addresses again as soon as the rival had time to yield",
          "[x-heal]") {
    TestBed bed = master(200);
    bed.hear(Peer{}, 100);
    CHECK(bed.announced.empty());
    bed.run_for(1ms);
    REQUIRE(bed.announced.size() == 1);
    CHECK(bed.announced.front().announcement.address == ip("10.0.0.254"));
    CHECK_THAT(bed.journal_text(), Catch::Contains("lesser master heard: 10.0.0.1 (priority 100)"));
    CHECK_THAT(bed.journal_text(), Catch::Contains("addresses announced again"));
}

TEST_CASE("a rival that resigns is a reason to announce again too", "[x-heal]") {
    TestBed bed = master(200);
    bed.hear(Peer{}, 0).run_for(1ms);
    CHECK(bed.announced.size() == 1);
}

TEST_CASE("forged rivals buy one announcement a second and a few answers an interval", "[x-heal][x-storm]") {
    TestBed bed = master(200);
    for (int i = 0; i < 10'000; ++i)
        bed.hear(Peer{}, 100).run_for(1ms); // 10 s
    CHECK(bed.announced.size() <= 11);
    CHECK(bed.announced.size() >= 9);
    CHECK(bed.sent.size() <= 10 * 9 + 9);
    CHECK(bed.journal.size() <= 150);
}

TEST_CASE("a rival is answered again in the next interval, however many there were in the last",
          "[x-heal][v3-6.4.3-12]") {
    TestBed bed = master(200);
    for (int i = 0; i < 20; ++i)
        bed.hear(Peer{}, 100);
    CHECK(bed.sent.size() == 8);
    bed.run_for(1s).forget();
    bed.hear(Peer{}, 100);
    CHECK(bed.sent.size() == 1);
}

TEST_CASE("forged resignations never delay the master's own schedule beyond one interval", "[x-storm]") {
    TestBed bed = master(200);
    for (int i = 0; i < 50'000; ++i)
        bed.hear(Peer{}, 0).run_for(100us); // 5 s
    REQUIRE(bed.sent.size() > 5);
    for (std::size_t i = 1; i < bed.sent.size(); ++i)
        REQUIRE(bed.sent[i].time - bed.sent[i - 1].time <= 1s);
}

TEST_CASE("an announcement of a rival's silence does not outlive mastership", "[x-heal]") {
    TestBed bed = master(200);
    bed.hear(Peer{}, 100).hear(Peer{}, 250);
    bed.forget();
    bed.run_for(3s);
    CHECK(bed.state() == State::backup);
    CHECK(bed.announced.empty());
}

namespace {

TestBed owner_v3() {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(gateway_v3());
    bed.change(facts).start();
    return bed;
}

} // namespace

TEST_CASE("a v2 owner answers a rival to whom it does not listen, and announces its addresses again",
          "[x-heal]") {
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed bed(gateway());
    bed.change(facts).start().run_for(10s);
    bed.forget();
    bed.hear(Peer{.address = ip("10.0.0.9")}, 100).run_for(500ms);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{255});
    CHECK(bed.announced.size() == 1);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a v3 owner that hears another owner reports it", "[v3-2.5]") {
    TestBed bed = owner_v3();
    bed.hear(Peer{.address = ip("10.0.0.1"), .config = gateway_v3()}, 255);
    CHECK(bed.state() == State::master); // 10.0.0.2 is the higher address
    CHECK_THAT(bed.journal_text(), Catch::Contains("claims to own the addresses, which are ours"));
}

TEST_CASE("two routers of priority 255 by configuration settle by their addresses, and are told so") {
    for (const VirtualRouterConfig& config : {gateway(255), gateway_v3(255)}) {
        TestBed lower(config), higher(config);
        lower.start().hear(Peer{.address = ip("10.0.0.9"), .config = config}, 255);
        CHECK(lower.state() == State::backup);
        higher.start().hear(Peer{.address = ip("10.0.0.1"), .config = config}, 255);
        CHECK(higher.state() == State::master);
        for (const TestBed* bed : {&lower, &higher}) {
            CHECK_THAT(bed->journal_text(),
                       Catch::Contains("initialize -> master: priority 255 by configuration"));
            CHECK_THAT(bed->journal_text(), Catch::Contains("has priority 255 by configuration as we have"));
            CHECK(bed->journal_text().find("own the addresses") == std::string::npos);
        }
    }
}

TEST_CASE("another owner is not reported with each of its advertisements", "[v3-2.5]") {
    TestBed bed = owner_v3();
    for (int i = 0; i < 100; ++i)
        bed.hear(Peer{.address = ip("10.0.0.1"), .config = gateway_v3()}, 255).run_for(10ms);
    CHECK(std::ranges::count_if(bed.journal, [](const std::string& line) {
              return line.find("claims to own the addresses") != std::string::npos;
          }) == 1);
}
