// What real routers decide, beside what the simulator decides.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

TEST_CASE("a backup decides on real interfaces as in the simulator: vrrplab diff finds no difference") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string better = "-i eth0 -v 5 --protocol 3 -p 150 10.99.0.254",
                      lesser = "-i eth0 -v 5 --protocol 3 10.99.0.254";
    const std::filesystem::path scenario = pair.files.path() / "pair.toml",
                                simulated = pair.files.path() / "simulated.json",
                                live = pair.files.path() / "live.json";
    std::ofstream(scenario)
        << "title = \"A pair\"\nends = \"30s\"\n[network.lan]\nsubnet = \"10.99.0.0/24\"\n"
           "[router.r1]\neth0 = \"lan 10.99.0.1\"\nrun = \"vrrpd " +
               better + "\"\n" + "[router.r2]\neth0 = \"lan 10.99.0.2\"\nrun = \"vrrpd " + lesser + "\"\n" +
               "[[step]]\nat = \"10s\"\ndo = \"kill r1\"\nexpect = \"r2 is master of 5 within 4s\"\n"
               "[[step]]\nat = \"14.1s\"\ndo = \"start r1\"\nexpect = \"r1 is master of 5 within 4s\"\n";
    const std::string vrrplab = std::string(kVrrplabBinary) + " ";
    REQUIRE(run_command(vrrplab + "sim -q --json " + simulated.string() + " " + scenario.string()).status ==
            0);

    pair.r1.start(better);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    pair.r2.start(lesser);
    REQUIRE(await(10s, [&] { return pair.r2.is("backup") && !pair.r2.state()["master"].is_null(); }));
    const Process watch(pair.r2.space(),
                        {kAtroposBinary, "--watch", "--json", "-f", pair.r2.directory().string()});
    REQUIRE(await(10s, [&] { return !watch.output().empty(); }));
    pair.r1.process().signal(SIGKILL);
    REQUIRE(await(10s, [&] { return pair.r2.is("master"); }));
    pair.r1.start(better);
    REQUIRE(await(10s, [&] { return pair.r1.is("master") && pair.r2.is("backup"); }));
    const auto told = [&] {
        std::ofstream(live) << watch.output();
        return run_command(vrrplab + "diff --machine r2 --from 'backup -> master' --within 10s " +
                           simulated.string() + " " + live.string());
    };
    const bool alike = await(10s, [&] { return told().status == 0; });
    INFO(told().output);
    CHECK(alike);
}
