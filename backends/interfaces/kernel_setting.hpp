// Settings under /proc/sys/net, and how long they last.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

#include <optional>
#include <string>

namespace vrrp::backend {

// "ipv4", "eth0", "arp_ignore" -> /proc/sys/net/ipv4/conf/eth0/arp_ignore
std::optional<std::string> read_setting(const std::string& family, const std::string& interface,
                                        const std::string& name);
// False when the kernel has no such setting or refuses the value.
bool write_setting(const std::string& family, const std::string& interface, const std::string& name,
                   const std::string& value);

// A setting for moments when there is no time to look for its file.
class KeptSetting {
  public:
    KeptSetting() = default;
    KeptSetting(const std::string& family, const std::string& interface, const std::string& name);
    // False too once its interface is called otherwise: its files are new then.
    bool write(std::string_view value) const;

  private:
    FileDescriptor file_;
};

// Another one after each boot: what was noted of interfaces before is void.
std::string boot_id();

} // namespace vrrp::backend
