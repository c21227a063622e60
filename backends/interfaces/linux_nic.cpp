#include "backends/interfaces/linux_nic.hpp"

#include "backends/interfaces/leftovers.hpp"
#include "backends/interfaces/other_processes.hpp"
#include "backends/interfaces/suitability.hpp"
#include "backends/interfaces/virtual_mac_device.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "core/wire/announcement.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace vrrp::backend {
namespace {

// A dead process's lock is tried again after pauses that double up to this one: half a second in all. Who
// still holds it then lives.
constexpr std::chrono::milliseconds kLongestPause(256);

} // namespace

// What dead predecessors of `ours` left. Of addresses elsewhere they leave records of their own, which may be where
// nothing of ours is to be any more.
std::vector<Remains> LinuxNic::remains(const std::string& interface, std::span<const Ours> ours) const {
    const std::vector<std::string> records = HeldRecord::all(directory_);
    const auto is_stale = [&](const std::string& name) {
        return std::ranges::none_of(watched_,
                                    [&](const auto& one) { return one.second.records.contains(name); });
    };
    std::vector<Remains> all;
    for (const Ours& one : ours) {
        const Remains its{.record = HeldRecord::name(interface, one),
                          .family = one.family,
                          .vrid = one.vrid,
                          .addresses = one.addresses,
                          .device = one.home.empty()};
        if (its.device)
            std::ranges::move(with_elsewhere(records, its, is_stale), std::back_inserter(all));
        else
            all.push_back(its);
    }
    return all;
}

tl::expected<std::unique_ptr<LinuxNic>, NicError> LinuxNic::open(boost::asio::io_context& io, Inbox& inbox,
                                                                 std::filesystem::path directory,
                                                                 std::shared_ptr<spdlog::logger> logger) {
    auto netlink = Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    auto events = NetlinkEvents::open();
    if (!events) return tl::unexpected(events.error());
    return std::unique_ptr<LinuxNic>(new LinuxNic(io, inbox, std::move(directory), std::move(logger),
                                                  std::move(*netlink), std::move(*events)));
}

LinuxNic::LinuxNic(boost::asio::io_context& io, Inbox& inbox, std::filesystem::path directory,
                   std::shared_ptr<spdlog::logger> logger, Netlink netlink, NetlinkEvents events)
    : io_(io), inbox_(inbox), directory_(std::move(directory)), logger_(std::move(logger)),
      netlink_(std::move(netlink)), arp_rules_(netlink_, directory_),
      cleaner_(netlink_, arp_rules_, directory_), events_(std::move(events)),
      events_readable_(io, events_.descriptor()), magic_packets_(io) {
    wait_for_events();
}

LinuxNic::~LinuxNic() {
    events_readable_.release(); // the descriptor is libnl's to close
    removal_.wait();
    for (const auto& [index, name] : forgotten_)
        arp_rules_.release(index, name);
    leave(watched_);
}

// All devices at once: to remove them one by one takes the kernel much longer.
void LinuxNic::leave(const Watches& interfaces) {
    std::vector<int> devices;
    for (const auto& [id, interface] : interfaces)
        for (const auto& [mac, index] : interface.devices)
            devices.push_back(index);
    for (const int device : devices)
        lowering_.keep_up(device); // its index may soon be another's
    netlink_.remove_links(devices);
    for (const auto& [id, interface] : interfaces) {
        if (interface.index != 0) arp_rules_.release(interface.index, interface.facts.name);
        for (const auto& [instance, record] : interface.records)
            HeldRecord::remove(directory_, instance);
    }
}

tl::expected<InterfaceFacts, NicError> LinuxNic::watch(InterfaceId id, const std::string& name,
                                                       const std::vector<Ours>& ours) {
    if (watched_.contains(id)) return watch_others(id, ours);
    auto link = netlink_.link(name);
    if (!link) return tl::unexpected(NicError{fmt::format("there is no interface {}", name)});
    if (const NicResult suitable = check_suitable(netlink_, *link, uses_virtual_mac(ours)); !suitable)
        return tl::unexpected(suitable.error());
    std::vector<Ours> begun_anew = ours;
    std::erase_if(begun_anew, &Ours::goes_on);
    remove_leftovers(netlink_, directory_, link->index, remains(name, begun_anew));
    link = netlink_.link(link->index); // without them
    if (!link) return tl::unexpected(NicError{fmt::format("there is no interface {}", name)});
    Watched& interface = watched_[id];
    interface.configured = name;
    interface.ours = ours;
    interface.index = link->index;
    interface.facts = std::move(link->facts);
    arp_rules_.prepare(interface.index, interface.facts.name, uses_virtual_mac(ours));
    for (const Ours& one : ours)
        if (one.goes_on) adopt_what_is_left(interface, one);
    leave_out_held(interface);
    record(interface);
    // After our own record: of two that start at once, each one has written its own before it looks.
    if (const auto why = address_of_another(directory_, name, ours)) {
        forget(id);
        return tl::unexpected(NicError{*why});
    }
    // One that is down cannot be captured on; it is taken up when it comes up.
    const NicResult ready = interface.facts.admin_up ? take_up(id) : make_devices(interface);
    if (ready) return interface.facts;
    forget(id);
    return tl::unexpected(ready.error());
}

// A predecessor has left it as it is.
void LinuxNic::adopt_what_is_left(Watched& interface, const Ours& ours) const {
    const wire::VirtualMac mac{ours.family, ours.vrid};
    if (ours.virtual_mac) {
        for (const Macvlan& device : netlink_.macvlans(interface.index, kDevicePrefix))
            if (device.name == device_name(mac, interface.index)) interface.devices[mac] = device.index;
        return;
    }
    const auto record = HeldRecord::read(directory_, HeldRecord::name(interface.configured, ours));
    if (!record || record->index != interface.index) return;
    for (const IpPrefix& prefix : record->addresses)
        interface.held.push_back({interface.index, prefix});
}

// What stays is not touched. Whoever goes has taken its addresses off by itself.
tl::expected<InterfaceFacts, NicError> LinuxNic::watch_others(InterfaceId id, const std::vector<Ours>& ours) {
    Watched& interface = watched(id);
    const std::vector<Ours> before = std::exchange(interface.ours, ours);
    const auto has = [](const std::vector<Ours>& all, const Ours& one) {
        return std::ranges::any_of(all, [&](const Ours& other) {
            return other.family == one.family && other.vrid == one.vrid &&
                   other.virtual_mac == one.virtual_mac && other.home == one.home;
        });
    };
    std::vector<int> unneeded;
    for (const Ours& one : before)
        if (!has(ours, one)) give_back(interface, one, unneeded);
    if (!unneeded.empty()) removal_.remove(std::move(unneeded));
    std::vector<Ours> added = ours;
    std::erase_if(added, [&](const Ours& one) { return has(before, one); });
    remove_leftovers(netlink_, directory_, interface.index, remains(interface.configured, added));
    record(interface);
    if (interface.index == 0) return interface.facts;
    if (uses_virtual_mac(ours)) arp_rules_.put_back_record(interface.index);
    make_devices_later(id);
    if (interface.capture)
        if (const NicResult opened = open_capture(id); !opened) return tl::unexpected(opened.error());
    return interface.facts;
}

// One in each turn of the event loop: that takes milliseconds, and who becomes master before makes its own.
void LinuxNic::make_devices_later(InterfaceId id) {
    boost::asio::post(io_, [this, id, alive = std::weak_ptr(alive_)] {
        if (alive.expired() || !watched_.contains(id)) return;
        Watched& interface = watched(id);
        const auto next = std::ranges::find_if(interface.ours, [&](const Ours& one) {
            return one.virtual_mac && !interface.devices.contains({one.family, one.vrid});
        });
        if (next == interface.ours.end() || interface.index == 0) return;
        if (const NicResult made = make(interface, {next->family, next->vrid}); !made)
            return logger_->warn("{}", made.error().message); // it is tried again when it is needed
        make_devices_later(id);
    });
}

void LinuxNic::give_back(Watched& interface, const Ours& ours, std::vector<int>& unneeded) {
    const wire::VirtualMac mac{ours.family, ours.vrid};
    const auto device = ours.home.empty() ? interface.devices.find(mac) : interface.devices.end();
    if (device != interface.devices.end()) {
        lowering_.keep_up(device->second);
        unneeded.push_back(device->second);
        interface.devices.erase(device);
    }
    const std::string name = HeldRecord::name(interface.configured, ours);
    interface.records.erase(name);
    HeldRecord::remove(directory_, name);
}

void LinuxNic::forget(InterfaceId id) {
    Watched& interface = watched(id);
    interface.capture.reset();
    for (const Held& held : interface.held)
        if (held.device == interface.index) (void)netlink_.remove_address(held.device, held.prefix);
    std::vector<int> unneeded;
    for (const Ours& one : interface.ours)
        give_back(interface, one, unneeded);
    if (interface.index != 0) {
        forgotten_[interface.index] = interface.facts.name;
        removal_.remove(std::move(unneeded), [this, index = interface.index, alive = std::weak_ptr(alive_)] {
            boost::asio::post(io_, [this, index, alive] {
                if (alive.expired() || !forgotten_.contains(index)) return;
                arp_rules_.release(index, forgotten_.extract(index).mapped());
            });
        });
    }
    watched_.erase(id);
}

bool LinuxNic::uses_virtual_mac(const std::vector<Ours>& ours) {
    return std::ranges::any_of(ours, &Ours::virtual_mac);
}

void LinuxNic::deliver_waiting() {
    if (events_.any()) look(events_.take());
    for (auto& [id, interface] : watched_)
        if (interface.capture) interface.capture->drain();
}

void LinuxNic::put_back_records() {
    for (const auto& [id, interface] : watched_) {
        for (const auto& [name, record] : interface.records)
            if (HeldRecord::read(directory_, name) != record) (void)record.write(directory_, name);
        if (interface.index != 0 && uses_virtual_mac(interface.ours))
            arp_rules_.put_back_record(interface.index);
    }
}

NicResult LinuxNic::send(InterfaceId id, BytesView frame) {
    const Watched& interface = watched(id);
    if (!interface.capture) return tl::unexpected(NicError{"the interface does not exist"});
    return interface.capture->send(frame);
}

NicResult LinuxNic::send_packet(InterfaceId id, BytesView packet) {
    const Watched& interface = watched(id);
    if (!interface.unicast) return tl::unexpected(NicError{"the interface does not exist"});
    return interface.unicast->send(packet);
}

// --- Virtual MACs

NicResult LinuxNic::make_devices(Watched& interface) {
    for (const Ours& one : interface.ours) {
        if (!one.virtual_mac || interface.devices.contains({one.family, one.vrid})) continue;
        if (NicResult made = make(interface, {one.family, one.vrid}); !made) return made;
    }
    return {};
}

NicResult LinuxNic::make(Watched& interface, const wire::VirtualMac& mac) {
    if (interface.index == 0) return tl::unexpected(NicError{"the interface does not exist"});
    const auto made = make_device(netlink_, interface.index, interface.facts.name, mac);
    if (!made)
        return tl::unexpected(
            NicError{fmt::format("{} (-n does without the virtual MAC)", made.error().message)});
    interface.devices[mac] = *made;
    return {};
}

tl::expected<int, NicError> LinuxNic::device(const Watched& interface,
                                             const std::optional<wire::VirtualMac>& virtual_mac) const {
    if (!virtual_mac) {
        if (interface.index == 0) return tl::unexpected(NicError{"the interface does not exist"});
        return interface.index;
    }
    const auto found = interface.devices.find(*virtual_mac);
    if (found == interface.devices.end()) return tl::unexpected(NicError{"the virtual MAC has no device"});
    return found->second;
}

NicResult LinuxNic::attach_virtual_mac(InterfaceId id, const wire::VirtualMac& mac) {
    Watched& interface = watched(id);
    if (interface.attached.empty() &&
        !arp_rules_.apply(interface.index, interface.facts.name)) // before it can answer from here
        logger_->warn(
            "{}: arp_ignore and arp_announce cannot be set: hosts may learn the interface's own MAC",
            interface.facts.name);
    interface.attached.insert(mac);
    if (const auto index = device(interface, mac)) {
        lowering_.keep_up(*index);
        const NicResult hears = set_hearing(netlink_, *index, interface.index, mac, true);
        if (hears) return {};
        if (netlink_.link(*index))
            return tl::unexpected(
                explain_attach(netlink_, hears.error(), mac.address(), device_name(mac, interface.index)));
    }
    if (NicResult made = make(interface, mac); !made) return made; // somebody took it away
    return set_hearing(netlink_, interface.devices[mac], interface.index, mac, true);
}

NicResult LinuxNic::detach_virtual_mac(InterfaceId id, const wire::VirtualMac& mac) {
    Watched& interface = watched(id);
    interface.attached.erase(mac);
    const auto index = device(interface, mac);
    if (!index) return {}; // it went with its interface
    NicResult deaf = set_hearing(netlink_, *index, interface.index, mac, false);
    lowering_.lower(*index);
    if (interface.attached.empty()) arp_rules_.release(interface.index, interface.facts.name);
    return deaf;
}

// --- Addresses

NicResult LinuxNic::add_address(InterfaceId id, const std::optional<wire::VirtualMac>& virtual_mac,
                                const IpPrefix& prefix, const AddressMarks& marks) {
    Watched& interface = watched(id);
    const auto index = device(interface, virtual_mac);
    if (!index) return tl::unexpected(index.error());
    // Where the interface has a route to that network, a second one by our device could only lead astray.
    const auto route =
        interface.facts.reaches(prefix.address) ? Netlink::PrefixRoute::no : Netlink::PrefixRoute::yes;
    NicResult added = netlink_.add_address(*index, prefix, route, marks);
    const Held held{*index, prefix};
    if (!added)
        return tl::unexpected(
            explain_add(netlink_, added.error(), prefix.address,
                        virtual_mac ? device_name(*virtual_mac, interface.index) : interface.facts.name));
    if (std::ranges::find(interface.held, held) == interface.held.end()) interface.held.push_back(held);
    return added;
}

NicResult LinuxNic::remove_address(InterfaceId id, const std::optional<wire::VirtualMac>& virtual_mac,
                                   const IpPrefix& prefix) {
    Watched& interface = watched(id);
    magic_packets_.give_up(prefix.address);
    const auto index = device(interface, virtual_mac);
    if (!index) return {}; // it went with its interface
    std::erase(interface.held, Held{*index, prefix});
    return netlink_.remove_address(*index, prefix);
}

NicResult LinuxNic::drop_traffic(InterfaceId, const IpAddress& address, bool drop) {
    return drop ? traffic_.drop(address) : traffic_.accept(address);
}

// Facts are what the machine has without us; not every kernel keeps the mark that says so.
void LinuxNic::leave_out_held(Watched& interface) const {
    std::erase_if(interface.facts.addresses, [&](const IpPrefix& prefix) {
        return std::ranges::any_of(interface.held, [&](const Held& held) {
            return held.device == interface.index && held.prefix.address == prefix.address;
        });
    });
}

// What the interface has of its own is not ours, not even when it is a virtual address.
void LinuxNic::record(Watched& interface) const {
    if (interface.index == 0) return;
    for (const Ours& one : interface.ours) {
        const std::string name = HeldRecord::name(interface.configured, one);
        HeldRecord now{.index = interface.index,
                       .addresses = {},
                       .configured = one.addresses,
                       .interface = interface.configured,
                       .home = one.home,
                       .vrid = one.vrid,
                       .family = one.family};
        for (const IpPrefix& prefix : one.addresses)
            if (!one.virtual_mac && !interface.facts.has(prefix.address)) now.addresses.push_back(prefix);
        HeldRecord& known = interface.records[name];
        if (known == now) continue;
        known = now;
        // Without it a kill might leave addresses behind; the protocol works all the same.
        (void)known.write(directory_, name);
    }
}

NicResult LinuxNic::send_magic_packet(InterfaceId id, const std::optional<wire::VirtualMac>& virtual_mac,
                                      const IpAddress& source, const IpAddress& gateway) {
    const Watched& interface = watched(id);
    // The kernel would not ask for a gateway whose MAC it knows, as a router mostly does; nor in the
    // address's name where the operator has set arp_announce. A SYN alone teaches the gateway nothing.
    std::array<std::uint8_t, wire::kArpRequestSize> request{};
    wire::encode_arp_request(gateway, source, virtual_mac ? virtual_mac->address() : interface.facts.mac,
                             request);
    if (NicResult asked = send(id, request); !asked) return asked;
    const std::string device =
        virtual_mac ? device_name(*virtual_mac, interface.index) : interface.facts.name;
    return magic_packets_.send(device, source, gateway);
}

// --- After the dead

void LinuxNic::clean_up_after(const SiblingIdentity& dead) {
    cleanups_.push_front({dead, boost::asio::steady_timer(io_), std::chrono::milliseconds(0)});
    schedule(cleanups_.begin());
}

void LinuxNic::schedule(std::list<Cleanup>::iterator cleanup) {
    cleanup->timer.expires_after(cleanup->pause);
    cleanup->timer.async_wait([this, cleanup](boost::system::error_code error) {
        if (error) return; // we are being destroyed
        if (cleaner_.clean(cleanup->dead) || cleanup->pause >= kLongestPause) {
            cleanups_.erase(cleanup);
            return;
        }
        cleanup->pause = std::max(2 * cleanup->pause, std::chrono::milliseconds(1));
        schedule(cleanup);
    });
}

} // namespace vrrp::backend
