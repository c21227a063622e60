// Real-time scheduling on a real kernel.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sched.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

#define REALTIME_OR_SKIP()                                                                                   \
    LIVE_OR_SKIP();                                                                                          \
    if (run_command("chrt -f 10 true").status != 0) {                                                        \
        WARN("SKIPPED: nobody here may have real-time scheduling");                                          \
        return;                                                                                              \
    }

bool is_fifo(int pid) {
    return (::sched_getscheduler(pid) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
}

std::string line_of(int pid, const char* file, const char* text) {
    std::ifstream all("/proc/" + std::to_string(pid) + "/" + file);
    for (std::string line; std::getline(all, line);)
        if (line.find(text) != std::string::npos) return line;
    return {};
}

// AddressSanitizer lets nobody lock memory.
bool may_lock_memory(int pid) {
    return line_of(pid, "maps", "libasan").empty();
}

// Memory that stays in memory.
bool has_locked_memory(int pid) {
    const std::string locked = line_of(pid, "status", "VmLck:");
    return !locked.empty() && !locked.ends_with(" 0 kB");
}

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254 ";

} // namespace

TEST_CASE(
    "with --realtime vrrpd is scheduled before others and keeps its memory, and its scripts run as usual") {
    REALTIME_OR_SKIP();
    GatewayPair pair;
    const std::string script = pair.files.path().string() + "/master", told = script + ".told";
    std::ofstream(script) << "#!/bin/sh\nchrt -p $$ > " << told << ".new; mv " << told << ".new " << told
                          << "\n";
    std::filesystem::permissions(script, std::filesystem::perms(0755));
    const Process& process = pair.r1.start(kLine + "--realtime -U " + script);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(is_fifo(process.pid()));
    CHECK(has_locked_memory(process.pid()) == may_lock_memory(process.pid()));
    CHECK(pair.r1.status()["processes"][0]["realtime"] == true);
    REQUIRE(await(5s, [&] { return std::filesystem::exists(told); }));
    CHECK(run_command("cat " + told).output.find("SCHED_OTHER") != std::string::npos);
}

TEST_CASE("without --realtime vrrpd is scheduled as usual") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const Process& process = pair.r1.start(kLine);
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK_FALSE(is_fifo(process.pid()));
    CHECK(pair.r1.status()["processes"][0]["realtime"] == false);
}

// The kernel sends the signal to who has run for too long; here the test does.
TEST_CASE("a vrrpd that takes the processor for itself runs as usual for a while, and the log says so") {
    REALTIME_OR_SKIP();
    GatewayPair pair;
    const Process& process = pair.r1.start(kLine + "--realtime");
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && is_fifo(process.pid()); }));
    process.signal(SIGXCPU);
    CHECK(await(
        5s, [&] { return process.output().find("no real-time scheduling for 10 s") != std::string::npos; }));
    CHECK_FALSE(is_fifo(process.pid()));
    CHECK(pair.r1.is("master"));
    CHECK(await(20s, [&] { return is_fifo(process.pid()); }));
}

TEST_CASE("a vrrpd that is restarted in place runs in real time again") {
    REALTIME_OR_SKIP();
    GatewayPair pair;
    const Process& process = pair.r1.start(kLine + "--realtime");
    REQUIRE(await(5s, [&] { return pair.r1.is("master") && is_fifo(process.pid()); }));
    pair.r1.space().must(std::string(kAtroposBinary) + " --restart -f " + pair.r1.directory().string());
    CHECK(await(5s, [&] { return pair.r1.is("master") && is_fifo(process.pid()); }));
    CHECK(pair.r1.state()["reason"] == "resumed");
}

TEST_CASE("a reload begins real-time scheduling and ends it, and the master stays master") {
    REALTIME_OR_SKIP();
    GatewayPair pair;
    const std::filesystem::path file = pair.files.path() / "gw.toml";
    const auto write = [&](bool realtime) {
        std::ofstream(file) << "realtime = " << (realtime ? "true" : "false")
                            << "\n[[virtual_router]]\ninterface = \"eth0\"\nvrid = 5\nprotocol = 3\n"
                               "interval = 0.1\naddress = \"10.99.0.254\"\n";
    };
    write(false);
    const Process& process = pair.r1.start("--config " + file.string());
    REQUIRE(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK_FALSE(is_fifo(process.pid()));
    const std::string reload = std::string(kAtroposBinary) + " --reload -f " + pair.r1.directory().string();
    write(true);
    CHECK_THAT(pair.r1.space().must(reload), Catch::Contains("realtime"));
    CHECK(await(5s, [&] { return is_fifo(process.pid()); }));
    CHECK(has_locked_memory(process.pid()) == may_lock_memory(process.pid()));
    write(false);
    pair.r1.space().must(reload);
    CHECK(await(5s, [&] { return !is_fifo(process.pid()) && !has_locked_memory(process.pid()); }));
    CHECK(pair.r1.is("master"));
    CHECK(pair.r1.status()["virtual_routers"][0]["counters"]["became_master"] == 1);
}

TEST_CASE("where real-time scheduling cannot be had vrrpd says so and goes on without") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const Process process(pair.r1.space(),
                          {"setpriv", "--bounding-set", "-sys_nice", kVrrpdBinary, "--foreground",
                           "--realtime", "-f", pair.r1.directory().string(), "-i", "eth0", "-v", "5",
                           "--protocol", "3", "-d", "0.1", "10.99.0.254"});
    CHECK(await(5s, [&] { return pair.r1.is("master"); }));
    CHECK(process.output().find("--realtime: SCHED_FIFO: Operation not permitted (it needs CAP_SYS_NICE)") !=
          std::string::npos);
    CHECK_FALSE(is_fifo(process.pid()));
}
