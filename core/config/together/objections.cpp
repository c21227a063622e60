#include "core/config/together/objections.hpp"

#include "core/config/machine_check.hpp"
#include "core/config/together/elections.hpp"
#include "core/machine/tracks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace vrrp::config {
namespace {

using enum Gravity;

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t kMostNamed = 3;
    if (names.size() <= kMostNamed) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kMostNamed, ", "),
                       names.size() - kMostNamed);
}

// Those of `some` that the other does not have.
std::vector<std::string> missing(std::span<const IpPrefix> some, std::span<const IpPrefix> other) {
    std::vector<std::string> names;
    for (const IpPrefix& one : some)
        if (std::ranges::find(other, one.address, &IpPrefix::address) == other.end())
            names.push_back(to_string(one.address));
    return names;
}

std::span<const IpPrefix> held(const VirtualRouterConfig& config) {
    return std::span(config.addresses).subspan(config.advertised().size());
}

// Why one router drops what another one sends, as far as authentication goes; nothing when it does not. No secret is
// ever part of it.
std::optional<std::string> refused(const Authentication& sent, const Authentication& ours) {
    if (sent.hmac.signs()) {
        if (ours.hmac.keys.empty()) return "it checks no signatures, and drops what is signed";
        const wire::HmacKey& key = sent.hmac.keys.front();
        const auto known = std::ranges::find(ours.hmac.keys, key.id, &wire::HmacKey::id);
        if (known == ours.hmac.keys.end())
            return fmt::format("it has no key {}, with which the other signs", key.id);
        if (known->secret != key.secret) return fmt::format("key {} is another one", key.id);
        return std::nullopt;
    }
    if (!ours.hmac.keys.empty() && ours.hmac.mode == HmacAuthentication::Mode::enforce)
        return "it takes only what is signed, and the other signs nothing";
    if (sent.type != ours.type) return "another kind of authentication";
    if (sent.password != ours.password)
        return ours.type == wire::AuthenticationType::simple_text ? "another password" : "another key";
    return std::nullopt;
}

class Comparison {
  public:
    Comparison(std::span<const RouterTold> routers, std::span<const SharedNetwork> networks,
               const OwnAddresses& own)
        : routers_(routers), own_(own), elections_(elections_of(routers, networks)),
          priorities_(usual_priorities(routers, own)) {}

    std::vector<Objection> make() {
        compare_vrids();
        for (const auto& [key, seats] : elections_)
            compare(key, seats);
        compare_groups();
        count_members();
        look_at_weights();
        std::ranges::stable_sort(objections_, {}, &Objection::gravity);
        return std::move(objections_);
    }

  private:
    const VirtualRouterConfig& config(const Seat& seat) const { return seat.config(routers_); }
    const std::string& router(const Seat& seat) const { return routers_[seat.router].name; }

    // "gw1 (gw1.toml:4:9)"
    std::string there(const Seat& seat, const char* key) const {
        return fmt::format("{} ({})", router(seat), to_text(seat.place(routers_, key)));
    }

    // Each thing once: of an entry with both families it would be told twice.
    void tell(Gravity gravity, const char* kind, const Seat& seat, const char* key, const std::string& text) {
        const Place& place = seat.place(routers_, key);
        if (!told_.insert({kind, to_text(place)}).second) return;
        objections_.push_back(
            {gravity, kind, place, fmt::format("{} {}: {}", router(seat), to_string(config(seat)), text)});
    }

    void compare(const ElectionKey& key, const std::vector<Seat>& seats) {
        if (!look_for_two_of_a_router(seats) && !elsewhere_.contains(key)) look_for_rivals(seats);
        for (const Seat& seat : seats) {
            if (seat.router == seats.front().router) continue;
            compare_versions(seats.front(), seat);
            compare_authentication(seats.front(), seat);
            compare_intervals(seats.front(), seat);
            compare_addresses(seats.front(), seat);
            compare_the_rest(seats.front(), seat);
        }
        compare_peers(seats);
        compare_priorities(seats);
        look_at_owners(seats);
        compare_reach(seats);
        look_for_flapping(seats);
    }

    // --- Whether they stand in one election at all

    // A virtual address that has different VRIDs on one network.
    void compare_vrids() {
        std::map<std::pair<std::size_t, IpAddress>, std::pair<ElectionKey, Seat>> first;
        for (const auto& [key, seats] : elections_)
            for (const Seat& seat : seats)
                for (const IpPrefix& one : config(seat).advertised()) {
                    const auto [known, is_new] =
                        first.try_emplace({key.network, one.address}, std::pair(key, seat));
                    const auto& [other_key, other] = known->second;
                    if (is_new || other_key == key || other.router == seat.router) continue;
                    elsewhere_.insert(key);
                    elsewhere_.insert(other_key);
                    tell(deaf, "vrids", seat, "vrid",
                         fmt::format("{} is vrid {} here, and vrid {} on {}: they hold two elections for it",
                                     to_string(one.address), key.vrid, other_key.vrid, there(other, "vrid")));
                }
    }

    bool look_for_two_of_a_router(const std::vector<Seat>& seats) {
        for (std::size_t i = 1; i < seats.size(); ++i) {
            if (seats[i].router != seats[i - 1].router) continue;
            const bool on_one = config(seats[i]).interface == config(seats[i - 1]).interface;
            tell(wrong, "vrid_twice", seats[i], "vrid",
                 fmt::format("this VRID stands twice on {}: {}", on_one ? "this interface" : "this network",
                             to_text(seats[i - 1].place(routers_, "vrid"))));
            return true;
        }
        return false;
    }

    void look_for_rivals(const std::vector<Seat>& seats) {
        if (routers_.size() < 2 || seats.front().router != seats.back().router) return;
        tell(wrong, "alone", seats.front(), "vrid",
             "no other router has it: when this one fails nobody takes over");
    }

    // --- Whether they hear one another

    void compare_versions(const Seat& first, const Seat& seat) {
        const VirtualRouterConfig &a = config(first), &b = config(seat);
        if (a.version == b.version || a.dual || b.dual) return;
        tell(deaf, "versions", seat, "protocol",
             fmt::format("VRRP version {}, and {} on {}: neither hears the other",
                         static_cast<int>(b.version), static_cast<int>(a.version), there(first, "protocol")));
    }

    void compare_authentication(const Seat& first, const Seat& seat) {
        auto why = refused(config(first).authentication, config(seat).authentication);
        if (why)
            return tell(deaf, "authentication", seat, "authentication",
                        fmt::format("{}: {}", *why, there(first, "authentication")));
        why = refused(config(seat).authentication, config(first).authentication);
        if (why)
            tell(deaf, "authentication", first, "authentication",
                 fmt::format("{}: {}", *why, there(seat, "authentication")));
    }

    void compare_intervals(const Seat& first, const Seat& seat) {
        const VirtualRouterConfig &a = config(first), &b = config(seat);
        const bool in_v2 = a.version == wire::Version::v2 || b.version == wire::Version::v2;
        const Duration one = in_v2 ? a.interval_in_v2() : a.advertisement_interval,
                       other = in_v2 ? b.interval_in_v2() : b.advertisement_interval;
        if (one == other) return;
        tell(in_v2 ? deaf : note, "intervals", seat, "interval",
             fmt::format("advertises every {}, and {} every {}: {}", vrrp::to_string(other),
                         there(first, "interval"), vrrp::to_string(one),
                         in_v2 ? "version 2 drops what has another interval"
                               : "how long a take-over takes depends on who led"));
    }

    void compare_peers(const std::vector<Seat>& seats) {
        for (const Seat& seat : seats) {
            const Seat& first = seats.front();
            if (config(seat).unicast() != config(first).unicast()) {
                const Seat& unicast = config(seat).unicast() ? seat : first;
                const Seat& other = config(seat).unicast() ? first : seat;
                return tell(
                    deaf, "peers", unicast, "peer",
                    fmt::format("speaks to its peers alone, and {} to the multicast group: neither hears "
                                "the other",
                                there(other, "vrid")));
            }
        }
        if (!config(seats.front()).unicast()) return;
        for (const Seat& seat : seats)
            for (const Seat& other : seats)
                if (seat.router != other.router) compare_peers(seat, other);
    }

    // Whether the first one names the other.
    void compare_peers(const Seat& seat, const Seat& other) {
        const auto& peers = config(seat).peers;
        const auto known = own_.find(Port{other.router, config(other).interface});
        std::vector<std::string> theirs;
        if (known != own_.end())
            for (const IpPrefix& one : known->second)
                if (one.address.family() == config(seat).family) theirs.push_back(to_string(one.address));
        if (theirs.empty()) {
            tell(deaf, "peers", seat, "peer",
                 fmt::format(
                     "none of its peers can be {}, whose peers are {}: each router names all others, and "
                     "not itself; its own address is told by source, or --address",
                     router(other), addresses(config(other).peers)));
        } else if (std::ranges::none_of(peers, [&](const IpAddress& peer) {
                       return std::ranges::find(theirs, to_string(peer)) != theirs.end();
                   })) {
            tell(deaf, "peers", seat, "peer",
                 fmt::format("its peers are {}, and {} has {}: it does not hear that one", addresses(peers),
                             router(other), listed(theirs)));
        }
    }

    static std::string addresses(const std::vector<IpAddress>& all) {
        std::vector<std::string> names;
        for (const IpAddress& one : all)
            names.push_back(to_string(one));
        return listed(names);
    }

    // --- Whether they hold the same

    void compare_addresses(const Seat& first, const Seat& seat) {
        const auto ours = config(seat).advertised(), theirs = config(first).advertised();
        const auto lacks = missing(theirs, ours), has = missing(ours, theirs);
        if (lacks.size() == theirs.size() && has.size() == ours.size())
            return tell(
                deaf, "addresses", seat, "address",
                fmt::format("has {}, and {} {}: with nothing in common they are two virtual routers, and "
                            "each takes the other's virtual MAC",
                            listed(has), there(first, "address"), listed(lacks)));
        if (!lacks.empty() || !has.empty()) {
            std::string text;
            if (!lacks.empty()) text = "lacks " + listed(lacks);
            if (!has.empty()) text += (text.empty() ? "has " : ", and has ") + listed(has);
            return tell(wrong, "addresses", seat, "address",
                        fmt::format("{}, unlike {}: a take-over moves other addresses", text,
                                    there(first, "address")));
        }
        for (const IpPrefix& one : ours) {
            const auto other = std::ranges::find(theirs, one.address, &IpPrefix::address);
            if (other->length != one.length)
                return tell(note, "lengths", seat, "address",
                            fmt::format("{} here, and {} on {}", to_string(one), to_string(*other),
                                        there(first, "address")));
        }
    }

    void compare_the_rest(const Seat& first, const Seat& seat) {
        const VirtualRouterConfig &a = config(first), &b = config(seat);
        if (const auto lacks = missing(held(a), b.addresses); !lacks.empty())
            tell(note, "held", seat, "held-address",
                 fmt::format("does not hold {}, unlike {}", listed(lacks), there(first, "held-address")));
        if (const auto has = missing(held(b), a.addresses); !has.empty())
            tell(note, "held", seat, "held-address",
                 fmt::format("holds {}, unlike {}", listed(has), there(first, "held-address")));
        if (a.virtual_mac != b.virtual_mac)
            tell(note, "virtual_mac", seat, "no-virtual-mac",
                 fmt::format("uses {} MAC, unlike {}: hosts must learn another MAC at each take-over",
                             b.virtual_mac ? "the virtual" : "the interface's own",
                             there(first, "no-virtual-mac")));
        if (a.accept != b.accept)
            tell(note, "accept", seat, "no-accept",
                 fmt::format("{} what is sent to the virtual addresses, unlike {}",
                             b.accept ? "answers" : "drops", there(first, "no-accept")));
        if (a.router_advertising != b.router_advertising)
            tell(note, "router_advertisements", seat, "router-advertisements",
                 fmt::format("tells hosts otherwise than {}: they learn it anew at each take-over",
                             there(first, "router-advertisements")));
        if (a.preempt != b.preempt)
            tell(note, "preemption", seat, "no-preempt",
                 fmt::format("{}, unlike {}: who leads depends on who failed last",
                             b.preempt ? "takes over from a lesser master"
                                       : "takes over from no living master",
                             there(first, "no-preempt")));
    }

    // --- Who leads

    int usual(const Seat& seat) const { return priorities_.at(seat); }

    void compare_priorities(const std::vector<Seat>& seats) {
        for (std::size_t i = 0; i < seats.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const int ours = usual(seats[i]);
                if (seats[i].router == seats[j].router || ours == wire::kPriorityOwner ||
                    ours != usual(seats[j]))
                    continue;
                return tell(note, "equal_priorities", seats[i], "priority",
                            fmt::format("priority {}, as on {}: the higher own address decides who leads",
                                        ours, there(seats[j], "priority")));
            }
    }

    // Who is the owner is given 255, whatever is configured.
    void look_at_owners(const std::vector<Seat>& seats) {
        const Seat* first = nullptr;
        for (const Seat& seat : seats) {
            const bool owner = is_owner(routers_, seat, own_);
            if (!owner && config(seat).priority != wire::kPriorityOwner) continue;
            if (first != nullptr && first->router != seat.router)
                tell(wrong, "two_owners", seat, "priority",
                     fmt::format("priority 255, as on {}: only one router can have the address as its own",
                                 there(*first, "priority")));
            else if (!owner)
                tell_no_owner(seat);
            first = &seat;
        }
    }

    void tell_no_owner(const Seat& seat) {
        const VirtualRouterConfig& one = config(seat);
        const auto known = own_.find(Port{seat.router, one.interface});
        const std::string address = to_string(one.addresses.front().address);
        if (known != own_.end())
            return tell(wrong, "no_owner", seat, "priority",
                        fmt::format("priority 255 is the owner's, and {} has {}, not {}: use 254",
                                    one.interface, to_string(known->second.front().address), address));
        tell(note, "no_owner", seat, "priority",
             fmt::format("priority 255 is for the router whose own address is {}: use 254, or say --address "
                         "{}.{}={}/LEN",
                         address, router(seat), one.interface, address));
    }

    // --- What checks do to it

    std::vector<TrackIndex> tracks_of(const Seat& seat) const {
        const Tracks tracks(process(seat));
        const auto used = tracks.used_by(static_cast<VirtualRouterIndex>(seat.index));
        return {used.begin(), used.end()};
    }
    const RouterConfig& process(const Seat& seat) const {
        return routers_[seat.router].processes[seat.process].configuration.router;
    }
    const TrackConfig& track(const Seat& seat, TrackIndex index) const {
        return process(seat).tracks[static_cast<std::size_t>(index)];
    }

    // The least that its checks can make of its priority; nothing where a failure takes it out of the election, or where
    // a file says how much.
    std::optional<int> least_priority(const Seat& seat) const {
        int least = config(seat).priority;
        for (const TrackIndex index : tracks_of(seat)) {
            const auto& weight = track(seat, index).weight;
            if (!weight) return std::nullopt;
            least += std::min(0, *weight);
        }
        return least;
    }

    // Weights of the usual master that leave it ahead of everybody, whatever fails.
    void compare_reach(const std::vector<Seat>& seats) {
        const Seat* leader = nullptr;
        const Seat* next = nullptr;
        for (const Seat& seat : seats)
            if (leader == nullptr || usual(seat) > usual(*leader)) leader = &seat;
        for (const Seat& seat : seats)
            if (seat.router != leader->router && (next == nullptr || usual(seat) > usual(*next)))
                next = &seat;
        if (next == nullptr || usual(*leader) == wire::kPriorityOwner)
            return; // 255 stays 255: told by itself
        const auto tracks = tracks_of(*leader);
        const auto least = least_priority(*leader);
        if (tracks.empty() || !least || *least <= usual(*next)) return;
        tell_at_track(
            wrong, "weights", *leader, tracks.front(),
            fmt::format("{} {}: its checks take its priority from {} to {} at the least, and {} has {}: "
                        "they never change who leads",
                        router(*leader), to_string(config(*leader)), usual(*leader), *least,
                        there(*next, "priority"), usual(*next)));
    }

    void tell_at_track(Gravity gravity, const char* kind, const Seat& seat, TrackIndex index,
                       std::string text) {
        const auto& table =
            routers_[seat.router].processes[seat.process].places.tracks[static_cast<std::size_t>(index)];
        const auto weight = table.keys.find("weight");
        const Place& place = weight == table.keys.end() ? table.place : weight->second;
        if (!told_.insert({kind, to_text(place)}).second) return;
        objections_.push_back({gravity, kind, place, std::move(text)});
    }

    // One answer that is wrong moves the gateway, and the next one back.
    void look_for_flapping(const std::vector<Seat>& seats) {
        for (const Seat& seat : seats) {
            if (!config(seat).preempt || config(seat).preempt_delay != Duration{}) continue;
            for (const TrackIndex index : tracks_of(seat)) {
                const TrackConfig& one = track(seat, index);
                if (!one.is_asked() || one.rise > 1 || one.fall > 1 || one.hold != Duration{}) continue;
                tell_at_track(
                    note, "flapping", seat, index,
                    fmt::format("{} track {}: each single failure may move the gateway, and the next "
                                "answer moves it back: use rise and fall, hold, or preempt-delay",
                                router(seat), one.name));
            }
        }
    }

    void look_at_weights() {
        for (const RouterTold& one : routers_)
            for (const Told& told : one.processes)
                for (const Misfit& misfit : weight_misfits(told.configuration.router))
                    objections_.push_back(
                        {note, "weight", place_of(told, misfit), one.name + " " + misfit.sentence});
    }

    static Place place_of(const Told& told, const Misfit& misfit) {
        if (misfit.track) return told.places.tracks[static_cast<std::size_t>(*misfit.track)].place;
        if (misfit.virtual_router)
            return told.places.virtual_routers[static_cast<std::size_t>(*misfit.virtual_router)].place;
        return {};
    }

    // --- Groups

    const Seat* seat_of(const ElectionKey& key, std::size_t router) const {
        const auto& seats = elections_.at(key);
        const auto found = std::ranges::find(seats, router, &Seat::router);
        return found == seats.end() ? nullptr : &*found;
    }

    void compare_groups() {
        std::map<std::pair<std::size_t, std::string>, std::vector<ElectionKey>> groups;
        for (const auto& [key, seats] : elections_)
            for (const Seat& seat : seats)
                if (const auto group = group_of(routers_, seat)) groups[{seat.router, *group}].push_back(key);
        bool any = false; // over several networks
        for (const auto& [group, keys] : groups) {
            any = any || keys.front().network != keys.back().network;
            for (std::size_t r = 0; r < routers_.size(); ++r)
                if (r != group.first) compare_group(group.first, r, keys);
        }
        if (!any) look_for_no_group();
    }

    // What is one group on a router, on another one that has some of it.
    void compare_group(std::size_t router, std::size_t other, const std::vector<ElectionKey>& keys) {
        const Seat *first = nullptr, *theirs = nullptr; // on the first one that both have
        for (const ElectionKey& key : keys) {
            const Seat *ours = seat_of(key, router), *seat = seat_of(key, other);
            if (seat == nullptr) continue;
            if (first == nullptr) {
                first = ours, theirs = seat;
                continue;
            }
            const auto group = group_of(routers_, *seat);
            if (!group || group != group_of(routers_, *theirs))
                return tell(
                    wrong, "groups", *seat, "group",
                    fmt::format("is in no group with vrid {}, but it is on {}: one router can lead on one "
                                "side and the other one on the other",
                                config(*theirs).vrid, there(*ours, "group")));
            const int before = usual(*first) - usual(*theirs), now = usual(*ours) - usual(*seat);
            if (router < other && ((before > 0 && now < 0) || (before < 0 && now > 0)))
                return tell_crossed(now > 0 ? *ours : *seat, now > 0 ? *theirs : *first);
        }
    }

    void tell_crossed(const Seat& better, const Seat& elsewhere) {
        tell(wrong, "crossed", better, "priority",
             fmt::format(
                 "is the better one here, and {} on vrid {}, in one group: give all members of a router the "
                 "same priority, or the gateway flaps between them",
                 router(elsewhere), config(elsewhere).vrid));
    }

    // Of each network its first election speaks for it.
    void look_for_no_group() {
        std::map<std::size_t, ElectionKey> first;
        for (const auto& [key, seats] : elections_)
            first.try_emplace(key.network, key);
        for (const auto& [network, one] : first)
            for (const auto& [other_network, other] : first)
                for (const Seat& seat : elections_.at(one)) {
                    const Seat* too = seat_of(other, seat.router);
                    if (network >= other_network || too == nullptr) continue;
                    return tell(
                        note, "no_group", *too, "group",
                        fmt::format("is in no group with vrid {} on {}: traffic may come in through one "
                                    "router and go back through the other; -M, or a group, moves both",
                                    config(seat).vrid, config(seat).interface));
                }
    }

    // -M says how many there must be.
    void count_members() {
        std::map<std::pair<std::size_t, std::string>, std::vector<Seat>> shared;
        for (const Seat& seat : seats_of(routers_)) {
            const auto& group = config(seat).group;
            if (group && process(seat).groups[static_cast<std::size_t>(*group)].shared)
                shared[{seat.router, *group_of(routers_, seat)}].push_back(seat);
        }
        const auto minimum = [&](const Seat& seat) {
            return process(seat).groups[static_cast<std::size_t>(*config(seat).group)].minimum;
        };
        for (const auto& [key, seats] : shared) {
            const Seat& first = seats.front();
            const auto other = std::ranges::find_if(
                seats, [&](const Seat& seat) { return minimum(seat) != minimum(first); });
            if (other != seats.end())
                tell(wrong, "members", *other, "members",
                     fmt::format("-M {}, and -M {} on its sibling ({}): members that disagree do not lead",
                                 minimum(*other), minimum(first), to_text(first.place(routers_, "members"))));
            else if (seats.size() != minimum(first))
                tell(seats.size() < minimum(first) ? wrong : note, "members", first, "members",
                     fmt::format("-M {}, and {} of its group {} here{}", minimum(first), seats.size(),
                                 seats.size() == 1 ? "is" : "are",
                                 seats.size() < minimum(first) ? ": it never leads" : ""));
        }
    }

    std::span<const RouterTold> routers_;
    const OwnAddresses& own_;
    Elections elections_;
    std::map<Seat, int> priorities_;
    std::set<ElectionKey> elsewhere_; // whose addresses have another VRID on another router
    std::set<std::pair<std::string, std::string>> told_; // what kind, and where
    std::vector<Objection> objections_;
};

} // namespace

const char* to_string(Gravity gravity) {
    switch (gravity) {
    case deaf: return "deaf";
    case wrong: return "wrong";
    case note: return "note";
    }
    return "?";
}

std::vector<Objection> objections(std::span<const RouterTold> routers,
                                  std::span<const SharedNetwork> networks, const OwnAddresses& own) {
    return Comparison(routers, networks, own).make();
}

} // namespace vrrp::config
