#include "backends/interfaces/virtual_mac_device.hpp"

#include "backends/interfaces/kernel_setting.hpp"

#include <fmt/format.h>

namespace vrrp::backend {
namespace {

void prepare(const std::string& device) {
    // Packets come in by it although the route back goes through its parent. The kernel takes the stricter of
    // "all" and the device's own: where "all" is strict, loose (2) wins over it.
    const bool all_filter = read_setting("ipv4", "all", "rp_filter").value_or("0") != "0";
    write_setting("ipv4", device, "rp_filter", all_filter ? "2" : "0");
    // It answers for the virtual addresses and for nothing else that this machine has or reaches.
    write_setting("ipv4", device, "arp_ignore", "1");
    write_setting("ipv4", device, "proxy_arp", "0");
    // An IPv6 stack would join groups, and say so from the virtual MAC while another router is master.
    write_setting("ipv6", device, "disable_ipv6", "1");
    // RFC 9568 section 7.4: no identifier from the virtual MAC.
    write_setting("ipv6", device, "addr_gen_mode", "1");
    write_setting("ipv6", device, "accept_dad", "0");
    write_setting("ipv6", device, "accept_ra", "0");
    write_setting("ipv6", device, "autoconf", "0");
}

} // namespace

std::string device_name(const wire::VirtualMac& mac, int interface_index) {
    return fmt::format("{}{}.{}.{:x}", kDevicePrefix, mac.family == IpFamily::v6 ? 6 : 4, mac.vrid,
                       interface_index);
}

tl::expected<int, NicError> make_device(const Netlink& netlink, int interface_index,
                                        const std::string& interface, const wire::VirtualMac& mac) {
    const std::string name = device_name(mac, interface_index);
    if (const auto old = netlink.link(name)) netlink.remove_links({old->index});
    // Another master than a VRF has been refused (suitability.hpp).
    const auto parent = netlink.link(interface_index);
    const std::optional<int> vrf =
        parent && parent->master != 0 ? std::optional(parent->master) : std::nullopt;
    auto device = netlink.add_macvlan(name, interface_index, mac.address(), vrf);
    if (!device) return device;
    prepare(name);
    copy_forwarding(interface, name);
    return device;
}

NicResult set_hearing(const Netlink& netlink, int device, int interface_index, const wire::VirtualMac& mac,
                      bool hears) {
    if (mac.family == IpFamily::v6)
        write_setting("ipv6", device_name(mac, interface_index), "disable_ipv6", hears ? "0" : "1");
    if (!hears) return netlink.make_deaf(device);
    const NicResult hearing = netlink.make_hear(device);
    // The kernel makes this route for an address with its whole prefix; a virtual address has none.
    return hearing && mac.family == IpFamily::v6 ? netlink.add_link_local_route(device) : hearing;
}

void copy_forwarding(const std::string& interface, const std::string& device) {
    for (const char* family : {"ipv4", "ipv6"}) {
        const auto wanted = read_setting(family, interface, "forwarding");
        if (wanted && read_setting(family, device, "forwarding") != wanted)
            write_setting(family, device, "forwarding", *wanted);
    }
}

} // namespace vrrp::backend
