// What an operator says about one health check.
#pragma once

#include "core/net/ip_address.hpp"
#include "core/net/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vrrp {

// A place in RouterConfig::tracks.
enum class TrackIndex : std::uint16_t {};

// Another interface: it passes while that is up and has carrier, and `address` where one is named.
struct InterfaceCheck {
    std::string interface;
    std::optional<IpAddress> address{};
    friend bool operator==(const InterfaceCheck&, const InterfaceCheck&) = default;
};

// A program: it passes when that exits with status 0 within the timeout.
struct ScriptCheck {
    std::string path; // absolute
    std::vector<std::string> arguments{};
    friend bool operator==(const ScriptCheck&, const ScriptCheck&) = default;
};

// A TCP port: it passes when that accepts within the timeout.
struct TcpCheck {
    IpAddress address;
    std::uint16_t port = 0;
    friend bool operator==(const TcpCheck&, const TcpCheck&) = default;
};

inline constexpr int kMaxWeight = 253; // from one end of the priorities to the other

struct TrackConfig {
    std::string name; // unique
    std::variant<InterfaceCheck, ScriptCheck, TcpCheck> check{};
    // -253..253. A positive one is added to the priority while the check passes, a negative one while it fails. None:
    // who uses the check is not fit while it fails.
    std::optional<int> weight{};
    // Of a check that is asked again and again: from one time to the next, and how long one may take. Zero: it tells by
    // itself.
    Duration interval{}, timeout{};
    unsigned rise = 1, fall = 1; // equal answers in a row that it takes to count; 1–255
    bool invert = false;         // passing is failing
    Duration hold{};             // it counts as passing again only when it has failed no more for so long
    bool is_asked() const { return interval != Duration{}; }
    friend bool operator==(const TrackConfig&, const TrackConfig&) = default;
};

} // namespace vrrp
