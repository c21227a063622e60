#include "backends/arp_rules.hpp"

#include "backends/kernel_setting.hpp"
#include "backends/runtime_directory.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vrrp::backend {
namespace {

constexpr std::pair<const char*, const char*> kRules[] = {{"arp_ignore", "1"}, {"arp_announce", "2"}};

// Exactly our rules: what else may stand in a damaged file is not written to the kernel.
bool is_record(const nlohmann::json& json) {
    const auto tells = [&](const auto& rule) {
        return json.contains(rule.first) && json[rule.first].is_string();
    };
    return json.is_object() && json.size() == std::size(kRules) && std::ranges::all_of(kRules, tells);
}

} // namespace

std::filesystem::path ArpRules::record_of(const std::string& interface) const {
    return directory_ / ("arp_" + interface + ".json");
}

void ArpRules::prepare(const std::string& interface, bool in_use) {
    Settings& before = before_[interface];
    std::ifstream in(record_of(interface));
    const nlohmann::json record = nlohmann::json::parse(in, nullptr, false);
    if (is_record(record)) {
        before = record.get<Settings>();
        if (!in_use) put_back(interface);
        return;
    }
    for (const auto& [name, value] : kRules)
        before[name] = read_setting("ipv4", interface, name).value_or("0");
    // Without the record a kill would leave the rules behind; the protocol works all the same.
    (void)write_whole(record_of(interface), nlohmann::json(before).dump());
}

void ArpRules::apply(const std::string& interface) const {
    for (const auto& [name, value] : kRules)
        write_setting("ipv4", interface, name, value);
}

void ArpRules::put_back(const std::string& interface) const {
    for (const auto& [name, value] : before_.at(interface))
        write_setting("ipv4", interface, name, value);
}

void ArpRules::forget(const std::string& interface) {
    before_.erase(interface);
    std::error_code ignored; // it may not have been written
    std::filesystem::remove(record_of(interface), ignored);
}

} // namespace vrrp::backend
