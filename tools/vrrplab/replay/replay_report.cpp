#include "tools/vrrplab/replay/replay_report.hpp"

#include <fmt/chrono.h>
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

// "2026-11-26 17:20:00.123456": UTC.
std::string wall_clock(Duration since_1970) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
    const std::time_t time = whole.count();
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06}", fmt::gmtime(time),
                       (since_1970 - whole) / std::chrono::microseconds(1));
}

std::string list_of(const std::vector<IpAddress>& addresses, const char* otherwise, std::size_t most = 3) {
    std::string text;
    for (std::size_t i = 0; i < std::min(addresses.size(), most); ++i)
        text += fmt::format("{}{}",
                            i == 0                      ? ""
                            : i + 1 == addresses.size() ? " and "
                                                        : ", ",
                            to_string(addresses[i]));
    if (addresses.size() > most) text += fmt::format(" and {} more", addresses.size() - most);
    return text.empty() ? otherwise : text;
}

// At blanks, so that no line is longer than kTextColumns.
std::string wrapped(std::string text, const std::string& indent) {
    std::string lines;
    for (std::size_t room = kTextColumns; text.size() > room; room = kTextColumns - indent.size()) {
        const std::size_t at = text.rfind(' ', room);
        if (at == text.npos) break;
        lines += text.substr(0, at) + "\n" + indent;
        text.erase(0, at + 1);
    }
    return lines + text;
}

std::string frames_text(const Finding& one) {
    if (one.count == 1) return fmt::format("frame {}", one.first_frame);
    return fmt::format("frames {} to {}, {} times", one.first_frame, one.last_frame, one.count);
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
    json["vrid"] = key.vrid;
    json["interface"] = key.interface;
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

std::string change_text(std::uint64_t frame, const MasterChange& change) {
    const std::string who =
        fmt::format("{:>12.6f}  #{:<6} => {}: ", seconds(change.at), frame, name(change.key));
    if (change.cause == VisibleCause::two_masters)
        return with_reason(who + fmt::format("{} is not alone as master", to_string(*change.to)),
                           cause_text(change));
    if (change.ends_split)
        return with_reason(who + fmt::format("{} is alone as master again", to_string(*change.to)),
                           cause_text(change));
    const std::string what =
        change.to ? to_string(*change.to) + " is master"
                  : (change.from ? to_string(*change.from) : "nobody") + " is no longer master";
    return with_reason(who + what, cause_text(change));
}

std::string change_json(std::uint64_t frame, const MasterChange& change, Duration begins) {
    Json json{{"kind", "transition"},
              {"frame", frame},
              {"time", seconds(change.at)},
              {"wall", wall_clock(begins + change.at)}};
    add_key(json, change.key);
    json["version"] = static_cast<int>(change.version);
    json["from"] = or_null(change.from);
    json["to"] = or_null(change.to);
    json["cause"] = to_string(change.cause);
    json["silence"] = seconds(change.silence);
    json["ends_split"] = change.ends_split;
    if (change.rival) json["rival"] = to_string(*change.rival);
    return json.dump();
}

std::string finding_text(const Finding& finding) {
    const FindingRow& kind = row(finding.code);
    const std::string indent(9, ' ');
    std::string text = fmt::format("{:<8} {}  {}\n", to_string(kind.severity), kind.code,
                                   finding.subject.empty() ? frames_text(finding)
                                                           : finding.subject + ", " + frames_text(finding));
    text += wrapped(indent + finding.text, indent) + "\n";
    text += wrapped(indent + "what to do: " + kind.advice, indent) + "\n";
    const std::string rfc = *kind.rfc == '\0' ? "" : fmt::format("{}; ", kind.rfc);
    return text + indent + rfc + "in Wireshark: " + finding.filter;
}

std::string finding_json(const Finding& finding) {
    const FindingRow& kind = row(finding.code);
    return Json{{"kind", "finding"},
                {"code", kind.code},
                {"severity", to_string(kind.severity)},
                {"subject", finding.subject},
                {"frames", {finding.first_frame, finding.last_frame}},
                {"count", finding.count},
                {"text", finding.text},
                {"advice", kind.advice},
                {"rfc", kind.rfc},
                {"filter", finding.filter}}
        .dump();
}

namespace {

// The worst ones in a sentence each; what is only odd makes no verdict, nor does what another one names as its cause.
std::string paragraph(const ReplaySummary& summary, const std::vector<Finding>& findings) {
    if (summary.packets == 0) return "no VRRP packet is in this capture.";
    const auto is_named = [&](const Finding& one) {
        return std::ranges::any_of(findings, [&](const Finding& other) {
            return other.because == one.code && other.subject == one.subject;
        });
    };
    std::string text;
    unsigned told = 0;
    constexpr unsigned kMost = 3;
    for (const Finding& one : findings) {
        if (row(one.code).severity == Severity::note || told == kMost) break;
        if (is_named(one)) continue;
        const std::string subject = one.subject.empty() ? "" : one.subject + ": ";
        text += fmt::format("{}{}{}. To do: {}.", told++ == 0 ? "" : " ", subject, one.text,
                            row(one.because.value_or(one.code)).advice);
    }
    for (const auto& [reason, count] : summary.refused)
        text += fmt::format("{}{} packets cannot be taken for good ones ({}).", text.empty() ? "" : " ",
                            count, reason);
    return text.empty() ? "nothing is wrong in what this capture shows." : text;
}

} // namespace

std::string verdict_text(const ReplaySummary& summary, const std::vector<Finding>& findings) {
    return wrapped("Verdict: " + paragraph(summary, findings), "         ");
}

std::string verdict_json(const ReplaySummary& summary, const std::vector<Finding>& findings) {
    return Json{{"kind", "verdict"}, {"text", paragraph(summary, findings)}}.dump();
}

std::string summary_text(const ReplaySummary& summary, const MasterTimeline& timeline) {
    std::string text = fmt::format("{} frames, {} VRRP packets, {} accepted", summary.frames, summary.packets,
                                   summary.accepted);
    if (summary.frames != 0)
        text += fmt::format(
            "; {} UTC, {}", wall_clock(summary.begins),
            vrrp::to_string(std::chrono::round<std::chrono::milliseconds>(summary.ends - summary.begins)));
    text += "\n";
    for (const auto& [reason, count] : summary.refused)
        text += fmt::format("  {:>6} refused: {}\n", count, reason);
    if (summary.unreadable != 0)
        text += fmt::format("  {:>6} frames of links that cannot be read: there may be VRRP in them\n",
                            summary.unreadable);
    for (const auto& [key, vr] : timeline.virtual_routers()) {
        const std::vector<IpAddress> masters = vr.masters();
        text += wrapped(fmt::format("  {} ({}): {} advertisements, {} changes, {} at the end: {}", name(key),
                                    list_of(vr.addresses, "?"), vr.advertisements, vr.changes,
                                    masters.size() > 1 ? fmt::format("{} masters", masters.size()) : "master",
                                    list_of(masters, "nobody")),
                        "      ") +
                "\n";
    }
    return text;
}

std::string summary_json(const ReplaySummary& summary, const MasterTimeline& timeline) {
    Json virtual_routers = Json::array();
    for (const auto& [key, vr] : timeline.virtual_routers()) {
        Json one, masters = Json::array();
        add_key(one, key);
        for (const IpAddress& master : vr.masters())
            masters.push_back(to_string(master));
        one["advertisements"] = vr.advertisements;
        one["changes"] = vr.changes;
        one["master"] = vr.master ? Json(to_string(vr.master->address)) : Json(nullptr);
        one["masters"] = masters;
        virtual_routers.push_back(one);
    }
    return Json{{"kind", "summary"},
                {"frames", summary.frames},
                {"packets", summary.packets},
                {"accepted", summary.accepted},
                {"refused", summary.refused},
                {"unreadable", summary.unreadable},
                {"begins", wall_clock(summary.begins)},
                {"virtual_routers", virtual_routers}}
        .dump();
}

} // namespace vrrplab
