// What dead processes left on the machine's interfaces.
#pragma once

#include "backends/interfaces/arp_rules.hpp"
#include "core/machine/sibling.hpp"

#include <filesystem>
#include <functional>
#include <set>

namespace vrrp::backend {

// What a virtual router whose process is dead may have left in one place.
struct Remains {
    std::string record; // HeldRecord's name of it
    IpFamily family = IpFamily::v4;
    std::uint8_t vrid = 0;
    std::vector<IpPrefix> addresses;
    bool device = true; // of the virtual MAC: not where only some addresses were
};

// `one`, and where else its virtual router has left something: records of addresses elsewhere stand beside its own, whose
// name they begin with. `records`: all that are there; `is_wanted` is asked of these.
std::vector<Remains> with_elsewhere(const std::vector<std::string>& records, const Remains& one,
                                    const std::function<bool(const std::string& record)>& is_wanted);

// Removes it: the devices, the addresses that are marked, those that the records list, and these records. `index` is
// what the kernel calls the interface that they all were on, 0 when it is gone; a record knows better where that was.
void remove_leftovers(const Netlink& netlink, const std::filesystem::path& directory, int index,
                      const std::vector<Remains>& remains);

// Cleans up after the dead processes of one runtime directory, on whatever interface that is now.
class Cleaner {
  public:
    Cleaner(const Netlink& netlink, ArpRules& arp_rules, std::filesystem::path directory)
        : netlink_(netlink), arp_rules_(arp_rules), directory_(std::move(directory)) {}

    // False while its process seems to live, or one that has been started since.
    bool clean(const SiblingIdentity& dead);
    // After all who have left a record, since nobody may ever start them again. Not where a successor is about to go on,
    // unless its instance is named: that one's start has been refused.
    void clean_all(const std::set<std::string>& refused = {});

  private:
    const Netlink& netlink_;
    ArpRules& arp_rules_;
    std::filesystem::path directory_;
};

} // namespace vrrp::backend
