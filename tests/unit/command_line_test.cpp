#include "core/config/command_line.hpp"
#include "tests/unit/test_bed.hpp"

#include <map>
#include <sstream>

using namespace vrrp;
using namespace vrrp::test;
using namespace vrrp::config;

#define KEY "0x" KEY_DIGITS
#define RA "-i eth0 -v 5 --protocol 3 --router-advertisements "
#define KEY_DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

namespace {

CommandLineResult parse(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    const auto read = [](const std::string& path, bool) -> tl::expected<std::string, std::string> {
        const std::map<std::string, std::string> files{{"/etc/key", "secret\n"},
                                                       {"/etc/hexkey", "0x0102030405060708"},
                                                       {"/etc/hmac", "hex:" KEY_DIGITS "\n"},
                                                       {"/etc/long", "much too long\n"}};
        const auto file = files.find(path);
        if (file == files.end()) return tl::unexpected(path + ": No such file or directory");
        return file->second;
    };
    return parse_command_line(words, {read, [](const std::string& name) { return name == "alice"; },
                                      [](const std::string& name) { return name == "watchers"; }});
}

Configuration good(const std::string& line) {
    const auto result = parse(line);
    INFO(line << ": " << (result ? std::string() : result.error().message));
    REQUIRE(result);
    return std::get<Configuration>(*result);
}

VirtualRouterConfig one(const std::string& line) {
    return good(line).router.virtual_routers.front();
}

std::string refusal(const std::string& line) {
    const auto result = parse(line);
    return result ? "accepted" : result.error().message;
}

} // namespace

TEST_CASE("the smallest command line takes the defaults of the original") {
    const Configuration line = good("-i eth0 -v 51 10.16.1.200");
    const VirtualRouterConfig& config = line.router.virtual_routers.front();
    CHECK(config.interface == "eth0");
    CHECK(config.vrid == 51);
    CHECK(config.version == wire::Version::v2);
    CHECK(config.addresses == std::vector{prefix("10.16.1.200/32")});
    CHECK(config.priority == 100);
    CHECK(config.advertisement_interval == 1s);
    CHECK(config.preempt);
    CHECK(config.virtual_mac);
    CHECK(config.authentication == Authentication{});
    CHECK_FALSE(line.process.foreground);
    CHECK(line.process.directory == "/run/vrrpd");
}

TEST_CASE("addresses may stand anywhere") {
    for (const char* line : {"10.0.0.1 -i eth0 -v 5 10.0.0.2/24", "-i eth0 10.0.0.1 -v 5 10.0.0.2/24",
                             "-i eth0 10.0.0.1 10.0.0.2/24 -v 5 -p 7 -s"})
        CHECK(one(line).addresses == std::vector{prefix("10.0.0.1/32"), prefix("10.0.0.2/24")});
}

TEST_CASE("each option does what its letter promises", "[v3-5.2.4-2][v2-5.3.4][v2-5.3.7]") {
    CHECK(one("-i eth0 -v 5 -p 255 10.0.0.1").priority == 255);
    CHECK(one("-i eth0 -v 5 -d 255 10.0.0.1").advertisement_interval == 255s);
    CHECK_FALSE(one("-i eth0 -v 5 -s 10.0.0.1").preempt);
    CHECK(one("-i eth0 -v 5 -s -s 10.0.0.1").preempt); // it toggles
    CHECK_FALSE(one("-i eth0 -v 5 -n 10.0.0.1").virtual_mac);
    CHECK(good("-i eth0 -v 5 --foreground 10.0.0.1").process.foreground);
    CHECK(good("-i eth0 -v 5 -f /tmp/x 10.0.0.1").process.directory == "/tmp/x");
    CHECK(one("-i eth0.100 -v 5 10.0.0.1").interface == "eth0.100");
    CHECK(one("-i eth0 -v 5 --announce-repeats 0 --announce-delay 0.5 10.0.0.1").announce ==
          AnnouncePolicy{0, 500ms});
}

TEST_CASE("the option -M names a group that this machine's processes share") {
    const RouterConfig router = good("-i eth0 -v 5 -M 2 10.0.0.1").router;
    CHECK(router.groups == std::vector{GroupConfig{.name = "M", .minimum = 2, .shared = true}});
    CHECK(router.virtual_routers.front().group == GroupIndex{0});
    CHECK_FALSE(one("-i eth0 -v 5 10.0.0.1").group);
}

TEST_CASE("who is told what, and as whom") {
    const Configuration line =
        good("-i eth0 -v 5 -M 2 --name gw --fault-script /f --stop-script /s --notify /n "
             "--notify-fifo /run/x --script-user alice --control-group watchers 10.0.0.1");
    const VirtualRouterConfig& config = line.router.virtual_routers.front();
    CHECK(config.name == "gw");
    CHECK(config.fault_script == "/f");
    CHECK(config.stop_script == "/s");
    CHECK(config.notify_script == "/n");
    CHECK(config.script_user == "alice");
    CHECK(line.router.notify_fifo == "/run/x");
    CHECK(line.process.control_group == "watchers");
    CHECK(line.router.script_user == "alice");
    CHECK(line.router.groups.front().notify_script == "/n"); // the group's members are told of it
    CHECK(line.router.groups.front().script_user == "alice");
}

TEST_CASE("a virtual router is told of by its name, or by what makes it unique") {
    CHECK(notice_name(one("-i eth0 -v 5 --name gw 10.0.0.1")) == "gw");
    CHECK(notice_name(one("-i eth0 -v 5 10.0.0.1")) == "eth0_5");
    CHECK(notice_name(one("-i eth0 -v 5 --protocol 3 fe80::5")) == "eth0_5_6");
}

TEST_CASE("scripts, magic packet and the operator's priorities are kept as they are said") {
    const VirtualRouterConfig config =
        one("-i eth0 -v 5 -U /etc/up -D /etc/down -I 10.0.0.1 -O 10.0.0.9 -z 20 -x 200 "
            "--announce-refresh 60 --preempt-delay 60.5 --start-delay 3 10.0.0.1");
    CHECK(config.master_script == "/etc/up");
    CHECK(config.backup_script == "/etc/down");
    CHECK(config.magic_packet == MagicPacket{ip("10.0.0.1"), ip("10.0.0.9")});
    CHECK(config.reduced_priority == std::uint8_t{20});
    CHECK(config.increased_priority == std::uint8_t{200});
    CHECK(config.announce.refresh == 60s);
    CHECK(config.preempt_delay == 60500ms);
    CHECK(config.start_delay == 3s);
}

TEST_CASE("version 3 takes fractions of a second, exactly") {
    const auto interval = [](const std::string& text) {
        return one("-i eth0 -v 5 --protocol 3 10.0.0.1 -d " + text).advertisement_interval;
    };
    CHECK(interval("0.01") == 10ms);
    CHECK(interval("0.1") == 100ms);
    CHECK(interval("40.95") == 40950ms);
    CHECK(interval("2") == 2s);
    CHECK(one("-i eth0 -v 5 --protocol 3 --checksum message 10.0.0.1").checksum_form ==
          wire::ChecksumForm::message_only);
}

TEST_CASE("a password is text or bytes") {
    const auto password = [](const std::string& text) {
        return one("-i eth0 -v 5 10.0.0.1 -a " + text).authentication.password;
    };
    CHECK(password("pw/secret") == wire::AuthenticationData{'s', 'e', 'c', 'r', 'e', 't'});
    CHECK(password("pw/0x0102FF") == wire::AuthenticationData{1, 2, 255});
    CHECK(password("pw/0x0102030405060708") == wire::AuthenticationData{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(password("pw/@/etc/key") == wire::AuthenticationData{'s', 'e', 'c', 'r', 'e', 't'});
    CHECK(password("pw/@/etc/hexkey") == wire::AuthenticationData{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(password("ah/0xa1b2") == wire::AuthenticationData{0xa1, 0xb2});
    CHECK(one("-i eth0 -v 5 10.0.0.1 -a ah/@/etc/hexkey").authentication.type ==
          wire::AuthenticationType::authentication_header);
    CHECK(one("-i eth0 -v 5 10.0.0.1 -a none").authentication.type == wire::AuthenticationType::none);
}

TEST_CASE("IPv6 puts its link-local address first", "[v3-5.2.9-1]") {
    const VirtualRouterConfig config = one("-i eth0 -v 5 --protocol 3 fd00::254/64 fe80::5");
    CHECK(config.family == IpFamily::v6);
    CHECK(config.addresses == std::vector{prefix("fe80::5/128"), prefix("fd00::254/64")});
}

TEST_CASE("help and version are texts for stdout") {
    CHECK_THAT(std::get<TextRequest>(parse("-h").value()).text, Catch::Contains("--priority"));
    CHECK_THAT(std::get<TextRequest>(parse("-V").value()).text, Catch::StartsWith("vrrpd 2."));
}

TEST_CASE("an import is an order, and stands alone") {
    using importer::Format;
    const auto order = [](const std::string& line) { return std::get<importer::Order>(parse(line).value()); };
    CHECK(order("--import k.conf").file == "k.conf");
    CHECK_FALSE(order("--import k.conf").format);
    CHECK(order("--import k.conf --import-format vyos").format == Format::vyos);
    CHECK(order("--import k.conf --import-id main").id == "main");
    const std::pair<const char*, const char*> rows[] = {
        {"--import", "--import: 1 required FILE missing (vrrpd --help lists the options)"},
        {"--import a --import b", "--import is given 2 times: keep one"},
        {"--import a -i eth0", "--interface does not go with --import: the configuration is the file's"},
        {"--import a --check", "--check does not go with --import: the configuration is the file's"},
        {"--import a --config b", "--config does not go with --import: the configuration is the file's"},
        {"--import a 10.0.0.1", "address does not go with --import: the configuration is the file's"},
        {"--import a --import-format bird", "--import-format bird: give one of keepalived, frr, vyos"},
        {"--import-format frr", "--import-format says nothing without --import FILE"},
        {"--import-id x -i eth0 -v 5 10.0.0.1", "--import-id says nothing without --import FILE"},
    };
    for (const auto& [line, why] : rows) {
        INFO(line);
        CHECK(refusal(line) == why);
    }
}

TEST_CASE("a wrong command line gets one line that names the option, the value and what is allowed",
          "[v3-5.2.3][v2-5.3.3][v2-5.3.7][v3-5.2.4-2][v2-5.3.4][v3-5.2.9-1][v3-5.2.9-2]") {
    const std::pair<const char*, const char*> rows[] = {
        {"", "-i is missing"},
        {"-i eth0 -v 5 -M 0 10.0.0.1", "-M 0: the number of members is a whole number from 1 to 9"},
        {"-i eth0 -v 5 -M 10 10.0.0.1", "-M 10"},
        {"-i eth0 -v 5 -M 2 -M 2 10.0.0.1", "-M is given 2 times"},
        {"-i eth0 -v 5 -z 0 10.0.0.1", "-z 0: a priority is a whole number from 1 to 254"},
        {"-i eth0 -v 5 -x 255 10.0.0.1", "-x 255"},
        {"-i eth0 -v 5 -U master.sh 10.0.0.1", "-U 'master.sh': give the script's absolute path"},
        {"-i eth0 -v 5 -D ./b 10.0.0.1", "-D './b'"},
        {"-i eth0 -v 5 --fault-script f 10.0.0.1", "--fault-script 'f': give the script's absolute path"},
        {"-i eth0 -v 5 --stop-script s 10.0.0.1", "--stop-script 's': give the script's absolute path"},
        {"-i eth0 -v 5 --notify n 10.0.0.1", "--notify 'n': give the script's absolute path"},
        {"-i eth0 -v 5 --notify /n --notify /m 10.0.0.1", "--notify is given 2 times"},
        {"-i eth0 -v 5 --notify-fifo f 10.0.0.1", "--notify-fifo 'f': give the FIFO's absolute path"},
        {"-i eth0 -v 5 --notify-fifo /f --notify-fifo /g 10.0.0.1", "--notify-fifo is given 2 times"},
        {"-i eth0 -v 5 --script-user bob 10.0.0.1",
         "--script-user 'bob': this machine has no user of that name"},
        {"-i eth0 -v 5 --script-user alice --script-user alice 10.0.0.1", "--script-user is given 2 times"},
        {"-i eth0 -v 5 --control-group admins 10.0.0.1",
         "--control-group 'admins': this machine has no group of that name"},
        {"-i eth0 -v 5 --control-group watchers --control-group watchers 10.0.0.1",
         "--control-group is given 2 times"},
        {"--config gw.toml --control-group watchers",
         "--control-group does not go with --config: say it in gw.toml"},
        {"-i eth0 -v 5 --name a\"b 10.0.0.1", "--name: a name has 1 to 64 characters without quotes"},
        {"--config /etc/x --notify-fifo /f", "--notify-fifo does not go with --config"},
        {"-i eth0 -v 5 -I 10.0.0.1 10.0.0.1", "-O: a magic packet needs both -I and -O"},
        {"-i eth0 -v 5 -O 10.0.0.9 10.0.0.1", "-I: a magic packet needs both"},
        {"-i eth0 -v 5 -I 10.0.0.2 -O 10.0.0.9 10.0.0.1",
         "-I 10.0.0.2: give one of the IPv4 virtual addresses"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O 10.0.0.1 10.0.0.1",
         "-O 10.0.0.1: give the IPv4 address of the gateway"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O gw 10.0.0.1", "-O gw"},
        {"-i eth0 -v 5 --protocol 3 -d 1x5 10.0.0.1", "-d 1x5: the interval is 0.01 to 40.95"},
        {"-i eth0 -v 5 --protocol 3 -d 1.5x 10.0.0.1", "-d 1.5x"},
        {"-i eth0 -v 5 --protocol 3 -d 0 10.0.0.1", "-d 0: the interval is 0.01 to 40.95"},
        {"-i eth0 -v 5 --protocol 3 -d 4294967295 10.0.0.1", "-d 4294967295"},
        {"-i eth0 -v 5 -d 1.5 10.0.0.1", "-d 1.5: the interval is a whole number of seconds"},
        {"-i eth0 -v 5 --announce-refresh 86401 10.0.0.1", "--announce-refresh 86401"},
        {"-i eth0 -v 5 --preempt-delay 3601 10.0.0.1",
         "--preempt-delay 3601: the delay is 0 to 3600 seconds"},
        {"-i eth0 -v 5 --preempt-delay -1 10.0.0.1", "--preempt-delay"},
        {"-i eth0 -v 5 --preempt-delay 5 -s 10.0.0.1", "--preempt-delay: it says nothing beside -s"},
        {"-i eth0 -v 5 -a hmac/1 10.0.0.1", "-a: beside hmac/ID/KEY only further ones may stand"},
        {"-i eth0 -v 5 -a hmac/0/" KEY " 10.0.0.1",
         "-a: the ID of hmac/ID/KEY is a whole number from 1 to 255"},
        {"-i eth0 -v 5 -a hmac/256/" KEY " 10.0.0.1", "-a: the ID of hmac/ID/KEY"},
        {"-i eth0 -v 5 -a hmac/1/0x0011 10.0.0.1", "-a: the key of hmac/ID/KEY is 0x and 32 to 64 bytes"},
        {"-i eth0 -v 5 -a hmac/1/" KEY "ff0 10.0.0.1", "-a: the key of hmac/ID/KEY"},
        {"-i eth0 -v 5 -a hmac/1/secret 10.0.0.1", "-a: the key of hmac/ID/KEY"},
        {"-i eth0 -v 5 -a hmac/1/@/etc/none 10.0.0.1", "-a: /etc/none: No such file or directory"},
        {"-i eth0 -v 5 -a hmac/1/" KEY " -a hmac/1/" KEY " 10.0.0.1", "-a: key 1 is given twice: keep one"},
        {"-i eth0 -v 5 -a hmac/1/" KEY " -a pw/x 10.0.0.1",
         "-a: beside hmac/ID/KEY only further ones may stand"},
        {"-i eth0 -v 5 -a pw/x -a hmac/1/" KEY " 10.0.0.1", "-a is given 2 times"},
        {"-i eth0 -v 5 -a hmac/1/" KEY " --hmac-mode no 10.0.0.1",
         "--hmac-mode no: give enforce, accept-unsigned or"},
        {"-i eth0 -v 5 -a hmac/1/" KEY " --hmac-window 301 10.0.0.1",
         "--hmac-window 301: how many seconds clocks"},
        {"-i eth0 -v 5 --hmac-window 5 10.0.0.1", "--hmac-window: it says nothing without -a hmac/"},
        {"-i eth0 -v 5 --hmac-mode enforce -a pw/x 10.0.0.1",
         "--hmac-mode: it says nothing without -a hmac/"},
        {"-i eth0 -v 5 --peer r2 10.0.0.1",
         "--peer r2: give the IP address that the other router sends from"},
        {"-i eth0 -v 5 --peer 224.0.0.18 10.0.0.1", "--peer 224.0.0.18: this is a multicast group"},
        {"-i eth0 -v 5 --peer 255.255.255.255 10.0.0.1",
         "--peer 255.255.255.255: this is the broadcast address"},
        {"-i eth0 -v 5 --peer fe80::2 10.0.0.1",
         "--peer fe80::2: the virtual addresses are of the other family"},
        {"-i eth0 -v 5 --peer 10.0.0.1 10.0.0.1", "--peer 10.0.0.1: this is a virtual address"},
        {"-i eth0 -v 5 --peer 10.0.0.2 --peer 10.0.0.2 10.0.0.1", "--peer 10.0.0.2 is given twice: keep one"},
        {"-i eth0 -v 5 --peer-ttl 254 10.0.0.1", "--peer-ttl: it says nothing without --peer"},
        {"-i eth0 -v 5 --peer 10.0.0.2 --peer-ttl 0 10.0.0.1",
         "--peer-ttl 0: the least TTL is a whole number from 1 to 255"},
        {"-i eth0 -v 5 --peer 10.0.0.2 --peer-ttl 256 10.0.0.1", "--peer-ttl 256"},
        {"-i eth0 -v 5 --source 10.0.0.1 10.0.0.1", "--source 10.0.0.1: this is a virtual address"},
        {"-i eth0 -v 5 --source eth0 10.0.0.1", "--source eth0: give the IP address of the interface"},
        {"-i eth0 -v 5 --peer 10.0.0.2 --source 10.0.0.2 10.0.0.1", "--source 10.0.0.2: this is a peer too"},
        {"-i eth0 -v 5 --protocol 3 --source fd00::1 fe80::5", "--source fd00::1: IPv6 multicast comes from"},
        {"-i eth0 -v 5 --start-delay 3600.01 10.0.0.1", "--start-delay 3600.01: the delay is 0 to 3600"},
        {"-i eth0 -v 5 --start-delay 1 --start-delay 2 10.0.0.1", "--start-delay"},
        {"-i eth0 -v 5 --announce-delay 60.01 10.0.0.1", "--announce-delay 60.01"},
        {"-i eth0 -v 5 --protocol 3 -I fe80::5 -O 10.0.0.9 fe80::5", "-I fe80::5: give one of the IPv4"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O fe80::9 10.0.0.1", "-O fe80::9: give the IPv4 address"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O 0.0.0.0 10.0.0.1", "-O 0.0.0.0"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O 224.0.0.1 10.0.0.1", "-O 224.0.0.1"},
        {"-i eth0 -v 5 -I 10.0.0.1 -O 255.255.255.255 10.0.0.1", "-O 255.255.255.255"},
        {"-i eth0 -v 5 -a ah/secret 10.0.0.1", "-a: ah/ takes a key in hexadecimal"},
        {"-i eth0 -v 5 -a ah/0x 10.0.0.1", "-a: a key has 1 to 8 bytes"},
        {"-i eth0 -v 5 -a ah/0x112233445566778899 10.0.0.1", "-a: a key has 1 to 8 bytes"},
        {"-i eth0 -v 5 -a pw/@/etc/none 10.0.0.1", "-a: /etc/none: No such file or directory"},
        {"-i eth0 -v 5 -a pw/@/etc/long 10.0.0.1", "-a: a password has 1 to 8 characters"},
        {"-i eth0 -v 5 --announce-refresh 0 10.0.0.1",
         "--announce-refresh 0: the refresh is 1 to 86400 seconds"},
        {"--config /etc/x -i eth0", "--interface does not go with --config"},
        {"--config /etc/x 10.0.0.1", "address does not go with --config"},
        {"--config /etc/none", "/etc/none: No such file or directory"},
        {"-v 5 10.0.0.1", "-i is missing"},
        {"-i eth0 10.0.0.1", "-v is missing"},
        {"-i eth0 -v 5", "a virtual address is missing"},
        {"-i eth0 -v 0 10.0.0.1", "-v 0: a VRID is a whole number from 1 to 255"},
        {"-i eth0 -v 256 10.0.0.1", "-v 256: a VRID"},
        {"-i eth0 -v 5x 10.0.0.1", "-v 5x: a VRID"},
        {"-i eth0 -v 5.0 10.0.0.1", "-v 5.0: a VRID"},
        {"-i eth0 -v 99999999999 10.0.0.1", "a VRID"},
        {"-i eth0 -v 5 -v 6 10.0.0.1", "-v is given 2 times"},
        {"-i eth0 -i eth1 -v 5 10.0.0.1", "-i is given 2 times"},
        {"-i eth0123456789abcd -v 5 10.0.0.1", "-i 'eth0123456789abcd'"},
        {"-i eth/0 -v 5 10.0.0.1", "-i 'eth/0'"},
        {"-i eth0 -v 5 -p 0 10.0.0.1", "-p 0: a priority is a whole number from 1 to 255"},
        {"-i eth0 -v 5 -p high 10.0.0.1", "-p high"},
        {"-i eth0 -v 5 -d 0 10.0.0.1", "-d 0: the interval is a whole number of seconds from 1 to 255"},
        {"-i eth0 -v 5 -d 0.5 10.0.0.1", "need --protocol 3"},
        {"-i eth0 -v 5 -d 256 10.0.0.1", "-d 256"},
        {"-i eth0 -v 5 --protocol 3 -d 0.005 10.0.0.1", "-d 0.005: the interval is 0.01 to 40.95"},
        {"-i eth0 -v 5 --protocol 3 -d 40.96 10.0.0.1", "-d 40.96"},
        {"-i eth0 -v 5 --protocol 3 -d 1. 10.0.0.1", "-d 1."},
        {"-i eth0 -v 5 --protocol 4 10.0.0.1", "--protocol 4: VRRP has versions 2 and 3"},
        {"-i eth0 -v 5 -a secret 10.0.0.1",
         "-a: give none, pw/TEXT, pw/0xHEX, pw/@FILE, ah/0xHEX, ah/@FILE, hmac/ID/0xHEX or"},
        {"-i eth0 -v 5 -a pw/ 10.0.0.1", "-a: a password has 1 to 8 characters"},
        {"-i eth0 -v 5 -a pw/ninechars 10.0.0.1", "-a: a password has 1 to 8 characters"},
        {"-i eth0 -v 5 -a pw/0x123 10.0.0.1", "two hexadecimal digits"},
        {"-i eth0 -v 5 -a pw/0x12zz 10.0.0.1", "two hexadecimal digits"},
        {"-i eth0 -v 5 --protocol 3 -a pw/secret 10.0.0.1", "VRRP version 3 has neither pw/ nor ah/"},
        {"-i eth0 -v 5 --checksum md5 10.0.0.1", "--checksum md5"},
        {"-i eth0 -v 5 --announce-repeats 21 10.0.0.1", "--announce-repeats 21"},
        {"-i eth0 -v 5 --announce-delay 0 10.0.0.1", "--announce-delay 0"},
        {"-i eth0 -v 5 10.0.0.256", "'10.0.0.256' is no virtual address"},
        {"-i eth0 -v 5 10.0.0.1/33", "'10.0.0.1/33' is no virtual address"},
        {"-i eth0 -v 5 224.0.0.1", "224.0.0.1: this is a multicast group; a virtual address is one that a"},
        {"-i eth0 -v 5 --protocol 3 ff02::5", "ff02::5: this is a multicast group"},
        {"-i eth0 -v 5 0.0.0.0", "0.0.0.0: this is no address"},
        {"-i eth0 -v 5 0.1.2.3", "0.1.2.3: 0.0.0.0/8 names no host"},
        {"-i eth0 -v 5 --protocol 3 ::", "::: this is no address"},
        {"-i eth0 -v 5 127.0.0.1", "127.0.0.1: this is a loopback address"},
        {"-i eth0 -v 5 127.255.0.1/8", "this is a loopback address"},
        {"-i eth0 -v 5 --protocol 3 ::1", "::1: this is a loopback address"},
        {"-i eth0 -v 5 255.255.255.255", "this is the broadcast address"},
        {"-i eth0 -v 5 10.0.0.0/24", "10.0.0.0/24: this is the address of the network itself"},
        {"-i eth0 -v 5 10.0.0.255/24", "10.0.0.255/24: this is the network's broadcast address"},
        {"-i eth0 -v 5 10.0.0.1 10.0.0.1/24", "10.0.0.1/24 is given twice"},
        {"-i eth0 -v 5 fe80::1", "IPv6 needs --protocol 3"},
        {"-i eth0 -v 5 fe80::1 10.0.0.1", "fe80::1: IPv6 needs --protocol 3"},
        {"-i eth0 -v 5 --protocol 3 fd00::1 10.0.0.1", "needs a link-local virtual address too"},
        {"-i eth0 -v 5 --protocol 3 --peer 10.0.0.9 fe80::1 10.0.0.1",
         "--peer: the virtual router of IPv6 has none: name its peers too"},
        {"-i eth0 -v 5 --dual 10.0.0.1", "--dual: version 3 speaks version 2 too, not the reverse"},
        {"-i eth0 -v 5 --protocol 3 --dual fe80::1", "--dual: IPv6 has no version 2"},
        {"-i eth0 -v 5 --protocol 3 --dual -a hmac/1/" KEY " 10.0.0.1",
         "--dual: routers of version 2 alone drop"},
        {"-i eth0 -v 5 --router-advertisements 10.0.0.1",
         "--router-advertisements: hosts learn of an IPv6 router"},
        {"-i eth0 -v 5 --protocol 3 --ra-interval 60 fe80::1",
         "--ra-interval: it says nothing without --router-adv"},
        {"-i eth0 -v 5 --protocol 3 --ra-managed fe80::1",
         "--ra-managed: it says nothing without --router-adv"},
        {RA "--ra-interval 3 fe80::1",
         "--ra-interval 3: the interval in seconds is a whole number from 4 to 1800"},
        {RA "--ra-interval 1801 fe80::1", "--ra-interval 1801"},
        {RA "--ra-lifetime 599 fe80::1", "--ra-lifetime 599: hosts would forget the router between two"},
        {RA "--ra-lifetime 9001 fe80::1",
         "--ra-lifetime 9001: the lifetime in seconds is a whole number from 0 to 9000"},
        {RA "--ra-preference most fe80::1", "--ra-preference most: give low, medium or high"},
        {RA "--ra-mtu 1279 fe80::1", "--ra-mtu 1279: the MTU is a whole number from 1280 to 65535"},
        {RA "--ra-prefix 2001:db8:: fe80::1", "--ra-prefix 2001:db8::: give the prefix of the network"},
        {RA "--ra-prefix fe80::/64 fe80::1", "--ra-prefix fe80::/64: give the prefix of the network"},
        {RA "--ra-prefix 10.0.0.0/24 fe80::1", "--ra-prefix 10.0.0.0/24: give the prefix of the network"},
        {RA "--ra-prefix 2001:db8::/64 --ra-prefix none fe80::1", "--ra-prefix none: give the prefix"},
        {RA "--ra-dns 10.0.0.53 fe80::1", "--ra-dns 10.0.0.53: give the IPv6 address of a resolver"},
        {RA "--ra-dns ns1 fe80::1", "--ra-dns ns1: give the IPv6 address of a resolver"},
        {RA "--ra-search a..b fe80::1", "--ra-search 'a..b': give a domain such as example.org"},
        {"-i eth0 -v 5 --held-address 10.0.0.1 10.0.0.1", "10.0.0.1 is given twice: keep one"},
        {"-i eth0 -v 5 --held-address fd00::1 10.0.0.1", "fd00::1: IPv6 needs --protocol 3"},
        {"-i eth0 -v 5 --protocol 3 --held-address fd00::1 10.0.0.1",
         "fd00::1 is of another family than the virtual addresses"},
        {"-i eth0 -v 5 --protocol 3 fd00::1",
         "needs a link-local virtual address too: add one, for example fe80::5"},
        {"-i eth0 -v 5 -f 10.0.0.1", "a virtual address is missing"},
        {"-i eth0 -v", "-v"},
        {"-i eth0 -v 5 -q 10.0.0.1", "-q"},
        {"-i eth0 -v 5 --prio 7 10.0.0.1", "--prio"},
    };
    for (const auto& [line, expected] : rows) {
        INFO(line);
        const std::string message = refusal(line);
        CHECK_THAT(message, Catch::Contains(expected));
        CHECK(message.find('\n') == std::string::npos);
    }
}

TEST_CASE("an address is a network's or its broadcast only where the length says so") {
    for (const char* address : {"10.0.0.0", "10.0.0.255", "10.0.0.255/23", "10.0.1.0/23", "10.0.0.0/31",
                                "10.0.0.1/31", "126.0.0.1", "128.0.0.1", "1.0.0.1"}) {
        INFO(address);
        CHECK(one(std::string("-i eth0 -v 5 ") + address).addresses == std::vector{prefix(address)});
    }
}

TEST_CASE("a refusal never repeats a password") {
    for (const char* line :
         {"-i eth0 -v 5 -a pw/hunter2hunter2 10.0.0.1", "-i eth0 -v 5 -a hunter2 10.0.0.1",
          "-i eth0 -v 5 --protocol 3 -a pw/hunter2 10.0.0.1", "-i eth0 -v 5 -a pw/0xhunter2 10.0.0.1"})
        CHECK(refusal(line).find("hunter2") == std::string::npos);
}

TEST_CASE("more addresses than a virtual router holds are refused", "[v3-5.2.5]") {
    std::string v4 = "-i eth0 -v 5", v6 = "-i eth0 -v 5 --protocol 3 fe80::1";
    for (int i = 0; i < 255; ++i)
        v4 += " 10.0.1." + std::to_string(i);
    CHECK(one(v4).addresses.size() == 255);
    CHECK_THAT(refusal(v4 + " 10.0.2.1"), Catch::Contains("advertises at most 255"));
    for (int i = 1; i < 91; ++i)
        v6 += " fd00::" + std::to_string(i);
    CHECK_THAT(refusal(v6), Catch::Contains("advertises at most 90"));
}

TEST_CASE(
    "keys of HMAC trailers are read, from the line or from files, and the window follows the interval") {
    const HmacAuthentication hmac =
        one("-i eth0 -v 5 --protocol 3 -d 10 -a hmac/2/" KEY " -a hmac/1/@/etc/hmac 10.0.0.1")
            .authentication.hmac;
    REQUIRE(hmac.keys.size() == 2);
    CHECK(hmac.keys[0].id == 2);
    CHECK(hmac.keys[0].secret == hmac.keys[1].secret);
    CHECK(hmac.mode == HmacAuthentication::Mode::enforce);
    CHECK(hmac.window == 30s);
    const HmacAuthentication other =
        one("-i eth0 -v 5 -a hmac/1/" KEY " --hmac-window 0 --hmac-mode receive-only 10.0.0.1")
            .authentication.hmac;
    CHECK_FALSE(other.window);
    CHECK_FALSE(other.signs());
}

TEST_CASE("addresses of both families are two virtual routers, and one group") {
    const Configuration line =
        good("-i eth0 -v 5 --protocol 3 -p 150 --peer fe80::9 --source 10.0.0.3 --peer 10.0.0.9 --name gw "
             "--held-address 10.0.1.1 -O 10.0.0.8 -I 10.0.0.1 fe80::5 10.0.0.1 fd00::5");
    const auto& routers = line.router.virtual_routers;
    REQUIRE(routers.size() == 2);
    CHECK(routers[0].family == IpFamily::v4);
    CHECK(routers[0].addresses == std::vector{prefix("10.0.0.1/32"), prefix("10.0.1.1/32")});
    CHECK(routers[0].unadvertised == 1);
    CHECK(routers[0].peers == std::vector{ip("10.0.0.9")});
    CHECK(routers[0].source == ip("10.0.0.3"));
    CHECK(routers[0].magic_packet);
    CHECK(notice_name(routers[0]) == "gw");
    CHECK(routers[1].family == IpFamily::v6);
    CHECK(routers[1].addresses == std::vector{prefix("fe80::5/128"), prefix("fd00::5/128")});
    CHECK(routers[1].unadvertised == 0);
    CHECK(routers[1].peers == std::vector{ip("fe80::9")});
    CHECK_FALSE(routers[1].source);
    CHECK_FALSE(routers[1].magic_packet);
    CHECK(notice_name(routers[1]) == "gw_6");
    for (const VirtualRouterConfig& one : routers) {
        CHECK(one.vrid == 5);
        CHECK(one.priority == 150);
        CHECK(one.group == GroupIndex{0});
    }
    REQUIRE(line.router.groups.size() == 1);
    CHECK(line.router.groups[0].name == "gw");
    CHECK(line.router.groups[0].minimum == 2);
    CHECK_FALSE(line.router.groups[0].shared);
    CHECK(good("-i eth0 -v 5 --protocol 3 -M 2 fe80::5 10.0.0.1").router.groups[0].shared);
}

TEST_CASE("the options --no-accept and --held-address are read") {
    CHECK(one("-i eth0 -v 5 10.0.0.1").accept);
    CHECK_FALSE(one("-i eth0 -v 5 --no-accept 10.0.0.1").accept);
    const VirtualRouterConfig config =
        one("-i eth0 -v 5 --held-address 10.0.1.1/24 --held-address 10.0.1.2 10.0.0.1");
    CHECK(config.advertised().size() == 1);
    CHECK(config.addresses.size() == 3);
}

TEST_CASE("router advertisements say by default what the virtual addresses say") {
    const VirtualRouterConfig one =
        good(RA "fe80::5 2001:db8:1::1/64 2001:db8:1::2/64 2001:db8:2::1/56 2001:db8:3::1")
            .router.virtual_routers.front();
    REQUIRE(one.router_advertising);
    CHECK(one.router_advertising->interval == 600s);
    const wire::RouterAdvertisement& said = one.router_advertising->said;
    CHECK(said.lifetime == 1800s);
    CHECK(said.resolver_lifetime == 1800s);
    CHECK(said.preference == wire::RouterPreference::medium);
    CHECK_FALSE(said.managed);
    CHECK_FALSE(said.other);
    CHECK_FALSE(said.mtu);
    CHECK(said.prefixes ==
          std::vector{*IpPrefix::parse("2001:db8:1::/64"), *IpPrefix::parse("2001:db8:2::/56")});
}

TEST_CASE("router advertisements say what they are told to") {
    const VirtualRouterConfig one =
        good(RA "--ra-interval 30 --ra-lifetime 0 --ra-preference high --ra-managed --ra-other --ra-mtu 1400 "
                "--ra-prefix 2001:db8:9::7/64 --ra-dns 2001:db8::53 --ra-search example.org --ra-search lan "
                "fe80::5 "
                "2001:db8:1::1/64")
            .router.virtual_routers.front();
    REQUIRE(one.router_advertising);
    CHECK(one.router_advertising->interval == 30s);
    const wire::RouterAdvertisement& said = one.router_advertising->said;
    CHECK(said.lifetime == 0s);
    CHECK(said.resolver_lifetime == 90s);
    CHECK(said.preference == wire::RouterPreference::high);
    CHECK(said.managed);
    CHECK(said.other);
    CHECK(said.mtu == 1400);
    CHECK(said.prefixes == std::vector{*IpPrefix::parse("2001:db8:9::/64")});
    CHECK(said.resolvers == std::vector{*IpAddress::parse("2001:db8::53")});
    CHECK(said.searched == std::vector<std::string>{"example.org", "lan"});
    CHECK(good(RA "--ra-prefix none fe80::5 2001:db8:1::1/64")
              .router.virtual_routers.front()
              .router_advertising->said.prefixes.empty());
}

TEST_CASE("of an entry with both families that of IPv6 sends router advertisements") {
    const auto both = good(RA "10.0.0.254 fe80::5").router.virtual_routers;
    REQUIRE(both.size() == 2);
    CHECK_FALSE(both[0].router_advertising);
    CHECK(both[1].router_advertising);
}

TEST_CASE("a router advertisement that not every link carries is refused") {
    std::string line = RA;
    for (int i = 0; i < 40; ++i)
        line += "--ra-prefix 2001:db8:" + std::to_string(i) + "::/64 ";
    CHECK_THAT(refusal(line + "fe80::5"),
               Catch::Contains("needs a packet of 1344 bytes") && Catch::Contains("1280: say less"));
}
