// vrrpd --config FILE: many virtual routers in one process.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr int kEach = 10; // virtual routers of a side

std::string virtual_router(const char* interface, int vrid, const std::string& address, int priority) {
    return fmt::format("[[virtual_router]]\ninterface = \"{}\"\nvrid = {}\naddress = \"{}\"\npriority = {}\n"
                       "protocol = 3\ninterval = 0.2\ngroup = \"gateway\"\n\n",
                       interface, vrid, address, priority);
}

// 51 and up on the lan, 101 and up on the wan.
std::string many(int priority) {
    std::string text = "[group.gateway]\n\n";
    for (int i = 0; i < kEach; ++i) {
        text += virtual_router("eth0", 51 + i, fmt::format("10.16.1.{}", 200 + i), priority);
        text += virtual_router("eth1", 101 + i, fmt::format("10.17.1.{}", 200 + i), priority);
    }
    return text;
}

void write(const Machine& machine, const std::string& path, const std::string& text) {
    std::ofstream(machine.file(path)) << text;
}

int count(const Gateway& gateway, const char* state) {
    const nlohmann::json all = gateway.status();
    if (all.is_null()) return 0;
    return static_cast<int>(std::ranges::count_if(all["virtual_routers"],
                                                  [&](const auto& one) { return one["state"] == state; }));
}

int held(const Gateway& gateway) {
    int count = 0;
    for (int i = 0; i < kEach; ++i)
        count += gateway.holds(fmt::format("10.16.1.{}", 200 + i)) +
                 gateway.holds(fmt::format("10.17.1.{}", 200 + i));
    return count;
}

} // namespace

TEST_CASE("a process with twenty virtual routers on two interfaces fails over whole") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    write(bed.r1, "/etc/gw.toml", many(150));
    write(bed.r2, "/etc/gw.toml", many(100));
    Process& first = bed.r1.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return count(bed.r1, "master") == 2 * kEach; }));
    bed.r2.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return count(bed.r2, "backup") == 2 * kEach; }));
    CHECK(held(bed.r1) == 2 * kEach);
    const Prober prober(bed.pc.space(), IpAddress::parse("10.17.1.60").value(), 5ms);
    REQUIRE(served_again(prober));

    bed.unplug(bed.r1, "eth0");
    CHECK(await(kPatience, [&] { return count(bed.r2, "master") == 2 * kEach && held(bed.r1) == 0; }));
    CHECK(count(bed.r1, "initialize") == kEach);
    CHECK(count(bed.r1, "backup") == kEach);
    CHECK(served_again(prober));
    CHECK(bed.r2.heard_a_resignation());

    bed.plug(bed.r1, "eth0");
    CHECK(await(kPatience, [&] { return count(bed.r1, "master") == 2 * kEach && held(bed.r2) == 0; }));
    first.signal(SIGTERM);
    CHECK(first.wait(kPatience) == 0);
    CHECK(await(kPatience, [&] { return count(bed.r2, "master") == 2 * kEach; }));
    CHECK(held(bed.r1) == 0);
    CHECK(bed.r1.must("ls -A /run/vrrpd; ip -o link show type macvlan").empty());
}

TEST_CASE("vrrpd --check says whether a file or a command line is good") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    write(bed.r1, "/etc/gw.toml", many(100));
    CHECK(bed.r1.must("vrrpd --config /etc/gw.toml --check") == "good: 20 virtual routers, 1 group\n");
    CHECK(bed.r1.must("vrrpd --check -i eth0 10.16.1.200 -v 51") == "good: 1 virtual router, 0 groups\n");
    const CommandResult bad = bed.r1.run("vrrpd --check -i eth0 10.16.1.200 -v 256");
    CHECK(bad.status == 2);
    CHECK_THAT(bad.output, Catch::Contains("-v 256"));
    CHECK_FALSE(std::filesystem::exists(bed.r1.file("/run/vrrpd"))); // it only looked
    // Beside one that runs, too.
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("backup", {51}); }));
    bed.r1.must("vrrpd --check -i eth0 10.16.1.200 -v 51");
}

TEST_CASE("errors in a file name the place, with and without --check, and nothing starts") {
    LIVE_OR_SKIP();
    struct Row {
        const char* text;
        const char* says;
    };
    const char* good = "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\naddress = \"10.16.1.200\"\n";
    const Row rows[] = {
        {"", "/etc/gw.toml:1:1: there is no [[virtual_router]]"},
        {"[[virtual_router]\n", "/etc/gw.toml:1:"},
        {"{}priority = 256\n", "/etc/gw.toml:5:12: priority 256: a priority is a whole number from 1 to 255"},
        {"{}colour = \"red\"\n", "/etc/gw.toml:5:1: unknown key 'colour'"},
        {"{}group = \"lan\"\n", "/etc/gw.toml:5:9: there is no group 'lan'"},
        {"{}[group.lan]\n", "/etc/gw.toml:5:1: group 'lan' has no member"},
        {"{0}{0}", "/etc/gw.toml:7:8: "},
        {"{}master-script = \"/etc/scripts/none.sh\"\n",
         "/etc/gw.toml:5:17: No such file or directory: /etc/scripts/none.sh"},
    };
    const TwoSidedBed bed;
    for (const Row& row : rows) {
        INFO(row.text);
        write(bed.r1, "/etc/gw.toml", fmt::format(fmt::runtime(row.text), good));
        for (const char* how : {"--check", "", "--foreground"}) {
            const CommandResult result = bed.r1.run(std::string("vrrpd --config /etc/gw.toml ") + how);
            CHECK(result.status == 2);
            CHECK_THAT(result.output, Catch::StartsWith("vrrpd: ") && Catch::Contains(row.says));
            CHECK(std::ranges::count(result.output, '\n') == 1);
        }
    }
    CHECK_THAT(bed.r1.run("vrrpd --config /etc/none.toml").output, Catch::Contains("/etc/none.toml"));
    CHECK_THAT(bed.r1.run("vrrpd --config /etc/gw.toml -p 5").output,
               Catch::Contains("does not go with --config"));
    CHECK_FALSE(std::filesystem::exists(bed.r1.file("/run/vrrpd")));
}
