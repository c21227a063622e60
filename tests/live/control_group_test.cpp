// Who may ask a vrrpd: root, and, only to read, the members of its control group.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <fstream>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

// Of a user who is nobody in particular.
const std::string kMember = "setpriv --reuid 4242 --regid 4242 --groups 7112 ";
const std::string kMemberByItsFirstGroup = "setpriv --reuid 4242 --regid 7112 --clear-groups ";
const std::string kOther = "setpriv --reuid 4242 --regid 4242 --groups 7113 ";
const std::string kStranger = "setpriv --reuid 4242 --regid 4242 --clear-groups ";
const std::string kRefused = "is root's: the control group may only read";
constexpr const char* kSocket = "/run/vrrpd/vrrpd_eth0_51.sock";

// One gateway, alone on its network.
struct LoneGateway {
    LoneGateway() {
        lan.must("ip link add br0 type bridge stp_state 0 mcast_snooping 0 && ip link set br0 up");
        r1.connect(lan, "eth0", "10.16.1.1", "02:00:00:16:00:01");
        std::ofstream(r1.file("/etc/group")) << "watchers:x:7112:\nothers:x:7113:\n";
    }
    Process& start(const std::string& options) const {
        Process& vrrpd = r1.vrrpd("-i eth0 10.16.1.200 -v 51 --protocol 3 -d 0.1 " + options);
        REQUIRE(await(kPatience, [&] { return r1.is("master", {51}); }));
        return vrrpd;
    }
    void write_file(const std::string& first_line) const {
        std::ofstream(r1.file("/etc/gw.toml"))
            << first_line << "\n[[virtual_router]]\ninterface = \"eth0\"\nvrid = 51\nprotocol = 3\n"
            << "interval = 0.1\naddress = \"10.16.1.200\"\n";
    }
    Process& start_file(const std::string& first_line) const {
        write_file(first_line);
        Process& vrrpd = r1.vrrpd("--config /etc/gw.toml");
        REQUIRE(await(kPatience, [&] { return r1.is("master", {51}); }));
        return vrrpd;
    }
    bool may_read(const std::string& who) const { return r1.run(who + "atropos --state").status == 0; }
    std::string mode(const std::string& path) const { return r1.must("stat -c %a:%g " + path); }

    Namespace lan{"lan"};
    Gateway r1{"r1"};
};

} // namespace

TEST_CASE("without a control group a vrrpd is root's alone") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.start("");
    CHECK(bed.mode("/run/vrrpd") == "700:0\n");
    CHECK(bed.mode(kSocket) == "600:0\n");
    CHECK_FALSE(bed.may_read(kMember));
}

TEST_CASE("a member of the control group reads, and commands nothing") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.start("--control-group watchers");
    CHECK(bed.mode("/run/vrrpd") == "750:7112\n");
    CHECK(bed.mode(kSocket) == "660:7112\n");
    CHECK(bed.may_read(kMemberByItsFirstGroup));
    for (const auto& [question, answer] :
         {std::pair("--state", "master"),
          {"--state --json", "\"virtual_routers\""},
          {"--check", "VRRP OK"},
          {"--metrics", "vrrp_master{interface=\"eth0\",vrid=\"51\",family=\"IPv4\"} 1"}}) {
        INFO(question);
        const CommandResult result = bed.r1.run(kMember + "atropos " + question);
        CHECK(result.status == 0);
        CHECK_THAT(result.output, Catch::Contains(answer));
    }
    const std::string before = bed.r1.router(51)["priority"].dump();
    for (const std::string& command :
         std::vector<std::string>{"--backup", "--backup --hold", "--release", "--master", "--reduce",
                                  "--increase", "--forget", "--reload", "--restart"}) {
        INFO(command);
        const CommandResult result = bed.r1.run(kMember + "atropos " + command);
        CHECK(result.status == 1);
        CHECK_THAT(result.output, Catch::Contains(kRefused));
        CHECK(std::ranges::count(result.output, '\n') == 1);
    }
    CHECK(bed.r1.is("master", {51}));
    CHECK(bed.r1.router(51)["priority"].dump() == before);
    bed.r1.must("atropos --reduce"); // root commands as ever
}

TEST_CASE("who is not in the control group is told nothing, whatever the modes of the files") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.start("--control-group watchers");
    for (const std::string& who : {kStranger, kOther}) {
        const CommandResult result = bed.r1.run(who + "atropos --state");
        CHECK(result.status == 1);
        CHECK_THAT(result.output, Catch::Contains("Permission denied"));
    }
    bed.r1.must(std::string("chmod 755 /run/vrrpd && chmod 666 ") + kSocket);
    for (const std::string& who : {kStranger, kOther}) {
        const CommandResult result = bed.r1.run(who + "atropos --state");
        CHECK(result.status == 1);
        CHECK_THAT(result.output, !Catch::Contains("master"));
    }
    CHECK(bed.may_read(kMember));
}

TEST_CASE("a reload gives the control socket to another group, and takes it from the one before") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.start_file("control-group = \"watchers\"");
    Process& watch = bed.r1.start(kMember + "atropos --watch");
    REQUIRE(await(kPatience, [&] { return !watch.output().empty(); }));

    bed.write_file("control-group = \"others\"");
    const CommandResult asked = bed.r1.run(kMember + "atropos --reload --dry-run");
    CHECK(asked.status == 0);
    CHECK(asked.output == "would change: control-group\n");
    CHECK(bed.may_read(kMember));

    CHECK(bed.r1.must("atropos --reload") == "control-group\n");
    CHECK_FALSE(bed.may_read(kMember));
    CHECK(bed.may_read(kOther));
    CHECK(bed.mode(kSocket) == "660:7113\n");
    CHECK(watch.wait(kPatience).has_value());
    CHECK_THAT(watch.output(), Catch::Contains("tells no more"));

    bed.write_file("control-group = \"nobody-here\"");
    const CommandResult refused = bed.r1.run("atropos --reload");
    CHECK(refused.status == 1);
    CHECK_THAT(refused.output,
               Catch::Contains("gw.toml:1:17: control-group 'nobody-here': this machine has no "
                               "group of that name"));
    CHECK(bed.may_read(kOther));

    bed.write_file("");
    bed.r1.must("atropos --reload");
    CHECK_FALSE(bed.may_read(kOther));
    CHECK(bed.mode(kSocket) == "600:0\n");
    CHECK(bed.r1.is("master", {51}));
}

TEST_CASE("a control socket that somebody removes comes back with its group, and a restart keeps it") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.start("--control-group watchers");
    bed.r1.must("rm -rf /run/vrrpd");
    CHECK(await(kPatience, [&] { return bed.may_read(kMember); }));
    bed.r1.must("atropos --restart");
    CHECK(await(kPatience, [&] { return bed.may_read(kMember); }));
    CHECK_FALSE(bed.may_read(kStranger));
}

TEST_CASE("a directory into which everybody may look keeps its mode and group") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.r1.must("mkdir -m 1777 /run/vrrpd");
    bed.start("--control-group watchers");
    CHECK(bed.mode("/run/vrrpd") == "1777:0\n");
    CHECK(bed.may_read(kMember));
    CHECK_FALSE(bed.may_read(kStranger));
}

TEST_CASE("a group that the machine does not have is refused before anything starts") {
    LIVE_OR_SKIP();
    const LoneGateway bed;
    bed.write_file("control-group = \"nobody-here\"");
    const std::pair<std::string, std::string> rows[] = {
        {"vrrpd --check --config /etc/gw.toml", "/etc/gw.toml:1:17: control-group 'nobody-here'"},
        {"vrrpd --foreground --config /etc/gw.toml", "/etc/gw.toml:1:17: control-group 'nobody-here'"},
        {"vrrpd --control-group nobody-here -i eth0 -v 51 10.16.1.200",
         "--control-group 'nobody-here': this machine has no group of that name"},
    };
    for (const auto& [command, why] : rows) {
        INFO(command);
        const CommandResult result = bed.r1.run(command);
        CHECK(result.status == 2);
        CHECK_THAT(result.output, Catch::StartsWith("vrrpd: " + why));
        CHECK(std::ranges::count(result.output, '\n') == 1);
        CHECK(bed.r1.run("ls -d /run/vrrpd").status != 0);
    }
}
