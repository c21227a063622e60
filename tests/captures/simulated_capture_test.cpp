// What the simulator's networks carry, read as a capture, tells the simulator's own story.
#include "tests/binaries.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

using nlohmann::json;

namespace {

struct Ran {
    int status = 0;
    std::string output;
};

Ran run(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "re");
    REQUIRE(pipe != nullptr);
    Ran ran;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        ran.output.append(buffer.data(), size);
    ran.status = WEXITSTATUS(::pclose(pipe));
    return ran;
}

std::vector<json> objects(const std::string& command) {
    std::vector<json> all;
    std::istringstream lines(run(command).output);
    for (std::string line; std::getline(lines, line);)
        all.push_back(json::parse(line));
    REQUIRE(!all.empty());
    return all;
}

class Directory {
  public:
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vrrpsimXXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

struct Mastery {
    double time = 0;
    std::string who; // the last byte of r1's address is 1
};

std::vector<Mastery> simulated(const std::vector<json>& all) {
    std::vector<Mastery> masters;
    for (const json& one : all)
        if (one["kind"] == "decision" && one["event"] == "transition" && one["to"] == "master")
            masters.push_back({static_cast<double>(one["time"].get<std::int64_t>()) / 1e9,
                               one["machine"].get<std::string>().substr(1)});
    return masters;
}

std::vector<Mastery> replayed(const std::vector<json>& all, double first_frame) {
    std::vector<Mastery> masters;
    for (const json& one : all)
        if (one["kind"] == "transition" && one["to"].is_string() && one["from"] != one["to"])
            masters.push_back({first_frame + one["time"].get<double>(),
                               one["to"].get<std::string>().substr(one["to"].get<std::string>().size() - 1)});
    return masters;
}

// "2000-01-01 00:00:03.414062": seconds since the begin of that minute's year.
double seconds_in(const std::string& wall) {
    return std::stod(wall.substr(14, 2)) * 60 + std::stod(wall.substr(17));
}

const std::string kLab = vrrp::kVrrplabBinary;

} // namespace

TEST_CASE("a capture of the simulator gives back the simulator's own masters, at their times") {
    for (const char* name : {"failover/master_dies.toml", "failover/master_stops_in_order.toml",
                             "failover/master_killed.toml", "failover/better_router_returns.toml",
                             "failover/master_dies_v3_100ms.toml", "failover/cable_pulled.toml",
                             "failover/operator_lowers_priority.toml", "election/higher_priority_wins.toml"})
        for (const int seed : {1, 2, 3, 4, 5}) {
            INFO(name << " seed " << seed);
            const Directory directory;
            const std::vector<json> sim =
                objects(kLab + " sim --json - --seed " + std::to_string(seed) + " --pcap " +
                        directory.path() + " " + SCENARIOS + "/" + name);
            const std::vector<json> replay =
                objects(kLab + " replay --json - " + directory.path() + "/lan.pcapng");
            const std::vector<Mastery> ours = simulated(sim),
                                       theirs = replayed(replay, seconds_in(replay.back()["begins"]));
            REQUIRE(ours.size() == theirs.size());
            for (std::size_t i = 0; i < ours.size(); ++i) {
                CHECK(ours[i].who == theirs[i].who);
                CHECK(std::abs(ours[i].time - theirs[i].time) < 0.001);
            }
        }
}

TEST_CASE("Wireshark has nothing against the simulator's captures, and knows networks and ports by name") {
    if (run("tshark --version").status != 0) {
        WARN("SKIPPED: tshark is not installed");
        return;
    }
    for (const char* name : {"failover/both_families_move_together.toml",
                             "failover/ipv6_hosts_learn_the_router.toml", "authentication/keys_roll.toml"}) {
        INFO(name);
        const Directory directory;
        REQUIRE(run(kLab + " sim --quiet --pcap " + directory.path() + " " + SCENARIOS + "/" + name).status ==
                0);
        const std::string file = directory.path() + "/lan.pcapng";
        CHECK(run("tshark -r " + file + " -Y '_ws.malformed || _ws.expert.severity >= 8388608'")
                  .output.empty());
        const std::string names =
            run("tshark -r " + file + " -c 1 -T fields -e frame.interface_name -e frame.comment").output;
        CHECK_THAT(names, Catch::StartsWith("lan\tfrom "));
    }
}

TEST_CASE("a directory for captures that cannot be made is an error in one line") {
    const Ran ran = run(kLab + " sim --quiet --pcap /dev/null/x " + SCENARIOS + "/failover/master_dies.toml");
    CHECK(ran.status == 2);
}
