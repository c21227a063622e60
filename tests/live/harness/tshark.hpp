// Wireshark's opinion of what went over the wire.
#pragma once

#include <filesystem>
#include <string>

namespace vrrp::live {

// `fields` ("-e eth.src -e frame.number") of the frames that the display filter lets through: a line for each
// frame, tabs between.
std::string tshark(const std::filesystem::path& file, const std::string& filter, const std::string& fields);

} // namespace vrrp::live
