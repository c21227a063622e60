// vrrplab sweep, merge and shrink, as they are called.
#include "tests/sim/vrrplab_runs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace vrrp::test;

namespace {

const std::string kNetwork = "title = \"A pair\"\n[network.lan]\nsubnet = \"10.16.1.0/24\"\n";
std::string router(const std::string& name, const std::string& number, const std::string& options) {
    return fmt::format(
        "[router.{}]\neth0 = \"lan 10.16.1.{}\"\nrun = \"vrrpd -i eth0 -v 51 {} 10.16.1.200\"\n", name,
        number, options);
}
const std::string kGood = kNetwork + router("r1", "1", "-p 150") + router("r2", "2", "");
const std::string kBad = kNetwork + router("r1", "1", "-p 150 -a pw/one") + router("r2", "2", "-a pw/two");

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

bool contains(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

// Without the line that says how long it took.
std::string without_time(const std::string& text) {
    const std::size_t at = text.rfind(" worlds in ");
    return at == std::string::npos ? text : text.substr(0, text.rfind('\n', at) + 1);
}

} // namespace

TEST_CASE("sweep: exit status 0 where all held, 1 where something was violated, 2 where it cannot be run") {
    const Scratch scratch;
    const std::string good = scratch.write("good.toml", kGood), bad = scratch.write("bad.toml", kBad);
    const Ran held = vrrplab("sweep --seeds 1..50 " + good);
    INFO(held.output);
    CHECK(held.status == 0);
    CHECK(first_line(held.output) == good + ": 50 worlds, seeds 1..50: all held");
    const Ran violated = vrrplab("sweep --seeds 1..5 " + good + " " + bad);
    INFO(violated.output);
    CHECK(violated.status == 1);
    CHECK(contains(violated.output, bad + ": 5 worlds, seeds 1..5: 5 violated"));
    CHECK(contains(violated.output, "5  two_masters: seeds 1, 2, 3, 4, 5"));
    CHECK(contains(violated.output, "again: vrrplab sweep --seeds 1 " + bad));
    CHECK(contains(violated.output, "expected  the invariant 'two_masters'"));
}

TEST_CASE("sweep: wrong input gets one line with the place, and nothing is written") {
    const Scratch scratch;
    const std::string good = scratch.write("good.toml", kGood), json = (scratch.path / "r.json").string();
    const std::string broken = scratch.write("broken.toml", kGood + "[chaos]\nfaults = \"meteor\"\n");
    const std::string empty =
        scratch.write("empty.toml", kNetwork + "[host.pc]\neth0 = \"lan 10.16.1.50\"\n");
    struct Row {
        std::string arguments, error;
    };
    for (const Row& row :
         {Row{good + " " + broken, broken + ":11:10: no kind of fault 'meteor'\n"},
          Row{"/nowhere.toml", "/nowhere.toml: cannot be read, or is empty\n"},
          Row{empty, empty + ": there is nothing that may be struck: a router that runs vrrpd, and "
                             "what [chaos] names\n"},
          Row{"--seeds 5..1 " + good, "vrrplab: --seeds: '5..1' is no range such as 1..1000, nor a seed\n"},
          Row{"--seeds x " + good, "vrrplab: --seeds: 'x' is no range such as 1..1000, nor a seed\n"},
          Row{"--shard 3/2 " + good, "vrrplab: --shard: '3/2' is no shard such as 1/4, the first of four\n"},
          Row{"--shrink " + good, "vrrplab: --shrink says how --keep DIR writes: say where\n"},
          Row{"--junit - " + good + " --json -",
              "vrrplab: --junit and --json cannot both go to standard output\n"}}) {
        const Ran ran = vrrplab("sweep --json " + json + " " + row.arguments);
        INFO(row.arguments);
        CHECK(ran.status == 2);
        if (!contains(row.arguments, "--json -")) CHECK(ran.output == row.error);
        CHECK_FALSE(std::filesystem::exists(json));
    }
}

TEST_CASE("sweep: the result is the same with one job and with several") {
    const Scratch scratch;
    const std::string bad = scratch.write("bad.toml", kBad), good = scratch.write("good.toml", kGood);
    const std::string arguments = " -q --seeds 1..60 " + bad + " " + good;
    CHECK(without_time(vrrplab("sweep --jobs 1" + arguments).output) ==
          without_time(vrrplab("sweep --jobs 4" + arguments).output));
    CHECK(vrrplab("sweep --jobs 1 --json -" + arguments).output ==
          vrrplab("sweep --jobs 3 --json -" + arguments).output);
}

TEST_CASE("sweep: shards, merged, are what one sweep would have been, and none may be missing") {
    const Scratch scratch;
    const std::string bad = scratch.write("bad.toml", kBad), good = scratch.write("good.toml", kGood);
    const std::string files = bad + " " + good;
    std::string shards;
    for (int i = 1; i <= 3; ++i) {
        const std::string json = (scratch.path / fmt::format("{}.json", i)).string();
        const Ran ran =
            vrrplab(fmt::format("sweep -q --seeds 10..29 --shard {}/3 --json {} {}", i, json, files));
        CHECK(ran.status == 1);
        if (i == 3) CHECK(contains(ran.output, bad + ": 6 worlds, seeds 10..29, shard 3/3: 6 violated"));
        if (i == 3)
            CHECK(vrrplab("merge" + shards).output ==
                  "vrrplab: " + bad + ", seeds 10..29: shard 3/3 is missing\n");
        if (i == 3) CHECK(vrrplab("merge" + shards).status == 2);
        shards += " " + json;
    }
    const Ran whole = vrrplab("sweep -q --seeds 10..29 " + files), merged = vrrplab("merge" + shards);
    CHECK(merged.status == 1);
    CHECK(merged.output == without_time(whole.output) + "40 worlds: 20 violated\n");
    const Ran twice = vrrplab("merge" + shards + " " + (scratch.path / "2.json").string());
    CHECK(twice.status == 2);
    CHECK(twice.output == "vrrplab: " + bad + ", seeds 10..29: shard 2/3 is there twice\n");
}

TEST_CASE("merge: what is no result is refused with its line") {
    const Scratch scratch;
    const std::string text = scratch.write("text.json", "{\"kind\": \"result\", \"file\": \"x\"}\n");
    CHECK(vrrplab("merge " + text).output == text + ":1: no line of vrrplab sweep --json\n");
    CHECK(vrrplab("merge " + scratch.write("no.json", "nothing\n")).status == 2);
    CHECK(vrrplab("merge " + scratch.write("empty.json", "")).output ==
          (scratch.path / "empty.json").string() + ":1: it is empty\n");
    CHECK(vrrplab("merge /nowhere.json").output == "vrrplab: /nowhere.json: cannot be read\n");
}

TEST_CASE("sweep: JUnit has a test for each invariant and each kind of violation") {
    const Scratch scratch;
    const std::string bad = scratch.write("bad.toml", kBad);
    const std::string xml = vrrplab("sweep --seeds 1..3 --junit - " + bad, "2>/dev/null").output;
    INFO(xml);
    CHECK(contains(xml, "name=\"two_masters\""));
    CHECK(contains(xml, "<failure message=\"3 of 3 worlds; r1 and r2 have both been master of 51"));
    CHECK(contains(xml, "name=\"split_group\" time=\"0.000000\"/>"));
}

TEST_CASE("sweep: what it keeps fails by itself, and shrunk is small") {
    const Scratch scratch;
    const std::string bad = scratch.write("bad.toml", kBad), kept = (scratch.path / "kept").string(),
                      small = (scratch.path / "small").string();
    CHECK(vrrplab("sweep -q --seeds 3..4 --keep " + kept + " " + bad).status == 1);
    const std::string file = kept + "/bad_two_masters_seed_3.toml";
    const Ran alone = vrrplab("sim -q " + file);
    INFO(alone.output);
    CHECK(alone.status == 1);
    CHECK(contains(alone.output, "the invariant 'two_masters'"));
    CHECK(vrrplab("sweep -q --seeds 3 --shrink --keep " + small + " " + bad).status == 1);
    const std::string text = Scratch::read(small + "/bad_two_masters_seed_3.toml");
    INFO(text);
    CHECK(first_line(text) == "title = \"Violates two_masters, of 51\"");
    CHECK(contains(text, "Found by vrrplab sweep --seeds 3 " + bad));
    CHECK_FALSE(contains(text, "do = "));
    CHECK(vrrplab("test " + small).status == 1);
}

TEST_CASE("shrink: writes what fails, says where nothing does, and refuses what it cannot read") {
    const Scratch scratch;
    const std::string bad = scratch.write("bad.toml", kBad), good = scratch.write("good.toml", kGood),
                      small = (scratch.path / "small.toml").string();
    const Ran shrunk = vrrplab("shrink --seed 7 -o " + small + " " + bad);
    INFO(shrunk.output);
    CHECK(shrunk.status == 1);
    CHECK(contains(shrunk.output, "again: vrrplab sim " + small));
    CHECK(vrrplab("sim -q " + small).status == 1);
    CHECK(vrrplab("shrink " + small, "2>/dev/null").output.substr(0, 8) == "title = "); // once more, as it is
    CHECK(vrrplab("shrink --seed 7 " + good).status == 0);
    CHECK(vrrplab("shrink --seed 7 " + good).output ==
          good + ": all held with seed 7: there is nothing to shrink\n");
    CHECK(vrrplab("shrink /nowhere.toml").status == 2);
}
