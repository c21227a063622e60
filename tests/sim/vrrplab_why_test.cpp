// vrrplab why, as it is called, and the futures that it asks for.
#include "netsim/chaos/futures.hpp"
#include "netsim/world.hpp"
#include "tests/sim/vrrplab_runs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace vrrp;
using namespace vrrp::test;
using Catch::Contains;

namespace {

std::string story(const std::string& steps) {
    return "title = \"A pair\"\nends = \"20s\"\n[network.lan]\nsubnet = \"10.16.1.0/24\"\n"
           "[router.r1]\neth0 = \"lan 10.16.1.1\"\nrun = \"vrrpd -i eth0 -v 51 -p 150 10.16.1.200\"\n"
           "[router.r2]\neth0 = \"lan 10.16.1.2\"\nrun = \"vrrpd -i eth0 -v 51 10.16.1.200\"\n" +
           steps;
}

std::string step(const char* at, const char* what) {
    return fmt::format("[[step]]\nat = \"{}\"\ndo = \"{}\"\n", at, what);
}

const std::string kExpectation = "[[step]]\nat = \"18s\"\nexpect = \"r1 is master of 51\"\n";

} // namespace

TEST_CASE("why: it becomes inevitable with the step that causes it, whatever happens beside it",
          "[unsanitized]") {
    const Scratch scratch;
    const std::string file =
        scratch.write("a.toml", story(step("6s", "lose 10% on lan") + step("8s", "unplug r2 eth0") +
                                      step("9s", "kill r1") + step("10s", "plug r2 eth0") + kExpectation));
    const std::string json = (scratch.path / "a.json").string();
    const Ran ran = vrrplab("why --futures 50 --json " + json + " " + file);
    INFO(ran.output);
    CHECK(ran.status == 1);
    CHECK_THAT(ran.output, Catch::StartsWith("r1 runs no vrrpd\n") &&
                               Contains("\nInevitable from 9.000000 s on: ") &&
                               Contains(" of 50 before.\n  kill r1\n"));
    std::istringstream lines(Scratch::read(json));
    nlohmann::json last;
    unsigned moments = 0;
    for (std::string one; std::getline(lines, one);) {
        last = nlohmann::json::parse(one);
        moments += last["kind"] == "moment" ? 1 : 0;
    }
    CHECK(moments > 10);
    CHECK(last["kind"] == "knee");
    CHECK(last["time"] == 9000000000);
    CHECK(last["failed"] == 50);
    CHECK(last["failed_before"] > 10); // in half of the futures r1 is killed later all the same
    CHECK(last["failed_before"] < 40);
    CHECK(last["what"] == nlohmann::json::array({"kill r1"}));
    CHECK(vrrplab("why --futures 50 --jobs 1 " + file).output == ran.output);
}

TEST_CASE("why: what chance decides alone is found, too", "[unsanitized]") {
    const Scratch scratch;
    const std::string file =
        scratch.write("a.toml", "seed = 3\n" + story("[[step]]\nat = \"6s\"\ndo = \"lose 40% on lan\"\n"
                                                     "expect = \"r2 is never master of 51\"\n"));
    const Ran ran = vrrplab("why --futures 50 " + file);
    INFO(ran.output);
    CHECK(ran.status == 1);
    CHECK_THAT(ran.output, Contains("\nInevitable from ") && Contains("  lan/r1.eth0/loss "));
}

TEST_CASE("why: what no step changes was inevitable from the beginning", "[unsanitized]") {
    const Scratch scratch;
    const std::string file =
        scratch.write("a.toml", story("[[step]]\nat = \"5s\"\nexpect = \"r2 is master of 51\"\n"));
    CHECK_THAT(vrrplab("why --futures 10 " + file).output, Contains("\nInevitable from the beginning: "));
}

TEST_CASE("why: a scenario that passes has nothing to explain, and one that cannot be run says why",
          "[unsanitized]") {
    const Scratch scratch;
    const std::string good = scratch.write("good.toml", story(kExpectation));
    CHECK(vrrplab("why " + good).status == 0);
    CHECK(vrrplab("why --seed 1 " + good).status == 0);
    for (const std::string& wrong :
         {std::string("/no/such/file"), "--futures 9 " + good, "--seed x " + good}) {
        const Ran ran = vrrplab("why " + wrong);
        CHECK(ran.status == 2);
        CHECK(std::ranges::count(ran.output, '\n') == 1);
    }
}

TEST_CASE("forked choices are the old ones until the fork, that moment included, and others from then on",
          "[unsanitized]") {
    using namespace std::chrono_literals;
    sim::SeededChoices alone(1), before(1), later(2);
    sim::ForkedChoices forked(before, sim::kStart + 1s, 2);
    sim::World world(forked);
    const auto is_of = [&](sim::Choices& other) {
        return forked.pick(forked.stream("a"), 1000000) == other.pick(other.stream("a"), 1000000);
    };
    const auto skip = [](sim::Choices& other) { (void)other.pick(other.stream("a"), 1000000); };
    CHECK(is_of(alone));
    world.run_until(sim::kStart + 1s);
    CHECK(is_of(alone));
    world.run_until(sim::kStart + 2s);
    skip(later), skip(later);
    CHECK(is_of(later));
}
