// Wrong use: one clear line on stderr, exit status 2, nothing left behind. Wrong frames: counted, and nothing
// else.
#include "core/wire/encode.hpp"
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

// A whole advertisement of one that outranks everybody.
std::vector<std::uint8_t> better_router() {
    const IpAddress address = IpAddress::parse(kVirtualAddress).value();
    const wire::Advertisement advertisement{
        .version = wire::Version::v3,
        .vrid = 5,
        .priority = 200,
        .interval = 100ms,
        .addresses = wire::AddressList(IpFamily::v4, address.bytes()),
        .source = IpAddress::parse("10.99.0.100").value(),
        .destination = wire::kGroupV4,
        .source_mac = wire::virtual_mac(IpFamily::v4, 5),
        .authentication_header = std::nullopt,
        .hmac = std::nullopt,
        .checksum_form = wire::ChecksumForm::with_pseudo_header,
    };
    std::vector<std::uint8_t> frame(wire::encoded_size(advertisement));
    wire::encode(advertisement, frame);
    return frame;
}

} // namespace

TEST_CASE("a start that cannot work says why in one line and leaves nothing") {
    LIVE_OR_SKIP();
    const Namespace space("lone");
    space.must("ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up && "
               "ip addr add 10.99.0.1/24 dev eth0");
    const TemporaryDirectory directory;
    const std::string run = directory.path().string() + "/run";
    const std::string vrrpd = std::string(kVrrpdBinary) + " -f " + run + " ";
    const std::pair<std::string, std::string> rows[] = {
        {vrrpd + "-i eth0 10.99.0.254", "-v is missing"},
        {vrrpd + "-i eth0 -v 300 10.99.0.254", "-v 300"},
        {vrrpd + "-i eth9 -v 5 10.99.0.254", "there is no interface eth9"},
        {vrrpd + "--foreground -i eth9 -v 5 10.99.0.254", "there is no interface eth9"},
        {"setpriv --bounding-set=-all --inh-caps=-all --reuid 65534 " + vrrpd + "-i eth0 -v 5 10.99.0.254",
         "CAP_NET_ADMIN"},
        {vrrpd + "--script-user no-such-user -i eth0 -v 5 10.99.0.254",
         "--script-user 'no-such-user': this machine has no user of that name"},
        {"setpriv --bounding-set=-setuid " + vrrpd + "--script-user nobody -i eth0 -v 5 10.99.0.254",
         "to run scripts as another user it needs the capabilities CAP_SETUID and CAP_SETGID"},
        {vrrpd + "--notify-fifo /etc/passwd -i eth0 -v 5 10.99.0.254", "this is no FIFO: name another path"},
        {"ulimit -n 8; " + vrrpd + "-i eth0 -v 5 10.99.0.254", "Too many open files"},
        {"ulimit -n 8; " + vrrpd + "--foreground -i eth0 -v 5 10.99.0.254", "Too many open files"},
        {std::string(kVrrpdBinary) + " --import /nowhere/k.conf",
         "/nowhere/k.conf: No such file or directory"},
        {std::string(kVrrpdBinary) + " --import /etc", "/etc: not a regular file"},
        {std::string(kVrrpdBinary) + " --import /etc/passwd",
         "/etc/passwd:1:1: neither a keepalived.conf nor"},
        {std::string(kVrrpdBinary) + " --import /etc/passwd --import-format keepalived --check",
         "--check does not go"},
        {std::string(kVrrpdBinary) + " -f /proc/nowhere/run -i eth0 -v 5 10.99.0.254", "/proc/nowhere/run"},
    };
    for (const auto& [command, why] : rows) {
        INFO(command);
        const CommandResult result = space.run(command);
        CHECK(result.status == 2);
        CHECK_THAT(result.output, Catch::StartsWith("vrrpd: "));
        CHECK_THAT(result.output, Catch::Contains(why));
        CHECK(std::ranges::count(result.output, '\n') == 1);
        CHECK(run_command("ls " + run + " 2>/dev/null").output.empty());
        CHECK(space.must("ip -o link show type macvlan").empty());
    }
}

TEST_CASE("a second vrrpd for the same virtual router is refused and does not disturb the first") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    const CommandResult second =
        pair.r1.space().run(std::string(kVrrpdBinary) + " -f " + pair.r1.directory().string() + " " + kLine);
    CHECK(second.status == 2);
    CHECK_THAT(second.output,
               Catch::Contains("runs already with pid " + std::to_string(pair.r1.process().pid())));
    CHECK(pair.r1.is("master"));
    CHECK(pair.r1.holds(kVirtualAddress));
}

TEST_CASE("a virtual address that another vrrpd of this interface has is refused, with and without --check") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    Process& first = pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    const std::string vrrpd =
        std::string(kVrrpdBinary) + " -f " + pair.r1.directory().string() + " --protocol 3 -i eth0 ";
    const std::string same = vrrpd + "-v 6 10.99.0.253 10.99.0.254/24";
    const std::string why = "vrrpd: 10.99.0.254 is vrid 5's already on eth0, which another vrrpd runs (pid " +
                            std::to_string(first.pid()) +
                            "): a virtual address belongs to one virtual router\n";
    const std::string files = pair.r1.files();
    for (const char* how : {" --check", "", " --foreground", " -n"}) {
        INFO(how);
        const CommandResult second = pair.r1.space().run(same + how);
        CHECK(second.status == 2);
        CHECK(second.output == why);
    }
    CHECK(pair.r1.files() == files);
    CHECK(pair.r1.is("master"));
    // Its own configuration, and another address, are as good as before.
    CHECK(pair.r1.space().run(vrrpd + "-v 5 10.99.0.254 --check").status == 0);
    CHECK(pair.r1.space().run(vrrpd + "-v 6 10.99.0.253 --check").status == 0);
    // A record that a dead one has left behind takes nothing from anybody.
    first.signal(SIGKILL);
    first.wait(10s);
    CHECK(pair.r1.space().run(same + " --check").status == 0);
}

TEST_CASE("malformed frames are dropped, counted by reason, and change nothing", "[v3-7.1][x-storm]") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master") && pair.tap.saw(pair.r1.address(), 100); }));
    const std::vector<std::uint8_t> good = better_router();
    std::vector<std::uint8_t> bad_checksum = good, bad_ip_checksum = good;
    bad_checksum.back() ^= 1;
    bad_ip_checksum[14 + 10] ^= 1;
    const auto dropped = [&](const char* reason) {
        return pair.r1.status()["interfaces"][0]["dropped"][reason];
    };
    for (int wave = 1; wave <= 10;
         ++wave) { // more at once may overflow the kernel's buffer on a busy machine
        for (int i = 0; i < 50; ++i) {
            pair.tap.inject(bad_checksum);
            pair.tap.inject(bad_ip_checksum);
        }
        REQUIRE(await(
            5s, [&] { return dropped("checksum") == wave * 50 && dropped("ip_checksum") == wave * 50; }));
    }
    CHECK(pair.r1.is("master"));
    const std::string log = pair.r1.process().output();
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = log.find("dropped", at)) != std::string::npos; ++at)
        ++lines;
    CHECK(lines >= 1);
    CHECK(lines <= 100); // of 1,000 frames, however long that took
    CHECK_THAT(
        run_command(std::string(kAtroposBinary) + " --state -f " + pair.r1.directory().string()).output,
        Catch::Contains("500 checksum"));
    // The same frame in one piece is believed: the test's own proof that only the fault was refused.
    pair.tap.inject(good);
    CHECK(await(10s, [&] {
        return pair.r1.process().output().find("10.99.0.100 (priority 200)") != std::string::npos;
    }));
}
