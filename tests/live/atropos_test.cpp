// Every verb of atropos, on machines that are groups of processes; and clients that do not keep the rules.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/rude_client.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const IpAddress kServer = IpAddress::parse("10.17.1.60").value();

// The shortest of some: others use this machine too.
template <typename Action>
std::chrono::milliseconds quickest(Action&& action) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i) {
        const auto start = std::chrono::steady_clock::now();
        action();
        best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(best);
}

// Of a text with one on each line.
std::vector<nlohmann::json> objects(const std::string& text) {
    std::vector<nlohmann::json> objects;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        objects.push_back(nlohmann::json::parse(line, nullptr, false));
        REQUIRE(objects.back().is_object());
    }
    return objects;
}

// r1's group holds on to what it has, although r2 is started with more.
bool r1_keeps_leading(TwoSidedBed& bed) {
    const std::size_t lan = bed.lan_tap.advertisements().size(), wan = bed.wan_tap.advertisements().size();
    return await(kPatience,
                 [&] {
                     return bed.lan_tap.advertisements().size() > lan + 5 &&
                            bed.wan_tap.advertisements().size() > wan + 5;
                 }) &&
           bed.r1.leads();
}

} // namespace

TEST_CASE("where descriptors have run out atropos says so in a line, and monitoring is told UNKNOWN") {
    const TemporaryDirectory directory;
    std::ofstream(directory.path() / "vrrpd_eth0_51.sock");
    const std::string atropos =
        "ulimit -n 4; " + std::string(kAtroposBinary) + " -f " + directory.path().string() + " ";
    const CommandResult check = run_command(atropos + "--check");
    if (check.output.find("error while loading shared libraries") != std::string::npos) {
        WARN("SKIPPED: the sanitizers' libraries alone need more descriptors");
        return;
    }
    CHECK(check.status == 3);
    CHECK_THAT(check.output, Catch::StartsWith("VRRP UNKNOWN - "));
    const CommandResult watch = run_command(atropos + "--watch");
    CHECK(watch.status == 1);
    CHECK_THAT(watch.output, Catch::StartsWith("atropos: ") && Catch::Contains("Too many open files"));
}

TEST_CASE("metrics that cannot be written are one complaint, even where no vrrpd runs") {
    const CommandResult result =
        run_command(std::string(kAtroposBinary) + " -f /nowhere --metrics --output /nowhere/metrics");
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::StartsWith("atropos: /nowhere/metrics"));
    CHECK(std::ranges::count(result.output, '\n') == 1);
}

TEST_CASE("atropos --backup yields the whole gateway, and takes over only where nobody else leads") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    REQUIRE(served_again(prober));
    CHECK(bed.r1.must("atropos --backup") == "eth0 vrid 51: backup\neth1 vrid 52: backup\n");
    CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.stands_by(); }));
    CHECK(served_again(prober));
    CHECK(bed.r2.heard_a_resignation());
    CHECK_THAT(bed.r1.must("atropos --state"), Catch::Contains("asked it to yield to any other master"));
    // Better as it is, it does not preempt.
    const std::size_t now = bed.lan_tap.advertisements().size();
    REQUIRE(await(kPatience, [&] { return bed.lan_tap.advertisements().size() > now + 10; }));
    CHECK(bed.r1.stands_by());
    for (const TwoSidedBed::Sides& r2 = bed.groups[1]; Process * one : {&r2.lan, &r2.wan})
        one->signal(SIGTERM);
    CHECK(await(kPatience, [&] { return bed.r1.leads(); }));
}

TEST_CASE("atropos --backup --hold stays backup whatever happens, until --release") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    bed.r1.must("atropos --backup --hold -v 52"); // a member moves its whole group
    CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.stands_by(); }));
    CHECK_THAT(bed.r1.must("atropos --state"),
               Catch::Contains("keeps it backup whatever happens") &&
                   Catch::Contains("cannot lead: an operator holds eth1 vrid 52 back"));
    for (const TwoSidedBed::Sides& r2 = bed.groups[1]; Process * one : {&r2.lan, &r2.wan})
        one->signal(SIGTERM);
    // Its own timer has run out, and it does nothing of it.
    CHECK(await(kPatience, [&] {
        const nlohmann::json group = bed.r1.group();
        return group["members"][0]["stance"] == "ready" || group["members"][1]["stance"] == "ready";
    }));
    CHECK(bed.r1.stands_by());
    bed.r1.must("atropos --release");
    CHECK(await(kPatience, [&] { return bed.r1.leads(); }));
}

TEST_CASE(
    "atropos --master takes the gateway where the election allows it, and is refused where it does not") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const CommandResult refused = bed.r2.run("atropos --master");
    CHECK(refused.status == 1);
    CHECK_THAT(refused.output,
               Catch::Contains("atropos: eth0 vrid 51: master refused: 10.16.1.1 (priority 150) is "
                               "master and outranks this router") &&
                   Catch::Contains("eth1 vrid 52: master refused"));
    CHECK(bed.r1.leads());
    bed.r1.must("atropos --backup");
    REQUIRE(await(kPatience, [&] { return bed.r2.leads() && bed.r1.router(52)["master"].is_object(); }));
    CHECK(bed.r1.run("atropos --master").status == 0);
    CHECK(await(kPatience, [&] { return bed.r1.leads() && bed.r2.stands_by(); }));
    for (const int vrid : {51, 52}) // at once: by itself it would have waited for its timer
        CHECK(bed.r1.router(vrid)["reason"] == "asked");
    CHECK(bed.r1.router(51)["operator"].is_null());
}

TEST_CASE("atropos --reduce and --increase change the priority, of all or of one") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51 -p 5 -x 170");
    bed.r1.vrrpd("-i eth1 10.17.1.200 -v 52 -z 30");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("backup"); }));
    const auto priorities = [&](int lan, int wan) {
        return bed.r1.router(51)["priority"] == lan && bed.r1.router(52)["priority"] == wan;
    };
    CHECK(bed.r1.must("atropos --reduce -i eth1") == "eth1 vrid 52: reduce\n");
    CHECK(priorities(5, 30));
    bed.r1.must("atropos --reduce");
    CHECK(priorities(1, 30)); // ten less, and not below 1
    bed.r1.must("atropos --increase -v 51");
    CHECK(priorities(170, 30));
    bed.r1.must("atropos --increase");
    CHECK(priorities(170, 40));
    const nlohmann::json done = nlohmann::json::parse(bed.r1.must("atropos --reduce --json"));
    CHECK(done["done"].size() == 2);
    CHECK(done["refused"].empty());
}

TEST_CASE("atropos tells by its exit status what became of a request") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    const auto status = [&](const char* arguments) {
        return bed.r1.run(std::string("atropos ") + arguments).status;
    };
    CHECK(status("--state") == 3);
    CHECK(status("--backup") == 3);
    CHECK(status("--watch") == 3);
    CHECK(status("--nonsense") == 2);
    CHECK(status("--check --nonsense") == 3); // a monitoring plugin says UNKNOWN
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51 -p 255");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("backup", {51}) || bed.r1.is("master", {51}); }));
    CHECK(status("--state") == 0);
    CHECK(status("--json") == 0);
    CHECK(status("--release") == 0);
    CHECK(status("--backup -i eth9") == 1);
    CHECK(status("--state --backup") == 2);
    CHECK(status("--hold") == 2);
    CHECK(status("--state -v 256") == 2);
    CHECK(status("--nonsense") == 2);
    CHECK(status("") == 2);
    // One that died is nobody.
    bed.r1.must("kill -KILL $(cat /run/vrrpd/vrrpd_eth0_51.pid)");
    CHECK(await(kPatience, [&] { return status("--state") == 3; }));
}

TEST_CASE("atropos --watch tells what happens as it happens, of all processes") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Process& words = bed.r1.start("atropos --watch");
    const Process& json = bed.r1.start("atropos --watch --json -i eth1");
    REQUIRE(await(kPatience, [&] {
        return words.output().find("group M") != std::string::npos && !json.output().empty();
    }));
    bed.unplug(bed.r1, "eth0");
    CHECK(await(kPatience, [&] {
        return words.output().find("eth0 vrid 51: master -> initialize: the link is down") !=
                   std::string::npos &&
               words.output().find("eth1 vrid 52: master -> backup: its group cannot lead") !=
                   std::string::npos &&
               json.output().find("its group cannot lead") != std::string::npos;
    }));
    const std::vector<nlohmann::json> told = objects(json.output());
    REQUIRE(told.size() > 1);
    REQUIRE(told[0]["virtual_routers"].size() == 1); // the state comes first
    CHECK(told[0]["virtual_routers"][0]["interface"] == "eth1");
    for (std::size_t i = 1; i < told.size(); ++i)
        CHECK(told[i]["interface"] == "eth1");
}

TEST_CASE("atropos --watch -v tells nothing of interfaces where that virtual router does not run") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    // One process, so that it tells in order.
    std::ofstream(bed.r1.file("/etc/gw.toml"))
        << "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\naddress = \"10.16.1.200\"\n"
        << "[[virtual_router]]\ninterface = \"eth1\"\nvrid = 52\naddress = \"10.17.1.200\"\n";
    bed.r1.vrrpd("--config /etc/gw.toml");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("backup"); }));
    const Process& lan = bed.r1.start("atropos --watch -v 51");
    REQUIRE(await(kPatience, [&] { return lan.output().find("eth0 vrid 51") != std::string::npos; }));
    bed.unplug(bed.r1, "eth1");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("initialize", {52}); }));
    bed.r1.must("atropos --reduce");
    CHECK(await(kPatience,
                [&] { return lan.output().find("vrid 51: priority 100 -> 90") != std::string::npos; }));
    CHECK(lan.output().find("eth1") == std::string::npos);
    CHECK(bed.r1.run("atropos --watch -v 53").status == 1);
    CHECK(bed.r1.run("atropos --state -v 53").status == 1);
}

TEST_CASE("atropos --watch begins with a state that its first event follows, however much happens") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.vrrpd("-i eth0 10.16.1.200 -v 51");
    REQUIRE(await(kPatience, [&] { return bed.r1.is("backup", {51}) || bed.r1.is("master", {51}); }));
    const RudeClient operators(bed.r1.file("/run/vrrpd/vrrpd_eth0_51.sock"));
    const std::jthread busy([&](const std::stop_token& stop) {
        for (int i = 0; !stop.stop_requested(); ++i) { // down to 1, and up again
            operators.say(i % 20 < 10 ? "{\"version\": 1, \"request\": \"reduce\"}\n"
                                      : "{\"version\": 1, \"request\": \"increase\"}\n");
            if (operators.hear().empty()) return;
        }
    });
    for (int i = 0; i < 5; ++i) {
        Process& watch = bed.r1.start("atropos --watch --json");
        const auto enough = [&] { return std::ranges::count(watch.output(), '\n') > 50; };
        REQUIRE(await(kPatience, enough));
        watch.signal(SIGTERM);
        CHECK(watch.wait(kPatience) == 0);
        const std::vector<nlohmann::json> told = objects(watch.output());
        nlohmann::json priority = told[0]["virtual_routers"][0]["priority"];
        for (const nlohmann::json& event : told) {
            if (event.value("event", "") != "priority_changed") continue;
            REQUIRE(event["from"] == priority);
            priority = event["to"];
        }
    }
}

TEST_CASE("atropos --state fits eighty columns and narrows to one virtual router") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.r1.space().must("ip link add wan-of-provider type veth peer name far netns " + bed.wan.name() +
                        " && ip link set wan-of-provider up && ip addr add 10.18.0.1/24 dev wan-of-provider");
    bed.wan.must("ip link set far up");
    bed.r1.write_script("/etc/scripts/MASTER.sh", "");
    bed.r1.vrrpd(
        "-i eth0 10.16.1.200 -v 51 -M 9 -U /etc/scripts/MASTER.sh -D /etc/scripts/MASTER.sh -a pw/hunter2");
    bed.r1.vrrpd("-i wan-of-provider fe80::1 fd00:1234:5678:9abc:def0:1234:5678:9abc -v 252 -M 9 "
                 "--protocol 3 -p 255 --checksum message");
    REQUIRE(await(kPatience, [&] { return bed.r1.group()["members"].size() == 2; }));
    bed.r1.must("atropos --backup --hold -v 51");
    const auto check = [&](const std::string& what) {
        const std::string table = bed.r1.run("atropos --state").output;
        CHECK_THAT(table, Catch::Contains(what));
        CHECK(table.find("hunter2") == std::string::npos);
        std::istringstream lines(table);
        for (std::string line; std::getline(lines, line);) {
            INFO(line);
            CHECK(line.size() <= 80);
        }
    };
    check("group M  cannot lead: 2 of 9 members present");
    check("wan-of-provider vrid 252 IPv6");
    const std::string lan = bed.r1.run("atropos --state -i eth0").output;
    CHECK_THAT(lan, Catch::Contains("eth0 vrid 51  backup"));
    CHECK(lan.find("wan-of-provider vrid 252 IPv6  ") == std::string::npos);
}

TEST_CASE("atropos answers in milliseconds", "[timed]") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const auto socket = bed.r1.file("/run/vrrpd/vrrpd_eth0_51.sock");
    CHECK(quickest([&] {
              const RudeClient client(socket);
              client.say("{\"version\": 1, \"request\": \"state\"}\n");
              CHECK_FALSE(client.hear().empty());
          }) < 10ms);
    CHECK(quickest([&] { (void)bed.r1.run("atropos --state"); }) <
          200ms); // with two shells and a new process
}

TEST_CASE("runtime directory, sockets and state are root's alone") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    bed.r1.must("kill -USR1 $(cat /run/vrrpd/vrrpd_eth0_51.pid)");
    const std::string pid = std::to_string(bed.groups[0].lan.pid());
    REQUIRE(await(kPatience,
                  [&] { return std::filesystem::exists(bed.r1.file("/run/vrrpd/.vrrpstate" + pid)); }));
    CHECK(bed.r1.must("stat -c %a /run/vrrpd") == "700\n");
    CHECK(bed.r1.must("stat -c %a /run/vrrpd/*.sock /run/vrrpd/*.bus | sort -u") == "600\n");
    CHECK(bed.r1.must("stat -c %a /run/vrrpd/.vrrpstate*") == "600\n");
    // The mode is not all: somebody whom a careless directory lets in gets no answer either.
    bed.r1.must("chmod 711 /run/vrrpd && chmod 666 /run/vrrpd/*.sock");
    const CommandResult stranger = bed.r1.run(
        "setpriv --reuid 65534 --clear-groups --bounding-set=-all --inh-caps=-all atropos --backup -f "
        "/run/vrrpd");
    CHECK(stranger.status != 0);
    CHECK(bed.r1.leads());
}

TEST_CASE("clients that say garbage, half a line, or never read disturb neither the group nor other clients",
          "[timed]") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const Prober prober(bed.pc.space(), kServer, 5ms);
    const auto socket = bed.r1.file("/run/vrrpd/vrrpd_eth0_51.sock");
    const RudeClient garbage(socket), half(socket), flood(socket), deaf(socket);
    garbage.say("\xff\xfe}{[\n");
    CHECK_THAT(garbage.hear(), Catch::Contains("\"status\":\"error\""));
    half.say("{\"version\": 1, \"requ");
    deaf.say("{\"version\": 1, \"request\": \"watch\"}\n"); // and never reads
    for (int i = 0; i < 2000; ++i)
        flood.say("{\"version\": 1, \"request\": \"state\"}\n");
    for (int i = 0; i < 200; ++i) // each is an event for who watches
        flood.say("{\"version\": 1, \"request\": \"release\"}\n");
    for (int i = 0; i < 20; ++i)
        bed.r1.must("atropos --release");
    CHECK(served_again(prober));
    CHECK(r1_keeps_leading(bed));
    CHECK(bed.r1.router(51)["counters"]["became_master"] == 1);
    CHECK(bed.r1.router(51)["counters"]["worst_lateness"] < 0.2);
}

TEST_CASE("strangers on the siblings' socket are heard no more, and change nothing") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    bed.start_groups();
    const auto bus = bed.r1.file("/run/vrrpd/vrrpd_eth0_51.bus");
    for (const std::string& said : {std::string("hello"), std::string(60'000, 'x'),
                                    std::string("{\"version\": 1}"), std::string("\0\xff", 2)}) {
        const RudeClient client(bus, SOCK_SEQPACKET);
        client.say(said);
        CHECK(client.hears_the_end());
    }
    std::list<RudeClient> silent; // that never read
    for (int i = 0; i < 50; ++i)
        silent.emplace_back(bus, SOCK_SEQPACKET);
    CHECK(r1_keeps_leading(bed));
    CHECK(bed.r1.group()["members"].size() == 2);
    CHECK(bed.r1.router(51)["counters"]["became_master"] == 1);
    bed.unplug(bed.r1, "eth0"); // and what it has to say still arrives
    CHECK(await(kPatience, [&] { return bed.r2.leads() && bed.r1.is("backup", {52}); }));
}
