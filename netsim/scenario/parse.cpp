#include "core/config/config_file.hpp"
#include "netsim/node/fake_checks.hpp"
#include "netsim/scenario/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <toml++/toml.h>

namespace vrrp::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDefaultProbe = 10ms;
constexpr Duration kDefaultFlow = 10ms;
constexpr Duration kAfterLastStep = 5s; // a scenario that does not say when it ends
constexpr std::size_t kMaxMachines = 10'000;
constexpr std::size_t kMaxSteps = 10'000;
constexpr std::int64_t kMaxStrikes = 1'000;
constexpr Duration kShortestProbe = 100us; // a finer one only makes the run slow
constexpr std::uint8_t kLinkLocalLength = 64;

Place place_of(const toml::source_region& source) {
    return {source.begin.line, source.begin.column};
}

Place place_of(const toml::node& node) {
    return place_of(node.source());
}

[[noreturn]] void fail(Place place, std::string message) {
    throw ScenarioError{place, std::move(message)};
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

// toml++ keeps keys sorted; a scenario's order is that of its lines.
std::vector<std::pair<std::string, const toml::node*>> in_file_order(const toml::table& table) {
    std::vector<std::pair<std::string, const toml::node*>> entries;
    for (const auto& [key, node] : table)
        entries.emplace_back(std::string(key.str()), &node);
    std::ranges::stable_sort(entries, {}, [](const auto& entry) {
        const Place place = place_of(*entry.second);
        return std::pair(place.line, place.column);
    });
    return entries;
}

const toml::table& table_at(const toml::node& node, const char* what) {
    if (!node.is_table()) fail(place_of(node), fmt::format("{} is a table", what));
    return *node.as_table();
}

std::string string_at(const toml::node& node, const std::string& what) {
    const auto value = node.value_exact<std::string>();
    if (!value) fail(place_of(node), fmt::format("{} is a string in quotes", what));
    return *value;
}

Duration duration_at(const toml::node& node, const std::string& what) {
    const std::string text = string_at(node, what);
    const auto duration = parse_duration(text);
    if (!duration)
        fail(place_of(node), fmt::format("{}: '{}' is no time such as 5s, 0.7s or 10ms", what, text));
    return *duration;
}

void reject_unknown(const toml::table& table, std::initializer_list<const char*> known, const char* where) {
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [key, node] : table)
        if (std::ranges::find(names, key.str()) == names.end())
            fail(place_of(key.source()),
                 fmt::format("unknown key '{}' in {}{}", key.str(), where, did_you_mean(key.str(), names)));
}

bool flag_in(const toml::table& table, const char* key, bool otherwise) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    if (!node->is_boolean()) fail(place_of(*node), fmt::format("{} is true or false", key));
    return node->value_or(otherwise);
}

// One string, or an array of them; with the place of each.
struct Line {
    Place place;
    std::string text;
};

std::vector<Line> lines_at(const toml::node& node, const std::string& what) {
    if (!node.is_array()) return {{place_of(node), string_at(node, what)}};
    std::vector<Line> lines;
    for (const toml::node& one : *node.as_array())
        lines.push_back({place_of(one), string_at(one, what)});
    return lines;
}

class Parser {
  public:
    explicit Parser(const toml::table& root) : root_(root) {}

    Scenario parse() {
        reject_unknown(root_,
                       {"title", "about", "ends", "network", "router", "host", "flow", "step", "allow",
                        "seed", "choices", "shuffle", "chaos"},
                       "the scenario");
        scenario_.title = required_string("title");
        if (const toml::node* about = root_.get("about")) scenario_.about = string_at(*about, "about");
        for_tables("network", [&](const std::string& name, const toml::table& t) { parse_network(name, t); });
        for_tables("router", [&](const std::string& name, const toml::table& t) { parse_router(name, t); });
        for_tables("host", [&](const std::string& name, const toml::table& t) { parse_host(name, t); });
        if (scenario_.nodes.empty()) fail({}, "no [router.NAME] and no [host.NAME]: nothing to simulate");
        vocabulary_ = vocabulary_of(scenario_);
        for_array("flow", [&](const toml::table& t) { parse_flow(t); });
        for_array("step", [&](const toml::table& t) { parse_step(t); });
        parse_allow();
        parse_chaos();
        parse_choices();
        check_end();
        return std::move(scenario_);
    }

  private:
    std::string required_string(const char* key) {
        const toml::node* node = root_.get(key);
        if (node == nullptr) fail({}, fmt::format("'{}' is missing", key));
        return string_at(*node, key);
    }

    template <typename What>
    void for_tables(const char* kind, What&& what) {
        const toml::node* node = root_.get(kind);
        if (node == nullptr) return;
        for (const auto& [name, one] : in_file_order(table_at(*node, kind)))
            what(name, table_at(*one, kind));
    }

    template <typename What>
    void for_array(const char* kind, What&& what) {
        const toml::node* node = root_.get(kind);
        if (node == nullptr) return;
        if (!node->is_array_of_tables()) fail(place_of(*node), fmt::format("write it as [[{}]]", kind));
        for (const toml::node& one : *node->as_array())
            what(*one.as_table());
    }

    void parse_network(const std::string& name, const toml::table& table) {
        reject_unknown(table, {"subnet", "forward_delay", "port_security", "multicast"}, "a network");
        NetworkPlan network{.name = name};
        if (const toml::node* delay = table.get("forward_delay"))
            network.forward_delay = duration_at(*delay, "forward_delay");
        network.port_security = flag_in(table, "port_security", network.port_security);
        network.multicast = flag_in(table, "multicast", network.multicast);
        const toml::node* subnet = table.get("subnet");
        if (subnet == nullptr) fail(place_of(table), fmt::format("network {} has no 'subnet'", name));
        for (const Line& line : lines_at(*subnet, "subnet")) {
            const auto prefix = IpPrefix::parse(line.text);
            if (!prefix) fail(line.place, fmt::format("'{}' is no subnet such as 10.16.1.0/24", line.text));
            network.subnets.push_back(*prefix);
        }
        scenario_.networks.push_back(std::move(network));
    }

    const NetworkPlan& network_named(const std::string& name, Place place) const {
        const auto found = std::ranges::find(scenario_.networks, name, &NetworkPlan::name);
        if (found != scenario_.networks.end()) return *found;
        std::vector<std::string> names;
        for (const NetworkPlan& network : scenario_.networks)
            names.push_back(network.name);
        fail(place, fmt::format("no network '{}'{}", name, did_you_mean(name, names)));
    }

    // "lan 10.16.1.1", "lan 10.16.1.1 fe80::1"; it may end in "via 10.16.1.200", or "learns fe80::1".
    void parse_interface(NodePlan& machine, const std::string& name, const toml::node& node) {
        const Place place = place_of(node);
        std::vector<std::string> words = words_of(string_at(node, name));
        const std::string how = words.size() >= 2 ? words[words.size() - 2] : "";
        if (how == "via" || how == "learns") {
            machine.learns_gateway = how == "learns";
            machine.gateway = IpAddress::parse(words.back());
            if (!machine.gateway) fail(place, fmt::format("'{}' is no IP address", words.back()));
            if (machine.learns_gateway && !(machine.gateway->is_link_local() && !machine.router))
                fail(place, "a host alone learns its gateway, and that has a link-local address");
            words.resize(words.size() - 2);
        }
        if (words.size() < 2)
            fail(place, fmt::format("{} is a network and an address: \"lan 10.16.1.1\"", name));
        const NetworkPlan& network = network_named(words.front(), place);
        InterfacePlan interface {
            name, network.name, {}
        };
        for (std::size_t i = 1; i < words.size(); ++i)
            interface.addresses.push_back(address_in(network, words[i], place));
        machine.interfaces.push_back(std::move(interface));
    }

    static IpPrefix address_in(const NetworkPlan& network, const std::string& text, Place place) {
        const auto address = IpAddress::parse(text);
        if (!address) fail(place, fmt::format("'{}' is no IP address", text));
        if (address->is_link_local()) return {*address, kLinkLocalLength};
        for (const IpPrefix& subnet : network.subnets)
            if (subnet.contains(*address)) return {*address, subnet.length};
        fail(place, fmt::format("{} is in no subnet of {}", text, network.name));
    }

    void parse_router(const std::string& name, const toml::table& table) {
        NodePlan router{.name = name, .router = true};
        for (const auto& [key, node] : in_file_order(table))
            if (key != "run" && key != "files" && key != "firewall") parse_interface(router, key, *node);
        if (const toml::node* firewall = table.get("firewall")) {
            router.stateful_firewall = string_at(*firewall, "firewall") == "stateful";
            if (!router.stateful_firewall)
                fail(place_of(*firewall), "a firewall is \"stateful\", or left out");
        }
        if (const toml::node* files = table.get("files")) parse_files(router, table_at(*files, "files"));
        if (const toml::node* run = table.get("run"))
            for (const Line& line : lines_at(*run, "run"))
                parse_command(router, line);
        add_machine(std::move(router), table);
    }

    static void parse_files(NodePlan& router, const toml::table& table) {
        for (const auto& [path, text] : table) {
            if (!path.str().starts_with('/'))
                fail(place_of(path.source()), fmt::format("'{}' is no absolute path", path.str()));
            router.files.emplace(path.str(), string_at(text, "a file's text"));
        }
    }

    static config::Here here(const NodePlan& router) {
        const auto read = [&](const std::string& path, bool) -> tl::expected<std::string, std::string> {
            const auto file = router.files.find(path);
            if (file != router.files.end()) return file->second;
            return tl::unexpected(fmt::format("{}: {} has no such file: write it into [router.{}.files]",
                                              path, router.name, router.name));
        };
        const auto anybody = [](const std::string&) { return true; };
        return {read, anybody, anybody};
    }

    static tl::expected<void, std::string> check_interfaces(const NodePlan& router,
                                                            const RouterConfig& config) {
        std::vector<std::string> names, wanted;
        for (const InterfacePlan& interface : router.interfaces)
            names.push_back(interface.name);
        for (const VirtualRouterConfig& one : config.virtual_routers) {
            wanted.push_back(one.interface);
            for (const IpPrefix& address : one.addresses)
                wanted.push_back(one.interface_of(address.address));
        }
        for (const TrackConfig& one : config.tracks)
            if (const auto* check = std::get_if<InterfaceCheck>(&one.check))
                wanted.push_back(check->interface);
        for (const std::string& interface : wanted)
            if (std::ranges::find(names, interface) == names.end())
                return tl::unexpected(fmt::format("{} has no interface '{}'{}", router.name, interface,
                                                  did_you_mean(interface, names)));
        return {};
    }

    static void parse_command(NodePlan& router, const Line& line) {
        std::vector<std::string> words = texts(config::words_of_command_line(line.text));
        const bool plain = !words.empty() && words.front() == "plain-vrrp";
        if (words.empty() || (words.front() != "vrrpd" && !plain))
            fail(line.place, fmt::format("'{}' is no command line of vrrpd", line.text));
        words.erase(words.begin());
        auto parsed = config::parse_command_line(words, here(router));
        if (!parsed) fail(line.place, parsed.error().message);
        const auto* command = std::get_if<config::Configuration>(&*parsed);
        if (command == nullptr) fail(line.place, "this command line only prints a text");
        if (const auto fits = check_interfaces(router, command->router); !fits)
            fail(line.place, fits.error());
        router.commands.push_back(line.text);
        if (!plain) return router.run.push_back(*command);
        for (const VirtualRouterConfig& one : command->router.virtual_routers) {
            if (one != PlainRouter::understood(one))
                fail(line.place, "plain-vrrp knows -i, -v, -p, -d, -s, -n and IPv4 addresses, and no more");
            router.plain.push_back(one);
        }
    }

    void parse_host(const std::string& name, const toml::table& table) {
        NodePlan host{.name = name, .router = false};
        for (const auto& [key, node] : in_file_order(table))
            if (key != "probe") parse_interface(host, key, *node);
        const toml::node* probe = table.get("probe");
        if (host.gateway) host.probe = kDefaultProbe;
        if (probe != nullptr) {
            if (!host.gateway)
                fail(place_of(*probe), fmt::format("{} has no gateway to probe: say 'via'", name));
            host.probe = probe_interval_at(*probe, "probe");
        }
        add_machine(std::move(host), table);
    }

    static Duration probe_interval_at(const toml::node& node, const char* what) {
        const Duration interval = duration_at(node, what);
        if (interval < kShortestProbe)
            fail(place_of(node), fmt::format("{} is at least {}", what, vrrp::to_string(kShortestProbe)));
        return interval;
    }

    void add_machine(NodePlan machine, const toml::table& table) {
        if (machine.interfaces.empty())
            fail(place_of(table), fmt::format("{} has no interface", machine.name));
        if (std::ranges::count(scenario_.nodes, machine.name, &NodePlan::name) != 0)
            fail(place_of(table), fmt::format("'{}' is both a router and a host", machine.name));
        if (scenario_.nodes.size() == kMaxMachines)
            fail(place_of(table), fmt::format("more than {} machines", kMaxMachines));
        scenario_.nodes.push_back(std::move(machine));
    }

  public:
    static Vocabulary vocabulary_of(const Scenario& scenario) {
        Vocabulary vocabulary;
        for (const NetworkPlan& network : scenario.networks)
            vocabulary.networks[network.name];
        for (const NodePlan& machine : scenario.nodes) {
            Vocabulary::Node& words = vocabulary.nodes[machine.name];
            words.router = machine.router;
            for (const InterfacePlan& interface : machine.interfaces) {
                words.interfaces.push_back(interface.name);
                auto& on_network = vocabulary.networks[interface.network];
                if (on_network.empty() || on_network.back() != machine.name)
                    on_network.push_back(machine.name);
            }
            for (const config::Configuration& process : machine.run)
                add_words(words, process.router);
            if (machine.run.size() == 1 && !machine.run.front().process.file.empty())
                for (const auto& [path, text] : machine.files)
                    if (path.ends_with(".toml")) add_configuration(words, machine, path, text);
        }
        return vocabulary;
    }

  private:
    static void add_words(Vocabulary::Node& words, const RouterConfig& config) {
        for (const VirtualRouterConfig& one : config.virtual_routers)
            words.vrids.push_back(one.vrid);
        for (const TrackConfig& one : config.tracks)
            if (FakeChecks::is_told(one)) words.checks.push_back(one.name);
    }

    // That it could reload.
    static void add_configuration(Vocabulary::Node& words, const NodePlan& machine, const std::string& path,
                                  const std::string& text) {
        const auto parsed = config::parse_config_file(path, text, here(machine));
        if (!parsed) {
            words.configurations.emplace(path, tl::unexpected(parsed.error().message));
        } else if (const auto fits = check_interfaces(machine, parsed->router); !fits) {
            words.configurations.emplace(path, tl::unexpected(fits.error()));
        } else {
            words.configurations.emplace(path, parsed->router);
            add_words(words, parsed->router);
        }
    }

    void parse_flow(const toml::table& table) {
        reject_unknown(table, {"from", "to", "every"}, "a flow");
        FlowPlan flow{host_at(table, "from"), host_at(table, "to"), kDefaultFlow};
        if (const toml::node* every = table.get("every")) flow.every = probe_interval_at(*every, "every");
        scenario_.flows.push_back(std::move(flow));
    }

    std::string host_at(const toml::table& table, const char* key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) fail(place_of(table), fmt::format("a flow has a '{}'", key));
        const std::string name = string_at(*node, key);
        std::vector<std::string> hosts;
        for (const NodePlan& machine : scenario_.nodes)
            if (!machine.router) hosts.push_back(machine.name);
        if (std::ranges::find(hosts, name) == hosts.end())
            fail(place_of(*node), fmt::format("no host '{}'{}", name, did_you_mean(name, hosts)));
        return name;
    }

    void parse_step(const toml::table& table) {
        reject_unknown(table, {"at", "jitter", "do", "expect"}, "a step");
        Step step;
        step.place = place_of(table);
        if (scenario_.steps.size() == kMaxSteps)
            fail(step.place, fmt::format("more than {} steps", kMaxSteps));
        const toml::node* at = table.get("at");
        if (at == nullptr) fail(step.place, "a step has an 'at'");
        step.at = duration_at(*at, "at");
        if (const toml::node* jitter = table.get("jitter")) step.jitter = duration_at(*jitter, "jitter");
        if (!scenario_.steps.empty()) {
            const Step& before = scenario_.steps.back();
            if (step.at <= before.at + before.jitter)
                fail(place_of(*at), "a step comes later than the one before it, its jitter included");
        }
        parse_sentences(table, "do", true, step.actions);
        parse_sentences(table, "expect", false, step.expectations);
        scenario_.steps.push_back(std::move(step));
    }

    void parse_sentences(const toml::table& table, const char* key, bool action,
                         std::vector<Sentence>& into) {
        const toml::node* node = table.get(key);
        if (node == nullptr) return;
        for (const Line& line : lines_at(*node, key)) {
            auto parsed = parse_sentence(line.text, action, vocabulary_);
            if (!parsed) {
                Place place = line.place;
                place.column += static_cast<std::uint32_t>(1 + parsed.error().offset); // after the quote
                fail(place, parsed.error().message);
            }
            into.push_back({line.place, line.text, parsed->first, std::move(parsed->second)});
        }
    }

    void parse_allow() {
        const toml::node* node = root_.get("allow");
        if (node == nullptr) return;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < kInvariants; ++i)
            names.emplace_back(name(static_cast<Invariant>(i)));
        for (const auto& [key, why] : table_at(*node, "allow")) {
            const auto invariant = parse_invariant(key.str());
            if (!invariant)
                fail(place_of(key.source()),
                     fmt::format("no invariant '{}'{}", key.str(), did_you_mean(key.str(), names)));
            if (string_at(why, "the reason").empty()) fail(place_of(why), "say why it may be violated");
            scenario_.allowed.push_back({*invariant, string_at(why, "the reason")});
        }
    }

    void parse_chaos() {
        const toml::node* node = root_.get("chaos");
        if (node == nullptr) return;
        const toml::table& table = table_at(*node, "chaos");
        reject_unknown(table, {"faults", "on", "count", "from", "until", "quiet", "expect"}, "[chaos]");
        ChaosPlan& chaos = scenario_.chaos.emplace();
        if (const toml::node* faults = table.get("faults"))
            for (const Line& line : lines_at(*faults, "faults"))
                chaos.kinds.push_back(fault_kind_at(line));
        if (const toml::node* on = table.get("on"))
            for (const Line& line : lines_at(*on, "on"))
                chaos.on.push_back(struck_at(line));
        if (const toml::node* count = table.get("count")) {
            const auto number = count->value_exact<std::int64_t>();
            if (!number || *number < 1 || *number > kMaxStrikes)
                fail(place_of(*count), fmt::format("count is a whole number from 1 to {}", kMaxStrikes));
            chaos.count = static_cast<unsigned>(*number);
        }
        for (const auto& [key, into] : {std::pair("from", &chaos.from), std::pair("until", &chaos.until),
                                        std::pair("quiet", &chaos.quiet)})
            if (const toml::node* time = table.get(key)) *into = duration_at(*time, key);
        if (chaos.until && *chaos.until <= chaos.from.value_or(Duration{}))
            fail(place_of(*table.get("until")), "'until' comes after 'from'");
        if (table.get("expect") != nullptr) parse_sentences(table, "expect", false, chaos.expect.emplace());
    }

    static FaultKind fault_kind_at(const Line& line) {
        if (const auto kind = kFaultKinds.value(line.text)) return *kind;
        std::vector<std::string> names;
        for (const auto& row : kFaultKinds)
            names.emplace_back(row.name);
        fail(line.place, fmt::format("no kind of fault '{}'{}", line.text, did_you_mean(line.text, names)));
    }

    // A machine, a network, or an interface of a machine: "r1.eth0".
    std::string struck_at(const Line& line) const {
        std::vector<std::string> names;
        for (const NetworkPlan& network : scenario_.networks)
            names.push_back(network.name);
        for (const NodePlan& machine : scenario_.nodes) {
            names.push_back(machine.name);
            for (const InterfacePlan& interface : machine.interfaces)
                names.push_back(machine.name + "." + interface.name);
        }
        if (std::ranges::find(names, line.text) == names.end())
            fail(line.place, fmt::format("no machine, network or interface '{}'{}", line.text,
                                         did_you_mean(line.text, names)));
        return line.text;
    }

    void parse_choices() {
        scenario_.shuffled = flag_in(root_, "shuffle", false);
        const toml::node* seed = root_.get("seed");
        if (seed != nullptr) {
            const auto number = seed->value_exact<std::int64_t>();
            if (!number || *number < 0) fail(place_of(*seed), "seed is a whole number from 0 on");
            scenario_.seed = static_cast<std::uint64_t>(*number);
        }
        const toml::node* choices = root_.get("choices");
        if (choices == nullptr) return;
        if (seed != nullptr) fail(place_of(*choices), "choices follow from 'seed', or from this list");
        scenario_.choices.emplace();
        for (const Line& line : lines_at(*choices, "a choice")) {
            const auto pick = parse_pick(line.text);
            if (!pick)
                fail(line.place,
                     fmt::format("'{}' is no choice such as 'lan/r1.eth0/loss 7 = 1 of 2'", line.text));
            scenario_.choices->push_back(*pick);
        }
    }

    void check_end() {
        const Duration last =
            scenario_.steps.empty() ? Duration{} : scenario_.steps.back().at + scenario_.steps.back().jitter;
        scenario_.ends = last + kAfterLastStep;
        const toml::node* ends = root_.get("ends");
        if (ends != nullptr) scenario_.ends = duration_at(*ends, "ends");
        if (scenario_.ends <= last) fail(place_of(*ends), "the scenario ends before its last step");
        for (const Step& step : scenario_.steps)
            for (const Sentence& sentence : step.expectations)
                if (step.at + step.jitter + sentence.arguments.bound.value_or(Duration{}) > scenario_.ends)
                    fail(sentence.place, "the scenario ends before this bound has passed: set 'ends'");
    }

    const toml::table& root_;
    Scenario scenario_;
    Vocabulary vocabulary_;
};

} // namespace

std::string pick_text(const Pick& pick) {
    return fmt::format("{} {} = {} of {}", pick.stream, pick.index, pick.value, pick.of);
}

// From its end: the stream's name may have blanks.
std::optional<Pick> parse_pick(std::string_view text) {
    Pick pick;
    const auto take_number = [&](std::string_view before, std::uint64_t& number) {
        const std::size_t at = text.rfind(before);
        if (at == std::string_view::npos) return false;
        const std::string_view digits = text.substr(at + before.size());
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size()) return false;
        text = text.substr(0, at);
        return true;
    };
    if (!take_number(" of ", pick.of) || !take_number(" = ", pick.value) || !take_number(" ", pick.index))
        return std::nullopt;
    if (text.empty() || pick.value == 0 || pick.value >= pick.of) return std::nullopt;
    pick.stream = text;
    return pick;
}

tl::expected<Scenario, ScenarioError> parse_scenario(const std::string& file, std::string_view text) {
    try {
        const toml::table root = toml::parse(text, file);
        Scenario scenario = Parser(root).parse();
        scenario.file = file;
        return scenario;
    } catch (const toml::parse_error& error) {
        return tl::unexpected(ScenarioError{place_of(error.source()), std::string(error.description())});
    } catch (const ScenarioError& error) {
        return tl::unexpected(error);
    }
}

tl::expected<Scenario, ScenarioError> read_scenario(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) return tl::unexpected(ScenarioError{{}, "cannot be read, or is empty"});
    return parse_scenario(file, text.str());
}

Vocabulary vocabulary_of(const Scenario& scenario) {
    return Parser::vocabulary_of(scenario);
}

std::string describe(const ScenarioError& error, const std::string& file) {
    if (error.place.line == 0) return fmt::format("{}: {}", file, error.message);
    return fmt::format("{}:{}:{}: {}", file, error.place.line, error.place.column, error.message);
}

} // namespace vrrp::sim
