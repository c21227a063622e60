#include "tests/live/harness/tshark.hpp"

#include "tests/live/harness/namespace.hpp"

#include <catch2/catch.hpp>

namespace vrrp::live {
namespace {

constexpr const char* kStrict = " -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE ";

} // namespace

std::string tshark(const std::filesystem::path& file, const std::string& filter, const std::string& fields) {
    const CommandResult result = run_command("tshark -r " + file.string() + kStrict + " -Y '" + filter +
                                             "' -T fields " + fields + " 2>/dev/null");
    REQUIRE(result.status == 0);
    return result.output;
}

} // namespace vrrp::live
