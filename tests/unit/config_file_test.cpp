#include "core/config/command_line.hpp"
#include "core/config/config_file.hpp"
#include "core/config/settings.hpp"
#include "tests/unit/test_bed.hpp"

#include <map>

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config;

namespace {

// No files, one user and one group.
const Here kHere{[](const std::string& path, bool) -> tl::expected<std::string, std::string> {
                     return tl::unexpected(path + ": No such file or directory");
                 },
                 [](const std::string& name) { return name == "alice"; },
                 [](const std::string& name) { return name == "watchers"; }};

std::string file_refusal(const std::string& text) {
    const auto result = parse_config_file("gw.toml", text, kHere);
    return result ? "accepted" : result.error().message;
}

constexpr const char* kTwo = R"(
directory = "/run/gateway"
foreground = true
control-group = "watchers"

[group.gateway]

[[virtual_router]]
interface = "eth0"
vrid = 51
address = ["10.16.1.200", "10.16.1.201/24"]
priority = 150
interval = 2
master-script = "/etc/master.sh"
group = "gateway"

[[virtual_router]]
interface = "eth1"
vrid = 52
address = "10.17.1.200"
protocol = 3
interval = 0.25
no-preempt = true
no-virtual-mac = false
group = "gateway"
)";

// One virtual router with this address.
std::string of(const std::string& address) {
    return "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 5\naddress = \"" + address + "\"\n";
}

// One virtual router and what is to be said of it.
std::string with(const std::string& lines) {
    return of("10.0.0.1") + lines;
}

} // namespace

TEST_CASE("a file holds many virtual routers, and groups that need no counting") {
    const auto line = parse_config_file("gw.toml", kTwo, kHere);
    REQUIRE(line);
    CHECK(line->process.directory == "/run/gateway");
    CHECK(line->process.foreground);
    CHECK(line->process.control_group == "watchers");
    CHECK(line->router.groups == std::vector{GroupConfig{.name = "gateway", .minimum = 2, .shared = false}});
    const VirtualRouterConfig &lan = line->router.virtual_routers.at(0),
                              &wan = line->router.virtual_routers.at(1);
    CHECK(lan.addresses == std::vector{prefix("10.16.1.200/32"), prefix("10.16.1.201/24")});
    CHECK(lan.priority == 150);
    CHECK(lan.advertisement_interval == 2s);
    CHECK(lan.master_script == "/etc/master.sh");
    CHECK(wan.version == wire::Version::v3);
    CHECK(wan.advertisement_interval == 250ms);
    CHECK_FALSE(wan.preempt);
    CHECK(wan.virtual_mac);
    CHECK(wan.group == GroupIndex{0});
}

TEST_CASE("the command line's own options win over the file's") {
    const ReadFile read = [](const std::string&, bool) -> tl::expected<std::string, std::string> {
        return kTwo;
    };
    const std::vector<std::string> arguments{"--config", "/etc/gw.toml", "-f", "/tmp/x", "--check"};
    const auto result = parse_command_line(arguments, {read, kHere.has_user, kHere.has_group});
    REQUIRE(result);
    const auto& line = std::get<Configuration>(*result);
    CHECK(line.process.directory == "/tmp/x");
    CHECK(line.process.foreground); // the file says so, and the command line says nothing
    CHECK(line.process.check);
    CHECK(line.router.virtual_routers.size() == 2);
}

TEST_CASE("whose scripts they are, what is told to whom, and by what name") {
    const auto line =
        parse_config_file("gw.toml", R"(
script-user = "alice"
notify-fifo = "/run/vrrp.fifo"
[group.gateway]
notify = "/etc/gateway.sh"
[[virtual_router]]
name = "lan side"
interface = "eth0"
vrid = 51
address = "10.16.1.200"
group = "gateway"
fault-script = "/etc/fault.sh"
stop-script = "/etc/stop.sh"
notify = "/etc/notify.sh"
)",
                          {kHere.read_file, [](const std::string&) { return true; }, kHere.has_group});
    REQUIRE(line);
    CHECK(line->router.notify_fifo == "/run/vrrp.fifo");
    CHECK(line->router.script_user == "alice");
    CHECK(line->router.groups.front().notify_script == "/etc/gateway.sh");
    CHECK(line->router.groups.front().script_user == "alice");
    const VirtualRouterConfig& one = line->router.virtual_routers.front();
    CHECK(notice_name(one) == "lan side");
    CHECK(one.fault_script == "/etc/fault.sh");
    CHECK(one.stop_script == "/etc/stop.sh");
    CHECK(one.notify_script == "/etc/notify.sh");
    CHECK(one.script_user == "alice");
}

TEST_CASE("a script may have arguments, and then is a list") {
    const auto line = parse_config_file(
        "gw.toml",
        "[group.g]\nnotify = [\"/g\", \"a\"]\n" +
            with("group = \"g\"\nmaster-script = [\"/m\", \"one\", \"two words\"]\nbackup-script = []"),
        kHere);
    REQUIRE(line);
    const VirtualRouterConfig& one = line->router.virtual_routers.front();
    CHECK(one.master_script == ScriptLine("/m", {"one", "two words"}));
    CHECK(one.backup_script.empty());
    CHECK(line->router.groups.front().notify_script == ScriptLine("/g", {"a"}));
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += ", \"x\"";
    CHECK(file_refusal(with("notify = [\"/n\"" + many + "]")) ==
          "gw.toml:5:11: notify: a script has at most 64 arguments");
    CHECK(file_refusal(with("notify = [\"n\", \"a\"]")) ==
          "gw.toml:5:11: notify 'n': give the script's absolute path");
}

TEST_CASE("a virtual router's own script user wins over the process's") {
    const auto line =
        parse_config_file("gw.toml", "script-user = \"alice\"\n" + with("script-user = \"bob\""),
                          {kHere.read_file, [](const std::string&) { return true; }, kHere.has_group});
    REQUIRE(line);
    CHECK(line->router.virtual_routers.front().script_user == "bob");
}

TEST_CASE("a wrong file gets one line with its place") {
    const std::pair<std::string, const char*> rows[] = {
        {"[[virtual_router]]\ninterface = \"eth0\"\nvrid = \"51\"\n",
         "gw.toml:3:8: vrid is a whole number without quotes"},
        {with("group = 5"), "gw.toml:5:9: group is a text in quotes"},
        {"", "gw.toml:1:1: there is no [[virtual_router]]"},
        {"x = ", "gw.toml:1:"},
        {"virtual_routers = 1", "gw.toml:1:1: unknown key 'virtual_routers'"},
        {"virtual_router = 1", "gw.toml:1:18: write it as [[virtual_router]]"},
        {with("vird = 6"), "gw.toml:5:1: unknown key 'vird'"},
        {with("priority = 256"), "gw.toml:5:12: priority 256: a priority is a whole number from 1 to 255"},
        {with("priority = [1, 2]"), "gw.toml:5:12: priority has one value"},
        {with("no-preempt = 1"), "gw.toml:5:14: no-preempt is true or false"},
        {with("interval = 0.5"), "gw.toml:5:12: interval 0.5: the interval is a whole number"},
        {with("authentication = \"pw/@/etc/key\""), "gw.toml:5:18: authentication: /etc/key: No such file"},
        {with("group = \"x\""), "gw.toml:5:9: there is no group 'x': write [group.x]"},
        {with("\n[group.x]"), "gw.toml:6:1: group 'x' has no member"},
        {"[group.x]\nminimum = 2\n" + with("group = \"x\""), "gw.toml:2:1: unknown key 'minimum'"},
        {"[[virtual_router]]\ninterface = \"eth0\"\nvrid = 5\naddress = [\"10.0.0.1\", \"10.0.0.256\"]",
         "gw.toml:4:24: '10.0.0.256' is no virtual address"},
        {"[[virtual_router]]\nvrid = 5\naddress = \"10.0.0.1\"", "gw.toml:1:1: interface is missing"},
        {with("") + with(""), "gw.toml:7:8: vrid 5 stands twice on eth0"},
        {with("") + "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 6\naddress = \"10.0.0.1\"\n",
         "gw.toml:8:11: 10.0.0.1 is vrid 5's already"},
        {"directory = \"x\"", "gw.toml:1:13: directory is an absolute path"},
        {"group = 5", "gw.toml:1:9: write each group as [group.NAME]"},
        {"[group]\nx = 5", "gw.toml:2:5: write each group as [group.NAME]"},
        {"[[virtual_router]]\ninterface = \"\"", "gw.toml:2:13: interface ''"},
        {"script-user = \"bob\"", "gw.toml:1:15: script-user 'bob': this machine has no user of that name"},
        {"script-user = 0", "gw.toml:1:15: script-user is a text in quotes"},
        {"control-group = \"admins\"",
         "gw.toml:1:17: control-group 'admins': this machine has no group of that name"},
        {"control-group = \"\"", "gw.toml:1:17: control-group '': this machine has no group of that name"},
        {"control-group = 0", "gw.toml:1:17: control-group is a text in quotes"},
        {"control-group = [\"watchers\"]", "gw.toml:1:17: control-group has one value"},
        {"notify-fifo = \"fifo\"", "gw.toml:1:15: notify-fifo 'fifo': give the FIFO's absolute path"},
        {"notify-fifo = [\"/a\", \"/b\"]", "gw.toml:1:15: notify-fifo has one value"},
        {"[group.'a\"b']", "gw.toml:1:8: group: a name has 1 to 64 characters without quotes"},
        {"[group.x]\nnotify = \"x\"", "gw.toml:2:10: notify 'x': give the script's absolute path"},
        {with("script-user = \"bob\""),
         "gw.toml:5:15: script-user 'bob': this machine has no user of that name"},
        {with("fault-script = \"x.sh\""),
         "gw.toml:5:16: fault-script 'x.sh': give the script's absolute path"},
        {with("stop-script = \"\""), "gw.toml:5:15: stop-script '': give the script's absolute path"},
        {with("notify = \"./x\""), "gw.toml:5:10: notify './x': give the script's absolute path"},
        {with("name = \"\""), "gw.toml:5:8: name: a name has 1 to 64 characters without quotes"},
        {with("name = 'say \"x\"'"), "gw.toml:5:8: name: a name has 1 to 64 characters without quotes"},
        {with("name = \"a\\nb\""), "gw.toml:5:8: name: a name has 1 to 64 characters without quotes"},
        {with("name = \"" + std::string(65, 'x') + "\""), "gw.toml:5:8: name: a name has 1 to 64 characters"},
        {with("name = \"x\"") + "\n[[virtual_router]]\nname = \"x\"\ninterface = \"eth1\"\nvrid = 5\n"
                                "address = \"10.0.0.1\"\n",
         "gw.toml:7:8: 'x' is the name of vrid 5 on eth0 already"},
        {with("") + "[[virtual_router]]\nname = \"eth0_5\"\ninterface = \"eth1\"\nvrid = 5\n"
                    "address = \"10.0.0.1\"\n",
         "gw.toml:6:8: 'eth0_5' is the name of vrid 5 on eth0 already"},
        {of("10.0.0.1 via eth1"),
         "gw.toml:4:11: 10.0.0.1 via eth1: 'via': after an address come dev INTERFACE"},
        {of("10.0.0.1 dev"),
         "gw.toml:4:11: 10.0.0.1 dev: dev '': an interface's name has 1 to 15 characters"},
        {of("10.0.0.1 dev a/b"), "gw.toml:4:11: 10.0.0.1 dev a/b: dev 'a/b': an interface's name has"},
        {of("10.0.0.1 label"), "gw.toml:4:11: 10.0.0.1 label: label says nothing: after an address come"},
        {of("10.0.0.1 label 0123456789abcdef"), "gw.toml:4:11: 10.0.0.1 label 0123456789abcdef: label "
                                                "0123456789abcdef: at most 15 characters"},
        {of("10.0.0.1 scope world"),
         "gw.toml:4:11: 10.0.0.1 scope world: scope world: after an address come"},
        {of("fe80::1 label x") + "protocol = 3\n",
         "gw.toml:4:11: fe80::1 label x: label x: an IPv6 address has none"},
        {of("fe80::1 scope link") + "protocol = 3\n",
         "gw.toml:4:11: fe80::1 scope link: scope link: an IPv6 address has none"},
        {of("fe80::1 dev eth1") + "protocol = 3\nrouter-advertisements = true\n",
         "gw.toml:6:25: router-advertisements: they come from fe80::1, and that is on eth1"},
        {of("10.0.0.1 dev eth1") + "magic-address = \"10.0.0.1\"\nmagic-gateway = \"10.0.0.9\"\n",
         "gw.toml:5:17: magic-address 10.0.0.1: it is on eth1: a magic packet leaves by eth0"},
        {of("10.0.0.1 dev eth1") +
             "[[virtual_router]]\ninterface = \"eth1\"\nvrid = 6\naddress = \"10.0.0.1\"\n",
         "gw.toml:8:11: 10.0.0.1 is vrid 5's already on eth1"},
        {"foreground = 1", "gw.toml:1:14: foreground is true or false"},
    };
    for (const auto& [text, expected] : rows) {
        INFO(text);
        CHECK_THAT(file_refusal(text), Catch::StartsWith(expected));
    }
}

namespace {

std::string tracked(const std::string& lines, const std::string& use = "track = \"up\"") {
    return with(use + "\n") + "[[track]]\nname = \"up\"\ninterface = \"eth9\"\n" + lines;
}

std::string scripted(const std::string& lines) {
    return "[[track]]\nname = \"s\"\n" + lines;
}

} // namespace

TEST_CASE("checks have names, and virtual routers and groups say which they use") {
    const auto line = parse_config_file("gw.toml",
                                        "[[track]]\nname = \"up.link-1_\"\ninterface = \"eth9\"\naddress = "
                                        "\"10.9.0.1\"\nweight = -30\ninvert = true\nhold = 2.5\n"
                                        "[[track]]\nname = \"b\"\ninterface = \"eth8\"\n"
                                        "[group.g]\ntrack = \"b\"\n" +
                                            with("group = \"g\"\ntrack = [\"b\", \"up.link-1_\"]"),
                                        kHere);
    REQUIRE(line);
    CHECK(line->router.tracks ==
          std::vector<TrackConfig>{{.name = "up.link-1_",
                                    .check = InterfaceCheck{"eth9", ip("10.9.0.1")},
                                    .weight = -30,
                                    .invert = true,
                                    .hold = 2500ms},
                                   {.name = "b", .check = InterfaceCheck{"eth8", std::nullopt}}});
    CHECK(line->router.virtual_routers[0].tracks == std::vector{TrackIndex{1}, TrackIndex{0}});
    CHECK(line->router.groups[0].tracks == std::vector{TrackIndex{1}});
}

TEST_CASE("a script's check says how often it is asked, how long it may take, and what counts") {
    const auto track = [](const std::string& lines) {
        const auto line =
            parse_config_file("gw.toml", with("track = \"web\"\n[[track]]\nname = \"web\"\n" + lines), kHere);
        REQUIRE(line);
        return line->router.tracks.front();
    };
    CHECK(track("script = \"/etc/web\"") == TrackConfig{.name = "web",
                                                        .check = ScriptCheck{"/etc/web", {}},
                                                        .weight = std::nullopt,
                                                        .interval = 1s,
                                                        .timeout = 2s});
    CHECK(track("script = [\"/etc/web\", \"80\", \"a b\"]\ninterval = 0.1\ntimeout = 10\nrise = 3\nfall = "
                "255\n") == TrackConfig{.name = "web",
                                        .check = ScriptCheck{"/etc/web", {"80", "a b"}},
                                        .weight = std::nullopt,
                                        .interval = 100ms,
                                        .timeout = 10s,
                                        .rise = 3,
                                        .fall = 255});
    CHECK(track("tcp = \"10.0.0.1:65535\"").check ==
          decltype(TrackConfig::check)(TcpCheck{ip("10.0.0.1"), 65535}));
    const auto check = [&](const std::string& lines) { return track(lines).check; };
    using Check = decltype(TrackConfig::check);
    CHECK(track("ping = \"10.0.0.1\"\nfrom = \"eth9\"\nfall = 3") ==
          TrackConfig{.name = "web",
                      .check = PingCheck{ip("10.0.0.1"), "eth9"},
                      .interval = 1s,
                      .timeout = 2s,
                      .fall = 3});
    CHECK(check("ping = \"fd00::1\"") == Check(PingCheck{ip("fd00::1"), ""}));
    CHECK(check("ping = \"fe80::1\"\nfrom = \"eth9\"") == Check(PingCheck{ip("fe80::1"), "eth9"}));
    CHECK(check("neighbour = \"10.0.0.1\"\nfrom = \"eth9\"") ==
          Check(PingCheck{.address = ip("10.0.0.1"), .interface = "eth9", .neighbour = true}));
    CHECK(check("script = \"/etc/web\"\nuser = \"alice\"") == Check(ScriptCheck{"/etc/web", {}, "alice"}));
    CHECK(track("process = \"bird\"\nhold = 5") ==
          TrackConfig{.name = "web", .check = ProcessCheck{"bird", ""}, .hold = 5s});
    CHECK(check("pid-file = \"/run/bird.pid\"") == Check(ProcessCheck{"", "/run/bird.pid"}));
    CHECK(track("file = \"/run/weight\"\nhold = 60") ==
          TrackConfig{.name = "web", .check = FileCheck{"/run/weight"}, .hold = 60s});
    CHECK(track("route = \"default\"\nhold = 30") ==
          TrackConfig{.name = "web", .check = RouteCheck{prefix("0.0.0.0/0"), 254, {}, {}}, .hold = 30s});
    CHECK(check("route = \"fd00::/8\"\ntable = 4294967295\nprotocol = \"bgp\"\nvia = \"fe80::1\"") ==
          Check(RouteCheck{prefix("fd00::/8"), 4294967295, 186, ip("fe80::1")}));
    CHECK(check("route = \"10.0.0.0/8\"\nprotocol = 0\nvia = \"fe80::1\"") ==
          Check(RouteCheck{prefix("10.0.0.0/8"), 254, 0, ip("fe80::1")}));
    CHECK(track("tcp = \"[fd00::1]:80\"").check == decltype(TrackConfig::check)(TcpCheck{ip("fd00::1"), 80}));
}

TEST_CASE("programs of checks run as the file's script-user, where they name no other one") {
    const auto line =
        parse_config_file("gw.toml",
                          "script-user = \"alice\"\n[[track]]\nname = \"a\"\nscript = "
                          "\"/etc/a\"\n[[track]]\nname = \"b\"\nscript = "
                          "\"/etc/b\"\nuser = \"bob\"\n" +
                              with("track = [\"a\", \"b\"]"),
                          {kHere.read_file, [](const std::string&) { return true; }, kHere.has_group});
    REQUIRE(line);
    CHECK(std::get<ScriptCheck>(line->router.tracks[0].check).user == "alice");
    CHECK(std::get<ScriptCheck>(line->router.tracks[1].check).user == "bob");
}

TEST_CASE("a wrong check gets one line with its place") {
    const std::pair<std::string, const char*> rows[] = {
        {"track = 1\n", "gw.toml:1:9: write each track as [[track]]"},
        {"[track.up]\n", "gw.toml:1:1: write each track as [[track]]"},
        {"[[track]]\ninterface = \"eth9\"\n", "gw.toml:1:1: a track needs a name"},
        {"[[track]]\nname = 5\n", "gw.toml:2:8: name is a text in quotes"},
        {"[[track]]\nname = \"a b\"\n", "gw.toml:2:8: name 'a b': a track's name has 1 to 32 letters"},
        {"[[track]]\nname = \"\"\n", "gw.toml:2:8: name ''"},
        {"[[track]]\nname = \"x23456789012345678901234567890123\"\n", "gw.toml:2:8: name 'x2345"},
        {"[[track]]\nname = \"a\"\n", "gw.toml:1:1: track 'a' checks nothing"},
        {"[[track]]\nname = \"a\"\ninterface = 1\n", "gw.toml:3:13: interface is a text in quotes"},
        {"[[track]]\nname = \"a\"\ninterface = \"a/b\"\n",
         "gw.toml:3:13: interface 'a/b': an interface's name"},
        {tracked("address = \"10.0.0\""), "gw.toml:9:11: address '10.0.0': write 10.0.0.1"},
        {tracked("address = 1"), "gw.toml:9:11: address is a text in quotes"},
        {tracked("weight = 254"), "gw.toml:9:10: weight 254: a weight is a whole number from -253 to 253"},
        {tracked("weight = -254"), "gw.toml:9:10: weight -254: a weight"},
        {tracked("weight = \"5\""), "gw.toml:9:10: weight is a whole number without quotes"},
        {tracked("weight = 5.0"), "gw.toml:9:10: weight is a whole number without quotes"},
        {tracked("invert = 1"), "gw.toml:9:10: invert is true or false"},
        {tracked("hold = \"5\""), "gw.toml:9:8: hold is a number of seconds without quotes"},
        {tracked("hold = -1"), "gw.toml:9:8: hold -1: the hold is 0 to 3600 seconds"},
        {tracked("hold = 3601"), "gw.toml:9:8: hold 3601: the hold is 0 to 3600 seconds"},
        {tracked("wieght = 5"), "gw.toml:9:1: unknown key 'wieght': a track of an interface has name, "},
        {tracked("[[track]]\nname = \"up\"\ninterface = \"eth8\"\n"),
         "gw.toml:10:8: track 'up' stands twice"},
        {tracked("interval = 1"), "gw.toml:9:1: unknown key 'interval': a track of an interface has"},
        {tracked("script = \"/x\""), "gw.toml:9:10: a track checks one thing: write interface or script"},
        {scripted("script = \"x\""), "gw.toml:3:10: script: give the program's absolute path"},
        {scripted("script = []"), "gw.toml:3:10: script: give the program's absolute path"},
        {scripted("file = 5"), "gw.toml:3:8: file is a text in quotes"},
        {scripted("file = \"weight\""), "gw.toml:3:8: file: give the file's absolute path"},
        {scripted("file = \"/w\"\nweight = 5"),
         "gw.toml:4:1: unknown key 'weight': a track of a file has name, file, hold"},
        {scripted("script = \"/x\"\nuser = \"bob\""),
         "gw.toml:4:8: user 'bob': this machine has no user of that name"},
        {scripted("script = \"/x\"\nuser = 0"), "gw.toml:4:8: user is a text in quotes"},
        {scripted("tcp = \"10.0.0.1:80\"\nuser = \"alice\""), "gw.toml:4:1: unknown key 'user'"},
        {scripted("ping = 5"), "gw.toml:3:8: ping is a text in quotes"},
        {scripted("ping = \"gateway\""), "gw.toml:3:8: ping 'gateway': write 10.0.0.1 or fe80::1"},
        {scripted("ping = \"0.0.0.0\""), "gw.toml:3:8: ping '0.0.0.0': write one machine's address"},
        {scripted("ping = \"224.0.0.18\""), "gw.toml:3:8: ping '224.0.0.18': write one"},
        {scripted("ping = \"255.255.255.255\""), "gw.toml:3:8: ping '255.255.255.255': write one"},
        {scripted("ping = \"fe80::1\""),
         "gw.toml:3:8: ping 'fe80::1': a link-local address needs the interface"},
        {scripted("neighbour = \"10.0.0.1\""),
         "gw.toml:3:13: neighbour '10.0.0.1': a neighbour is on the link of an interface: from"},
        {scripted("neighbour = \"ff02::1\"\nfrom = \"eth1\""),
         "gw.toml:3:13: neighbour 'ff02::1': write one"},
        {scripted("neighbour = \"10.0.0.1\"\nfrom = \"\""), "gw.toml:4:8: from '': an interface's name"},
        {scripted("neighbour = \"10.0.0.1\"\nping = \"10.0.0.1\""),
         "gw.toml:3:13: a track checks one thing: write ping or neighbour"},
        {scripted("ping = \"10.0.0.1\"\nfrom = \"a/b\""), "gw.toml:4:8: from 'a/b': an interface's name"},
        {scripted("ping = \"10.0.0.1\"\nfrom = 1"), "gw.toml:4:8: from is a text in quotes"},
        {scripted("ping = \"10.0.0.1\"\ninterface = \"eth1\""),
         "gw.toml:3:8: a track checks one thing: write interface or ping"},
        {scripted("ping = \"10.0.0.1\"\naddress = \"10.0.0.2\""),
         "gw.toml:4:1: unknown key 'address': a track of an address that answers has name, ping, from, "
         "interval"},
        {scripted("process = 5"), "gw.toml:3:11: process is a text in quotes"},
        {scripted("process = \"\""),
         "gw.toml:3:11: process '': write its program's name without a directory"},
        {scripted("process = \"/usr/sbin/bird\""), "gw.toml:3:11: process '/usr/sbin/bird': write its"},
        {scripted("process = \"1234567890123456\""), "gw.toml:3:11: process '1234567890123456': write its "
                                                     "program's name without a directory, and of that the "
                                                     "first 15"},
        {scripted("process = \"bird\"\ninterval = 1"),
         "gw.toml:4:1: unknown key 'interval': a track of a process has name, process, weight, invert, hold"},
        {scripted("pid-file = \"bird.pid\""), "gw.toml:3:12: pid-file: give the file's absolute path"},
        {scripted("pid-file = \"/x\"\nprocess = \"bird\""),
         "gw.toml:3:12: a track checks one thing: write process or pid-file"},
        {scripted("route = 5"), "gw.toml:3:9: route is a text in quotes"},
        {scripted("route = \"0/0\""), "gw.toml:3:9: route '0/0': write a prefix without host bits"},
        {scripted("route = \"10.0.0.1/8\""),
         "gw.toml:3:9: route '10.0.0.1/8': write a prefix without host bits"},
        {scripted("route = \"default\"\ntable = 0"),
         "gw.toml:4:9: table 0: a table is a whole number from 1 to 4294967295"},
        {scripted("route = \"default\"\ntable = \"main\""),
         "gw.toml:4:9: table is a whole number without quotes"},
        {scripted("route = \"default\"\nprotocol = 256"),
         "gw.toml:4:12: protocol 256: a route's protocol is 0 to 255"},
        {scripted("route = \"default\"\nprotocol = -1"), "gw.toml:4:12: protocol -1: a route's"},
        {scripted("route = \"default\"\nprotocol = \"egp\""),
         "gw.toml:4:12: protocol 'egp': write a number, or one of kernel, boot, static, "},
        {scripted("route = \"default\"\nvia = \"gw\""), "gw.toml:4:7: via 'gw': write 10.0.0.1 or fe80::1"},
        {scripted("route = \"default\"\nvia = \"0.0.0.0\""),
         "gw.toml:4:7: via '0.0.0.0': write the next hop's address"},
        {scripted("route = \"::/0\"\nvia = \"10.0.0.1\""),
         "gw.toml:4:7: via '10.0.0.1': write the next hop's address"},
        {scripted("route = \"default\"\nfrom = \"eth1\""),
         "gw.toml:4:1: unknown key 'from': a track of a route has name, route, table, protocol, via, weight"},
        {scripted("tcp = 80"), "gw.toml:3:7: tcp is a text in quotes"},
        {scripted("tcp = \"10.0.0.1\""), "gw.toml:3:7: tcp '10.0.0.1': write an address and a port"},
        {scripted("tcp = \"10.0.0.1:\""), "gw.toml:3:7: tcp '10.0.0.1:'"},
        {scripted("tcp = \"10.0.0.1:0\""), "gw.toml:3:7: tcp '10.0.0.1:0'"},
        {scripted("tcp = \"10.0.0.1:65536\""), "gw.toml:3:7: tcp '10.0.0.1:65536'"},
        {scripted("tcp = \"10.0.0.1:80x\""), "gw.toml:3:7: tcp '10.0.0.1:80x'"},
        {scripted("tcp = \"web:80\""), "gw.toml:3:7: tcp 'web:80'"},
        {scripted("tcp = \"fd00::1:80\""), "gw.toml:3:7: tcp 'fd00::1:80'"},
        {scripted("tcp = \"[10.0.0.1]:80\""), "gw.toml:3:7: tcp '[10.0.0.1]:80'"},
        {scripted("tcp = \"224.0.0.1:80\""), "gw.toml:3:7: tcp '224.0.0.1:80'"},
        {scripted("tcp = \"10.0.0.1:80\"\naddress = \"10.0.0.1\""),
         "gw.toml:4:1: unknown key 'address': a track of a TCP port"},
        {scripted("script = [\"/x\", 5]"), "gw.toml:3:17: script is a text in quotes"},
        {scripted("script = 5"), "gw.toml:3:10: script is a text in quotes"},
        {scripted("script = \"/x\"\naddress = \"10.0.0.1\""),
         "gw.toml:4:1: unknown key 'address': a track of a script"},
        {scripted("script = \"/x\"\ninterval = 0.09"),
         "gw.toml:4:12: interval 0.09: the interval is 0.1 to 3600 seconds"},
        {scripted("script = \"/x\"\ninterval = 3601"), "gw.toml:4:12: interval 3601: the interval"},
        {scripted("script = \"/x\"\ninterval = 0.125"), "gw.toml:4:12: interval 0.125: the interval"},
        {scripted("script = \"/x\"\ntimeout = 0"),
         "gw.toml:4:11: timeout 0: the timeout is 0.1 to 3600 seconds"},
        {scripted("script = \"/x\"\ntimeout = true"), "gw.toml:4:11: timeout is a number of seconds"},
        {scripted("script = \"/x\"\nrise = 0"), "gw.toml:4:8: rise 0: rise is a whole number from 1 to 255"},
        {scripted("script = \"/x\"\nfall = 256"),
         "gw.toml:4:8: fall 256: fall is a whole number from 1 to 255"},
        {tracked("", ""), "gw.toml:6:1: track 'up' is used by nobody"},
        {tracked("", "track = \"down\""), "gw.toml:5:9: there is no track 'down': write [[track]]"},
        {tracked("", "track = 5"), "gw.toml:5:9: track is a text in quotes, or a list"},
        {tracked("", "track = [\"up\", 5]"), "gw.toml:5:16: track is a text in quotes"},
        {tracked("", "track = [\"up\", \"up\"]"), "gw.toml:5:16: track 'up' is named twice"},
        {"[group.g]\ntrack = \"up\"\n" + with("group = \"g\""), "gw.toml:2:9: there is no track 'up'"},
    };
    for (const auto& [text, expected] : rows) {
        INFO(text);
        CHECK_THAT(file_refusal(text), Catch::StartsWith(expected));
    }
}

TEST_CASE("each setting takes its own kind of value and no other") {
    const std::map<Kind, std::vector<std::string>> wrong = {
        {Kind::number, {"\"51\"", "5.5", "5.0", "true", "[5]", "{}"}},
        {Kind::seconds, {"\"1\"", "true", "[1]", "1979-05-27"}},
        {Kind::text, {"5", "0.5", "true", "[\"x\"]", "{}"}},
        {Kind::flag, {"1", "\"true\"", "[true]"}},
        {Kind::texts, {"5", "true", "{}"}},
    };
    Settings settings;
    for (const Setting* setting : settings.all())
        for (const std::string& value : wrong.at(setting->kind)) {
            const std::string line = std::string(setting->key) + " = " + value;
            INFO(line);
            const std::string place = "gw.toml:2:" + std::to_string(line.size() - value.size() + 1) + ": ";
            CHECK_THAT(file_refusal("[[virtual_router]]\n" + line + "\n"),
                       Catch::StartsWith(place + setting->key + " "));
        }
    CHECK_THAT(file_refusal("[[virtual_router]]\naddress = [\"10.0.0.1\", 5]\n"),
               Catch::StartsWith("gw.toml:2:24: address is a text in quotes"));
}

TEST_CASE("one VRID on two interfaces names two virtual routers") {
    const std::string other = "[[virtual_router]]\ninterface = \"eth1\"\nvrid = 5\naddress = \"10.0.0.1\"\n";
    CHECK(file_refusal(with("") + other) == "accepted");
}

TEST_CASE("one VRID of each family on an interface names two virtual routers") {
    const std::string v6 = "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 5\nprotocol = 3\n"
                           "address = [\"fe80::5\", \"fd00::1\"]\n";
    CHECK(file_refusal(with("") + v6) == "accepted");
}

TEST_CASE("a file with more virtual routers than a process holds is refused") {
    std::string text;
    for (int i = 0; i < 4097; ++i)
        text += "[[virtual_router]]\n";
    CHECK_THAT(file_refusal(text), Catch::Contains("more than 4096 virtual routers"));
}

TEST_CASE("an entry of a file with both families is one group, which other entries may not bear") {
    const std::string both = "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\nprotocol = 3\n"
                             "address = [\"10.16.1.200\", \"fe80::51\"]\n";
    const auto good = parse_config_file("gw.toml", both, {});
    REQUIRE(good);
    REQUIRE(good->router.virtual_routers.size() == 2);
    REQUIRE(good->router.groups.size() == 1);
    CHECK(good->router.groups[0].name == "eth0_51");
    CHECK(good->router.groups[0].minimum == 2);
    const auto named = parse_config_file("gw.toml", "[group.eth0_51]\n" + both + "group = \"eth0_51\"\n", {});
    REQUIRE(named);
    CHECK(named->router.groups.size() == 1);
    CHECK(named->router.groups[0].minimum == 2);
    const auto clash = parse_config_file("gw.toml",
                                         "[group.eth0_51]\n" + both +
                                             "[[virtual_router]]\ninterface = \"eth1\"\nvrid = 1\n"
                                             "address = \"10.0.0.1\"\ngroup = \"eth0_51\"\n",
                                         {});
    REQUIRE_FALSE(clash);
    CHECK_THAT(clash.error().message,
               Catch::StartsWith("gw.toml:2:1: addresses of both families make a group"));
}
