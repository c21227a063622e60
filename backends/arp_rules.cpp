#include "backends/arp_rules.hpp"

#include "backends/kernel_setting.hpp"
#include "backends/runtime_directory.hpp"

#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/file.h>

namespace vrrp::backend {
namespace {

using nlohmann::json;

constexpr std::pair<const char*, const char*> kRules[] = {{"arp_ignore", "1"}, {"arp_announce", "2"}};

json read_record(const std::filesystem::path& file) {
    std::ifstream in(file);
    json record = json::parse(in, nullptr, false);
    return record.is_object() ? record : json::object();
}

void apply(const std::string& interface, json& record) {
    for (const auto& [name, value] : kRules) {
        record["before"][name] = read_setting("ipv4", interface, name).value_or("0");
        write_setting("ipv4", interface, name, value);
    }
}

void put_back(const std::string& interface, const json& record) {
    const json before = record.value("before", json::object());
    for (const auto& [name, value] : before.items())
        write_setting("ipv4", interface, name, value.get<std::string>());
}

} // namespace

void ArpRules::hold(const std::string& interface) {
    if (held_[interface]++ == 0) change_holders(interface, true);
}

void ArpRules::release(const std::string& interface) {
    if (--held_[interface] == 0) change_holders(interface, false);
}

void ArpRules::recover(const std::string& interface) {
    change_holders(interface, false);
}

void ArpRules::change_holders(const std::string& interface, bool hold) {
    const std::filesystem::path file = directory_ / ("arp_" + interface + ".json");
    const FileDescriptor lock(::open((directory_ / ".arp_lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock) ::flock(lock.get(), LOCK_EX); // held for microseconds by any vrrpd of this directory

    json record = read_record(file);
    std::vector<std::string> holders;
    const json before = record.value("holders", json::array());
    for (const json& holder : before)
        if (holder != instance_ && PidFile::is_held(directory_, holder)) holders.push_back(holder);
    const bool applied = record.contains("before");
    if (hold) {
        holders.push_back(instance_);
        if (!applied) apply(interface, record);
    } else if (holders.empty()) {
        if (applied) put_back(interface, record);
        std::error_code ignored; // it may never have been there
        std::filesystem::remove(file, ignored);
        return;
    }
    record["holders"] = holders;
    (void)write_whole(file, record.dump()); // without the record the settings stay; the protocol goes on
}

} // namespace vrrp::backend
