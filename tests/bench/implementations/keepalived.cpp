// keepalived as its manual sets it up, with `state BACKUP` and its defaults.
#include "tests/bench/implementations/implementation.hpp"

#include <fmt/format.h>

namespace vrrp::bench {
namespace {

std::optional<std::string> why_not(const Plan&) {
    static const bool installed = live::run_command("command -v keepalived").status == 0;
    if (!installed) return "keepalived is not installed";
    return std::nullopt;
}

std::string instance_of(const Member& member, const Plan& plan, bool virtual_mac) {
    return fmt::format("vrrp_instance V{0} {{\n state BACKUP\n interface {1}\n virtual_router_id {0}\n"
                       " version {2}\n priority {3}\n advert_int {4}\n{5}"
                       " virtual_ipaddress {{\n  {6}\n }}\n}}\n",
                       member.vrid, member.interface, static_cast<int>(plan.dialect.version), plan.priority,
                       std::chrono::duration<double>(plan.dialect.interval).count(),
                       virtual_mac ? fmt::format(" use_vmac vrrp.{}\n", member.vrid) : "", member.address);
}

std::string file_of(const Plan& plan, bool virtual_mac) {
    std::string file, group;
    for (const Member& member : plan.members) {
        file += instance_of(member, plan, virtual_mac);
        group += fmt::format("  V{}\n", member.vrid);
    }
    if (plan.group) file = "vrrp_sync_group G {\n group {\n" + group + " }\n}\n" + file;
    return file;
}

Router start(const Namespace& space, const Plan& plan, bool virtual_mac, bool realtime = false) {
    auto router = std::make_unique<RunningRouter>(space);
    const std::string base = router->directory();
    // Its manual asks for these with use_vmac.
    if (virtual_mac)
        space.must("sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=1 "
                   "net.ipv4.conf.all.rp_filter=0");
    const char* const global =
        realtime ? "global_defs {\n vrrp_rt_priority 50\n vrrp_rlimit_rttime 10000\n}\n" : "";
    router->write("keepalived.conf", global + file_of(plan, virtual_mac));
    // -n foreground, -l and -G log to the console alone (without a syslog daemon a line costs milliseconds),
    // -P VRRP only. A stale pid file would keep it from starting: files of its own.
    router->start({"keepalived", "-n", "-l", "-G", "-D", "-P", "-f", base + "/keepalived.conf", "-p",
                   base + "/pid", "-r", base + "/vrrp.pid"});
    return router;
}

} // namespace

Implementation keepalived() {
    return {"keepalived", why_not, [](const Namespace& s, const Plan& p) { return start(s, p, false); }};
}

Implementation keepalived_with_virtual_mac() {
    return {"keepalived use_vmac", why_not,
            [](const Namespace& s, const Plan& p) { return start(s, p, true); }};
}

Implementation keepalived_realtime() {
    return {"keepalived vrrp_rt_priority 50", why_not,
            [](const Namespace& s, const Plan& p) { return start(s, p, false, true); }};
}

} // namespace vrrp::bench
