// What atropos --metrics writes, judged by Prometheus' own tool.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

using namespace vrrp;
using namespace vrrp::live;

TEST_CASE("promtool finds no fault with the metrics, which are written whole") {
    LIVE_OR_SKIP();
    if (run_command("command -v promtool").status != 0) {
        WARN("SKIPPED: promtool is not installed (Debian: prometheus)");
        return;
    }
    TwoSidedBed bed;
    bed.start_groups();
    bed.r1.must("atropos --metrics --output /run/vrrp.prom");
    const CommandResult verdict = bed.r1.run("promtool check metrics < /run/vrrp.prom 2>&1");
    CHECK(verdict.output.empty());
    CHECK(verdict.status == 0);
    const std::string text = bed.r1.read("/run/vrrp.prom");
    CHECK_THAT(text, Catch::Contains(R"(vrrp_master{interface="eth0",vrid="51",family="IPv4"} 1)"));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_group_fit{group="M"} 1)"));
    CHECK(bed.r1.run("atropos --metrics --output /proc/nowhere/vrrp.prom").status == 1);
}
