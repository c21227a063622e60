#include "tests/unit/import_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config::importer;

namespace {

const Order kFrr{.file = "frr.conf"}, kVyos{.file = "config.boot"};

Imported import_frr(const std::string& text) {
    return imported(text, kFrr, files({}));
}

Imported import_vyos(const std::string& text) {
    return imported(text, kVyos, files({}));
}

// The tree, and the commands that make it.
constexpr const char* kTree = R"(high-availability {
    vrrp {
        group LAN {
            address 10.0.0.1/24 {
            }
            address 10.0.0.2/24 {
                interface eth0
            }
            authentication {
                password "s3cret"
                type plaintext-password
            }
            advertise-interval 2
            health-check {
                failure-count 4
                interval 10
                script "/config/scripts/check.sh a"
            }
            interface eth0
            no-preempt
            priority 150
            track {
                interface eth2
            }
            transition-script {
                master "/config/scripts/m"
            }
            vrid 10
        }
        group WAN {
            interface eth1
            rfc3768-compatibility
            virtual-address 10.1.0.1/24
            vrid 20
        }
        group OFF {
            disable
            interface eth1
            vrid 21
        }
        sync-group MAIN {
            member LAN
            member WAN
        }
        global-parameters {
            startup-delay 5
        }
    }
}
interfaces {
    ethernet eth1 {
        description "it's { anything"
        address 10.1.0.2/24
    }
}
/* Warning: Do not remove the following line. */
// vyos-config-version: "x"
)";

constexpr const char* kVyosCommands = R"(set interfaces ethernet eth1 description "it's { anything"
set high-availability vrrp group LAN address 10.0.0.1/24
set high-availability vrrp group LAN address 10.0.0.2/24 interface 'eth0'
set high-availability vrrp group LAN authentication password 's3cret'
set high-availability vrrp group LAN authentication type 'plaintext-password'
set high-availability vrrp group LAN advertise-interval '2'
set high-availability vrrp group LAN health-check failure-count '4'
set high-availability vrrp group LAN health-check interval '10'
set high-availability vrrp group LAN health-check script '/config/scripts/check.sh a'
set high-availability vrrp group LAN interface 'eth0'
set high-availability vrrp group LAN no-preempt
set high-availability vrrp group LAN priority '150'
set high-availability vrrp group LAN track interface 'eth2'
set high-availability vrrp group LAN transition-script master '/config/scripts/m'
set high-availability vrrp group LAN vrid '10'
set high-availability vrrp group WAN interface 'eth1'
set high-availability vrrp group WAN rfc3768-compatibility
set high-availability vrrp group WAN virtual-address '10.1.0.1/24'
set high-availability vrrp group WAN vrid '20'
set high-availability vrrp group OFF disable
set high-availability vrrp group OFF interface 'eth1'
set high-availability vrrp group OFF vrid '21'
set high-availability vrrp sync-group MAIN member 'LAN'
set high-availability vrrp sync-group MAIN member 'WAN'
set high-availability vrrp global-parameters startup-delay '5'
)";

} // namespace

TEST_CASE("FRR's vrrp lines become virtual routers, one for each family, and nothing else is looked at") {
    const Imported result = import_frr(R"(frr version 8.4.4
frr defaults traditional
hostname r1
!
vrrp default priority 120
interface eth0
 ip address 10.0.2.15/24
 vrrp 5 version 3
 vrrp 5 advertisement-interval 1500
 vrrp 5 ip 10.0.2.16
 vrrp 5 ip 10.0.2.17
 vrrp 5 ipv6 fe80::5
 vrrp 5 ipv6 2001:db8::370:7334
 no vrrp 5 preempt
 no vrrp 5 checksum-with-ipv4-pseudoheader
exit
!
interface eth1
 vrrp 6 version 2
 vrrp 6 priority 200
 vrrp 6 ip 10.0.3.16
 vrrp 7
 vrrp 7 ip 10.0.3.17
 vrrp 7 shutdown
exit
router bgp 65000
 neighbor "unclosed
exit
)");
    CHECK(result.text == R"(# Made from frr.conf by vrrpd --import. All of it has been carried over.

# The macvlan devices that FRR needed (vrrp4-..., vrrp6-...) and their addresses are to go: vrrpd makes its own.
# frr.conf:22: vrrp 7: note: left out: it is shut down

# frr.conf:8: interface eth0, vrrp 5 version 3
[[virtual_router]]
interface = "eth0"
vrid = 5
address = ["10.0.2.16", "10.0.2.17"]
priority = 120
protocol = 3
interval = 1.5
no-preempt = true
checksum = "message"

# frr.conf:8: interface eth0, vrrp 5 version 3
[[virtual_router]]
interface = "eth0"
vrid = 5
address = ["fe80::5", "2001:db8::370:7334"]
priority = 120
protocol = 3
interval = 1.5
no-preempt = true

# frr.conf:19: interface eth1, vrrp 6 version 2
[[virtual_router]]
interface = "eth1"
vrid = 6
address = "10.0.3.16"
priority = 200
interval = 1

)");
    CHECK(taken(result).router.virtual_routers.size() == 3);
}

TEST_CASE("an frr.conf that says what vrrpd cannot is told of") {
    const auto on = [](const std::string& lines) { return "interface eth0\n vrrp 5 ip 10.0.0.1\n" + lines; };
    CHECK_THAT(import_frr(on("vrrp autoconfigure\n")).text,
               Catch::Contains("frr.conf:3: vrrp autoconfigure: not carried over"));
    CHECK_THAT(import_frr(on(" vrrp 5 new 3\n")).text,
               Catch::Contains("frr.conf:3: vrrp 5 new 3: not carried over: unknown here"));
    CHECK_THAT(import_frr(on(" vrrp 5 version 2\n vrrp 5 advertisement-interval 500\n")).text,
               Catch::Contains("# left out: interval 0.5"));
    CHECK_THAT(import_frr(on(" vrrp 5 version 7\n")).text, Catch::Contains("# left out: protocol 0"));
    CHECK_THAT(import_frr(on(" vrrp 6 ipv6 fd00::1\n")).text,
               Catch::Contains("needs a link-local virtual address too"));
    CHECK_FALSE(import_frr("interface eth0\n vrrp 5 ip 10.0.0.1\n no vrrp 5\n").whole());
    CHECK(refused_import("interface eth0\n vrrp 500 ip 10.0.0.1\n", kFrr, files({})) ==
          "frr.conf:2:2: vrrp 500: a VRID is 1 to 255");
    CHECK(refused_import("vrrp 5 ip 10.0.0.1\n", kFrr, files({})) ==
          "frr.conf:1:1: this line stands in no interface: 'interface NAME' is missing above it");
}

TEST_CASE("VyOS' tree and its commands are the same configuration") {
    const Imported tree = import_vyos(kTree), commands = import_vyos(kVyosCommands);
    INFO(tree.text);
    CHECK(tree.whole());
    CHECK(taken(tree).router == taken(commands).router);
    const auto router = taken(tree).router;
    REQUIRE(router.virtual_routers.size() == 2);
    const VirtualRouterConfig &lan = router.virtual_routers[0], &wan = router.virtual_routers[1];
    CHECK(lan.name == "LAN");
    CHECK(lan.addresses == std::vector{prefix("10.0.0.1/24"), prefix("10.0.0.2/24")});
    CHECK(lan.authentication.type == wire::AuthenticationType::simple_text);
    CHECK(lan.advertisement_interval == 2s);
    CHECK(lan.priority == 150);
    CHECK_FALSE(lan.preempt);
    CHECK_FALSE(lan.virtual_mac);
    CHECK(lan.master_script == "/config/scripts/m");
    CHECK(lan.start_delay == 5s);
    CHECK(wan.virtual_mac);
    CHECK(router.groups.front().minimum == 2);
    REQUIRE(router.tracks.size() == 2);
    CHECK(std::get<InterfaceCheck>(router.tracks[1].check).interface == "eth2");
    CHECK(std::get<ScriptCheck>(router.tracks[0].check).arguments == std::vector<std::string>{"a"});
    CHECK(router.tracks[0].interval == 10s);
    CHECK(router.tracks[0].fall == 4);
    const auto usual = taken(import_vyos("set high-availability vrrp group A interface eth0\n"
                                         "set high-availability vrrp group A vrid 5\n"
                                         "set high-availability vrrp group A address 10.0.0.1/24\n"
                                         "set high-availability vrrp group A health-check ping 10.0.0.9\n"));
    CHECK(usual.router.tracks.front().interval == 60s); // VyOS' own defaults
    CHECK(usual.router.tracks.front().fall == 3);
}

TEST_CASE("a VyOS configuration that says what vrrpd cannot is told in VyOS' words") {
    const auto with = [](const std::string& line) {
        return import_vyos(
            "set high-availability vrrp group A interface eth0\nset high-availability vrrp group A vrid 5\n"
            "set high-availability vrrp group A address 10.0.0.1/24\nset high-availability " +
            line + "\n");
    };
    CHECK_THAT(with("vrrp group A excluded-address 10.0.0.9/24").text,
               Catch::Contains("held-address = \"10.0.0.9/24\""));
    CHECK_THAT(with("vrrp group A track exclude-vrrp-interface").text,
               Catch::Contains("group A track exclude-vrrp-interface: not carried over"));
    CHECK_THAT(with("vrrp group A hello-source-address 10.0.0.3").text,
               Catch::Contains("source = \"10.0.0.3\""));
    CHECK_THAT(with("vrrp group A new-thing 3").text,
               Catch::Contains("group A new-thing 3: not carried over: unknown here"));
    CHECK_THAT(with("virtual-server web address 10.0.0.1").text, Catch::Contains("is not VRRP"));
    CHECK(with("virtual-server web address 10.0.0.1").lost_vrrp == 0);
    CHECK(with("vrrp snmp").lost == 1);
    CHECK(with("vrrp group A description 'a gateway'").whole());
    CHECK(refused_import("high-availability {\n vrrp {\n group A {\n description \"x\n", kVyos, files({})) ==
          "config.boot:4:2: this line has a \" without its end");
    CHECK(refused_import("high-availability {\n vrrp {\n", kVyos, files({})) ==
          "config.boot:2:2: this '{' has no '}'");
}
