// FRR's vrrpd: it wants zebra beside it, and from the administrator a macvlan with the virtual MAC and the
// virtual address for each virtual router.
#include "tests/bench/implementations/implementation.hpp"
#include "tests/live/harness/await.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace vrrp::bench {
namespace {

constexpr const char* kZebra = "/usr/lib/frr/zebra";
constexpr const char* kVrrpd = "/usr/lib/frr/vrrpd";

std::optional<std::string> why_not(const Plan& plan) {
    if (!std::filesystem::exists(kZebra) || !std::filesystem::exists(kVrrpd)) return "frr is not installed";
    if (plan.group) return "has no groups";
    return std::nullopt;
}

std::string links_of(const Plan& plan) {
    std::string batch;
    for (const Member& member : plan.members)
        batch += fmt::format(
            "link add vrrp4-{0} link {1} address 00:00:5e:00:01:{0:02x} type macvlan mode bridge\n"
            "addr add {2}/32 dev vrrp4-{0}\nlink set vrrp4-{0} up\n",
            member.vrid, member.interface, member.address);
    return batch;
}

std::string file_of(const Plan& plan) {
    std::string file = "hostname bench\nlog stdout informational\n";
    for (const Member& member : plan.members)
        file += fmt::format("interface {0}\n vrrp {1} version {2}\n vrrp {1} priority {3}\n"
                            " vrrp {1} advertisement-interval {4}\n vrrp {1} ip {5}\n",
                            member.interface, member.vrid, static_cast<int>(plan.dialect.version),
                            plan.priority, plan.dialect.interval / 1ms, member.address);
    return file;
}

std::vector<std::string> daemon(const char* binary, const std::string& name, const std::string& base) {
    return {binary,
            "-z",
            base + "/zserv.api",
            "-i",
            base + "/" + name + ".pid",
            "--vty_socket",
            base,
            "-P",
            "0",
            "-f",
            base + "/" + name + ".conf"};
}

Router start(const Namespace& space, const Plan& plan) {
    auto router = std::make_unique<RunningRouter>(space);
    const std::string base = router->directory();
    router->write("links", links_of(plan));
    router->write("zebra.conf", "hostname bench\nlog stdout informational\n");
    router->write("vrrpd.conf", file_of(plan));
    // Its daemons give root up before they make their sockets.
    space.must("chown -R frr:frr " + base);
    space.must("sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2; "
               "for filter in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$filter; done");
    space.must("ip -batch " + base + "/links");
    router->start_servant(daemon(kZebra, "zebra", base));
    live::await(5s, [&] { return std::filesystem::exists(base + "/zserv.api"); });
    router->start(daemon(kVrrpd, "vrrpd", base));
    return router;
}

} // namespace

Implementation frr() {
    return {"FRR vrrpd", why_not, start};
}

} // namespace vrrp::bench
