// vrrplab check, as it is called.
#include "tests/sim/vrrplab_runs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace vrrp::test;

namespace {

const std::string kExamples = EXAMPLES "/check";
const std::string kGw1 = "gw1='vrrpd -i eth0 10.16.1.200 -v 51 -p 150'",
                  kGw2 = "gw2='vrrpd -i eth0 10.16.1.200 -v 51'";
const std::string kPair = kGw1 + " " + kGw2;
// Two networks without a group: traffic parts when one side moves.
const std::string kLoosePair =
    kPair + " gw1='vrrpd -i eth1 10.17.1.200 -v 52 -p 150' gw2='vrrpd -i eth1 10.17.1.200 -v 52'";

Ran check(const std::string& arguments, const std::string& errors = "2>&1") {
    return vrrplab("check " + arguments, errors);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

// Each directory has the files of the routers.
std::string routers_in(const std::string& directory) {
    std::set<std::string> routers;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".toml")
            routers.insert(entry.path().stem().string() + "=" + entry.path().string());
    std::string arguments;
    for (const std::string& one : routers)
        arguments += one + " ";
    return arguments;
}

// Of the objects of one kind, one value each.
std::set<std::string> values(const std::string& json, const std::string& kind, const std::string& key) {
    std::set<std::string> all;
    for (const std::string& line : lines_of(json)) {
        const auto object = nlohmann::json::parse(line);
        if (object["kind"] == kind) all.insert(object[key].get<std::string>());
    }
    return all;
}

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("check: exit status 0 where all holds, 1 where something does not, 2 where nothing can be run",
          "[unsanitized]") {
    CHECK(check(kPair).status == 0);
    CHECK(check("--max-outage 1s " + kPair).status == 1);
    CHECK(check("--max-outage 5s " + kPair).status == 0);
    CHECK(check(kGw1 + " gw2='vrrpd -i eth0 10.16.1.200 10.16.1.201 -v 51'").status == 1);
    CHECK(check(kGw1 + " gw2='vrrpd -i eth0 10.16.1.200 -v 51 -p 150'").status == 0); // a note
    CHECK(check("--strict " + kGw1 + " gw2='vrrpd -i eth0 10.16.1.200 -v 51 -p 150'").status == 1);
    CHECK(check(kGw1 + " gw2=/nowhere.toml").status == 2);
}

TEST_CASE("check: wrong input gets one line with the place, and nothing is written") {
    const Scratch scratch;
    const std::string keep = (scratch.path / "kept").string(), json = (scratch.path / "r.json").string();
    const std::string broken =
        scratch.write("broken.toml", "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 300\n");
    const std::string twice = scratch.write(
        "twice.toml", "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 1\naddress = \"10.0.0.9\"\n"
                      "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 1\naddress = \"10.0.0.8\"\n");
    const std::string odd = scratch.write("odd.conf", "nothing that anybody knows\n");
    const std::string brace = scratch.write("brace.conf", "vrrp_instance A {\n  interface eth0\n");
    const std::string relative =
        scratch.write("relative.toml", "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\n"
                                       "address = \"10.16.1.200\"\nauthentication = \"pw/@key\"\n");
    const std::string crowded = "'vrrpd -i eth0 10.16.1.2/30 -v 51'";
    const std::pair<std::string, std::string> kRows[] = {
        {"", "ROUTER is required"},
        {kGw1, "vrrplab: one router alone fails over to nobody: name two or more"},
        {kGw1 + " gw2", "'gw2': say NAME=FILE, or NAME='vrrpd -i ...'"},
        {kGw1 + " gw2=", "'gw2=': say NAME=FILE"},
        {kGw1 + " '=x'", "a router's name has 1 to 32 letters"},
        {kGw1 + " 'a b=x'", "a router's name has 1 to 32 letters"},
        {kGw1 + " pc1=x", "a host or network is to be called pc1"},
        {kGw1 + " gw2=/nowhere.toml", "/nowhere.toml: No such file or directory"},
        {kGw1 + " gw2=" + scratch.path.string(), "not a regular file"},
        {kGw1 + " gw2=" + broken, broken + ":3:8: vrid 300: a VRID is a whole number from 1 to 255"},
        {kGw1 + " gw2=" + twice, twice + ":7:8: vrid 1 stands twice on eth0"},
        {kGw1 + " gw2=" + odd, odd + ":1:"},
        {kGw1 + " gw2=" + brace, brace + ":1:1: "},
        {kGw1 + " gw2=" + relative, relative + ":5:18: authentication: key: give its absolute path"},
        {kGw1 + " gw2='vrrpd -i eth0 -v 51 -p 300 10.0.0.1'", "gw2:1:1: -p 300: a priority"},
        {kGw1 + " gw2='vrrpd --version'", "gw2:1:1: this command line only prints a text"},
        {kGw1 + " gw2='vrrpd -i eth0 10.99.1.1 -v 99'", "gw1:1:27: gw1 eth0 (vrid 51, 10.16.1.200) shares "
                                                        "neither a VRID nor a virtual address with gw2 eth0"},
        {"a=" + crowded + " b=" + crowded + " c=" + crowded,
         "net1 has no free address for b eth0 in 10.16.1.0/30"},
        {kPair + " --address gw1.eth0", "--address 'gw1.eth0': say ROUTER.INTERFACE=IP/LEN"},
        {kPair + " --address gw3.eth0=10.16.1.1/24", "no router 'gw3' (did you mean 'gw1'?)"},
        {kPair + " --address gw1.eth7=10.16.1.1/24",
         "gw1 has no virtual router on 'eth7' (did you mean 'eth0'?)"},
        {kPair + " --address gw1.eth0=10.16.1.1", "this is no address with a length such as 10.16.1.1/24"},
        {kPair + " --address gw1.eth0=10.16.1.0/24", "no host can have this address"},
        {kPair + " --address gw1.eth0=10.16.1.5/24 --address gw2.eth0=10.16.1.5/24",
         "this address is given twice"},
        {kPair + " --network gw1.eth0", "--network 'gw1.eth0': say ROUTER.INTERFACE,ROUTER.INTERFACE"},
        {kPair + " --faults triples", "--faults"},
        {kPair + " --max-outage soon", "--max-outage 'soon' is no time such as 0.7s or 20ms"},
        {kPair + " --max-outage 0s", "--max-outage '0s' is no time"},
        {kPair + " --seed x", "'x' is no seed"},
        {kPair + " --junit - --json -", "cannot both go to standard output"},
    };
    for (const auto& [arguments, why] : kRows) {
        const bool has_json = has(arguments, "--json");
        const Ran ran = check(arguments + " --keep " + keep + (has_json ? "" : " --json " + json));
        INFO(arguments);
        INFO(ran.output);
        CHECK(ran.status == 2);
        CHECK(std::ranges::count(ran.output, '\n') == 1);
        CHECK(has(ran.output, why));
        CHECK_FALSE(std::filesystem::exists(keep));
        CHECK_FALSE(std::filesystem::exists(json));
    }
    const std::string file = scratch.write("a-file", "");
    CHECK(has(check(kPair + " --keep " + file).output, file + " cannot be made a directory"));
    CHECK(check(kPair + " --json /nowhere/r.json").status == 2);
}

TEST_CASE("check: no line of the table is wider than 80 columns, whatever routers are called",
          "[unsanitized]") {
    const std::string longer(32, 'x'), interface = "enp0s31f6np0dev";
    const std::string routers =
        fmt::format("{0}1='vrrpd -i {1} 10.16.1.200 -v 51 -p 150' {0}2='vrrpd -i {1} 10.16.1.200 -v 51'",
                    longer.substr(1), interface);
    for (const std::string& arguments : {kPair, kLoosePair, routers}) {
        const Ran ran = check(arguments, "2>/dev/null");
        std::size_t widest = 0;
        for (const std::string& line : lines_of(ran.output))
            if (!has(line, ": note: ")) widest = std::max(widest, line.size());
        INFO(ran.output);
        CHECK(widest <= 80);
        CHECK(widest > 70);
    }
}

TEST_CASE("check: the same routers are told the same, byte for byte", "[unsanitized]") {
    CHECK(check(kLoosePair).output == check(kLoosePair).output);
    CHECK(check("--json - " + kPair, "2>/dev/null").output ==
          check("--json - " + kPair, "2>/dev/null").output);
}

TEST_CASE("check: the examples that are good survive all", "[unsanitized]") {
    for (const char* name : {"two_servers", "dual_stack", "three_routers"}) {
        const Ran ran = check("--quiet " + routers_in(kExamples + "/" + name));
        INFO(ran.output);
        CHECK(ran.status == 0);
        CHECK(has(ran.output, " held"));
    }
}

TEST_CASE("check: each example of a wrong setting is told by its kind, with file, line and column",
          "[unsanitized]") {
    std::size_t examples = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kExamples + "/wrong")) {
        const std::string kind = entry.path().filename().string();
        const std::string address = kind == "no_owner" ? "--address gw1.eth0=10.16.1.1/24 " : "";
        const std::string routers = address + routers_in(entry.path().string());
        const Ran ran = check("--json - --strict " + routers, "2>/dev/null");
        INFO(kind);
        CHECK(ran.status == 1);
        CHECK(values(ran.output, "objection", "what").contains(kind));
        const Ran text = check("--quiet " + routers, "2>/dev/null");
        CHECK(std::ranges::any_of(lines_of(text.output), [&](const std::string& line) {
            return line.starts_with(entry.path().string() + "/gw") && has(line, ".toml:") &&
                   (has(line, ": deaf: ") || has(line, ": wrong: ") || has(line, ": note: "));
        }));
        ++examples;
    }
    CHECK(examples >= 14);
}

TEST_CASE("check: routers that do not hear one another are told so without running anything") {
    const std::string routers = routers_in(kExamples + "/wrong/authentication");
    const Ran ran = check("--json - " + routers, "2>/dev/null");
    CHECK(values(ran.output, "objection", "gravity") == std::set<std::string>{"deaf"});
    CHECK(values(ran.output, "check", "name").empty());
    CHECK(has(check(routers).output, "no fault was tried; 1 thing is wrong"));
    CHECK_FALSE(has(check(routers).output, "tulip"));
    const Ran anyway = check("--run-anyway --json - " + routers, "2>/dev/null");
    CHECK(values(anyway.output, "check", "name").contains("gw1_power"));
}

TEST_CASE("check: what is kept is what was run, and shows it again", "[unsanitized]") {
    const Scratch scratch;
    const std::string keep = (scratch.path / "faults").string();
    CHECK(check("--keep " + keep + " " + kPair).status == 0);
    CHECK(std::filesystem::exists(keep + "/gw1_eth0_cable.toml"));
    const Ran all = vrrplab("test --quiet " + keep);
    INFO(all.output);
    CHECK(all.status == 0);

    const Ran failed = check("--keep " + keep + " --max-outage 1s " + kPair);
    const std::string again = "vrrplab sim --seed ";
    const std::size_t at = failed.output.find("reproduce " + again);
    REQUIRE(at != std::string::npos);
    const std::string command = failed.output.substr(at + 10, failed.output.find('\n', at) - at - 10);
    CHECK(vrrplab(command.substr(8)).status == 1);
    CHECK(vrrplab("test --quiet " + keep + "/gw2_power.toml").status == 0);
}

TEST_CASE("check: a secret from a file is in no scenario, and is the same wherever it is the same") {
    const Scratch scratch;
    const std::string secret = "0x" + std::string(64, '7'), keep = (scratch.path / "kept").string();
    const std::string one = scratch.write("one", secret + "\n"), same = scratch.write("same", secret + "\n"),
                      other = scratch.write("other", "0x" + std::string(64, '8') + "\n");
    const auto pair = [](const std::string& a, const std::string& b) {
        return "gw1='vrrpd -i eth0 10.16.1.200 -v 51 -p 150 -a hmac/1/@" + a +
               "' gw2='vrrpd -i eth0 10.16.1.200 -v 51 -a hmac/1/@" + b + "'";
    };
    CHECK(check("--keep " + keep + " " + pair(one, same)).status == 0);
    for (const auto& entry : std::filesystem::directory_iterator(keep))
        CHECK_FALSE(has(Scratch::read(entry.path()), std::string(64, '7')));
    CHECK(vrrplab("test --quiet " + keep).status == 0);
    CHECK(has(check(pair(one, other)).output, "deaf: gw2 eth0 vrid 51: key 1 is another one"));
}

TEST_CASE("check: GitHub gets an annotation for each failure, and the table on its page", "[unsanitized]") {
    const Scratch scratch;
    const std::string page = (scratch.path / "summary").string(), keep = (scratch.path / "f").string();
    const std::string environment = "env GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=" + page + " ";
    const auto on_github = [&](const std::string& arguments) {
        Ran ran;
        const std::string script =
            scratch.write("run", environment + kVrrplabBinary + " check " + arguments + "\n");
        std::FILE* pipe = ::popen(("sh " + script + " 2>/dev/null").c_str(), "r");
        REQUIRE(pipe != nullptr);
        std::array<char, 4096> buffer;
        for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;)
            ran.output.append(buffer.data(), n);
        ran.status = WEXITSTATUS(::pclose(pipe));
        return ran;
    };
    const Ran failed = on_github("--max-outage 1s --keep " + keep + " " + kPair);
    CHECK(failed.status == 1);
    CHECK(has(failed.output, "::error file=" + keep + "/gw1_power.toml,line="));
    CHECK(has(Scratch::read(page), "| gw1: power off, on | "));
    CHECK(has(Scratch::read(page), "**FAIL**"));

    const std::string wrong = kExamples + "/wrong/addresses";
    const Ran told = on_github(routers_in(wrong));
    CHECK(has(told.output, "::error file=" + wrong +
                               "/gw2.toml,line=6,col=11,title=vrrplab check::gw2 eth0 vrid 51: lacks "
                               "10.16.1.201"));
    CHECK(has(Scratch::read(page), "**FAIL**")); // added to, not replaced
    CHECK(has(Scratch::read(page), "**wrong**"));
    CHECK_FALSE(has(check(kPair + " --max-outage 1s").output, "::error"));
}

TEST_CASE("check: results for programs", "[unsanitized]") {
    const Scratch scratch;
    const std::string junit = (scratch.path / "r.xml").string(), json = (scratch.path / "r.json").string();
    CHECK(check("--max-outage 1s --junit " + junit + " --json " + json + " " + kPair).status == 1);
    const std::string xml = Scratch::read(junit), lines = Scratch::read(json);
    CHECK(has(xml, "<testcase classname=\"configurations\" name=\"the configurations go together\""));
    CHECK(has(xml, "name=\"gw1: power off, on\""));
    CHECK(has(xml, "<failure message=\"pc1 outage &lt; 1s; seen: "));
    CHECK(values(lines, "check", "name").contains("gw2_eth0_cut_in"));
    CHECK(values(lines, "result", "title").contains("gw1: power off, on"));
    for (const std::string& line : lines_of(lines)) {
        const auto object = nlohmann::json::parse(line);
        if (object["kind"] != "check" || object["name"] != "gw1_power") continue;
        CHECK(object["passed"] == false);
        CHECK(object["outage_ns"].get<long>() > 2'000'000'000);
        CHECK(object["bound_ns"] == 1'000'000'000);
        CHECK(object["led"] == nlohmann::json{"gw2"});
        CHECK(object["leads"] == nlohmann::json{"gw1"});
    }
    CHECK(check("--junit - " + kPair, "2>/dev/null").output.starts_with("<?xml"));
}

TEST_CASE("check: keepalived's, FRR's and VyOS' files are read as an import reads them") {
    const Scratch scratch;
    const auto keepalived = [](const std::string& priority, const std::string& password) {
        return "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n  priority " + priority +
               "\n  advert_int 1\n  authentication {\n    auth_type PASS\n    auth_pass " + password +
               "\n  }\n  virtual_ipaddress {\n    10.16.1.200/24\n  }\n}\n";
    };
    const std::string ka1 = scratch.write("ka1.conf", keepalived("150", "one")),
                      ka2 = scratch.write("ka2.conf", keepalived("100", "one")),
                      ka3 = scratch.write("ka3.conf", keepalived("100", "two"));
    CHECK(check("gw1=" + ka1 + " gw2=" + ka2).status == 0);
    CHECK(has(check("gw1=" + ka1 + " gw2=" + ka3).output,
              ka3 + ":6:3: deaf: gw2 eth0 vrid 51: another password"));
    // One file for both, as keepalived has it.
    const std::string both = scratch.write(
        "both.conf", "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n  @gw1 priority 150\n"
                     "  @gw2 priority 100\n  virtual_ipaddress {\n    10.16.1.200/24\n  }\n}\n");
    const Ran one = check("gw1=" + both + " gw2=" + both);
    CHECK(one.status == 0);
    CHECK_FALSE(has(one.output, "note"));

    const std::string frr =
        scratch.write("frr.conf", "frr version 8.4\ninterface eth0\n vrrp 51 version 3\n vrrp 51 priority "
                                  "150\n vrrp 51 ip 10.16.1.200\nexit\n");
    const std::string vyos =
        scratch.write("vyos", "set high-availability vrrp group A interface 'eth0'\n"
                              "set high-availability vrrp group A vrid '51'\n"
                              "set high-availability vrrp group A address 10.16.1.200/24\n");
    CHECK(has(check("gw1=" + frr + " gw2=" + vyos).output,
              vyos +
                  ":1:1: deaf: gw2 eth0 vrid 51: VRRP version 2, and 3 on "
                  "gw1 (" +
                  frr + ":3:2)"));
}

TEST_CASE("check: two faults at once are tried for all pairs, and those that fail get a row",
          "[unsanitized]") {
    const Ran ran = check("--quiet --faults pairs --json - " + kPair, "2>/dev/null");
    CHECK(ran.status == 0);
    CHECK(values(ran.output, "check", "name").contains("gw1_kill__gw2_eth0_cable"));
    CHECK(values(ran.output, "check", "name").size() > 400);
}
