// What another program's configuration becomes, before it is written as vrrpd.toml.
#pragma once

#include "core/config/import/source.hpp"
#include "core/config/settings.hpp"

namespace vrrp::config::importer {

// A key of vrrpd.toml and what stands behind it.
struct Key {
    const char* name;
    Kind kind;
};

// Those of a [[virtual_router]]. This is the one place where their names stand; what vrrpd does not take yet becomes a
// remark.
namespace key {
inline constexpr Key name{"name", Kind::text};
inline constexpr Key interface { "interface", Kind::text };
inline constexpr Key vrid{"vrid", Kind::number};
inline constexpr Key address{"address", Kind::texts};
inline constexpr Key priority{"priority", Kind::number};
inline constexpr Key protocol{"protocol", Kind::number};
inline constexpr Key interval{"interval", Kind::seconds};
inline constexpr Key authentication{"authentication", Kind::texts};
inline constexpr Key hmac_mode{"hmac-mode", Kind::text};
inline constexpr Key hmac_window{"hmac-window", Kind::number};
inline constexpr Key checksum{"checksum", Kind::text};
inline constexpr Key no_preempt{"no-preempt", Kind::flag};
inline constexpr Key preempt_delay{"preempt-delay", Kind::seconds};
inline constexpr Key start_delay{"start-delay", Kind::seconds};
inline constexpr Key no_virtual_mac{"no-virtual-mac", Kind::flag};
inline constexpr Key announce_repeats{"announce-repeats", Kind::number};
inline constexpr Key announce_delay{"announce-delay", Kind::seconds};
inline constexpr Key announce_refresh{"announce-refresh", Kind::seconds};
inline constexpr Key master_script{"master-script", Kind::texts};
inline constexpr Key backup_script{"backup-script", Kind::texts};
inline constexpr Key fault_script{"fault-script", Kind::texts};
inline constexpr Key stop_script{"stop-script", Kind::texts};
inline constexpr Key notify{"notify", Kind::texts};
inline constexpr Key script_user{"script-user", Kind::text};
inline constexpr Key peers{"peer", Kind::texts};
inline constexpr Key source{"source", Kind::text};
inline constexpr Key peer_ttl{"peer-ttl", Kind::number};
inline constexpr Key no_accept{"no-accept", Kind::flag};
inline constexpr Key held_address{"held-address", Kind::texts};
} // namespace key

enum class Weight : std::uint8_t {
    note,   // nothing is lost
    beside, // what the other program did beside VRRP is lost: mail, routes, load balancing
    vrrp,   // something of VRRP is lost
};

// What is to be said of a line.
struct Remark {
    Weight weight;
    Place place;
    std::string said; // the line
    std::string advice;
};

struct Entry {
    std::string key;
    Kind kind;
    std::vector<std::string> values;
    Place place{}; // of the line that says so, where there is one
};

// One table of the file.
struct Section {
    std::string heading; // "[[track]]"; empty: the top
    std::string title{}; // a comment above it
    std::vector<Entry> entries{};
    std::vector<Remark> remarks{};
    std::string left_out{}; // why it stands there as a comment only
    Place place{};          // of what it is made from
    Place here{};           // of the line that is being read: what is put has it

    void put(const Key& key, std::vector<std::string> values);
    void put(const Key& key, std::string value) { put(key, std::vector<std::string>{std::move(value)}); }
    const Entry* find(const char* key) const;
    void remark(Weight weight, const Statement& statement, std::string advice);
};

struct Draft {
    Section top;
    std::vector<Section> tracks, groups, virtual_routers;
};

// The file, and how much of the other one is in it.
struct Imported {
    std::string text;
    std::vector<Place>
        origins{};             // where each of its lines comes from; without a line where it comes from none
    std::size_t lost = 0;      // lines
    std::size_t lost_vrrp = 0; // of these, lines about VRRP
    bool whole() const { return lost == 0; }
};

// Whatever vrrpd would refuse stands in it as a comment, with the reason.
Imported write(Draft draft, const std::string& file);

} // namespace vrrp::config::importer
