#include "netsim/check/trial.hpp"

#include "netsim/chaos/blow.hpp"
#include "netsim/network/switch.hpp"
#include "netsim/node/fake_checks.hpp"
#include "netsim/scenario/grammar.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;
using config::ElectionKey;
using config::Seat;

// clang-format off
constexpr FaultRow kCatalogue[] = {
    {"steady", "nothing fails", Strikes::nothing, Harm::none, "", ""},
    {"starts", "started in the order {order}", Strikes::starts, Harm::resigned, "stop {any}", ""},

    {"stop", "{router}: stopped in order, started", Strikes::router, Harm::resigned, "stop {router}", "start {router}"},
    {"kill", "{router}: killed, started", Strikes::router, Harm::silent, "kill {router}", "start {router}"},
    {"freeze", "{router}: frozen, thawed", Strikes::router, Harm::silent, "freeze {router}", "thaw {router}"},
    {"power", "{router}: power off, on", Strikes::router, Harm::silent, "power off {router}", "power on {router}"},
    {"drift", "{router}: clock too fast", Strikes::router, Harm::none,
     "clock of {router} runs 1000 ppm fast\nclock of {other} runs 1000 ppm slow",
     "clock of {router} runs 0 ppm fast\nclock of {other} runs 0 ppm slow"},
    {"scripts", "{router}: power off, scripts hang", Strikes::router, Harm::silent,
     "scripts of {any} take 10min\n--\npower off {router}", "power on {router}", Needs::scripts},

    {"stop", "{router} {vrid}: process stopped, started", Strikes::process, Harm::resigned, "stop {router} {vrid}", "start {router} {vrid}"},
    {"kill", "{router} {vrid}: process killed, started", Strikes::process, Harm::member, "kill {router} {vrid}", "start {router} {vrid}"},
    {"freeze", "{router} {vrid}: process frozen, thawed", Strikes::process, Harm::silent, "freeze {router} {vrid}", "thaw {router} {vrid}"},
    {"late", "{router} {vrid}: process started last", Strikes::process, Harm::resigned,
     "stop {router}\n--\nstart {router} {sibling}\n--\nstart {router} {vrid}", ""},

    {"cable", "{router} {interface}: cable out, in", Strikes::interface, Harm::member, "unplug {router} {interface}", "plug {router} {interface}"},
    {"tree", "{router} {interface}: cable, spanning tree", Strikes::interface, Harm::deaf_at_first,
     "unplug {router} {interface}\n--\nplug {router} {interface}", "", Needs::spanning_tree},
    {"cut", "{router} {interface}: cut, nobody told", Strikes::interface, Harm::one_sided, "cut {router} {interface}", "mend {router} {interface}"},
    {"cut_in", "{router} {interface}: hears nothing", Strikes::interface, Harm::deaf, "cut {router} {interface} in", "mend {router} {interface}"},
    {"cut_out", "{router} {interface}: is not heard", Strikes::interface, Harm::one_sided, "cut {router} {interface} out", "mend {router} {interface}"},
    {"part", "{router} {interface}: alone in {network}", Strikes::interface, Harm::one_sided,
     "partition {network} into {router} | {rest}", "heal {network}"},
    {"address", "{router} {interface}: address lost, back", Strikes::interface, Harm::member,
     "remove {own} from {router} {interface}", "add {own} to {router} {interface}"},
    {"delete", "{router} {interface}: deleted, made again", Strikes::interface, Harm::member, "delete {router} {interface}", "create {router} {interface}"},
    {"delay", "{router} {interface}: delay and jitter", Strikes::interface, Harm::delayed,
     "delay {router} {interface} by {near}\n--\ndelay {router} {interface} by {cable}\n--\n"
     "delay {router} {interface} by {near}\n--\ndelay {router} {interface} by {half}",
     "delay {router} {interface} by {cable}"},

    {"loss5", "{network}: 5 % lost", Strikes::network, Harm::lossy, "lose 5% on {network}", "lose 0% on {network}"},
    {"loss20", "{network}: 20 % lost", Strikes::network, Harm::lossy, "lose 20% on {network}", "lose 0% on {network}"},
    {"rogue_high", "{network}: a stranger claims 255", Strikes::network, Harm::stranger,
     "{stranger} advertises {vrid} at 255 every {interval}", "{stranger} falls silent", Needs::stranger},
    {"rogue_low", "{network}: a stranger claims 1", Strikes::network, Harm::none,
     "{stranger} advertises {vrid} at 1 every {interval}", "{stranger} falls silent", Needs::stranger},
    {"resign", "{network}: resignations are forged", Strikes::network, Harm::none,
     "{stranger} advertises {vrid} at 0 as {leader} every {tenth}", "{stranger} falls silent", Needs::stranger},

    {"check", "{router}: check {check} fails, passes", Strikes::check, Harm::resigned, "check {check} of {router} {fails}", "check {check} of {router} {passes}"},
    {"watched", "{router} {interface}: watched cable out, in", Strikes::watched, Harm::resigned, "unplug {router} {interface}", "plug {router} {interface}"},
};
// clang-format on

constexpr const char* kGroupStays = "a group moves when all of its members agree: silence on one network "
                                    "alone moves nothing; a check that pings "
                                    "a neighbour there does";
constexpr const char* kDeafMaster =
    "a master that hears nothing is heard by all: VRRP does not see it; a check that pings a neighbour does";
constexpr const char* kDeafAtFirst =
    "behind a port that is deaf at first (spanning tree) a group takes over by what it hears elsewhere: an "
    "edge port on the switch, or no-preempt, prevents it";
constexpr const char* kLost = "while frames are lost hosts lose theirs too; afterwards all must be well";
constexpr const char* kLate = "while frames are late answers are too; afterwards all must be well";
constexpr const char* kStranger =
    "whoever may speak on the network may lead, as long as advertisements are not signed: -a hmac/ID/@FILE";

using Lists = std::map<std::string, std::vector<std::string>>;

// One line for each member of the list that it names.
void add_line(const std::string& line, const Names& names, const Lists& lists,
              std::vector<std::string>& into) {
    for (const auto& [name, values] : lists) {
        if (line.find("{" + name + "}") == std::string::npos) continue;
        for (const std::string& value : values) {
            std::string one = line;
            replace_all(one, "{" + name + "}", value);
            into.push_back(filled(one, names));
        }
        return;
    }
    into.push_back(filled(line, names));
}

std::vector<std::vector<std::string>> beats_of(std::string_view text, const Names& names,
                                               const Lists& lists) {
    std::vector<std::vector<std::string>> beats;
    if (!text.empty()) beats.emplace_back();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line == "--")
            beats.emplace_back();
        else
            add_line(line, names, lists, beats.back());
    }
    return beats;
}

class Expansion {
  public:
    Expansion(const Site& site, const Timing& timing) : site_(site), timing_(timing) {}

    std::vector<Trial> make() {
        for (const FaultRow& row : kCatalogue)
            expand(row);
        return std::move(trials_);
    }

  private:
    void expand(const FaultRow& row) {
        switch (row.strikes) {
        case Strikes::nothing: add(row, {}, {}, {}, {}, "", {}); return;
        case Strikes::starts: add_starts(row); return;
        case Strikes::router:
            for (std::size_t r = 0; r < site_.told.size(); ++r)
                if (row.needs != Needs::scripts || runs_scripts())
                    add(row, of_router(r), lists_of(r), r, {}, site_.router(r), {});
            return;
        case Strikes::process: add_processes(row); return;
        case Strikes::interface:
        case Strikes::watched: add_interfaces(row); return;
        case Strikes::network:
            for (std::size_t n = 0; n < site_.networks.size(); ++n)
                add_network(row, n);
            return;
        case Strikes::check: add_checks(row); return;
        }
    }

    void add(const FaultRow& row, const Names& names, const Lists& lists, std::optional<std::size_t> router,
             std::optional<std::size_t> network, const std::string& subject,
             std::optional<std::size_t> stranger) {
        Trial trial{.row = &row,
                    .name = subject.empty() ? std::string(row.name) : subject + "_" + row.name,
                    .title = filled(row.title, names),
                    .beats = beats_of(row.strike, names, lists),
                    .mend = {},
                    .router = router,
                    .network = network,
                    .stranger = stranger};
        std::ranges::replace_if(
            trial.name, [](char c) { return c == ' ' || c == '/' || c == ':' || c == '.'; }, '_');
        // An own address goes without its length and comes with it.
        for (auto& beat : trial.beats)
            for (std::string& line : beat)
                if (line.starts_with("remove "))
                    line.erase(line.find('/'), line.find(' ', 7) - line.find('/'));
        for (auto& beat : beats_of(row.mend, names, lists))
            trial.mend.insert(trial.mend.end(), beat.begin(), beat.end());
        decide_bound(trial);
        trial.excuse_in_pairs = excuse_in_pairs(trial);
        trials_.push_back(std::move(trial));
    }

    // --- What it strikes

    Names of_router(std::size_t r) const { return {{"router", site_.router(r)}}; }

    Lists lists_of(std::size_t r) const {
        Lists lists{{"any", {}}, {"other", {}}};
        for (std::size_t i = 0; i < site_.told.size(); ++i) {
            lists["any"].push_back(site_.router(i));
            if (i != r) lists["other"].push_back(site_.router(i));
        }
        return lists;
    }

    // All orders of up to three routers; of more, each as the first one.
    void add_starts(const FaultRow& row) {
        constexpr std::size_t kAllOrders = 3;
        const std::size_t count = site_.told.size();
        std::vector<std::size_t> order(count);
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (std::size_t i = 0;; ++i) {
            add_start(row, order, i + 1);
            if (count > kAllOrders) {
                std::ranges::rotate(order, order.begin() + 1);
                if (i + 1 == count) return;
            } else if (!std::ranges::next_permutation(order).found) {
                return;
            }
        }
    }

    void add_start(const FaultRow& row, const std::vector<std::size_t>& order, std::size_t number) {
        std::vector<std::string> names;
        for (const std::size_t r : order)
            names.push_back(site_.router(r));
        add(row, {{"order", fmt::format("{}", fmt::join(names, ", "))}}, lists_of(0), {}, {}, "", {});
        Trial& trial = trials_.back();
        trial.name += fmt::format("_{}", number);
        for (const std::string& name : names)
            trial.beats.push_back({"start " + name});
    }

    bool runs_scripts() const {
        const auto has = [](const VirtualRouterConfig& one) {
            return !(one.master_script.empty() && one.backup_script.empty() && one.fault_script.empty() &&
                     one.stop_script.empty() && one.notify_script.empty());
        };
        return std::ranges::any_of(site_.told, [&](const config::RouterTold& router) {
            return std::ranges::any_of(router.processes, [&](const config::Told& told) {
                return std::ranges::any_of(told.configuration.router.virtual_routers, has);
            });
        });
    }

    // A process is known to a scenario by a VRID, which no other process of its router may have.
    void add_processes(const FaultRow& row) {
        for (std::size_t r = 0; r < site_.told.size(); ++r) {
            const auto& processes = site_.told[r].processes;
            std::vector<std::string> vrids;
            for (const config::Told& one : processes)
                if (const auto vrid = vrid_of(processes, one)) vrids.push_back(std::to_string(*vrid));
            if (processes.size() < 2 || vrids.size() != processes.size()) continue;
            for (const std::string& vrid : vrids) {
                Names names = of_router(r);
                names["vrid"] = vrid;
                Lists lists{{"sibling", vrids}};
                std::erase(lists["sibling"], vrid);
                add(row, names, lists, r, {}, site_.router(r) + "_" + vrid, {});
            }
        }
    }

    static std::optional<unsigned> vrid_of(const std::vector<config::Told>& processes,
                                           const config::Told& one) {
        for (const VirtualRouterConfig& candidate : one.configuration.router.virtual_routers) {
            const auto has = [&](const config::Told& other) {
                const auto& all = other.configuration.router.virtual_routers;
                return std::ranges::find(all, candidate.vrid, &VirtualRouterConfig::vrid) != all.end();
            };
            if (std::ranges::count_if(processes, has) == 1) return candidate.vrid;
        }
        return std::nullopt;
    }

    void add_interfaces(const FaultRow& row) {
        for (std::size_t r = 0; r < site_.told.size(); ++r)
            for (std::size_t n = 0; n < site_.networks.size(); ++n)
                for (const SitePort& port : site_.networks[n].ports) {
                    if (port.router != r || port.elects != (row.strikes == Strikes::interface)) continue;
                    Names names = of_router(r);
                    names["interface"] = port.interface;
                    names["network"] = site_.networks[n].name;
                    names["rest"] = rest_of(n, r);
                    names["near"] = exact_text(timing_.interval * 9 / 10);
                    names["half"] = exact_text(timing_.interval / 2);
                    names["cable"] = exact_text(Switch::kDefaultLatency);
                    Lists lists{{"own", {}}};
                    for (const IpPrefix& own : port.own)
                        lists["own"].push_back(to_string(own));
                    add(row, names, lists, r, n, site_.router(r) + "_" + port.interface, {});
                }
    }

    // Everybody else on the network.
    std::string rest_of(std::size_t n, std::size_t router) const {
        std::vector<std::string> names;
        for (const SitePort& port : site_.networks[n].ports)
            if (port.router != router && std::ranges::find(names, site_.router(port.router)) == names.end())
                names.push_back(site_.router(port.router));
        for (const SiteHost& host : site_.hosts)
            if (host.network == n) names.push_back(host.name);
        return fmt::format("{}", fmt::join(names, " "));
    }

    void add_network(const FaultRow& row, std::size_t n) {
        const auto election =
            std::ranges::find_if(site_.elections, [&](const auto& one) { return one.first.network == n; });
        if (election == site_.elections.end()) return;
        const bool needs_stranger = row.needs == Needs::stranger;
        if (needs_stranger && site_.strangers[n].own.empty()) return;
        const Seat leader = site_.leaders.at(election->first).value_or(election->second.front());
        const Names names{{"network", site_.networks[n].name},
                          {"stranger", site_.strangers[n].name},
                          {"vrid", std::to_string(election->first.vrid)},
                          {"interval", exact_text(timing_.interval)},
                          {"tenth", exact_text(timing_.interval / 10)},
                          {"leader", to_string(source_of(leader))}};
        add(row, names, {}, {}, n, site_.networks[n].name, needs_stranger ? std::optional(n) : std::nullopt);
    }

    // What its advertisements come from.
    IpAddress source_of(const Seat& seat) const {
        const VirtualRouterConfig& one = site_.config(seat);
        if (one.source) return *one.source;
        const auto& own = site_.own.at(config::Port{seat.router, one.interface});
        const auto found = std::ranges::find_if(own, [&](const IpPrefix& prefix) {
            return prefix.address.family() == one.family &&
                   (one.family == IpFamily::v4 || prefix.address.is_link_local());
        });
        return found == own.end() ? own.front().address : found->address;
    }

    void add_checks(const FaultRow& row) {
        for (std::size_t r = 0; r < site_.told.size(); ++r)
            for (const config::Told& told : site_.told[r].processes)
                for (const TrackConfig& track : told.configuration.router.tracks) {
                    if (!FakeChecks::is_told(track)) continue;
                    Names names = of_router(r);
                    names["check"] = track.name;
                    names["fails"] = track.invert ? "passes" : "fails";
                    names["passes"] = track.invert ? "fails" : "passes";
                    add(row, names, {}, r, {}, site_.router(r) + "_" + track.name, {});
                }
    }

    // --- How long hosts may be without an answer

    // What is forged does no harm alone; whom nobody contradicts is believed.
    const char* excuse_in_pairs(const Trial& trial) const {
        return trial.stranger && !is_guarded(*trial.stranger) ? kStranger : nullptr;
    }

    void decide_bound(Trial& trial) const {
        const auto promise = [&](Duration bound) { trial.bound = bound + timing_.network(); };
        switch (trial.row->harm) {
        case Harm::none: trial.bound = timing_.brief(); return;
        case Harm::resigned: promise(timing_.skew); return;
        case Harm::silent: promise(timing_.silent); return;
        case Harm::member: promise(siblings_tell(trial) ? timing_.skew : timing_.silent); return;
        case Harm::deaf_at_first:
            if (leads(trial) && hears_elsewhere(trial) && preempts(trial))
                trial.excuse = kDeafAtFirst;
            else
                promise(siblings_tell(trial) ? timing_.skew : timing_.silent);
            return;
        case Harm::one_sided:
            if (leads(trial) && hears_elsewhere(trial))
                trial.excuse = kGroupStays;
            else
                promise(timing_.silent);
            return;
        case Harm::deaf:
            if (leads(trial))
                trial.excuse = kDeafMaster;
            else
                promise(timing_.silent);
            return;
        case Harm::delayed: trial.excuse = kLate; return;
        case Harm::lossy: trial.excuse = kLost; return;
        case Harm::stranger:
            if (is_guarded(*trial.network))
                trial.bound = timing_.brief();
            else
                trial.excuse = kStranger;
            return;
        }
    }

    bool concerns(const Trial& trial, const ElectionKey& key, const Seat& seat) const {
        return seat.router == trial.router && (!trial.network || key.network == *trial.network);
    }

    // Somewhere where it strikes; where nobody knows who leads it may.
    bool leads(const Trial& trial) const {
        return std::ranges::any_of(site_.elections, [&](const auto& election) {
            const auto leader = site_.leaders.at(election.first);
            return std::ranges::any_of(election.second, [&](const Seat& seat) {
                return concerns(trial, election.first, seat) && (!leader || *leader == seat);
            });
        });
    }

    bool preempts(const Trial& trial) const {
        return std::ranges::any_of(site_.elections, [&](const auto& election) {
            return std::ranges::any_of(election.second, [&](const Seat& seat) {
                return seat.router == trial.router && site_.config(seat).preempt;
            });
        });
    }

    // Whether all that fails has siblings in its group elsewhere.
    bool siblings_tell(const Trial& trial) const {
        return std::ranges::all_of(site_.elections, [&](const auto& election) {
            return std::ranges::all_of(election.second, [&](const Seat& seat) {
                return !concerns(trial, election.first, seat) || has_sibling(seat, [&](const Seat& sibling) {
                    return site_.config(sibling).interface != site_.config(seat).interface;
                });
            });
        });
    }

    // Whether a group of it goes on hearing on another network.
    bool hears_elsewhere(const Trial& trial) const {
        return std::ranges::any_of(site_.elections, [&](const auto& election) {
            return std::ranges::any_of(election.second, [&](const Seat& seat) {
                return concerns(trial, election.first, seat) && has_sibling(seat, [&](const Seat& sibling) {
                           return network_of(sibling) != election.first.network;
                       });
            });
        });
    }

    template <typename Which>
    bool has_sibling(const Seat& seat, Which&& which) const {
        const auto group = config::group_of(site_.told, seat);
        if (!group) return false;
        return std::ranges::any_of(site_.elections, [&](const auto& election) {
            return std::ranges::any_of(election.second, [&](const Seat& other) {
                return other.router == seat.router && other != seat &&
                       config::group_of(site_.told, other) == group && which(other);
            });
        });
    }

    std::size_t network_of(const Seat& seat) const {
        for (const auto& [key, seats] : site_.elections)
            if (std::ranges::find(seats, seat) != seats.end()) return key.network;
        return 0;
    }

    // Whether everybody there refuses what a stranger says.
    bool is_guarded(std::size_t network) const {
        return std::ranges::all_of(site_.elections, [&](const auto& election) {
            return election.first.network != network ||
                   std::ranges::all_of(election.second, [&](const Seat& seat) {
                       const VirtualRouterConfig& one = site_.config(seat);
                       const auto& authentication = one.authentication;
                       return one.unicast() ||
                              authentication.type == wire::AuthenticationType::authentication_header ||
                              (!authentication.hmac.keys.empty() &&
                               authentication.hmac.mode == HmacAuthentication::Mode::enforce);
                   });
        });
    }

    const Site& site_;
    const Timing& timing_;
    std::vector<Trial> trials_;
};

} // namespace

std::span<const FaultRow> catalogue() {
    return kCatalogue;
}

std::vector<Trial> trials_of(const Site& site, const Timing& timing) {
    return Expansion(site, timing).make();
}

} // namespace vrrp::sim
