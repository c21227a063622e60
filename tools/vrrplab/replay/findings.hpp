// What is wrong in a capture, or odd: each kind and subject once, with the frames that show it.
#pragma once

#include "tools/vrrplab/replay/master_timeline.hpp"

#include "core/wire/announcement.hpp"

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace vrrplab {

enum class Severity : std::uint8_t { note, warning, error };
const char* to_string(Severity);

// A row of the table of codes: docs/findings.md explains each.
struct FindingRow {
    const char* code;
    Severity severity;
    const char* advice; // what to do
    const char* rfc;    // the section that is not kept, or explains it; empty: none
};

enum class ReplayCode : std::uint8_t {
    two_masters,
    two_owners,
    versions_differ,
    intervals_differ,
    authentication_differs,
    addresses_differ,
    vrid_reused,
    checksum_forms_differ,
    flapping,
    late_take_over,
    lost_advertisements,
    interval_changed,
    priority_changed,
    foreign_resignation,
    one_address_two_macs,
    no_announcement,
    nobody_left,
    cisco_md5,
    carp,
    cut_by_capture,
    clock_went_back,
    duplicates,
    kCount
};
const FindingRow& row(ReplayCode code);

struct Finding {
    ReplayCode code{};
    std::string subject;                 // "IPv4 vrid 10"; empty: the capture
    std::string text;                    // a plain sentence
    std::optional<ReplayCode> because{}; // another one, which the text names
    std::string filter;                  // for Wireshark's line of display filters
    std::uint64_t first_frame = 0, last_frame = 0, count = 0;
};

// "eth0 VLAN 42 IPv4 vrid 5": an interface only where the capture has several.
std::string name(const VirtualRouterKey& key);

// Fed in the order of the capture. Pure.
class Findings {
  public:
    using Advertisement = vrrp::wire::Advertisement;

    void heard(std::uint64_t frame, Duration time, std::uint32_t interface, const Advertisement& said,
               const std::optional<MasterChange>& change, const MasterTimeline::VirtualRouter& now);
    void announced(Duration time, std::uint32_t interface, const vrrp::wire::Announcement& announcement);
    void of_the_capture(ReplayCode code, std::uint64_t frame, std::string text);
    void ended(const MasterChange& change, std::uint64_t last_frame);
    void end(Duration time);

    // The worst first, then by their first frame.
    std::vector<Finding> list() const;

  private:
    // What a router says of its configuration.
    struct Speech {
        std::set<vrrp::wire::Version> versions;
        vrrp::wire::Version version{};
        std::uint8_t priority = 0;
        Duration interval{}, heard{};
        vrrp::wire::AuthenticationType authentication{};
        vrrp::wire::AuthenticationData password{};
        vrrp::wire::ChecksumForm checksum{};
        std::vector<IpAddress> addresses;
        vrrp::MacAddress mac, mac_before;
    };
    struct Awaited { // an announcement
        IpAddress master;
        Duration since{};
        std::uint64_t frame = 0;
        std::set<IpAddress> addresses;
    };
    struct History {
        std::map<IpAddress, Speech> speakers;
        std::vector<Duration> changes; // of the master
        std::optional<Awaited> awaited;
    };
    Finding& add(ReplayCode code, const VirtualRouterKey& key, const std::string& what, std::uint64_t frame,
                 std::string text, const std::vector<IpAddress>& sources);
    void compare(std::uint64_t frame, const VirtualRouterKey& key, const IpAddress& source,
                 const Speech& speech, const IpAddress& other, const Speech& others);
    void compare_addresses(std::uint64_t frame, const VirtualRouterKey& key, const IpAddress& source,
                           const Speech& speech, const IpAddress& other, const Speech& others);
    void look_at_change(std::uint64_t frame, const VirtualRouterKey& key, const Advertisement& said,
                        const MasterChange& change, History& history);
    void look_at_word(std::uint64_t frame, const VirtualRouterKey& key, Duration time,
                      const Advertisement& said, const Speech& before,
                      const MasterTimeline::VirtualRouter& now);
    void look_for_announcement(Duration time, const VirtualRouterKey& key, History& history);
    const Finding* why_two(const VirtualRouterKey& key, const IpAddress& a, const IpAddress& b) const;

    std::map<VirtualRouterKey, History> histories_;
    std::map<std::tuple<ReplayCode, VirtualRouterKey, std::string>, Finding> found_;
    std::set<std::uint32_t> shows_announcements_; // interfaces of the capture
};

} // namespace vrrplab
