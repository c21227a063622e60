// What a virtual router's process may have on the interface itself: read by who comes after its death.
#pragma once

#include "core/ports.hpp"

#include <filesystem>

namespace vrrp::backend {

// DIR/NAME.held, whole or not at all. Kernels before 5.18 keep no mark on an address, so without it a
// leftover would look like an address of the machine's own, and make a restart its owner.
struct HeldRecord {
    int index = 0; // of the interface
    std::vector<IpPrefix> addresses;
    // All virtual addresses of its configuration, wherever they are put; an older vrrpd did not say them.
    std::vector<IpPrefix> configured{};
    // Whose it is; an older vrrpd did not say it, then the name is empty.
    std::string interface {};
    std::string home{}; // the virtual router's interface, where that is another one
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;

    // What it is called: INSTANCE, or INSTANCE@INTERFACE of those addresses that are elsewhere.
    static std::string name(const std::string& interface, const Ours& ours);
    // Whose it is.
    static std::string instance(const std::string& name) { return name.substr(0, name.find('@')); }

    // Those that are here, sorted.
    static std::vector<std::string> all(const std::filesystem::path& directory);

    // Nothing when there is none, or none that is true since the last boot.
    static std::optional<HeldRecord> read(const std::filesystem::path& directory, const std::string& name);
    NicResult write(const std::filesystem::path& directory, const std::string& name) const;
    static void remove(const std::filesystem::path& directory, const std::string& name);

    friend bool operator==(const HeldRecord&, const HeldRecord&) = default;
};

} // namespace vrrp::backend
