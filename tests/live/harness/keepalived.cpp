#include "tests/live/harness/keepalived.hpp"

#include <fstream>

namespace vrrp::live {

bool keepalived_is_installed() {
    return run_command("command -v keepalived").status == 0;
}

Keepalived::Keepalived(const RouterHost& router, int priority, const std::string& dialect) {
    const std::string base = directory_.path().string();
    std::ofstream(base + "/keepalived.conf")
        << "global_defs {\n vrrp_garp_master_delay 1\n}\nvrrp_instance five {\n state BACKUP\n interface "
           "eth0\n"
        << " virtual_router_id 5\n priority " << priority << "\n " << dialect << "\n}\n";
    // -n foreground, -l log to the console (there may be no syslog), -P VRRP only.
    const std::vector<std::string> arguments{
        "keepalived",      "-n", "-l", "-D", "-P", "-f", base + "/keepalived.conf", "-p", base + "/pid", "-r",
        base + "/vrrp.pid"};
    process_ = std::make_unique<Process>(router.space(), arguments);
}

} // namespace vrrp::live
