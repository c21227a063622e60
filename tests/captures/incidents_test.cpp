// What each kind of incident looks like in a capture, and what is to be told of it.
#include "tests/binaries.hpp"
#include "tools/vrrplab/replay/findings.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

using nlohmann::json;

namespace {

struct Told {
    int status = 0;
    std::vector<std::string> codes, causes;
    json summary, verdict;
};

Told replay(const std::string& file) {
    const std::string path = std::string(CAPTURES) + "/incidents/" + file;
    std::FILE* pipe =
        ::popen((std::string(vrrp::kVrrplabBinary) + " replay --json - " + path + " 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), size);
    Told told;
    told.status = WEXITSTATUS(::pclose(pipe));
    INFO(output);
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        const json one = json::parse(line);
        if (one["kind"] == "finding") told.codes.push_back(one["code"]);
        if (one["kind"] == "transition") told.causes.push_back(one["cause"]);
        if (one["kind"] == "verdict") told.verdict = one["text"];
        if (one["kind"] == "summary") told.summary = one;
    }
    return told;
}

struct Row {
    const char* file;
    unsigned packets, accepted;
    std::vector<std::string> codes;
    std::vector<std::vector<std::string>> masters; // at the end, of each virtual router
    const char* verdict;                           // part of it
};

const std::string kR1 = "192.0.2.1", kR2 = "192.0.2.2", kR3 = "192.0.2.3";

const std::vector<Row>& rows() {
    static const std::vector<Row> all = {
        {"A-cisco-md5.pcap", 2, 0, {"cisco_md5"}, {{"192.168.30.1"}}, "(authentication)"},
        {"B-carp.pcap", 2, 0, {"carp"}, {}, "(carp)"},
        {"C-two-snaplens.pcapng", 6, 6, {}, {{"10.1.0.1"}, {"10.2.0.1"}}, "nothing is wrong"},
        {"D-dup-master-mac.pcap", 4, 4, {"one_address_two_macs"}, {{kR1}}, "two machines use one address"},
        {"F-foreign-resign.pcap", 3, 3, {"foreign_resignation"}, {{kR1}}, "says priority 0 while"},
        {"G-late-takeover.pcap",
         4,
         4,
         {"late_take_over"},
         {{kR2}},
         "20 s after the last word of 192.0.2.1; 3.609 s"},
        {"I-lost-adverts.pcap", 4, 4, {"lost_advertisements"}, {{kR1}}, "2.5 s passed between two"},
        {"N-qinq-min.pcap", 3, 3, {}, {{kR1}}, "nothing is wrong"},
        {"O-own-preemption.pcap", 56, 55, {}, {{}}, "nothing is wrong"},
        {"a-resign-after-resign.pcap", 7, 7, {"two_masters"}, {{}}, "are master at the same time"},
        {"b2-three-masters-min.pcap",
         9,
         9,
         {"two_masters", "two_masters"},
         {{kR1, kR2, kR3}},
         "192.0.2.3 are master"},
        {"base.pcap.gz", 10, 10, {}, {{"10.99.0.1"}}, "nothing is wrong"},
        {"c-interval-mismatch.pcap",
         11,
         11,
         {"intervals_differ", "two_masters"},
         {{kR1, kR2}},
         "in version 2 each drops"},
        {"d-vip-mismatch.pcap", 5, 5, {"vrid_reused"}, {{kR2}}, "192.0.2.253"},
        {"e-auth-mismatch.pcap",
         12,
         12,
         {"authentication_differs", "two_masters"},
         {{kR1, kR2}},
         "their passwords differ"},
        {"f-flapping.pcap", 40, 40, {"flapping"}, {{kR2}}, "every 3.1 s"},
        {"g-two-owners.pcap", 8, 8, {"two_owners"}, {{kR1, kR2}}, "an owner never yields"},
        {"h-time-back.pcap", 5, 4, {"clock_went_back"}, {{kR1}}, "the clock goes back by 991 s"},
        {"i-prio-drop.pcap", 4, 4, {"priority_changed"}, {{kR2}}, "nothing is wrong"},
        {"j-duplicates.pcap", 8, 4, {"duplicates"}, {{kR1}}, "nothing is wrong"},
        {"k-dup-ip.pcap",
         8,
         8,
         {"one_address_two_macs", "priority_changed"},
         {{kR1}},
         "two machines use one address"},
        {"l-first-packet-resign.pcap", 2, 2, {}, {{kR2}}, "nothing is wrong"},
        {"m-missing-garp.pcap", 5, 5, {"no_announcement"}, {{kR2}}, "did not announce 192.0.2.254"},
        {"o-v2-v3.pcap", 8, 8, {"versions_differ", "two_masters"}, {{kR1, kR2}}, "neither hears the other"},
        {"p-span-duplicates.pcap", 64, 32, {"duplicates"}, {{"192.168.0.30"}}, "nothing is wrong"},
        {"q-split-at-end.pcap", 10, 10, {"two_masters"}, {{kR1, kR2}}, "are master at the same time"},
        {"qinq-88a8.pcap", 10, 10, {}, {{"10.99.0.1"}}, "nothing is wrong"},
        {"sll.pcap", 10, 10, {}, {{"10.99.0.1"}}, "nothing is wrong"},
        {"sll2.pcap", 10, 10, {}, {{"10.99.0.1"}}, "nothing is wrong"},
        {"snap40.pcap", 10, 0, {"cut_by_capture"}, {}, "(cut_by_capture)"},
        {"t-v3-interval.pcap", 5, 5, {"interval_changed"}, {{kR1}}, "nothing is wrong"},
        {"u-silent-end.pcap", 2, 2, {"nobody_left"}, {{}}, "nobody took over"},
        {"v-filtered-dead.pcap", 2, 2, {}, {{kR1}}, "nothing is wrong"},
        {"x-farewells-far-apart.pcap", 11, 11, {}, {{kR1}}, "nothing is wrong"},
        {"z-two-interfaces.pcapng", 10, 10, {}, {{"10.1.0.1"}, {"10.2.0.1"}}, "nothing is wrong"},
    };
    return all;
}

} // namespace

TEST_CASE("each kind of incident is told by its findings, its masters and its verdict") {
    for (const Row& row : rows()) {
        INFO(row.file);
        const Told told = replay(row.file);
        CHECK(told.status == 0);
        CHECK(told.summary["packets"] == row.packets);
        CHECK(told.summary["accepted"] == row.accepted);
        CHECK(told.codes == row.codes);
        std::vector<std::vector<std::string>> masters;
        for (const json& one : told.summary["virtual_routers"])
            masters.push_back(one["masters"]);
        CHECK(masters == row.masters);
        CHECK_THAT(told.verdict.get<std::string>(), Catch::Contains(row.verdict));
    }
}

TEST_CASE("a master that dies is dated by its last word, not by the capture's end") {
    const std::string path = std::string(CAPTURES) + "/incidents/u-silent-end.pcap";
    std::FILE* pipe = ::popen((std::string(vrrp::kVrrplabBinary) + " replay --quiet " + path).c_str(), "re");
    REQUIRE(pipe != nullptr);
    std::string output(4096, '\0');
    output.resize(std::fread(output.data(), 1, output.size(), pipe));
    CHECK(::pclose(pipe) == 0);
    CHECK_THAT(output, Catch::Contains("4.218750  #3      => IPv4 vrid 10: 192.0.2.1 is no longer master"));
}

TEST_CASE("docs/findings.md has each code with its severity, in the table's order") {
    std::vector<std::string> documented, known;
    std::ifstream in(FINDINGS);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("| `"))
            documented.push_back(line.substr(0, line.find('|', line.find('|', 1) + 1) + 1));
    for (std::size_t i = 0; i < static_cast<std::size_t>(vrrplab::ReplayCode::kCount); ++i) {
        const vrrplab::FindingRow& one = vrrplab::row(static_cast<vrrplab::ReplayCode>(i));
        known.push_back(std::string("| `") + one.code + "` | " + to_string(one.severity) + " |");
    }
    CHECK(documented == known);
}
