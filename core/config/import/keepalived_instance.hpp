// One vrrp_instance as a [[virtual_router]].
#pragma once

#include "core/config/import/keepalived_tracks.hpp"

namespace vrrp::config::importer {

// What global_defs says for all instances.
struct KeepalivedDefaults {
    std::string version; // empty: 2, and 3 for IPv6
    std::optional<Statement> garp_delay, garp_repeat, garp_refresh, start_delay, strict;
    std::string other_group_v4, other_group_v6; // multicast groups that are not VRRP's
    bool down_timer_differs = false;
};

// What a sync group says of its members.
struct KeepalivedMembership {
    std::string group;            // empty: none
    bool ignores_weights = false; // as keepalived does, unless sync_group_tracking_weight is said
};

Section read_instance(const Statement& statement, const KeepalivedDefaults& defaults,
                      const KeepalivedMembership& membership, KeepalivedTracks& tracks);

// notify_master and its kind, of an instance or a group's member, into that key.
void read_notify(const Statement& statement, Section& section);
bool is_notify(const std::string& keyword);

// The keywords that have a key of their own here.
std::vector<std::string> instance_settings();

} // namespace vrrp::config::importer
