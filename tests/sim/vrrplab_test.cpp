#include "tests/sim/vrrplab_runs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace vrrp::test;

namespace {

const std::string kScenario = SCENARIOS "/split_brain/partition_heals.toml";

constexpr const char* kHopeless = "title = 'Hopeless'\nabout = 'x'\n[network.lan]\nsubnet = '10.0.0.0/24'\n"
                                  "[router.r]\neth0 = 'lan 10.0.0.1'\nrun = 'vrrpd -i eth0 -v 1 10.0.0.9'\n"
                                  "[[step]]\nat = '1s'\nexpect = 'r is master of 1'\n";

} // namespace

TEST_CASE("two processes with the same seed write the same journal") {
    const Ran first = vrrplab("sim --quiet --seed 3 --json - " + kScenario);
    CHECK(first.status == 0);
    CHECK(first.output.find("\"kind\":\"result\"") != std::string::npos);
    CHECK(first.output == vrrplab("sim --quiet --seed 3 --json - " + kScenario).output);
}

TEST_CASE("exit status: 0 all is well, 1 an expectation failed, 2 wrong input") {
    const Scratch scratch;
    CHECK(vrrplab("sim " + kScenario).status == 0);
    CHECK(vrrplab("test " + scratch.write("hopeless.toml", kHopeless)).status == 1);
    CHECK(vrrplab("test " + scratch.write("broken.toml", "title = ")).status == 2);
    CHECK(vrrplab("sim /nowhere.toml").status == 2);
    CHECK(vrrplab("sim --sede 1 " + kScenario).status == 2);
    CHECK(vrrplab("sim --seed -1 " + kScenario).status == 2);
    CHECK(vrrplab("sim --seed 99999999999999999999 " + kScenario).status == 2);
    CHECK(vrrplab("").status == 2);
}

TEST_CASE("wrong usage gets one line that says what was wrong") {
    for (const auto& [arguments, why] :
         {std::pair("frob", "vrrplab: The following argument was not expected: frob"),
          std::pair("", "vrrplab: a command such as sim or test is required"),
          std::pair("sim", "vrrplab: FILE is required (vrrplab sim --help"),
          std::pair("sim --seed x f", "vrrplab: --seed: 'x' is no seed: a whole number")}) {
        const Ran ran = vrrplab(arguments);
        CHECK(ran.status == 2);
        CHECK_THAT(ran.output, Catch::StartsWith(why));
        CHECK(std::ranges::count(ran.output, '\n') == 1);
    }
}

TEST_CASE("nothing to test is an error") {
    const Scratch scratch;
    const Ran ran = vrrplab("test " + scratch.path.string());
    CHECK(ran.status == 2);
    CHECK(ran.output.find("no scenario") != std::string::npos);
}

TEST_CASE("a failure ends with the command that shows it again") {
    const Scratch scratch;
    const std::string file = scratch.write("hopeless.toml", kHopeless);
    const Ran ran = vrrplab("test --seed 9 " + file);
    CHECK(ran.output.find("reproduce vrrplab sim --seed 9 " + file) != std::string::npos);
}

TEST_CASE("directories are searched, in the order of names, and every scenario gets a line") {
    const Scratch scratch;
    scratch.write("b.toml", kHopeless);
    scratch.write("a.toml", kHopeless);
    const Ran ran = vrrplab("test " + scratch.path.string());
    CHECK(ran.output.find("a.toml") < ran.output.find("b.toml"));
    CHECK(ran.output.find("2 scenarios: 0 passed, 2 failed") != std::string::npos);
}

TEST_CASE("results are written whole: JUnit and JSON") {
    const Scratch scratch;
    const std::string file = scratch.write("hopeless.toml", kHopeless);
    const std::string junit = (scratch.path / "r.xml").string(), json = (scratch.path / "r.json").string();
    vrrplab("test --junit " + junit + " --json " + json + " " + file);
    CHECK(Scratch::read(junit).find("<testsuite name=\"vrrplab\" tests=\"1\" failures=\"1\" errors=\"0\"") !=
          std::string::npos);
    CHECK(Scratch::read(json).find("\"passed\":false") != std::string::npos);
    std::size_t left = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch.path))
        ++left;
    CHECK(left == 3); // the scenario and the two results: no temporary file
}

TEST_CASE("standard output has the objects or the results alone, when they go there") {
    const Scratch scratch;
    const std::string file = scratch.write("hopeless.toml", kHopeless);
    for (const std::string& command :
         {"sim --json - " + kScenario, "test --json - " + kScenario, "test --json - " + file}) {
        const std::string output = vrrplab(command, "2>/dev/null").output;
        std::istringstream lines(output);
        std::size_t objects = 0;
        for (std::string line; std::getline(lines, line); ++objects)
            CHECK(nlohmann::json::accept(line));
        CHECK(objects > 2);
    }
    const std::string junit = vrrplab("test --junit - " + file, "2>/dev/null").output;
    CHECK(junit.starts_with("<?xml"));
    CHECK(junit.ends_with("</testsuite>\n"));
    CHECK(vrrplab("test --junit - --json - " + file).status == 2);
}

TEST_CASE("what could not be run is told in the results too, and the others are run") {
    const Scratch scratch;
    const std::string junit = (scratch.path / "r.xml").string(), json = (scratch.path / "r.json").string();
    const std::string broken = scratch.write("a\x01<.toml", "title = ");
    const std::string hopeless = scratch.write("b.toml", kHopeless);
    CHECK(vrrplab("test --junit " + junit + " --json " + json + " '" + broken + "' " + hopeless).status == 2);
    CHECK(Scratch::read(json).find("\"kind\":\"error\"") != std::string::npos);
    CHECK(Scratch::read(json).find("\"kind\":\"result\"") != std::string::npos);
    CHECK(Scratch::read(junit).find("errors=\"1\"") != std::string::npos);
    CHECK(Scratch::read(junit).find("a?&lt;.toml") != std::string::npos);
    CHECK(Scratch::read(junit).find("<failure message=\"r is master of 1; seen: r is backup") !=
          std::string::npos);
}

TEST_CASE("a result goes into a pipe and through a link, and replaces neither") {
    const Scratch scratch;
    const std::string pipe = (scratch.path / "pipe").string(), link = (scratch.path / "link").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const Ran ran = vrrplab("sim --quiet --json " + pipe + " " + kScenario + " & timeout 5 cat " + pipe);
    CHECK(ran.output.find("\"kind\":\"result\"") != std::string::npos);
    CHECK(std::filesystem::is_fifo(pipe));

    const std::string file = scratch.write("r.json", "before");
    std::filesystem::create_symlink(file, link);
    CHECK(vrrplab("sim --quiet --json " + link + " " + kScenario).status == 0);
    CHECK(std::filesystem::is_symlink(link));
    CHECK(Scratch::read(file).find("\"kind\":\"result\"") != std::string::npos);
}

TEST_CASE("text that standard output does not take is an error") {
    for (const std::string command : {"sim ", "sim --json - ", "test "})
        CHECK(vrrplab(command + kScenario, ">/dev/full 2>/dev/null").status == 2);
    CHECK(vrrplab("verbs", ">/dev/full 2>/dev/null").status == 2);
}

TEST_CASE("a result that cannot be written is an error") {
    CHECK(vrrplab("sim --quiet --json /nowhere/r.json " + kScenario).status == 2);
}

TEST_CASE("the manual lists what a scenario can do") {
    const Ran ran = vrrplab("verbs");
    CHECK(ran.status == 0);
    CHECK(ran.output.find("unplug MACHINE INTERFACE") != std::string::npos);
    CHECK(ran.output.find("two_masters") != std::string::npos);
}
