// What atropos --metrics writes and vrrp_exporter answers, judged by Prometheus and its own tool.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace vrrp;
using namespace vrrp::live;

namespace {

// An exporter of a user who may only read.
const std::string kUnprivileged = "setpriv --reuid 4242 --regid 4242 --groups 7112 ";
const std::string kExporter = kUnprivileged + "vrrp_exporter";

// Ends a test visibly where it cannot run.
#define EXPORTER_OR_SKIP()                                                                                   \
    LIVE_OR_SKIP();                                                                                          \
    if (!kHasVrrpExporter) {                                                                                 \
        WARN("SKIPPED: vrrp_exporter is not built (Debian: prometheus-cpp-dev)");                            \
        return;                                                                                              \
    }

// r1 leads, and lets the group read; r2 does not run.
struct ReadableGateway : TwoSidedBed {
    ReadableGateway() {
        std::ofstream(r1.file("/etc/group")) << "watchers:x:7112:\n";
        sides = &groups.emplace_back(start_group(r1, "-p 150 --control-group watchers"));
        REQUIRE(await(kPatience, [&] { return r1.leads(); }));
    }
    std::string scrape() const { return r1.run("curl -sS -m 20 http://127.0.0.1:10112/metrics 2>&1").output; }
    bool scrape_has(const std::string& line) const { return scrape().find(line) != std::string::npos; }
    Sides* sides = nullptr;
};

std::string up(const char* instance, int value) {
    return "vrrp_up{socket=\"/run/vrrpd/vrrpd_" + std::string(instance) + ".sock\"} " + std::to_string(value);
}

// "name type" of each family but the exporter's own.
std::vector<std::string> families(const std::string& text) {
    std::vector<std::string> families;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("# TYPE vrrp_")) families.push_back(line.substr(7));
    std::ranges::sort(families);
    return families;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

// What the dashboard asks, with values for its variables.
std::vector<std::string> dashboard_questions() {
    std::ifstream file(SOURCE "/apps/grafana/vrrp.json");
    const auto dashboard = nlohmann::json::parse(file);
    std::vector<std::string> questions;
    for (const auto& panel : dashboard["panels"])
        for (const nlohmann::json& target : panel.value("targets", nlohmann::json::array()))
            questions.push_back(
                replaced(replaced(replaced(target["expr"], "$__rate_interval", "1m"), "$instance", ".*"),
                         "$interface", ".*"));
    return questions;
}

} // namespace

TEST_CASE("promtool finds no fault with the metrics, which are written whole") {
    LIVE_OR_SKIP();
    if (run_command("command -v promtool").status != 0) {
        WARN("SKIPPED: promtool is not installed (Debian: prometheus)");
        return;
    }
    TwoSidedBed bed;
    bed.start_groups();
    bed.r1.must("atropos --metrics --output /run/vrrp.prom");
    const CommandResult verdict = bed.r1.run("promtool check metrics < /run/vrrp.prom 2>&1");
    CHECK(verdict.output.empty());
    CHECK(verdict.status == 0);
    const std::string text = bed.r1.read("/run/vrrp.prom");
    CHECK_THAT(text, Catch::Contains(R"(vrrp_master{interface="eth0",vrid="51",family="IPv4"} 1)"));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_group_fit{group="M"} 1)"));
    // The node exporter is not root, and reads every *.prom.
    CHECK(bed.r1.must("stat -c %a /run/vrrp.prom") == "644\n");
    CHECK(bed.r1.must("ls /run | grep -c prom") == "1\n");
    for (const char* file : {"/proc/nowhere/vrrp.prom", "/run"}) {
        const CommandResult refused = bed.r1.run(std::string("atropos --metrics --output ") + file);
        CHECK(refused.status == 1);
        CHECK_THAT(refused.output, Catch::StartsWith(std::string("atropos: ") + file));
    }
    CHECK(bed.r1.must("ls /run | grep -c new || true") == "0\n");
}

TEST_CASE("the exporter tells the metrics of atropos, as a user who may only read") {
    EXPORTER_OR_SKIP();
    const ReadableGateway bed;
    Process& exporter = bed.r1.start(kExporter);
    REQUIRE(await(kPatience, [&] { return bed.scrape_has(up("eth1_52", 1)); }));
    const std::string text = bed.scrape();
    CHECK_THAT(text, Catch::Contains(R"(vrrp_master{interface="eth0",vrid="51",family="IPv4"} 1)"));
    CHECK_THAT(text, Catch::Contains(up("eth0_51", 1)));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_group_fit{group="M"} 1)"));
    CHECK(families(text).size() > 20);
    CHECK(families(text) == families(bed.r1.must("atropos --metrics")));
    CHECK(bed.r1.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:10112/").output == "404");
    CHECK(bed.r1.run("curl -s http://10.16.1.1:10112/metrics").status == 7); // nobody listens there
    if (bed.r1.run("command -v promtool").status == 0) {
        const CommandResult verdict = bed.r1.run(
            "curl -s http://127.0.0.1:10112/metrics | grep -v exposer_ | promtool check metrics 2>&1");
        CHECK(verdict.output.empty());
        CHECK(verdict.status == 0);
    }
    exporter.signal(SIGTERM);
    CHECK(exporter.wait(kPatience) == 0);
    CHECK(exporter.output().empty());
}

TEST_CASE(
    "a vrrpd that does not answer the exporter is down, and keeps nobody from being told of the others") {
    EXPORTER_OR_SKIP();
    const ReadableGateway bed;
    Process& exporter = bed.r1.start(kExporter);
    REQUIRE(await(kPatience, [&] { return bed.scrape_has(up("eth1_52", 1)); }));
    bed.sides->wan.signal(SIGSTOP);
    for (int time = 0; time < 2; ++time) {
        const std::string text = bed.scrape();
        CHECK_THAT(text, Catch::Contains(up("eth1_52", 0)));
        CHECK_THAT(text, Catch::Contains(up("eth0_51", 1)));
        CHECK_THAT(text, Catch::Contains("vrrp_processes_silent 1"));
        CHECK_THAT(text, Catch::Contains(R"(vrrp_state{interface="eth0",vrid="51",family="IPv4",state=)"));
        CHECK_THAT(text, !Catch::Contains(R"(vrrp_state{interface="eth1")"));
    }
    bed.sides->wan.signal(SIGCONT);
    CHECK(await(kPatience, [&] { return bed.scrape_has(up("eth1_52", 1)); }));
    CHECK(exporter.output() == "vrrp_exporter: /run/vrrpd/vrrpd_eth1_52.sock: Connection timed "
                               "out\nvrrp_exporter: every vrrpd answers "
                               "again\n");
}

TEST_CASE("an exporter that may not read, or finds no vrrpd, says so in its metrics") {
    EXPORTER_OR_SKIP();
    const ReadableGateway bed;
    Process& stranger = bed.r1.start("setpriv --reuid 4242 --regid 4242 --clear-groups vrrp_exporter");
    CHECK(await(kPatience, [&] { return bed.scrape_has("vrrp_up{socket=\"/run/vrrpd\"} 0"); }));
    CHECK(bed.scrape_has("vrrp_processes 0"));
    CHECK(stranger.output() == "vrrp_exporter: /run/vrrpd: Permission denied\n");
    bed.r1.start(kExporter + " -f /run/nowhere --listen 127.0.0.1:10113");
    CHECK(await(kPatience, [&] {
        const std::string text = bed.r1.run("curl -s http://127.0.0.1:10113/metrics").output;
        return text.find("vrrp_processes 0") != std::string::npos &&
               text.find("vrrp_processes_silent 0") != std::string::npos;
    }));
}

TEST_CASE("an exporter that cannot listen says why in one line") {
    EXPORTER_OR_SKIP();
    const Machine machine("lone");
    machine.start("vrrp_exporter");
    REQUIRE(
        await(kPatience, [&] { return machine.run("curl -s http://127.0.0.1:10112/metrics").status == 0; }));
    const std::pair<std::string, std::string> rows[] = {
        {"vrrp_exporter", "cannot listen on 127.0.0.1:10112: Address already in use"},
        {"vrrp_exporter --listen 192.0.2.1:10112",
         "cannot listen on 192.0.2.1:10112: Cannot assign requested address"},
        {"vrrp_exporter --listen [2001:db8::1]:10112",
         "cannot listen on [2001:db8::1]:10112: Cannot assign requested address"},
        {kUnprivileged + "vrrp_exporter --listen 127.0.0.1:80",
         "cannot listen on 127.0.0.1:80: Permission denied"},
        {"vrrp_exporter --listen here", "--listen 'here': give an address and a port"},
    };
    for (const auto& [command, why] : rows) {
        INFO(command);
        const CommandResult result = machine.run(command);
        CHECK(result.status == 2);
        CHECK_THAT(result.output, Catch::StartsWith("vrrp_exporter: " + why));
        CHECK(std::ranges::count(result.output, '\n') == 1);
    }
}

TEST_CASE("Prometheus asks the exporter, knows who is master, and answers all that the dashboard asks") {
    EXPORTER_OR_SKIP();
    if (run_command("command -v prometheus && command -v promtool").status != 0) {
        WARN("SKIPPED: prometheus is not installed");
        return;
    }
    const ReadableGateway bed;
    bed.r1.start(kExporter);
    std::ofstream(bed.r1.file("/etc/prometheus.yml"))
        << "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
           "scrape_configs:\n  - job_name: vrrp\n    static_configs: [{targets: ['127.0.0.1:10112']}]\n";
    bed.r1.start("prometheus --config.file=/etc/prometheus.yml --storage.tsdb.path=/run/prometheus "
                 "--web.listen-address=127.0.0.1:9090");
    const auto ask = [&](const std::string& question) {
        std::ofstream(bed.r1.file("/run/question")) << question;
        return bed.r1.run("promtool query instant http://127.0.0.1:9090 \"$(cat /run/question)\" 2>&1");
    };
    constexpr std::chrono::milliseconds kStart(30000); // on a busy machine
    CHECK(await(kStart, [&] {
        return ask("sum by (vrid) (vrrp_master) == 1").output.find("{vrid=\"51\"} => 1 @") !=
               std::string::npos;
    }));
    CHECK_THAT(ask("up").output, Catch::Contains("=> 1 @"));
    const std::vector<std::string> questions = dashboard_questions();
    CHECK(questions.size() > 10);
    for (const std::string& question : questions) {
        INFO(question);
        const CommandResult result = ask(question);
        INFO(result.output);
        CHECK(result.status == 0);
    }
}
