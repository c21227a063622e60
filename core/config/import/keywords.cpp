#include "core/config/import/keywords.hpp"

#include "core/config/import/numbers.hpp"

#include <fmt/format.h>

namespace vrrp::config::importer {
namespace {

using enum Weight;

constexpr const char* kNothing = "";
constexpr const char* kMail = "vrrpd sends no mail: name a script that does with notify = \"/PATH\"";
constexpr const char* kRoutes =
    "vrrpd sets no routes and rules: a master-script and a backup-script can, with ip(8)";
constexpr const char* kUnit =
    "how the process is scheduled is said in its systemd unit (CPUSchedulingPolicy=)";
constexpr const char* kMachine = "it belongs to the machine's network configuration, for it does not move";
constexpr const char* kBalancing = "this is load balancing (LVS), not VRRP";

constexpr Keyword kInstance[] = {
    {"native_ipv6", note, kNothing}, // the addresses say it
    {"preempt", note, kNothing},
    {"debug", note, kNothing},
    {"promote_secondaries", note, kNothing},  // addresses that the kernel takes with another one are put back
    {"vmac_xmit_base", note, kNothing},       // advertisements always leave by the interface itself
    {"skip_check_adv_addr", note, kNothing},  // other lists of addresses are told, and believed
    {"linkbeat_use_polling", note, kNothing}, // the kernel tells of carrier
    {"kernel_rx_buf_size", note, kNothing},
    {"garp_lower_prio_delay", note,
     kNothing}, // after a lesser master the addresses are always announced again
    {"garp_lower_prio_repeat", note, kNothing},
    {"garp_master_refresh_repeat", note, kNothing},
    {"garp_interval", note, kNothing}, // announcements are spread anyway
    {"gna_interval", note, kNothing},
    {"higher_prio_send_advert", note, kNothing}, // always
    {"lower_prio_no_advert", note, "vrrpd answers a lesser master at once, as RFC 9568 section 6.4.3 says"},
    {"track_src_ip", note, "vrrpd takes no part while its interface has no address"},
    {"check_unicast_src", note, kNothing},
    {"old_unicast_checksum", note, kNothing},
    {"notify_deleted", vrrp, "a virtual router that is removed runs its stop-script"},
    {"notify_master_rx_lower_pri", vrrp,
     "vrrpd runs no script for a lesser master: atropos --watch tells of it"},
    {"notify_priority_changes", vrrp, "the FIFO tells of states alone: atropos --watch tells of priorities"},
    {"dont_track_primary", vrrp,
     "vrrpd takes no part while its interface is down; nothing is to be done where the link belongs to a "
     "bridge"},
    {"use_ipvlan", vrrp, "vrrpd has the virtual MAC, or the interface's own (no-virtual-mac = true)"},
    {"use_vmac_addr", vrrp, "the addresses of a virtual router are on one interface"},
    {"vrf", vrrp, "name the interface: interface = \"eth0\""},
    {"track_bfd", vrrp, "vrrpd speaks no BFD: a check with ping looks at the same way"},
    {"unicast_fault_no_peer", note, kNothing},
    {"garp_extra_if", vrrp, "hosts are told on the virtual router's interface alone"},
    {"virtual_routes", beside, kRoutes},
    {"virtual_routes_excluded", beside, kRoutes},
    {"virtual_rules", beside, kRoutes},
    {"smtp_alert", beside, kMail},
    {"lvs_sync_daemon_interface", beside, kBalancing},
    {"lvs_sync_daemon", beside, kBalancing},
};

constexpr Keyword kGroup[] = {
    {"global_tracking", note, kNothing},
    {"notify_deleted", vrrp, "a virtual router that is removed runs its stop-script"},
    {"notify_priority_changes", vrrp, "the FIFO tells of states alone: atropos --watch tells of priorities"},
    {"track_bfd", vrrp, "vrrpd speaks no BFD: a check with ping looks at the same way"},
    {"smtp_alert", beside, kMail},
};

constexpr Keyword kGlobal[] = {
    {"router_id", note, kNothing},
    {"enable_script_security", note, kNothing}, // always
    {"dynamic_interfaces", note, kNothing},     // always
    {"use_pid_dir", note, kNothing},
    {"process_names", note, kNothing},
    {"process_name", note, kNothing},
    {"vrrp_process_name", note, kNothing},
    {"checker_process_name", note, kNothing},
    {"bfd_process_name", note, kNothing},
    {"tmp_config_directory", note, kNothing},
    {"config_save_dir", note, kNothing},
    {"child_wait_time", note, kNothing},
    {"reload_check_config", note, kNothing}, // always
    {"reload_file", note, kNothing},
    {"reload_repeat", note, kNothing},
    {"reload_time_file", note, kNothing},
    {"include_check", note, kNothing},
    {"checker_log_all_failures", note, kNothing},
    {"vrrp_skip_check_adv_addr", note, kNothing},
    {"vrrp_check_unicast_src", note, kNothing},
    {"vrrp_garp_lower_prio_delay", note, kNothing},
    {"vrrp_garp_lower_prio_repeat", note, kNothing},
    {"vrrp_garp_master_refresh_repeat", note, kNothing},
    {"vrrp_garp_interval", note, kNothing},
    {"vrrp_gna_interval", note, kNothing},
    {"vrrp_min_garp", note, kNothing},
    {"vrrp_higher_prio_send_advert", note, kNothing},
    {"vrrp_lower_prio_no_advert", note,
     "vrrpd answers a lesser master at once, as RFC 9568 section 6.4.3 says"},
    {"vrrp_iptables", note, kNothing},
    {"vrrp_ipsets", note, kNothing},
    {"nftables", note, kNothing},
    {"nftables_priority", note, kNothing},
    {"nftables_counters", note, kNothing},
    {"nftables_ifindex", note, kNothing},
    {"disable_local_igmp", note, kNothing},
    {"fifo_write_vrrp_states_on_reload", note, kNothing},
    {"snmp_socket", note, kNothing}, // nothing, unless SNMP is enabled
    {"dbus_service_name", note, kNothing},
    {"vrrp_rx_bufs_policy", note, kNothing},
    {"vrrp_rx_bufs_multiplier", note, kNothing},
    {"vrrp_netlink_cmd_rcv_bufs", note, kNothing},
    {"vrrp_netlink_monitor_rcv_bufs", note, kNothing},
    // Of mail, as long as nobody asks for one.
    {"notification_email", note, kNothing},
    {"notification_email_from", note, kNothing},
    {"smtp_server", note, kNothing},
    {"smtp_helo_name", note, kNothing},
    {"smtp_connect_timeout", note, kNothing},
    {"smtp_alert_checker", note, kNothing},
    {"no_email_faults", note, kNothing},
    {"smtp_alert", beside, kMail},
    {"smtp_alert_vrrp", beside, kMail},
    {"default_interface", note, "each virtual router names its interface"},
    {"vrrp_notify_priority_changes", vrrp,
     "the FIFO tells of states alone: atropos --watch tells of priorities"},
    {"vrrp_garp_extra_if", vrrp, "hosts are told on the virtual router's interface alone"},
    {"notify_fifo_script", vrrp, "start the program that reads the FIFO yourself, from a unit of its own"},
    {"vrrp_notify_fifo_script", vrrp,
     "start the program that reads the FIFO yourself, from a unit of its own"},
    {"startup_script", beside, "let the unit run it: ExecStartPre="},
    {"startup_script_timeout", note, kNothing},
    {"shutdown_script", beside, "let the unit run it: ExecStopPost="},
    {"shutdown_script_timeout", note, kNothing},
    {"vrrp_priority", beside, kUnit},
    {"vrrp_rt_priority", beside, kUnit},
    {"vrrp_rlimit_rttime", beside, kUnit},
    {"vrrp_rlimit_rtime", beside, kUnit},
    {"vrrp_no_swap", beside, kUnit},
    {"vrrp_cpu_affinity", beside, kUnit},
    {"max_auto_priority", beside, kUnit},
    {"min_auto_priority_delay", beside, kUnit},
    {"net_namespace", beside, "start vrrpd in it: NetworkNamespacePath= in the unit, or ip netns exec"},
    {"instance", beside, "name a directory of its own where two vrrpds run: directory = \"/run/NAME\""},
    {"linkbeat_use_polling", note, kNothing},
    {"enable_snmp_vrrp", beside, "vrrpd speaks no SNMP: atropos --metrics and --json tell the same"},
    {"enable_snmp_rfc", beside, "vrrpd speaks no SNMP: atropos --metrics and --json tell the same"},
    {"enable_snmp_rfcv2", beside, "vrrpd speaks no SNMP: atropos --metrics and --json tell the same"},
    {"enable_snmp_rfcv3", beside, "vrrpd speaks no SNMP: atropos --metrics and --json tell the same"},
    {"enable_traps", beside, "vrrpd speaks no SNMP: atropos --metrics and --json tell the same"},
    {"enable_dbus", beside, "vrrpd has no D-Bus: its control socket and atropos do the same"},
};

constexpr Keyword kTop[] = {
    {"static_ipaddress", beside, kMachine},
    {"static_routes", beside, kMachine},
    {"static_rules", beside, kMachine},
    {"track_group", beside, kMachine},
    {"garp_group", note, kNothing}, // announcements are spread anyway
    {"linkbeat_interfaces", note, kNothing},
    {"linkbeat_use_polling", note, kNothing},
    {"interface_up_down_delays", vrrp, "a check of an interface may wait: hold = SECONDS"},
    {"bfd_instance", vrrp, "vrrpd speaks no BFD: a check with ping looks at the same way"},
    {"net_namespace", beside, "start vrrpd in it: NetworkNamespacePath= in the unit, or ip netns exec"},
    {"net_namespace_ipvs", beside, kBalancing},
    {"namespace_with_ipsets", note, kNothing},
    {"instance", beside, "name a directory of its own where two vrrpds run: directory = \"/run/NAME\""},
    {"use_pid_dir", note, kNothing},
    {"child_wait_time", note, kNothing},
};

} // namespace

std::span<const Keyword> instance_keywords() {
    return kInstance;
}

std::span<const Keyword> group_keywords() {
    return kGroup;
}

std::span<const Keyword> global_keywords() {
    return kGlobal;
}

std::span<const Keyword> top_keywords() {
    return kTop;
}

void remark_by(std::span<const Keyword> table, const Statement& statement, Section& section) {
    const auto known = std::ranges::find(table, statement.keyword(),
                                         [](const Keyword& k) { return std::string_view(k.name); });
    if (known == table.end()) return section.remark(vrrp, statement, "unknown here");
    if (*known->advice == '\0' || says_no(statement.word(1))) return;
    // Of a list each line is one.
    if (known->weight == note || statement.block.empty())
        return section.remark(known->weight, statement, known->advice);
    for (const Statement& one : statement.block)
        section.remark(known->weight, one, fmt::format("{}: {}", known->name, known->advice));
}

bool is_load_balancing(const std::string& keyword) {
    static constexpr std::string_view kBeginnings[] = {
        "virtual_server", "SSL", "lvs_", "checker_", "ipvs_", "real_server", "nftables_ipvs"};
    return std::ranges::any_of(kBeginnings,
                               [&](std::string_view beginning) { return keyword.starts_with(beginning); });
}

} // namespace vrrp::config::importer
