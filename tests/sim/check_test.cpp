// The site that a check builds, its catalogue, and what it makes of them.
#include "core/config/command_line.hpp"
#include "core/config/together/command_line_places.hpp"
#include "netsim/check/outcome.hpp"
#include "netsim/scenario/write.hpp"
#include "tools/vrrplab/check/read_routers.hpp"
#include "tools/vrrplab/check/report.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

using namespace vrrp;
using namespace vrrp::sim;

namespace {

const vrrplab::CheckSources kNoFiles{
    .read_file = [](const std::string& path) -> tl::expected<std::string, std::string> {
        return tl::unexpected(path + ": No such file or directory");
    },
    .files = [](const std::string&) { return std::vector<std::string>{}; }};

config::Parsed<Site> try_site(const std::vector<std::string>& arguments,
                              const std::vector<std::string>& addresses = {}) {
    auto routers = vrrplab::read_routers(arguments, kNoFiles);
    INFO((routers ? std::string() : routers.error()));
    REQUIRE(routers);
    const auto given = vrrplab::read_addresses(addresses, routers->told);
    REQUIRE(given);
    const auto networks = config::networks_of(routers->told, {});
    REQUIRE(networks);
    const auto own = config::own_addresses(routers->told, *networks, *given);
    return lay_out(routers->told, routers->written, *networks, own);
}

Site site_of(const std::vector<std::string>& arguments, const std::vector<std::string>& addresses = {}) {
    auto site = try_site(arguments, addresses);
    INFO((site ? std::string() : site.error().message));
    REQUIRE(site);
    return *site;
}

const std::vector<std::string> kPair{"gw1=vrrpd -i eth0 -v 51 -p 150 10.16.1.200",
                                     "gw2=vrrpd -i eth0 -v 51 10.16.1.200"};
const std::vector<std::string> kGroups{
    "gw1=vrrpd -i eth0 -v 51 -M 2 -p 150 10.16.1.200", "gw1=vrrpd -i eth1 -v 52 -M 2 -p 150 10.17.1.200",
    "gw2=vrrpd -i eth0 -v 51 -M 2 10.16.1.200", "gw2=vrrpd -i eth1 -v 52 -M 2 10.17.1.200"};
const std::vector<std::string> kLoose{
    "gw1=vrrpd -i eth0 -v 51 -p 150 10.16.1.200", "gw1=vrrpd -i eth1 -v 52 -p 150 10.17.1.200",
    "gw2=vrrpd -i eth0 -v 51 10.16.1.200", "gw2=vrrpd -i eth1 -v 52 10.17.1.200"};

const Trial* named(const std::vector<Trial>& trials, const std::string& name) {
    const auto found = std::ranges::find(trials, name, &Trial::name);
    return found == trials.end() ? nullptr : &*found;
}

RunResult run(const Story& story) {
    const auto scenario = parse_scenario(story.name, story.text);
    INFO(story.text);
    INFO((scenario ? std::string() : describe(scenario.error(), story.name)));
    REQUIRE(scenario);
    return run_scenario(*scenario, 1);
}

} // namespace

TEST_CASE("a command line may name vrrpd by its path, as a unit or a container does") {
    const std::string options = " -i eth0 -v 51 10.16.1.200";
    for (const std::string program : {"vrrpd", "/usr/sbin/vrrpd", "build/bin/vrrpd"}) {
        const std::vector<std::string> arguments{"gw1=" + program + options};
        const auto routers = vrrplab::read_routers(arguments, kNoFiles);
        INFO(program);
        REQUIRE(routers);
        CHECK(routers->written.front().run == std::vector<std::string>{"vrrpd" + options});
        const auto& process = routers->told.front().processes.front();
        CHECK(process.configuration.router.virtual_routers.front().vrid == 51);
        CHECK(process.places.virtual_routers.front().keys.at("vrid").column == program.size() + 10);
    }
    const std::vector<std::string> file{"gw1=/etc/vrrpd"};
    CHECK_THAT(vrrplab::read_routers(file, kNoFiles).error(), Catch::Contains("No such file"));
}

TEST_CASE("a site has a network for what routers share, own addresses beside the virtual ones, and hosts "
          "that ask") {
    CHECK(vrrplab::site_legend(site_of(kPair)) ==
          "net1: gw1 eth0 10.16.1.1/24, gw2 eth0 10.16.1.2/24; pc1 asks 10.16.1.200\n");
    CHECK(vrrplab::site_legend(site_of(kPair, {"gw1.eth0=10.16.1.7/16"})) ==
          "net1: gw1 eth0 10.16.1.7/16, gw2 eth0 10.16.0.1/16; pc1 asks 10.16.1.200\n");
    CHECK(vrrplab::site_legend(site_of(kGroups)) ==
          "net1: gw1 eth0 10.16.1.1/24, gw2 eth0 10.16.1.2/24; pc1 asks 10.16.1.200\n"
          "net2: gw1 eth1 10.17.1.1/24, gw2 eth1 10.17.1.2/24; pc2 asks 10.17.1.200\n"
          "through the gateways: pc1 and pc2\n");
    CHECK(vrrplab::site_legend(site_of({"a=vrrpd -i eth0 -v 1 --peer 10.16.1.8 10.16.1.1",
                                        "b=vrrpd -i eth0 -v 1 --peer 10.16.1.7 10.16.1.1"})) ==
          "net1: a eth0 10.16.1.7/24, b eth0 10.16.1.8/24; pc1 asks 10.16.1.1\n");
    CHECK(vrrplab::site_legend(site_of(
              {"a=vrrpd -i eth0 -v 1 --protocol 3 fe80::1", "b=vrrpd -i eth0 -v 1 --protocol 3 fe80::1"})) ==
          "net1: a eth0 fe80::2/64, b eth0 fe80::3/64; pc1 asks fe80::1\n");
    // 10.0.0.255 is no broadcast address of the network that it is in.
    CHECK(vrrplab::site_legend(
              site_of({"a=vrrpd -i eth0 -v 1 10.0.0.255", "b=vrrpd -i eth0 -v 1 10.0.0.255"})) ==
          "net1: a eth0 10.0.0.1/23, b eth0 10.0.0.2/23; pc1 asks 10.0.0.255\n");
}

TEST_CASE(
    "addresses elsewhere have a network of their own, or are where their subnet is, and hosts ask there") {
    const std::vector<std::string> firewalls{
        "a=vrrpd -i sync -v 51 '10.16.1.200/24 dev eth0' \"10.17.1.200 dev eth1\"",
        "b=vrrpd -i sync -v 51 '10.16.1.200/24 dev ens2' '10.17.1.200 dev eth1'"};
    CHECK(vrrplab::site_legend(site_of(firewalls)) ==
          "net1: a sync 192.0.2.1/28, b sync 192.0.2.2/28\n"
          "net2: a eth0 10.16.1.1/24, b ens2 10.16.1.2/24; pc1 asks 10.16.1.200\n"
          "net3: a eth1 10.17.1.1/24, b eth1 10.17.1.2/24\n");
    CHECK(vrrplab::site_legend(site_of({"a=vrrpd -i eth0 -v 51 10.16.1.200 '10.17.1.201 dev eth1'",
                                        "a=vrrpd -i eth1 -v 52 10.17.1.200",
                                        "b=vrrpd -i eth0 -v 51 10.16.1.200 '10.17.1.201 dev eth1'",
                                        "b=vrrpd -i eth1 -v 52 10.17.1.200"})) ==
          "net1: a eth0 10.16.1.1/24, b eth0 10.16.1.2/24; pc1 asks 10.16.1.200\n"
          "net2: a eth1 10.17.1.1/24, b eth1 10.17.1.2/24; pc2 asks 10.17.1.200\n"
          "through the gateways: pc1 and pc2\n");
}

TEST_CASE("on a network of many virtual routers a few are asked, and routers are in each of their subnets") {
    std::vector<std::string> routers;
    for (const char* router : {"a", "b"})
        for (int i = 1; i <= 9; ++i)
            routers.push_back(std::string(router) + "=vrrpd -i eth0 -v " + std::to_string(i) + " 10.16." +
                              std::to_string(i) + ".200");
    const Site site = site_of(routers);
    REQUIRE(site.networks.size() == 1);
    CHECK(site.hosts.size() == 4);
    CHECK(site.networks[0].ports[0].own.size() == 9);
}

TEST_CASE("what a check of a configuration looks at is on the site") {
    // By a command line there are no checks: as files of vrrpd.
    const std::string text =
        "[[track]]\nname = 'isp'\nping = '203.0.113.1'\nrise = 2\n[[track]]\nname = 'up'\ninterface = "
        "'eth9'\nweight = -60\n[[track]]\nname = 'app'\nprocess = 'app'\ninvert = true\nweight = "
        "-60\n[[virtual_router]]\ninterface = 'eth0'\nvrid = 51\naddress = '10.16.1.200'\ntrack = "
        "['isp', 'up', 'app']\npriority = ";
    const vrrplab::CheckSources files{
        .read_file = [&](const std::string& path) -> tl::expected<std::string, std::string> {
            return text + (path == "gw1.toml" ? "150\n" : "100\n");
        },
        .files = kNoFiles.files};
    const std::vector<std::string> arguments{"gw1=gw1.toml", "gw2=gw2.toml"};
    const auto routers = vrrplab::read_routers(arguments, files);
    REQUIRE(routers);
    const auto networks = config::networks_of(routers->told, {});
    REQUIRE(networks);
    const auto site = lay_out(routers->told, routers->written, *networks, {});
    REQUIRE(site);
    CHECK(vrrplab::site_legend(*site) ==
          "net1: gw1 eth0 10.16.1.1/24, gw2 eth0 10.16.1.2/24; pc1 asks 10.16.1.200\n"
          "net2: gw1 outside 203.0.113.2/24, gw2 outside 203.0.113.3/24; target1\n"
          "  203.0.113.1\n"
          "net3: gw1 eth9 192.0.2.33/28, gw2 eth9 192.0.2.34/28\n");
    const Timing timing = timing_of(*site);
    const auto trials = trials_of(*site, timing);
    for (const char* name :
         {"steady", "gw1_app_check", "gw1_eth9_watched", "gw1_outside_watched", "gw1_power"}) {
        const Trial* const alone[] = {named(trials, name)};
        INFO(name);
        REQUIRE(alone[0] != nullptr);
        const Story story = tell_story(*site, timing, alone, {});
        const RunResult result = run(story);
        INFO((result.passed() ? std::string() : explain(result.failures.front(), result, story.name, "")));
        CHECK(result.passed());
        if (std::string(name) != "steady")
            CHECK(outcome_of(*site, story, result).led == std::vector<std::string>{"gw2"});
    }
}

TEST_CASE("a subnet without room is an error") {
    const std::string line = "=vrrpd -i eth0 -v 1 10.16.1.2/30";
    const auto site = try_site({"a" + line, "b" + line, "c" + line});
    REQUIRE_FALSE(site);
    CHECK(site.error().message ==
          "net1 has no free address for b eth0 in 10.16.1.0/30: give the routers' own addresses with shorter "
          "lengths by --address ROUTER.INTERFACE=IP/LEN");
}

TEST_CASE("the catalogue strikes every router, interface, process and network") {
    std::set<std::string> names;
    const Site site = site_of(kGroups);
    for (const Trial& one : trials_of(site, timing_of(site)))
        CHECK(names.insert(one.name).second); // each has a file of its own
    for (const char* router : {"gw1", "gw2"}) {
        for (const char* fault : {"stop", "kill", "freeze", "power", "drift"})
            CHECK(names.contains(std::string(router) + "_" + fault));
        for (const char* interface : {"eth0", "eth1"})
            for (const char* fault :
                 {"cable", "tree", "cut", "cut_in", "cut_out", "part", "address", "delete", "delay"})
                CHECK(names.contains(std::string(router) + "_" + interface + "_" + fault));
        for (const char* vrid : {"51", "52"})
            for (const char* fault : {"stop", "kill", "freeze", "late"})
                CHECK(names.contains(std::string(router) + "_" + vrid + "_" + fault));
    }
    for (const char* network : {"net1", "net2"})
        for (const char* fault : {"loss5", "loss20", "rogue_high", "rogue_low", "resign"})
            CHECK(names.contains(std::string(network) + "_" + fault));
    CHECK(names.contains("starts_1"));
    CHECK(names.contains("starts_2"));
    CHECK_FALSE(names.contains("gw1_scripts")); // it runs none
}

TEST_CASE("the documents name every fault of the catalogue") {
    std::ifstream page(CHECK_PAGE);
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (const FaultRow& row : catalogue()) {
        INFO(row.name);
        CHECK(text.find("`" + std::string(row.name) + "`") != std::string::npos);
    }
}

TEST_CASE("bounds follow from intervals, priorities and groups") {
    struct Row {
        std::vector<std::string> routers;
        std::string name;
        std::optional<Duration> bound; // without what the network takes
    };
    using namespace std::chrono_literals;
    const Duration skew = 156 * Duration(1s) / 256, silent = 3s + skew;
    const std::vector<std::string> fast{"gw1=vrrpd -i eth0 -v 51 -p 150 --protocol 3 -d 0.1 10.16.1.200",
                                        "gw2=vrrpd -i eth0 -v 51 --protocol 3 -d 0.1 10.16.1.200"};
    const Row rows[] = {
        {kPair, "gw1_stop", skew},
        {kPair, "gw1_power", silent},
        {kPair, "gw1_eth0_cable", silent},
        {kGroups, "gw1_eth0_cable", skew},
        {kGroups, "gw1_51_kill", skew},
        {kPair, "gw1_eth0_cut", silent},
        {kGroups, "gw1_eth0_cut", {}},
        {kGroups, "gw2_eth0_cut", silent},
        {kPair, "gw1_eth0_cut_in", {}},
        {kPair, "gw2_eth0_cut_in", silent},
        {kPair, "net1_loss5", {}},
        {kPair, "net1_rogue_high", {}},
        {kPair, "gw1_eth0_tree", silent},
        {kGroups, "gw1_eth0_tree", {}},
        {fast, "gw1_power", 300ms + skew / 10},
    };
    for (const Row& row : rows) {
        const Site site = site_of(row.routers);
        const Timing timing = timing_of(site);
        const auto trials = trials_of(site, timing);
        const Trial* trial = named(trials, row.name);
        INFO(row.name);
        REQUIRE(trial != nullptr);
        CHECK(trial->bound == (row.bound ? std::optional(*row.bound + timing.network()) : std::nullopt));
        CHECK((trial->excuse == nullptr) == row.bound.has_value());
    }
}

TEST_CASE("signatures and peers keep a stranger out, and a password does not") {
    const auto excused = [](const std::string& options, const std::string& peer1 = "",
                            const std::string& peer2 = "") {
        const Site site = site_of({"gw1=vrrpd -i eth0 -v 51 -p 150 10.16.1.200" + options + peer1,
                                   "gw2=vrrpd -i eth0 -v 51 10.16.1.200" + options + peer2});
        const auto trials = trials_of(site, timing_of(site));
        return named(trials, "net1_rogue_high")->excuse != nullptr;
    };
    CHECK(excused(""));
    CHECK(excused(" -a pw/word"));
    CHECK_FALSE(excused(" -a ah/0x01"));
    CHECK_FALSE(excused(" -a hmac/1/0x" + std::string(64, 'a')));
    CHECK(excused(" -a hmac/1/0x" + std::string(64, 'a') + " --hmac-mode accept-unsigned"));
    CHECK_FALSE(excused("", " --peer 10.16.1.2", " --peer 10.16.1.1"));
}

TEST_CASE("every story of the catalogue is a scenario, and routers of all kinds survive it",
          "[unsanitized]") {
    const std::vector<std::string> kSites[] = {
        kPair,
        kGroups,
        {"a=vrrpd -i eth0 -v 5 -p 150 --protocol 3 -d 0.05 10.16.1.200 fe80::5 fd16::5",
         "b=vrrpd -i eth0 -v 5 --protocol 3 -d 0.05 10.16.1.200 fe80::5 fd16::5"},
        {"a=vrrpd -i eth0 -v 5 -p 150 -n -s -U /m -D /b 10.16.1.200",
         "b=vrrpd -i eth0 -v 5 -p 120 -n -s -U /m -D /b 10.16.1.200",
         "c=vrrpd -i eth0 -v 5 -n -s -U /m -D /b 10.16.1.200"},
        {"a=vrrpd -i eth0 -v 5 -p 150 --peer 10.16.1.2 -a hmac/1/0x" + std::string(64, 'a') + " 10.16.1.200",
         "b=vrrpd -i eth0 -v 5 --peer 10.16.1.1 -a hmac/1/0x" + std::string(64, 'a') + " 10.16.1.200"},
    };
    for (const auto& routers : kSites) {
        const Site site = site_of(routers);
        const Timing timing = timing_of(site);
        for (const Trial& trial : trials_of(site, timing)) {
            const Trial* const alone[] = {&trial};
            const Story story = tell_story(site, timing, alone, {});
            const RunResult result = run(story);
            INFO(routers.front());
            INFO(story.title);
            INFO(
                (result.passed() ? std::string() : explain(result.failures.front(), result, story.name, "")));
            CHECK(result.passed());
            if (story.bound) CHECK(outcome_of(site, story, result).outage < *story.bound);
        }
    }
}

TEST_CASE("two networks without a group part when a cable is out, and the table says so") {
    const Site site = site_of(kLoose);
    const Timing timing = timing_of(site);
    const auto trials = trials_of(site, timing);
    const Trial* const cable[] = {named(trials, "gw1_eth0_cable")};
    const Story story = tell_story(site, timing, cable, {});
    const RunResult result = run(story);
    CHECK_FALSE(result.passed());
    const StoryOutcome outcome = outcome_of(site, story, result);
    CHECK(outcome.whole == std::optional(false));
    CHECK(outcome.probe == "pc1 -> pc2");
    CHECK(outcome.led == std::vector<std::string>{"gw1", "gw2"});
    CHECK(outcome.leads == std::vector<std::string>{"gw1"});
}

TEST_CASE("who led and what hosts saw is told of every step") {
    const Site site = site_of(kGroups);
    const Timing timing = timing_of(site);
    const auto trials = trials_of(site, timing);
    const Trial* const power[] = {named(trials, "gw1_power")};
    const Story story = tell_story(site, timing, power, {});
    const StoryOutcome outcome = outcome_of(site, story, run(story));
    CHECK(outcome.whole == std::optional(true));
    CHECK(outcome.led == std::vector<std::string>{"gw2"});
    CHECK(outcome.leads == std::vector<std::string>{"gw1"});
    CHECK(outcome.outage > timing.silent - 2 * timing.interval);
    CHECK(outcome.outage < *story.bound);
}

TEST_CASE("a limit replaces a bound, and where none is promised only when it counts always") {
    using namespace std::chrono_literals;
    const Site site = site_of(kPair);
    const Timing timing = timing_of(site);
    const auto trials = trials_of(site, timing);
    const Trial* const power[] = {named(trials, "gw1_power")};
    const Trial* const deaf[] = {named(trials, "gw1_eth0_cut_in")};
    CHECK(tell_story(site, timing, power, Limit{1s}).bound == std::optional<Duration>(1s));
    CHECK(tell_story(site, timing, deaf, Limit{1s}).bound == std::nullopt);
    CHECK(tell_story(site, timing, deaf, Limit{1s, true}).bound == std::optional<Duration>(1s));
}

TEST_CASE("two faults have a bound where they leave a router unharmed") {
    const Site site = site_of(kPair);
    const Timing timing = timing_of(site);
    const auto trials = trials_of(site, timing);
    const auto bound = [&](const char* a, const char* b) {
        const Trial* const both[] = {named(trials, a), named(trials, b)};
        return tell_story(site, timing, both, {}).bound.has_value();
    };
    CHECK(bound("gw1_power", "gw1_eth0_cable"));
    CHECK_FALSE(bound("gw1_power", "gw2_power"));
    CHECK_FALSE(bound("gw1_power", "net1_loss5"));
    CHECK(bound("gw1_power", "gw2_drift"));
    CHECK_FALSE(bound("gw1_power", "net1_resign")); // nobody contradicts who speaks in its name
}

TEST_CASE("a text survives its way through TOML") {
    for (const std::string& text :
         {std::string("plain"), std::string("a 'quoted' \"one\" \\ \n two"), std::string("'''"),
          std::string("ends in '"), std::string("tab\tand \x01")}) {
        const std::string scenario = "title = " + toml_text(text) + "\nabout = " + toml_string(text) +
                                     "\n[network.n]\nsubnet = '10.0.0.0/24'\n[host.h]\neth0 = 'n 10.0.0.1'\n";
        const auto parsed = parse_scenario("x", scenario);
        INFO(scenario);
        REQUIRE(parsed);
        CHECK(parsed->title == text);
        CHECK(parsed->about == text);
    }
}

TEST_CASE("an exact time reads as it was") {
    for (const std::int64_t count : {0L, 1L, 1'000L, 5'000L, 1'500'000L, 3'650'000'000L, 86'400'000'000'000L})
        CHECK(parse_duration(exact_text(Duration(count))) == std::optional(Duration(count)));
}
