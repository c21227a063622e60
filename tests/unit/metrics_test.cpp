// What monitoring is told, of the state as a router says it; and that the pages about it say the same.
#include "core/daemon/metrics.hpp"

#include "apps/health.hpp"
#include "core/daemon/status.hpp"
#include "tests/unit/test_bed.hpp"

#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

using namespace vrrp;
using namespace vrrp::test;

namespace {

nlohmann::ordered_json state_of(const TestBed& bed, int pid = 7) {
    return status(bed.router, bed.now, {.pid = pid, .version = "2.0.0", .directory = "/run/vrrpd"});
}

std::string metrics_of(std::vector<nlohmann::ordered_json> states, std::vector<AskedSocket> sockets = {}) {
    for (const auto& state : states)
        sockets.push_back({"/run/vrrpd/" + state["process"]["pid"].dump() + ".sock"});
    return metrics_text(measure(merged(std::move(states)), sockets));
}

TestBed member(const char* interface, std::uint8_t vrid) {
    RouterConfig config{{gateway()}, {{.name = "M", .minimum = 2, .shared = true}}};
    config.virtual_routers.front().interface = interface;
    config.virtual_routers.front().vrid = vrid;
    config.virtual_routers.front().group = GroupIndex{0};
    return TestBed(config);
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

} // namespace

TEST_CASE("each virtual router has its state, its priority and its counters as metrics") {
    TestBed bed(gateway(120));
    bed.start().run_until(10s);
    const std::string text = metrics_of({state_of(bed)});
    const std::string who = R"({interface="eth0",vrid="5",family="IPv4"})";
    for (const std::string& line :
         {"vrrp_master" + who + " 1\n", "vrrp_priority" + who + " 120\n",
          std::string(R"(vrrp_state{interface="eth0",vrid="5",family="IPv4",state="master"} 1)"),
          std::string(R"(vrrp_state{interface="eth0",vrid="5",family="IPv4",state="backup"} 0)"),
          "vrrp_became_master_total" + who + " 1\n", "vrrp_advertisement_interval_seconds" + who + " 1\n",
          std::string("# TYPE vrrp_advertisements_sent_total counter\n"), std::string("vrrp_processes 1\n"),
          std::string(R"(vrrp_interface_up{interface="eth0"} 1)")})
        CHECK_THAT(text, Catch::Contains(line));
}

TEST_CASE("findings and dropped frames are metrics, by kind and by reason") {
    TestBed bed(gateway());
    VirtualRouterConfig odd = gateway();
    odd.addresses.push_back(prefix("10.0.0.250"));
    bed.start().hear(Peer{.config = odd}, 200);
    bed.hear(Peer{.config = gateway_v3()}, 200);
    const std::string text = metrics_of({state_of(bed)});
    CHECK_THAT(text,
               Catch::Contains(
                   R"(vrrp_findings{interface="eth0",vrid="5",family="IPv4",kind="addresses_differ"} 1)"));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_frames_dropped_total{interface="eth0",reason="version"} 1)"));
}

TEST_CASE("a group of several processes is one metric, and fit where all of them say so") {
    TestBed lan = member("eth0", 5), wan = member("eth1", 6);
    lan.start();
    wan.start(); // they have not heard of one another
    const std::string text = metrics_of({state_of(lan, 7), state_of(wan, 8)});
    CHECK(count(text, R"(vrrp_group_fit{group="M"} 0)") == 1);
    CHECK_THAT(text, Catch::Contains("vrrp_processes 2\n"));
}

TEST_CASE("each check is a metric, and where processes differ the one that fails counts") {
    const auto state = [](bool passes, int pid) {
        RouterConfig config{{gateway(150)}};
        config.tracks = {{.name = "up", .check = ScriptCheck{"/etc/up"}, .weight = -60, .interval = 1s},
                         {.name = "new", .check = ScriptCheck{"/etc/new"}, .weight = 5, .interval = 1s}};
        config.virtual_routers[0].tracks = {TrackIndex{0}, TrackIndex{1}};
        TestBed bed(config);
        bed.start().give(Checked{TrackIndex{0}, passes, "so"}).run_for(2s);
        return state_of(bed, pid);
    };
    const std::string text = metrics_of({state(true, 7), state(false, 8), state(true, 9)});
    CHECK(count(text, R"(vrrp_check_passes{check="up",kind="script"} 0)") == 1);
    CHECK(count(text, R"(vrrp_check_passes{check="up",kind="script"} 1)") == 0);
    CHECK_THAT(text, Catch::Contains(R"(vrrp_check_priority_added{check="up",kind="script"} -60)"));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_check_state_age_seconds{check="up",kind="script"} 2)"));
    CHECK_THAT(text, Catch::Contains(R"(vrrp_check_passes{check="new",kind="script"} 0)"));
    CHECK_THAT(text, !Catch::Contains(R"(vrrp_check_state_age_seconds{check="new")"));
    CHECK_THAT(metrics_of({state(true, 7)}),
               Catch::Contains(R"(vrrp_check_passes{check="up",kind="script"} 1)"));
}

TEST_CASE("a machine where nothing answers says so") {
    const std::string text = metrics_of({}, {{"/run/vrrpd/a.sock", AskedSocket::silent}});
    CHECK_THAT(text, Catch::Contains("vrrp_processes 0\n"));
    CHECK_THAT(text, Catch::Contains("vrrp_processes_silent 1\n"));
}

TEST_CASE("each control socket is up or not, and one that was left behind is not") {
    TestBed bed(gateway());
    const std::string text = metrics_of(
        {state_of(bed)}, {{"/run/a.sock", AskedSocket::silent}, {"/run/b.sock", AskedSocket::dead}});
    CHECK_THAT(text, Catch::Contains("vrrp_up{socket=\"/run/a.sock\"} 0\nvrrp_up{socket=\"/run/b.sock\"} 0\n"
                                     "vrrp_up{socket=\"/run/vrrpd/7.sock\"} 1\n"));
    CHECK_THAT(text, Catch::Contains("vrrp_processes 1\n"));
    CHECK_THAT(text, Catch::Contains("vrrp_processes_silent 1\n"));
}

TEST_CASE("a state that lacks what is asked of it is refused whole") {
    TestBed bed(gateway());
    nlohmann::ordered_json state = state_of(bed);
    state["virtual_routers"][0].erase("priority");
    CHECK_THROWS(metrics_of({state}));
}

TEST_CASE(
    "metrics are called and counted as OpenMetrics wants it, and have no other labels than the table says") {
    TestBed bed = member("eth0", 5);
    bed.start();
    std::set<std::string> names;
    for (const Measured& one : measure(merged({state_of(bed)}), {})) {
        const std::string name = one.metric.name, unit = one.metric.unit;
        INFO(name);
        CHECK(names.insert(name).second);
        CHECK(std::regex_match(name, std::regex("vrrp(_[a-z]+)+")));
        CHECK(name.ends_with("_total") == (one.metric.type == MetricType::counter));
        CHECK(name.ends_with("_seconds") == (unit == "seconds"));
        CHECK(std::string_view(one.metric.help).ends_with('.'));
        for (const Sample& sample : one.samples) {
            std::string labels;
            for (const auto& [label, value] : sample.labels)
                labels += (labels.empty() ? "" : ", ") + label;
            CHECK(labels == one.metric.labels);
        }
    }
}

TEST_CASE("docs/metrics.md lists every metric as the table has it, and no other") {
    std::vector<std::string> wanted, found;
    for (const Metric& one : metric_table())
        wanted.push_back(fmt::format("| `{}` | {} | {} | {} | {} |", one.name, to_string(one.type), one.unit,
                                     one.labels, one.help));
    std::ifstream page(SOURCE "/docs/metrics.md");
    for (std::string line; std::getline(page, line);)
        if (line.starts_with("| `vrrp_")) found.push_back(line);
    CHECK(found == wanted);
}

TEST_CASE("the dashboard asks for metrics and labels that exist, and for nearly all metrics") {
    std::set<std::string> known, asked;
    for (const Metric& one : metric_table())
        known.insert(one.name);
    std::ifstream file(SOURCE "/apps/grafana/vrrp.json");
    const auto dashboard = nlohmann::json::parse(file);
    const std::regex metric("\\bvrrp_[a-z_]+");
    std::size_t expressions = 0;
    for (const nlohmann::json& panel : dashboard["panels"])
        for (const nlohmann::json& target : panel.value("targets", nlohmann::json::array())) {
            const std::string expression = target["expr"];
            INFO(expression);
            const std::sregex_iterator first(expression.begin(), expression.end(), metric), last;
            CHECK(first != last);
            for (auto one = first; one != last; ++one) {
                CHECK(known.contains(one->str()));
                asked.insert(one->str());
            }
            ++expressions;
        }
    CHECK(expressions >= 10);
    for (const nlohmann::json& variable : dashboard["templating"]["list"])
        if (const auto query = variable.value("query", std::string()); query.starts_with("label_values(")) {
            const std::string name = query.substr(13, query.find_first_of("{,") - 13);
            INFO(query);
            CHECK(known.contains(name));
        }
    CHECK(asked.size() >= 15);
    std::set<int> ids;
    for (const nlohmann::json& panel : dashboard["panels"])
        CHECK(ids.insert(panel["id"].get<int>()).second);
}

TEST_CASE("a label may hold any character") {
    TestBed bed(gateway());
    nlohmann::ordered_json state = state_of(bed);
    state["process"]["version"] = "a\"b\\c\nd";
    CHECK_THAT(metrics_of({state}), Catch::Contains(R"(vrrp_version_processes{version="a\"b\\c\nd"} 1)"));
}
