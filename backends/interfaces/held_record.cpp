#include "backends/interfaces/held_record.hpp"

#include "backends/interfaces/kernel_setting.hpp"
#include "backends/runtime/runtime_directory.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace vrrp::backend {
namespace {

std::filesystem::path path(const std::filesystem::path& directory, const std::string& name) {
    return directory / (name + ".held");
}

nlohmann::json texts(const std::vector<IpPrefix>& prefixes) {
    nlohmann::json texts = nlohmann::json::array();
    for (const IpPrefix& prefix : prefixes)
        texts.push_back(to_string(prefix));
    return texts;
}

// What is no prefix, or is not there at all, is left out.
std::vector<IpPrefix> prefixes(const nlohmann::json& json, const char* key) {
    std::vector<IpPrefix> prefixes;
    for (const nlohmann::json& text : json.value(key, nlohmann::json::array()))
        if (const auto prefix = IpPrefix::parse(text.is_string() ? text.get<std::string>() : ""))
            prefixes.push_back(*prefix);
    return prefixes;
}

} // namespace

std::string HeldRecord::name(const std::string& interface, const Ours& ours) {
    if (ours.home.empty()) return instance_name(interface, ours.vrid, ours.family);
    return instance_name(ours.home, ours.vrid, ours.family) + '@' + interface;
}

std::optional<HeldRecord> HeldRecord::read(const std::filesystem::path& directory, const std::string& name) {
    std::ifstream in(path(directory, name));
    const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object() || !json.contains("boot") || json["boot"] != boot_id()) return std::nullopt;
    if (!json.contains("index") || !json["index"].is_number_integer()) return std::nullopt;
    HeldRecord record{.index = json["index"],
                      .addresses = prefixes(json, "addresses"),
                      .configured = prefixes(json, "configured")};
    if (json.value("vrid", nlohmann::json()).is_number_unsigned() &&
        json.value("interface", nlohmann::json()).is_string()) {
        record.interface = json["interface"];
        if (json.value("home", nlohmann::json()).is_string()) record.home = json["home"];
        record.vrid = json["vrid"];
        record.family = json.value("family", 4) == 6 ? IpFamily::v6 : IpFamily::v4;
    }
    return record;
}

std::vector<std::string> HeldRecord::all(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code ignored; // then there are none
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
        if (entry.path().extension() == ".held") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

NicResult HeldRecord::write(const std::filesystem::path& directory, const std::string& name) const {
    const nlohmann::json json = {{"boot", boot_id()},
                                 {"index", index},
                                 {"addresses", texts(addresses)},
                                 {"configured", texts(configured)},
                                 {"interface", interface},
                                 {"home", home},
                                 {"vrid", vrid},
                                 {"family", static_cast<int>(family)}};
    return write_whole(path(directory, name), json.dump());
}

void HeldRecord::remove(const std::filesystem::path& directory, const std::string& name) {
    std::error_code ignored; // it may not have been written
    std::filesystem::remove(path(directory, name), ignored);
}

} // namespace vrrp::backend
