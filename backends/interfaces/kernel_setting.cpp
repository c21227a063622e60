#include "backends/interfaces/kernel_setting.hpp"

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace vrrp::backend {
namespace {

std::string path(const std::string& family, const std::string& interface, const std::string& name) {
    return "/proc/sys/net/" + family + "/conf/" + interface + "/" + name;
}

} // namespace

std::optional<std::string> read_setting(const std::string& family, const std::string& interface,
                                        const std::string& name) {
    std::ifstream file(path(family, interface, name));
    std::string value;
    return file >> value ? std::optional(value) : std::nullopt;
}

bool write_setting(const std::string& family, const std::string& interface, const std::string& name,
                   const std::string& value) {
    std::ofstream file(path(family, interface, name));
    file << value << std::flush;
    return file.good();
}

KeptSetting::KeptSetting(const std::string& family, const std::string& interface, const std::string& name)
    : file_(::open(path(family, interface, name).c_str(), O_WRONLY | O_CLOEXEC)) {}

bool KeptSetting::write(std::string_view value) const {
    return ::pwrite(file_.get(), value.data(), value.size(), 0) == static_cast<ssize_t>(value.size());
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

} // namespace vrrp::backend
