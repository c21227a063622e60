#include "backends/interfaces/arp_rules.hpp"

#include "backends/interfaces/kernel_setting.hpp"
#include "backends/interfaces/virtual_mac_device.hpp"
#include "backends/runtime/runtime_directory.hpp"

#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vrrp::backend {
namespace {

constexpr std::pair<const char*, const char*> kRules[] = {{"arp_ignore", "1"}, {"arp_announce", "2"}};

} // namespace

std::filesystem::path ArpRules::record_of(int index) const {
    return directory_ / fmt::format("arp_{}.json", index);
}

// Nothing when there is none, or none that is true since the last boot.
std::optional<ArpRules::Settings> ArpRules::recorded(int index) const {
    std::ifstream in(record_of(index));
    const nlohmann::json record = nlohmann::json::parse(in, nullptr, false);
    if (!record.is_object() || !record.contains("boot") || record["boot"] != boot_id()) return std::nullopt;
    Settings settings;
    for (const auto& [rule, ours] : kRules) {
        if (!record.contains(rule) || !record[rule].is_string()) return std::nullopt;
        settings[rule] = record[rule];
    }
    return settings;
}

void ArpRules::prepare(int index, const std::string& name, bool will_apply) {
    keep_files(index, name);
    if (const auto settings = recorded(index)) {
        before_[index] = *settings;
        if (!needed(index)) put_back(index, name);
        return;
    }
    for (const auto& [rule, ours] : kRules)
        before_[index][rule] = read_setting("ipv4", name, rule).value_or("0");
    if (will_apply) put_back_record(index);
}

void ArpRules::put_back_record(int index) const {
    const auto settings = before_.find(index);
    if (settings == before_.end() || recorded(index)) return;
    nlohmann::json record = {{"boot", boot_id()}};
    for (const auto& [rule, value] : settings->second)
        record[rule] = value;
    // Without the record a kill would leave the rules behind; the protocol works all the same.
    (void)write_whole(record_of(index), record.dump());
}

void ArpRules::keep_files(int index, const std::string& name) {
    for (std::size_t i = 0; i < std::size(kRules); ++i)
        files_[index][i] = KeptSetting("ipv4", name, kRules[i].first);
}

bool ArpRules::apply(int index, const std::string& name) {
    const auto written = [&] {
        bool all = true;
        for (std::size_t i = 0; i < std::size(kRules); ++i)
            all = files_[index][i].write(kRules[i].second) && all;
        return all;
    };
    if (written()) return true;
    keep_files(index, name); // it may have been renamed
    return written();
}

void ArpRules::release(int index, const std::string& name) {
    if (!needed(index)) put_back(index, name);
    if (netlink_.macvlans(index, kDevicePrefix).empty()) forget(index);
}

void ArpRules::forget(int index) {
    before_.erase(index);
    files_.erase(index);
    std::error_code ignored; // it may not have been written
    std::filesystem::remove(record_of(index), ignored);
}

bool ArpRules::needed(int index) const {
    const auto devices = netlink_.macvlans(index, kDevicePrefix);
    return std::ranges::any_of(devices, [](const Macvlan& device) { return !device.deaf; });
}

void ArpRules::put_back(int index, const std::string& name) const {
    const auto settings = before_.find(index);
    if (settings == before_.end()) return;
    for (const auto& [rule, value] : settings->second)
        write_setting("ipv4", name, rule, value);
}

} // namespace vrrp::backend
