#include "core/config/import/keepalived.hpp"
#include "tests/unit/import_bed.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config::importer;

namespace {

const Order kOrder{.file = "k.conf", .format = Format::keepalived};

Imported import_keepalived(const std::string& text) {
    return imported(text, kOrder, files({}));
}

std::string refusal_of(const std::string& text) {
    return refused_import(text, kOrder,
                          files({{"loop.conf", "include loop.conf\n"}, {"bad.conf", "\n a }\n"}}));
}

// One instance of five lines, and what more is said of it: from line 6 on.
std::string instance(const std::string& lines, const std::string& head = "") {
    return head +
           "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n  "
           "10.0.0.1/24\n }\n" +
           lines + "\n}\n";
}

bool has_line(const Imported& imported, const std::string& line) {
    return ("\n" + imported.text).find("\n" + line + "\n") != std::string::npos;
}

VirtualRouterConfig router_of(const std::string& text) {
    const Imported result = import_keepalived(text);
    INFO(result.text);
    CHECK(result.whole());
    return taken(result).router.virtual_routers.front();
}

struct Row {
    const char* lines;  // of the instance
    const char* result; // a line of the file
};

} // namespace

TEST_CASE("a keepalived.conf becomes a file that reads as if it were written by hand") {
    const Imported result = import_keepalived(R"(! Configuration File for keepalived
global_defs {
   router_id LVS_DEVEL      # a name
   notification_email { root@localhost }
   vrrp_garp_master_delay 10
   script_user alice
}

vrrp_script chk_proxy {
    script "/usr/bin/proxy_answers 'port 3128' -q"
    interval 2
    weight -20
    fall 3
}

vrrp_sync_group G1 {
    group {
        VI_1
        VI_2
    }
    notify /etc/keepalived/notify.sh
}

vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        192.168.200.16/24 dev eth0
        192.168.200.17/24
    }
    track_interface {
        eth2
    }
}

vrrp_instance VI_2
{
    interface eth1
    virtual_router_id 52
    use_vmac
    version 3
    advert_int 0.2
    nopreempt
    virtual_ipaddress {
        10.1.0.1
    }
}
)");
    CHECK(result.text == R"(# Made from k.conf by vrrpd --import. All of it has been carried over.

script-user = "alice"

# k.conf:39: track_interface eth2
[[track]]
name = "eth2"
interface = "eth2"

# k.conf:9: vrrp_script chk_proxy
# left out: nobody uses it
# [[track]]
# name = "chk_proxy"
# script = ["/usr/bin/proxy_answers", "port 3128", "-q"]
# interval = 2
# fall = 3
# timeout = 2

# k.conf:16: vrrp_sync_group G1
[group.G1]
notify = "/etc/keepalived/notify.sh"

# k.conf:24: vrrp_instance VI_1
[[virtual_router]]
name = "VI_1"
interface = "eth0"
vrid = 51
address = ["192.168.200.16/24", "192.168.200.17/24"]
priority = 150
interval = 1
group = "G1"
track = "eth2"
authentication = "pw/1111"
announce-delay = 10
announce-repeats = 1
no-virtual-mac = true

# k.conf:43: vrrp_instance VI_2
[[virtual_router]]
name = "VI_2"
interface = "eth1"
vrid = 52
address = "10.1.0.1"
protocol = 3
interval = 0.2
group = "G1"
no-preempt = true
announce-delay = 10
announce-repeats = 1

)");
    const auto router = taken(result).router;
    CHECK(router.groups.front().minimum == 2);
    CHECK(router.virtual_routers.size() == 2);
}

TEST_CASE("each keyword of an instance becomes the setting that means the same") {
    const Row rows[] = {
        {"priority 77", "priority = 77"},
        {"priority 255", "priority = 255"},
        {"state MASTER", "priority = 255"}, // keepalived's default then
        {"state BACKUP", "no-virtual-mac = true"},
        {"advert_int 3", "interval = 3"},
        {"advert_int 0.5", "interval = 1"}, // version 2 has whole seconds
        {"version 3\n advert_int 0.25", "interval = 0.25"},
        {"version 3\n advert_int 0.251", "interval = 0.25"},
        {"version 3", "protocol = 3"},
        {"authentication {\n auth_type PASS\n auth_pass longer-than-eight\n }",
         "authentication = \"pw/longer-t\""},
        {"authentication {\n auth_type PASS\n auth_pass @x\n }", "authentication = \"pw/0x4078\""},
        {"authentication {\n auth_type AH\n auth_pass 1111\n }", "authentication = \"ah/0x31313131\""},
        {"nopreempt", "no-preempt = true"},
        {"preempt_delay 300", "preempt-delay = 300"},
        {"garp_master_delay 5", "announce-delay = 5"},
        {"garp_master_delay 5", "announce-repeats = 1"},
        {"garp_master_repeat 4", "announce-repeats = 3"},
        {"garp_master_delay 0", "announce-repeats = 0"},
        {"garp_master_refresh 60", "announce-refresh = 60"},
        {"notify_master \"/etc/m\"", "master-script = \"/etc/m\""},
        {"notify_backup /etc/b", "backup-script = \"/etc/b\""},
        {"notify_backup \"/etc/b 'x y' z\"", "backup-script = [\"/etc/b\", \"x y\", \"z\"]"},
        {"notify_fault /etc/f alice", "fault-script = \"/etc/f\""},
        {"notify_fault /etc/f alice", "script-user = \"alice\""},
        {"notify_stop /etc/s", "stop-script = \"/etc/s\""},
        {"notify \"/etc/n\"", "notify = \"/etc/n\""},
        {"virtual_ipaddress { 10.0.0.2 }", "address = [\"10.0.0.1/24\", \"10.0.0.2\"]"},
        {"virtual_ipaddress {\n 10.0.0.2/24 dev eth0 label eth0 scope global}",
         "address = [\"10.0.0.1/24\", \"10.0.0.2/24\"]"},
        {"track_interface {\n eth1 weight 10\n }", "weight = 10"},
        {"track_interface {\n eth1 weight -10 reverse\n }", "weight = 10"},
        {"track_interface {\n eth1 weight -10 reverse\n }", "invert = true"},
        {"track_interface {\n eth0\n eth1\n }", "track = \"eth1\""}, // its own interface counts anyway
    };
    for (const Row& row : rows) {
        const Imported result = import_keepalived(instance(row.lines));
        INFO(row.lines << "\n" << result.text);
        CHECK(has_line(result, row.result));
        CHECK(result.whole());
        taken(result);
    }
}

TEST_CASE("keepalived uses the interface's own MAC unless it is told otherwise") {
    CHECK_FALSE(router_of(instance("")).virtual_mac);
    CHECK(router_of(instance("use_vmac")).virtual_mac);
    CHECK(router_of(instance("use_vmac vrrp.51\nvmac_xmit_base")).virtual_mac);
}

TEST_CASE("what keepalived itself ignores is left out and told, and nothing is lost") {
    const Row rows[] = {
        {"state MASTER\n priority 9\n nopreempt",
         "k.conf:9: nopreempt: note: keepalived ignores it beside state MASTER"},
        {"priority 255\n nopreempt", "priority 255 always preempts"},
        {"nopreempt\n preempt_delay 9", "keepalived ignores it beside nopreempt"},
        {"version 3\n authentication {\n auth_type PASS\n auth_pass x\n}", "version 3 has no authentication"},
        {"authentication {\n auth_type PASS\n}", "keepalived ignores it without a password"},
        {"virtual_ipaddress { fd00::1 }", "the first address is of the other family"},
        {"virtual_ipaddress { 10.0.0.1 label eth0:1 }", "the address stands twice, and the kernel"},
        {"track_script {\n none\n}", "there is no such check"},
        {"virtual_ipaddress {\n 10.0.0.9/24 dev eth1 label eth1:1 scope link\n}",
         "\"10.0.0.9/24 dev eth1 label eth1:1 scope link\""},
        {"virtual_ipaddress {\n 10.0.0.9 scope global label eth0 dev eth0\n}", "\"10.0.0.9\"]"},
    };
    for (const Row& row : rows) {
        const Imported result = import_keepalived(instance(row.lines));
        INFO(row.lines << "\n" << result.text);
        CHECK_THAT(result.text, Catch::Contains(row.result));
        CHECK(result.whole());
        taken(result);
    }
}

TEST_CASE("a line that cannot be carried over is told with its place and what to do, and the rest works") {
    const Row rows[] = {
        {"smtp_alert", "# k.conf:7: smtp_alert: not carried over, beside VRRP: vrrpd sends no mail"},
        {"virtual_routes {\n 10.9.0.0/16 via 10.0.0.9\n}",
         "# k.conf:8: 10.9.0.0/16 via 10.0.0.9: not carried over, beside VRRP: virtual_routes: vrrpd sets no "
         "routes"},
        {"virtual_ipaddress_excluded {\n fd00::9\n}", "the address is left out: it is of the other family"},
        {"virtual_ipaddress {\n 10.0.0.9 dev eth1 brd 10.0.0.255\n}", "carried over without its brd"},
        {"virtual_ipaddress {\n 10.0.0.9 label 0123456789abcdef\n}", "carried over without its label"},
        {"notify_master m", "give the script's absolute path"},
        {"notify_master /etc/m alice\n notify_backup /etc/b bob", "runs as alice"},
        {"garp_master_delay 100", "at most 60 seconds"},
        {"garp_master_repeat 100", "at most 20 times"},
        {"preempt_delay 9999", "0 to 3600"},
        {"down_timer_adverts 4", "three intervals"},
        {"dont_track_primary", "takes no part while its interface is down"},
        {"new_keyword 5", "# k.conf:7: new_keyword 5: not carried over: unknown here"},
        {"priority 300", "a priority is 1 to 255"},
        {"track_interface {\n eth1 weight 300\n}", "a weight is -253 to 253"},
    };
    for (const Row& row : rows) {
        const Imported result = import_keepalived(instance(row.lines));
        INFO(row.lines << "\n" << result.text);
        CHECK_THAT(result.text, Catch::Contains(row.result));
        CHECK_FALSE(result.whole());
        CHECK(taken(result).router.virtual_routers.size() == 1);
    }
}

TEST_CASE("a virtual router that its peers would not understand is left out whole") {
    for (const char* const lines :
         {"mcast_dst_ip 224.0.0.19", "authentication {\n auth_type HMAC\n auth_pass x\n}"}) {
        const Imported result =
            import_keepalived(instance(lines) + "vrrp_instance B {\n interface eth1\n virtual_router_id 9\n "
                                                "virtual_ipaddress { 10.1.0.1 }\n}");
        INFO(lines << "\n" << result.text);
        CHECK(taken(result).router.virtual_routers.size() == 1);
        CHECK_FALSE(result.whole());
    }
    const Imported other_group =
        import_keepalived(instance("", "global_defs {\n vrrp_mcast_group4 224.0.0.19\n}\n"));
    CHECK(other_group.text.find("\n[[virtual_router]]") == std::string::npos);
}

TEST_CASE(
    "unicast peers are carried over, and the TTL of their packets is looked at only where keepalived does") {
    const Imported result = import_keepalived(
        instance("unicast_src_ip 10.0.0.2\n unicast_peer {\n 10.0.0.3\n 10.0.0.4\n}\nunicast_ttl 64"));
    INFO(result.text);
    CHECK(has_line(result, "peer = [\"10.0.0.3\", \"10.0.0.4\"]"));
    CHECK(has_line(result, "source = \"10.0.0.2\""));
    CHECK(has_line(result, "peer-ttl = 1"));
    CHECK_THAT(result.text, Catch::Contains("vrrpd sends with a TTL of 255"));
    CHECK(result.whole());
    taken(result);
    CHECK(has_line(
        import_keepalived(instance("unicast_peer {\n 10.0.0.3 min_ttl 254\n 10.0.0.4 min_ttl 253\n}")),
        "peer-ttl = 253"));
}

TEST_CASE("what is held and not advertised, not accepted, and signed is carried over") {
    const Imported result =
        import_keepalived(instance("virtual_ipaddress_excluded {\n 10.0.0.9/24\n}\n no_accept\n mcast_src_ip "
                                   "10.0.0.7\n auth_hmac {\n key 1 "
                                   "abcdefghijklmnopqrstuvwxyz0123456789\n key 2 "
                                   "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n "
                                   "active_key 2\n mode permissive\n "
                                   "time_window 7\n}"));
    INFO(result.text);
    CHECK(has_line(result, "held-address = \"10.0.0.9/24\""));
    CHECK(has_line(result, "no-accept = true"));
    CHECK(has_line(result, "source = \"10.0.0.7\""));
    CHECK(has_line(result, "hmac-mode = \"accept-unsigned\""));
    CHECK(has_line(result, "hmac-window = 7"));
    CHECK(has_line(result,
                   "authentication = "
                   "[\"hmac/2/0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\", "
                   "\"hmac/1/0x6162636465666768696a6b6c6d6e6f707172737475767778797a30313233343536373839\"]"));
    CHECK(result.whole());
    taken(result);
}

TEST_CASE("what vrrpd would refuse stands in the file as a comment") {
    const Imported v6 = import_keepalived(
        "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress { fd00::1 }\n}\n" +
        instance(""));
    CHECK_THAT(v6.text, Catch::Contains("# left out: an IPv6 virtual router needs a link-local virtual "
                                        "address too: add one, for example fe80::5\n# [[virtual_router]]"));
    CHECK(taken(v6).router.virtual_routers.size() == 1);
    CHECK(v6.lost == 1);
    const Imported twice = import_keepalived(instance("") + instance(""));
    CHECK_THAT(twice.text, Catch::Contains("# left out: 'VI_1' is the name of"));
    const Imported none = import_keepalived("global_defs {\n}\n");
    CHECK_THAT(none.text, Catch::Contains("there is no [[virtual_router]]"));
    CHECK_FALSE(none.whole());
}

TEST_CASE("scripts, files and processes become checks, one for each weight") {
    const std::string declared = R"(vrrp_script s {
 script "/usr/bin/x a"
 weight 5
 rise 2
 timeout 3
 user alice
}
vrrp_script port {
 script "</dev/tcp/127.0.0.1/80"
 interval 3
 weight -2
}
vrrp_script shell {
 script "killall -0 sshd"
}
vrrp_track_file f {
 file /etc/f
}
vrrp_track_process p {
 process /usr/sbin/haproxy
 weight 9
 fork_delay 2.5
}
)";
    const Imported result =
        import_keepalived(instance("track_script {\n s\n s weight 7\n port\n shell\n}\ntrack_file {\n "
                                   "f\n}\ntrack_process {\n p\n p weight 0\n}",
                                   declared));
    INFO(result.text);
    CHECK(result.whole());
    const auto tracks = taken(result).router.tracks;
    REQUIRE(tracks.size() == 7);
    CHECK(tracks[0].name == "s");
    CHECK(tracks[0].weight == 5);
    CHECK(tracks[0].rise == 2);
    CHECK(tracks[0].timeout == 3s);
    CHECK(std::get<ScriptCheck>(tracks[0].check) == ScriptCheck{"/usr/bin/x", {"a"}, "alice"});
    CHECK(tracks[1].name == "s-2");
    CHECK(tracks[1].weight == 7);
    CHECK(std::get<TcpCheck>(tracks[2].check).port == 80);
    CHECK(tracks[2].timeout == 3s); // keepalived's default is the interval
    CHECK(std::get<ScriptCheck>(tracks[3].check).path == "/bin/sh");
    CHECK(tracks[3].weight == std::nullopt);
    CHECK(std::get<FileCheck>(tracks[4].check) == FileCheck{"/etc/f"});
    CHECK(std::get<ProcessCheck>(tracks[5].check).name == "haproxy");
    CHECK(tracks[5].weight == 9);
    CHECK(tracks[5].hold == 2500ms);
    CHECK(tracks[6].weight == std::nullopt);
}

TEST_CASE("a check that says what vrrpd's cannot is told") {
    const Row rows[] = {
        {"vrrp_script s {\n script /x\n interval 0.001\n}", "0.1 to 3600 seconds"},
        {"vrrp_script s {\n script /x\n fall 300\n}", "vrrpd takes 1 to 255"},
        {"track_file s {\n file /x\n weight 2\n}", "the number in the file is the weight itself"},
        {"track_file s {\n file /x\n init_file 0\n}", "vrrpd makes no such file"},
        {"vrrp_track_process s {\n process x\n quorum 2\n}", "whether one such process runs"},
        {"vrrp_track_process s {\n process x y\n}", "the program's name alone"},
        {"vrrp_track_process s {\n process x\n terminate_delay 2\n}", "counts at once"},
    };
    for (const Row& row : rows) {
        const std::string kind = row.lines;
        const char* const use = kind.starts_with("vrrp_script")  ? "track_script"
                                : kind.starts_with("track_file") ? "track_file"
                                                                 : "track_process";
        const Imported result = import_keepalived(instance(fmt::format("{} {{\n s\n}}", use), kind + "\n"));
        INFO(row.lines << "\n" << result.text);
        CHECK_THAT(result.text, Catch::Contains(row.result));
        CHECK(result.lost_vrrp > 0);
        taken(result);
    }
}

TEST_CASE(
    "a sync group's members lose checks with a weight, as in keepalived, unless the group says otherwise") {
    const auto with = [](const char* group) {
        return import_keepalived(
            instance("track_interface {\n eth1 weight 5\n eth2\n}",
                     fmt::format("vrrp_sync_group G {{\n group {{\n VI_1\n }}\n{}\n}}\n", group)));
    };
    CHECK(taken(with("")).router.tracks.size() == 1);
    CHECK(with("").whole());
    CHECK(taken(with("sync_group_tracking_weight")).router.tracks.size() == 2);
    CHECK(taken(with("track_interface {\n eth3 weight 5\n}")).router.groups.front().tracks.size() == 1);
}

TEST_CASE("a group's scripts run with its first member") {
    const std::string group = "vrrp_sync_group G {\n group {\n VI_1\n }\n notify_master /etc/g\n}\n";
    CHECK(router_of(instance("", group)).master_script == "/etc/g");
    const Imported both = import_keepalived(instance("notify_master /etc/m", group));
    CHECK_THAT(both.text, Catch::Contains("this member has a master-script of its own"));
    CHECK_FALSE(both.whole());
    CHECK(taken(both).router.virtual_routers.front().master_script == "/etc/m");
}

TEST_CASE("what global_defs says holds for all instances") {
    const auto with = [](const std::string& lines) {
        return router_of(instance("", "global_defs {\n" + lines + "\n}\n"));
    };
    CHECK(with("vrrp_version 3").version == wire::Version::v3);
    CHECK(with("vrrp_startup_delay 5.5").start_delay == 5500ms);
    CHECK(with("vrrp_garp_master_refresh 30").announce.refresh == 30s);
    CHECK(with("script_user alice").script_user == "alice");
    const Imported fifo = import_keepalived(instance("", "global_defs {\n notify_fifo /run/f\n}\n"));
    CHECK(taken(fifo).router.notify_fifo == "/run/f");
    const Imported strict = import_keepalived(instance("", "global_defs {\n vrrp_strict\n}\n"));
    CHECK(strict.whole());
    CHECK(import_keepalived(instance("accept", "global_defs {\n vrrp_strict\n}\n")).whole());
}

TEST_CASE("load balancing is told once") {
    const Imported result = import_keepalived(
        "virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n}\n}\nvirtual_server 10.0.0.1 81 {\n}\n" +
        instance("lvs_sync_daemon_interface eth1"));
    CHECK(result.lost == 2); // and the line of the instance
    CHECK(result.lost_vrrp == 0);
}

TEST_CASE("docs/moving.md tells of every keyword that an import knows") {
    std::ifstream in(MOVING);
    std::ostringstream text;
    text << in.rdbuf();
    for (const std::string& keyword : keepalived_keywords()) {
        INFO(keyword);
        CHECK_THAT(text.str(), Catch::Contains("`" + keyword));
    }
}

// --- the grammar

TEST_CASE("comments, quotes, braces and parameters are read as keepalived reads them") {
    const auto address_of = [](const std::string& text) {
        return to_string(router_of(text).addresses.back());
    };
    CHECK(address_of("$NET=10.7.${SUB}\n$SUB=3\nvrrp_instance \"A\"{ ! a comment\ninterface eth0 # "
                     "another\nvirtual_router_id 5\nvirtual_ipaddress {\n${NET}.9/24}\n}") == "10.7.3.9/24");
    CHECK(address_of("$I= \\\nvrrp_instance A${N} { \\\n interface eth0 \\\n virtual_router_id $N \\\n "
                     "virtual_ipaddress { \\\n 10.0.0.$X \\\n 10.0.${N}.1 \\\n } \\\n}\n$N=7\n$X=1\n$I\n") ==
          "10.0.7.1/32");
    CHECK(router_of(instance("notify_master '/etc/a b'")).master_script == ScriptLine("/etc/a", {"b"}));
}

TEST_CASE("lines for one machine are read on that machine alone") {
    const std::string text = instance(
        "@gw1 priority 11\n@gw2 priority 12\n@^gw1 advert_int 3\n$X=@gw2\n$X garp_master_refresh 60");
    CHECK(router_of(text).priority == 11);
    CHECK(router_of(text).advertisement_interval == 1s);
    const Imported other =
        imported(text, {.file = "k.conf", .format = Format::keepalived, .id = "gw2"}, files({}));
    CHECK(taken(other).router.virtual_routers.front().priority == 12);
    CHECK(taken(other).router.virtual_routers.front().advertisement_interval == 3s);
    CHECK(taken(other).router.virtual_routers.front().announce.refresh == 60s);
}

TEST_CASE("included files are read in order, relative to who includes them, and named in remarks") {
    const Sources sources = files(
        {{"/etc/k/conf.d/a.conf", instance("smtp_alert")},
         {"/etc/k/conf.d/b.conf", "include more/c.conf\n"},
         {"/etc/k/conf.d/more/c.conf",
          "vrrp_instance C {\ninterface eth1\nvirtual_router_id 6\nvirtual_ipaddress { 10.3.0.1 }\n}"}});
    const Imported result = imported("include conf.d/*\ninclude none/*\n",
                                     {.file = "/etc/k/k.conf", .format = Format::keepalived}, sources);
    CHECK(taken(result).router.virtual_routers.size() == 2);
    CHECK_THAT(result.text, Catch::Contains("# /etc/k/conf.d/a.conf:7: smtp_alert: "));
}

TEST_CASE("a keepalived.conf that cannot be read is refused with file, line and column") {
    const std::pair<std::string, const char*> rows[] = {
        {"vrrp_instance A {\n", "k.conf:1:1: this '{' has no '}'"},
        {"global_defs {\n}\n  }\n", "k.conf:3:3: '}' without a '{' before it"},
        {"{\n}\n", "k.conf:1:1: '{' without a name before it: what is this block of?"},
        {"a {\n} {\n}\n", "k.conf:2:1: '{' without a name before it"},
        {"\n script \"x\n", "k.conf:2:2: this line has a '\"' without its end"},
        {"include none.conf\n", "k.conf:1:1: there is no file none.conf"},
        {"include loop.conf\n", "loop.conf:1:1: files that include one another, too deep"},
        {"include bad.conf\n", "bad.conf:2:2: '}' without a '{' before it"},
        {"$A=$B\n$B=$A\nx $A\n", "k.conf:3:1: a parameter that stands in itself"},
        {"~SEQ(N, 1, 3) x\n", "k.conf:1:1: ~SEQ is not read: write its lines out"},
        {"priority ${_RANDOM 1 9}\n", "k.conf:1:1: ${_RANDOM} is not read: write a number"},
        {"x \xff\n", "k.conf:1:1: this line is no UTF-8 text"},
        {std::string("x \0y\n", 5),
         "k.conf:1:1: this line is no UTF-8 text, or has control characters in it"},
    };
    for (const auto& [text, why] : rows) {
        INFO(text);
        CHECK_THAT(refusal_of(text), Catch::StartsWith(why));
    }
    std::string deep;
    for (int i = 0; i < 100; ++i)
        deep += "a {\n";
    CHECK_THAT(refusal_of(deep), Catch::StartsWith("k.conf:33:1: blocks stand at most 32 deep"));
    CHECK_THAT(refused_import("hello world\n", {.file = "x"}, files({})),
               Catch::StartsWith("x:1:1: neither a keepalived.conf nor"));
}
