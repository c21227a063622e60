#include "tests/live/harness/frr.hpp"

#include "tests/live/harness/await.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace vrrp::live {
namespace {

constexpr const char* kPrograms = "/usr/lib/frr/"; // Debian's, not in the PATH

} // namespace

bool frr_is_installed() {
    return std::filesystem::exists(std::string(kPrograms) + "vrrpd") &&
           std::filesystem::exists(std::string(kPrograms) + "zebra");
}

Frr::Frr(const RouterHost& router, int version, int priority, std::chrono::milliseconds interval)
    : router_(router) {
    // It makes no device itself: it looks for one with the virtual MAC and the address.
    router.space().must("sysctl -qw net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2; "
                        "ip link add frr5 link eth0 type macvlan mode bridge && "
                        "sysctl -qw net.ipv4.conf.frr5.rp_filter=0 && "
                        "ip link set frr5 address 00:00:5e:00:01:05 && "
                        "ip addr add 10.99.0.254/24 dev frr5 && ip link set frr5 up");
    const std::string base = directory_.path().string();
    router.space().must("chown frr:frr " + base); // it gives up root
    std::ofstream(base + "/zebra.conf") << "hostname peer\n";
    std::ofstream(base + "/vrrpd.conf")
        << fmt::format("hostname peer\nlog stdout\ninterface eth0\n vrrp 5 version {}\n vrrp 5 priority {}\n "
                       "vrrp 5 advertisement-interval {}\n vrrp 5 ip 10.99.0.254\n",
                       version, priority, interval.count());
    const auto start = [&](const std::string& name) {
        return std::make_unique<Process>(
            router.space(), std::vector<std::string>{kPrograms + name, "-f", base + "/" + name + ".conf",
                                                     "-i", base + "/" + name + ".pid", "-z", base + "/zserv",
                                                     "--vty_socket", base, "-P", "0"});
    };
    zebra_ = start("zebra");
    REQUIRE(await(std::chrono::seconds(10), [&] { return std::filesystem::exists(base + "/zserv"); }));
    vrrpd_ = start("vrrpd");
}

std::string Frr::state() const {
    const CommandResult asked = router_.space().run("vtysh --vty_socket " + directory_.path().string() +
                                                    " -d vrrpd -c 'show vrrp json' 2>/dev/null");
    const nlohmann::json all = nlohmann::json::parse(asked.output, nullptr, false);
    if (!all.is_array() || all.empty()) return {};
    return all[0]["v4"].value("status", "");
}

} // namespace vrrp::live
