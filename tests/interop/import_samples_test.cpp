// The samples of Debian's keepalived package, which are read where they are installed.
#include "core/config/config_file.hpp"
#include "core/config/import/import.hpp"
#include "tests/binaries.hpp"
#include "tests/live/harness/namespace.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace vrrp;
using namespace vrrp::config;

namespace {

const std::filesystem::path kSamples = "/usr/share/doc/keepalived/samples";

std::string content(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

const importer::Sources kSources{
    [](const std::string& path) -> tl::expected<std::string, std::string> { return content(path); },
    [](const std::string&) { return std::vector<std::string>{}; }, "gw1"};
const Here kAnywhere{[](const std::string&, bool) -> tl::expected<std::string, std::string> { return ""; },
                     [](const std::string&) { return true; }, [](const std::string&) { return true; }};

} // namespace

TEST_CASE("the samples of Debian's keepalived are read, and all of their VRRP is carried over whole") {
    if (!std::filesystem::exists(kSamples)) {
        WARN("SKIPPED: keepalived's samples are not installed");
        return;
    }
    std::vector<std::filesystem::path> all;
    for (const auto& entry : std::filesystem::directory_iterator(kSamples))
        if (entry.path().filename().string().starts_with("keepalived.conf")) all.push_back(entry.path());
    std::ranges::sort(all);
    std::size_t with_vrrp = 0, whole = 0;
    std::string others;
    for (const auto& path : all) {
        INFO(path);
        const auto imported = importer::import_file({.file = path, .id = "high"}, kSources);
        REQUIRE(imported);
        const bool has_vrrp = content(path).find("vrrp_instance") != std::string::npos;
        CHECK((has_vrrp == bool(parse_config_file("vrrpd.toml", imported->text, kAnywhere))));
        with_vrrp += has_vrrp;
        whole += has_vrrp && imported->lost_vrrp == 0;
        if (has_vrrp && imported->lost_vrrp != 0) others += " " + path.filename().string();
        // The real one says the same by its exit status.
        const auto result =
            live::run_command(std::string(kVrrpdBinary) + " --import " + path.string() + " --import-id high");
        CHECK(result.status == (imported->whole() ? 0 : 1));
    }
    WARN(whole << " of " << with_vrrp << " samples with VRRP carried over whole; not:" << others);
    CHECK(with_vrrp >= 12);
    CHECK(whole == with_vrrp);
}
