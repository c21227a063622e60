#include "tools/vrrplab/network_captures.hpp"

#include <cstring>
#include <filesystem>
#include <fmt/format.h>

namespace vrrplab {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kPacket = 6; // block types
constexpr std::uint16_t kComment = 1, kName = 2, kResolution = 9;           // options
constexpr vrrp::Duration kYear2000 = 946'684'800s;

// pcapng in this machine's byte order, which a section's header tells.
template <typename Number>
void put(std::string& out, Number value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_padded(std::string& out, std::string_view bytes) {
    out.append(bytes).append((4 - bytes.size() % 4) % 4, '\0');
}

void put_option(std::string& out, std::uint16_t code, std::string_view value) {
    put(out, code);
    put(out, static_cast<std::uint16_t>(value.size()));
    put_padded(out, value);
}

std::string block(std::uint32_t type, const std::string& body) {
    std::string out;
    const auto size = static_cast<std::uint32_t>(body.size() + 12);
    put(out, type);
    put(out, size);
    out += body;
    put(out, size);
    return out;
}

std::string header(const std::string& network) {
    std::string section, interface;
    put(section, std::uint32_t{0x1a2b3c4d});
    put(section, std::uint16_t{1});
    put(section, std::uint16_t{0});
    put(section, std::int64_t{-1});   // its size is not told
    put(interface, std::uint16_t{1}); // Ethernet
    put(interface, std::uint16_t{0});
    put(interface, std::uint32_t{0}); // nothing is cut
    put_option(interface, kName, network);
    put_option(interface, kResolution, "\x09"); // nanoseconds
    put_option(interface, 0, "");
    return block(kSection, section) + block(kInterface, interface);
}

} // namespace

tl::expected<NetworkCaptures, std::string> NetworkCaptures::open(const std::string& directory,
                                                                 const vrrp::sim::Scenario& scenario) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return tl::unexpected(fmt::format("{} cannot be made: {}", directory, error.message()));
    NetworkCaptures captures;
    for (const vrrp::sim::NetworkPlan& network : scenario.networks) {
        auto file = LineFile::open((std::filesystem::path(directory) / (network.name + ".pcapng")).string());
        if (!file) return tl::unexpected(file.error());
        file->write_text(header(network.name));
        captures.files_.emplace(network.name, *std::move(file));
    }
    return captures;
}

void NetworkCaptures::frame(vrrp::TimePoint now, const vrrp::sim::Switch& network, vrrp::sim::PortId from,
                            vrrp::BytesView bytes) {
    const auto time = static_cast<std::uint64_t>((now - vrrp::sim::kStart + kYear2000).count());
    std::string body;
    put(body, std::uint32_t{0}); // the interface
    put(body, static_cast<std::uint32_t>(time >> 32));
    put(body, static_cast<std::uint32_t>(time));
    put(body, static_cast<std::uint32_t>(bytes.size()));
    put(body, static_cast<std::uint32_t>(bytes.size()));
    put_padded(body, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    put_option(body, kComment, "from " + network.label(from));
    put_option(body, 0, "");
    files_.at(network.name()).write_text(block(kPacket, body));
}

tl::expected<void, std::string> NetworkCaptures::finish() {
    for (auto& [name, file] : files_)
        if (const auto written = file.finish(); !written) return written;
    return {};
}

} // namespace vrrplab
