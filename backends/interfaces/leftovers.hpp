// What dead processes left on the machine's interfaces.
#pragma once

#include "backends/interfaces/netlink.hpp"

#include <filesystem>

namespace vrrp::backend {

// Removes what virtual routers whose processes are dead may have left: their devices, their addresses that
// are marked, those that their records list, and these records. `index` is what the kernel calls the
// interface that they all were on, 0 when it is gone; a record knows better where that was.
void remove_leftovers(const Netlink& netlink, const std::filesystem::path& directory, int index,
                      const std::vector<SiblingIdentity>& dead);

} // namespace vrrp::backend
