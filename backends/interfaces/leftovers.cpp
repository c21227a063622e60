#include "backends/interfaces/leftovers.hpp"

#include "backends/interfaces/held_record.hpp"
#include "backends/interfaces/virtual_mac_device.hpp"
#include "backends/runtime/runtime_directory.hpp"

#include <algorithm>
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

std::vector<Remains> with_elsewhere(const std::vector<std::string>& records, const Remains& one,
                                    const std::function<bool(const std::string& record)>& is_wanted) {
    std::vector<Remains> all{one};
    const std::string beside = one.record + '@';
    for (auto name = std::ranges::lower_bound(records, beside);
         name != records.end() && name->starts_with(beside); ++name) {
        if (!is_wanted(*name)) continue;
        all.push_back(one);
        all.back().record = *name;
        all.back().device = false;
    }
    return all;
}

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

bool Cleaner::clean(const SiblingIdentity& dead) {
    const std::string instance = instance_name(dead.interface, dead.vrid, dead.family);
    const auto its_file = PidFile::take_from_dead(directory_, instance);
    if (!its_file) return false;
    std::error_code it_left_none;
    std::filesystem::remove(handover_file(directory_, instance), it_left_none);
    const auto record = HeldRecord::read(directory_, instance);
    const auto link = record ? netlink_.link(record->index) : netlink_.link(dead.interface);
    const int index = link ? link->index : 0;
    const Remains its{
        .record = instance, .family = dead.family, .vrid = dead.vrid, .addresses = dead.addresses};
    remove_leftovers(
        netlink_, directory_, index,
        with_elsewhere(HeldRecord::all(directory_), its, [](const std::string&) { return true; }));
    if (index == 0) return true;
    arp_rules_.prepare(index, link->facts.name, false);
    arp_rules_.release(index, link->facts.name);
    return true;
}

void Cleaner::clean_all(const std::set<std::string>& refused) {
    for (const std::string& name : HeldRecord::all(directory_)) {
        const auto record = HeldRecord::read(directory_, name);
        if (!record || record->interface.empty()) continue;
        const std::string instance = HeldRecord::instance(name);
        if (!refused.contains(instance) && std::filesystem::exists(handover_file(directory_, instance)))
            continue;
        (void)clean({.interface = record->home.empty() ? record->interface : record->home,
                     .vrid = record->vrid,
                     .family = record->family,
                     .addresses = record->addresses,
                     .virtual_mac = true}); // not where its process lives
    }
}

} // namespace vrrp::backend
