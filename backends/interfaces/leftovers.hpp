// What dead processes left on the machine's interfaces.
#pragma once

#include "backends/interfaces/netlink.hpp"

#include <filesystem>

namespace vrrp::backend {

// What a virtual router whose process is dead may have left in one place.
struct Remains {
    std::string record; // HeldRecord's name of it
    IpFamily family = IpFamily::v4;
    std::uint8_t vrid = 0;
    std::vector<IpPrefix> addresses;
    bool device = true; // of the virtual MAC: not where only some addresses were
};

// Removes it: the devices, the addresses that are marked, those that the records list, and these records. `index` is
// what the kernel calls the interface that they all were on, 0 when it is gone; a record knows better where that was.
void remove_leftovers(const Netlink& netlink, const std::filesystem::path& directory, int index,
                      const std::vector<Remains>& remains);

} // namespace vrrp::backend
