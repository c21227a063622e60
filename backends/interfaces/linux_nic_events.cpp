#include "backends/interfaces/capture_filter.hpp"
#include "backends/interfaces/linux_nic.hpp"
#include "backends/interfaces/suitability.hpp"
#include "backends/interfaces/virtual_mac_device.hpp"

namespace vrrp::backend {

void LinuxNic::wait_for_events() {
    events_readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                [this](boost::system::error_code error) {
                                    if (error) return; // we are being destroyed
                                    look(events_.take());
                                    wait_for_events();
                                });
}

void LinuxNic::look(const NetlinkNews& news) {
    for (const auto& [id, interface] : watched_) {
        const bool may_have_come = interface.index == 0 && news.names.contains(interface.configured);
        if (news.anything || may_have_come || news.facts.contains(interface.index))
            adopt(id, find(interface));
        if (news.anything || news.forwarding.contains(interface.index)) follow_forwarding(interface);
        // After the facts: who has lost the interface holds nothing on it any more.
        tell_losses(id, news);
    }
}

std::optional<Link> LinuxNic::find(const Watched& interface) const {
    if (interface.index != 0)
        if (auto link = netlink_.link(interface.index)) return link;
    return netlink_.link(interface.configured);
}

void LinuxNic::adopt(InterfaceId id, std::optional<Link> link) {
    Watched& interface = watched(id);
    const InterfaceFacts before = interface.facts;
    const int index_before = interface.index;
    // It may have joined a bridge while we ran, or have come back as another kind of device.
    if (link)
        if (const NicResult suitable = check_suitable(netlink_, *link, uses_virtual_mac(interface.ours));
            !suitable)
            link->facts.obstacle = suitable.error().message;
    interface.facts = link ? std::move(link->facts) : InterfaceFacts{};
    interface.index = link ? link->index : 0;
    leave_out_held(interface);
    if (interface.index == index_before && interface.facts == before) return;

    if (interface.index != index_before) {
        interface.capture.reset();
        remove_devices(interface);
        interface.attached.clear();
        interface.held.clear();
        if (index_before != 0) arp_rules_.forget(index_before);
        if (interface.index != 0)
            arp_rules_.prepare(interface.index, interface.facts.name, uses_virtual_mac(interface.ours));
    }
    record(interface);
    const bool back = interface.facts.usable() && (!before.usable() || interface.index != index_before);
    if (back) {
        // An interface that we cannot hear is none; the next event tries again.
        if (const NicResult taken = take_up(id); !taken) interface.facts.obstacle = taken.error().message;
    }
    if (interface.index != index_before && index_before != 0 && interface.index != 0)
        inbox_.give(InterfaceChanged{id, {}}); // gone and back between two events
    inbox_.give(InterfaceChanged{id, interface.facts});
}

// Mostly they went with their parent. One that was moved to another network namespace leaves them here: they
// would go on to answer for the virtual addresses.
void LinuxNic::remove_devices(Watched& interface) {
    std::vector<int> left;
    for (const auto& [mac, index] : interface.devices)
        if (netlink_.link(index)) left.push_back(index);
    netlink_.remove_links(left);
    interface.devices.clear();
}

// An interface that has come, or come back.
NicResult LinuxNic::take_up(InterfaceId id) {
    if (NicResult opened = open_capture(id); !opened) return opened;
    return make_devices(watched(id));
}

NicResult LinuxNic::open_capture(InterfaceId id) {
    Watched& interface = watched(id);
    interface.capture.reset();
    const auto on_frame = [this, id](BytesView frame) { inbox_.give(FrameReceived{id, frame}); };
    auto capture =
        Capture::open(io_, interface.facts.name, interface.index, capture_filter(interface.ours), on_frame);
    if (!capture) return tl::unexpected(capture.error());
    interface.capture = std::move(*capture);
    return open_unicast(interface);
}

NicResult LinuxNic::open_unicast(Watched& interface) {
    interface.unicast.reset();
    if (std::ranges::none_of(interface.ours, &Ours::unicast)) return {};
    auto socket = UnicastSocket::open(interface.index);
    if (!socket)
        return tl::unexpected(NicError{
            fmt::format("{}: cannot speak to peers: {}", interface.facts.name, socket.error().message)});
    interface.unicast.emplace(*std::move(socket));
    return {};
}

void LinuxNic::follow_forwarding(const Watched& interface) const {
    for (const auto& [mac, index] : interface.devices)
        copy_forwarding(interface.facts.name, device_name(mac, interface.index));
}

void LinuxNic::tell_losses(InterfaceId id, const NetlinkNews& news) {
    Watched& interface = watched(id);
    std::erase_if(interface.devices, [&](const auto& device) {
        const int index = device.second;
        return (news.anything || news.losses.contains(index)) && !netlink_.link(index);
    });
    const std::vector<Held> lost = missing(interface, news);
    for (const Held& one : lost)
        std::erase(interface.held, one);
    for (const Held& one : lost) {
        // What the daemon does about the first may have brought back all.
        const bool is_back = std::ranges::any_of(
            interface.held, [&](const Held& held) { return held.prefix.address == one.prefix.address; });
        if (!is_back) inbox_.give(AddressLost{id, one.prefix.address});
    }
}

// Of what we hold, what the kernel does not have any more where something was taken away. Our own removals
// are seen here too, and are none: what we remove we do not hold.
std::vector<LinuxNic::Held> LinuxNic::missing(const Watched& interface, const NetlinkNews& news) const {
    std::set<int> suspects;
    for (const Held& held : interface.held)
        if (news.anything || news.losses.contains(held.device)) suspects.insert(held.device);
    std::vector<Held> missing;
    for (const int device : suspects) {
        std::set<IpAddress> there;
        if (netlink_.is_up(device)) // on one that is down it serves nobody
            for (const KernelAddress& address : netlink_.addresses(device))
                there.insert(address.prefix.address);
        for (const Held& held : interface.held)
            if (held.device == device && !there.contains(held.prefix.address)) missing.push_back(held);
    }
    return missing;
}

} // namespace vrrp::backend
