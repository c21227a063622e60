// vrrplab diff, as it is called.
#include "tests/sim/vrrplab_runs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

using namespace vrrp::test;
using Catch::Contains;

namespace {

std::string pair(const char* priority, const char* kill_at) {
    return fmt::format(
        "title = \"A pair\"\nends = \"12s\"\n[network.lan]\nsubnet = \"10.16.1.0/24\"\n"
        "[router.r1]\neth0 = \"lan 10.16.1.1\"\nrun = \"vrrpd -i eth0 -v 51 -p {} 10.16.1.200\"\n"
        "[router.r2]\neth0 = \"lan 10.16.1.2\"\nrun = \"vrrpd -i eth0 -v 51 10.16.1.200\"\n"
        "[[step]]\nat = \"{}\"\ndo = \"kill r1\"\n",
        priority, kill_at);
}

// The journal of a run, as a file.
std::string journal(const Scratch& scratch, const std::string& name, const std::string& scenario) {
    const std::string file = scratch.write(name + ".toml", scenario),
                      json = (scratch.path / (name + ".json")).string();
    REQUIRE(vrrplab("sim -q --json " + json + " " + file).status < 2);
    return json;
}

// As atropos tells it: of one machine, whose name is not said, and by another clock.
std::string as_told_live(const Scratch& scratch, const std::string& json, const std::string& machine) {
    std::istringstream lines(Scratch::read(json));
    std::string told = "{\"virtual_routers\":[]}\n";
    for (std::string line; std::getline(lines, line);) {
        const std::string name = fmt::format("\"machine\":\"{}\",\"time\":", machine);
        const std::size_t at = line.find(name);
        if (at == std::string::npos) continue;
        told += line.replace(at, name.size(), "\"time\":7") + "\n"; // one more digit in front
    }
    return scratch.write("live.json", told);
}

} // namespace

TEST_CASE("diff: two runs of one scenario are alike") {
    const Scratch scratch;
    const std::string a = journal(scratch, "a", pair("150", "6s")),
                      b = journal(scratch, "b", pair("150", "6s"));
    const Ran ran = vrrplab("diff " + a + " " + b);
    CHECK(ran.status == 0);
    CHECK(ran.output == "alike: the same decisions in both\n");
}

TEST_CASE("diff: the first decision that differs is shown with both reasons, and what led to it") {
    const Scratch scratch;
    const std::string a = journal(scratch, "a", pair("150", "6s")),
                      b = journal(scratch, "b", pair("90", "6s"));
    const Ran ran = vrrplab("diff " + a + " " + b);
    CHECK(ran.status == 1);
    CHECK_THAT(
        ran.output,
        Catch::StartsWith("r1 eth0 51 IPv4: decision 2 is the first that differs, after 3.414062 s\n") &&
            Contains(a + "\n     3.414062  r1     eth0 vrid 51: backup -> master: no master heard") &&
            Contains(b + "\n               decides nothing more there\n") &&
            Contains("before, in " + a + "\n     0.000000  r1     eth0 vrid 51: initialize -> backup"));
    const Ran other_way = vrrplab("diff " + b + " " + a);
    CHECK_THAT(other_way.output, Contains(b + "\n               decides nothing more there\n"));
}

TEST_CASE("diff: a decision that comes at another time differs, unless by no more than is said") {
    const Scratch scratch;
    const std::string a = journal(scratch, "a", pair("150", "6s")),
                      b = journal(scratch, "b", pair("150", "7.5s"));
    const std::string both = a + " " + b;
    CHECK(vrrplab("diff " + both).status == 1);
    CHECK(vrrplab("diff --within 500ms " + both).status == 1);
    CHECK(vrrplab("diff --within 2500ms " + both).status == 0);
}

TEST_CASE("diff: what atropos tells of one machine is compared with what the simulator tells of it") {
    const Scratch scratch;
    const std::string a = journal(scratch, "a", pair("150", "6s"));
    const std::string live = as_told_live(scratch, a, "r2"), both = a + " " + live;
    const Ran unnamed = vrrplab("diff " + both);
    CHECK(unnamed.status == 2);
    CHECK(unnamed.output ==
          "vrrplab: " + live + " names no machine: say of which one it is: --machine NAME\n");
    CHECK(vrrplab("diff --machine r1 " + both).status == 1);
    CHECK(vrrplab("diff --machine r2 --from 'backup -> master' " + both).status == 0);
}

TEST_CASE("diff: what cannot be compared is refused in one line") {
    const Scratch scratch;
    const std::string good = journal(scratch, "good", pair("150", "6s"));
    const std::string empty = scratch.write("empty", ""), text = scratch.write("text", "{}\nnot json\n");
    const struct {
        std::string arguments, why;
    } rows[] = {
        {good + " " + empty, empty + ":1: no decision: it is no journal of vrrplab sim --json or atropos"},
        {text + " " + good, text + ":2: this is no JSON object"},
        {good + " /no/such/file", "/no/such/file: cannot be read"},
        {"--machine r9 " + good + " " + good,
         "vrrplab: --machine r9: " + good + " has no machine of that name"},
        {"--from nonsense " + good + " " + good, "vrrplab: --from 'nonsense': no decision in " + good},
        {"--within soon " + good + " " + good, "vrrplab: --within 'soon': write a time, such as 50ms"},
        {good, "vrrplab: B is required"},
    };
    for (const auto& [arguments, why] : rows) {
        INFO(arguments);
        const Ran ran = vrrplab("diff " + arguments);
        CHECK(ran.status == 2);
        CHECK_THAT(ran.output, Catch::StartsWith(why));
        CHECK(std::ranges::count(ran.output, '\n') == 1);
    }
}
