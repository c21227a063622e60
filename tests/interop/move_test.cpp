// A live pair moves from keepalived to vrrpd, as docs/moving.md says.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/keepalived.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

constexpr auto kElection = 15s;   // by silence at one second, with room
constexpr auto kSkewTime = 610ms; // of priority 100 at one second
constexpr auto kMoveRoom = 250ms; // for a busy machine

// What operators have: a gateway with two sides, a health check, a password, a script with arguments.
std::string theirs(int priority, const char* state) {
    const auto instance = [&](const char* name, const char* interface, int vrid, const char* address) {
        return fmt::format(
            "vrrp_instance {} {{\n    state {}\n    interface {}\n    virtual_router_id {}\n"
            "    priority {}\n    advert_int 1\n    authentication {{\n        auth_type PASS\n"
            "        auth_pass s3cret\n    }}\n    virtual_ipaddress {{\n        {}/24 dev {}\n    }}\n"
            "    garp_master_delay 1\n    notify \"/etc/scripts/notify.sh {}\"\n}}\n",
            name, state, interface, vrid, priority, address, interface, interface);
    };
    return "global_defs {\n    router_id gw\n}\nvrrp_script up {\n    script \"/usr/bin/test -e /etc/up\"\n"
           "    interval 1\n}\nvrrp_sync_group gateway {\n    group {\n        lan\n        wan\n    }\n"
           "    track_script {\n        up\n    }\n}\n" +
           instance("lan", "eth0", 51, kLanAddress) + instance("wan", "eth1", 52, kWanAddress);
}

Process& start_theirs(const Gateway& gateway, int priority, const char* state) {
    std::ofstream(gateway.file("/etc/keepalived.conf")) << theirs(priority, state);
    std::ofstream(gateway.file("/etc/up")) << "";
    gateway.write_script("/etc/scripts/notify.sh", "echo \"$*\" >> /run/notices\n");
    return gateway.start("keepalived -n -l -D -P -f /etc/keepalived.conf -p /run/ka.pid -r /run/kv.pid");
}

bool holds_both(const Gateway& gateway) {
    return gateway.holds(kLanAddress) && gateway.holds(kWanAddress);
}

// The commands of docs/moving.md, but for systemd's.
void import_file(const Gateway& gateway) {
    gateway.must("vrrpd --import /etc/keepalived.conf > /etc/vrrpd.toml");
    gateway.must("vrrpd --check --config /etc/vrrpd.toml");
}

void exchange(const Gateway& gateway, Process& before) {
    before.signal(SIGTERM);
    REQUIRE(before.wait(kPatience));
    gateway.vrrpd("--config /etc/vrrpd.toml");
}

bool follows(const Gateway& gateway) {
    return gateway.stands_by() && gateway.router(51)["master"].is_object() &&
           gateway.router(52)["master"].is_object();
}

struct Pair {
    TwoSidedBed bed;
    Process& first = start_theirs(bed.r1, 150, "MASTER");
    Process* second = nullptr;
    std::unique_ptr<Prober> prober;

    // keepalived serves on r1, and r2 is vrrpd's already: its hosts have not noticed.
    Pair() {
        INFO(first.output());
        REQUIRE(await(kElection, [&] { return holds_both(bed.r1); }));
        second = &start_theirs(bed.r2, 100, "BACKUP");
        REQUIRE(await(kElection, [&] { return second->output().find("BACKUP STATE") != std::string::npos; }));
        prober = std::make_unique<Prober>(bed.pc.space(), IpAddress::parse("10.17.1.60").value(), 5ms);
        REQUIRE(served_again(*prober));
        import_file(bed.r2);
        exchange(bed.r2, *second);
        REQUIRE(await(kElection, [&] { return follows(bed.r2); }));
        CHECK(served_again(*prober));
        CHECK(prober->lost() == 0);
        CHECK(bed.r2.router(51)["counters"]["became_master"] == 0);
    }
};

} // namespace

TEST_CASE("a keepalived pair becomes a vrrpd pair, and its hosts miss one hand-over's skew time", "[timed]") {
    KEEPALIVED_OR_SKIP();
    Pair pair;
    import_file(pair.bed.r1);
    const auto began = Prober::Clock::now();
    pair.first.signal(SIGTERM);
    REQUIRE(pair.first.wait(kPatience));
    CHECK(await(kPatience, [&] { return pair.bed.r2.leads(); }));
    CHECK(served_again(*pair.prober));
    CHECK(pair.prober->longest_gap(began) < kSkewTime + kMoveRoom);
    const auto returned = Prober::Clock::now();
    pair.bed.r1.vrrpd("--config /etc/vrrpd.toml");
    CHECK(await(kElection, [&] { return pair.bed.r1.leads() && pair.bed.r2.stands_by(); }));
    CHECK(served_again(*pair.prober));
    CHECK(pair.prober->longest_gap(returned) < kMoveRoom);
    // The script is told the same as before, by either.
    CHECK_THAT(pair.bed.r1.read("/run/notices"), Catch::Contains("eth0 INSTANCE lan MASTER 150\n"));
    CHECK_THAT(pair.bed.r2.read("/run/notices"), Catch::Contains("eth1 INSTANCE wan BACKUP 100\n"));
}

TEST_CASE("a keepalived pair becomes a vrrpd pair without an outage", "[timed]") {
    KEEPALIVED_OR_SKIP();
    Pair pair;
    const Gateway &r1 = pair.bed.r1, &r2 = pair.bed.r2;
    import_file(r1);
    r2.must("sed -i 's/^priority = 100$/priority = 200/' /etc/vrrpd.toml && atropos --reload");
    CHECK(await(kElection, [&] { return r2.leads() && !holds_both(r1); }));
    CHECK(served_again(*pair.prober));
    exchange(r1, pair.first);
    CHECK(await(kElection, [&] { return follows(r1); }));
    r2.must("sed -i 's/^priority = 200$/priority = 100/' /etc/vrrpd.toml && atropos --reload");
    CHECK(await(kElection, [&] { return r1.leads() && r2.stands_by(); }));
    CHECK(served_again(*pair.prober));
    CHECK(pair.prober->longest_gap() < kMoveRoom);
    WARN("longest gap " << pair.prober->longest_gap().count() << " ms, " << pair.prober->lost() << " of "
                        << pair.prober->answered() << " probes lost");
}
