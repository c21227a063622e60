#include "backends/interfaces/held_record.hpp"

#include "backends/interfaces/kernel_setting.hpp"
#include "backends/runtime/runtime_directory.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace vrrp::backend {
namespace {

std::filesystem::path path(const std::filesystem::path& directory, const std::string& instance) {
    return directory / (instance + ".held");
}

} // namespace

std::optional<HeldRecord> HeldRecord::read(const std::filesystem::path& directory,
                                           const std::string& instance) {
    std::ifstream in(path(directory, instance));
    const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object() || !json.contains("boot") || json["boot"] != boot_id()) return std::nullopt;
    if (!json.contains("index") || !json["index"].is_number_integer()) return std::nullopt;
    HeldRecord record{.index = json["index"], .addresses = {}};
    const nlohmann::json& addresses =
        json.contains("addresses") ? json["addresses"] : nlohmann::json::array();
    for (const nlohmann::json& address : addresses) {
        const auto prefix = IpPrefix::parse(address.is_string() ? address.get<std::string>() : "");
        if (prefix) record.addresses.push_back(*prefix);
    }
    if (json.value("vrid", nlohmann::json()).is_number_unsigned() &&
        json.value("interface", nlohmann::json()).is_string()) {
        record.interface = json["interface"];
        record.vrid = json["vrid"];
        record.family = json.value("family", 4) == 6 ? IpFamily::v6 : IpFamily::v4;
    }
    return record;
}

std::vector<std::string> HeldRecord::all(const std::filesystem::path& directory) {
    std::vector<std::string> instances;
    std::error_code ignored; // then there are none
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
        if (entry.path().extension() == ".held") instances.push_back(entry.path().stem().string());
    std::ranges::sort(instances);
    return instances;
}

NicResult HeldRecord::write(const std::filesystem::path& directory, const std::string& instance) const {
    nlohmann::json json = {{"boot", boot_id()},      {"index", index}, {"addresses", nlohmann::json::array()},
                           {"interface", interface}, {"vrid", vrid},   {"family", static_cast<int>(family)}};
    for (const IpPrefix& prefix : addresses)
        json["addresses"].push_back(to_string(prefix));
    return write_whole(path(directory, instance), json.dump());
}

void HeldRecord::remove(const std::filesystem::path& directory, const std::string& instance) {
    std::error_code ignored; // it may not have been written
    std::filesystem::remove(path(directory, instance), ignored);
}

} // namespace vrrp::backend
