// vrrplab explore, as it is called, and the mishaps that it chooses from.
#include "netsim/world.hpp"
#include "tests/sim/vrrplab_runs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace vrrp::test;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

const std::string kNoNetwork = "title = \"A pair\"\n[network.lan]\nsubnet = \"10.16.1.0/24\"\n";

std::string pair_of(const std::string& first, const std::string& second) {
    const auto one = [](int number, const std::string& options) {
        return fmt::format("[router.r{0}]\neth0 = \"lan 10.16.1.{0}\"\nrun = \"vrrpd -i eth0 -v 51 {1} "
                           "10.16.1.200\"\n",
                           number, options);
    };
    return kNoNetwork + one(1, first) + one(2, second);
}

// r1 is master from 3.414 s on, and advertises then and each second after.
const std::string kExplored = pair_of("-p 150", "");

// r1 outranks r2 and does not preempt: it leads only where it has missed three advertisements in a row. The first one,
// at 5.61 s, it misses in any case.
const std::string kTwoMatter = pair_of("-p 150 -s", "") + R"(
[chaos]
expect = "r2 is master of 51"
[[step]]
at = "10ms"
do = "stop r1"
[[step]]
at = "4.5s"
do = "start r1"
[[step]]
at = "5.5s"
do = "cut r1 eth0 in"
[[step]]
at = "5.7s"
do = "mend r1 eth0"
expect = "r1 is master of 51"
)";

// The line of the results that is about the whole.
nlohmann::json explored(const std::string& arguments) {
    const std::string lines = vrrplab("explore -q --json - " + arguments, "2>/dev/null").output;
    INFO(arguments);
    REQUIRE_FALSE(lines.empty());
    return nlohmann::json::parse(lines.substr(lines.rfind('\n', lines.size() - 2) + 1));
}

bool tells(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

// r1 leads, and what a list says goes wrong.
struct MishapPair {
    explicit MishapPair(std::vector<Pick> picks) : choices(picks) {
        Switch& lan = world.add_network("lan");
        r1.add_interface("eth0", lan, {*vrrp::IpPrefix::parse("10.16.1.1/24")});
        r2.add_interface("eth0", lan, {*vrrp::IpPrefix::parse("10.16.1.2/24")});
        first = &world.add_process(r1, config(150));
        second = &world.add_process(r2, config(100));
        world.start();
    }
    static vrrp::RouterConfig config(std::uint8_t priority) {
        vrrp::VirtualRouterConfig one;
        one.interface = "eth0";
        one.vrid = 51;
        one.priority = priority;
        one.addresses = {*vrrp::IpPrefix::parse("10.16.1.200/32")};
        return {{one}};
    }
    static bool leads(const Process& process) {
        return process.running() && process.router()->virtual_routers()[0].state() == vrrp::State::master;
    }
    std::vector<std::string> faults() const {
        std::vector<std::string> all;
        for (const Record& record : world.journal().records())
            if (std::holds_alternative<Fault>(record.what))
                all.push_back(fmt::format("{} {}: {}", time_text(record.time), record.who, to_text(record)));
        return all;
    }

    RecordedChoices choices;
    World world{choices};
    Node &r1 = world.add_node("r1"), &r2 = world.add_node("r2");
    Process *first = nullptr, *second = nullptr;
};

} // namespace

TEST_CASE("explore: without budgets there is one path", "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("pair.toml", kExplored);
    const Ran ran = vrrplab("explore --until 6s " + file);
    INFO(ran.output);
    CHECK(ran.status == 0);
    CHECK(tells(ran.output, file + ": 0 losses, 0 crashes, 0 reorders, until 6s: all held\n"
                                   "          1  path with nothing out of the ordinary\n1 path in "));
    CHECK(tells(ran.output, ", which is all: all held\n"));
}

TEST_CASE("explore: with one loss there is a path for each advertisement, and one", "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("pair.toml", kExplored);
    for (const auto& [until, advertisements] : {std::pair{"3s", 0}, {"3.5s", 1}, {"6s", 3}, {"10.5s", 8}}) {
        const nlohmann::json result = explored(fmt::format("--losses 1 --until {} {}", until, file));
        CHECK(result["paths"] == advertisements + 1);
        CHECK(result["exhausted"] == true);
    }
}

TEST_CASE("explore: a vrrpd may crash before each deadline and each advertisement, and come back or not",
          "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("pair.toml", kExplored);
    // r1's deadlines at 3.4, 4.4 and 5.4 s, and what r2 hears after each.
    CHECK(explored("--crashes 1 --until 6s " + file)["paths"] == 1 + 2 * 6);
    CHECK(explored("--crashes 1 --losses 1 --until 3.5s " + file)["by_turns"] ==
          nlohmann::json::array({1, 2 * 2 + 1}));
}

TEST_CASE(
    "explore: two losses that matter together are found among all others, and what is kept fails by itself",
    "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("two.toml", kTwoMatter), kept = (scratch.path / "kept").string();
    CHECK(explored("--losses 1 --until 9s " + file)["violated"] == 0);
    const Ran ran = vrrplab("explore --losses 2 --until 9s --keep " + kept + " " + file);
    INFO(ran.output);
    CHECK(ran.status == 1);
    CHECK(tells(ran.output, "1 violated"));
    CHECK(tells(ran.output,
                "choices: lan/r1.eth0/advertisement 1 = 1 of 2; lan/r1.eth0/advertisement 2 = 1 of 2"));
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(kept))
        files.push_back(entry.path());
    REQUIRE(files.size() == 1);
    CHECK(tells(ran.output, "reproduce vrrplab sim " + files[0].string()));
    const Ran alone = vrrplab("sim -q " + files[0].string());
    INFO(alone.output);
    CHECK(alone.status == 1);
    CHECK(tells(alone.output, "r2 is master of 51"));
    CHECK(tells(vrrplab("sim " + files[0].string()).output, "loses an advertisement on lan"));
    const std::string text = Scratch::read(files[0]);
    INFO(text);
    CHECK(tells(text, "Found by vrrplab explore --losses 2 --crashes 0 --reorders 0 --until 9s " + file +
                          ", path "));
    CHECK_FALSE(tells(text, "r1 is master of 51")); // the story's own expectation
    // Without one of the two it holds.
    std::string fewer = text;
    fewer.replace(fewer.find("advertisement 2 ="), 15, "advertisement 9");
    CHECK(vrrplab("sim -q " + scratch.write("fewer.toml", fewer)).status == 0);
}

TEST_CASE("explore: a violation of an invariant ends its path, and its exit status is 1", "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("bad.toml", pair_of("-p 150 -a pw/one", "-a pw/two"));
    const Ran ran = vrrplab("explore --until 60s --losses 1 " + file);
    INFO(ran.output);
    CHECK(ran.status == 1);
    CHECK(tells(ran.output, "two_masters: paths 1, 2, 3, 4, 5"));
    CHECK(tells(ran.output, "choices: none"));
    CHECK(tells(ran.output, "expected  the invariant 'two_masters'"));
    const nlohmann::json result = explored("--until 60s --losses 1 " + file);
    CHECK(result["violated"] == result["paths"]);
    CHECK(result["paths"] < 10); // of the first seconds
}

TEST_CASE("explore: the result is the same with one job and with several, and so is that of a part",
          "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("two.toml", kTwoMatter);
    for (const char* arguments : {" --losses 3 --crashes 1 ", " --losses 3 --crashes 1 --limit 700 "}) {
        const std::string all = std::string(" -q --json - --until 9s") + arguments + file;
        const Ran one = vrrplab("explore --jobs 1" + all);
        CHECK(one.output == vrrplab("explore --jobs 5" + all).output);
        CHECK(one.status == 1);
    }
}

TEST_CASE("explore: a limit leaves paths out, and that is said", "[unsanitized]") {
    const Scratch scratch;
    const std::string file = scratch.write("pair.toml", kExplored);
    const Ran ran = vrrplab("explore --losses 2 --until 9s --limit 5 " + file);
    INFO(ran.output);
    CHECK(ran.status == 0);
    CHECK(tells(ran.output, "NOT EXHAUSTED"));
    CHECK(tells(ran.output, "5 paths in "));
    CHECK(tells(ran.output, ", which are not all: all held\n"));
    const nlohmann::json part = explored("--losses 2 --until 9s --limit 5 " + file);
    CHECK(part["exhausted"] == false);
    CHECK(part["by_turns"] == nlohmann::json::array({1, 4}));
    CHECK(explored("--losses 9 --crashes 9 --until 20s --for 1ms " + file)["exhausted"] == false);
}

TEST_CASE("explore: wrong input gets one line, and nothing is written", "[unsanitized]") {
    const Scratch scratch;
    const std::string good = scratch.write("good.toml", kExplored), json = (scratch.path / "r.json").string();
    const std::string broken = scratch.write("broken.toml", kExplored + "[chaos]\nfaults = \"meteor\"\n");
    const std::string empty =
        scratch.write("empty.toml", kNoNetwork + "[host.pc]\neth0 = \"lan 10.16.1.50\"\n");
    struct Row {
        std::string arguments, error;
    };
    const std::string budget = "is no whole number from 0 to 16\n";
    for (const Row& row :
         {Row{"--losses x " + good, "vrrplab: --losses: 'x' " + budget},
          Row{"--losses 17 " + good, "vrrplab: --losses: '17' " + budget},
          Row{"--crashes=-1 " + good, "vrrplab: --crashes: '-1' " + budget},
          Row{"--reorders 1.5 " + good, "vrrplab: --reorders: '1.5' " + budget},
          Row{"--limit 0 " + good,
              "vrrplab: --limit: '0' is no whole number from 1 to 18446744073709551615\n"},
          Row{"--until 0s " + good,
              "vrrplab: --until: '0s' is no time such as 20s or 500ms, of a day at most\n"},
          Row{"--until soon " + good,
              "vrrplab: --until: 'soon' is no time such as 20s or 500ms, of a day at most\n"},
          Row{"--for 2 " + good, "vrrplab: --for: '2' is no time such as 20s or 500ms, of a day at most\n"},
          Row{broken, broken + ":11:10: no kind of fault 'meteor'\n"},
          Row{"/nowhere.toml", "/nowhere.toml: cannot be read, or is empty\n"},
          Row{empty, empty + ": no router runs vrrpd there\n"},
          Row{"--keep " + good + " " + good, "vrrplab: " + good + ": Not a directory\n"}}) {
        const Ran ran = vrrplab("explore --json " + json + " " + row.arguments);
        INFO(row.arguments);
        CHECK(ran.status == 2);
        CHECK(ran.output == row.error);
        CHECK_FALSE(std::filesystem::exists(json));
    }
}

TEST_CASE("an advertisement that a list loses is not heard, and that is a fault in the journal",
          "[unsanitized]") {
    MishapPair pair({{"lan/r2.eth0/advertisement", 1, 1, 2}, {"lan/r2.eth0/advertisement", 3, 1, 2}});
    pair.world.run_until(kStart + 7s);
    CHECK(pair.second->router()->virtual_routers()[0].counters().advertisements_received == 2);
    CHECK(pair.faults() == std::vector<std::string>{"4.414072 r2: loses an advertisement on lan",
                                                    "6.414072 r2: loses an advertisement on lan"});
}

TEST_CASE("a vrrpd that a list crashes at its deadline has not woken at it, and comes back where it shall",
          "[unsanitized]") {
    MishapPair pair({{"r1/vrrpd 1/crash", 2, 1, 3}});
    pair.world.run_until(kStart + 5s);
    CHECK(MishapPair::leads(*pair.first));
    pair.world.run_until(kStart + 6s);
    CHECK_FALSE(pair.first->running());
    CHECK(pair.faults() ==
          std::vector<std::string>{"5.414062 r1: vrrpd of 51 crashes, and is started again"});
    pair.world.run_until(kStart + 6500ms);
    CHECK(pair.first->running());
    CHECK_FALSE(MishapPair::leads(*pair.first));
}

TEST_CASE(
    "a vrrpd that a list crashes when it would hear an advertisement has not heard it, and may stay away",
    "[unsanitized]") {
    MishapPair pair({{"r2/vrrpd 1/crash", 1, 2, 3}});
    pair.world.run_until(kStart + 4s);
    CHECK(pair.second->running());
    pair.world.run_until(kStart + 60s);
    CHECK_FALSE(pair.second->running());
    CHECK(pair.faults() == std::vector<std::string>{"4.414072 r2: vrrpd of 51 crashes"});
}

TEST_CASE("a master that crashes before it hears the better one is never backup again", "[unsanitized]") {
    // r2 misses r1's first advertisement and becomes master; r1's answer would send it back.
    const std::vector<Pick> missed{{"lan/r2.eth0/advertisement", 0, 1, 2}};
    const auto became_backup = [](const MishapPair& pair) {
        return std::ranges::count_if(pair.world.journal().records(), [](const Record& record) {
            return record.who == "r2" && tells(to_text(record), "master -> backup");
        });
    };
    MishapPair alive(missed);
    alive.world.run_until(kStart + 5s);
    CHECK(became_backup(alive) == 1);
    std::vector<Pick> picks = missed;
    picks.push_back({"r2/vrrpd 1/crash", 1, 2, 3});
    MishapPair crashed(picks);
    crashed.world.run_until(kStart + 5s);
    CHECK(became_backup(crashed) == 0);
    CHECK(crashed.faults().back() == "3.609395 r2: vrrpd of 51 crashes");
}
