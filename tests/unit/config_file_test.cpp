#include "core/config/command_line.hpp"
#include "core/config/config_file.hpp"
#include "core/config/settings.hpp"
#include "tests/unit/test_bed.hpp"

#include <map>

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config;

namespace {

// No files, and one user.
const Here kHere{[](const std::string& path, bool) -> tl::expected<std::string, std::string> {
                     return tl::unexpected(path + ": No such file or directory");
                 },
                 [](const std::string& name) { return name == "alice"; }};

std::string file_refusal(const std::string& text) {
    const auto result = parse_config_file("gw.toml", text, kHere);
    return result ? "accepted" : result.error().message;
}

constexpr const char* kTwo = R"(
directory = "/run/gateway"
foreground = true

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

// One virtual router and what is to be said of it.
std::string with(const std::string& lines) {
    return "[[virtual_router]]\ninterface = \"eth0\"\nvrid = 5\naddress = \"10.0.0.1\"\n" + lines;
}

} // namespace

TEST_CASE("a file holds many virtual routers, and groups that need no counting") {
    const auto line = parse_config_file("gw.toml", kTwo, kHere);
    REQUIRE(line);
    CHECK(line->process.directory == "/run/gateway");
    CHECK(line->process.foreground);
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
    const auto result = parse_command_line(arguments, {read, kHere.has_user});
    REQUIRE(result);
    const auto& line = std::get<Configuration>(*result);
    CHECK(line.process.directory == "/tmp/x");
    CHECK(line.process.foreground); // the file says so, and the command line says nothing
    CHECK(line.process.check);
    CHECK(line.router.virtual_routers.size() == 2);
}

TEST_CASE("whose scripts they are, what is told to whom, and by what name") {
    const auto line = parse_config_file("gw.toml", R"(
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
                                        {kHere.read_file, [](const std::string&) { return true; }});
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

TEST_CASE("a virtual router's own script user wins over the process's") {
    const auto line =
        parse_config_file("gw.toml", "script-user = \"alice\"\n" + with("script-user = \"bob\""),
                          {kHere.read_file, [](const std::string&) { return true; }});
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
        {"foreground = 1", "gw.toml:1:14: foreground is true or false"},
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
