// What is wrong with several routers' configurations is found without running anything.
#include "core/config/command_line.hpp"
#include "core/config/config_file.hpp"
#include "core/config/import/import.hpp"
#include "core/config/together/command_line_places.hpp"
#include "core/config/together/objections.hpp"
#include "tests/unit/test_bed.hpp"

#include <sstream>

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config;

namespace {

const Here kHere{[](const std::string& path, bool) -> tl::expected<std::string, std::string> {
                     return tl::unexpected(path + ": No such file or directory");
                 },
                 [](const std::string&) { return true; }, [](const std::string&) { return true; }};

RouterTold from_file(const std::string& name, const std::string& text) {
    Told told;
    const auto parsed = parse_config_file(name + ".toml", text, kHere, &told.places);
    INFO(text);
    INFO((parsed ? std::string() : parsed.error().message));
    REQUIRE(parsed);
    told.configuration = *parsed;
    return {name, {told}};
}

// Each of its vrrpds.
RouterTold from_lines(const std::string& name, const std::vector<std::string>& lines) {
    RouterTold router{name, {}};
    for (const std::string& line : lines) {
        std::istringstream in(line);
        std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
        words.erase(words.begin());
        const auto parsed = parse_command_line(words, kHere);
        REQUIRE(parsed);
        const auto& configuration = std::get<Configuration>(*parsed);
        router.processes.push_back(
            {configuration,
             places_of_command_line({name, router.processes.size() + 1, 1}, line, configuration)});
    }
    return router;
}

std::vector<Objection> found(const std::vector<RouterTold>& routers, const OwnAddresses& given = {}) {
    const auto networks = networks_of(routers, {});
    INFO((networks ? std::string() : networks.error().message));
    REQUIRE(networks);
    return objections(routers, *networks, own_addresses(routers, *networks, given));
}

// "gw2.toml:5:12 deaf intervals"
std::vector<std::string> in_short(const std::vector<Objection>& objections) {
    std::vector<std::string> lines;
    for (const Objection& one : objections)
        lines.push_back(to_text(one.place) + " " + to_string(one.gravity) + " " + std::string(one.kind));
    return lines;
}

// A virtual router of gw1, and what gw2 says instead of a line of it, or beside it.
std::string entry(const std::string& priority, const std::string& more) {
    const bool has_address = more.starts_with("address");
    return "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\n" +
           std::string(has_address ? "" : "address = \"10.16.1.200\"\n") + "priority = " + priority + "\n" +
           more;
}

struct Pair {
    const char* what;
    std::string first, second;     // beside entry()
    std::vector<std::string> told; // in short
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("two routers that go together are told nothing of") {
    CHECK(found({from_file("gw1", entry("150", "")), from_file("gw2", entry("100", ""))}).empty());
    CHECK(found({from_lines("gw1", {"vrrpd -i eth0 -v 51 -M 2 -p 150 10.16.1.200",
                                    "vrrpd -i eth1 -v 52 -M 2 -p 150 10.17.1.200"}),
                 from_lines("gw2", {"vrrpd -i eth0 -v 51 -M 2 10.16.1.200",
                                    "vrrpd -i eth1 -v 52 -M 2 10.17.1.200"})})
              .empty());
}

TEST_CASE("what two routers are told differently is told with its place") {
    const std::string key = "0x" + std::string(64, 'a'), other = "0x" + std::string(64, 'b');
    const Pair kPairs[] = {
        {"versions", "protocol = 3\n", "", {"gw2.toml:1:1 deaf versions"}},
        {"both versions", "protocol = 3\ndual = true\n", "", {}},
        {"intervals", "", "interval = 2\n", {"gw2.toml:6:12 deaf intervals"}},
        {"intervals of version 3",
         "protocol = 3\n",
         "protocol = 3\ninterval = 0.5\n",
         {"gw2.toml:7:12 note intervals"}},
        {"passwords",
         "authentication = \"pw/one\"\n",
         "authentication = \"pw/two\"\n",
         {"gw2.toml:6:18 deaf authentication"}},
        {"a password on one", "authentication = \"pw/one\"\n", "", {"gw2.toml:1:1 deaf authentication"}},
        {"keys of the header",
         "authentication = \"ah/0x01\"\n",
         "authentication = \"ah/0x02\"\n",
         {"gw2.toml:6:18 deaf authentication"}},
        {"signatures",
         "authentication = \"hmac/1/" + key + "\"\n",
         "authentication = \"hmac/1/" + other + "\"\n",
         {"gw2.toml:6:18 deaf authentication"}},
        {"a key that is rolled",
         "authentication = [\"hmac/2/" + other + "\", \"hmac/1/" + key + "\"]\n",
         "authentication = [\"hmac/1/" + key + "\", \"hmac/2/" + other + "\"]\n",
         {}},
        {"signed and not, which one of them takes",
         "",
         "authentication = \"hmac/1/" + key + "\"\nhmac-mode = \"receive-only\"\n",
         {}},
        {"signed, and the other one enforces",
         "",
         "authentication = \"hmac/1/" + key + "\"\n",
         {"gw2.toml:6:18 deaf authentication"}},
        {"the virtual MAC", "", "no-virtual-mac = true\n", {"gw2.toml:6:18 note virtual_mac"}},
        {"what is answered", "", "no-accept = true\n", {"gw2.toml:6:13 note accept"}},
        {"router advertisements",
         "address = [\"fe80::1\"]\nprotocol = 3\n",
         "address = [\"fe80::1\"]\nprotocol = 3\nrouter-advertisements = true\n",
         {"gw2.toml:7:25 note router_advertisements"}},
        {"preemption", "", "no-preempt = true\n", {"gw2.toml:6:14 note preemption"}},
        {"what is held", "held-address = \"10.16.1.9\"\n", "", {"gw2.toml:1:1 note held"}},
        {"peers on one side",
         "",
         "peer = \"10.16.1.1\"\n",
         {"gw2.toml:6:8 deaf peers", "gw2.toml:6:8 note virtual_mac"}},
        {"peers that mirror one another", "peer = \"10.16.1.2\"\n", "peer = \"10.16.1.1\"\n", {}},
        {"peers that are the same",
         "peer = \"10.16.1.2\"\n",
         "peer = \"10.16.1.2\"\n",
         {"gw1.toml:6:8 deaf peers", "gw2.toml:6:8 deaf peers"}},
        {"a peer that is somebody else",
         "peer = \"10.16.1.2\"\nsource = \"10.16.1.1\"\n",
         "peer = \"10.16.1.7\"\nsource = \"10.16.1.2\"\n",
         {"gw2.toml:6:8 deaf peers"}},
    };
    for (const Pair& pair : kPairs) {
        INFO(pair.what);
        const bool unicast = std::string(pair.what) == "peers on one side";
        Lines told = in_short(
            found({from_file("gw1", entry("150", pair.first)), from_file("gw2", entry("100", pair.second))}));
        if (unicast) told.resize(1); // it does without the virtual MAC, too
        CHECK(told == (unicast ? Lines{pair.told.front()} : pair.told));
    }
}

TEST_CASE("a secret is no part of what is told") {
    const auto all = found({from_file("gw1", entry("150", "authentication = \"pw/tulip\"\n")),
                            from_file("gw2", entry("100", "authentication = \"pw/daisy\"\n"))});
    REQUIRE(all.size() == 1);
    CHECK(all[0].text == "gw2 eth0 vrid 51: another password: gw1 (gw1.toml:6:18)");
}

TEST_CASE("address lists that differ are told with what is missing on either side") {
    const auto with = [](const std::string& name, const std::string& addresses) {
        return from_file(name, "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\npriority = " +
                                   std::string(name == "gw1" ? "150" : "100") + "\naddress = " + addresses +
                                   "\n");
    };
    const auto told = [&](const std::string& first, const std::string& second) {
        const auto all = found({with("gw1", first), with("gw2", second)});
        REQUIRE(all.size() == 1);
        return all[0];
    };
    CHECK(told("['10.0.0.7', '10.0.0.8']", "['10.0.0.7', '10.0.0.9']") ==
          Objection{Gravity::wrong,
                    "addresses",
                    {"gw2.toml", 5, 11},
                    "gw2 eth0 vrid 51: lacks 10.0.0.8, and has 10.0.0.9, unlike gw1 (gw1.toml:5:11): a "
                    "take-over moves "
                    "other addresses"});
    CHECK(told("['10.0.0.7', '10.0.0.8']", "'10.0.0.7'").text.find("lacks 10.0.0.8, unlike") !=
          std::string::npos);
    CHECK(told("'10.0.0.7'", "'10.0.0.8'").gravity == Gravity::deaf);
    CHECK(told("'10.0.0.7/24'", "'10.0.0.7'").kind == "lengths");
    CHECK(found({with("gw1", "['10.0.0.7', '10.0.0.8']"), with("gw2", "['10.0.0.8', '10.0.0.7']")}).empty());
}

TEST_CASE("an address with two VRIDs on one network is two elections") {
    CHECK(in_short(found({from_lines("gw1", {"vrrpd -i eth0 -v 51 -p 150 10.16.1.200"}),
                          from_lines("gw2", {"vrrpd -i eth0 -v 61 10.16.1.200"})})) ==
          Lines{"gw2:1:15 deaf vrids"});
}

TEST_CASE("one VRID twice on a router's network is told") {
    CHECK(in_short(found({from_lines("gw1", {"vrrpd -i eth0 -v 51 -p 150 10.16.1.200",
                                             "vrrpd -i eth0 -v 51 -p 150 10.16.1.201"}),
                          from_lines("gw2", {"vrrpd -i eth0 -v 51 10.16.1.200"})}))
              .front() == "gw1:2:15 wrong vrid_twice");
}

TEST_CASE("a virtual router that nobody else has is told") {
    CHECK(
        in_short(found(
            {from_lines("gw1", {"vrrpd -i eth0 -v 51 -p 150 10.16.1.200", "vrrpd -i eth0 -v 52 10.16.1.201"}),
             from_lines("gw2", {"vrrpd -i eth0 -v 51 10.16.1.200"})})) == Lines{"gw1:2:15 wrong alone"});
}

TEST_CASE("equal priorities are a note") {
    const auto all = found({from_file("gw1", entry("100", "")), from_file("gw2", entry("100", ""))});
    CHECK(in_short(all) == Lines{"gw2.toml:5:12 note equal_priorities"});
}

TEST_CASE("who says 255 has the address, or is told") {
    const std::vector<RouterTold> pair{from_file("gw1", entry("255", "")),
                                       from_file("gw2", entry("100", ""))};
    const Port port{0, "eth0"};
    CHECK(in_short(found(pair)) == Lines{"gw1.toml:5:12 note no_owner"});
    CHECK(in_short(found(pair, {{port, {prefix("10.16.1.1/24")}}})) == Lines{"gw1.toml:5:12 wrong no_owner"});
    CHECK(found(pair, {{port, {prefix("10.16.1.200/24")}}}).empty());
    CHECK(in_short(found({from_file("gw1", entry("255", "")), from_file("gw2", entry("255", ""))}))[0] ==
          "gw2.toml:5:12 wrong two_owners");
}

TEST_CASE("a group on one router only is told, and where there is none") {
    const std::string kLines[] = {"vrrpd -i eth0 -v 51 -p 150 10.16.1.200",
                                  "vrrpd -i eth1 -v 52 -p 150 10.17.1.200"};
    const RouterTold grouped = from_lines("gw1", {kLines[0] + " -M 2", kLines[1] + " -M 2"});
    const RouterTold loose =
        from_lines("gw2", {"vrrpd -i eth0 -v 51 10.16.1.200", "vrrpd -i eth1 -v 52 10.17.1.200"});
    CHECK(in_short(found({grouped, loose})) == Lines{"gw2:2:1 wrong groups"});
    CHECK(in_short(found({from_lines("gw1", {kLines[0], kLines[1]}), loose})) ==
          Lines{"gw1:2:1 note no_group"});
}

TEST_CASE("members that are counted wrongly are told") {
    const auto pair = [](const std::string& first, const std::string& second) {
        return found({from_lines("gw1", {"vrrpd -i eth0 -v 51 -p 150 10.16.1.200 -M " + first,
                                         "vrrpd -i eth1 -v 52 -p 150 10.17.1.200 -M " + second}),
                      from_lines("gw2", {"vrrpd -i eth0 -v 51 10.16.1.200 -M 2",
                                         "vrrpd -i eth1 -v 52 10.17.1.200 -M 2"})});
    };
    CHECK(in_short(pair("3", "3")) == Lines{"gw1:1:40 wrong members"});
    CHECK(in_short(pair("2", "3")) == Lines{"gw1:2:40 wrong members"});
    CHECK(in_short(pair("1", "1")) == Lines{"gw1:1:40 note members"});
}

TEST_CASE("priorities that are crossed within a group are told") {
    CHECK(in_short(found({from_lines("gw1", {"vrrpd -i eth0 -v 51 -M 2 -p 200 10.16.1.200",
                                             "vrrpd -i eth1 -v 52 -M 2 -p 100 10.17.1.200"}),
                          from_lines("gw2", {"vrrpd -i eth0 -v 51 -M 2 -p 100 10.16.1.200",
                                             "vrrpd -i eth1 -v 52 -M 2 -p 200 10.17.1.200"})})) ==
          Lines{"gw2:2:26 wrong crossed"});
}

TEST_CASE("weights that never change who leads are told, and those that do are not") {
    const auto with = [](const std::string& weight, const std::string& more = "rise = 2\n") {
        return found({from_file("gw1", "[[track]]\nname = \"app\"\nprocess = \"app\"\nweight = " + weight +
                                           "\n" + entry("150", "track = \"app\"\n")),
                      from_file("gw2", "[[track]]\nname = \"isp\"\nping = \"10.9.9.9\"\nweight = -10\n" +
                                           more + entry("100", "track = \"isp\"\n"))});
    };
    CHECK(in_short(with("-20")) == Lines{"gw1.toml:4:10 wrong weights"});
    CHECK(with("-51").empty());
    CHECK(with("-50").empty()); // equal: the address decides
    CHECK(with("-49").size() == 1);
    CHECK(in_short(with("0")) == Lines{"gw1.toml:4:10 wrong weights", "gw1.toml:1:1 note weight"});
    CHECK(in_short(with("-60", "")) == Lines{"gw2.toml:4:10 note flapping"});
}

TEST_CASE("networks are found by what their routers share") {
    const auto networks = [](const std::vector<RouterTold>& routers) {
        const auto found = networks_of(routers, {});
        if (!found) return found.error().message;
        std::string text;
        for (const SharedNetwork& one : *found) {
            text += text.empty() ? "" : " | ";
            for (const Port& port : one.ports)
                text += (text.empty() || text.back() == ' ' ? "" : ", ") + routers[port.router].name + " " +
                        port.interface;
        }
        return text;
    };
    CHECK(networks({from_lines("a", {"vrrpd -i eth0 -v 1 10.1.0.9", "vrrpd -i eth1 -v 1 10.2.0.9"}),
                    from_lines("b", {"vrrpd -i en7 -v 1 10.2.0.9", "vrrpd -i en8 -v 1 10.1.0.9"})}) ==
          "a eth0, b en8 | a eth1, b en7");
    // One list has a wrong address in it, one VRID is mistyped: they are still on one network.
    CHECK(networks({from_lines("a", {"vrrpd -i eth0 -v 1 10.1.0.9", "vrrpd -i eth1 -v 1 10.2.0.9"}),
                    from_lines("b", {"vrrpd -i eth0 -v 1 10.1.0.9", "vrrpd -i eth1 -v 1 10.2.0.8"})}) ==
          "a eth0, b eth0 | a eth1, b eth1");
    CHECK(networks({from_lines("a", {"vrrpd -i eth0 -v 1 10.1.0.9"}),
                    from_lines("b", {"vrrpd -i eth0 -v 2 10.1.0.9"})}) == "a eth0, b eth0");
    CHECK(
        networks({from_lines("a", {"vrrpd -i eth0 -v 1 10.1.0.9"}),
                  from_lines("b", {"vrrpd -i eth0 -v 2 10.2.0.9"})}) ==
        "a:1:15: a eth0 (vrid 1, 10.1.0.9) shares neither a VRID nor a virtual address with b eth0 (vrid 2, "
        "10.2.0.9): which network is it on? Say --network a.eth0,b.eth0");
    CHECK(networks({from_lines("a", {"vrrpd -i eth0 -v 1 10.1.0.9"})}) ==
          "one router alone fails over to nobody: name two or more");
}

TEST_CASE("a command line has places, whichever way an option is said") {
    const auto place = [](const std::string& line, const char* key) {
        const RouterTold router = from_lines("gw", {line});
        return to_text(Seat{0, 0, 0}.place(std::span(&router, 1), key));
    };
    CHECK(place("vrrpd -i eth0 -v51 10.0.0.9 -p 7", "vrid") == "gw:1:15");
    CHECK(place("vrrpd -i eth0 --vrid=51 10.0.0.9", "vrid") == "gw:1:15");
    CHECK(place("vrrpd -i eth0 -s -v 51 10.0.0.9", "address") == "gw:1:24");
    CHECK(place("vrrpd -i eth0 -v 51 --source 10.0.0.1 10.0.0.9", "address") == "gw:1:39");
    CHECK(place("vrrpd -i eth0 -v 51 10.0.0.9", "priority") == "gw:1:1");
}

TEST_CASE("what is imported has the places of the file that it comes from") {
    const auto imported = importer::import_text(
        {.file = "ka.conf"},
        "vrrp_instance A {\n  interface eth0\n  virtual_router_id 51\n  priority 7\n  authentication {\n"
        "    auth_type PASS\n    auth_pass x\n  }\n  virtual_ipaddress {\n    10.0.0.9\n  }\n}\n",
        {.read_file = {}, .files = {}, .host = "gw"});
    REQUIRE(imported);
    SourceMap places;
    REQUIRE(parse_config_file("x", imported->text, kHere, &places));
    const auto line_of = [&](const char* key) {
        return imported->origins[places.virtual_routers[0].keys.at(key).line - 1].line;
    };
    CHECK(imported->origins.size() == static_cast<std::size_t>(std::ranges::count(imported->text, '\n')));
    CHECK(line_of("interface") == 2);
    CHECK(line_of("priority") == 4);
    CHECK(line_of("authentication") == 5);
    CHECK(line_of("address") == 9);
    CHECK(imported->origins[places.virtual_routers[0].place.line - 1].line == 1);
}
