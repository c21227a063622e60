#include "backends/interfaces/leftovers.hpp"

#include "backends/interfaces/held_record.hpp"
#include "backends/interfaces/virtual_mac_device.hpp"

#include <map>
#include <set>

namespace vrrp::backend {
namespace {

struct Suspects { // on one interface
    std::set<std::string> devices;
    std::set<IpAddress> if_marked;
    std::set<IpAddress> recorded;
};

} // namespace

void remove_leftovers(const Netlink& netlink, const std::filesystem::path& directory, int index,
                      const std::vector<Remains>& remains) {
    std::map<int, Suspects> suspects; // by the interface's index
    for (const Remains& one : remains) {
        const HeldRecord record =
            HeldRecord::read(directory, one.record).value_or(HeldRecord{.index = index, .addresses = {}});
        for (const int place : {index, record.index}) {
            if (one.device) suspects[place].devices.insert(device_name({one.family, one.vrid}, place));
            for (const IpPrefix& prefix : one.addresses)
                suspects[place].if_marked.insert(prefix.address);
        }
        for (const IpPrefix& prefix : record.addresses)
            suspects[record.index].recorded.insert(prefix.address);
        HeldRecord::remove(directory, one.record);
    }
    suspects.erase(0);
    std::vector<int> devices;
    for (const auto& [place, what] : suspects)
        for (const Macvlan& device : netlink.macvlans(place, kDevicePrefix))
            if (what.devices.contains(device.name)) devices.push_back(device.index);
    for (const int device : devices)
        (void)netlink.make_deaf(device); // it answers no more, long before it is gone
    for (const auto& [place, what] : suspects)
        for (const KernelAddress& there : netlink.addresses(place))
            if (what.recorded.contains(there.prefix.address) ||
                (there.marked && what.if_marked.contains(there.prefix.address)))
                (void)netlink.remove_address(place, there.prefix); // it may go by itself meanwhile
    netlink.remove_links(devices);
}

} // namespace vrrp::backend
