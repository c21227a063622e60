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
    std::string user{}; // as whom it runs; empty: as this process does
    friend bool operator==(const ScriptCheck&, const ScriptCheck&) = default;
};

// A TCP port: it passes when that accepts within the timeout.
struct TcpCheck {
    IpAddress address;
    std::uint16_t port = 0;
    friend bool operator==(const TcpCheck&, const TcpCheck&) = default;
};

// A neighbour or a machine further away: it passes when that answers an echo request (RFC 792, RFC 4443) within the
// timeout. Or a neighbour, which answers ARP (RFC 826) or a neighbour solicitation (RFC 4861 section 7.2), whatever it
// drops otherwise.
struct PingCheck {
    IpAddress address;
    std::string interface {}; // that it has to be reached by; empty: wherever the routes lead
    bool neighbour = false;   // it is asked for its MAC; the interface is given then
    friend bool operator==(const PingCheck&, const PingCheck&) = default;
};

// It passes while a process with this name runs, or the one whose number stands in the file.
struct ProcessCheck {
    std::string name{};     // of its program, as /proc/PID/comm has it
    std::string pid_file{}; // absolute; one of the two is given
    friend bool operator==(const ProcessCheck&, const ProcessCheck&) = default;
};

// A file with a number from -253 to 253: that is the weight. It passes while there is one.
struct FileCheck {
    std::string path; // absolute
    friend bool operator==(const FileCheck&, const FileCheck&) = default;
};

// It passes while a table has a route to exactly this prefix by which packets can go.
struct RouteCheck {
    static constexpr std::uint32_t kMainTable = 254;
    IpPrefix prefix; // without host bits
    std::uint32_t table = kMainTable;
    std::optional<std::uint8_t> protocol{}; // who put it there: 186 is BGP
    std::optional<IpAddress> via{};         // its next hop, or one of them
    friend bool operator==(const RouteCheck&, const RouteCheck&) = default;
};

inline constexpr int kMaxWeight = 253; // from one end of the priorities to the other

struct TrackConfig {
    std::string name; // unique
    std::variant<InterfaceCheck, ScriptCheck, TcpCheck, PingCheck, ProcessCheck, FileCheck, RouteCheck>
        check{};
    // -253..253. A positive one is added to the priority while the check passes, a negative one while it fails. None:
    // who uses the check is not fit while it fails; but a file has its weight in it.
    std::optional<int> weight{};
    // Of a check that is asked again and again: from one time to the next, and how long one may take. Zero: it tells by
    // itself, whenever something has changed.
    Duration interval{}, timeout{};
    unsigned rise = 1, fall = 1; // equal answers in a row that it takes to count; 1–255
    bool invert = false;         // passing is failing
    // It counts as passing again only when it has failed no more for so long; of a file, a greater number counts only
    // when it has stayed for so long.
    Duration hold{};
    bool is_asked() const { return interval != Duration{}; }
    bool is_interface() const { return std::holds_alternative<InterfaceCheck>(check); }
    bool is_file() const { return std::holds_alternative<FileCheck>(check); }
    // The interface that it names; nothing when it names none.
    const std::string* interface() const {
        if (const auto* one = std::get_if<InterfaceCheck>(&check)) return &one->interface;
        const auto* ping = std::get_if<PingCheck>(&check);
        return ping != nullptr && !ping->interface.empty() ? &ping->interface : nullptr;
    }
    friend bool operator==(const TrackConfig&, const TrackConfig&) = default;
};

} // namespace vrrp
