#include "random_world.hpp"

#include "netsim/chaos/blow.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace vrrp::sim {
namespace {

constexpr const char* kNames[kDimensions] = {"groups", "crossed",   "odd_sizes", "ipv6",
                                             "keys",   "intervals", "owners",    "slow",
                                             "faults", "operators", "strangers"};
constexpr const char* kNetworks[] = {"lan", "wan", "dmz"};
constexpr unsigned kFirstVrid = 51;
constexpr unsigned kFirstStrike = 5000; // ms: by then most worlds have settled; some are struck at once

// --- Words

std::string network_of(const DrawnElection& one) {
    return kNetworks[one.network];
}

std::string router_address(unsigned network, unsigned router) {
    return fmt::format("10.{}.1.{}", 16 + network, router);
}

std::string router_address6(unsigned network, unsigned router) {
    return fmt::format("2001:db8:{}::{}", 16 + network, router);
}

// The address that hosts use.
std::string virtual_address(const DrawnElection& one) {
    const unsigned number = 149 + one.vrid;
    return one.ipv6 ? router_address6(one.network, number) : router_address(one.network, number);
}

std::string own_address(const DrawnElection& one, unsigned router) {
    return one.ipv6 ? router_address6(one.network, router) : router_address(one.network, router);
}

std::vector<std::string> addresses(const DrawnElection& one) {
    if (!one.ipv6) return {virtual_address(one)};
    return {fmt::format("fe80::{}", 149 + one.vrid), virtual_address(one)};
}

std::string seconds(unsigned ms) {
    return ms % 1000 == 0 ? fmt::format("{}", ms / 1000) : fmt::format("{}.{:02}", ms / 1000, ms % 1000 / 10);
}

// --- Drawing

// Nothing: random worlds have none of it.
std::optional<Dimension> dimension_of(FaultKind kind) {
    switch (kind) {
    case FaultKind::siblings:
    case FaultKind::delay: return Dimension::slow;
    case FaultKind::operation: return Dimension::operators;
    case FaultKind::stranger: return Dimension::strangers;
    case FaultKind::owner: return Dimension::owners;
    case FaultKind::restart:
    case FaultKind::check: return std::nullopt;
    default: return Dimension::faults;
    }
}

std::vector<Blow> blows_of_worlds() {
    std::vector<Blow> all(blows().begin(), blows().end());
    std::erase_if(all, [](const Blow& blow) { return !dimension_of(blow.kind); });
    return all;
}

class Draw {
  public:
    Draw(std::uint64_t seed, const Dimensions& dimensions)
        : choices_(seed), stream_(choices_.stream("world")), dimensions_(dimensions) {
        world_.seed = seed;
    }

    DrawnWorld world() {
        world_.networks = 1 + pick(3);
        for (unsigned i = 0; i < world_.networks; ++i)
            world_.forward_delay.push_back(may(Dimension::slow, 6) ? one_of({2000u, 15000u}) : 0);
        draw_elections();
        draw_routers();
        if (may(Dimension::owners, 6)) draw_owner();
        draw_strikes();
        return std::move(world_);
    }

  private:
    unsigned pick(unsigned n) { return static_cast<unsigned>(choices_.pick(stream_, n)); }
    bool one_in(unsigned n) { return pick(n) == 0; }
    bool has(Dimension dimension) const { return dimensions_.contains(dimension); }
    // The choice is taken in any case, so that a dimension more or less leaves the others as they are.
    bool may(Dimension dimension, unsigned one_of_these) { return one_in(one_of_these) && has(dimension); }
    template <typename T>
    T one_of(std::initializer_list<T> values) {
        return values.begin()[pick(static_cast<unsigned>(values.size()))];
    }

    void draw_elections() {
        const unsigned count = std::max(world_.networks, 1 + pick(3));
        const bool grouped = count > 1 && !one_in(4) && has(Dimension::groups);
        const bool alike = one_in(2); // one version and authentication for all of them
        for (unsigned i = 0; i < count; ++i) {
            DrawnElection one{.vrid = kFirstVrid + i, .network = i % world_.networks};
            one.version = 2 + pick(2);
            one.ipv6 = one.version == 3 && may(Dimension::ipv6, 3);
            const char* authentication = one_of({"", "", "pw/secret", "ah/0x0102030405060708"});
            const bool key = std::string_view(authentication).starts_with("ah");
            if (one.version == 2 && (!key || has(Dimension::keys))) one.authentication = authentication;
            one.virtual_mac = !one_in(3);
            if (alike && i != 0) {
                const DrawnElection& first = world_.elections.front();
                one.version = first.version, one.ipv6 = first.ipv6;
                one.authentication = first.authentication;
            }
            one.grouped = grouped && (i < 2 || !one_in(3)); // a third one may be on its own
            world_.elections.push_back(one);
        }
    }

    unsigned draw_priority() { return one_of({1u, 50u, 90u, 100u, 101u, 150u, 200u, 254u}); }

    void draw_routers() {
        const unsigned count = 2 + pick(3);
        const bool crossed = has(Dimension::crossed) && one_in(2);
        const bool equal = has(Dimension::crossed) && one_in(6);
        const unsigned members =
            static_cast<unsigned>(std::ranges::count(world_.elections, true, &DrawnElection::grouped));
        const bool fewer = members > 1 && may(Dimension::odd_sizes, 6); // -M says less than there are
        const bool differ = members > 1 && may(Dimension::odd_sizes, 8);
        std::vector<unsigned> intervals;
        for (const DrawnElection& one : world_.elections)
            intervals.push_back(one.version == 2 ? one_of({1000u, 1000u, 2000u, 3000u})
                                                 : one_of({50u, 100u, 250u, 500u, 1000u, 2500u, 3000u}));
        for (unsigned r = 0; r < count; ++r) {
            DrawnRouter router{.number = r + 1, .by_file = one_in(4), .scripts = one_in(2)};
            const bool preempts = !may(Dimension::crossed, 5);
            for (std::size_t e = 0; e < world_.elections.size(); ++e) {
                DrawnMember member{.priority = 200 - 40 * r, .interval = intervals[e], .preempt = preempts};
                if (crossed) {
                    member.priority = draw_priority();
                    member.preempt = !one_in(4);
                }
                if (equal) member.priority = 100;
                if (may(Dimension::owners, 20)) member.priority = 255;
                if (world_.elections[e].version == 3 && may(Dimension::intervals, 4))
                    member.interval = one_of({50u, 100u, 250u, 500u, 1000u, 2500u, 3000u});
                if (world_.elections[e].grouped) {
                    member.minimum = fewer ? members - 1 : members;
                    if (differ && one_in(2)) member.minimum += 1;
                }
                router.members.push_back(member);
            }
            world_.routers.push_back(std::move(router));
        }
    }

    // An owner of version 2 listens to nobody (RFC 3768 section 7.1): with another one that claims 255 it never settles.
    void draw_owner() {
        world_.owner = 1 + pick(static_cast<unsigned>(world_.routers.size()));
        if (world_.elections.front().version == 2)
            for (DrawnRouter& router : world_.routers)
                router.members.front().priority = std::min(router.members.front().priority, 254u);
    }

    // A master that nobody hears cannot know it: what it announced meanwhile without the virtual MAC is lost, and hosts
    // find it when they ask again (--announce-refresh is for that).
    bool cuts_announcements(const Blow& blow, unsigned network) const {
        return std::string_view(blow.what).ends_with(" out") &&
               std::ranges::any_of(world_.elections, [&](const DrawnElection& one) {
                   return one.network == network && !one.virtual_mac;
               });
    }

    // Siblings that hear of one another later than of their rivals settle, but not within what is demanded here.
    static bool is_slower_than_advertisements(const Blow& blow, const DrawnRouter& router) {
        return std::string_view(blow.what).starts_with("siblings of {router} take up to 300ms") &&
               std::ranges::any_of(router.members, [](const DrawnMember& m) { return m.interval < 300; });
    }

    // Whether a router that is given the virtual address, and so owns it, finds nobody else who claims it.
    bool may_become_owner(std::size_t e) const {
        if (e == 0 && world_.owner != 0) return false;
        if (world_.elections[e].version == 3) return true;
        const auto claims = [&](const DrawnRouter& router) { return router.members[e].priority == 255; };
        const auto was_given = [&](const DrawnStrike& strike) {
            return strike.what.starts_with("add " + virtual_address(world_.elections[e]) + "/");
        };
        return std::ranges::none_of(world_.routers, claims) &&
               std::ranges::none_of(world_.strikes, was_given);
    }

    void draw_strikes() {
        unsigned at = one_in(3) ? 1 : kFirstStrike;
        for (unsigned left = pick(9); left != 0; --left) {
            draw_strike(at);
            at += one_of({1u, 10u, 1 + pick(200), 1000 + pick(10), 1 + pick(6000), 1 + pick(20'000)});
        }
    }

    void draw_strike(unsigned at) {
        const Blow& blow = blows_[pick(static_cast<unsigned>(blows_.size()))];
        const Dimension dimension = *dimension_of(blow.kind);
        const DrawnRouter& router = world_.routers[pick(static_cast<unsigned>(world_.routers.size()))];
        const unsigned e = pick(static_cast<unsigned>(world_.elections.size()));
        const DrawnElection& election = world_.elections[e];
        const unsigned was = router.members[e].priority, other = draw_priority();
        const unsigned undone = one_in(2) ? 0 : at + one_of({1u, 10u, 1 + pick(1000), 1 + pick(20'000)});
        if (!has(dimension)) return;
        if (cuts_announcements(blow, election.network)) return;
        // A process with a file changes all of its virtual routers by a signal, and only one is set again.
        if (router.by_file && std::string_view(blow.what).starts_with("signal tt")) return;
        if (is_slower_than_advertisements(blow, router)) return;
        if (dimension == Dimension::owners && !may_become_owner(e)) return;
        const bool by_stranger = dimension == Dimension::strangers; // who knows the first virtual router
        const DrawnElection& told = by_stranger ? world_.elections.front() : election;
        const Names names{{"router", fmt::format("r{}", router.number)},
                          {"interface", fmt::format("eth{}", election.network)},
                          {"vrid", std::to_string(told.vrid)},
                          {"network", network_of(election)},
                          {"own", own_address(election, router.number)},
                          {"length", election.ipv6 ? "64" : "24"},
                          {"virtual", virtual_address(told)},
                          {"rest", others(election.network, router.number)},
                          {"priority", std::to_string(std::min(was, 254u))},
                          {"another", std::to_string(other)},
                          {"stranger", "guest"},
                          {"leader", own_address(told, 1)}};
        DrawnStrike strike{.at = at, .what = filled(blow.what, names), .undo = filled(blow.undo, names)};
        if (!strike.undo.empty()) strike.undo_at = undone;
        if (strike.what.find(fmt::format("r{}", router.number)) != std::string::npos)
            strike.router = router.number;
        if (by_stranger) {
            strike.router = 0;
            strike.vrid = kFirstVrid;
        } else if (std::string_view(blow.what).find("{vrid}") != std::string_view::npos ||
                   std::string_view(blow.what).find("{virtual}") != std::string_view::npos) {
            strike.vrid = election.vrid;
        }
        world_.strikes.push_back(std::move(strike));
    }

    std::string others(unsigned network, unsigned router) const {
        std::vector<std::string> names;
        for (const DrawnRouter& one : world_.routers)
            if (one.number != router) names.push_back(fmt::format("r{}", one.number));
        for (const DrawnElection& one : world_.elections)
            if (one.network == network) names.push_back(fmt::format("h{}", one.vrid));
        if (network == 0) names.emplace_back("guest");
        return fmt::format("{}", fmt::join(names, " "));
    }

    SeededChoices choices_;
    ChoiceStream stream_;
    const Dimensions& dimensions_;
    const std::vector<Blow> blows_ = blows_of_worlds();
    DrawnWorld world_;
};

// --- Writing

std::string command_line(const DrawnWorld& world, const DrawnRouter& router, std::size_t e) {
    const DrawnElection& one = world.elections[e];
    const DrawnMember& member = router.members[e];
    std::string line = fmt::format("vrrpd -i eth{} -v {} -p {} -d {}", one.network, one.vrid, member.priority,
                                   seconds(member.interval));
    if (one.version == 3) line += " --protocol 3";
    if (!one.authentication.empty()) line += " -a " + one.authentication;
    if (!one.virtual_mac) line += " -n";
    if (!member.preempt) line += " -s";
    if (one.grouped) line += fmt::format(" -M {}", member.minimum);
    if (router.scripts)
        line +=
            " -U /up -D /down --fault-script /fault --stop-script /stop --notify /notify --notify-fifo /fifo";
    return fmt::format("{} {}", line, fmt::join(addresses(one), " "));
}

std::string file_text(const DrawnWorld& world, const DrawnRouter& router) {
    std::string text;
    if (router.scripts) text += "notify-fifo = \"/fifo\"\n";
    if (std::ranges::count(world.elections, true, &DrawnElection::grouped) != 0) text += "[group.gateway]\n";
    for (std::size_t e = 0; e < world.elections.size(); ++e) {
        const DrawnElection& one = world.elections[e];
        const DrawnMember& member = router.members[e];
        text += fmt::format("[[virtual_router]]\ninterface = \"eth{}\"\nvrid = {}\npriority = {}\n"
                            "interval = {}\nprotocol = {}\naddress = [\"{}\"]\n",
                            one.network, one.vrid, member.priority, seconds(member.interval), one.version,
                            fmt::join(addresses(one), "\", \""));
        if (!one.authentication.empty()) text += fmt::format("authentication = \"{}\"\n", one.authentication);
        if (!one.virtual_mac) text += "no-virtual-mac = true\n";
        if (!member.preempt) text += "no-preempt = true\n";
        if (one.grouped) text += "group = \"gateway\"\n";
        if (router.scripts)
            text += "master-script = \"/up\"\nbackup-script = \"/down\"\nfault-script = \"/fault\"\n"
                    "stop-script = \"/stop\"\nnotify = \"/notify\"\n";
    }
    return text;
}

std::string router_text(const DrawnWorld& world, const DrawnRouter& router) {
    std::string text = fmt::format("[router.r{}]\n", router.number);
    for (unsigned network = 0; network < world.networks; ++network) {
        const bool owns = world.owner == router.number && world.elections.front().network == network;
        std::string own = router_address(network, router.number);
        if (owns && !world.elections.front().ipv6) own = virtual_address(world.elections.front()) + " " + own;
        std::string own6 = fmt::format("fe80::{} {}", router.number, router_address6(network, router.number));
        if (owns && world.elections.front().ipv6)
            own6 += " " + fmt::format("{}", fmt::join(addresses(world.elections.front()), " "));
        text += fmt::format("eth{} = \"{} {} {}\"\n", network, kNetworks[network], own, own6);
    }
    if (router.by_file)
        return text + fmt::format("run = \"vrrpd --config /etc/vrrpd.toml\"\n"
                                  "[router.r{}.files]\n\"/etc/vrrpd.toml\" = '''\n{}'''\n",
                                  router.number, file_text(world, router));
    std::vector<std::string> lines;
    for (std::size_t e = 0; e < world.elections.size(); ++e)
        lines.push_back(command_line(world, router, e));
    return text + fmt::format("run = [\n  \"{}\",\n]\n", fmt::join(lines, "\",\n  \""));
}

// Siblings that say different numbers, or more than there are: then nobody leads, and says why.
bool may_have_no_master(const DrawnWorld& world) {
    const auto members =
        static_cast<unsigned>(std::ranges::count(world.elections, true, &DrawnElection::grouped));
    for (const DrawnRouter& router : world.routers) {
        std::set<unsigned> minima;
        for (std::size_t e = 0; e < world.elections.size(); ++e)
            if (world.elections[e].grouped) minima.insert(router.members[e].minimum);
        if (!router.by_file && !minima.empty() && (minima.size() > 1 || *minima.begin() > members))
            return true;
    }
    return false;
}

unsigned longest_down_interval(const DrawnWorld& world) {
    unsigned longest = 0;
    for (const DrawnRouter& router : world.routers)
        for (std::size_t e = 0; e < world.elections.size(); ++e) {
            const unsigned interval = router.members[e].interval;
            longest = std::max(longest, world.elections[e].version == 2 ? 3 * interval + 1000 : 4 * interval);
        }
    return longest;
}

constexpr unsigned kGrace = 15'000; // ms: longer than a group distrusts resignations
// Who was misled by a stranger keeps a wrong neighbour for 30 s, and then asks a few times.
constexpr unsigned kMisled = 40'000;

std::vector<std::string> undoing(const DrawnWorld& world) {
    std::vector<std::string> all;
    for (const DrawnStrike& strike : world.strikes)
        if (!strike.undo.empty() && std::ranges::count(all, strike.undo) == 0) all.push_back(strike.undo);
    std::ranges::stable_sort(all, {}, mending_rank);
    for (const DrawnRouter& router : world.routers)
        all.push_back(fmt::format("start r{}", router.number));
    return all;
}

std::string step_text(unsigned at, const std::vector<std::string>& what) {
    return fmt::format("[[step]]\nat = \"{}ms\"\ndo = [\"{}\"]\n", at, fmt::join(what, "\", \""));
}

// Who is better than all others on every side, and takes over from them; nullptr: nobody is.
const DrawnRouter* best_router(const DrawnWorld& world) {
    const auto better = [&](const DrawnRouter& one, const DrawnRouter& other) {
        return std::ranges::equal(one.members, other.members, [](const DrawnMember& a, const DrawnMember& b) {
            return a.preempt && std::min(a.priority, 254u) > b.priority; // what an operator can set again
        });
    };
    for (const DrawnRouter& one : world.routers)
        if (world.owner == 0 && std::ranges::all_of(world.routers, [&](const DrawnRouter& other) {
                return &one == &other || better(one, other);
            }))
            return &one;
    return nullptr;
}

std::string end_text(const DrawnWorld& world, unsigned at) {
    std::vector<std::string> expected{"nobody changes state"};
    if (std::ranges::count(world.elections, true, &DrawnElection::grouped) != 0)
        expected.emplace_back("every group is whole");
    if (!may_have_no_master(world)) {
        expected.emplace_back("each virtual router has one master");
        std::vector<unsigned> vrids;
        for (const DrawnElection& one : world.elections) {
            expected.push_back(fmt::format("h{} outage < 250ms", one.vrid));
            vrids.push_back(one.vrid);
        }
        if (const DrawnRouter* best = best_router(world))
            expected.push_back(fmt::format("r{} is master of {}", best->number, fmt::join(vrids, " and ")));
    }
    return fmt::format("[[step]]\nat = \"{}ms\"\nexpect = [\n  \"{}\",\n]\n", at,
                       fmt::join(expected, "\",\n  \""));
}

} // namespace

const char* name(Dimension dimension) {
    return kNames[static_cast<std::size_t>(dimension)];
}

Dimensions all_dimensions() {
    Dimensions all;
    for (std::size_t i = 0; i < kDimensions; ++i)
        all.insert(static_cast<Dimension>(i));
    return all;
}

DrawnWorld draw_world(std::uint64_t seed, const Dimensions& dimensions) {
    return Draw(seed, dimensions).world();
}

std::string scenario_text(const DrawnWorld& world) {
    std::map<unsigned, std::vector<std::string>> timeline;
    bool misled = false;
    for (const DrawnStrike& strike : world.strikes) {
        timeline[strike.at].push_back(strike.what);
        if (strike.undo_at != 0) timeline[strike.undo_at].push_back(strike.undo);
        misled = misled || strike.what.starts_with("guest");
    }
    const unsigned mended = (timeline.empty() ? kFirstStrike : timeline.rbegin()->first) + 1;
    timeline[mended] = undoing(world);
    const unsigned slowest_port = *std::ranges::max_element(world.forward_delay);
    const unsigned quiet =
        mended + 3 * longest_down_interval(world) + kGrace + slowest_port + (misled ? kMisled : 0);
    const unsigned ends = quiet + 4 * longest_down_interval(world) + kGrace;

    std::string text = fmt::format("title = \"Random world {}\"\nabout = \"As the generator drew it.\"\n"
                                   "ends = \"{}ms\"\n",
                                   world.seed, ends);
    for (unsigned network = 0; network < world.networks; ++network) {
        text += fmt::format("[network.{}]\nsubnet = [\"10.{}.1.0/24\", \"2001:db8:{}::/64\"]\n",
                            kNetworks[network], 16 + network, 16 + network);
        if (const unsigned delay = world.forward_delay[network]; delay != 0)
            text += fmt::format("forward_delay = \"{}ms\"\n", delay);
    }
    for (const DrawnRouter& router : world.routers)
        text += router_text(world, router);
    for (const DrawnElection& one : world.elections)
        text += fmt::format("[host.h{0}]\neth0 = \"{1} {2} via {3}\"\nprobe = \"100ms\"\n", one.vrid,
                            network_of(one), own_address(one, one.vrid), virtual_address(one));
    text += "[host.guest]\neth0 = \"lan 10.16.1.99 2001:db8:16::99\"\n";
    for (const auto& [at, what] : timeline)
        text += step_text(at, what);
    return text + end_text(world, quiet);
}

std::optional<std::string> failure_of(const DrawnWorld& world, std::string* explanation) {
    const std::string text = scenario_text(world);
    const std::string file = fmt::format("world_{}.toml", world.seed);
    const auto scenario = parse_scenario(file, text);
    if (!scenario) {
        if (explanation != nullptr) *explanation = describe(scenario.error(), file);
        return "a scenario that can be read";
    }
    const RunResult result = run_scenario(*scenario, world.seed);
    if (result.passed()) return std::nullopt;
    const Failure& first = result.failures.front();
    if (explanation != nullptr)
        *explanation =
            explain(first, result, file, fmt::format("vrrplab sim --seed {} {}", world.seed, file));
    return first.expected;
}

DrawnWorld reduced(DrawnWorld world) {
    const std::optional<std::string> kind = failure_of(world);
    if (!kind) return world;
    const auto still = [&](const DrawnWorld& smaller) {
        if (failure_of(smaller) != kind) return false;
        world = smaller;
        return true;
    };
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (std::size_t i = world.strikes.size(); i-- > 0;) {
            DrawnWorld without = world;
            without.strikes.erase(without.strikes.begin() + static_cast<std::ptrdiff_t>(i));
            smaller = still(without) || smaller;
        }
        for (std::size_t i = world.routers.size(); i-- > 0 && world.routers.size() > 1;) {
            DrawnWorld without = world;
            const std::string name = fmt::format("r{}", world.routers[i].number);
            std::erase_if(without.strikes, [&](const DrawnStrike& strike) {
                return strike.router == world.routers[i].number || strike.what.find("partition") == 0;
            });
            without.routers.erase(without.routers.begin() + static_cast<std::ptrdiff_t>(i));
            if (without.owner == world.routers[i].number) without.owner = 0;
            smaller = still(without) || smaller;
        }
        for (std::size_t i = world.elections.size(); i-- > 1;) {
            DrawnWorld without = world;
            std::erase_if(without.strikes, [&](const DrawnStrike& strike) {
                return strike.vrid == world.elections[i].vrid || strike.what.find("partition") == 0;
            });
            without.elections.erase(without.elections.begin() + static_cast<std::ptrdiff_t>(i));
            for (DrawnRouter& router : without.routers)
                router.members.erase(router.members.begin() + static_cast<std::ptrdiff_t>(i));
            smaller = still(without) || smaller;
        }
        for (std::size_t i = 0; i < world.forward_delay.size(); ++i) {
            if (world.forward_delay[i] == 0) continue;
            DrawnWorld without = world;
            without.forward_delay[i] = 0;
            smaller = still(without) || smaller;
        }
        if (world.owner != 0) {
            DrawnWorld without = world;
            without.owner = 0;
            smaller = still(without) || smaller;
        }
    }
    // And what is left is made plainer.
    for (std::size_t e = 0; e < world.elections.size(); ++e) {
        DrawnWorld plainer = world;
        plainer.elections[e].authentication.clear();
        still(plainer);
        plainer = world;
        plainer.elections[e].virtual_mac = true;
        still(plainer);
        plainer = world;
        plainer.elections[e].ipv6 = false;
        still(plainer);
        plainer = world; // for all at once: version 2 wants them to agree
        for (DrawnRouter& router : plainer.routers)
            router.members[e].interval = 1000;
        still(plainer);
    }
    for (std::size_t r = 0; r < world.routers.size(); ++r) {
        DrawnWorld plainer = world;
        plainer.routers[r].scripts = false;
        still(plainer);
        plainer = world;
        plainer.routers[r].by_file = false;
        still(plainer);
        for (std::size_t e = 0; e < world.elections.size(); ++e) {
            plainer = world;
            plainer.routers[r].members[e].preempt = true;
            still(plainer);
        }
    }
    return world;
}

} // namespace vrrp::sim
