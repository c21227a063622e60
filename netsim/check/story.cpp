#include "netsim/check/story.hpp"

#include "netsim/scenario/grammar.hpp"
#include "netsim/scenario/write.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;
using config::Seat;

constexpr Duration kHeartbeats = 3s; // after which siblings miss one that is frozen

Duration in_whole_milliseconds(Duration duration) {
    return (duration + 1ms - 1ns) / 1ms * Duration(1ms);
}

// Networks, routers and hosts.
std::string site_text(const Site& site, Duration probe, bool spanning_tree,
                      const std::vector<std::size_t>& strangers) {
    std::string text;
    for (const SiteNetwork& network : site.networks) {
        std::vector<std::string> subnets;
        for (const IpPrefix& one : network.subnets)
            subnets.push_back(toml_string(to_string(one)));
        text += fmt::format("[network.{}]\nsubnet = [{}]\n", network.name, fmt::join(subnets, ", "));
        if (spanning_tree) text += fmt::format("forward_delay = \"{}\"\n", exact_text(kSpanningTree));
    }
    const auto interface = [&](const std::string& name, std::size_t network, const std::vector<IpPrefix>& own,
                               const std::optional<IpAddress>& gateway) {
        std::string line = site.networks[network].name;
        for (const IpPrefix& one : own)
            line += " " + to_string(one.address);
        if (gateway) line += " via " + to_string(*gateway);
        text += fmt::format("{} = {}\n", toml_key(name), toml_string(line));
    };
    for (std::size_t r = 0; r < site.told.size(); ++r) {
        text += fmt::format("\n[router.{}]\n", toml_key(site.router(r)));
        for (std::size_t n = 0; n < site.networks.size(); ++n)
            for (const SitePort& port : site.networks[n].ports)
                if (port.router == r) interface(port.interface, n, port.own, {});
        text += fmt::format("run = {}\n", toml_list(site.written[r].run));
        if (site.written[r].files.empty()) continue;
        text += fmt::format("\n[router.{}.files]\n", toml_key(site.router(r)));
        for (const auto& [path, content] : site.written[r].files)
            text += fmt::format("{} = {}\n", toml_string(path), toml_text(content));
    }
    for (const SiteHost& host : site.hosts) {
        text += fmt::format("\n[host.{}]\n", host.name);
        interface("eth0", host.network, host.own, host.gateway);
        if (host.gateway) text += fmt::format("probe = \"{}\"\n", exact_text(probe));
    }
    for (const std::size_t n : strangers) {
        text += fmt::format("\n[host.{}]\n", site.strangers[n].name);
        interface("eth0", n, site.strangers[n].own, {});
    }
    return text;
}

class Teller {
  public:
    Teller(const Site& site, const Timing& timing, std::span<const Trial* const> trials,
           const std::optional<Limit>& limit)
        : site_(site), timing_(timing), trials_(trials) {
        for (const Trial* trial : trials) {
            story_.name += (story_.name.empty() ? "" : "__") + trial->name;
            story_.title += (story_.title.empty() ? "" : " + ") + trial->title;
        }
        decide_bound(limit);
    }

    Story tell() {
        settle();
        strike();
        mend();
        calm();
        write();
        return std::move(story_);
    }

  private:
    // What hits two routers may leave nobody who could lead.
    void decide_bound(const std::optional<Limit>& limit) {
        std::optional<Duration> bound = Duration{};
        for (const Trial* trial : trials_) {
            const char* excuse = trial->excuse;
            if (excuse == nullptr && trials_.size() > 1) excuse = trial->excuse_in_pairs;
            if (excuse != nullptr && std::ranges::find(story_.excuses, excuse) == story_.excuses.end())
                story_.excuses.push_back(excuse);
            if (excuse != nullptr) bound.reset();
            bound = bound && trial->bound ? std::optional(std::max(*bound, *trial->bound)) : std::nullopt;
            const bool elsewhere = trial->router != trials_.front()->router;
            if (elsewhere && trial->row->harm != Harm::none && trials_.front()->row->harm != Harm::none)
                bound.reset();
        }
        if (bound && trials_.size() > 1) bound = std::max(*bound, timing_.silent + timing_.network());
        if (limit && (bound || (limit->always && trials_.size() == 1)))
            story_.bound = limit->outage;
        else if (bound)
            story_.bound = in_whole_milliseconds(*bound);
        if (!bound && story_.excuses.empty())
            story_.excuses.push_back("two routers are struck at once: nobody may be left who could lead");
    }

    bool any_needs(Needs needs) const {
        return std::ranges::any_of(trials_, [&](const Trial* trial) { return trial->row->needs == needs; });
    }
    bool any_strikes(Strikes strikes) const {
        return std::ranges::any_of(trials_,
                                   [&](const Trial* trial) { return trial->row->strikes == strikes; });
    }

    // --- The steps

    std::size_t step(Duration at, const std::vector<std::string>& act,
                     const std::vector<std::string>& expect) {
        steps_ += fmt::format("\n[[step]]\nat = \"{}\"\n", exact_text(at));
        if (!act.empty()) steps_ += fmt::format("do = {}\n", toml_list(act));
        if (!expect.empty()) steps_ += fmt::format("expect = {}\n", toml_list(expect));
        last_ = at;
        return count_++;
    }

    std::vector<std::string> outages(Duration bound) const {
        std::vector<std::string> all;
        for (const SiteHost& host : site_.hosts)
            if (host.gateway) all.push_back(fmt::format("{} outage < {}", host.name, exact_text(bound)));
        for (const auto& [from, to] : site_.flows)
            all.push_back(fmt::format("flow {} {} outage < {}", site_.hosts[from].name, site_.hosts[to].name,
                                      exact_text(bound)));
        return all;
    }

    std::vector<std::string> well() const {
        std::vector<std::string> all{"each virtual router has one master"};
        const auto has_group = [&](const Seat& seat) { return site_.config(seat).group.has_value(); };
        for (const auto& [key, seats] : site_.elections)
            if (std::ranges::any_of(seats, has_group)) {
                all.emplace_back("every group is whole");
                break;
            }
        for (std::string& one : leaders())
            all.push_back(std::move(one));
        all.emplace_back("nobody changes state");
        return all;
    }

    // Whom the priorities make master in the end, where they say so, and nothing keeps it from taking over.
    std::vector<std::string> leaders() const {
        std::vector<std::string> all;
        for (std::size_t r = 0; r < site_.told.size(); ++r) {
            std::map<unsigned, bool> leads; // by VRID, which a sentence cannot tell apart on two interfaces
            bool part_of_a_group = false;
            for (const auto& [key, seats] : site_.elections)
                for (const Seat& seat : seats) {
                    if (seat.router != r) continue;
                    const bool is_leader = site_.leaders.at(key) == seat && site_.config(seat).preempt;
                    leads.try_emplace(key.vrid, true).first->second &= is_leader;
                    if (!is_leader && site_.config(seat).group) part_of_a_group = true;
                }
            std::vector<unsigned> vrids;
            for (const auto& [vrid, is_leader] : leads)
                if (is_leader) vrids.push_back(vrid);
            if (!vrids.empty() && !part_of_a_group)
                all.push_back(fmt::format("{} is master of {}", site_.router(r), fmt::join(vrids, " and ")));
        }
        return all;
    }

    // What fails unless it is told to pass.
    std::vector<std::string> at_first() const {
        std::vector<std::string> all;
        for (const config::RouterTold& router : site_.told)
            for (const config::Told& told : router.processes)
                for (const TrackConfig& track : told.configuration.router.tracks)
                    if (track.invert && !track.is_interface() &&
                        !std::holds_alternative<PingCheck>(track.check))
                        all.push_back(fmt::format("check {} of {} fails", track.name, router.name));
        return all;
    }

    void settle() {
        if (const auto act = at_first(); !act.empty()) step(0s, act, {});
        story_.settled = step(in_whole_milliseconds(timing_.startup + 2s), {}, well());
    }

    Duration beat() const {
        if (any_strikes(Strikes::starts)) return in_whole_milliseconds(timing_.startup + 2s);
        return std::max(Duration(1s), in_whole_milliseconds(timing_.interval * 13 / 10));
    }

    void strike() {
        std::size_t beats = 0;
        for (const Trial* trial : trials_)
            beats = std::max(beats, trial->beats.size());
        const auto expected = story_.bound ? outages(*story_.bound) : std::vector<std::string>{};
        for (std::size_t i = 0; i < beats; ++i) {
            std::vector<std::string> act;
            for (const Trial* trial : trials_)
                if (i < trial->beats.size())
                    act.insert(act.end(), trial->beats[i].begin(), trial->beats[i].end());
            for (std::string& line : act)
                add_strangers(line);
            const bool served = !any_strikes(Strikes::starts) || i > 1; // before that nobody is there
            const std::size_t made = step(i == 0 ? last_ + 2s : last_ + beat(), act,
                                          served ? expected : std::vector<std::string>{});
            if (i == 0) {
                steps_ += fmt::format("jitter = \"{}\"\n", exact_text(timing_.interval));
                last_ += timing_.interval;
            }
            if (served && !story_.struck) story_.struck = made;
        }
    }

    // Everybody on a network is on a side of its partition.
    void add_strangers(std::string& line) const {
        for (const Trial* trial : trials_)
            if (trial->stranger &&
                line.starts_with("partition " + site_.networks[*trial->stranger].name + " "))
                line += " " + site_.strangers[*trial->stranger].name;
    }

    void mend() {
        if (!story_.struck) return;
        last_ += in_whole_milliseconds(timing_.silent + 2 * timing_.interval + kHeartbeats) +
                 (any_needs(Needs::spanning_tree) ? kSpanningTree : 0s) +
                 (any_strikes(Strikes::check) || any_strikes(Strikes::watched) ? timing_.detection : 0s);
        std::vector<std::string> act;
        for (const Trial* trial : trials_)
            act.insert(act.end(), trial->mend.begin(), trial->mend.end());
        if (act.empty()) return;
        story_.mended = step(last_, act, story_.bound ? outages(*story_.bound) : std::vector<std::string>{});
    }

    void calm() {
        if (story_.struck)
            last_ += in_whole_milliseconds(timing_.startup + 2 * timing_.interval + 2s + timing_.detection);
        else
            last_ += 2s;
        if (any_needs(Needs::spanning_tree)) last_ += kSpanningTree;
        std::vector<std::string> expected = well();
        for (std::string& one : outages(timing_.brief()))
            expected.push_back(std::move(one));
        story_.calm = step(last_, {}, expected);
        ends_ = last_ + std::max(Duration(3s), 4 * timing_.interval);
    }

    // --- The file

    std::string about() const {
        std::string text = "vrrplab check wrote this from the configurations of ";
        for (std::size_t r = 0; r < site_.told.size(); ++r)
            text += (r == 0 ? "" : r + 1 == site_.told.size() ? " and " : ", ") + site_.router(r);
        text += ".\n";
        if (story_.bound)
            text += fmt::format("A host may be without an answer for {}.\n", to_string(*story_.bound));
        for (const char* excuse : story_.excuses)
            text += fmt::format("No bound holds while it lasts: {}.\n", excuse);
        return text;
    }

    void write() {
        std::vector<std::size_t> strangers;
        for (const Trial* trial : trials_)
            if (trial->stranger && std::ranges::find(strangers, *trial->stranger) == strangers.end())
                strangers.push_back(*trial->stranger);
        std::ranges::sort(strangers);
        story_.text = fmt::format("title = {}\nabout = {}\nends = \"{}\"\n\n", toml_string(story_.title),
                                  toml_text(about()), exact_text(ends_)) +
                      site_text(site_, timing_.probe, any_needs(Needs::spanning_tree), strangers);
        for (const auto& [from, to] : site_.flows)
            story_.text +=
                fmt::format("\n[[flow]]\nfrom = \"{}\"\nto = \"{}\"\nevery = \"{}\"\n",
                            site_.hosts[from].name, site_.hosts[to].name, exact_text(timing_.probe));
        story_.text += steps_;
        if (!strangers.empty())
            story_.text +=
                "\n[allow]\nno_master = \"the stranger that all may follow is none of the routers\"\n";
    }

    const Site& site_;
    const Timing& timing_;
    std::span<const Trial* const> trials_;
    Story story_;
    std::string steps_;
    std::size_t count_ = 0;
    Duration last_{}, ends_{};
};

} // namespace

Story tell_story(const Site& site, const Timing& timing, std::span<const Trial* const> trials,
                 const std::optional<Limit>& limit) {
    return Teller(site, timing, trials, limit).tell();
}

} // namespace vrrp::sim
