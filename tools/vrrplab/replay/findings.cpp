#include "tools/vrrplab/replay/findings.hpp"

#include "core/machine/timers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace vrrplab {
namespace {

using namespace std::chrono_literals;
using namespace vrrp;

// A master that changes so often in so short a time flaps.
constexpr std::size_t kFlaps = 6;
constexpr Duration kFlapWindow = 60s;
// A new master has so long to say where the addresses are.
constexpr Duration kAnnouncedWithin = 1s;

constexpr std::array<FindingRow, static_cast<std::size_t>(ReplayCode::kCount)> kRows{{
    {"two_masters", Severity::error, "let each hear the other: look for what drops VRRP between them",
     "RFC 9568 6.4.3"},
    {"two_owners", Severity::error, "give priority 255 to the router that owns the address, and to no other",
     "RFC 9568 5.2.4"},
    {"versions_differ", Severity::error, "let both speak one version", "RFC 9568 8.4"},
    {"intervals_differ", Severity::error, "give both the same advertisement interval", "RFC 3768 7.1"},
    {"authentication_differs", Severity::error, "give both the same authentication type and password",
     "RFC 2338 7.1"},
    {"addresses_differ", Severity::warning, "give both the same list of virtual addresses", "RFC 9568 7.1"},
    {"vrid_reused", Severity::error, "give one of the two virtual routers another VRID", "RFC 9568 5.2.3"},
    {"checksum_forms_differ", Severity::warning,
     "let both cover the same with their checksum: some receivers drop the other form", "RFC 9568 5.2.8"},
    {"flapping", Severity::error,
     "find what the better router loses again and again; --preempt-delay, or no preemption, stops the "
     "flapping",
     "RFC 9568 6.1"},
    {"late_take_over", Severity::warning,
     "look whether the new master was running, heard somebody else, or was busy", "RFC 9568 6.4.2"},
    {"lost_advertisements", Severity::warning,
     "look for loss on this network and for a busy sender: two more in a row make a backup take over",
     "RFC 9568 6.1"},
    {"interval_changed", Severity::note, "followers learn it in version 3, and drop it in version 2",
     "RFC 9568 5.2.7"},
    {"priority_changed", Severity::note,
     "an operator or a health check did it: a better router may take over", "RFC 9568 5.2.4"},
    {"foreign_resignation", Severity::warning,
     "find who says priority 0 although it is not master: some backups take over for it", "RFC 9568 6.4.2"},
    {"one_address_two_macs", Severity::error, "two machines use one address: give one of them another",
     "RFC 5227"},
    {"no_announcement", Severity::warning,
     "hosts and switches that know the old master's place are not told: look at the new master's gratuitous "
     "ARP",
     "RFC 9568 6.4.2"},
    {"nobody_left", Severity::error, "look why no backup took over", "RFC 9568 6.4.2"},
    {"cisco_md5", Severity::note, "vrrpd does not speak Cisco's MD5 (authentication type 254)",
     "RFC 3768 5.3.6"},
    {"carp", Severity::note, "CARP shares protocol 112 with VRRP, and nothing else: give it VRIDs of its own",
     ""},
    {"cut_by_capture", Severity::note, "capture whole packets: tcpdump -s 0", ""},
    {"clock_went_back", Severity::warning,
     "the capturing machine's clock was set: times before and after differ", ""},
    {"duplicates", Severity::note,
     "each is counted once: a mirror port shows a frame where it comes and goes", ""},
}};

std::string both(const IpAddress& a, const IpAddress& b) {
    return to_string(a) + " and " + to_string(b);
}

std::string pair_text(const IpAddress& a, const IpAddress& b) {
    return a < b ? both(a, b) : both(b, a);
}

std::string filter_of(const VirtualRouterKey& key, const std::vector<IpAddress>& sources) {
    const char* field = key.family == IpFamily::v4 ? "ip.src" : "ipv6.src";
    std::string filter = fmt::format("vrrp.virt_rtr_id == {}", key.vrid);
    for (std::size_t i = 0; i < sources.size(); ++i)
        filter += fmt::format("{}{} == {}", i == 0 ? " && (" : " || ", field, to_string(sources[i]));
    return filter + (sources.empty() ? "" : ")");
}

std::string digits(wire::Version version) {
    return std::to_string(static_cast<int>(version));
}

} // namespace

const char* to_string(Severity severity) {
    switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
    }
    return "?";
}

const FindingRow& row(ReplayCode code) {
    return kRows[static_cast<std::size_t>(code)];
}

std::string name(const VirtualRouterKey& key) {
    const std::string interface = key.interface != 0 ? fmt::format("interface {} ", key.interface) : "";
    const std::string vlan = key.vlan != 0 ? fmt::format("VLAN {} ", key.vlan) : "";
    return fmt::format("{}{}{} vrid {}", interface, vlan, to_string(key.family), key.vrid);
}

Finding& Findings::add(ReplayCode code, const VirtualRouterKey& key, const std::string& what,
                       std::uint64_t frame, std::string text, const std::vector<IpAddress>& sources) {
    Finding& finding = found_[{code, key, what}];
    if (finding.count++ == 0) {
        finding.code = code;
        finding.subject = name(key);
        finding.filter = filter_of(key, sources);
        finding.first_frame = frame;
    }
    finding.text = std::move(text);
    finding.last_frame = frame;
    return finding;
}

void Findings::of_the_capture(ReplayCode code, std::uint64_t frame, std::string text) {
    Finding& finding = found_[{code, {}, {}}];
    if (finding.count++ == 0) {
        finding.code = code;
        finding.first_frame = frame;
        finding.text = std::move(text);
        finding.filter = fmt::format("frame.number == {}", frame);
    }
    finding.last_frame = frame;
}

void Findings::heard(std::uint64_t frame, Duration time, std::uint32_t interface, const Advertisement& said,
                     const std::optional<MasterChange>& change, const MasterTimeline::VirtualRouter& now) {
    const VirtualRouterKey key{interface, said.vlan, said.source.family(), said.vrid};
    History& history = histories_[key];
    look_for_announcement(time, key, history);
    if (change) look_at_change(frame, key, said, *change, history);
    const auto known = history.speakers.find(said.source);
    if (said.priority == wire::kPriorityResign) {
        const bool foreign = !change && now.master && now.master->address != said.source;
        if (foreign)
            add(ReplayCode::foreign_resignation, key, to_string(said.source), frame,
                fmt::format("{} says priority 0 while {} is master", to_string(said.source),
                            to_string(now.master->address)),
                {said.source});
        if (known != history.speakers.end()) known->second.heard = time;
        return;
    }
    if (known != history.speakers.end()) look_at_word(frame, key, time, said, known->second, now);
    Speech& speech = history.speakers[said.source];
    speech.versions.insert(said.version);
    speech.version = said.version;
    speech.priority = said.priority;
    speech.interval = said.interval;
    speech.heard = time;
    speech.authentication = said.authentication_type;
    speech.password = said.authentication_data;
    speech.checksum = said.checksum_form;
    if (speech.mac != said.source_mac) speech.mac_before = std::exchange(speech.mac, said.source_mac);
    speech.addresses.clear();
    for (std::size_t i = 0; i < said.addresses.size(); ++i)
        speech.addresses.push_back(said.addresses[i]);
    for (const auto& [other, others] : history.speakers)
        if (other != said.source) compare(frame, key, said.source, speech, other, others);
}

void Findings::compare(std::uint64_t frame, const VirtualRouterKey& key, const IpAddress& source,
                       const Speech& speech, const IpAddress& other, const Speech& others) {
    const auto tell = [&](ReplayCode code, std::string text) {
        add(code, key, pair_text(source, other), frame, std::move(text), {source, other});
    };
    if (speech.versions.size() == 1 && others.versions.size() == 1 && speech.versions != others.versions)
        return tell(ReplayCode::versions_differ,
                    fmt::format("{} speaks version {}, {} version {}: neither hears the other",
                                to_string(source), digits(speech.version), to_string(other),
                                digits(others.version)));
    compare_addresses(frame, key, source, speech, other, others);
    if (speech.version != others.version) return;
    const bool v2 = speech.version == wire::Version::v2;
    if (speech.interval != others.interval)
        tell(ReplayCode::intervals_differ,
             fmt::format("{} advertises every {}, {} every {}{}", to_string(source),
                         vrrp::to_string(speech.interval), to_string(other), vrrp::to_string(others.interval),
                         v2 ? ": in version 2 each drops what the other says" : ""));
    if (v2 && (speech.authentication != others.authentication || speech.password != others.password))
        tell(ReplayCode::authentication_differs,
             fmt::format("{}: {} differ, and each drops what the other says", pair_text(source, other),
                         speech.authentication != others.authentication ? "their authentication types"
                                                                        : "their passwords"));
    if (!v2 && key.family == IpFamily::v4 && speech.checksum != others.checksum)
        tell(ReplayCode::checksum_forms_differ,
             fmt::format("{}: the checksum of one covers the pseudo-header, that of the other does not",
                         pair_text(source, other)));
}

void Findings::compare_addresses(std::uint64_t frame, const VirtualRouterKey& key, const IpAddress& source,
                                 const Speech& speech, const IpAddress& other, const Speech& others) {
    const auto lacking = [](const Speech& a, const Speech& b) -> std::optional<IpAddress> {
        for (const IpAddress& one : a.addresses)
            if (std::ranges::find(b.addresses, one) == b.addresses.end()) return one;
        return std::nullopt;
    };
    const auto extra = lacking(speech, others), missing = lacking(others, speech);
    if (!extra && !missing) return;
    const bool shares = std::ranges::any_of(speech.addresses, [&](const IpAddress& one) {
        return std::ranges::find(others.addresses, one) != others.addresses.end();
    });
    const std::string text =
        shares ? fmt::format("{} announces {}, {} does not", to_string(extra ? source : other),
                             to_string(extra ? *extra : *missing), to_string(extra ? other : source))
               : fmt::format("{} announces {} and {} announces {}: they have no address in common",
                             to_string(source), to_string(*extra), to_string(other), to_string(*missing));
    add(shares ? ReplayCode::addresses_differ : ReplayCode::vrid_reused, key, pair_text(source, other), frame,
        text, {source, other});
}

void Findings::look_at_word(std::uint64_t frame, const VirtualRouterKey& key, Duration time,
                            const Advertisement& said, const Speech& before,
                            const MasterTimeline::VirtualRouter& now) {
    const auto source = [&] { return to_string(said.source); }; // for the few words that say something
    const auto tell = [&](ReplayCode code, std::string text) {
        add(code, key, source(), frame, std::move(text), {said.source});
    };
    const bool is_master = now.master && now.master->address == said.source;
    const Duration gap = time - before.heard;
    const auto missing = (gap + before.interval / 2) / before.interval - 1;
    if (is_master && missing >= 1 && gap < silence_after(before.interval))
        tell(ReplayCode::lost_advertisements,
             fmt::format("advertisements of {} are missing: {} passed between two, with an interval of {}",
                         source(), vrrp::to_string(gap), vrrp::to_string(before.interval)));
    if (before.version == said.version && before.interval != said.interval)
        tell(ReplayCode::interval_changed,
             fmt::format("{} changes its interval from {} to {}", source(), vrrp::to_string(before.interval),
                         vrrp::to_string(said.interval)));
    if (before.priority != said.priority)
        tell(ReplayCode::priority_changed,
             fmt::format("{} changes its priority from {} to {}", source(), before.priority, said.priority));
    // Back and forth, and not between a machine's own and the virtual one, as a farewell may be.
    const MacAddress of_all = wire::virtual_mac(key.family, key.vrid);
    if (said.source_mac != before.mac && said.source_mac == before.mac_before && said.source_mac != of_all &&
        before.mac != of_all)
        tell(ReplayCode::one_address_two_macs,
             fmt::format("{} is used by {} and {}", source(), to_string(before.mac_before),
                         to_string(before.mac)));
}

const Finding* Findings::why_two(const VirtualRouterKey& key, const IpAddress& a, const IpAddress& b) const {
    for (const ReplayCode code : {ReplayCode::versions_differ, ReplayCode::authentication_differs,
                                  ReplayCode::vrid_reused, ReplayCode::intervals_differ}) {
        const auto found = found_.find({code, key, pair_text(a, b)});
        if (found != found_.end()) return &found->second;
    }
    return nullptr;
}

void Findings::look_at_change(std::uint64_t frame, const VirtualRouterKey& key, const Advertisement& said,
                              const MasterChange& change, History& history) {
    if (change.cause == VisibleCause::two_masters) {
        const auto to = history.speakers.find(*change.to);
        const bool owners = said.priority == wire::kPriorityOwner && to != history.speakers.end() &&
                            to->second.priority == wire::kPriorityOwner;
        const std::string pair = pair_text(*change.to, *change.rival);
        const Finding* const why = why_two(key, *change.to, *change.rival);
        std::string text = owners ? pair + " both say priority 255, and an owner never yields"
                                  : pair + " are master at the same time";
        if (why != nullptr) text += ": " + why->text;
        const auto because = why != nullptr ? std::optional(why->code) : std::nullopt;
        add(owners ? ReplayCode::two_owners : ReplayCode::two_masters, key, pair, frame, std::move(text),
            {*change.to, *change.rival})
            .because = because;
        return;
    }
    if (!change.to || change.to == change.from || change.to != said.source) return;
    if (change.from) {
        history.changes.push_back(change.at);
        std::erase_if(history.changes, [&](Duration at) { return at + kFlapWindow < change.at; });
        if (history.changes.size() >= kFlaps) {
            const Duration span = history.changes.back() - history.changes.front();
            const auto periods = static_cast<Duration::rep>(history.changes.size() - 1);
            add(ReplayCode::flapping, key, {}, frame,
                fmt::format("the master changes again and again, every {} ({} times in {})",
                            vrrp::to_string(Duration(span / periods / 10'000'000 * 10'000'000)),
                            history.changes.size(),
                            vrrp::to_string(Duration(span / 10'000'000 * 10'000'000))),
                {});
        }
    }
    const auto before = change.from ? history.speakers.find(*change.from) : history.speakers.end();
    if (change.cause == VisibleCause::silence && before != history.speakers.end()) {
        const Duration due = master_down_interval(said.version, said.priority, before->second.interval);
        if (change.silence > due + before->second.interval)
            add(ReplayCode::late_take_over, key, to_string(said.source), frame,
                fmt::format("{} took over {} after the last word of {}; {} were due", to_string(said.source),
                            vrrp::to_string(change.silence), to_string(*change.from), vrrp::to_string(due)),
                {said.source, *change.from});
    }
    if (change.cause == VisibleCause::first_heard) return; // it may have been master for long
    Awaited awaited{.master = said.source, .since = change.at, .frame = frame, .addresses = {}};
    for (std::size_t i = 0; i < said.addresses.size(); ++i)
        awaited.addresses.insert(said.addresses[i]);
    history.awaited = std::move(awaited);
}

void Findings::announced(Duration time, std::uint32_t interface,
                         const vrrp::wire::Announcement& announcement) {
    shows_announcements_.insert(interface);
    for (auto& [key, history] : histories_) {
        if (key.interface != interface || !history.awaited) continue;
        if (time > history.awaited->since + kAnnouncedWithin) continue;
        history.awaited->addresses.erase(announcement.address);
        if (history.awaited->addresses.empty()) history.awaited.reset();
    }
}

// A capture that shows no announcement at all cannot say that one is missing.
void Findings::look_for_announcement(Duration time, const VirtualRouterKey& key, History& history) {
    if (!history.awaited || time <= history.awaited->since + kAnnouncedWithin) return;
    const Awaited awaited = *std::exchange(history.awaited, std::nullopt);
    if (!shows_announcements_.contains(key.interface)) return;
    add(ReplayCode::no_announcement, key, to_string(awaited.master), awaited.frame,
        fmt::format("{} became master and did not announce {} within a second", to_string(awaited.master),
                    to_string(*awaited.addresses.begin())),
        {awaited.master});
}

void Findings::ended(const MasterChange& change, std::uint64_t last_frame) {
    if (change.to || !change.from) return;
    add(ReplayCode::nobody_left, change.key, {}, last_frame,
        fmt::format("{} fell silent and nobody took over until the capture's end, {} after its last word",
                    to_string(*change.from), vrrp::to_string(change.silence)),
        {*change.from});
}

void Findings::end(Duration time) {
    for (auto& [key, history] : histories_)
        look_for_announcement(time, key, history);
}

std::vector<Finding> Findings::list() const {
    std::vector<Finding> all;
    for (const auto& [key, finding] : found_)
        all.push_back(finding);
    std::ranges::stable_sort(all, [](const Finding& a, const Finding& b) {
        const auto rank = [](const Finding& one) {
            return std::pair(-static_cast<int>(row(one.code).severity), one.first_frame);
        };
        return rank(a) < rank(b);
    });
    return all;
}

} // namespace vrrplab
