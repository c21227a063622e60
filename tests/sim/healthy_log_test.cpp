// What the log says where nothing is wrong.
#include "tests/sim/gateway_pair.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;

namespace {

// Two machines, each with a group of two processes and a process of another VRID on the same interface.
constexpr const char* kHealthy = R"(title = "Two gateways"
ends = "40s"
[network.lan]
subnet = "10.16.1.0/24"
[network.wan]
subnet = "10.17.1.0/24"
[router.r1]
eth0 = "lan 10.16.1.1"
eth1 = "wan 10.17.1.1"
run = ["vrrpd -i eth0 -v 51 -M 2 -p 150 10.16.1.200", "vrrpd -i eth1 -v 52 -M 2 -p 150 10.17.1.200",
       "vrrpd -i eth0 -v 61 -f /run/other -p 90 10.16.1.201"]
[router.r2]
eth0 = "lan 10.16.1.2"
eth1 = "wan 10.17.1.2"
run = ["vrrpd -i eth0 -v 51 -M 2 10.16.1.200", "vrrpd -i eth1 -v 52 -M 2 10.17.1.200",
       "vrrpd -i eth0 -v 61 -f /run/other 10.16.1.201"]
[[step]]
at = "15s"
do = "stop r1"
expect = "r2 is master of 51 and 52 within 1s"
[[step]]
at = "25s"
do = "start r1"
expect = "r1 is master of 51 and 52 within 6s"
)";

} // namespace

TEST_CASE("the log of a healthy network has no warning, through a stop and a start") {
    const RunResult result = run_text(kHealthy);
    CHECK(result.passed());
    std::size_t decisions = 0;
    for (const Record& record : result.journal.records()) {
        const Decision* decision = std::get_if<Decision>(&record.what);
        if (decision == nullptr) continue;
        ++decisions;
        INFO(record.who << " " << to_text(record));
        CHECK(severity(decision->event) >= Severity::notice);
    }
    CHECK(decisions > 20);
}
