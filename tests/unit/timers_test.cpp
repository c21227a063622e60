#include "core/machine/timers.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace std::chrono_literals;
using wire::Version;

TEST_CASE("v2 skews by 256ths of a second whatever the interval", "[v2-6.1]") {
    CHECK(skew_time(Version::v2, 100, 1s) == 609375us);
    CHECK(skew_time(Version::v2, 100, 10s) == 609375us);
    CHECK(master_down_interval(Version::v2, 100, 1s) == 3609375us);
    CHECK(master_down_interval(Version::v2, 254, 2s) == 6007812500ns);
}

TEST_CASE("v3 skews by 256ths of the master's interval, and cuts nothing off", "[v3-6.1-1]") {
    CHECK(skew_time(Version::v3, 100, 1s) == 609375us);
    CHECK(skew_time(Version::v3, 100, 100ms) == 60937500ns);
    CHECK(skew_time(Version::v3, 200, 10ms) == 2187500ns); // 0.22 centiseconds: not 0
    CHECK(master_down_interval(Version::v3, 100, 10ms) == 36093750ns);
}

TEST_CASE("a higher priority always waits less", "[v2-6.1]") {
    for (unsigned priority = 1; priority < 255; ++priority) {
        const auto p = static_cast<std::uint8_t>(priority), better = static_cast<std::uint8_t>(priority + 1);
        REQUIRE(skew_time(Version::v2, p, 1s) > skew_time(Version::v2, better, 1s));
        REQUIRE(skew_time(Version::v3, p, 10ms) > skew_time(Version::v3, better, 10ms));
    }
}
