#include "tools/vrrplab/replay/replay_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vrrplab {
namespace {

using namespace vrrp;
using Json = nlohmann::ordered_json;

double seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

std::string number(const std::optional<unsigned>& value) {
    return value ? std::to_string(*value) : "?";
}

std::string name(const VirtualRouterKey& key) {
    const std::string vlan = key.vlan != 0 ? fmt::format("VLAN {} ", key.vlan) : "";
    return fmt::format("{}{} v{} vrid {}", vlan, to_string(key.family), static_cast<int>(key.version),
                       key.vrid);
}

// `what: why`, on two lines where one would be too long.
std::string with_reason(std::string what, const std::string& why) {
    if (why.empty()) return what;
    const bool fits = what.size() + 2 + why.size() <= kTextColumns;
    return std::move(what) + (fits ? ": " : ":\n                 ") + why;
}

std::string cause_text(const MasterChange& c) {
    switch (c.cause) {
    case VisibleCause::first_heard: return "the first to be heard";
    case VisibleCause::resigned: return (c.to ? to_string(*c.from) : "it") + " resigned (priority 0)";
    case VisibleCause::after_resigning:
        return fmt::format("the one before had resigned {} ago", vrrp::to_string(c.silence));
    case VisibleCause::silence:
        if (!c.from) return fmt::format("again, after {} of silence", vrrp::to_string(c.silence));
        return fmt::format("{} silent for {}", to_string(*c.from), vrrp::to_string(c.silence));
    case VisibleCause::higher_priority: return fmt::format("a higher priority than {}", to_string(*c.from));
    case VisibleCause::higher_address:
        return fmt::format("the same priority and a higher address than {}", to_string(*c.from));
    case VisibleCause::two_masters: return fmt::format("{} speaks as master too", to_string(*c.rival));
    }
    return "?";
}

Json or_null(const std::optional<IpAddress>& address) {
    return address ? Json(to_string(*address)) : Json(nullptr);
}
Json or_null(const std::optional<unsigned>& value) {
    return value ? Json(*value) : Json(nullptr);
}

void add_key(Json& json, const VirtualRouterKey& key) {
    json["vlan"] = key.vlan;
    json["family"] = to_string(key.family);
    json["version"] = static_cast<int>(key.version);
    json["vrid"] = key.vrid;
}

} // namespace

std::string packet_text(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded) {
    const std::string vlan = glimpse.vlan != 0 ? fmt::format(" VLAN {}", glimpse.vlan) : "";
    const std::string source = glimpse.source ? to_string(*glimpse.source) : "?";
    const std::string packet =
        fmt::format("{:>12.6f}  #{:<6} v{} vrid {:<3} priority {:<3} {}{}  {}", seconds(time), frame,
                    number(glimpse.version), number(glimpse.vrid), number(glimpse.priority), source, vlan,
                    verdict(decoded));
    return with_reason(packet, decoded ? "" : decoded.error().message());
}

std::string packet_json(std::uint64_t frame, Duration time, const Glimpse& glimpse, const Decoded& decoded) {
    Json json{{"kind", "packet"},
              {"frame", frame},
              {"time", seconds(time)},
              {"vrid", or_null(glimpse.vrid)},
              {"version", or_null(glimpse.version)},
              {"source", or_null(glimpse.source)},
              {"priority", or_null(glimpse.priority)},
              {"verdict", verdict(decoded)},
              {"vlan", glimpse.vlan}};
    if (!decoded) {
        json["why"] = decoded.error().message();
        return json.dump();
    }
    Json addresses = Json::array();
    for (std::size_t i = 0; i < decoded->addresses.size(); ++i)
        addresses.push_back(to_string(decoded->addresses[i]));
    json["family"] = to_string(decoded->source.family());
    json["destination"] = to_string(decoded->destination);
    json["source_mac"] = to_string(decoded->source_mac);
    json["interval"] = seconds(decoded->interval);
    json["addresses"] = addresses;
    json["authentication_type"] = static_cast<int>(decoded->authentication_type);
    json["checksum_covers"] =
        decoded->checksum_form == wire::ChecksumForm::with_pseudo_header ? "pseudo-header" : "message";
    return json.dump();
}

std::string change_text(Duration time, const MasterChange& change) {
    const char* is = change.cause == VisibleCause::two_masters ? "is not alone as master" : "is master";
    const std::string what =
        change.to ? fmt::format("{} {}", to_string(*change.to), is)
                  : fmt::format("{} is no longer master", change.from ? to_string(*change.from) : "nobody");
    return with_reason(fmt::format("{:>12.6f}  => {}: {}", seconds(time), name(change.key), what),
                       cause_text(change));
}

std::string change_json(std::uint64_t frame, Duration time, const MasterChange& change) {
    Json json{{"kind", "transition"}, {"frame", frame}, {"time", seconds(time)}};
    add_key(json, change.key);
    json["from"] = or_null(change.from);
    json["to"] = or_null(change.to);
    json["cause"] = to_string(change.cause);
    json["silence"] = seconds(change.silence);
    if (change.rival) json["rival"] = to_string(*change.rival);
    return json.dump();
}

std::string summary_text(const ReplaySummary& summary, const MasterTimeline& timeline) {
    std::string text = fmt::format("{} frames, {} VRRP packets, {} accepted\n", summary.frames,
                                   summary.packets, summary.accepted);
    for (const auto& [reason, count] : summary.refused)
        text += fmt::format("  {:>6} refused: {}\n", count, reason);
    for (const auto& [key, vr] : timeline.virtual_routers())
        text +=
            fmt::format("  {}: {} advertisements, {} changes, master at the end: {}\n", name(key),
                        vr.advertisements, vr.changes, vr.master ? to_string(vr.master->address) : "nobody");
    if (summary.packets == 0) text += "No VRRP packet is in this capture.\n";
    return text;
}

std::string summary_json(const ReplaySummary& summary, const MasterTimeline& timeline) {
    Json virtual_routers = Json::array();
    for (const auto& [key, vr] : timeline.virtual_routers()) {
        Json one;
        add_key(one, key);
        one["advertisements"] = vr.advertisements;
        one["changes"] = vr.changes;
        one["master"] = vr.master ? Json(to_string(vr.master->address)) : Json(nullptr);
        virtual_routers.push_back(one);
    }
    return Json{{"kind", "summary"},          {"frames", summary.frames},
                {"packets", summary.packets}, {"accepted", summary.accepted},
                {"refused", summary.refused}, {"virtual_routers", virtual_routers}}
        .dump();
}

} // namespace vrrplab
