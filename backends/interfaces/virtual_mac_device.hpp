// The macvlan device of a virtual MAC.
#pragma once

#include "backends/interfaces/netlink.hpp"

namespace vrrp::backend {

// Devices of virtual MACs are called so and go on with their family, VRID and interface.
inline constexpr std::string_view kDevicePrefix = "vrrp";

// "vrrp4.51.1f": family, VRID and the interface's index in hexadecimal. Fits the kernel's 15 characters up to
// index 0xfffff, and cannot collide: an index is one interface's, a VRID one virtual router's of it.
std::string device_name(const wire::VirtualMac& mac, int interface_index);

// Makes it, down and without a word of its own: it has no address but the virtual ones, makes none, asks for
// none. Replaces one of the same name. Takes milliseconds, so it is not left to the moment of a take-over.
tl::expected<int, NicError> make_device(const Netlink& netlink, int interface_index,
                                        const std::string& interface, const wire::VirtualMac& mac);

// Frames to its MAC and ARP requests reach it, or nothing does. Deaf, it is to be taken down when there is
// time for that.
NicResult set_hearing(const Netlink& netlink, int device, int interface_index, const wire::VirtualMac& mac,
                      bool hears);

// It forwards what comes in by it if its interface would.
void copy_forwarding(const std::string& interface, const std::string& device);

} // namespace vrrp::backend
