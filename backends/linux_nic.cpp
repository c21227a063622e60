#include "backends/linux_nic.hpp"

#include "backends/kernel_setting.hpp"

#include <fmt/format.h>

namespace vrrp::backend {
namespace {

constexpr const char* kDevicePrefix = "vrrp";

// "vrrp4.51.1f": family, VRID and the interface's index in hexadecimal. Fits the kernel's 15 characters up to
// index 0xfffff, and cannot collide: an index is one interface's, a VRID one virtual router's of it.
std::string device_name(const MacAddress& mac, int interface_index) {
    const bool v6 = mac.bytes()[4] == 2;
    return fmt::format("{}{}.{}.{:x}", kDevicePrefix, v6 ? 6 : 4, mac.bytes()[5], interface_index);
}

// Before it is ever up: it has no address but the virtual ones, makes none, asks for none, and takes packets
// that come in by it although the route back goes through its parent.
void prepare_device(const std::string& name, bool v6) {
    // The kernel takes the stricter of "all" and the device's own: where "all" is strict, loose (2) wins over
    // it.
    const bool all_filter = read_setting("ipv4", "all", "rp_filter").value_or("0") != "0";
    write_setting("ipv4", name, "rp_filter", all_filter ? "2" : "0");
    write_setting("ipv6", name, "addr_gen_mode",
                  "1"); // RFC 9568 section 7.4: no identifier from the virtual MAC
    write_setting("ipv6", name, "accept_dad", "0");
    write_setting("ipv6", name, "accept_ra", "0");
    write_setting("ipv6", name, "autoconf", "0");
    if (!v6) write_setting("ipv6", name, "disable_ipv6", "1");
}

} // namespace

tl::expected<std::unique_ptr<LinuxNic>, NicError> LinuxNic::open(boost::asio::io_context& io,
                                                                 const RouterConfig& config,
                                                                 ArpRules arp_rules,
                                                                 std::shared_ptr<spdlog::logger> logger) {
    auto netlink = Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    auto events = NetlinkEvents::open();
    if (!events) return tl::unexpected(events.error());
    return std::unique_ptr<LinuxNic>(new LinuxNic(io, config, std::move(arp_rules), std::move(logger),
                                                  std::move(*netlink), std::move(*events)));
}

LinuxNic::LinuxNic(boost::asio::io_context& io, const RouterConfig& config, ArpRules arp_rules,
                   std::shared_ptr<spdlog::logger> logger, Netlink netlink, NetlinkEvents events)
    : io_(io), config_(config), arp_rules_(std::move(arp_rules)), logger_(std::move(logger)),
      netlink_(std::move(netlink)), events_(std::move(events)), events_readable_(io, events_.descriptor()) {
    wait_for_events();
}

LinuxNic::~LinuxNic() {
    events_readable_.release(); // the descriptor is libnl's to close
    for (const Watched& interface : watched_) {
        for (const auto& [mac, index] : interface.devices)
            netlink_.remove_link(device_name(mac, interface.index));
        if (!netlink_.macvlans(interface.index, kDevicePrefix).empty())
            continue; // others still need the rules
        arp_rules_.put_back(interface.name);
        arp_rules_.forget(interface.name);
    }
}

// --- What the interfaces tell

tl::expected<InterfaceFacts, NicError> LinuxNic::watch(InterfaceId id, const std::string& name) {
    auto link = netlink_.link(name);
    if (!link) return tl::unexpected(NicError{fmt::format("there is no interface {}", name)});
    if (watched_.size() <= static_cast<std::size_t>(id)) watched_.resize(static_cast<std::size_t>(id) + 1);
    Watched& interface = watched(id);
    interface.name = name;
    interface.index = link->index;
    interface.facts = std::move(link->facts);
    remove_leftovers(interface);
    arp_rules_.prepare(name, rules_needed(interface));
    if (const NicResult taken = take_up(id); !taken) return tl::unexpected(taken.error());
    return interface.facts;
}

// An interface that has come, or come back.
NicResult LinuxNic::take_up(InterfaceId id) {
    if (NicResult opened = open_capture(id); !opened) return opened;
    return watched(id).devices.empty() ? make_devices(watched(id)) : NicResult{};
}

NicResult LinuxNic::open_capture(InterfaceId id) {
    Watched& interface = watched(id);
    interface.capture.reset();
    const auto on_frame = [this, id](BytesView frame) { daemon_->frame_received(id, frame); };
    auto capture = Capture::open(io_, interface.name, interface.index, on_frame);
    if (!capture) return tl::unexpected(capture.error());
    interface.capture = std::move(*capture);
    return {};
}

void LinuxNic::drain_captures() {
    for (Watched& interface : watched_)
        if (interface.capture) interface.capture->drain();
}

void LinuxNic::wait_for_events() {
    events_readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                [this](boost::system::error_code error) {
                                    if (error) return; // we are being destroyed
                                    if (events_.take()) facts_may_have_changed();
                                    wait_for_events();
                                });
}

void LinuxNic::facts_may_have_changed() {
    for (std::size_t i = 0; i < watched_.size(); ++i) {
        const auto id = static_cast<InterfaceId>(i);
        adopt(id, netlink_.link(watched_[i].name));
    }
}

void LinuxNic::adopt(InterfaceId id, std::optional<Link> link) {
    Watched& interface = watched(id);
    const InterfaceFacts before = interface.facts;
    const int index_before = interface.index;
    interface.facts = link ? std::move(link->facts) : InterfaceFacts{};
    interface.index = link ? link->index : 0;
    if (interface.index == index_before && interface.facts == before) return;

    if (interface.index != index_before) {
        interface.capture.reset();
        interface.devices.clear(); // they went with their parent
        interface.attached.clear();
    }
    const bool back = interface.facts.usable() && (!before.usable() || interface.index != index_before);
    if (back) {
        if (const NicResult taken = take_up(id); !taken) {
            // An interface that we cannot hear is none; the next event tries again.
            logger_->warn("{}", taken.error().message);
            interface.facts.carrier = false;
        }
    }
    if (interface.index != index_before && index_before != 0 && interface.index != 0)
        daemon_->interface_changed(id, InterfaceFacts{}); // gone and back between two events
    daemon_->interface_changed(id, interface.facts);
}

// --- What we put on the interfaces

void LinuxNic::remove_leftovers(const Watched& interface) const {
    for (const VirtualRouterConfig& one : config_.virtual_routers) {
        if (one.interface != interface.name) continue;
        netlink_.remove_link(device_name(wire::virtual_mac(one.family, one.vrid), interface.index));
        for (const IpPrefix& prefix : one.addresses)
            netlink_.remove_marked_address(interface.index, prefix);
    }
}

NicResult LinuxNic::make_devices(Watched& interface) {
    for (const VirtualRouterConfig& one : config_.virtual_routers) {
        if (one.interface != interface.name || !one.virtual_mac) continue;
        const MacAddress mac = wire::virtual_mac(one.family, one.vrid);
        const std::string name = device_name(mac, interface.index);
        const auto made = netlink_.add_macvlan(name, interface.index, mac);
        if (!made)
            return tl::unexpected(
                NicError{fmt::format("{} (-n does without the virtual MAC)", made.error().message)});
        prepare_device(name, one.family == IpFamily::v6);
        interface.devices[mac] = *made;
    }
    return {};
}

tl::expected<int, NicError> LinuxNic::device(const Watched& interface,
                                             const std::optional<MacAddress>& virtual_mac) const {
    if (!virtual_mac) {
        if (interface.index == 0) return tl::unexpected(NicError{"the interface does not exist"});
        return interface.index;
    }
    const auto found = interface.devices.find(*virtual_mac);
    if (found == interface.devices.end()) return tl::unexpected(NicError{"the virtual MAC has no device"});
    return found->second;
}

NicResult LinuxNic::send(InterfaceId id, BytesView frame) {
    const Watched& interface = watched(id);
    if (!interface.capture) return tl::unexpected(NicError{"the interface does not exist"});
    return interface.capture->send(frame);
}

NicResult LinuxNic::attach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    Watched& interface = watched(id);
    const auto index = device(interface, mac);
    if (!index) return tl::unexpected(index.error());
    if (interface.attached.empty())
        arp_rules_.apply(interface.name); // before the kernel can answer from here
    interface.attached.insert(mac);
    return netlink_.set_up(*index, true);
}

NicResult LinuxNic::detach_virtual_mac(InterfaceId id, const MacAddress& mac) {
    Watched& interface = watched(id);
    interface.attached.erase(mac);
    const auto index = device(interface, mac);
    if (!index) return {}; // it went with its interface
    NicResult down = netlink_.set_up(*index, false);
    if (interface.attached.empty() && !rules_needed(interface)) arp_rules_.put_back(interface.name);
    return down;
}

// As long as a device of ours is up, in whichever process.
bool LinuxNic::rules_needed(const Watched& interface) const {
    return std::ranges::any_of(netlink_.macvlans(interface.index, kDevicePrefix), &Netlink::Device::up);
}

NicResult LinuxNic::add_address(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                                const IpPrefix& prefix) {
    const auto index = device(watched(id), virtual_mac);
    if (!index) return tl::unexpected(index.error());
    return netlink_.add_address(*index, prefix);
}

NicResult LinuxNic::remove_address(InterfaceId id, const std::optional<MacAddress>& virtual_mac,
                                   const IpPrefix& prefix) {
    const auto index = device(watched(id), virtual_mac);
    if (!index) return {}; // it went with its interface
    return netlink_.remove_address(*index, prefix);
}

} // namespace vrrp::backend
